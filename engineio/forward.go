package engineio

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Several servers can serve the clients of one address without sticky sessions. Each is a node with a name of its own, which
// its session ids begin with. A node that gets a request of another node's session passes it on:
//
//	client                entry node                               owner
//	GET …sid=b.x0…   →    origin, CORS, deadlines of the client
//	                      Options.Forward("b", …)             →    ServeForwarded: the session
//	                 ←                                        ←    the answer, or the WebSocket
//
// The entry node decides everything about the page and the connection of the client, the owner everything about the
// session. Handshakes are never passed on: the node that gets one owns the session.

// nodeSeparator ends the name of the node in a session id. It is in no name and in no random part.
const nodeSeparator = "."

// newID is the name of the node, if it has one, and a random part.
func (srv *Server) newID() string {
	if srv.options.Node == "" {
		return randomID()
	}
	return srv.options.Node + nodeSeparator + randomID()
}

// forward passes on a request for a session that this server does not have. If it cannot, the session is unknown, so that
// the client begins anew.
func (srv *Server) forward(w http.ResponseWriter, r *http.Request, q query) *requestError {
	node, _, isNamed := strings.Cut(q.sid, nodeSeparator)
	switch {
	case !isNamed || node == "" || node == srv.options.Node || srv.options.Forward == nil:
		return errUnknownSession
	case q.transport == transportWebSocket && !acceptable(r):
		tellVersion(w.Header(), r)
		return errBadRequest
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return errBadRequest
	}
	liftTimeouts(w, r)
	passed := *r
	var body *forwardedBody
	if r.Method == http.MethodPost && hasBody(r) {
		body = newForwardedBody(w, r, srv.options.WriteTimeout)
		defer body.end(srv)
		passed.Body = body
	} else {
		passed.Body, passed.ContentLength, passed.TransferEncoding = http.NoBody, 0, nil // read already, if there was one
	}
	if srv.options.Forward(node, boundedAnswer{w, srv.options.WriteTimeout}, &passed) {
		return nil
	}
	if body != nil {
		if err := body.failure(); err != nil {
			return bodyError(err)
		}
	}
	return errUnknownSession
}

// ServeForwarded serves a request that another node has passed on, on a listener that only the other nodes can use. Origins
// are not checked, no header for CORS is set, no session is opened, and nothing is passed on again.
func (srv *Server) ServeForwarded(w http.ResponseWriter, r *http.Request) {
	if hasBody(r) {
		srv.boundUnread(http.NewResponseController(w))
	}
	q, refusal := srv.readQuery(r)
	if refusal == nil {
		if s := srv.lookup(q.sid); s != nil {
			refusal = s.serve(w, r, q)
		} else {
			refusal = errUnknownSession
		}
	}
	srv.answer(w, refusal)
}

// Release asks a client of this server to leave the node that its requests come through, which is about to stop: a pending
// poll is answered, so that the next one goes elsewhere, and a session on a WebSocket ends as in [Server.Shutdown]. If a
// handler of the session runs, nothing happens yet, so that the client gets its answer. The caller tries again.
func (srv *Server) Release(sid string) {
	s := srv.lookup(sid)
	if s == nil {
		return
	}
	s.mu.Lock()
	isPolling := s.polls != nil
	if isPolling && !s.closed.Load() {
		if s.polls.out.empty() {
			s.polls.answer(noopFrame)
		} else {
			s.polls.answer()
		}
	}
	s.mu.Unlock()
	if !isPolling {
		s.closeIdle(CloseServerShutdown)
	}
}

// boundedAnswer gives each part of a forwarded answer the time that an answer of this server has.
type boundedAnswer struct {
	http.ResponseWriter
	timeout time.Duration
}

// WriteHeader is http.ResponseWriter's.
func (a boundedAnswer) WriteHeader(status int) {
	boundWrite(a.ResponseWriter, a.timeout)
	a.ResponseWriter.WriteHeader(status)
}

// Write is http.ResponseWriter's.
func (a boundedAnswer) Write(b []byte) (int, error) {
	boundWrite(a.ResponseWriter, a.timeout)
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a boundedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// forwardedBody is the body of a POST while it is passed on. The transport of an HTTP client reads it in a goroutine that may
// outlive the round trip, for example if the owner refuses the request before it has read all of it. net/http does
// not allow a read of the body after the handler has returned, so end waits for that goroutine.
type forwardedBody struct {
	body    io.ReadCloser
	control *http.ResponseController

	mu    sync.Mutex
	isEnd bool  // all has been read
	ended bool  // end was called
	err   error // of reading
}

func newForwardedBody(w http.ResponseWriter, r *http.Request, timeout time.Duration) *forwardedBody {
	b := &forwardedBody{body: r.Body, control: http.NewResponseController(w)}
	// This ends before the owner's time, because the answer to a body that stops is given here. Not every ResponseWriter
	// has deadlines.
	_ = b.control.SetReadDeadline(time.Now().Add(timeout - min(timeout/4, time.Second)))
	return b
}

// Read is io.Reader's.
func (b *forwardedBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.body.Read(p)
	switch {
	case err == io.EOF:
		b.isEnd = true
	case err != nil:
		b.err = err
	}
	return n, err
}

// Close does nothing: net/http closes the body of the client's request.
func (b *forwardedBody) Close() error { return nil }

// failure returns why the body could not be read, if that is so.
func (b *forwardedBody) failure() error {
	if !b.mu.TryLock() {
		return nil // it is being read
	}
	defer b.mu.Unlock()
	return b.err
}

// end stops the reading. What the client has still to send has the time of a body that is not used.
func (b *forwardedBody) end(srv *Server) {
	isReading := !b.mu.TryLock()
	if isReading {
		_ = b.control.SetReadDeadline(time.Unix(1, 0))
		b.mu.Lock()
	}
	defer b.mu.Unlock()
	b.ended = true
	// After a failure the deadline stays, see body.go; but not the one above.
	if !b.isEnd && (b.err == nil || isReading) {
		srv.boundUnread(b.control)
	}
}
