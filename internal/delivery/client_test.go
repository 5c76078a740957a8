package delivery_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
	"parley/socketio"
)

// An account's groups are looked up when it comes online. What happens to its
// membership meanwhile is neither lost nor undone by the older snapshot.
func TestMembershipChangesDuringLookUp(t *testing.T) {
	n := newNode(t, delivery.Options{})
	n.groups["alice"] = []chat.GroupSubscription{{Group: "stays", Push: true}, {Group: "left", Push: true}, {Group: "muted", Push: true}, {Group: "dissolved", Push: true}}
	n.groups["bob"] = []chat.GroupSubscription{{Group: "entered", Push: true}, {Group: "dissolved", Push: true}}
	other := n.connect("bob", "web")

	n.lookUp = func(a chat.AccountID) {
		if a != "alice" {
			return
		}
		n.hub.Publish([]chat.Event{
			chat.GroupEntered{Group: chat.Group{ID: "entered"}, Added: []chat.GroupMember{{Account: alice, Push: true}}},
			chat.GroupEntered{Group: chat.Group{ID: "both"}, Added: []chat.GroupMember{{Account: alice, Push: true}}},
			chat.GroupMemberLeft{Group: chat.Group{ID: "left"}, Account: "alice"},
			chat.GroupMemberLeft{Group: chat.Group{ID: "both"}, Account: "alice"},
			chat.GroupPushSet{Group: "muted", Account: "alice"},
			chat.GroupDissolved{Group: chat.Group{ID: "dissolved"}},
			chat.AllRead{Account: "bob"},
		})
		// Bob's last push says that all of it was delivered before the look-up answers.
		for {
			e, err := other.Take(t.Context(), nil)
			if err != nil {
				t.Error(err)
				return
			}
			if e.Name == wire.PushClearAllUnread {
				return
			}
		}
	}
	n.connect("alice", "web")
	n.heard() // what came meanwhile

	for _, id := range []chat.GroupID{"stays", "entered", "left", "muted", "dissolved", "both"} {
		p := inTeam(carol, "x")
		p.Group = &chat.Group{ID: id}
		n.hub.Publish([]chat.Event{chat.MessageSent{Posted: p}})
	}
	var got []string
	for _, line := range n.heard("to", "isPush") {
		if line[:5] == "alice" {
			got = append(got, line)
		}
	}
	want := []string{
		"alice < new group message to=stays isPush=true", `alice < new history to={"gid":"stays"}`,
		"alice < new group message to=entered isPush=true", `alice < new history to={"gid":"entered"}`,
		"alice < new group message to=muted isPush=false", `alice < new history to={"gid":"muted"}`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("-got +want\n%s", diff)
	}
}

func TestLogOut(t *testing.T) {
	ended := func(n *node, name string) string {
		s := n.sockets[name]
		e, err := s.Take(t.Context(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		<-s.Done()
		s.Close()
		<-n.gone
		delete(n.sockets, name)
		return e.Name + excerpt(t, e.Args, []string{"sessionId"})
	}
	t.Run("one session", func(t *testing.T) {
		n := newCast(t)
		n.hub.Publish([]chat.Event{chat.LoggedOut{Account: "alice", Session: "s-alice2"}, chat.AllRead{Account: "alice"}})
		if got, want := ended(n, "alice/2"), "logout message sessionId=s-alice2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if diff := cmp.Diff(n.heard(), []string{"alice < clear all unread"}); diff != "" {
			t.Errorf("-got +want\n%s", diff)
		}
	})
	t.Run("a session of nobody knows whom", func(t *testing.T) {
		n := newCast(t)
		n.hub.Publish([]chat.Event{chat.LoggedOut{Session: "s-carol"}})
		if got, want := ended(n, "carol"), "logout message sessionId=s-carol"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("all sessions", func(t *testing.T) {
		n := newCast(t)
		n.hub.Publish([]chat.Event{chat.LoggedOut{Account: "bob"}})
		ended(n, "bob")
		ended(n, "bob/2")
		if got, want := n.hub.Stats().Accounts, 3; got != want {
			t.Errorf("got %d accounts, want %d", got, want)
		}
	})
	t.Run("a disabled application", func(t *testing.T) {
		n := newCast(t)
		n.hub.Publish([]chat.Event{chat.AppChanged{App: chat.Application{ID: "mobile", Kind: chat.AppMobile, DisabledAt: time.Unix(1, 0)}}})
		ended(n, "alice/2")
		ended(n, "bob/2")
		if got, want := n.hub.Stats().Clients, int64(4); got != want {
			t.Errorf("got %d clients, want the %d of another application", got, want)
		}
	})
	t.Run("expired", func(t *testing.T) {
		tick := make(chan time.Time, 1)
		tick <- time.Unix(999, 0)
		n := newNode(t, delivery.Options{Sweep: time.Millisecond, Now: func() time.Time {
			now := <-tick
			tick <- now
			return now
		}})
		n.connect("alice", "web", "expires")
		n.connect("bob", "web")
		<-tick
		tick <- time.Unix(1000, 0)
		if got, want := ended(n, "alice"), "logout message sessionId=s-alice"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := n.heard(); len(got) > 0 {
			t.Errorf("got %q, want nothing", got)
		}
	})
}

// When the last socket of an account has gone, nothing of it is left.
func TestDetachForgets(t *testing.T) {
	n := newCast(t)
	n.clients["bob"].SetCurrent(chat.ChatRef{Type: chat.SessionGroup, ID: "team"})
	if got, want := n.hub.Stats(), (delivery.Stats{Clients: 6, Accounts: 4, Rooms: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for name, s := range n.sockets {
		s.Close()
		<-n.gone
		delete(n.sockets, name)
	}
	if got, want := n.hub.Stats(), (delivery.Stats{}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := n.hub.Presence().Viewings(&chat.Conversation{Kind: chat.KindGroup, Group: "team"}); len(got) > 0 {
		t.Errorf("got %v present, want nobody", got)
	}
	n.hub.Detach(n.clients["bob"]) // a second time
	if got := n.hub.Stats().Clients; got != 0 {
		t.Errorf("got %d clients, want 0", got)
	}
}

func TestClosedHubTakesNobody(t *testing.T) {
	n := newNode(t, delivery.Options{})
	n.hub.Close()
	n.hub.Publish([]chat.Event{chat.AllRead{Account: "alice"}})
	if _, err := n.hub.Attach(context.Background(), nil, chat.Identity{}, ""); err != delivery.ErrClosed {
		t.Errorf("got %v, want %v", err, delivery.ErrClosed)
	}
}

// A look-up that fails lets nobody in, holds nobody up, and is tried again.
func TestLookUpFails(t *testing.T) {
	io := socketio.NewServer(socketio.Options{})
	calls := 0
	hub := delivery.New(delivery.Options{}, io, io.Of("/"), delivery.GroupSourceFunc(
		func(context.Context, chat.AccountID) ([]chat.GroupSubscription, error) {
			switch calls++; calls {
			case 1:
				return nil, errors.New("no database")
			case 2:
				panic("no database at all")
			}
			return nil, nil
		}))
	defer hub.Close()
	id := chat.Identity{Account: alice}
	for _, fails := range []bool{true, true, false} {
		c, err := hub.Attach(t.Context(), new(socketio.Socket), id, "")
		if (err != nil) != fails || (c == nil) != fails {
			t.Errorf("got %v, %v, want failure %t", c, err, fails)
		}
	}
	if got := hub.Stats().Clients; got != 1 {
		t.Errorf("got %d clients, want 1", got)
	}
}
