package server

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio/rawio"
	"parley/internal/config"
)

// connections limits the connections whose client sends and reads nothing.
//
// A connection waits for its client in one of two ways:
//
//   - For a request: from its acceptance until its first request has come in whole,
//     body included, and again between two requests. While a body arrives, the wait
//     begins again with every [progress] bytes, so an upload does not count as
//     silent, but a client that sends single bytes does.
//   - For the reader of an answer: while a part of the answer is being written. The
//     write ends at once if the client reads. The wait begins again with every
//     [progress] bytes that the client reads, so a slow reader does not count as
//     stalled, but one that reads single bytes does.
//
// At most maxWaiting connections wait for a request. One more closes the connection that
// has waited longest. An ordinary client sends its request at once, so it is never the
// oldest of thousands, and silent clients close only each other's connections. When all
// connections are taken, a new one closes a silent one: a connection that has waited
// longer than [patience] for a request, or longer than the stall timeout for its reader.
// A drain also closes the silent ones; its stall timeout is at most [drainStall].
//
// The kernel is asked whether a client reads only when its wait has lasted that long.
//
// Connections whose answer is being made, such as long polls, count only against the
// number of all connections. Above that number no connection is accepted. A WebSocket
// counts against neither; the limit of sessions covers it.
type connections struct {
	maxWaiting   int
	stallTimeout time.Duration // see config.HTTP
	writeTimeout time.Duration // how long a Write may go on without progress
	slots        chan struct{} // one for every open connection; nil: no limit
	now          func() time.Time
	evicted      atomic.Uint64

	mu        sync.Mutex
	open      int
	asking    list.List // of *wait, for requests, the longest first
	answering list.List // of *wait, for readers of answers, the longest first
}

// wait is a connection's wait for its client.
type wait struct {
	conn  *connection
	place *list.Element // nil: the connection does not wait
	since time.Time
}

func (w *wait) begin(l *list.List, now time.Time) {
	w.end(l)
	w.since, w.place = now, l.PushBack(w)
}

func (w *wait) end(l *list.List) {
	if w.place != nil {
		l.Remove(w.place)
		w.place = nil
	}
}

const (
	// progress is the number of bytes of a body or an answer that count as a sign of life.
	progress = 4 << 10
	// patience is how long a connection may be silent before it is closed for
	// another one, or by a drain.
	patience = time.Second
	// drainStall is the stall timeout of a drain, which must be over before its own timeout.
	drainStall = 2 * time.Second
)

// newConnections applies the limits of the options. A client may read nothing of an answer
// for at most socket.write-timeout.
func newConnections(c config.Config) *connections {
	made := &connections{
		maxWaiting: c.HTTP.MaxWaiting, stallTimeout: c.HTTP.StallTimeout, writeTimeout: c.Socket.WriteTimeout, now: time.Now,
	}
	if c.HTTP.MaxConnections > 0 {
		made.slots = make(chan struct{}, c.HTTP.MaxConnections)
	}
	return made
}

type connectionKey struct{}

// install makes the server report to c. The server must serve the listener that
// [connections.limit] returns.
func (c *connections) install(s *http.Server) {
	s.ConnState = c.changed
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, conn)
	}
	next := s.Handler
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepted, _ := r.Context().Value(connectionKey{}).(net.Conn)
		conn, ok := trackedOf(accepted)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		x := &exchange{ResponseWriter: w, control: http.NewResponseController(w)}
		if r.Body == nil || r.Body == http.NoBody {
			c.asked(conn)
			next.ServeHTTP(x, r)
			return
		}
		c.ask(conn)
		r, body := x.bound(r, conn)
		conn.working.Store(true)
		next.ServeHTTP(x, r)
		// net/http reads the rest of the body, if any, before it sends the answer.
		if !body.whole {
			conn.working.Store(false)
		}
	})
}

// trackedOf returns the connection that the listener has made, which is below TLS if there is TLS.
func trackedOf(conn net.Conn) (_ *connection, ok bool) {
	if secured, ok := conn.(*tls.Conn); ok {
		if lower, ok := secured.NetConn().(*rawio.Lower); ok {
			conn = lower.Conn
		}
	}
	tracked, ok := conn.(*connection)
	return tracked, ok
}

func (c *connections) changed(conn net.Conn, state http.ConnState) {
	tracked, ok := trackedOf(conn)
	if !ok {
		return
	}
	switch state {
	case http.StateNew:
		c.add(1)
		c.ask(tracked)
	case http.StateIdle:
		c.ask(tracked)
	case http.StateClosed, http.StateHijacked:
		c.asked(tracked)
		c.add(-1)
		if c.slots != nil {
			<-c.slots
		}
	case http.StateActive:
		// A request begins only with its complete header, so a slow header continues to wait.
	}
}

// ask begins the wait for a request.
func (c *connections) ask(conn *connection) {
	conn.working.Store(false)
	var oldest *connection
	c.mu.Lock()
	c.askLocked(conn)
	if c.maxWaiting > 0 && c.asking.Len() > c.maxWaiting {
		oldest = c.oldestLocked()
		c.takeLocked(oldest)
	}
	c.mu.Unlock()
	c.evict(oldest)
}

