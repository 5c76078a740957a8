package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// TestGuestReachesNobodyElse calls every method that acts for an account, with the ids, names and
// addresses of people and groups that the account was not invited to. A guest must not read or change
// anything of them. The same calls of a member do, which shows that the test works.
func TestGuestReachesNobodyElse(t *testing.T) {
	for _, role := range []chat.OrganizationRole{chat.OrganizationGuest, chat.OrganizationMember} {
		w := newWorld(t, func(o *chat.Options) { o.ShakeInterval = time.Nanosecond })
		ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
		ok(t, w.SetOrganizationRole(w.ctx, host, "demo", dave, role))
		invited := w.found("Invited", bob, dave)
		ok(t, w.Befriend(w.ctx, alice, dave))
		hidden := &strangers{account: carol, group: w.found("Hiddengroup", carol, bob), name: "Carol", email: "carol@example.com", of: "demo"}
		hidden.message = w.sayIn(hidden.group, carol, "hiddenword")
		w.sayIn(invited, bob, "welcome")
		w.say(alice, dave, "hello")
		w.events.take()

		before := hidden.state(w)
		var saw, changed []string
		for method, args := range hidden.calls(t, w, dave) {
			for _, in := range args {
				out := reflect.ValueOf(w.Service).MethodByName(method).Call(in)
				told := hidden.told(fmt.Sprintf("%+v", shown(out)))
				for _, e := range w.events.take() {
					told = told || hidden.told(fmt.Sprintf("%+v", e))
				}
				if told {
					saw = append(saw, method)
				}
				if after := hidden.state(w); after != before {
					changed = append(changed, method)
					before = after
				}
			}
		}
		slices.Sort(saw)
		slices.Sort(changed)
		saw, changed = slices.Compact(saw), slices.Compact(changed)
		if role == chat.OrganizationGuest {
			same(t, "methods that tell a guest of others", saw, nil)
			same(t, "methods by which a guest reaches others", changed, nil)
			continue
		}
		for _, method := range []string{"CreateGroup", "Directory", "Profile", "RequestFriend", "SendMessage", "Shake"} {
			if !slices.Contains(saw, method) {
				t.Errorf("%s tells a member nothing of a colleague; members see: %v", method, saw)
			}
		}
		for _, method := range []string{"CreateGroup", "RequestFriend", "SendMessage"} {
			if !slices.Contains(changed, method) {
				t.Errorf("%s changes nothing for a colleague of a member; changed: %v", method, changed)
			}
		}
	}
}

// strangers are a person and a group that the caller was not invited to.
type strangers struct {
	account     chat.AccountID
	group       chat.GroupID
	message     chat.MessageID
	name, email string
	of          chat.OrganizationID
}

// readers are the methods that act for an account but take no Actor.
var readers = []string{
	"ChatList", "FilesAround", "GroupsOf", "History", "HistoryAround", "InboxUnread", "Message", "Notifications", "UnreadCounts", "UnreadPlace", "UnreadTotals",
}

// calls returns the arguments of several calls by the account for each method.
func (s *strangers) calls(t *testing.T, w *world, by chat.AccountID) map[string][][]reflect.Value {
	calls := make(map[string][][]reflect.Value)
	service := reflect.TypeFor[*chat.Service]()
	actors := 0
	for i := range service.NumMethod() {
		method := service.Method(i)
		reader := slices.Contains(readers, method.Name)
		acts := reader
		for n := range method.Type.NumIn() {
			acts = acts || method.Type.In(n) == reflect.TypeFor[chat.Actor]()
		}
		if !acts {
			continue
		}
		actors++
		for _, text := range []string{"", s.name, s.email} {
			for _, useEmail := range []bool{false, true} {
				f := filler{strangers: s, text: text, useEmail: useEmail}
				var in []reflect.Value
				for n := 1; n < method.Type.NumIn(); n++ {
					switch p := method.Type.In(n); {
					case p == reflect.TypeFor[context.Context]():
						in = append(in, reflect.ValueOf(w.ctx))
					case p == reflect.TypeFor[chat.Actor]():
						in = append(in, reflect.ValueOf(chat.Actor{Account: by, App: "web"}))
					case reader && p == reflect.TypeFor[chat.AccountID]():
						in, reader = append(in, reflect.ValueOf(by)), false
					default:
						v := reflect.New(p).Elem()
						f.fill(v)
						in = append(in, v)
					}
				}
				reader = slices.Contains(readers, method.Name)
				calls[method.Name] = append(calls[method.Name], in)
			}
		}
	}
	if actors < 30 {
		t.Errorf("got %d methods that act for an account, want more", actors)
	}
	return calls
}

// filler fills arguments with values of the strangers.
type filler struct {
	*strangers
	text     string
	useEmail bool
}

func (f filler) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case chat.AccountID:
		if !f.useEmail {
			v.SetString(string(f.account))
		}
		return
	case chat.GroupID:
		v.SetString(string(f.group))
		return
	case chat.MessageID:
		v.SetInt(int64(f.message))
		return
	case chat.OrganizationID:
		if f.text == "" {
			v.SetString(string(f.of))
		}
		return
	case chat.ChatRef:
		if f.useEmail {
			v.Set(reflect.ValueOf(group(f.group)))
		} else {
			v.Set(reflect.ValueOf(user(f.account)))
		}
		return
	case chat.NewFriendRequest:
		if f.useEmail {
			v.Set(reflect.ValueOf(chat.NewFriendRequest{Email: f.email}))
		} else {
			v.Set(reflect.ValueOf(chat.NewFriendRequest{To: f.account}))
		}
		return
	case chat.NewGroup:
		v.Set(reflect.ValueOf(chat.NewGroup{Name: "New", IsPost: true, Members: []chat.AccountID{f.account}}))
		return
	case chat.Draft:
		v.Set(reflect.ValueOf(text("hi")))
		return
	case json.RawMessage:
		v.SetBytes([]byte(`{}`))
		return
	case chat.OrganizationRole:
		v.SetString(string(chat.OrganizationMember))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text)
	case reflect.Bool:
		v.SetBool(f.useEmail)
	case reflect.Int:
		if f.text == "" {
			v.SetInt(0)
		}
	case reflect.Slice:
		one := reflect.New(v.Type().Elem()).Elem()
		f.fill(one)
		v.Set(reflect.Append(v, one))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				f.fill(v.Field(i))
			}
		}
	}
}

