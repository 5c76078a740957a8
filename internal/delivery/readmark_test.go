package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// markSource counts: the mark of an author's only message is how often the marks of the chat were computed.
type markSource struct {
	pause time.Duration
	mu    sync.Mutex
	calls []string
	fail  error // of the next call
}

func (m *markSource) ReadMarkPause() time.Duration { return m.pause }

func (m *markSource) ChangedReadMarks(_ context.Context, key chat.ChatKey, authors []chat.AccountID, before chat.ReadMarkState) (map[chat.AccountID]chat.ChangedMarks, chat.ReadMarkState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.Sort(authors)
	m.calls = append(m.calls, fmt.Sprint(key, authors))
	if err := m.fail; err != nil {
		m.fail = nil
		return nil, before, err
	}
	all := map[chat.AccountID]chat.ChangedMarks{}
	for _, a := range authors {
		all[a] = chat.ChangedMarks{Marks: []chat.ReadMark{{Message: 7, Read: int64(len(m.calls)), Of: 9}}}
	}
	return all, before, nil
}

func (m *markSource) called() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// marks waits for the next push of read marks to a socket.
func (n *node) marks(name string) string {
	n.t.Helper()
	e, err := n.sockets[name].Take(n.t.Context(), func(e socketiotest.Event) bool { return e.Name == wire.PushReadMarks })
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimPrefix(excerpt(n.t, e.Args, []string{"type", "id", "marks"}), " ")
}

func markCast(t *testing.T, source *markSource) *node {
	n := newNode(t, delivery.Options{ReadMarks: source})
	for _, a := range []chat.AccountID{"alice", "bob", "carol"} {
		n.groups[a] = []chat.GroupSubscription{{Group: "team", Push: true}}
	}
	apps["markless"] = chat.Application{ID: "markless", Kind: chat.AppWeb, MutedPushes: []string{wire.PushReadMarks}}
	n.connect("alice", "web")
	n.connect("alice/2", "web")
	n.connect("bob", "web")
	n.connect("carol", "markless")
	return n
}

func TestReadMarks(t *testing.T) {
	source := &markSource{}
	n := markCast(t, source)
	withBob, withAlice, inTheTeam := chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, chat.ChatRef{Type: chat.SessionUser, ID: "alice"}, chat.ChatRef{Type: chat.SessionGroup, ID: "team"}
	n.clients["alice"].SetCurrent(withBob)
	n.hub.Publish([]chat.Event{chat.MessageSent{Posted: direct(alice, "bob", "hi")}})
	want := func(name, want string) {
		t.Helper()
		if got := n.marks(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	want("alice", `type=1 id=bob marks=[{"id":"7","read":1,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.ChatRead{Account: "bob", Ref: withAlice}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":2,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.ChatReadUpTo{Account: "bob", Left: chat.ChatUnread{Ref: withAlice}}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":3,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.ReadTakenBack{Account: "bob", Unread: chat.ChatUnread{Ref: withAlice}}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":4,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.AllRead{Account: "bob"}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":5,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.ReadersChanged{Account: "bob"}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":6,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.SessionRemoved{Account: "bob", Ref: withAlice}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":7,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.ContactChanged{Person: chat.Person{Account: bob}, To: []chat.AccountID{"alice"}}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":8,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.MarkedUnread{Account: "bob", Unread: chat.ChatUnread{Ref: withAlice}}})
	want("alice", `type=1 id=bob marks=[{"id":"7","read":9,"of":9}]`)

	// What changes no mark that somebody here sees is not even computed: the own reading, other chats, chats without a looker.
	n.hub.Publish([]chat.Event{
		chat.ChatRead{Account: "alice", Ref: withBob},
		chat.ChatRead{Account: "bob", Ref: chat.ChatRef{Type: chat.SessionUser, ID: "carol"}},
		chat.MessageSent{Posted: direct(bob, "alice", "hi")},
		chat.MessageSent{Posted: inTeam(alice, "hi")},
		chat.AllRead{Account: "carol", Groups: []chat.GroupID{"team"}},
		chat.ChatRead{Account: "alice", Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}},
	})
	// A group: everybody who looks, but not through an application that does not want it.
	n.clients["alice/2"].SetCurrent(inTheTeam)
	n.clients["bob"].SetCurrent(inTheTeam)
	n.clients["carol"].SetCurrent(inTheTeam)
	n.hub.Publish([]chat.Event{chat.MessageSent{Posted: inTeam(alice, "hi"), Readers: []chat.AccountID{"bob", "carol"}}})
	want("alice/2", `type=2 id=team marks=[{"id":"7","read":10,"of":9}]`)
	want("bob", `type=2 id=team marks=[{"id":"7","read":10,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.AllRead{Account: "dave", Groups: []chat.GroupID{"team"}}})
	want("bob", `type=2 id=team marks=[{"id":"7","read":11,"of":9}]`)
	n.hub.Publish([]chat.Event{chat.GroupMemberLeft{Group: team, Account: "dave"}})
	want("bob", `type=2 id=team marks=[{"id":"7","read":12,"of":9}]`)
	calls := source.called()
	if diff := cmp.Diff(calls[9:], slices.Repeat([]string{"{team  } [alice bob]"}, 3)); diff != "" {
		t.Errorf("computed: -got +want\n%s", diff)
	}
	for _, call := range calls[:9] {
		if call != "{ alice bob} [alice]" {
			t.Errorf("computed for %s", call)
		}
	}
	// All chats.
	n.hub.Publish([]chat.Event{chat.ReadersChanged{}})
	n.marks("alice")
	n.marks("bob")
	for _, line := range n.heard() {
		if strings.HasPrefix(line, "carol < read marks") {
			t.Error("the push was sent to an application that has muted it")
		}
	}
}

// However many read at once, the marks are computed once, and once more after the pause.
func TestReadMarksAreMerged(t *testing.T) {
	source := &markSource{pause: time.Hour}
	n := markCast(t, source)
	n.clients["alice"].SetCurrent(chat.ChatRef{Type: chat.SessionGroup, ID: "team"})
	for range 100 {
		n.hub.Publish([]chat.Event{chat.ChatRead{Account: "bob", Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "team"}}})
	}
	n.marks("alice")
	n.heard()
	if got := source.called(); len(got) != 1 {
		t.Errorf("computed %d times, want once", len(got))
	}
}

// A fault of the database delays the marks.
func TestReadMarksAfterAFault(t *testing.T) {
	source := &markSource{fail: errors.New("away")}
	n := markCast(t, source)
	n.clients["alice"].SetCurrent(chat.ChatRef{Type: chat.SessionUser, ID: "bob"})
	n.hub.Publish([]chat.Event{chat.ChatRead{Account: "bob", Ref: chat.ChatRef{Type: chat.SessionUser, ID: "alice"}}})
	if got, want := n.marks("alice"), `type=1 id=bob marks=[{"id":"7","read":2,"of":9}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
