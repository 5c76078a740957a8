package cluster

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// Those who look at a chat through one node are told who types into it through the others.
func TestTypingAcrossNodes(t *testing.T) {
	c := start(t, Patient)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
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
	do := func(client *socketiotest.Client, event string, payload map[string]any) {
		t.Helper()
		answer, err := client.Request(ctx, event, payload)
		if err != nil || len(answer) < 2 || string(answer[0]) != "false" {
			t.Fatalf("%s: %s, %v", event, answer, err)
		}
	}
	var group struct{ ID string }
	if err := c.Host(ctx, "POST", "/groups", map[string]any{"name": "Crew", "creator": one.ID, "members": []string{two.ID}}, &group); err != nil {
		t.Fatal(err)
	}
	writer, reader := connect(0, one.Token), connect(1, two.Token)
	typed := func(typ int, id, as string) {
		t.Helper()
		do(reader, "current chat", map[string]any{"id": as})
		// The writer's node knows who looks when it has taken in the commit of that.
		do(writer, "send group message", map[string]any{"togroup": group.ID, "msg": "hello", "type": 1})
		do(writer, "typing", map[string]any{"type": typ, "id": id})
		event, err := reader.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "typing" })
		if err != nil {
			t.Fatal(err)
		}
		var push struct {
			Type int
			ID   string
			By   struct{ ID string }
		}
		if err := json.Unmarshal(event.Args[0], &push); err != nil {
			t.Fatal(err)
		}
		if push.Type != typ || push.ID != as || push.By.ID != one.ID {
			t.Errorf("got %s, want that %s types in %s", event.Args[0], one.ID, as)
		}
	}
	typed(2, group.ID, group.ID)
	typed(1, two.ID, one.ID)
}
