package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gate is an update that holds the writing goroutine until it is opened.
type gate struct {
	entered, open chan struct{}
	result        chan error
}

func newGate(t *testing.T, s *store.Store) *gate {
	t.Helper()
	g := &gate{make(chan struct{}), make(chan struct{}), make(chan error, 1)}
	go func() {
		g.result <- s.Update(context.Background(), func(chat.Tx) error {
			close(g.entered)
			<-g.open
			return nil
		})
	}()
	<-g.entered
	return g
}

// release opens the gate and waits until its update has returned.
func (g *gate) release(t *testing.T) {
	t.Helper()
	close(g.open)
	if err := <-g.result; err != nil {
		t.Errorf("gate: %v", err)
	}
}

// enqueue starts updates one after the other, so that they wait in this order.
func enqueue(ctx context.Context, s *store.Store, fns ...func(chat.Tx) error) []chan error {
	var results []chan error
	for _, fn := range fns {
		result := make(chan error, 1)
		waiting := s.Waiting()
		go func() { result <- s.Update(ctx, fn) }()
		for s.Waiting() == waiting { // the gate is shut: it can only grow
			runtime.Gosched()
		}
		results = append(results, result)
	}
	return results
}

func nothing(chat.Tx) error { return nil }

func create(id chat.AccountID) func(chat.Tx) error {
	return func(tx chat.Tx) error {
		if err := tx.CreateAccount(chat.Account{ID: id}); err != nil {
			return err
		}
		tx.Publish(chat.AllRead{Account: id})
		_, err := tx.Account(id) // so that the writer remembers it
		return err
	}
}

func exists(t *testing.T, s *store.Store, id chat.AccountID) bool {
	t.Helper()
	err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.Account(id); return err })
	if err != nil && !errors.Is(err, chat.ErrNoRow) {
		t.Fatal(err)
	}
	return err == nil
}

func TestBatch(t *testing.T) {
	var batches []store.Batch
	var events [][]chat.Event
	s := open(t, store.Options{
		Path: t.TempDir(), MaxBatch: 4,
		Publish:   func(e []chat.Event) { events = append(events, append([]chat.Event(nil), e...)) },
		Committed: func(b store.Batch) { batches = append(batches, b) },
	})
	g := newGate(t, s)
	refusal := errors.New("refused")
	results := enqueue(t.Context(), s,
		create("a"),
		func(tx chat.Tx) error {
			if err := create("refused")(tx); err != nil {
				return err
			}
			return refusal
		},
		func(tx chat.Tx) error { panic("in the middle of a batch") },
		create("b"),
		create("c"), // the fifth: the next batch
	)
	g.release(t)
	var errs []error
	for _, r := range results {
		errs = append(errs, <-r)
	}
	var panicked *store.PanicError
	if errs[0] != nil || errs[1] != refusal || !errors.As(errs[2], &panicked) || errs[3] != nil || errs[4] != nil {
		t.Errorf("got results %v", errs)
	}
	if panicked != nil && !strings.Contains(string(panicked.Stack()), "TestBatch") {
		t.Errorf("got a stack without the place of the panic:\n%s", panicked.Stack())
	}
	if got, want := fmt.Sprint(errs[2]), "store: panic in a transaction: string"; got != want {
		t.Errorf("got %q, want %q: the value may be the text of a message", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(events)
	if want := "[[{a []} {b []}] [{c []}]]"; got != want {
		t.Errorf("got events %s, want %s", got, want)
	}
	if len(batches) != 3 || batches[1].Functions != 4 || batches[1].Refused != 2 || batches[2].Functions != 1 {
		t.Errorf("got batches %+v", batches)
	}
}

func TestPublishBeforeRelease(t *testing.T) {
	published := make(chan struct{})
	let := make(chan struct{})
	s := open(t, store.Options{Path: t.TempDir(), Publish: func([]chat.Event) { close(published); <-let }})
	result := make(chan error, 1)
	go func() { result <- s.Update(context.Background(), create("a")) }()
	<-published
	if !exists(t, s, "a") {
		t.Error("published before it was committed")
	}
	select {
	case err := <-result:
		t.Errorf("update returned %v before its events were handed on", err)
	default:
	}
	close(let)
	if err := <-result; err != nil {
		t.Error(err)
	}
}

func TestPanicOfPublish(t *testing.T) {
	var log bytes.Buffer
	s := open(t, store.Options{
		Path: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Publish: func([]chat.Event) { panic("secret words") },
	})
	if err := s.Update(t.Context(), create("a")); err != nil {
		t.Errorf("what is durable was reported as %v", err)
	}
	if err := s.Update(t.Context(), nothing); err != nil {
		t.Errorf("the next one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !strings.Contains(got, "TestPanicOfPublish") || strings.Contains(got, "secret words") {
		t.Errorf("got log %s, want the place without the value", got)
	}
}

func TestQueueIsBounded(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), MaxWaiting: 2})
	g := newGate(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	first := enqueue(ctx, s, create("cancelled"))
	second := enqueue(t.Context(), s, create("waited"))
	if err := s.Update(t.Context(), create("one too many")); !errors.Is(err, store.ErrBusy) {
		t.Errorf("a full queue: got error %v, want %v", err, store.ErrBusy)
	}
	cancel()
	if err := <-first[0]; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: got error %v", err)
	}
	third := enqueue(t.Context(), s, create("took the place"))
	g.release(t)
	for _, r := range append(second, third...) {
		if err := <-r; err != nil {
			t.Error(err)
		}
	}
	for id, want := range map[chat.AccountID]bool{"cancelled": false, "waited": true, "one too many": false, "took the place": true} {
		if got := exists(t, s, id); got != want {
			t.Errorf("account %q: got stored %t, want %t", id, got, want)
		}
	}
}

