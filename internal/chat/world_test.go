package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/chat"
	"parley/internal/store"
)

// world is a chat on a real database with a clock that stands still, in which
// alice, bob and carol are colleagues and dave knows nobody.
type world struct {
	*chat.Service
	t       fataler
	ctx     context.Context
	clock   *clock
	events  *recorder
	looks   *looks
	store   *store.Store
	place   store.Options // of the database
	audited chat.AuditID  // the last entry that a test has looked at
}

// fataler is what a test and a rapid check have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

const (
	alice = chat.AccountID("alice")
	bob   = chat.AccountID("bob")
	carol = chat.AccountID("carol")
	dave  = chat.AccountID("dave")
)

func newWorld(t *testing.T, change ...func(*chat.Options)) *world {
	t.Helper()
	return newWorldIn(t, store.Options{Path: t.TempDir()}, change...)
}

func newWorldIn(t *testing.T, place store.Options, change ...func(*chat.Options)) *world {
	t.Helper()
	w := openWorld(t, place, change...)
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	w.people()
	w.events.take()
	return w
}

// people makes the people and the application of the world.
func (w *world) people() {
	w.t.Helper()
	for _, id := range []chat.AccountID{alice, bob, carol, dave} {
		must(w.CreateAccount(w.ctx, chat.Account{
			ID: id, Name: strings.ToUpper(string(id[:1])) + string(id[1:]), Email: string(id) + "@example.com",
		}))(w.t)
	}
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "demo", Name: "Demo"}))(w.t)
	ok(w.t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{alice, bob, carol}))
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "web", Key: "web-key", Name: "Web"}))(w.t)
}

func openWorld(t fataler, place store.Options, change ...func(*chat.Options)) *world {
	t.Helper()
	w := &world{
		t:      t,
		ctx:    context.Background(),
		clock:  &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)},
		events: &recorder{},
	}
	w.looks = newLooks(w.clock)
	w.open(place, change...)
	return w
}

// open opens the database, and the chat on it.
func (w *world) open(place store.Options, change ...func(*chat.Options)) {
	w.t.Helper()
	w.place, place.Publish = place, w.events.publish
	opened, err := store.Open(w.ctx, place)
	if err != nil {
		w.t.Fatalf("Open: %v", err)
	}
	w.store = opened
	opts := chat.Options{Now: w.clock.Now}
	for _, fn := range change {
		fn(&opts)
	}
	w.Service = chat.New(w.store, w.looks.Presence, fakeJWT{}, opts, slog.New(slog.DiscardHandler))
}

// by is the account acting on the socket "<account>-1" of the web application.
func by(a chat.AccountID) chat.Actor {
	return chat.Actor{Account: a, App: "web", Socket: chat.SocketID(a + "-1")}
}

// fresh is the context of a call of the account whose session has just begun with a sign-in.
func (w *world) fresh(a chat.AccountID) context.Context {
	w.t.Helper()
	code, _, err := w.CreateSignInCode(w.ctx, chat.NewSignInCode{Account: a})
	ok(w.t, err)
	must(w.SignInWithCode(w.ctx, code, chat.Device{}))(w.t)
	newest := must(w.Tokens(w.ctx, a))(w.t)[0]
	return chat.WithOrigin(w.ctx, chat.Origin{Account: a, App: newest.App, Session: newest.Session})
}

var host = chat.Actor{}

func text(s string) chat.Draft {
	return chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: s}}
}

func user(a chat.AccountID) chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionUser, ID: string(a)}
}

func group(g chat.GroupID) chat.ChatRef {
	return chat.ChatRef{Type: chat.SessionGroup, ID: string(g)}
}

// say sends a text that must be accepted and returns its id.
func (w *world) say(from, to chat.AccountID, words string) chat.MessageID {
	w.t.Helper()
	return must(w.SendMessage(w.ctx, by(from), to, text(words)))(w.t).Message.ID
}

func (w *world) sayIn(g chat.GroupID, from chat.AccountID, words string) chat.MessageID {
	w.t.Helper()
	return must(w.SendGroupMessage(w.ctx, by(from), g, text(words)))(w.t).Message.ID
}

// found makes a group of the accounts, the first being its creator, and
// forgets the events of it.
func (w *world) found(name string, accounts ...chat.AccountID) chat.GroupID {
	w.t.Helper()
	g := must(w.CreateGroup(w.ctx, host, chat.NewGroup{
		Name: name, IsPost: true, Creator: accounts[0], Members: accounts[1:],
	}))(w.t)
	w.events.take()
	return g.ID
}

