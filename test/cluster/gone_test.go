package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// A node dies and does not come back. The others remove it from the registry, and what the database and the other nodes knew
// of its clients ends: nobody looks at a chat there any more.
func TestNodeIsGone(t *testing.T) {
	c := start(t, "PARLEY_CHAT_RESTORE_WINDOW=1s")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	w := ledger.New()
	if err := w.Populate(ctx, c); err != nil {
		t.Fatal(err)
	}
	db, err := pgx.Connect(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	count := func(query string) (n int) {
		t.Helper()
		if err := db.QueryRow(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for !holds() {
			if ctx.Err() != nil {
				t.Fatalf("never: %s", what)
			}
			pause(ctx, 20*time.Millisecond)
		}
	}
	connect := func(n int, p *ledger.Person) *socketiotest.Client {
		t.Helper()
		client, err := c.Nodes[n].Connect(ctx, p.Token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		return client
	}
	alice, bob := w.People[0], w.People[1]
	sender, watcher, reader := connect(0, alice), connect(2, bob), connect(1, bob)
	say := func(m string) {
		t.Helper()
		answer, err := sender.Request(ctx, "send message", map[string]any{"touser": bob.ID, "msg": m, "type": 1})
		if text(answer, err, "id") == "" {
			t.Fatalf("send message: %s, %v", answer, err)
		}
	}
	unread := func() (n int) {
		t.Helper()
		answer, err := watcher.Request(ctx, "unread count", map[string]any{})
		var counts struct{ Num int }
		if err != nil || len(answer) != 2 || json.Unmarshal(answer[1], &counts) != nil {
			t.Fatalf("unread count: %s, %v", answer, err)
		}
		return counts.Num
	}

	if _, err := reader.Request(ctx, "current chat", map[string]any{"id": alice.ID}); err != nil {
		t.Fatal(err)
	}
	say("read by presence")
	if got := unread(); got != 0 {
		t.Errorf("while bob looks at the chat: got %d unread, want 0", got)
	}
	if nodes, chats := count("SELECT count(*) FROM node"), count("SELECT count(*) FROM current_chat WHERE type <> 0"); nodes != 3 || chats != 1 {
		t.Errorf("got %d nodes and %d current chats, want 3 and 1", nodes, chats)
	}
	var name string // which the ids of its sessions begin with
	if err := db.QueryRow(ctx, "SELECT id FROM node WHERE address = $1", c.Nodes[1].private).Scan(&name); err != nil {
		t.Fatal(err)
	}
	c.Nodes[1].Kill()
	until("the dead node is removed", func() bool { return count("SELECT count(*) FROM node") == 2 })
	until("its current chats end", func() bool { return count("SELECT count(*) FROM current_chat") == 0 })
	until("a node says so", func() bool {
		return strings.Contains(c.Nodes[0].Logs()+c.Nodes[2].Logs(), "a node was silent and is declared gone")
	})
	before := unread() // the first message, if its reading was not certain yet
	say("nobody looks")
	if got := unread(); before > 1 || got != before+1 {
		t.Errorf("got %d unread and then %d, want one more", before, got)
	}

	// A request of a session of the dead node gets the protocol's own answer, at every node.
	for _, n := range []int{0, 2} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s%s?EIO=4&transport=polling&sid=%s.of-the-dead", c.Nodes[n].URL, c.Path, name), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Do(request, nil); err == nil || !strings.Contains(err.Error(), "Session ID unknown") {
			t.Errorf("node %d, a poll for a session of the dead node: got %v", n, err)
		}
	}
	if out, err := exec.CommandContext(ctx, os.Getenv("PARLEY_BIN"), "verify", "--database", c.Database, "--data", c.data()).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}

	if err := c.Nodes[1].Start(ctx); err != nil {
		t.Fatal(err)
	}
	if got := count("SELECT count(*) FROM node"); got != 3 {
		t.Errorf("got %d nodes after a new one has started, want 3", got)
	}
	reader = connect(1, bob)
	say("welcome back")
	if _, err := reader.Take(ctx, func(e socketiotest.Event) bool {
		return e.Name == "new message" && strings.Contains(string(e.Args[0]), "welcome back")
	}); err != nil {
		t.Errorf("on the new node: %v", err)
	}
}
