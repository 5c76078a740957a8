package engineio

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// If a handler does not read a body, net/http reads up to 256 KiB of it before it sends the answer, and without a read
// deadline it waits forever. So a request with a body has a deadline from its beginning to its end:
//
//  1. The body of a POST to a session has Options.WriteTimeout.
//  2. A body that is not used has unreadTime, from the beginning of the request or from the refusal.
//  3. After a failure the deadline is not removed: it ends the connection.
//
// A request without a body must have no read deadline: net/http reads on in the background, and its timeout would cancel
// a long poll. When a body has been read to its end, net/http removes the deadline itself and starts that background
// read.

// unreadTime is how long the rest of an unwanted body may take. Many clients read no answer before they have sent everything.
const unreadTime = 2 * time.Second

// unreadLimit is how much is read of a body that is too large.
const unreadLimit = 8 << 20

func hasBody(r *http.Request) bool { return r.Body != nil && r.Body != http.NoBody }

// boundUnread sets the deadline of a body that is not used.
func (srv *Server) boundUnread(control *http.ResponseController) {
	_ = control.SetReadDeadline(time.Now().Add(min(unreadTime, srv.options.WriteTimeout))) // not every ResponseWriter has deadlines
}

// discardBody reads the body of a request that should have none, so that net/http notices the end of the client during a poll.
func (srv *Server) discardBody(r *http.Request) *requestError {
	n, err := io.Copy(io.Discard, io.LimitReader(r.Body, int64(srv.options.MaxPayload)+1))
	switch {
	case err != nil:
		return bodyError(err)
	case n > int64(srv.options.MaxPayload):
		return errTooLarge
	}
	return nil
}

// discardRest reads the rest of a body that is too large. Otherwise the client would see a broken connection instead
// of the answer.
func (srv *Server) discardRest(control *http.ResponseController, r *http.Request) {
	srv.boundUnread(control)
	if r.Header.Get("Expect") != "" {
		return // this client waits, and reading would tell it to go on
	}
	_, _ = io.CopyN(io.Discard, r.Body, unreadLimit)
}

// bodyError is the answer to a body that did not come to its end.
func bodyError(err error) *requestError {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errSlowBody
	}
	return errBadRequest
}