func (c *connections) askLocked(conn *connection) {
	conn.read = 0
	conn.request.begin(&c.asking, c.now())
}

// oldestLocked returns the connection that has waited longest for a request, or nil if
// all connections in the list are being served.
func (c *connections) oldestLocked() *connection {
	for range c.asking.Len() {
		conn := c.asking.Front().Value.(*wait).conn
		if !conn.working.Load() {
			return conn
		}
		c.askLocked(conn)
	}
	return nil
}

// progressed records that n bytes of a body have arrived.
func (c *connections) progressed(conn *connection, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn.request.place == nil {
		return
	}
	if conn.read += n; conn.read >= progress {
		c.askLocked(conn)
	}
}

// asked ends the wait for a request.
func (c *connections) asked(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.request.end(&c.asking)
}

// beginAnswer begins the wait for the client to read a part of an answer. The limit of
// waiting connections includes these, but closes only a stalled one.
func (c *connections) beginAnswer(conn *connection, base intake) {
	var stalled *connection
	c.mu.Lock()
	conn.base = base
	conn.answer.begin(&c.answering, c.now())
	if c.maxWaiting > 0 && c.answering.Len() > c.maxWaiting {
		stalled, _ = c.stalledLocked()
		c.takeLocked(stalled)
	}
	c.mu.Unlock()
	c.evict(stalled)
}

func (c *connections) endAnswer(conn *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.answer.end(&c.answering)
}

// takeLocked removes the connection, if any, from those that wait.
func (c *connections) takeLocked(conn *connection) {
	if conn != nil {
		conn.request.end(&c.asking)
		conn.answer.end(&c.answering)
	}
}

func (c *connections) evict(conn *connection) {
	if conn == nil {
		return
	}
	c.evicted.Add(1)
	_ = conn.Close() // its reader or writer ends, and StateClosed is reported
}

// takeSilent removes and returns a silent connection, if possible one that waits for a
// request. If there is none it returns how long to wait before the next try.
func (c *connections) takeSilent() (*connection, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	silent, left := c.silentLocked()
	if silent == nil {
		var next time.Duration
		silent, next = c.stalledLocked()
		left = min(left, next)
	}
	c.takeLocked(silent)
	return silent, left
}

// silentLocked returns the connection that has waited longest for a request, if it has
// waited longer than patience. Otherwise it returns the time until there may be one.
func (c *connections) silentLocked() (*connection, time.Duration) {
	now := c.now()
	for front := c.asking.Front(); front != nil; front = c.asking.Front() {
		w := front.Value.(*wait)
		if left := patience - now.Sub(w.since); left > 0 {
			return nil, left
		}
		if !w.conn.working.Load() {
			return w.conn, 0
		}
		c.askLocked(w.conn)
	}
	return nil, patience
}

// stalledLocked is silentLocked for readers of answers.
func (c *connections) stalledLocked() (*connection, time.Duration) {
	now := c.now()
	for front := c.answering.Front(); front != nil; front = c.answering.Front() {
		w := front.Value.(*wait)
		if left := c.stallTimeout - now.Sub(w.since); left > 0 {
			return nil, left
		}
		intake := w.conn.intake()
		if !intake.exceeds(w.conn.base) {
			return w.conn, 0
		}
		w.conn.base = intake
		w.begin(&c.answering, now)
	}
	return nil, patience
}

// hurry shortens the stall timeout for a drain.
func (c *connections) hurry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stallTimeout = min(c.stallTimeout, drainStall)
}

// closeSilent closes the connections that are silent, until ctx ends.
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

func (c *connections) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += n
}

// count returns the number of connections, and how many of them wait for a request.
func (c *connections) count() (open, waiting int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open, c.asking.Len()
}

// limit returns a listener that has at most as many connections as there are slots.
func (c *connections) limit(l net.Listener) net.Listener { return c.limitTLS(l, nil) }

// limitTLS is limit for connections that speak TLS. The limits apply below it: to the handshake, and to what a client takes of the
// encrypted answer.
func (c *connections) limitTLS(l net.Listener, secure *tls.Config) net.Listener {
	return &limited{Listener: l, connections: c, tls: secure, closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	connections *connections
	tls         *tls.Config // nil: none
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
	if !l.takeSlot() {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	tracked := l.connections.newConnection(conn)
	if l.tls == nil {
		return tracked, nil
	}
	return tls.Server(&rawio.Lower{Conn: tracked}, l.tls), nil
}

// takeSlot returns false if the listener is closed.
func (l *limited) takeSlot() bool {
	if l.connections.slots == nil {
		return true
	}
	for {
		select {
		case l.connections.slots <- struct{}{}:
			return true
		default:
		}
		silent, wait := l.connections.takeSilent()
		l.connections.evict(silent)
		if silent != nil {
			wait = patience // for its reader or writer to end
		}
		select {
		case l.connections.slots <- struct{}{}:
			return true
		case <-l.closed:
			return false
		case <-time.After(wait):
		}
	}
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
