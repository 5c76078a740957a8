package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/resttest"
)

func TestMe(t *testing.T) {
	w := newWorld(t)
	token, issued, err := w.Service.IssueToken(t.Context(), chat.NewToken{Account: w.Alice})
	w.OK(err)
	me := w.Want(w.API(token, "GET", "/api/me", ""), 200)
	w.Equal("me", me, map[string]any{
		"id": string(w.Alice), "name": "Alice Demo", "avatar": "", "email": "", "initial": "A", "isContact": false, "isFriend": false, "active": true,
		"organizations": []any{map[string]any{"id": string(w.Org), "name": "Demo organization"}}, "hasPassword": false, "sessionId": string(issued.Session),
		"role": "member", "language": "", "timeZone": "", "hidesReading": false, "readMarks": true, "hidesActivity": false, "activity": true,
	})
	w.Published()
	me = w.Want(w.API(token, "PATCH", "/api/me", `{"name": "Zoe Demo"}`), 200)
	if me["name"] != "Zoe Demo" || me["initial"] != "Z" || len(me["organizations"].([]any)) != 1 {
		t.Errorf("changed to %v", me)
	}
	if got, want := w.Published(), []string{"AccountChanged", "ContactChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	w.Want(w.API(token, "PATCH", "/api/me", `{}`), 200)
	me = w.Want(w.API(token, "PATCH", "/api/me", `{"language": "zh", "timeZone": "Asia/Shanghai"}`), 200)
	if me["language"] != "zh" || me["timeZone"] != "Asia/Shanghai" {
		t.Errorf("changed to %v", me)
	}
	w.Published()
	me = w.Want(w.API(token, "PATCH", "/api/me", `{"hidesReading": true}`), 200)
	if me["hidesReading"] != true || me["readMarks"] != false {
		t.Errorf("changed to %v", me)
	}
	if got, want := w.Published(), []string{"AccountChanged", "ReadersChanged", "ContactChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	me = w.Want(w.API(token, "PATCH", "/api/me", `{"hidesActivity": true}`), 200)
	if me["hidesActivity"] != true || me["activity"] != false {
		t.Errorf("changed to %v", me)
	}
	if got, want := w.Published(), []string{"AccountChanged", "AvailabilityChanged", "ContactChanged"}; !cmp.Equal(got, want) {
		t.Errorf("published %v, want %v", got, want)
	}
	w.Names(w.Want(w.API(token, "PATCH", "/api/me", `{"language": "fr"}`), 422), "body.language")
	w.Names(w.Refused(w.API(token, "PATCH", "/api/me", `{"timeZone": "Mars"}`), 422, "invalid payload: timeZone must be the name of a time zone, like Europe/Berlin"), "body.timeZone")
	w.Published()
	w.Names(w.Want(w.API(token, "PATCH", "/api/me", `{"name": ""}`), 422), "body.name")
	w.Names(w.Refused(w.API(token, "PATCH", "/api/me", `{"name": " "}`), 422, "invalid payload: name is required"), "body.name")
	w.Names(w.Want(w.API(token, "PATCH", "/api/me", `{"email": "x@example.test"}`), 422), "body.email")
	// Here nobody keeps pictures.
	p := w.Refused(w.API(token, "PATCH", "/api/me", `{"avatarKey": "x/1.png"}`), 422, "invalid payload: avatarKey cannot be made: the server keeps no pictures")
	w.Names(p, "body.avatarKey")
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}

func TestPictures(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) {
		o.Client.Avatar = func(_ context.Context, by chat.AccountID, key string) (string, error) {
			if !strings.HasPrefix(key, string(by)+"/") {
				return "", chat.Invalid("avatar", "must be the key of an image of one's own")
			}
			return "/avatars/" + strings.TrimPrefix(key, string(by)+"/"), nil
		}
	})
	alice, bob, g := w.Token(w.Alice), w.Token(w.Bob), "/api/groups/"+string(w.Group())
	key := func(of chat.AccountID) string { return fmt.Sprintf(`{"avatarKey": "%s/1.png"}`, of) }
	if me := w.Want(w.API(alice, "PATCH", "/api/me", key(w.Alice)), 200); me["avatar"] != "/avatars/1.png" {
		t.Errorf("got %v", me)
	}
	if me := w.Want(w.API(alice, "PATCH", "/api/me", `{"avatarKey": ""}`), 200); me["avatar"] != "" {
		t.Errorf("taken away: %v", me)
	}
	if made := w.Want(w.API(alice, "PATCH", g, key(w.Alice)), 200); made["avatar"] != "/avatars/1.png" {
		t.Errorf("got %v", made)
	}
	w.Refused(w.API(bob, "PATCH", g, key(w.Bob)), 403, "forbidden")
	const own = "invalid payload: avatarKey must be the key of an image of one's own"
	w.Names(w.Refused(w.API(alice, "PATCH", "/api/me", key(w.Bob)), 422, own), "body.avatarKey")
	w.Names(w.Refused(w.API(alice, "PATCH", g, key(w.Bob)), 422, own), "body.avatarKey")
	w.Names(w.Want(w.API(alice, "PATCH", g, `{"avatarKey": "`+strings.Repeat("x", 751)+`"}`), 422), "body.avatarKey")
}

