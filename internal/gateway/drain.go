package gateway

import (
	"context"
	"sync"
)

// gate counts the requests that are being worked on, and keeps later ones out
// once it is shut.
type gate struct {
	mu     sync.Mutex
	inside int
	shut   bool
	empty  chan struct{} // closed when it is shut and nobody is inside
}

func (g *gate) init() { g.empty = make(chan struct{}) }

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.inside++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.shut && g.inside == 0 {
		close(g.empty)
	}
}

func (g *gate) closed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shut
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return
	}
	g.shut = true
	if g.inside == 0 {
		close(g.empty)
	}
}

// Drain waits until every request that is being worked on is acknowledged. Those
// that come later are neither worked on nor answered: clients repeat them after
// they have reconnected. Log-ins go on, because a refused client would not come
// back. It returns ctx's error when that ends first.
func (g *Gateway) Drain(ctx context.Context) error {
	g.gate.close()
	select {
	case <-g.gate.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Enter counts a request that came over HTTP. [Gateway.Drain] waits until leave is called.
// Enter returns false, and counts nothing, when new requests are no longer served.
func (g *Gateway) Enter() (leave func(), ok bool) {
	return g.gate.leave, g.gate.enter()
}

// Close drains without waiting and cancels the running requests.
func (g *Gateway) Close() {
	g.gate.close()
	g.cancel()
}