// happened compares what was published since the last call, as [describe] tells it.
func (w *world) happened(want ...string) {
	w.t.Helper()
	var got []string
	for _, e := range w.events.take() {
		if _, is := e.(chat.AvailabilityChanged); !is { // the tests of availability look at these
			got = append(got, describe(e))
		}
	}
	same(w.t, "events", got, want)
}

// unread is what "unread count" tells: chat → number.
func (w *world) unread(a chat.AccountID) map[string]int64 {
	w.t.Helper()
	counts := must(w.UnreadCounts(w.ctx, a))(w.t)
	numbers := map[string]int64{}
	sum := int64(0)
	for _, c := range append(counts.Users, counts.Groups...) {
		numbers[c.Ref.ID] = c.Count
		sum += c.Count
	}
	if counts.Total != sum {
		w.t.Errorf("%s: total %d is not the sum of the chats, %d", a, counts.Total, sum)
	}
	return numbers
}

// listed is the chat list: its ids in order.
func (w *world) listed(a chat.AccountID) []string {
	w.t.Helper()
	var ids []string
	for _, row := range must(w.ChatList(w.ctx, a, 0, 100))(w.t) {
		ids = append(ids, row.Ref.ID)
	}
	return ids
}

// read is a chat's history as texts, oldest first.
func (w *world) read(a chat.AccountID, ref chat.ChatRef) []string {
	w.t.Helper()
	return texts(must(w.History(w.ctx, a, ref, chat.HistoryQuery{OldestFirst: true, Limit: 200}))(w.t))
}

func texts(ps []chat.Posted) []string {
	var all []string
	for _, p := range ps {
		switch m := p.Message; {
		case m.Withdrawn():
			all = append(all, "(withdrawn)"+m.Text)
		case m.System != chat.NotSystem:
			all = append(all, fmt.Sprintf("(%d) %s", m.System, m.Text))
		default:
			all = append(all, m.Text)
		}
	}
	return all
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type recorder struct {
	mu     sync.Mutex
	events []chat.Event
}

func (r *recorder) publish(events []chat.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, events...)
}

func (r *recorder) take() []chat.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// looks is a delivery without sockets: the devices that look at chats, by name.
type looks struct {
	*chat.Presence
	clock   *clock
	devices map[string]*device
}

// device is a client of an account.
type device struct {
	*chat.Viewer
	presence  *chat.Presence
	node      *node // in a cluster
	account   chat.AccountID
	signs     uint64
	inherited bool      // it looks where a lost one did
	readAt    time.Time // when a message was last read because of it
}

func newLooks(c *clock) *looks {
	return &looks{Presence: chat.NewPresence(), clock: c, devices: map[string]*device{}}
}

// device returns the account's device of that name, which has come by now.
func (l *looks) device(a chat.AccountID, name string) *device {
	key := string(a) + "/" + name
	d := l.devices[key]
	if d == nil {
		d = &device{account: a, presence: l.Presence}
		d.Viewer = l.Join(a, chat.SocketID(key), l.clock.Now(), func() uint64 { return d.signs })
		l.devices[key] = d
	}
	return d
}

// set is what the account's first device says that it looks at.
func (l *looks) set(a chat.AccountID, ref chat.ChatRef) {
	d := l.device(a, "1")
	d.signs++
	l.Look(d.Viewer, ref)
}

// viewer names the first device of an account as what looks at a chat.
func viewer(a chat.AccountID) chat.CurrentChat {
	return chat.CurrentChat{ID: chat.SocketID(a + "/1"), Session: "session of " + chat.SessionID(a), Account: a}
}

// fakeJWT reads "sub.session.good": what a real one is belongs to package auth.
type fakeJWT struct{}

func (fakeJWT) VerifyJWT(token string, _ chat.Application) (chat.Claims, error) {
	parts := strings.Split(token, ".")
	switch parts[2] {
	case "good":
		return chat.Claims{Account: chat.AccountID(parts[0]), Session: chat.SessionID(parts[1])}, nil
	case "dated": // alice.s1-1767225600.dated
		session, issued, _ := strings.Cut(parts[1], "-")
		seconds, err := strconv.ParseInt(issued, 10, 64)
		return chat.Claims{Account: chat.AccountID(parts[0]), Session: chat.SessionID(session), IssuedAt: time.Unix(seconds, 0)}, err
	case "late":
		return chat.Claims{}, chat.ErrTokenExpired
	default:
		return chat.Claims{}, chat.ErrInvalidToken
	}
}