func TestProfileOfAPerson(t *testing.T) {
	w := newWorld(t)
	g := w.Group()
	alice, mallory := w.Token(w.Alice), w.Token(w.Mallory)
	w.Equal("a colleague", w.Want(w.API(alice, "GET", "/api/people/"+string(w.Bob), ""), 200), map[string]any{
		"id": string(w.Bob), "name": "Bob Demo", "avatar": "", "email": "", "initial": "B", "isContact": true, "isFriend": false, "active": true,
		"organizations":  []any{map[string]any{"id": string(w.Org), "name": "Demo organization"}},
		"groupsInCommon": []any{map[string]any{"id": string(g), "name": "Demo group"}},
	})
	w.Refused(w.API(mallory, "GET", "/api/people/"+string(w.Bob), ""), 404, "account not found")
	w.Refused(w.API(alice, "GET", "/api/people/"+string(w.Mallory), ""), 404, "account not found")
	w.Want(w.API(mallory, "POST", "/api/friend-requests", fmt.Sprintf(`{"to": "%s"}`, w.Alice)), 200)
	for token, side := range map[string]string{alice: "received", mallory: "sent"} {
		other := map[string]chat.AccountID{alice: w.Mallory, mallory: w.Alice}[token]
		if p := w.Want(w.API(token, "GET", "/api/people/"+string(other), ""), 200); p["request"] != side || p["isContact"] != false {
			t.Errorf("got %v, want a request %s", p, side)
		}
	}
	w.Names(w.Want(w.API(alice, "GET", "/api/people/"+strings.Repeat("x", 129), ""), 422), "path.person")
}

// Addresses that are nobody's are answered a few times, so that nobody learns from
// a list of them who is here.
func TestFriendRequestsToNobody(t *testing.T) {
	w := newWorld(t, func(o *rest.Options) { o.Client.SignInRate, o.Client.SignInBurst = 1e-9, 2 })
	w.Want(w.Host("PATCH", "/v1/accounts/"+string(w.Bob), `{"email":"bob@example.test"}`), 200)
	ask := func(body string) resttest.Answer {
		return w.API(w.Token(w.Alice), "POST", "/api/friend-requests", body)
	}
	w.Refused(ask(`{"email": "a@example.test"}`), 404, "account not found")
	w.Want(ask(`{"email": "bob@example.test"}`), 200)
	w.Refused(ask(`{"email": "b@example.test"}`), 404, "account not found")
	w.Refused(ask(`{"email": "bob@example.test"}`), 429, "too many requests")
	w.Want(ask(`{"to": "`+string(w.Bob)+`"}`), 200)
}

