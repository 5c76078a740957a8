package postgres_test

import (
	"context"
	"errors"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/test/postgres"
)

// TestStore is the suite of every store, on PostgreSQL.
func TestStore(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	storetest.Run(t, func(t testing.TB, publish func([]chat.Event)) storetest.Subject {
		s := open(t, store.Options{Database: server.Create(t), Publish: publish, Readers: 2})
		return storetest.Subject{Store: s, Verify: func(ctx context.Context) error {
			report, err := store.Verify(ctx, s)
			if err == nil && !report.OK() {
				err = errors.New(report.String())
			}
			return err
		}}
	})
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}
