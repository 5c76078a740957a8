package delivery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
)

// Typing goes to the sockets that look at the chat, and to no others.
func TestTyping(t *testing.T) {
	n := newNode(t, delivery.Options{})
	apps["still"] = chat.Application{ID: "still", Kind: chat.AppWeb, MutedPushes: []string{wire.PushTyping}}
	n.connect("alice", "web")
	n.connect("bob", "web")
	n.connect("bob/2", "web")
	n.connect("bob/3", "still")
	n.connect("carol", "web")
	withAlice := chat.ChatRef{Type: chat.SessionUser, ID: "alice"}
	inTheTeam := chat.ChatRef{Type: chat.SessionGroup, ID: "team"}
	told := func(name string, e chat.Typed, want ...string) {
		t.Helper()
		e.By, e.Stay = chat.ReportName{ID: "alice", Name: "Alice"}, 6*time.Second
		n.hub.Pass([]chat.Event{e})
		if diff := cmp.Diff(n.heard("type", "id", "by", "stay"), want); diff != "" {
			t.Errorf("%s: -got +want\n%s", name, diff)
		}
	}
	direct := chat.Typed{Chat: chat.ChatKey{A: "alice", B: "bob"}, To: []chat.AccountID{"bob"}}
	team := chat.Typed{Chat: chat.ChatKey{Group: "team"}, To: []chat.AccountID{"bob", "carol", "elsewhere"}}
	told("nobody looks", direct)
	n.clients["bob"].SetCurrent(withAlice)
	n.clients["bob/2"].SetCurrent(inTheTeam)
	n.clients["bob/3"].SetCurrent(withAlice)
	n.clients["carol"].SetCurrent(inTheTeam)
	told("direct", direct, `bob < typing type=1 id=alice by={"id":"alice","name":"Alice"} stay=6000`)
	told("group", team, `bob/2 < typing type=2 id=team by={"id":"alice","name":"Alice"} stay=6000`, `carol < typing type=2 id=team by={"id":"alice","name":"Alice"} stay=6000`)
	n.clients["bob/2"].SetCurrent(chat.ChatRef{})
	told("one looks away", team, `carol < typing type=2 id=team by={"id":"alice","name":"Alice"} stay=6000`)
	team.To = []chat.AccountID{"bob"}
	told("a looker who is not told", team)
}
