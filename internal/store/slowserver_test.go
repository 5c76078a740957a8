package store_test

import (
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// TestSlowServer has another client keep the row that every transaction needs, and then a
// table that a read needs. Requests fail within the bound, and the store goes on by itself.
func TestSlowServer(t *testing.T) {
	store.ServersAnswerWithin(t, time.Second)
	url := postgres.Start(t, "fsync=off").Create(t)
	s := open(t, store.Options{Database: url})
	create := func(id chat.AccountID) error {
		return s.Update(t.Context(), func(tx chat.Tx) error {
			return tx.CreateAccount(chat.Account{ID: id, Name: "Demo", Active: true, CreatedAt: time.UnixMilli(1)})
		})
	}
	read := func(id chat.AccountID) error {
		return s.View(t.Context(), func(tx chat.Tx) error {
			_, err := tx.Account(id)
			return err
		})
	}
	if err := create("one"); err != nil {
		t.Fatal(err)
	}
	other := openServer(t, url)
	for _, lock := range []string{"LOCK TABLE commit_count", "LOCK TABLE account"} {
		held, err := other.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := held.ExecContext(t.Context(), lock); err != nil {
			t.Fatal(err)
		}
		if err := create("while it is locked"); err == nil {
			t.Errorf("%s: a write was acknowledged", lock)
		}
		if err := read("one"); (err != nil) != (lock == "LOCK TABLE account") {
			t.Errorf("%s: a read got %v", lock, err)
		}
		if err := held.Rollback(); err != nil {
			t.Fatal(err)
		}
		if err := read("while it is locked"); err != chat.ErrNoRow {
			t.Errorf("%s: got %v for what was not acknowledged, want %v", lock, err, chat.ErrNoRow)
		}
	}
	if err := create("after it"); err != nil {
		t.Error(err)
	}
	if err := read("after it"); err != nil {
		t.Error(err)
	}
}

// TestStoppedServer stops every process of the server, as a machine that hangs. Nobody
// answers then, not even with an error.
func TestStoppedServer(t *testing.T) {
	store.ServersAnswerWithin(t, time.Second)
	server := postgres.Start(t, "fsync=off")
	url := server.Create(t)
	s := open(t, store.Options{Database: url, Readers: 1})
	write := func() error {
		return s.Update(t.Context(), func(tx chat.Tx) error { return tx.MarkEverythingRead("nobody") })
	}
	// The snapshot is taken before the server stops: then the query alone has to wait.
	read := func(stop func()) error {
		return s.View(t.Context(), func(tx chat.Tx) error {
			if _, err := tx.Account("nobody"); err != chat.ErrNoRow {
				return err
			}
			stop()
			_, err := tx.Accounts([]chat.AccountID{"nobody", "nobody else"})
			return err
		})
	}
	for range 2 {
		if err := read(server.Stop); err == nil {
			t.Error("a read was answered while no process ran")
		}
		if err := write(); err == nil {
			t.Error("a write was acknowledged while no process ran")
		}
		if other, err := store.Open(t.Context(), store.Options{Database: url}); err == nil {
			t.Error("a store was opened while no process ran")
			_ = other.Close()
		}
		server.Continue()
		if err := write(); err != nil {
			t.Error(err)
		}
		if err := read(func() {}); err != nil {
			t.Error(err)
		}
	}
}