// TestCancelledWhileRunning: the outcome of what has begun is a fact that the
// caller must learn.
func TestCancelledWhileRunning(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx chat.Tx) error {
		cancel()
		return create("a")(tx)
	})
	if err != nil || !exists(t, s, "a") {
		t.Errorf("got error %v, stored %t", err, exists(t, s, "a"))
	}
}

func TestCloseDrains(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	g := newGate(t, s)
	results := enqueue(t.Context(), s, create("a"), create("b"))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	g.release(t)
	for _, r := range results {
		if err := <-r; err != nil {
			t.Errorf("what waited: %v", err)
		}
	}
	wg.Wait()
	if err := s.Update(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("update after close: got error %v", err)
	}
	if err := s.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("view after close: got error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	again := open(t, store.Options{Path: s.Path()})
	if !exists(t, again, "a") || !exists(t, again, "b") {
		t.Error("what waited is not there after opening again")
	}
}

// TestFailedCommit breaks the commit by a reference that is only checked there.
func TestFailedCommit(t *testing.T) {
	published := 0
	var failed []store.Batch
	s := open(t, store.Options{
		Path:    t.TempDir(),
		Publish: func(e []chat.Event) { published += len(e) },
		Committed: func(b store.Batch) {
			if b.Err != nil {
				failed = append(failed, b)
			}
		},
	})
	if err := s.Update(t.Context(), create("before")); err != nil {
		t.Fatal(err)
	}
	damage(t, s.Path(), `CREATE TABLE trap (account TEXT REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED);
		CREATE TABLE nowhere (id TEXT PRIMARY KEY);
		CREATE TRIGGER trap AFTER INSERT ON account WHEN NEW.id = 'trapped' BEGIN INSERT INTO trap VALUES ('x'); END`)
	g := newGate(t, s)
	results := enqueue(t.Context(), s, create("innocent"), create("trapped"), create("bystander"))
	g.release0()
	for i, r := range results {
		if err := <-r; err == nil {
			t.Errorf("update %d: got no error from a commit that failed", i)
		}
	}
	for _, id := range []chat.AccountID{"innocent", "trapped", "bystander"} {
		if exists(t, s, id) {
			t.Errorf("account %q is stored after a commit that failed", id)
		}
		// The writer's memory must have forgotten it as well.
		if err := s.Update(t.Context(), func(tx chat.Tx) error { _, err := tx.Account(id); return err }); !errors.Is(err, chat.ErrNoRow) {
			t.Errorf("account %q in the writer's eyes: got error %v", id, err)
		}
	}
	if err := s.Update(t.Context(), create("after")); err != nil {
		t.Errorf("the next update: %v", err)
	}
	if published != 2 || len(failed) != 1 {
		t.Errorf("got %d events and %d failed batches, want 2 and 1", published, len(failed))
	}
}

// release0 opens a gate whose own fate does not matter.
func (g *gate) release0() {
	close(g.open)
	<-g.result
}

// TestLostTransaction: the engine may throw the whole transaction away in the
// middle of a batch. Who ran is told, who did not gets another one.
func TestLostTransaction(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	damage(t, s.Path(), `CREATE TRIGGER trap BEFORE INSERT ON account WHEN NEW.id = 'trapped' BEGIN SELECT RAISE(ROLLBACK, 'all of it'); END`)
	g := newGate(t, s)
	results := enqueue(t.Context(), s, create("before"), create("trapped"), create("after"))
	g.release0()
	for i, wantError := range []bool{true, true, false} {
		if err := <-results[i]; (err != nil) != wantError {
			t.Errorf("update %d: got error %v", i, err)
		}
	}
	for id, want := range map[chat.AccountID]bool{"before": false, "trapped": false, "after": true} {
		if got := exists(t, s, id); got != want {
			t.Errorf("account %q: got stored %t, want %t", id, got, want)
		}
	}
}

// TestLostWhileReading: a function that has written nothing may find the
// transaction gone, too. What ran after it was once stored all the same, each by
// itself, and then told to have failed.
func TestLostWhileReading(t *testing.T) {
	var events []chat.Event
	s := open(t, store.Options{Path: t.TempDir(), Publish: func(e []chat.Event) { events = append(events, e...) }})
	g := newGate(t, s)
	results := enqueue(t.Context(), s, create("before"), store.FailReading, create("after"))
	g.release0()
	for i, wantError := range []bool{true, true, false} {
		if err := <-results[i]; (err != nil) != wantError {
			t.Errorf("update %d: got error %v", i, err)
		}
	}
	for id, want := range map[chat.AccountID]bool{"before": false, "after": true} {
		if got := exists(t, s, id); got != want {
			t.Errorf("account %q: got stored %t, want %t", id, got, want)
		}
	}
	if want := []chat.Event{chat.AllRead{Account: "after"}}; !reflect.DeepEqual(events, want) {
		t.Errorf("got events %v, want %v", events, want)
	}
}

// TestUncommittedIsUnseen reads while a function that has written waits.
func TestUncommittedIsUnseen(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	written, let := make(chan struct{}), make(chan struct{})
	result := make(chan error, 1)
	go func() {
		result <- s.Update(context.Background(), func(tx chat.Tx) error {
			err := create("a")(tx)
			close(written)
			<-let
			return err
		})
	}()
	<-written
	if exists(t, s, "a") {
		t.Error("a reader saw what is not committed")
	}
	close(let)
	if err := <-result; err != nil {
		t.Error(err)
	}
	if !exists(t, s, "a") {
		t.Error("a reader did not see what is committed")
	}
}

// TestReadersAreBounded: a view waits for a connection, but not beyond its context.
func TestReadersAreBounded(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir(), Readers: 1})
	entered, let := make(chan struct{}), make(chan struct{})
	result := make(chan error, 1)
	go func() {
		result <- s.View(context.Background(), func(chat.Tx) error { close(entered); <-let; return nil })
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() { second <- s.View(ctx, nothing) }()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("a view without a connection: got error %v", err)
	}
	close(let)
	if err := <-result; err != nil {
		t.Error(err)
	}
	if err := s.View(t.Context(), nothing); err != nil {
		t.Error(err)
	}
}

// TestDurability pins the settings that the promise of Update rests on.
func TestDurability(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "mmap_size": "0"} {
		if got := store.WriterPragma(t, s, pragma); got != want {
			t.Errorf("%s: got %s, want %s", pragma, got, want)
		}
	}
}
