package server

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// exchange bounds the time of one request and its answer, whatever its handler reads
// or writes: a client that stops in the middle of either would hold its connection
// for ever.
type exchange struct {
	http.ResponseWriter
	control  *http.ResponseController
	timeout  time.Duration
	own      bool // the handler has set a write deadline of its own
	hijacked bool

	// writing is called before a part of the answer is written, written after the last
	// part of a Write.
	writing, written func()
}

// unreadTime is how long a body may take that no handler reads: net/http reads the
// rest of it before it sends the answer. Handlers that want a body set a later
// deadline before they read it, and leave it when they have not read to the end.
const unreadTime = 2 * time.Second

// bound gives the body of r its deadline. There must be none without a body: it would
// cancel a long poll. net/http lifts it at the end of the body.
func (x *exchange) bound(r *http.Request, progress func(int), done func()) *http.Request {
	_ = x.control.SetReadDeadline(time.Now().Add(min(unreadTime, x.timeout)))
	// A copy, because net/http looks at the body of its own request.
	copied := *r
	copied.Body = &arriving{ReadCloser: r.Body, progress: progress, done: done}
	return &copied
}

// writeSize is the part of an answer that a client must take within the timeout, in
// bytes.
const writeSize = 32 << 10

func (x *exchange) Write(b []byte) (written int, err error) {
	defer x.written()
	for first := true; first || len(b) > 0; first = false {
		part := b[:min(len(b), writeSize)]
		if !x.own {
			_ = x.control.SetWriteDeadline(time.Now().Add(x.timeout))
		}
		x.writing()
		n, err := x.ResponseWriter.Write(part)
		written += n
		if err != nil {
			return written, err
		}
		b = b[len(part):]
	}
	return written, nil
}

// SetWriteDeadline is for handlers that set the deadline of their answer
// themselves. The zero time returns to the deadline of exchange.
func (x *exchange) SetWriteDeadline(deadline time.Time) error {
	x.own = !deadline.IsZero()
	return x.control.SetWriteDeadline(deadline)
}

// end gives the client its time for what net/http has kept in its buffers. net/http
// lifts the deadline when that is written.
func (x *exchange) end() {
	if !x.hijacked {
		x.writing()
		_ = x.control.SetWriteDeadline(time.Now().Add(x.timeout))
	}
}

// Hijack hands over the connection, which from then on has no deadline of ours.
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := x.control.Hijack()
	x.hijacked = err == nil
	return conn, buffered, err
}

// Unwrap lets [http.ResponseController] reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// arriving is a body that tells how it comes in.
type arriving struct {
	io.ReadCloser
	progress func(int)
	done     func()
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	switch {
	case errors.Is(err, io.EOF):
		a.done()
	case n > 0:
		a.progress(n)
	}
	return n, err
}
