package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"parley/engineio/rawio"
)

// exchange is one request and its answer. It limits the time of a body that the
// handler does not read; [connection] limits the time of the answer.
type exchange struct {
	http.ResponseWriter
	control *http.ResponseController
}

// unreadTime limits the time of a body that no handler reads: net/http reads the
// rest of it before it sends the answer. A handler that reads a body sets a later
// deadline first, and does not reset it if it stops before the end of the body.
const unreadTime = 2 * time.Second

// bound gives the body of r its deadline. A request without a body gets none, because a
// deadline would cancel a long poll. net/http removes the deadline at the end of the body.
func (x *exchange) bound(r *http.Request, conn *connection) (_ *http.Request, body *arriving) {
	_ = x.control.SetReadDeadline(time.Now().Add(min(unreadTime, conn.connections.writeTimeout)))
	body = &arriving{ReadCloser: r.Body, conn: conn}
	// r is copied, because net/http uses the body of its own request.
	copied := *r
	copied.Body = body
	return &copied, body
}

// Hijack hands over the accepted connection itself, without the deadlines of
// [connection].
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := x.control.Hijack()
	switch c := conn.(type) {
	case *connection:
		conn = c.Conn
	case *tls.Conn:
		if lower, ok := c.NetConn().(*rawio.Lower); ok {
			if tracked, ok := lower.Conn.(*connection); ok {
				lower.Conn = tracked.Conn
			}
		}
	}
	return conn, buffered, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// arriving is the body of a request that a handler reads. The connection waits for
// the client only during a Read; between two reads the handler works.
type arriving struct {
	io.ReadCloser
	conn  *connection
	whole bool
}

func (a *arriving) Read(b []byte) (int, error) {
	a.conn.working.Store(false)
	n, err := a.ReadCloser.Read(b)
	a.conn.working.Store(true)
	switch {
	case errors.Is(err, io.EOF):
		a.whole = true
		a.conn.connections.asked(a.conn)
	case n > 0:
		a.conn.connections.progressed(a.conn, n)
	}
	return n, err
}
