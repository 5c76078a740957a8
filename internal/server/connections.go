package server

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// connections bounds what a client can hold open without saying anything.
//
// A connection waits from its acceptance until its first request has come in
// whole, and again between two requests. At most so many wait; one more closes
// the one that has waited longest. An honest client asks at once and is
// never the oldest of thousands, while ten thousand silent ones push each other out.
//
// Connections that are being answered (a long poll is) count against the second
// limit alone, past which nothing more is accepted. A WebSocket has left both:
// the limit of sessions is for it.
type connections struct {
	maxWaiting int
	slots      chan struct{} // one for every open connection; nil: no limit
	evicted    atomic.Uint64

	mu      sync.Mutex
	open    int
	waiting *list.List // of net.Conn, longest first
	places  map[net.Conn]*list.Element
}

func newConnections(maxOpen, maxWaiting int) *connections {
	c := &connections{maxWaiting: maxWaiting, waiting: list.New(), places: map[net.Conn]*list.Element{}}
	if maxOpen > 0 {
		c.slots = make(chan struct{}, maxOpen)
	}
	return c
}

type connectionKey struct{}

// install makes the server report to c.
func (c *connections) install(s *http.Server) {
	s.ConnState = c.changed
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, ok := r.Context().Value(connectionKey{}).(net.Conn); ok {
			c.asked(conn)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *connections) changed(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		c.add(1)
		c.wait(conn)
	case http.StateIdle:
		c.wait(conn)
	case http.StateClosed, http.StateHijacked:
		c.asked(conn)
		c.add(-1)
		if c.slots != nil {
			<-c.slots
		}
	case http.StateActive:
		// The first byte of a request is no request: a slow header waits on.
	}
}

func (c *connections) wait(conn net.Conn) {
	var oldest net.Conn
	c.mu.Lock()
	if c.places[conn] == nil {
		c.places[conn] = c.waiting.PushBack(conn)
		if c.maxWaiting > 0 && c.waiting.Len() > c.maxWaiting {
			oldest, _ = c.waiting.Remove(c.waiting.Front()).(net.Conn)
			delete(c.places, oldest)
		}
	}
	c.mu.Unlock()
	if oldest != nil {
		c.evicted.Add(1)
		_ = oldest.Close() // its reader ends and reports StateClosed
	}
}

// asked takes the connection out of the waiting ones.
func (c *connections) asked(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if place := c.places[conn]; place != nil {
		c.waiting.Remove(place)
		delete(c.places, conn)
	}
}

func (c *connections) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += n
}

// count returns how many connections there are, and how many of them wait.
func (c *connections) count() (open, waiting int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.waiting.Len()
}

// limit returns a listener that accepts only while a slot is free.
func (c *connections) limit(l net.Listener) net.Listener {
	if c.slots == nil {
		return l
	}
	return &limited{Listener: l, slots: c.slots, closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	slots  chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
	}
	return conn, err
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