// told reports whether a text names the strangers.
func (s *strangers) told(text string) bool {
	for _, secret := range []string{string(s.account), string(s.group), s.name, s.email, "Hiddengroup", "hiddenword"} {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// shown returns the results without the error, because a refusal may repeat an argument.
func shown(out []reflect.Value) (all []any) {
	for _, v := range out {
		if v.Type() != reflect.TypeFor[error]() {
			all = append(all, v.Interface())
		}
	}
	return all
}

// state returns everything that the stranger sees.
func (s *strangers) state(w *world) string {
	requests := must(w.FriendRequests(w.ctx, by(s.account), 0, 100))(w.t)
	members := must(w.GroupMembers(w.ctx, s.group, "", 100))(w.t)
	notices := must(w.Notices(w.ctx, by(s.account), "system", 0, 100))(w.t)
	return fmt.Sprint(w.listed(s.account), w.unread(s.account), requests, members, notices)
}

// A guest became the owner of a group, but could not add people to it.
func TestGuestOwnsNoGroup(t *testing.T) {
	w := newWorld(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", dave, chat.OrganizationGuest))
	g := w.found("Project", alice, dave)
	_, err := w.AdminHandOverGroup(w.ctx, host, g, dave)
	refused(t, "a guest", err, "invalid payload: account is a guest, who cannot own a group")
	_, err = w.AdminHandOverGroups(w.ctx, host, alice, dave)
	refused(t, "all groups", err, "invalid payload: account is a guest, who cannot own a group")
	creator := func() chat.AccountID { return must(w.AdminGroup(w.ctx, host, g))(t).Creator }
	same(t, "creator", creator(), alice)

	// The guest is an administrator of the group and has been a member for longer.
	ok(t, w.SetGroupAdmin(w.ctx, host, g, dave, true))
	w.clock.advance(time.Hour)
	must(w.AddGroupMembers(w.ctx, host, g, []chat.AccountID{bob}))(t)
	ok(t, w.LeaveGroup(w.ctx, by(alice), g))
	same(t, "creator", creator(), bob)
	ok(t, w.LeaveGroup(w.ctx, by(bob), g))
	same(t, "only a guest is left", creator(), dave)
}

func TestGuest(t *testing.T) {
	w := newWorld(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{dave}))
	w.say(carol, dave, "before")
	ok(t, w.SetOrganizationRole(w.ctx, host, "demo", dave, chat.OrganizationGuest))
	g := w.found("Project", alice, bob, dave)
	ok(t, w.Befriend(w.ctx, alice, dave))

	w.say(dave, alice, "to a friend")
	w.sayIn(g, dave, "to the group")
	_, err := w.SendMessage(w.ctx, by(dave), bob, text("to a member of the group"))
	refused(t, "a member of the group", err, "not my contract")
	_, err = w.SendMessage(w.ctx, by(bob), dave, text("back"))
	refused(t, "to the guest", err, "not my contract")
	_, err = w.SendMessage(w.ctx, by(dave), carol, text("as before"))
	refused(t, "somebody of earlier", err, "removeit")
	same(t, "what was read stays", w.read(dave, user(carol)), []string{"before"})
	p := must(w.Profile(w.ctx, by(dave), bob))(t)
	same(t, "a member of the group is seen without address", []string{p.Name, p.Email}, []string{"Bob", ""})
	same(t, "an own organization", len(must(w.Me(w.ctx, by(dave)))(t).Organizations), 1)
	same(t, "and none in common", len(p.Organizations), 0)
	page := must(w.Directory(w.ctx, by(dave), chat.DirectoryQuery{}))(t)
	same(t, "directory", len(page.People), 1)
	same(t, "directory of the organization", len(must(w.Directory(w.ctx, by(dave), chat.DirectoryQuery{Organization: "demo"}))(t).People), 0)

	_, err = w.CreateGroup(w.ctx, by(dave), chat.NewGroup{Name: "own", Members: []chat.AccountID{alice}})
	refused(t, "an own group", err, "forbidden")
	_, err = w.AddGroupMembers(w.ctx, by(dave), g, []chat.AccountID{alice})
	refused(t, "bringing somebody in", err, "forbidden")

	// A guest asks only people of the guest's groups. Others can ask the guest.
	_, err = w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{Email: "carol@example.com"})
	refused(t, "by address", err, "account not found")
	must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{Email: "bob@example.com"}))(t)
	r := must(w.RequestFriend(w.ctx, by(carol), chat.NewFriendRequest{To: dave}))(t)
	must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true))(t)
	w.say(dave, carol, "invited")

	// A guest who is a member of another organization can ask everybody.
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "own", Name: "Own"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "own", []chat.AccountID{dave}))
	must(w.CreateGroup(w.ctx, by(dave), chat.NewGroup{Name: "own", Members: []chat.AccountID{alice}}))(t)
}