func TestFriendRequests(t *testing.T) {
	w := newWorld(t)
	alice, bob, mallory := w.Token(w.Alice), w.Token(w.Bob), w.Token(w.Mallory)
	const all = "/api/friend-requests"
	toMallory := fmt.Sprintf(`{"to": "%s", "message": "hello"}`, w.Mallory)
	made := w.Want(w.API(alice, "POST", all, toMallory), 200)
	one := all + "/" + made["id"].(string)
	if made["state"] != "waiting" || made["message"] != "hello" || made["from"].(map[string]any)["id"] != string(w.Alice) || made["to"].(map[string]any)["name"] != "Mallory Demo" || made["at"].(float64) < 1e12 {
		t.Errorf("made %v", made)
	}
	w.Want(w.API(bob, "POST", all, toMallory), 200)
	for token, want := range map[string]int{alice: 1, bob: 1, mallory: 2} {
		if got := resttest.Items(t, w.Want(w.API(token, "GET", all, ""), 200), "id"); len(got) != want {
			t.Errorf("listed %v, want %d", got, want)
		}
	}
	page := w.Want(w.API(mallory, "GET", all+"?limit=1", ""), 200)
	second := w.Want(w.API(mallory, "GET", all+"?limit=1&next="+page["next"].(string), ""), 200)
	if resttest.Items(t, page, "from", "id")[0] != string(w.Bob) || resttest.Items(t, second, "from", "id")[0] != string(w.Alice) || second["next"] != nil {
		t.Errorf("pages %v and %v, want the newer one and then the older", page, second)
	}
	for _, next := range []string{"x", "-1", "99999999999"} {
		w.Names(w.Want(w.API(mallory, "GET", all+"?next="+next, ""), 422), "query.next")
	}

	w.Refused(w.API(bob, "POST", one+"/accept", ""), 404, "not found")
	w.Refused(w.API(alice, "POST", one+"/accept", ""), 404, "not found")
	w.Refused(w.API(mallory, "DELETE", one, ""), 404, "not found")
	if accepted := w.Want(w.API(mallory, "POST", one+"/accept", ""), 200); accepted["state"] != "accepted" {
		t.Errorf("accepted %v", accepted)
	}
	w.Refused(w.API(mallory, "POST", one+"/decline", ""), 409, "already exists")
	w.Refused(w.API(alice, "POST", all, toMallory), 409, "already exists")
	bobs := all + "/" + resttest.Items(t, w.Want(w.API(bob, "GET", all, ""), 200), "id")[0]
	if declined := w.Want(w.API(mallory, "POST", bobs+"/decline", ""), 200); declined["state"] != "declined" {
		t.Errorf("declined %v", declined)
	}
	w.Refused(w.API(bob, "POST", all, toMallory), 429, "too many requests")
	w.Refused(w.API(bob, "DELETE", bobs, ""), 404, "not found")

	w.Want(w.API(alice, "DELETE", "/api/friends/"+string(w.Mallory), ""), 204)
	w.Refused(w.API(alice, "DELETE", "/api/friends/"+string(w.Mallory), ""), 404, "not found")
	again := w.Want(w.API(alice, "POST", all, toMallory), 200)
	w.Want(w.API(alice, "DELETE", all+"/"+again["id"].(string), ""), 204)
	w.Refused(w.API(alice, "DELETE", all+"/"+again["id"].(string), ""), 404, "not found")

	w.Names(w.Want(w.API(alice, "POST", all, `{}`), 422), "body.to")
	w.Names(w.Want(w.API(alice, "POST", all, fmt.Sprintf(`{"to": "%s"}`, w.Alice)), 422), "body.to")
	w.Names(w.Want(w.API(alice, "POST", all, `{"to": "x", "email": "x"}`), 422), "body.email")
	w.Refused(w.API(alice, "POST", all, `{"email": "x"}`), 404, "account not found")
}

