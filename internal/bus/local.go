package bus

import (
	"context"
	"errors"
	"sync"
)

// Local is a bus within one process. It neither loses nor repeats messages.
type Local struct {
	mu    sync.Mutex
	nodes map[*localBus]Listener
}

// NewLocal returns a bus that nobody has joined.
func NewLocal() *Local { return &Local{nodes: map[*localBus]Listener{}} }

// Join returns the bus as one node sees it.
func (l *Local) Join(listener Listener) Bus {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := &localBus{l}
	l.nodes[b] = listener
	return b
}

type localBus struct{ all *Local }

var errLeft = errors.New("bus: closed")

func (b *localBus) Publish(m Message) error {
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	if b.all.nodes[b] == nil {
		return errLeft
	}
	m.Events = nil
	for other, listener := range b.all.nodes {
		if other != b {
			listener.Hear(m)
		}
	}
	return nil
}

func (b *localBus) Check(context.Context) error {
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	if b.all.nodes[b] == nil {
		return errLeft
	}
	return nil
}

func (b *localBus) Close(context.Context) error {
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	delete(b.all.nodes, b)
	return nil
}
