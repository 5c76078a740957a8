package delivery

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
)

// Other nodes hear of accounts that come and go, each once, in the state that they are in then.
func TestTurned(t *testing.T) {
	h := &Hub{accounts: map[chat.AccountID]*account{"ann": {clients: []*Client{{}}}, "bob": {}}}
	taken := func(what string, online, offline []chat.AccountID) {
		t.Helper()
		on, off := h.TakeTurned()
		if diff := cmp.Diff([][]chat.AccountID{on, off}, [][]chat.AccountID{online, offline}); diff != "" {
			t.Errorf("%s (-got +want):\n%s", what, diff)
		}
	}
	h.turned.note("cid", true)
	taken("before it is asked for", nil, nil)
	h.TurnAll()
	taken("all", []chat.AccountID{"ann"}, nil)
	taken("nothing new", nil, nil)
	h.turned.note("dot", true)
	h.turned.note("cid", true)
	h.turned.note("dot", false)
	taken("twice", []chat.AccountID{"cid"}, []chat.AccountID{"dot"})
	h.turned.note("cid", false)
	h.GiveBack([]chat.AccountID{"cid"}, []chat.AccountID{"dot"})
	taken("given back", nil, []chat.AccountID{"cid", "dot"})
	if diff := cmp.Diff(h.Online([]chat.AccountID{"ann", "bob", "cid"}), map[chat.AccountID]bool{"ann": true}); diff != "" {
		t.Errorf("online (-got +want):\n%s", diff)
	}
}
