package delivery

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
)

func text(n int) chat.Event {
	return chat.MessageSent{Posted: chat.Posted{Message: chat.Message{Content: chat.Content{Text: strings.Repeat("x", n)}}}}
}

// A full queue holds the caller up for a moment, then drops what can be read
// again, and never what keeps the hub right.
func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		q.init(10_000, 100*time.Millisecond)
		q.put([]chat.Event{text(8_000)})
		if got := q.put([]chat.Event{text(1_000)}); got {
			t.Error("dropped below the limit")
		}
		began := time.Now()
		if got := q.put([]chat.Event{text(1), chat.GroupMemberLeft{}}); !got {
			t.Error("did not say that it drops")
		}
		if got, want := time.Since(began), 100*time.Millisecond; got != want {
			t.Errorf("waited %v, want %v", got, want)
		}
		// While it drops, nobody waits again.
		if got := q.put([]chat.Event{text(1), chat.LoggedOut{}}); got || time.Since(began) > 100*time.Millisecond {
			t.Errorf("got %t after %v, want false at once", got, time.Since(began))
		}
		events, ok := q.take()
		if got, want := len(events), 4; got != want || !ok {
			t.Errorf("got %d events, want %d", got, want)
		}
		if _, dropped := q.stats(); dropped != 2 {
			t.Errorf("got %d dropped, want 2", dropped)
		}
		q.put([]chat.Event{text(1)})
		if events, _ := q.take(); len(events) != 1 {
			t.Errorf("got %d events after it was emptied, want 1", len(events))
		}
	})
}

// Events that are in no commit never hold anybody up.
func TestQueueOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		q.init(10_000, time.Hour)
		began := time.Now()
		q.offer([]chat.Event{text(20_000)})
		q.offer([]chat.Event{chat.Typed{}, chat.Typed{}})
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %v", waited)
		}
		if events, _ := q.take(); len(events) != 1 {
			t.Errorf("got %d events, want 1", len(events))
		}
		if _, dropped := q.stats(); dropped != 2 {
			t.Errorf("got %d dropped, want 2", dropped)
		}
		q.offer([]chat.Event{chat.Typed{}})
		if events, _ := q.take(); len(events) != 1 {
			t.Errorf("got %d events, want 1", len(events))
		}
		q.close()
		q.offer([]chat.Event{chat.Typed{}})
		if events, ok := q.take(); ok {
			t.Errorf("got %d events after the end", len(events))
		}
	})
}

// Room that appears while a caller waits is used.
func TestQueueWaitsForSpace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		q.init(10_000, time.Hour)
		q.put([]chat.Event{text(20_000)})
		go func() {
			time.Sleep(time.Second)
			q.take()
		}()
		if got := q.put([]chat.Event{text(1)}); got {
			t.Error("dropped although there was space")
		}
		if events, _ := q.take(); len(events) != 1 {
			t.Errorf("got %d events, want 1", len(events))
		}
		q.close()
		if _, ok := q.take(); ok {
			t.Error("a closed queue gives")
		}
	})
}

// The publisher may take what waits at the very moment at which a caller finds
// the queue full: the caller goes on at once. It once threw away the token that
// told so, and waited for the next one in vain.
func TestQueueHearsOfSpaceInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 5_000 {
			var q queue
			q.init(10_000, time.Hour)
			q.put([]chat.Event{text(20_000)})
			began := time.Now()
			go q.take()
			if q.put([]chat.Event{text(1)}) {
				t.Fatal("dropped although there was space")
			}
			if waited := time.Since(began); waited > 0 {
				t.Fatalf("waited %v for space that was there", waited)
			}
		}
	})
}
