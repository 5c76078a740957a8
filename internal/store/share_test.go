package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/turn"
)

// One account's searches once held every turn, and others waited behind all of
// them. An account has one search under way, and others get the next turn.
func TestSearchesOfOneAccountLeaveTurnsToOthers(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), Searches: store.Share{Running: 1, Waiting: 2}})
	flood, other := turn.For(t.Context(), "flood"), turn.For(t.Context(), "other")
	running, end := make(chan struct{}, 3), make(chan struct{})
	ended := make(chan error)
	search := func() {
		ended <- s.Search(flood, func(chat.Tx) error {
			running <- struct{}{}
			<-end
			return nil
		})
	}
	go search()
	<-running
	ctx, cancel := context.WithCancel(flood)
	go func() { ended <- s.Search(ctx, nothing) }()
	go search()
	for s.WaitingSearches() < 2 {
		runtime.Gosched()
	}
	if err := s.Search(flood, nothing); !errors.Is(err, chat.ErrTooManyRequests) {
		t.Errorf("a fourth search of one account: got %v, want %v", err, chat.ErrTooManyRequests)
	}
	for what, do := range map[string]func(context.Context, func(chat.Tx) error) error{"search": s.Search, "view": s.View} {
		if err := do(other, nothing); err != nil {
			t.Errorf("%s of another account: %v", what, err)
		}
	}
	if err := s.View(flood, nothing); err != nil {
		t.Errorf("view of the account that searches: %v", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a search that was given up: got %v, want %v", err, context.Canceled)
	}
	if len(running) != 0 {
		t.Error("a second search of one account has begun beside the first")
	}
	close(end)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// One account cannot hold all connections for reading.
func TestViewsOfOneAccountLeaveReadersToOthers(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), Readers: 3, Reads: store.Share{Running: 2, Waiting: 1}})
	flood, other := turn.For(t.Context(), "flood"), turn.For(t.Context(), "other")
	running, end := make(chan struct{}, 3), make(chan struct{})
	ended := make(chan error)
	for range 3 {
		go func() {
			ended <- s.View(flood, func(chat.Tx) error {
				running <- struct{}{}
				<-end
				return nil
			})
		}()
	}
	<-running
	<-running
	for s.WaitingReads() < 1 {
		runtime.Gosched()
	}
	if err := s.View(flood, nothing); !errors.Is(err, chat.ErrTooManyRequests) {
		t.Errorf("a fourth view of one account: got %v, want %v", err, chat.ErrTooManyRequests)
	}
	if err := s.View(other, nothing); err != nil {
		t.Errorf("view of another account: %v", err)
	}
	if len(running) != 0 {
		t.Error("a third view of one account has begun beside two")
	}
	close(end)
	for range 3 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// A view went on to its end although nobody waited for it any more.
func TestViewEndsWithItsContext(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	err := s.Update(t.Context(), func(tx chat.Tx) error {
		for i := range 200 {
			if err := tx.CreateAccount(chat.Account{ID: chat.AccountID(fmt.Sprintf("a%03d", i))}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.View(ctx, func(tx chat.Tx) error {
		if all, err := tx.AccountPage("", 200); err != nil || len(all) != 200 {
			t.Errorf("before: got %d accounts, %v", len(all), err)
		}
		cancel()
		_, err := tx.AccountPage("", 200)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after: got %v, want %v", err, context.Canceled)
	}
	if err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.Account("a007"); return err }); err != nil {
		t.Errorf("the next view: %v", err)
	}
}
