package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"parley/internal/chat"
	"parley/internal/gateway"
	"parley/socketio/socketiotest"
)

// A client that comes online in the middle of a conversation misses nothing: what
// it is not told was there when it read the history.
func TestNothingIsMissedWhileConnecting(t *testing.T) {
	h := open(t, gateway.Options{})
	ctx := t.Context()
	const clients = 15
	var members []chat.AccountID
	for i := range clients {
		a := chat.AccountID(fmt.Sprintf("member%d", i))
		if _, err := h.svc.CreateAccount(ctx, chat.Account{ID: a, Name: string(a), Active: true}); err != nil {
			t.Fatal(err)
		}
		h.token[a] = h.issue(a, 0)
		members = append(members, a)
	}
	group, err := h.svc.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "g", Creator: "alice", Members: members, IsPost: true})
	if err != nil {
		t.Fatal(err)
	}

	stop, done := make(chan struct{}), make(chan error, 1)
	var sent []string // ids, in order; read when done
	go func() {
		done <- func() error {
			for {
				last := false
				select {
				case <-stop:
					last = true
				default:
				}
				r, err := h.svc.SendGroupMessage(ctx, chat.Actor{Account: "alice"}, group.ID, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "x"}})
				if err != nil {
					return err
				}
				sent = append(sent, strconv.FormatInt(int64(r.Message.ID), 10))
				if last {
					return nil
				}
			}
		}()
	}()

	newest := map[*socketiotest.Client]string{} // message of the history
	for _, a := range members {
		c := h.connect(a, "web")
		posted, err := h.svc.History(ctx, a, chat.ChatRef{Type: chat.SessionGroup, ID: string(group.ID)}, chat.HistoryQuery{Limit: 1})
		if err != nil || len(posted) != 1 {
			t.Fatalf("got %d messages, %v", len(posted), err)
		}
		newest[c] = strconv.FormatInt(int64(posted[0].Message.ID), 10)
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	for c, known := range newest {
		got := map[string]bool{}
		for last := sent[len(sent)-1]; !got[last]; {
			e, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "new group message" })
			if err != nil {
				t.Fatal(err)
			}
			var m struct{ ID string }
			if err := json.Unmarshal(e.Args[0], &m); err != nil {
				t.Fatal(err)
			}
			got[m.ID] = true
		}
		after := !slices.Contains(sent, known) // the group's first words
		for _, id := range sent {
			if after && !got[id] {
				t.Errorf("%s came after %s of the history and was not pushed", id, known)
			}
			after = after || id == known
		}
	}
	t.Logf("%d messages while %d clients connected", len(sent), clients)
}
