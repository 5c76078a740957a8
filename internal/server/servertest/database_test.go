package servertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/internal/config"
	"parley/socketio/socketiotest"
	"parley/test/postgres"
)

// While PostgreSQL was away, each failed request was an error in the log, the HTTP API answered
// "internal error", and /readyz said that the database cannot be written. While it stood still,
// requests waited one after the other.
func TestDatabaseAway(t *testing.T) {
	for name, fault := range map[string]struct{ begin, end func(*postgres.Server) error }{
		"stopped": {
			func(p *postgres.Server) error { p.Kill(syscall.SIGQUIT); return nil },
			(*postgres.Server).Run,
		},
		"frozen": {(*postgres.Server).Pause, (*postgres.Server).Continue},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := postgres.Start(t)
			address := database.Create(t)
			s := Start(t, func(c *config.Config) { c.Database = config.Database(address) })
			client := s.Connect(4, "websocket", s.Accounts[0].Token)
			request(t, s, client, "before")
			ready(t, s, http.StatusOK)

			if err := fault.begin(database); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = database.Continue() }() // it cannot end otherwise
			s.failsWithDatabase(t, client)
			if got, want := ready(t, s, http.StatusServiceUnavailable), "the database server does not answer, or refuses to work\n"; got != want {
				t.Errorf("/readyz: got %q, want %q", got, want)
			}
			s.failsWithDatabase(t, client) // and at once, now that this is known
			if got := strings.Count(s.Log(), "level=ERROR"); got != 1 {
				t.Errorf("the log has %d errors, want one", got)
			}

			if err := fault.end(database); err != nil {
				t.Fatal(err)
			}
			for !strings.Contains(s.Log(), "the database can be used again") {
				if ready(t, s, http.StatusOK); t.Context().Err() != nil {
					t.Fatal("the log does not say that the database is back")
				}
			}
			request(t, s, client, "after")
			if got := strings.Count(s.Log(), "level=ERROR"); got != 1 {
				t.Errorf("the log has %d errors after the fault, want one", got)
			}
		})
	}
}

// failsWithDatabase makes many requests at the same time, each of which fails with the text of a
// fault of the database.
func (s *Server) failsWithDatabase(t *testing.T, client *socketiotest.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var requests sync.WaitGroup
	for n := range 20 {
		text := fmt.Sprint("meanwhile ", n)
		for event, one := range map[string]struct {
			payload any
			want    string
		}{
			"send message":       {map[string]any{"touser": s.Accounts[1].ID, "msg": text, "type": 1, "waitingid": text}, "database error"},
			"send group message": {send(s, text), "database err"},
			"unread count":       {map[string]any{}, "internal error"}, // the protocol has no other text for it
		} {
			requests.Go(func() {
				answer, err := client.Request(ctx, event, one.payload)
				if got := fmt.Sprintf("%s", answer); err != nil || !strings.Contains(got, `"`+one.want+`"`) {
					t.Errorf("%s: got %s, %v, want %q", event, got, err, one.want)
				}
			})
		}
		for path, authorize := range map[string]func(*http.Request){
			"/messages?accountid=" + string(s.Accounts[1].ID): func(r *http.Request) { r.Header.Set("Authorization", "md_pss_id "+s.Accounts[0].Token) },
			"/api/search?query=hello":                         func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s.Accounts[0].Token) },
			"/v1/accounts/" + string(s.Accounts[1].ID):        func(r *http.Request) { r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret) },
		} {
			requests.Go(func() {
				if err := s.failsOver(ctx, path, authorize); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			})
		}
	}
	requests.Wait()
}

// failsOver returns an error unless the request is answered with a fault of the database.
func (s *Server) failsOver(ctx context.Context, path string, authorize func(*http.Request)) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	authorize(r)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode != http.StatusInternalServerError || !json.Valid(body) || !strings.Contains(string(body), `"database error"`) {
		return fmt.Errorf("got %s, %s, want 500 with database error", response.Status, body)
	}
	return nil
}
