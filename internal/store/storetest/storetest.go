// Package storetest is what every implementation of [chat.Store] must pass. An
// engine's own tests call [Run]; what is particular to an engine stays there.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// Subject is a store under test.
type Subject struct {
	chat.Store
	// Verify recounts the whole database and returns what is wrong with it.
	Verify func(context.Context) error
}

// Open returns an empty store that publishes to the function and is closed when
// the test ends.
type Open func(t testing.TB, publish func([]chat.Event)) Subject

// Run tests a store. What a test leaves behind is verified.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"Update", updateTests},
		{"Account", accountTests},
		{"SignIn", signInTests},
		{"TwoFactor", twoFactorTests},
		{"EmailChange", emailChangeTests},
		{"Administration", administrationTests},
		{"Audit", auditTests},
		{"SetUp", setUpTests},
		{"Invitation", invitationTests},
		{"Webhook", webhookTests},
		{"Subscription", subscriptionTests},
		{"Mail", mailTests},
		{"Contact", contactTests},
		{"Conversation", conversationTests},
		{"Message", messageTests},
		{"Cursor", cursorTests},
		{"Group", groupTests},
		{"Inbox", inboxTests},
		{"ChatList", chatListTests},
		{"Unsent", unsentTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) {
					w := newWorld(t, open)
					test.run(w)
					if err := w.store.Verify(t.Context()); err != nil {
						t.Errorf("verify: %v", err)
					}
				})
			}
		})
	}
	t.Run("Ledger", func(t *testing.T) { testLedger(t, open) })
}

type test struct {
	name string
	run  func(*world)
}

// world is a store with the shorthands of the tests.
type world struct {
	*testing.T
	store  Subject
	events []chat.Event // read it after an Update has returned
	clock  time.Time
}

func newWorld(t *testing.T, open Open) *world {
	w := &world{T: t, clock: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	w.store = open(t, func(e []chat.Event) { w.events = append(w.events, e...) })
	return w
}

// tick returns a time one second after the last.
func (w *world) tick() time.Time {
	w.clock = w.clock.Add(time.Second)
	return w.clock
}

// do runs fn in an update that must succeed.
func (w *world) do(fn func(chat.Tx) error) {
	w.Helper()
	if err := w.store.Update(w.Context(), fn); err != nil {
		w.Fatalf("update: %v", err)
	}
}

// atOnce calls fn n times at the same time, while another function holds up the commit, and
// returns the errors.
func (w *world) atOnce(n int, fn func(i int) error) []error {
	w.Helper()
	begun, release, held := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() {
		held <- w.store.Update(w.Context(), func(chat.Tx) error {
			once.Do(func() { close(begun) })
			<-release
			return nil
		})
	}()
	<-begun
	errs := make([]error, n)
	var calls, called sync.WaitGroup
	called.Add(n)
	for i := range n {
		calls.Go(func() {
			called.Done()
			errs[i] = fn(i)
		})
	}
	called.Wait()
	close(release)
	if err := <-held; err != nil {
		w.Fatal(err)
	}
	calls.Wait()
	return errs
}

// see runs fn in a view that must succeed.
func (w *world) see(fn func(chat.Tx) error) {
	w.Helper()
	if err := w.store.View(w.Context(), fn); err != nil {
		w.Fatalf("view: %v", err)
	}
}

// both runs fn in an update and in a view, which must see the same.
func (w *world) both(fn func(chat.Tx) error) {
	w.Helper()
	w.do(fn)
	w.see(fn)
}

// get returns what read finds; an update and a view must find the same.
func get[T any](w *world, read func(chat.Tx) (T, error)) (v T) {
	w.Helper()
	var inUpdate T
	w.do(func(tx chat.Tx) (err error) { inUpdate, err = read(tx); return err })
	w.see(func(tx chat.Tx) (err error) { v, err = read(tx); return err })
	if diff := cmp.Diff(inUpdate, v); diff != "" {
		w.Fatalf("an update and a view see different things (-update +view):\n%s", diff)
	}
	return v
}

// made returns what write made, in an update that must succeed.
func made[T any](w *world, write func(chat.Tx) (T, error)) (v T) {
	w.Helper()
	w.do(func(tx chat.Tx) (err error) { v, err = write(tx); return err })
	return v
}

func (w *world) wantNoRow(err error) {
	w.Helper()
	if !errors.Is(err, chat.ErrNoRow) {
		w.Errorf("got error %v, want %v", err, chat.ErrNoRow)
	}
}

func same[T any](w *world, what string, got, want T) {
	w.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		w.Errorf("%s (+want -got):\n%s", what, diff)
	}
}

