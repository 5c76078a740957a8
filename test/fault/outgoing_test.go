package fault

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/test/ledger"
	"parley/test/postgres"
)

// TestKillWithSubscription kills the server under load while it posts events to a receiver that fails, is slow and lies. Every message
// of the history arrives at least once, in the order of its chat, and no other one does.
func TestKillWithSubscription(t *testing.T) {
	killWithSubscription(t)
}

// TestKillWithSubscriptionOnPostgreSQL kills the server, not the database.
func TestKillWithSubscriptionOnPostgreSQL(t *testing.T) {
	t.Setenv("PARLEY_DATABASE", postgres.Start(t).Create(t))
	killWithSubscription(t)
}

// arrival is the first arrival of an event.
type arrival struct {
	event   string // webhook-id
	body    string
	message string
	sysType int
	chat    string
}

// liar is a receiver that now and then fails, is slow, or refuses what it has stored.
type liar struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	events   map[string]string // webhook-id → body
	arrived  []arrival         // first arrivals, in their order
	requests int
}

func newLiar(t *testing.T) *liar {
	l := &liar{t: t, events: map[string]string{}}
	l.Server = httptest.NewServer(http.HandlerFunc(l.serve))
	t.Cleanup(l.Close)
	return l
}

func (l *liar) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed
	}
	l.mu.Lock()
	l.requests++
	n := l.requests
	l.mu.Unlock()
	switch n % 400 {
	case 100:
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	case 200:
		time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
	case 300:
		panic(http.ErrAbortHandler) // closes the connection
	}
	l.store(r.Header.Get("webhook-id"), string(body))
	if n%400 == 399 {
		http.Error(w, "a lie", http.StatusBadGateway)
	}
}

func (l *liar) store(id, body string) {
	var event struct {
		Type string
		Data struct {
			Chat struct {
				Group    string
				Accounts []string
			}
			Message struct {
				ID      string
				SysType int
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &event); err != nil {
		l.t.Errorf("an event is no JSON: %s", body)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if before, known := l.events[id]; known {
		if before != body {
			l.t.Errorf("the event %s came again as %s, was %s", id, body, before)
		}
		return
	}
	l.events[id] = body
	l.arrived = append(l.arrived, arrival{
		event: id, body: body, message: event.Data.Message.ID, sysType: event.Data.Message.SysType,
		chat: event.Data.Chat.Group + strings.Join(event.Data.Chat.Accounts, " "),
	})
}

func killWithSubscription(t *testing.T) {
	t.Helper()
	t.Setenv("PARLEY_OUTGOING_NETWORKS", "127.0.0.0/8")
	binary, folder := build(t), t.TempDir()
	enough := untilEnough(t)
	w, receiver := ledger.New(), newLiar(t)

	for round := 0; !enough(round); round++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		server, err := Start(ctx, binary, folder)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if err := w.Populate(ctx, server); err != nil {
				t.Fatal(err)
			}
			body := map[string]any{"url": receiver.URL, "kinds": []string{"message.sent"}}
			if err := server.Host(ctx, "POST", "/subscriptions", body, nil); err != nil {
				t.Fatal(err)
			}
		}
		kill := time.AfterFunc(time.Duration(2000+rand.IntN(1500))*time.Millisecond, server.Kill)
		w.Load(ctx, t, server)
		if kill.Stop() {
			t.Fatal("the load ended before the server was killed")
		}
		cancel()
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	server, err := Start(ctx, binary, folder)
	if err != nil {
		t.Fatal(err)
	}
	w.Settle(ctx, t, server)
	for waiting := 1; waiting > 0; {
		var all struct {
			Items []struct{ Waiting, DeadLetters int }
		}
		if err := server.Host(ctx, "GET", "/subscriptions", nil, &all); err != nil {
			t.Fatal(err)
		}
		if waiting = all.Items[0].Waiting; waiting > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		if all.Items[0].DeadLetters > 0 {
			t.Fatalf("%d events were given up", all.Items[0].DeadLetters)
		}
	}
	history := map[string][]string{} // chat → messages of people in their order
	w.Check(ctx, t, server, func(reader *ledger.Person, c ledger.Chat, rows []ledger.Row) {
		var ids []string
		for _, row := range rows {
			if row.SysType == 0 {
				ids = append(ids, row.ID)
			}
		}
		name := c.ID
		if c.Field == "accountid" {
			pair := []string{reader.ID, c.ID}
			slices.Sort(pair)
			name = strings.Join(pair, " ")
		}
		receiver.mu.Lock()
		defer receiver.mu.Unlock()
		history[name] = ids
	})
	if err := server.Stop(); err != nil {
		t.Errorf("after SIGTERM: got %v, want exit code 0", err)
	}
	if out, err := exec.Command(binary, "verify", "--data", folder).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}

	arrived := map[string][]string{}
	for _, a := range receiver.arrived {
		// The demo, whose people are others, speaks at each start.
		if _, known := history[a.chat]; known && a.sysType == 0 {
			arrived[a.chat] = append(arrived[a.chat], a.message)
		}
	}
	total := 0
	for chat, want := range history {
		total += len(want)
		if !slices.Equal(arrived[chat], want) {
			t.Errorf("chat %s: %d events arrived, want the %d messages of the history in their order", chat, len(arrived[chat]), len(want))
		}
	}
	t.Logf("%d messages arrived in %d requests", total, receiver.requests)
}
