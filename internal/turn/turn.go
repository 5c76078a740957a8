// Package turn shares a scarce resource among accounts: a [Queue] lets a bounded
// number of requests in at the same time, and takes the next one from each key in
// turn. A key is an account, an application or an address.
//
// So a key with a thousand requests delays another key's request by one of its own
// at most, not by a thousand. The work of a request that was let in is left to the
// caller.
package turn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// The refusals of [Queue.Enter].
var (
	ErrFull   = errors.New("turn: too many requests of this key are waiting")
	ErrClosed = errors.New("turn: queue closed")
)

// Limits bound a [Queue].
type Limits struct {
	Slots   int // requests that are in at the same time, of all keys; at least 1
	PerKey  int // of one key; 0: Slots
	Waiting int // requests of one key that wait; one more is refused; 0: no limit

	// AddressWaiting replaces Waiting for the keys of [Address]; 0: Waiting. Many
	// people can share an address.
	AddressWaiting int
}

// Queue lets requests in. The empty key is the process itself: it takes its turn
// like any other key, but PerKey and Waiting do not bound it. A Queue is safe for
// concurrent use.
type Queue struct {
	limits Limits

	mu      sync.Mutex
	in      int
	lines   map[string]*line // of the keys that are in or wait
	next    []*line          // those that wait, in the order of their turns
	waiting int
	waits   uint64
	waited  time.Duration
	closed  bool
}

// Stats are figures of a [Queue].
type Stats struct {
	In      int           // requests that are in now
	Waiting int           // requests that wait now
	Waits   uint64        // requests that have waited, since the start
	Waited  time.Duration // how long they have, in all
}

// Stats returns the present figures.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{q.in, q.waiting, q.waits, q.waited}
}

// line are the requests of one key.
type line struct {
	key     string
	in      int
	waiting []*request // the oldest first
}

type request struct {
	decided chan struct{} // closed when the request is let in or refused
	err     error         // why it was refused; set before decided is closed
}

// New returns a queue with these limits.
func New(l Limits) *Queue {
	l.Slots = max(l.Slots, 1)
	if l.PerKey <= 0 || l.PerKey > l.Slots {
		l.PerKey = l.Slots
	}
	return &Queue{limits: l, lines: map[string]*line{}}
}

// Enter waits for a turn of the key. The caller calls leave once, when it is done.
// Enter refuses with [ErrFull] at once, with [ErrClosed], and with the error of ctx
// when ctx ends before the request is let in.
func (q *Queue) Enter(ctx context.Context, key string) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, r, err := q.ask(key, true)
	if err != nil {
		return nil, err
	}
	if r != nil {
		defer q.hasWaited(time.Now())
		select {
		case <-r.decided:
		case <-ctx.Done():
			if q.withdraw(l, r) {
				return nil, ctx.Err()
			}
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	return func() { q.leave(l) }, nil
}

func (q *Queue) hasWaited(since time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waits++
	q.waited += time.Since(since)
}

// TryEnter is Enter for a request that does not wait: it refuses with [ErrFull] when
// it is not let in at once.
func (q *Queue) TryEnter(key string) (leave func(), err error) {
	l, _, err := q.ask(key, false)
	if err != nil {
		return nil, err
	}
	return func() { q.leave(l) }, nil
}

// Waiting returns how many requests wait, of all keys.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting
}

// Close refuses the requests that wait and all later ones. Requests that were let
// in may finish.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for _, l := range q.next {
		for _, r := range l.waiting {
			r.err = ErrClosed
			close(r.decided)
		}
		l.waiting = nil
		q.forget(l)
	}
	q.next, q.waiting = nil, 0
}

// ask lets the request in, or returns it waiting if it waits.
func (q *Queue) ask(key string, waits bool) (*line, *request, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, nil, ErrClosed
	}
	l := q.lines[key]
	if l == nil {
		l = &line{key: key}
		q.lines[key] = l
	}
	// While a slot is free, the requests that wait are kept by PerKey alone, so
	// this one overtakes nobody.
	if q.in < q.limits.Slots && q.mayEnter(l) {
		q.in++
		l.in++
		return l, nil, nil
	}
	if limit := q.limits.waiting(key); !waits || limit > 0 && len(l.waiting) >= limit {
		q.forget(l)
		return nil, nil, ErrFull
	}
	r := &request{decided: make(chan struct{})}
	l.waiting = append(l.waiting, r)
	q.waiting++
	if len(l.waiting) == 1 {
		q.next = append(q.next, l)
	}
	return l, r, nil
}

// waiting returns how many requests of the key may wait; 0: no limit.
func (l *Limits) waiting(key string) int {
	switch {
	case key == "":
		return 0
	case l.AddressWaiting > 0 && strings.HasPrefix(key, addressPrefix):
		return l.AddressWaiting
	}
	return l.Waiting
}

func (q *Queue) mayEnter(l *line) bool { return l.key == "" || l.in < q.limits.PerKey }

// withdraw takes a request out; false when it has been decided.
func (q *Queue) withdraw(l *line, r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(l.waiting, r)
	if i < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, i, i+1)
	q.waiting--
	if len(l.waiting) == 0 {
		q.next = slices.DeleteFunc(q.next, func(other *line) bool { return other == l })
		q.forget(l)
	}
	return true
}

func (q *Queue) leave(l *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.in--
	l.in--
	for q.in < q.limits.Slots {
		i := slices.IndexFunc(q.next, q.mayEnter)
		if i < 0 {
			break
		}
		q.admit(i)
	}
	q.forget(l)
}

// admit lets the oldest request of a line in. The rest of the line moves behind the
// other lines.
func (q *Queue) admit(i int) {
	l := q.next[i]
	q.next = slices.Delete(q.next, i, i+1)
	r := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	if len(l.waiting) > 0 {
		q.next = append(q.next, l)
	}
	q.waiting--
	q.in++
	l.in++
	close(r.decided)
}

// forget removes the line of a key that neither is in nor waits.
func (q *Queue) forget(l *line) {
	if l.in == 0 && len(l.waiting) == 0 {
		delete(q.lines, l.key)
	}
}

// Account returns the key of an account.
func Account(id string) string { return "account " + id }

// Application returns the key of an application of the host API.
func Application(id string) string { return "application " + id }

// Address returns the key of a network address, see [Peer]. Requests whose account is
// not known yet, such as log-ins, have it.
func Address(address string) string { return addressPrefix + address }

const addressPrefix = "address "

type contextKey struct{}

// For returns a context whose requests belong to the key.
func For(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, contextKey{}, key)
}

// KeyOf returns the key that a context belongs to, the empty one when [For] has
// named none.
func KeyOf(ctx context.Context) string {
	key, _ := ctx.Value(contextKey{}).(string)
	return key
}
