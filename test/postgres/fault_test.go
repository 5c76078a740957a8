package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

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

func TestRefusedDatabases(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for name, address := range map[string]string{
		`database "nothing" does not exist`: server.URL("nothing"),
		"connection refused":                "postgres://parley:secret@127.0.0.1:1/db",
		"invalid port":                      "postgres://parley:secret@127.0.0.1:port/db",
		"it is read-only":                   server.Create(t) + "?default_transaction_read_only=on",
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