func TestOwnGroups(t *testing.T) {
	w := newWorld(t)
	alice, bob, mallory := w.Token(w.Alice), w.Token(w.Bob), w.Token(w.Mallory)
	ids := func(ids ...chat.AccountID) string { return resttest.ToJSON(ids) }
	made := w.Want(w.API(alice, "POST", "/api/groups", fmt.Sprintf(`{"members": %s}`, ids(w.Bob, w.Alice))), 201)
	g := "/api/groups/" + made["id"].(string)
	want := map[string]any{
		"id": made["id"], "name": "Alice Demo, Bob Demo", "avatar": "", "announcement": "", "isPost": false, "creator": string(w.Alice),
		"members": 2.0, "role": "admin", "banned": false, "membersInvite": true, "isPush": true, "createdAt": made["createdAt"],
	}
	w.Equal("made", made, want)
	w.Equal("read", w.Want(w.API(alice, "GET", g, ""), 200), want)
	want["role"] = "member"
	w.Equal("a member's", w.Want(w.API(bob, "GET", g, ""), 200), want)
	w.Refused(w.API(mallory, "GET", g, ""), 403, "not in group")
	w.Refused(w.API(alice, "GET", "/api/groups/none", ""), 404, "group not found")
	w.Names(w.Want(w.API(alice, "POST", "/api/groups", `{"members": [], "isPost": true}`), 422), "body.name")
	w.Refused(w.API(alice, "POST", "/api/groups", fmt.Sprintf(`{"members": %s}`, ids(w.Mallory))), 403, "not my contract")
	w.Refused(w.API(alice, "POST", "/api/groups", `{"members": ["nobody"]}`), 403, "not my contract")

	face := func(id chat.AccountID, name string) map[string]any {
		return map[string]any{"id": string(id), "name": name, "avatar": ""}
	}
	faces := map[string]any{"items": []any{map[string]any{"group": made["id"], "faces": []any{face(w.Alice, "Alice Demo"), face(w.Bob, "Bob Demo")}}}}
	facesOf := "/api/group-faces?group=none&group=" + made["id"].(string)
	w.Equal("faces", w.Want(w.API(bob, "GET", facesOf, ""), 200), faces)
	w.Equal("faces for a stranger", w.Want(w.API(mallory, "GET", facesOf, ""), 200), map[string]any{"items": []any{}})
	w.Names(w.Want(w.API(bob, "GET", "/api/group-faces", ""), 422), "query.group")

	w.Want(w.API(alice, "POST", "/api/groups", fmt.Sprintf(`{"name": "Beta", "isPost": true, "members": %s}`, ids(w.Bob))), 201)
	page := w.Want(w.API(bob, "GET", "/api/groups?limit=1", ""), 200)
	second := w.Want(w.API(bob, "GET", "/api/groups?limit=1&next="+page["next"].(string), ""), 200)
	if resttest.Items(t, page, "name")[0] != "Alice Demo, Bob Demo" || resttest.Items(t, second, "name")[0] != "Beta" || second["next"] != nil {
		t.Errorf("pages %v and %v", page, second)
	}
	if got := resttest.Items(t, w.Want(w.API(bob, "GET", "/api/groups?query=BET", ""), 200), "name"); !cmp.Equal(got, []string{"Beta"}) {
		t.Errorf("found %v, want Beta", got)
	}
	if got := w.Want(w.API(mallory, "GET", "/api/groups", ""), 200)["items"].([]any); len(got) != 0 {
		t.Errorf("a stranger's groups: %v", got)
	}

	w.Published()
	for _, refused := range []string{`"name": "x"`, `"announcement": "x"`, `"membersInvite": false`, `"banned": true`, `"isPost": true`, `"avatarKey": ""`} {
		status, text := 403, "forbidden"
		if a := w.API(bob, "PATCH", g, "{"+refused+`, "isPush": false}`); a.Status != status || w.Refused(a, status, text) == nil {
			t.Errorf("%s by a member = %d %s", refused, a.Status, a.Body)
		}
	}
	w.Refused(w.API(mallory, "PATCH", g, `{"isPush": false}`), 403, "not in group")
	w.Names(w.Want(w.API(alice, "PATCH", g, `{"name": ""}`), 422), "body.name")
	w.Names(w.Refused(w.API(alice, "PATCH", g, `{"name": " "}`), 422, "invalid payload: name is required"), "body.name")
	w.Names(w.Want(w.API(alice, "PATCH", g, `{"announcement": "`+strings.Repeat("x", 5001)+`"}`), 422), "body.announcement")
	if got := w.Published(); got != nil {
		t.Errorf("published %v of what was refused", got)
	}
	if muted := w.Want(w.API(bob, "PATCH", g, `{"isPush": false}`), 200); muted["isPush"] != false || muted["role"] != "member" {
		t.Errorf("muted %v", muted)
	}
	changed := w.Want(w.API(alice, "PATCH", g, `{"name": "Crew", "announcement": "Be kind", "membersInvite": false, "banned": true, "isPost": true}`), 200)
	if changed["name"] != "Crew" || changed["announcement"] != "Be kind" || changed["membersInvite"] != false || changed["banned"] != true || changed["isPost"] != true || changed["isPush"] != true {
		t.Errorf("changed %v", changed)
	}
	w.Names(w.Refused(w.API(alice, "PATCH", g, `{"isPost": false}`), 422, "invalid payload: isPost must not be taken from a group"), "body.isPost")

	w.Refused(w.API(bob, "DELETE", g, ""), 403, "forbidden")
	w.Want(w.API(bob, "POST", g+"/leave", ""), 204)
	w.Refused(w.API(bob, "POST", g+"/leave", ""), 403, "removeit")
	w.Refused(w.API(mallory, "POST", g+"/leave", ""), 403, "not in group")
	w.Refused(w.API(bob, "GET", g, ""), 403, "removeit")
	w.Want(w.API(alice, "DELETE", g, ""), 204)
	w.Refused(w.API(alice, "DELETE", g, ""), 404, "group not found")
	w.Refused(w.API(alice, "GET", g, ""), 404, "group not found")
}

