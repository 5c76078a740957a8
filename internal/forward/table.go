package forward

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Table is [Peers] made of a list that is set from time to time. A node that is not in it may have joined a moment ago, so
// the list is read again then, but not more often than each refreshInterval: anybody can send the id of a node.
type Table struct {
	// Read returns the addresses of all nodes. It may be nil.
	Read func(ctx context.Context) (map[string]string, error)
	// Now is the clock; nil: time.Now.
	Now func() time.Time

	mu        sync.RWMutex
	addresses map[string]string

	reading  sync.Mutex // held while the list is read
	lastRead time.Time
}

const (
	refreshInterval = 250 * time.Millisecond
	// refreshTime is how long the list may take to be read. Clients wait for it.
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
	// Those who wait here for another's reading find its result.
	t.reading.Lock()
	defer t.reading.Unlock()
	if address, ok := t.get(node); ok {
		return address, ok
	}
	now := time.Now
	if t.Now != nil {
		now = t.Now
	}
	if began := now(); began.Sub(t.lastRead) >= refreshInterval {
		ctx, cancel := context.WithTimeout(context.Background(), refreshTime)
		defer cancel()
		if addresses, err := t.Read(ctx); err == nil {
			t.Set(addresses)
		}
		t.lastRead = now()
	}
	return t.get(node)
}

func (t *Table) get(node string) (string, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	address, ok := t.addresses[node]
	return address, ok
}
