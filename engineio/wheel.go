package engineio

import (
	"sync"
	"time"
)

// wheelSlots is the number of slots. A timer that is further away than one turn of the wheel stays
// in its slot for several turns.
const wheelSlots = 512

// wheel calls the timers of sessions from one goroutine, which exists only while a timer is set.
// A call is at most one tick late and never early.
type wheel struct {
	tick  time.Duration
	now   func() int64 // nanoseconds since the server began
	start func(func()) // starts a goroutine that the server waits for
	quit  <-chan struct{}

	mu      sync.Mutex
	running bool
	count   int
	at      int64 // the tick that was handled last
	slots   [wheelSlots]wheelEntry
}

// wheelEntry is an element of the ring of a slot. wheel.mu guards it.
type wheelEntry struct {
	next, prev *wheelEntry
	session    *Session
	due        int64 // tick
}

func (w *wheel) init(tick time.Duration, now func() int64, start func(func()), quit <-chan struct{}) {
	w.tick, w.now, w.start, w.quit = tick, now, start, quit
	for i := range w.slots {
		w.slots[i].next, w.slots[i].prev = &w.slots[i], &w.slots[i]
	}
}

// set makes the wheel call s.onTimer once at time at, and replaces an earlier timer. The caller
// may hold s.mu.
func (w *wheel) set(s *Session, at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &s.timer
	w.unlink(e)
	if w.count == 0 {
		w.at = w.now() / int64(w.tick)
	}
	e.session = s
	e.due = max((at+int64(w.tick)-1)/int64(w.tick), w.at+1)
	head := &w.slots[e.due%wheelSlots]
	e.next, e.prev = head, head.prev
	head.prev.next, head.prev = e, e
	w.count++
	if !w.running {
		w.running = true
		w.start(w.run)
	}
}

// stop removes the timer of s.
func (w *wheel) stop(s *Session) {
	w.mu.Lock()
	w.unlink(&s.timer)
	w.mu.Unlock()
}

func (w *wheel) unlink(e *wheelEntry) {
	if e.next == nil {
		return
	}
	e.next.prev, e.prev.next = e.prev, e.next
	e.next, e.prev = nil, nil
	w.count--
}

// waiting returns the sessions with a timer.
func (w *wheel) waiting() []*Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*Session
	for i := range w.slots {
		for e := w.slots[i].next; e != &w.slots[i]; e = e.next {
			all = append(all, e.session)
		}
	}
	return all
}

func (w *wheel) run() {
	ticker := time.NewTicker(w.tick)
	defer ticker.Stop()
	var due []*Session
	for {
		select {
		case <-ticker.C:
		case <-w.quit:
			return
		}
		var more bool
		if due, more = w.turn(due[:0]); !more {
			return
		}
		now := w.now()
		for _, s := range due {
			s.onTimer(now)
		}
		clear(due)
	}
}

// turn removes and returns all due entries. more is false if no timer is left; the goroutine must then end.
func (w *wheel) turn(due []*Session) (_ []*Session, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == 0 {
		w.running = false
		return due, false
	}
	now := w.now() / int64(w.tick)
	// After a long pause of the process each slot is visited only once.
	for t := max(w.at+1, now-wheelSlots+1); t <= now; t++ {
		head := &w.slots[t%wheelSlots]
		for e := head.next; e != head; {
			next := e.next
			if e.due <= now {
				w.unlink(e)
				due = append(due, e.session)
			}
			e = next
		}
	}
	w.at = max(w.at, now)
	return due, true
}