// people creates accounts with these ids, all of one organization.
func (w *world) people(ids ...chat.AccountID) {
	w.Helper()
	w.do(func(tx chat.Tx) error {
		if err := tx.CreateOrganization(chat.Organization{ID: "org", Name: "Demo", CreatedAt: w.clock}); err != nil {
			return err
		}
		for _, id := range ids {
			if err := tx.CreateAccount(person(id, w.clock)); err != nil {
				return err
			}
		}
		return tx.AddToOrganization("org", ids)
	})
}

func person(id chat.AccountID, at time.Time) chat.Account {
	return chat.Account{
		ID: id, Name: "Name of " + string(id), Avatar: "/a/" + string(id) + ".png",
		Email: string(id) + "@demo.test", Active: true, Language: "zh", TimeZone: "Asia/Shanghai", CreatedAt: at,
	}
}

// direct creates the chat of two.
func (w *world) direct(a, b chat.AccountID) chat.Conversation {
	w.Helper()
	return made(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.CreateDirectConversation(a, b, w.tick()) })
}

// group creates a group whose first member is its creator.
func (w *world) group(id chat.GroupID, members ...chat.AccountID) chat.Group {
	w.Helper()
	return made(w, func(tx chat.Tx) (chat.Group, error) {
		at := w.tick()
		g, err := tx.CreateGroup(chat.Group{ID: id, Name: "Group " + string(id), IsPost: true, Creator: members[0], CreatedAt: at})
		if err != nil {
			return g, err
		}
		if err := tx.AddMembers(g.Conversation, members[:1], chat.RoleAdmin, at); err != nil {
			return g, err
		}
		if err := tx.AddMembers(g.Conversation, members[1:], chat.RoleMember, at); err != nil {
			return g, err
		}
		return tx.Group(id)
	})
}

// say appends a text and lists the chat, as the rules do.
func (w *world) say(c chat.ConversationID, from chat.AccountID, words string) chat.Message {
	w.Helper()
	m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: words}, Conversation: c, From: from, At: w.tick()}
	return w.post(m)
}

func (w *world) announce(c chat.ConversationID, from chat.AccountID) chat.Message {
	w.Helper()
	return w.post(chat.Message{
		Content:      chat.Content{Type: chat.TypeText, Text: "something was changed"},
		Conversation: c, From: from, System: chat.SystemOther, At: w.tick(),
	})
}

func (w *world) post(m chat.Message) chat.Message {
	w.Helper()
	w.do(func(tx chat.Tx) error {
		if err := tx.AppendMessage(&m); err != nil {
			return err
		}
		_, err := tx.List(m.Conversation)
		return err
	})
	return m
}

// unread returns the account's count in one chat, and checks that the list of
// counts and the chat list say the same.
func (w *world) unread(c chat.ConversationID, a chat.AccountID) int64 {
	w.Helper()
	u := get(w, func(tx chat.Tx) (chat.ChatUnread, error) { return tx.ChatUnread(c, a) })
	for _, other := range get(w, func(tx chat.Tx) ([]chat.ChatUnread, error) { return tx.ChatUnreads(a) }) {
		if other.Ref == u.Ref {
			same(w, fmt.Sprintf("ChatUnreads of %s", a), other, u)
		}
	}
	for _, row := range get(w, func(tx chat.Tx) ([]chat.ChatRow, error) { return tx.ChatList(a, 0, 1000) }) {
		if row.Ref == u.Ref && row.Unread != u.Count {
			w.Errorf("ChatList of %s: got %d unread in %v, ChatUnread has %d", a, row.Unread, row.Ref, u.Count)
		}
	}
	return u.Count
}

func (w *world) wantUnread(c chat.ConversationID, a chat.AccountID, want int64) {
	w.Helper()
	if got := w.unread(c, a); got != want {
		w.Errorf("unread of %s: got %d, want %d", a, got, want)
	}
}