// must returns the value of a call that has to succeed.
func must[T any](v T, err error) func(fataler) T {
	return func(t fataler) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

func ok(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// refused checks the text of a refusal, and that it is one.
func refused(t fataler, what string, err error, want string) {
	t.Helper()
	var refusal chat.Error
	var invalid *chat.InvalidError
	var scope *chat.ScopeError
	switch {
	case err == nil:
		t.Errorf("%s: got no error, want %q", what, want)
	case !errors.As(err, &refusal) && !errors.As(err, &invalid) && !errors.As(err, &scope):
		t.Errorf("%s: got a fault, %v, want the refusal %q", what, err, want)
	case err.Error() != want:
		t.Errorf("%s: got %q, want %q", what, err, want)
	}
}

func same[T any](t fataler, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(got, want, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: got -, want +:\n%s", what, diff)
	}
}

// describe tells an event in a line. Accounts are sorted; a system message's
// words are left to the tests of the words.
func describe(e chat.Event) string {
	switch e := e.(type) {
	case chat.MessageSent:
		return describeSent(e)
	case chat.MessageWithdrawn:
		return fmt.Sprintf("withdrawn %d by %s%s%s", e.Message.ID, e.By.ID, content(e.Message.Content), origin(e.Origin))
	case chat.ChatRead:
		return fmt.Sprintf("read %s %s%s", e.Account, e.Ref.ID, origin(e.Origin))
	case chat.ChatReadUpTo:
		return fmt.Sprintf("read %s %s up to %d, %d left up to %d%s", e.Account, e.Left.Ref.ID, e.UpTo, e.Left.Count, e.Last, origin(e.Origin))
	case chat.ReadTakenBack:
		return fmt.Sprintf("unread again %s %s %d", e.Account, e.Unread.Ref.ID, e.Unread.Count)
	case chat.AllRead:
		return fmt.Sprintf("all read %s", e.Account)
	case chat.SessionRemoved:
		return fmt.Sprintf("removed %s %d %s", e.Account, e.Ref.Type, e.Ref.ID)
	case chat.Operated:
		return fmt.Sprintf("operated %s %s%s", e.Account, e.Payload, origin(e.Origin))
	case chat.Shaken:
		return fmt.Sprintf("shaken %s by %s", e.To, e.From)
	case chat.GroupShaken:
		return fmt.Sprintf("shaken %s all=%t by %s message %d", names(e.To), e.All, e.From, e.Message)
	case chat.InboxCleared:
		return fmt.Sprintf("cleared %s %s %d%s", e.Account, e.Category, e.Value, origin(e.Origin))
	case chat.MessageEdited:
		return fmt.Sprintf("edited %d%s%s", e.Message.ID, content(e.Message.Content), origin(e.Origin))
	case chat.ReactionSet:
		marked := ""
		if e.Marked {
			marked = ", marked"
		}
		return fmt.Sprintf("reaction %s %t by %s to %d of %s, now %d%s%s", e.Reaction.Emoji, e.On, e.By.ID, e.Message, e.From, e.Reaction.Count, marked, origin(e.Origin))
	case chat.VoiceHeard:
		return fmt.Sprintf("heard %s %d%s", e.Account, e.Message, origin(e.Origin))
	case chat.StickySet:
		return fmt.Sprintf("sticky %s %s %t", e.Account, e.Ref.ID, e.Top)
	case chat.UnsentChanged:
		return fmt.Sprintf("unsent %s %s %q answers %d%s", e.Account, e.Unsent.Ref.ID, e.Unsent.Text, e.Unsent.Refer, origin(e.Origin))
	case chat.SilenceSet:
		return fmt.Sprintf("silence %s %s %t", e.Account, e.Category.Category, e.Silent)
	case chat.GroupEntered:
		var ids []chat.AccountID
		for _, m := range e.Added {
			ids = append(ids, m.Account.ID)
		}
		return fmt.Sprintf("entered %s members=%d admins=%s created=%t", names(ids), e.Group.Members, names(e.Group.Admins), e.Created)
	case chat.GroupMemberLeft:
		return fmt.Sprintf("left %s members=%d", e.Account, e.Group.Members)
	case chat.GroupDissolved:
		return fmt.Sprintf("dissolved %s", e.Group.Name)
	case chat.GroupRenamed:
		return fmt.Sprintf("renamed %q to %q by %s", e.OldName, e.Group.Name, e.By.ID)
	case chat.GroupChanged:
		return fmt.Sprintf("changed avatar=%q announcement=%q post=%t creator=%s", e.Group.Avatar, e.Group.Announcement, e.Group.IsPost, e.Group.Creator)
	case chat.GroupAdminSet:
		return fmt.Sprintf("admin %s %t by %s", e.Account, e.Admin, e.By)
	case chat.GroupBanSet:
		return fmt.Sprintf("ban %t by %s", e.Banned, e.By.ID)
	case chat.GroupInviteSet:
		return fmt.Sprintf("invite %t", e.Can)
	case chat.GroupPushSet:
		return fmt.Sprintf("push %s %t", e.Account, e.Push)
	case chat.PinSet:
		return fmt.Sprintf("pinned %d by %s %t count=%d%s", e.Message, e.By.ID, e.Pinned != nil, e.Count, origin(e.Origin))
	case chat.MarkedUnread:
		return fmt.Sprintf("marked unread %s %s from %d to %d: %d%s", e.Account, e.Unread.Ref.ID, e.From, e.Last, e.Unread.Count, origin(e.Origin))
	case chat.DirectPushSet:
		return fmt.Sprintf("push %s of %s %t", e.Account, e.Peer, e.Push)
	case chat.Notified:
		var ids []string
		for _, in := range e.Inboxes {
			ids = append(ids, fmt.Sprintf("%s silent=%t", in.Account, in.Silent))
		}
		slices.Sort(ids)
		return fmt.Sprintf("notified %s %q: %s", e.Notification.Category, e.Notification.Text, strings.Join(ids, ", "))
	case chat.LoggedOut:
		if len(e.Kept) > 0 {
			return fmt.Sprintf("logged out %s session=%t kept=%d", e.Account, e.Session != "", len(e.Kept))
		}
		return fmt.Sprintf("logged out %s session=%t", e.Account, e.Session != "")
	case chat.AccountChanged:
		return fmt.Sprintf("account %s %q active=%t", e.Account.ID, e.Account.Name, e.Account.Active)
	case chat.ContactChanged:
		return fmt.Sprintf("contact %s %q contact=%t friend=%t to %s", e.Person.ID, e.Person.Name, e.Person.Contact, e.Person.Friend, names(e.To))
	case chat.ReadersChanged:
		return fmt.Sprintf("readers changed %s in %d groups", e.Account, len(e.Groups))
	case chat.AppChanged:
		return fmt.Sprintf("app %s %q", e.App.ID, e.App.Name)
	default:
		return fmt.Sprintf("undescribed %T", e)
	}
}

func describeSent(e chat.MessageSent) string {
	var b strings.Builder
	if e.Message.System != chat.NotSystem {
		fmt.Fprintf(&b, "system %d from %s", e.Message.System, e.From.ID)
	} else {
		fmt.Fprintf(&b, "sent from %s%s", e.From.ID, content(e.Message.Content))
	}
	if e.Group != nil {
		b.WriteString(" to group " + e.Group.Name)
	} else {
		fmt.Fprintf(&b, " to %s", e.Peer)
	}
	b.WriteString(origin(e.Origin))
	if len(e.Gained) > 0 {
		b.WriteString(" gained " + names(e.Gained))
	}
	if len(e.Muted) > 0 {
		b.WriteString(" muted " + names(e.Muted))
	}
	if len(e.Readers) > 0 {
		b.WriteString(" read " + names(e.Readers))
	}
	return b.String()
}

func content(c chat.Content) string {
	s := ""
	if c.Text != "" {
		s += fmt.Sprintf(" %q", c.Text)
	}
	for _, object := range []json.RawMessage{c.File, c.Card, c.Location} {
		if object != nil {
			s += " " + string(object)
		}
	}
	return s
}

func origin(s chat.SocketID) string {
	if s == "" {
		return ""
	}
	return " not " + string(s)
}

func names(ids []chat.AccountID) string {
	ids = slices.Sorted(slices.Values(ids))
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = string(id)
	}
	return strings.Join(parts, ",")
}
