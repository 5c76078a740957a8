package turn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// One account once had all the slots and everybody else waited behind a queue of
// its requests. The keys that wait are served in turn, one request of each.
func TestQueueServesKeysInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 1})
		first := enter(t, q, "a")
		var order []string
		var all sync.WaitGroup
		for _, key := range []string{"a", "a", "a", "b", "b", "c"} {
			all.Go(func() {
				leave := enter(t, q, key)
				order = append(order, key) // one is in at a time
				leave()
			})
			synctest.Wait()
		}
		if got := q.Waiting(); got != 6 {
			t.Errorf("waiting: got %d, want 6", got)
		}
		first()
		all.Wait()
		if want := []string{"a", "b", "c", "a", "b", "a"}; !slices.Equal(order, want) {
			t.Errorf("order: got %v, want %v", order, want)
		}
		empty(t, q)
	})
}

func TestQueueBoundsEachKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 3, PerKey: 2, Waiting: 1})
		one, two := enter(t, q, "a"), enter(t, q, "a")
		third := make(chan func())
		go func() { third <- enter(t, q, "a") }()
		synctest.Wait()
		if _, err := q.Enter(t.Context(), "a"); !errors.Is(err, ErrFull) {
			t.Errorf("a second one that waits: got %v, want %v", err, ErrFull)
		}
		// The free slot is everybody else's.
		other := enter(t, q, "b")
		for key, why := range map[string]string{"a": "its own", "c": "all"} { // c has no line yet
			if _, err := q.TryEnter(key); !errors.Is(err, ErrFull) {
				t.Errorf("without waiting, where %s slots are taken: got %v, want %v", why, err, ErrFull)
			}
		}
		select {
		case <-third:
			t.Fatal("a third request of one key was let in")
		default:
		}
		other()
		one()
		leave := <-third
		leave()
		if leave, err := q.TryEnter("a"); err != nil {
			t.Errorf("without waiting, where a slot is free: %v", err)
		} else {
			leave()
		}
		two()
		empty(t, q)
	})
}

// The process itself must not be refused by limits that are meant for others.
func TestQueueDoesNotBoundTheProcessItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 2, PerKey: 1, Waiting: 1})
		one, two := enter(t, q, ""), enter(t, q, "")
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() { enter(t, q, "")() })
		}
		synctest.Wait()
		if got := q.Waiting(); got != 5 {
			t.Errorf("waiting: got %d, want 5", got)
		}
		one()
		two()
		all.Wait()
		empty(t, q)
	})
}

func TestQueueForgetsWhoGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 1, Waiting: 1})
		leave := enter(t, q, "a")
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := q.Enter(ctx, "a")
			gone <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if _, err := q.Enter(ctx, "b"); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of its context: got %v, want %v", err, context.Canceled)
		}
		// Its place is free again, for somebody who stays.
		next := make(chan func())
		go func() { next <- enter(t, q, "a") }()
		synctest.Wait()
		leave()
		(<-next)()
		empty(t, q)
	})
}

func TestQueueRefusesOnceItIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 1})
		leave := enter(t, q, "a")
		refused := make(chan error)
		go func() {
			_, err := q.Enter(t.Context(), "b")
			refused <- err
		}()
		synctest.Wait()
		q.Close()
		if err := <-refused; !errors.Is(err, ErrClosed) {
			t.Errorf("waiting: got %v, want %v", err, ErrClosed)
		}
		if _, err := q.Enter(t.Context(), "a"); !errors.Is(err, ErrClosed) {
			t.Errorf("later: got %v, want %v", err, ErrClosed)
		}
		leave()
		empty(t, q)
	})
}

// Requests that come, go and give up at random leave nothing behind, and never
// more are in than may be.
func TestQueueUnderMany(t *testing.T) {
	const slots, perKey = 3, 2
	q := New(Limits{Slots: slots, PerKey: perKey, Waiting: 4})
	var mu sync.Mutex
	in := map[string]int{}
	change := func(key string, n int) {
		mu.Lock()
		defer mu.Unlock()
		in[key] += n
		in["all"] += n
		if in[key] > perKey || in["all"] > slots {
			t.Errorf("%d of %s are in, %d of all", in[key], key, in["all"])
		}
	}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			key := fmt.Sprint(i % 5)
			for n := range 200 {
				ctx, cancel := context.WithCancel(t.Context())
				if n%3 == 0 {
					go cancel()
				}
				if leave, err := q.Enter(ctx, key); err == nil {
					change(key, 1)
					change(key, -1)
					leave()
				}
				cancel()
			}
		})
	}
	all.Wait()
	empty(t, q)
}

func TestKeyOfContext(t *testing.T) {
	if got := KeyOf(t.Context()); got != "" {
		t.Errorf("without a key: got %q, want none", got)
	}
	if got := KeyOf(For(For(t.Context(), "a"), "b")); got != "b" {
		t.Errorf("got %q, want %q", got, "b")
	}
}

func BenchmarkQueue(b *testing.B) {
	q := New(Limits{Slots: 4, PerKey: 2, Waiting: 100})
	b.ReportAllocs()
	for b.Loop() {
		leave, err := q.Enter(b.Context(), "a")
		if err != nil {
			b.Fatal(err)
		}
		leave()
	}
}

func enter(t *testing.T, q *Queue, key string) func() {
	t.Helper()
	leave, err := q.Enter(t.Context(), key)
	if err != nil {
		t.Error(err)
		return func() {}
	}
	return leave
}

func empty(t *testing.T, q *Queue) {
	t.Helper()
	if q.in != 0 || q.waiting != 0 || len(q.lines) != 0 || len(q.next) != 0 {
		t.Errorf("left behind: %d in, %d waiting, %d lines, %d turns", q.in, q.waiting, len(q.lines), len(q.next))
	}
}

// Many people can share an address.
func TestAddressesHaveALimitOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 1, Waiting: 1, AddressWaiting: 2})
		release := enter(t, q, "")
		var waiting sync.WaitGroup
		for key, limit := range map[string]int{Account("a"): 1, Address("192.0.2.1"): 2} {
			for range limit {
				waiting.Go(func() { enter(t, q, key)() })
			}
			synctest.Wait()
			if _, err := q.Enter(t.Context(), key); !errors.Is(err, ErrFull) {
				t.Errorf("%s: one more than %d: got %v, want %v", key, limit, err, ErrFull)
			}
		}
		release()
		waiting.Wait()
		empty(t, q)
	})
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Slots: 1})
		leave, err := q.Enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wait sync.WaitGroup
		wait.Go(func() { // goes away
			if _, err := q.Enter(ctx, "b"); err == nil {
				t.Error("it was let in")
			}
		})
		wait.Go(func() {
			leave, err := q.Enter(t.Context(), "c")
			if err != nil {
				t.Error(err)
				return
			}
			leave()
		})
		synctest.Wait()
		if got := q.Stats(); got != (Stats{In: 1, Waiting: 2}) {
			t.Errorf("while two wait: got %+v", got)
		}
		time.Sleep(3 * time.Second)
		leave()
		wait.Wait()
		if got := q.Stats(); got != (Stats{Waits: 2, Waited: 4 * time.Second}) {
			t.Errorf("afterwards: got %+v, want one wait of a second and one of three", got)
		}
	})
}