func TestOwnMembers(t *testing.T) {
	w := newWorld(t)
	carol := w.Contact("Carol Demo")
	g := "/api/groups/" + string(w.Group())
	alice, bob, mallory := w.Token(w.Alice), w.Token(w.Bob), w.Token(w.Mallory)
	members := func(token, query string) []string {
		t.Helper()
		return resttest.Items(t, w.Want(w.API(token, "GET", g+"/members"+query, ""), 200), "person", "name")
	}
	named := func(id chat.AccountID) string { return fmt.Sprintf(`{"members": ["%s"]}`, id) }
	first := w.Want(w.API(bob, "GET", g+"/members?limit=1", ""), 200)
	member := first["items"].([]any)[0].(map[string]any)
	if member["role"] != "admin" || member["isCreator"] != true || member["joinedAt"].(float64) < 1e12 || member["person"].(map[string]any)["isContact"] != true || first["next"] != "1" {
		t.Errorf("first page %v, want the creator", first)
	}
	added := w.Want(w.API(bob, "POST", g+"/members", named(carol)), 200)
	if got := resttest.Items(t, added, "person", "name"); !cmp.Equal(got, []string{"Carol Demo"}) {
		t.Errorf("added %v, want Carol", got)
	}
	if got := resttest.Items(t, w.Want(w.API(bob, "POST", g+"/members", named(carol)), 200)); len(got) != 0 {
		t.Errorf("added %v twice", got)
	}
	if got := members(bob, ""); !cmp.Equal(got, []string{"Alice Demo", "Bob Demo", "Carol Demo"}) {
		t.Errorf("members %v", got)
	}
	w.Want(w.API(alice, "PUT", g+"/admins/"+string(carol), ""), 204)
	if got := members(bob, "?next=1"); !cmp.Equal(got, []string{"Carol Demo", "Bob Demo"}) {
		t.Errorf("behind the creator %v, want the administrator first", got)
	}
	if got := members(bob, "?query=BOB"); !cmp.Equal(got, []string{"Bob Demo"}) {
		t.Errorf("found %v, want Bob", got)
	}

	w.Refused(w.API(mallory, "GET", g+"/members", ""), 403, "not in group")
	w.Refused(w.API(alice, "GET", "/api/groups/none/members", ""), 404, "group not found")
	w.Names(w.Want(w.API(alice, "GET", g+"/members?next=x", ""), 422), "query.next")
	w.Refused(w.API(bob, "POST", g+"/members", named(w.Mallory)), 403, "not my contract")
	w.Refused(w.API(mallory, "POST", g+"/members", named(w.Bob)), 403, "not in group")
	w.Names(w.Want(w.API(bob, "POST", g+"/members", `{"members": []}`), 422), "body.members")
	w.Refused(w.API(bob, "PUT", g+"/admins/"+string(w.Bob), ""), 403, "forbidden")
	w.Refused(w.API(bob, "DELETE", g+"/admins/"+string(carol), ""), 403, "forbidden")
	w.Names(w.Want(w.API(alice, "PUT", g+"/admins/"+string(w.Mallory), ""), 422), "path.person")
	w.Refused(w.API(bob, "DELETE", g+"/members/"+string(carol), ""), 403, "forbidden")
	w.Names(w.Want(w.API(alice, "DELETE", g+"/members/"+string(w.Mallory), ""), 422), "path.person")
	w.Want(w.API(alice, "DELETE", g+"/admins/"+string(carol), ""), 204)
	w.Want(w.API(alice, "PATCH", g, `{"membersInvite": false}`), 200)
	w.Want(w.API(alice, "DELETE", g+"/members/"+string(carol), ""), 204)
	w.Refused(w.API(bob, "POST", g+"/members", named(carol)), 403, "forbidden")
	w.Refused(w.API(w.Token(carol), "GET", g+"/members", ""), 403, "removeit")
	if got := members(alice, ""); !cmp.Equal(got, []string{"Alice Demo", "Bob Demo"}) {
		t.Errorf("members %v", got)
	}
}

