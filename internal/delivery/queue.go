package delivery

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"parley/internal/chat"
)

// queue holds the events that wait for the publisher, bounded in bytes.
type queue struct {
	limit int
	wait  time.Duration
	more  chan struct{} // holds a token when events may be there
	space chan struct{} // holds a token when some have been taken

	mu       sync.Mutex
	events   []chat.Event
	spare    []chat.Event // an emptied batch, used again
	bytes    int
	closed   bool
	dropping bool
	dropped  uint64
}

func (q *queue) init(limit int, wait time.Duration) {
	q.limit, q.wait = limit, wait
	q.more = make(chan struct{}, 1)
	q.space = make(chan struct{}, 1)
}

// put appends events and reports whether it has just begun to drop.
func (q *queue) put(events []chat.Event) (began bool) {
	q.mu.Lock()
	if q.bytes > q.limit && !q.dropping {
		// take tells of space under the lock: a token that is here now is stale,
		// one that comes after the lock is let go is meant for this caller.
		select {
		case <-q.space:
		default:
		}
		q.mu.Unlock()
		q.waitForSpace()
		q.mu.Lock()
	}
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	full := q.bytes > q.limit
	began = full && !q.dropping
	q.dropping = full
	for _, e := range events {
		if full && !indispensable(e) {
			q.dropped++
			continue
		}
		q.bytes += size(e)
		q.events = append(q.events, e)
	}
	signal(q.more)
	return began
}

// offer appends events unless the queue is full.
func (q *queue) offer(events []chat.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if q.bytes > q.limit {
		q.dropped += uint64(len(events))
		return
	}
	for _, e := range events {
		q.bytes += size(e)
		q.events = append(q.events, e)
	}
	signal(q.more)
}

func (q *queue) waitForSpace() {
	timer := time.NewTimer(q.wait)
	defer timer.Stop()
	select {
	case <-q.space:
	case <-timer.C:
	}
}

// take returns everything that waits, or false when the queue is closed and empty.
func (q *queue) take() ([]chat.Event, bool) {
	for {
		q.mu.Lock()
		if len(q.events) > 0 {
			events := q.events
			q.events, q.spare, q.bytes = q.spare[:0], nil, 0
			signal(q.space)
			q.mu.Unlock()
			return events, true
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil, false
		}
		<-q.more
	}
}

// recycle keeps the memory of a batch, unless it is that of a flood.
func (q *queue) recycle(events []chat.Event) {
	if cap(events) > 4096 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare = events[:0]
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.more)
}

func (q *queue) stats() (bytes int, dropped uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes, q.dropped
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// indispensable reports whether the hub would be wrong from then on without the
// event, and not only one client behind.
func indispensable(e chat.Event) bool {
	switch e.(type) {
	case chat.GroupEntered, chat.GroupMemberLeft, chat.GroupDissolved, chat.GroupPushSet, chat.LoggedOut, chat.AppChanged, missed:
		return true
	}
	return false
}

// size estimates the memory of an event.
func size(e chat.Event) int {
	const base, perAccount = 512, 64
	switch e := e.(type) {
	case chat.MessageSent:
		n := 2*base + len(e.Message.Text) + len(e.Message.File) + len(e.Message.Card) + len(e.Message.Location)
		if e.Quote != nil {
			n += base + len(e.Quote.Message.Text) + len(e.Quote.Message.File) + len(e.Quote.Message.Card)
		}
		return n + perAccount*(len(e.Gained)+len(e.Readers))
	case chat.Operated:
		return base + len(e.Payload)
	case chat.GroupEntered:
		return base + 4*perAccount*len(e.Added)
	case chat.GroupShaken:
		return base + perAccount*len(e.To)
	case chat.Attended:
		return base + perAccount*e.Count()
	case chat.Typed:
		return base + perAccount*len(e.To)
	case chat.Notified:
		return base + len(e.Notification.Text) + perAccount*len(e.Inboxes)
	}
	return base
}

func eventName(e chat.Event) string { return fmt.Sprintf("%T", e) }

// panicText describes a panic without data from clients. Errors of the runtime contain no
// such data; other values might.
func panicText(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", v)
}
