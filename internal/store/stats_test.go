package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

func TestStats_Reads(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), Readers: 1})
	// The indexer reads as well.
	if got := s.Stats(); got.Open != 2 || got.Readers != 1 || got.Reruns != 0 || got.Reconnects != 0 {
		t.Errorf("at the beginning: got %+v", got)
	}
	inside, finish := make(chan struct{}), make(chan struct{})
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		first <- s.View(context.Background(), func(chat.Tx) error {
			close(inside)
			<-finish
			return nil
		})
	}()
	<-inside
	go func() { second <- s.View(context.Background(), func(chat.Tx) error { return nil }) }()
	for s.Stats().Waiting == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the second read does not wait")
		}
	}
	if got := s.Stats(); got.Reading != 1 || got.Waiting < 1 {
		t.Errorf("while one reads: got %+v", got)
	}
	close(finish)
	if err := errors.Join(<-first, <-second); err != nil {
		t.Fatal(err)
	}
	for got := s.Stats(); got.Reading != 0 || got.Waiting != 0 || got.Waits == 0 || got.Waited <= 0; got = s.Stats() {
		if t.Context().Err() != nil {
			t.Fatalf("afterwards: got %+v", got)
		}
	}
}

func TestStats_Retries(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	s := open(t, store.Options{Database: url})
	account := chat.Account{ID: "a", Name: "Name", Active: true, CreatedAt: time.UnixMilli(1)}
	wrong := errors.New("wrong")
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return errors.Join(tx.CreateAccount(account), wrong) }); !errors.Is(err, wrong) {
		t.Fatalf("got %v", err)
	}
	if got := s.Stats(); got.Reruns != 1 || got.Reconnects != 0 {
		t.Errorf("after a write that failed: got %+v", got)
	}
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.CreateAccount(account) }); err != nil {
		t.Fatal(err)
	}
	// Transactions of the store itself, such as the indexer's, may have begun again, too.
	if got := s.Stats(); got.Reruns != 1 || got.Reconnects < 1 {
		t.Errorf("after the connections had broken: got %+v", got)
	}
}
