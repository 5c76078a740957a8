package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// account returns a function that adds an account.
func account(id chat.AccountID) func(chat.Tx) error {
	return func(tx chat.Tx) error {
		return tx.CreateAccount(chat.Account{ID: id, Name: "Demo", Active: true, CreatedAt: time.UnixMilli(1)})
	}
}

func accounts(t *testing.T, s *store.Store) (ids []chat.AccountID) {
	t.Helper()
	if err := s.View(t.Context(), func(tx chat.Tx) error {
		all, err := tx.AccountPage("", 1000)
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestServerEnds ends the server in the middle of the work and starts it again. What
// was acknowledged is there, and the store goes on by itself.
func TestServerEnds(t *testing.T) {
	server := postgres.Start(t)
	s := open(t, store.Options{Database: server.Create(t)})
	acknowledged := 0
	for round := range 3 {
		for i := range 10 {
			if err := s.Update(t.Context(), account(chat.AccountID(fmt.Sprintf("%d-%d", round, i)))); err != nil {
				t.Fatal(err)
			}
			acknowledged++
		}
		server.Kill(syscall.SIGQUIT)
		if err := s.Update(t.Context(), account("lost")); err == nil {
			t.Error("an update was acknowledged while no server ran")
		}
		if err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.Account("0-0"); return err }); err == nil {
			t.Error("a view found something while no server ran")
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
		if got := len(accounts(t, s)); got != acknowledged {
			t.Errorf("got %d accounts after the restart, %d were acknowledged", got, acknowledged)
		}
	}
}

// TestServerFails lets the server fail in other ways while a store is open. Nothing hangs, nothing that was acknowledged is
// lost, and the store goes on by itself afterwards.
func TestServerFails(t *testing.T) {
	server := postgres.Start(t)
	// The limits of connections are not for the superuser.
	server.Exec(t, "CREATE ROLE limited LOGIN")
	server.Exec(t, "CREATE DATABASE limited TEMPLATE template0 OWNER limited")
	s := open(t, store.Options{Database: strings.Replace(server.URL("limited"), "parley@", "limited@", 1)})
	acknowledged := 0
	for _, fault := range []struct {
		name        string
		fails       int // updates
		begin, stop func()
	}{
		{
			"it is read-only", 1,
			func() {
				server.Exec(t, "ALTER SYSTEM SET default_transaction_read_only = on")
				server.Exec(t, "SELECT pg_reload_conf()")
			},
			func() {
				server.Exec(t, "ALTER SYSTEM RESET default_transaction_read_only")
				server.Exec(t, "SELECT pg_reload_conf()")
			},
		},
		{
			"it has no connection left", 2, // the first one notices that its connection has ended
			func() {
				server.Exec(t, "ALTER ROLE limited CONNECTION LIMIT 0")
				server.Exec(t, "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE usename = 'limited'")
			},
			func() { server.Exec(t, "ALTER ROLE limited CONNECTION LIMIT -1") },
		},
		{
			"it stands still", 1,
			func() {
				if err := server.Pause(); err != nil {
					t.Fatal(err)
				}
			},
			func() {
				if err := server.Continue(); err != nil {
					t.Fatal(err)
				}
			},
		},
	} {
		name := fault.name
		if err := s.Update(t.Context(), account(chat.AccountID("before "+name))); err != nil {
			t.Fatalf("before %s: %v", name, err)
		}
		acknowledged++
		fault.begin()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		// The first one may still be served, because the server reads its configuration in its own time.
		for n, failed := 0, 0; failed < fault.fails; n++ {
			err := s.Update(ctx, account(chat.AccountID(fmt.Sprintf("while %s %d", name, n))))
			if err != nil {
				t.Logf("while %s: %v", name, err)
				failed++
			} else {
				acknowledged++
			}
		}
		if ctx.Err() != nil {
			t.Errorf("while %s: an update hangs", name)
		}
		fault.stop()
		for n := 0; ; n++ {
			err := s.Update(ctx, account(chat.AccountID(fmt.Sprintf("after %s %d", name, n))))
			if err == nil {
				acknowledged++
				break
			}
			if ctx.Err() != nil {
				t.Fatalf("after %s: %v, want that the store goes on", name, err)
			}
		}
		cancel()
		if got := len(accounts(t, s)); got != acknowledged {
			t.Errorf("after %s: got %d accounts, %d were acknowledged", name, got, acknowledged)
		}
	}
}

// TestTwoNodes writes through two stores on one database. Each sees at once what the
// other one has written, although both remember rows.
func TestTwoNodes(t *testing.T) {
	url := postgres.Start(t).Create(t)
	a, b := open(t, store.Options{Database: url}), open(t, store.Options{Database: url})
	if err := a.Update(t.Context(), account("one")); err != nil {
		t.Fatal(err)
	}
	if err := b.Update(t.Context(), account("one")); !errors.Is(err, chat.ErrDuplicate) {
		t.Errorf("got %v, want that the account is there", err)
	}
	rename := func(s *store.Store, want, to string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			one, err := tx.Account("one")
			if err != nil {
				return err
			}
			if one.Name != want {
				t.Errorf("got name %q, want %q", one.Name, want)
			}
			one.Name = to
			return tx.UpdateAccount(one)
		}); err != nil {
			t.Fatal(err)
		}
	}
	rename(a, "Demo", "A")
	rename(b, "A", "B")
	rename(b, "B", "C")
	rename(a, "C", "D")
	rename(b, "D", "E")
}

