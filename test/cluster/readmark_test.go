package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// Authors who look at a chat through one node are told what is read through the others.
func TestReadMarksAcrossNodes(t *testing.T) {
	c := start(t, Patient)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	w := ledger.New()
	if err := w.Populate(ctx, c); err != nil {
		t.Fatal(err)
	}
	one, two, three := w.People[0], w.People[1], w.People[2]
	connect := func(n int, token string) *socketiotest.Client {
		t.Helper()
		client, err := c.Nodes[n].Connect(ctx, token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return client
	}
	do := func(client *socketiotest.Client, event string, payload map[string]any) []json.RawMessage {
		t.Helper()
		answer, err := client.Request(ctx, event, payload)
		if err != nil || len(answer) < 2 {
			t.Fatalf("%s: %s, %v", event, answer, err)
		}
		return answer
	}
	var group struct{ ID string }
	if err := c.Host(ctx, "POST", "/groups", map[string]any{"name": "Crew", "creator": one.ID, "members": []string{two.ID, three.ID}}, &group); err != nil {
		t.Fatal(err)
	}
	author, second, third := connect(0, one.Token), connect(1, two.Token), connect(2, three.Token)
	do(author, "current chat", map[string]any{"id": group.ID})
	id := text(do(author, "send group message", map[string]any{"togroup": group.ID, "msg": "hello", "type": 1}), nil, "id")
	wait := func(want string) {
		t.Helper()
		for {
			event, err := author.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "read marks" })
			if err != nil {
				t.Fatalf("waiting for %s: %v", want, err)
			}
			var push struct {
				Marks []struct {
					ID       string
					Read, Of int
				}
			}
			if err := json.Unmarshal(event.Args[0], &push); err != nil {
				t.Fatal(err)
			}
			for _, m := range push.Marks {
				if m.ID == id && fmt.Sprintf("%d of %d", m.Read, m.Of) == want {
					return
				}
			}
		}
	}
	wait("0 of 2")
	do(second, "clear unread", map[string]any{"type": 2, "id": group.ID})
	wait("1 of 2")
	do(third, "clear all unread", map[string]any{})
	wait("2 of 2")
	if err := c.Nodes[2].Host(ctx, "DELETE", "/groups/"+group.ID+"/members/"+three.ID, nil, nil); err != nil {
		t.Fatal(err)
	}
	wait("1 of 1")
	// Somebody looks through another node: the next message is read when it arrives, until that connection turns out to be dead.
	do(second, "current chat", map[string]any{"id": group.ID})
	id = text(do(author, "send group message", map[string]any{"togroup": group.ID, "msg": "and again", "type": 1}), nil, "id")
	wait("1 of 1")
	second.Break()
	wait("0 of 1")
}
