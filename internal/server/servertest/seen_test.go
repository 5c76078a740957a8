package servertest

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
	"parley/test/nats"
	"parley/test/postgres"
)

// read makes a request of the host API that changes nothing.
func (s *Server) read(t *testing.T) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/organizations", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET /v1/organizations = %d", res.StatusCode)
	}
}

// hostSeen returns when the host system was last seen.
func hostSeen(t *testing.T, rules *chat.Service, key string) time.Time {
	t.Helper()
	app, err := rules.Application(t.Context(), chat.AppID(key))
	if err != nil {
		t.Fatal(err)
	}
	return app.SeenAt
}

// A read of a host system was not recorded, so that a system that only reads was shown as never used.
func TestLastUseIsStoredAtTheEnd(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *config.Config){
		"SQLite": func(*testing.T, *config.Config) {},
		"PostgreSQL": func(t *testing.T, c *config.Config) {
			c.Database = config.Database(postgres.Start(t, "fsync=off").Create(t))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, func(c *config.Config) { change(t, c) })
			if got := hostSeen(t, s.Chat, s.HostApp.App); !got.IsZero() {
				t.Fatalf("before the first use: seen at %v", got)
			}
			s.read(t)
			seen := hostSeen(t, s.Chat, s.HostApp.App)
			if seen.IsZero() {
				t.Error("the use is not known to the node itself")
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			d, err := server.OpenData(t.Context(), s.config, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if got := hostSeen(t, d.Chat, s.HostApp.App); !got.Equal(seen) {
				t.Errorf("after the stop: seen at %v, want %v", got, seen)
			}
		})
	}
}

// The other nodes show the last uses that a node stores when it stops.
func TestLastUseOfAnotherNode(t *testing.T) {
	n := newNodes(t)
	bus := nats.Start(t).URL()
	one, other := n.startNode(bus), n.startNode(bus)
	app, err := other.Chat.Application(t.Context(), chat.AppID(one.HostApp.App))
	if err != nil {
		t.Fatal(err)
	}
	id := string(app.ID) // the cache has applications by their ids
	if got := hostSeen(t, other.Chat, id); !got.IsZero() {
		t.Fatalf("before the first use: seen at %v", got)
	}
	one.read(t)
	seen := hostSeen(t, one.Chat, id)
	if err := one.Stop(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !hostSeen(t, other.Chat, id).Equal(seen); {
		if time.Now().After(deadline) {
			t.Fatalf("the other node: seen at %v, want %v", hostSeen(t, other.Chat, id), seen)
		}
	}
	other.Advance(time.Hour)
	other.read(t)
	if got := hostSeen(t, other.Chat, id); !got.After(seen.Add(30 * time.Minute)) {
		t.Errorf("after a later use: seen at %v, before %v", got, seen)
	}
}