// TestStoppedNode has a node hold its turn longer than the server allows. Others
// write meanwhile, and the node then writes in another transaction.
func TestStoppedNode(t *testing.T) {
	url := postgres.Start(t).Create(t)
	a, b := open(t, store.Options{Database: url}), open(t, store.Options{Database: url})
	began, resume := make(chan struct{}), make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		first := true
		stopped <- a.Update(context.Background(), func(tx chat.Tx) error {
			if _, err := tx.Account("nobody"); !errors.Is(err, chat.ErrNoRow) && first {
				return err
			}
			if first {
				first = false
				close(began)
				<-resume
			}
			return account("stopped")(tx)
		})
	}()
	<-began
	if err := b.Update(t.Context(), account("other")); err != nil {
		t.Errorf("another node could not write: %v", err)
	}
	close(resume)
	if err := <-stopped; err != nil {
		t.Errorf("the node that was stopped could not write: %v", err)
	}
	if err := a.Update(t.Context(), account("again")); err != nil {
		t.Errorf("the node cannot write after its pause: %v", err)
	}
	got := accounts(t, b)
	if fmt.Sprint(got) != "[again other stopped]" {
		t.Errorf("got accounts %v, want [again other stopped]", got)
	}
}

// silent returns the address of a server that accepts connections and never answers.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "postgres://parley@" + l.Addr().String() + "/db"
}

func TestRefusedDatabases(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	server.Exec(t, "CREATE DATABASE ascii TEMPLATE template0 ENCODING SQL_ASCII")
	server.Exec(t, "CREATE ROLE few LOGIN CONNECTION LIMIT 0")
	server.Exec(t, "CREATE ROLE locked LOGIN PASSWORD 'another'")
	server.Exec(t, `DO $$ BEGIN EXECUTE format(
		'COPY (VALUES (''host all locked all scram-sha-256''), (''host all all all trust'')) TO %L', current_setting('hba_file')); END $$`)
	server.Exec(t, "SELECT pg_reload_conf()")
	// A server that says of itself that it is older.
	old := server.Create(t)
	c, err := pgx.Connect(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), `CREATE SCHEMA old; CREATE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql AS $$
		SELECT CASE name WHEN 'server_version_num' THEN '140011' WHEN 'server_version' THEN '14.11' ELSE pg_catalog.current_setting(name) END $$`); err != nil {
		t.Fatal(err)
	}
	as := func(user string) string { return strings.Replace(server.URL("postgres"), "parley@", user+"@", 1) }
	for name, address := range map[string]string{
		`database "nothing" does not exist`:       server.URL("nothing"),
		"connection refused":                      "postgres://parley:secret@127.0.0.1:1/db",
		"invalid port":                            "postgres://parley:secret@127.0.0.1:port/db",
		"it is read-only":                         server.Create(t) + "?default_transaction_read_only=on",
		"its encoding is SQL_ASCII":               server.URL("ascii"),
		"its version is 14.11; parley needs 15":   old + "?search_path=old,pg_catalog",
		`too many connections for role "few"`:     as("few"),
		`password authentication failed for user`: as("locked:secret"),
		`role "nobody" does not exist`:            as("nobody"),
		"context deadline exceeded":               silent(t) + "?connect_timeout=1",
	} {
		s, err := store.Open(t.Context(), store.Options{Database: address})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: it was opened", name)
			continue
		}
		if !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want it to say %q and no password", err, name)
		}
	}
	url := server.Create(t)
	alone := open(t, store.Options{Database: url, Alone: true})
	if s, err := store.Open(t.Context(), store.Options{Database: url, Alone: true}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second server: got %v, want %v", err, store.ErrInUse)
		_ = s.Close()
	}
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Options{Database: url, Alone: true})
}