func TestInbox(t *testing.T) {
	w := newWorld(t)
	alice := w.Token(w.Alice)
	if got := w.Want(w.API(alice, "GET", "/api/inboxes/task", ""), 200); len(got["items"].([]any)) != 0 || got["next"] != nil {
		t.Errorf("an empty inbox: %v", got)
	}
	for i := range 3 {
		_, _, err := w.Service.Notify(t.Context(), chat.NewNotification{
			Category: "task", Type: "taskcomment", Text: fmt.Sprint("number ", i), Name: "A task", URL: "https://example.test", EntityID: "7", Weak: i == 1,
			Accounts: []chat.AccountID{w.Alice, w.Bob},
		})
		w.OK(err)
	}
	w.OK(w.Service.ClearNotification(t.Context(), chat.Actor{Account: w.Alice}, "task", 1, true))
	page := w.Want(w.API(alice, "GET", "/api/inboxes/task?limit=2", ""), 200)
	newest := page["items"].([]any)[0].(map[string]any)
	w.Equal("newest", newest, map[string]any{
		"id": newest["id"], "type": "taskcomment", "text": "number 2", "name": "A task", "url": "https://example.test", "entityId": "7", "weak": false,
		"unread": true, "at": newest["at"],
	})
	if got := resttest.Items(t, page, "weak"); !cmp.Equal(got, []string{"false", "true"}) {
		t.Errorf("weak %v", got)
	}
	last := w.Want(w.API(alice, "GET", "/api/inboxes/task?limit=2&before="+page["next"].(string), ""), 200)
	if got := resttest.Items(t, last, "text"); !cmp.Equal(got, []string{"number 0"}) || last["next"] != nil || resttest.Items(t, last, "unread")[0] != "false" {
		t.Errorf("last page %v", last)
	}
	w.Refused(w.API(alice, "GET", "/api/inboxes/gossip", ""), 404, "not found")
	w.Names(w.Want(w.API(alice, "GET", "/api/inboxes/task?before=0", ""), 422), "query.before")
}

// A token that nobody may use any more, and everybody else's things: nothing of
// the client API shows or changes any of it.
func TestClientAPIOfAStranger(t *testing.T) {
	w := newWorld(t)
	g := w.Group()
	r, err := w.Service.RequestFriend(t.Context(), chat.Actor{Account: w.Mallory}, chat.NewFriendRequest{To: w.Bob})
	w.OK(err)
	stranger := w.Token(w.Account("Eve Demo"))
	ops, _ := w.Document()
	w.Published()
	walked := 0
	for _, op := range ops {
		if !op.Client || op.Open || !strings.Contains(op.Path, "{") || strings.Contains(op.Path, "{category}") {
			continue
		}
		walked++
		path := strings.ReplaceAll(w.Fill(op.Path, g, "none"), "/none", "/"+string(r.ID))
		body := w.Bodies(g)[op.ID]
		a := w.Do(op.Method, path, strings.NewReader(resttest.ToJSON(body)), resttest.As(stranger))
		if a.Status != 403 && a.Status != 404 || resttest.Contains(a.Body, "Demo group") || resttest.Contains(a.Body, "Bob") {
			t.Errorf("%s %s = %d %s, want a refusal", op.Method, op.Path, a.Status, a.Body)
		}
	}
	if walked < 14 {
		t.Errorf("walked %d operations, want all of them", walked)
	}
	if got := w.Published(); got != nil {
		t.Errorf("published %v, want nothing", got)
	}
}
