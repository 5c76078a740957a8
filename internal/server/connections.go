package server

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections bounds what a client can hold open without saying anything.
//
// A connection waits from its acceptance until its first request has come in whole,
// body included, again between two requests, and while a part of an answer is being
// written, which ends at once where the client reads. At most so many wait; one more
// closes the one that has waited longest, and so does a new connection when all are
// taken. An honest client asks at once and is never the oldest of thousands, while
// ten thousand silent ones push each other out. While a body arrives, the wait
// begins again with every [progress] bytes, so that an upload does not count as
// silence, but a byte now and then does.
//
// Connections whose answer is being made (a long poll is) count against the second
// limit alone, past which nothing more is accepted. A WebSocket has left both:
// the limit of sessions is for it.
type connections struct {
	maxWaiting int
	slots      chan struct{} // one for every open connection; nil: no limit
	evicted    atomic.Uint64

	mu      sync.Mutex
	open    int
	waiting *list.List // of *waiting, longest first
	places  map[net.Conn]*list.Element
}

// waiting is a connection without a whole request, or whose answer is being written.
type waiting struct {
	conn  net.Conn
	since time.Time
	read  int // bytes of a body since then
}

const (
	// progress is how much of a body counts as a sign of life, in bytes.
	progress = 4 << 10
	// patience is how long a connection may be silent before it is closed for
	// another one, or by a drain.
	patience = time.Second
)

func newConnections(maxOpen, maxWaiting int) *connections {
	c := &connections{maxWaiting: maxWaiting, waiting: list.New(), places: map[net.Conn]*list.Element{}}
	if maxOpen > 0 {
		c.slots = make(chan struct{}, maxOpen)
	}
	return c
}

type connectionKey struct{}

// install makes the server report to c. A client has timeout to take a part of an
// answer.
func (c *connections) install(s *http.Server, timeout time.Duration) {
	s.ConnState = c.changed
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, ok := r.Context().Value(connectionKey{}).(net.Conn)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		x := &exchange{
			ResponseWriter: w, control: http.NewResponseController(w), timeout: timeout,
			writing: func() { c.wait(conn) }, written: func() { c.asked(conn) },
		}
		switch {
		case r.Body == nil || r.Body == http.NoBody:
			c.asked(conn)
		default:
			c.wait(conn)
			r = x.bound(r, func(n int) { c.progressed(conn, n) }, func() { c.asked(conn) })
		}
		next.ServeHTTP(x, r)
		x.end()
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

// wait makes the connection the last of those that wait.
func (c *connections) wait(conn net.Conn) {
	var oldest net.Conn
	c.mu.Lock()
	c.waitLocked(conn)
	if c.maxWaiting > 0 && c.waiting.Len() > c.maxWaiting {
		oldest = c.takeOldest()
	}
	c.mu.Unlock()
	c.evict(oldest)
}

func (c *connections) waitLocked(conn net.Conn) {
	if place := c.places[conn]; place != nil {
		c.waiting.Remove(place)
	}
	c.places[conn] = c.waiting.PushBack(&waiting{conn: conn, since: time.Now()})
}

// progressed notes that n bytes of a body have come.
func (c *connections) progressed(conn net.Conn, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place := c.places[conn]
	if place == nil {
		return
	}
	w := place.Value.(*waiting)
	if w.read += n; w.read >= progress {
		c.waitLocked(conn)
	}
}

// takeOldest takes out the one that has waited longest.
func (c *connections) takeOldest() net.Conn {
	w := c.waiting.Remove(c.waiting.Front()).(*waiting)
	delete(c.places, w.conn)
	return w.conn
}

func (c *connections) evict(conn net.Conn) {
	if conn == nil {
		return
	}
	c.evicted.Add(1)
	_ = conn.Close() // its reader ends and reports StateClosed
}

// takeSilent takes out the connection that has waited longest, if that is longer
// than patience. Otherwise it returns how long to wait before the next try.
func (c *connections) takeSilent() (net.Conn, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	front := c.waiting.Front()
	if front == nil {
		return nil, patience
	}
	if left := patience - time.Since(front.Value.(*waiting).since); left > 0 {
		return nil, left
	}
	return c.takeOldest(), 0
}

// closeSilent closes connections that have waited longer than patience, until ctx
// ends.
func (c *connections) closeSilent(ctx context.Context) {
	for {
		conn, wait := c.takeSilent()
		if conn != nil {
			_ = conn.Close()
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
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

// limit returns a listener whose connections are at most as many as there are slots.
func (c *connections) limit(l net.Listener) net.Listener {
	if c.slots == nil {
		return l
	}
	return &limited{Listener: l, connections: c, closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	connections *connections
	once        sync.Once
	closed      chan struct{}
}

// Accept returns a connection once there is a slot for it. While there is none, one
// connection waits here for a silent one to be closed, and the others wait in the
// kernel's queue.
func (l *limited) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for {
		select {
		case l.connections.slots <- struct{}{}:
			return conn, nil
		default:
		}
		silent, wait := l.connections.takeSilent()
		l.connections.evict(silent)
		if silent != nil {
			wait = patience // for its reader to end
		}
		select {
		case l.connections.slots <- struct{}{}:
			return conn, nil
		case <-l.closed:
			_ = conn.Close()
			return nil, net.ErrClosed
		case <-time.After(wait):
		}
	}
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
