package forward

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Table implements [Peers] with a list that is set from time to time. A node that is not in the list may have joined a moment
// ago, so the list is then read again. Anybody can send the id of a node, so there is one reading in each refreshInterval, for
// all requests that wait for it.
type Table struct {
	// Read returns the addresses of all nodes. It may be nil.
	Read func(ctx context.Context) (map[string]string, error)

	mu        sync.RWMutex
	addresses map[string]string
	next      *reading // has not begun, so that more requests can wait for it
	last      *reading // that has begun or is the next one
}

// reading is one reading of the list.
type reading struct {
	before *reading
	began  time.Time
	done   chan struct{}
}

const (
	refreshInterval = 250 * time.Millisecond
	// refreshTime limits the reading of the list. Clients wait for it.
	refreshTime = 2 * time.Second
)

// Set replaces the list.
func (t *Table) Set(addresses map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addresses = maps.Clone(addresses)
}

// Address implements [Peers].
func (t *Table) Address(node string) (string, bool) {
	if address, ok := t.get(node); ok || t.Read == nil {
		return address, ok
	}
	t.mu.Lock()
	r, isMine := t.next, t.next == nil
	if isMine {
		r = &reading{before: t.last, done: make(chan struct{})}
		t.next, t.last = r, r
	}
	t.mu.Unlock()
	if isMine {
		t.read(r)
	} else {
		<-r.done
	}
	return t.get(node)
}

// read reads the list, after the reading before and refreshInterval after its begin.
func (t *Table) read(r *reading) {
	defer close(r.done)
	if r.before != nil {
		<-r.before.done
		time.Sleep(time.Until(r.before.began.Add(refreshInterval)))
		r.before = nil
	}
	t.mu.Lock()
	t.next = nil
	t.mu.Unlock()
	r.began = time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), refreshTime)
	defer cancel()
	if addresses, err := t.Read(ctx); err == nil {
		t.Set(addresses)
	}
}

func (t *Table) get(node string) (string, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	address, ok := t.addresses[node]
	return address, ok
}
