package cluster

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// People who are connected to one node are online for those on the others, until their node is gone.
func TestAvailabilityAcrossNodes(t *testing.T) {
	c := start(t, Patient)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	w := ledger.New()
	if err := w.Populate(ctx, c); err != nil {
		t.Fatal(err)
	}
	one, two := w.People[0], w.People[1]
	connect := func(n int, token string) *socketiotest.Client {
		t.Helper()
		client, err := c.Nodes[n].Connect(ctx, token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return client
	}
	do := func(client *socketiotest.Client, event string, payload map[string]any) json.RawMessage {
		t.Helper()
		answer, err := client.Request(ctx, event, payload)
		if err != nil || len(answer) < 2 || string(answer[0]) != "false" {
			t.Fatalf("%s: %s, %v", event, answer, err)
		}
		return answer[1]
	}
	type list struct {
		Users []struct {
			ID, State string
			Status    struct{ Text string }
		}
	}
	watcher := connect(0, one.Token)
	do(watcher, "watch availability", map[string]any{"ids": []string{two.ID}})
	// Pushes are merged, so that only the last one is certain.
	wait := func(state, text string) {
		t.Helper()
		for {
			event, err := watcher.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "availability" })
			if err != nil {
				t.Fatalf("waiting for %s %s: %v", state, text, err)
			}
			var push list
			if err := json.Unmarshal(event.Args[0], &push); err != nil {
				t.Fatal(err)
			}
			for _, u := range push.Users {
				if u.ID == two.ID && u.State == state && u.Status.Text == text {
					return
				}
			}
		}
	}
	other := connect(1, two.Token)
	wait("online", "")
	do(other, "set away", map[string]any{"isAway": true})
	wait("away", "")
	do(other, "set status", map[string]any{"text": "at lunch"})
	wait("away", "at lunch")
	c.Nodes[1].Kill()
	wait("offline", "at lunch")
}
