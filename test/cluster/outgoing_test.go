package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/test/ledger"
)

// TestOutgoing sends messages over all nodes, while each of them in turn is killed, also the one that posts the events. Every message
// arrives, and the first arrivals are in order.
func TestOutgoing(t *testing.T) {
	c := start(t, Patient, "PARLEY_OUTGOING_NETWORKS=127.0.0.0/8")
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()

	var mu sync.Mutex
	var arrived []string // the first arrivals
	known, twice := map[string]bool{}, 0
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the node was killed
		}
		var event struct {
			Data struct {
				Message struct{ Msg struct{ Con string } }
			}
		}
		if err := json.Unmarshal(body, &event); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		mu.Lock()
		defer mu.Unlock()
		if id := r.Header.Get("webhook-id"); known[id] {
			twice++
		} else {
			known[id] = true
			arrived = append(arrived, event.Data.Message.Msg.Con)
		}
	}))
	defer receiver.Close()

	var ids []string
	for n := range 2 {
		var account struct{ ID string }
		if err := c.Host(ctx, "POST", "/accounts", map[string]any{"name": fmt.Sprint("Talker ", n)}, &account); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, account.ID)
	}
	if err := c.Host(ctx, "POST", "/accounts/"+ids[0]+"/friends", map[string]any{"account": ids[1]}, nil); err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"url": receiver.URL, "kinds": []string{"message.sent"}}
	if err := c.Nodes[0].Host(ctx, "POST", "/subscriptions", body, nil); err != nil {
		t.Fatal(err)
	}
	var said []string
	// The next node knows the subscription already, and stores the event.
	say := func(nodes ...ledger.Server) {
		t.Helper()
		for i := range 30 {
			text := fmt.Sprint("message ", len(said)+1)
			if err := nodes[i%len(nodes)].Host(ctx, "POST", "/messages", map[string]any{"from": ids[0], "toAccount": ids[1], "text": text}, nil); err != nil {
				t.Fatal(err)
			}
			said = append(said, text)
		}
	}
	all := func(except int) (nodes []ledger.Server) {
		for n, node := range c.Nodes {
			if n != except {
				nodes = append(nodes, node)
			}
		}
		return nodes
	}
	say(all(-1)...)
	for n, node := range c.Nodes {
		node.Kill()
		say(all(n)...)
		if err := node.Start(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for count := 0; count < len(said); pause(ctx, 20*time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatalf("%d of %d messages have arrived", count, len(said))
		}
		mu.Lock()
		count = len(arrived)
		mu.Unlock()
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(arrived, said) {
		t.Errorf("got %q, want %q", arrived, said)
	}
	t.Logf("%d events, of which %d arrived twice", len(arrived), twice)
}

// TestOutgoingAway sends messages to somebody with a socket on one node, and to somebody without. Whichever node posts, it tells of the
// latter alone.
func TestOutgoingAway(t *testing.T) {
	c := start(t, Patient, "PARLEY_OUTGOING_NETWORKS=127.0.0.0/8")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	told := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Data struct{ Receivers []struct{ Account string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Error(err)
		}
		for _, one := range event.Data.Receivers {
			told <- one.Account
		}
	}))
	defer receiver.Close()
	var ids []string
	for n := range 5 {
		var account struct{ ID string }
		if err := c.Host(ctx, "POST", "/accounts", map[string]any{"name": fmt.Sprint("Reader ", n)}, &account); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, account.ID)
	}
	off := ids[4]
	for _, id := range ids[1:] {
		if err := c.Host(ctx, "POST", "/accounts/"+ids[0]+"/friends", map[string]any{"account": id}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Host(ctx, "POST", "/subscriptions", map[string]any{"url": receiver.URL, "kinds": []string{"message.away"}}, nil); err != nil {
		t.Fatal(err)
	}
	for n, node := range c.Nodes { // somebody on each node, also on the one that posts
		var issued struct{ Token string }
		if err := c.Host(ctx, "POST", "/accounts/"+ids[n+1]+"/tokens", map[string]any{}, &issued); err != nil {
			t.Fatal(err)
		}
		socket, err := node.Connect(ctx, issued.Token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
	}
	// The nodes tell each other once a second.
	db, err := pgx.Connect(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	for known := 0; known < len(c.Nodes); pause(ctx, 20*time.Millisecond) {
		if err := db.QueryRow(ctx, "SELECT count(*) FROM online WHERE account = ANY($1)", ids).Scan(&known); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids[1:] {
		if err := c.Host(ctx, "POST", "/messages", map[string]any{"from": ids[0], "toAccount": id, "text": "hello"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case got := <-told:
		if got != off {
			t.Errorf("told %s, who is online", got)
		}
	case <-ctx.Done():
		t.Fatal("nobody was told")
	}
	if len(told) > 0 {
		t.Errorf("told %s, too, who is online", <-told)
	}
}
