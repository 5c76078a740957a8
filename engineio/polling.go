package engineio

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// polling carries a session over HTTP requests: one GET waits for what is
// sent, POSTs bring what comes. Guarded by the session's mu.
type polling struct {
	out     outbox
	get     *pendingGet
	posting bool
	body    *http.ResponseController // of the POST whose body is being read
	closing bool                     // ended, and a GET is still to take the close packet
	leaving bool                     // the client has sent a close packet
	held    bool                     // ended, and Shutdown waits until a GET has taken out
	// farewell is there while the POST with it waits for the GET that it may have overtaken;
	// closed when that comes.
	farewell chan struct{}
}

// pendingGet is a GET that has no answer yet.
type pendingGet struct {
	ready chan struct{} // has room for one; something is there to answer with

	// Guarded by the session's mu.
	done   bool
	frames []*Frame // the answer, once done
	gone   bool     // the answer is HTTP 400 instead
	after  bool     // began after the WebSocket of an upgrade had come
	late   bool     // began while an upgrade was probed
}

func newPendingGet() *pendingGet { return &pendingGet{ready: make(chan struct{}, 1)} }

// signal lets the GET's goroutine look. It never blocks: that goroutine may have had a signal and be on its way
// to the lock that the caller holds.
func (g *pendingGet) signal() {
	select {
	case g.ready <- struct{}{}:
	default:
	}
}

// wake lets the GET go if there is something for it. It takes what there is then, which
// may be more.
func (p *polling) wake() {
	if p.get == nil || p.out.empty() {
		return
	}
	p.get.signal()
}

// answer ends the pending GET, if any, with what waits and then last.
func (p *polling) answer(last ...*Frame) {
	g := p.get
	if g == nil {
		return
	}
	g.frames = append(p.out.take(), last...)
	g.done = true
	p.get = nil
	g.signal()
}

// end closes the polling of a session. It reports whether there is something left for
// another GET to take.
func (p *polling) end(reason CloseReason) (lingers bool) {
	switch {
	case p.leaving && p.get == nil:
		p.farewell = make(chan struct{})
		return true
	case p.leaving || reason == CloseTransportClose:
		// The client knows; its poll only has to come to an end.
		p.answer(noopFrame)
	case reason.ownDecision() && (p.get == nil || !p.out.empty()):
		// Not in one answer with what waits: clients of today handle a message after the
		// packets that came with it, and then would have closed before they read it.
		p.answer()
		p.closing = true
		return true
	case p.get != nil:
		p.answer(closeFrame)
	}
	return false
}

// noopInterval is how long a poll may wait that began while an upgrade was probed.
const noopInterval = 100 * time.Millisecond

// beginPoll makes a GET the one that waits (v4 "Receiving data").
func (s *Session) beginPoll() (*pendingGet, *requestError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(s.server.now())
	p := s.polls
	switch {
	case p == nil:
		return nil, errBadRequest
	case s.closed.Load() && p.farewell != nil:
		g := newPendingGet()
		p.get = g
		p.answer(noopFrame)
		close(p.farewell)
		p.farewell = nil
		return g, nil
	case s.closed.Load() && !p.closing:
		return nil, errUnknownSession
	case s.closed.Load():
		g := newPendingGet()
		p.get = g
		if !p.out.empty() {
			p.answer()
			s.release()
			return g, nil
		}
		p.answer(closeFrame)
		p.closing = false
		s.endCandidate(s.reason, true)
		s.server.wheel.stop(s)
		s.server.forget(s)
		return g, nil
	case p.get != nil:
		s.close(CloseTransportError)
		return nil, errBadRequest
	}
	s.signs.Add(1)
	p.get = newPendingGet()
	p.get.after = s.candidate != nil
	p.get.late = s.candidate != nil && s.candidate.probed
	p.wake()
	return p.get, nil
}

// awaitPoll waits until g has its answer, and gives it.
func (s *Session) awaitPoll(w http.ResponseWriter, r *http.Request, g *pendingGet, form pollForm) {
	liftTimeouts(w, r)
	var tick <-chan time.Time
	if g.late {
		timer := time.NewTimer(noopInterval)
		defer timer.Stop()
		tick = timer.C
	}
	select {
	case <-g.ready:
	case <-tick:
	case <-r.Context().Done():
	}
	s.mu.Lock()
	if !g.done {
		if r.Context().Err() != nil {
			// What waits would be lost with this answer, so the session is.
			s.polls.get = nil
			s.close(CloseTransportError)
			s.mu.Unlock()
			return
		}
		if s.polls.out.empty() {
			s.polls.answer(noopFrame)
		} else {
			s.polls.answer()
		}
	}
	frames, gone := g.frames, g.gone
	form.double, form.binaryText = s.doublesText, s.binaryText
	s.mu.Unlock()
	if gone {
		s.server.refuse(w, errBadRequest)
		return
	}
	if err := s.writePoll(w, frames, form); err != nil {
		s.Close(CloseTransportError)
	}
}

// liftTimeouts keeps the timeouts of the http.Server from a poll, which takes long by design.
func liftTimeouts(w http.ResponseWriter, r *http.Request) {
	web, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || web.ReadTimeout <= 0 && web.WriteTimeout <= 0 {
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
}

// pollForm is how the answer to a GET is written.
type pollForm struct {
	base64 bool
	jsonp  string // the digits of the callback's index, "" for none
	// See Session.
	double, binaryText bool
}

// payloadBuffers are for bodies of requests and responses; those that have
// grown large are not kept.
var payloadBuffers = sync.Pool{New: func() any { return new([]byte) }}

const maxPooled = 64 << 10

func getPayloadBuffer() *[]byte { return payloadBuffers.Get().(*[]byte) }

func putPayloadBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		payloadBuffers.Put(b)
	}
}

// writePoll answers a GET with the payload of frames.
func (s *Session) writePoll(w http.ResponseWriter, frames []*Frame, form pollForm) error {
	buf := getPayloadBuffer()
	defer putPayloadBuffer(buf)
	body := (*buf)[:0]
	contentType := "text/plain; charset=UTF-8"
	switch {
	case s.protocol == 4:
		body = appendPayload4(body, frames)
	case form.base64 || form.jsonp != "" || !form.needsBinary(frames):
		body = appendPayload3(body, frames, form.double)
	default:
		body = appendPayload3Binary(body, frames)
		contentType = "application/octet-stream"
	}
	if form.jsonp != "" {
		contentType = "text/javascript; charset=UTF-8"
		body = appendJSONP(nil, form.jsonp, body)
	}
	*buf = body
	s.server.stats.bytesOut.Add(uint64(len(body)))
	return writeBody(w, contentType, body, s.server.options.WriteTimeout)
}

// needsBinary reports whether the text form of revision 3 will not do.
func (form pollForm) needsBinary(frames []*Frame) bool {
	for _, f := range frames {
		if f.binary || form.binaryText && !isASCII(f.packet()) {
			return true
		}
	}
	return false
}

func writeBody(w http.ResponseWriter, contentType string, body []byte, timeout time.Duration) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	boundWrite(w, timeout)
	if _, err := w.Write(body); err != nil || len(body) <= smallBody {
		return err
	}
	// The caller must learn whether the client has taken it.
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// boundWrite bounds the time in which a client takes an answer. Small answers can wait, too: for a client that sends one request
// after another and reads no answer. net/http lifts the deadline when it has sent the answer.
func boundWrite(w http.ResponseWriter, timeout time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout)) // not every ResponseWriter has deadlines
}

// smallBody is a size that fits into the buffers of net/http.
const smallBody = 2 << 10

// servePost takes the packets of a POST (v4 "Sending data").
func (s *Session) servePost(w http.ResponseWriter, r *http.Request, form pollForm) {
	p, refusal := s.beginPost()
	if refusal != nil {
		s.server.refuse(w, refusal)
		return
	}
	buf := getPayloadBuffer()
	defer putPayloadBuffer(buf)
	refusal = s.readPost(w, r, p, buf)
	if refusal == nil {
		refusal = s.handlePost(r, *buf, form)
	}
	s.awaitFarewell(r, p)
	// Before the answer: the client may send the next one as soon as it has it.
	s.mu.Lock()
	p.posting = false
	s.mu.Unlock()
	if refusal != nil {
		s.server.refuse(w, refusal)
		return
	}
	_ = writeBody(w, "text/html", []byte("ok"), s.server.options.WriteTimeout)
}

// farewellTime is how much later than a POST that closes the session a GET may come that was
// sent before it. They travel on different connections.
const farewellTime = 200 * time.Millisecond

// awaitFarewell lets a client that closes end its poll in order, even if the poll comes last.
func (s *Session) awaitFarewell(r *http.Request, p *polling) {
	s.mu.Lock()
	farewell := p.farewell
	s.mu.Unlock()
	if farewell == nil {
		return
	}
	timer := time.NewTimer(farewellTime)
	defer timer.Stop()
	select {
	case <-farewell:
	case <-timer.C:
	case <-r.Context().Done():
	}
	s.mu.Lock()
	p.farewell = nil
	s.mu.Unlock()
	s.server.wheel.stop(s)
	s.server.forget(s)
}

func (s *Session) beginPost() (*polling, *requestError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(s.server.now())
	p := s.polls
	switch {
	case p == nil:
		return nil, errBadRequest
	case s.closed.Load():
		return nil, errUnknownSession
	case p.posting:
		s.close(CloseTransportError)
		return nil, errBadRequest
	}
	p.posting = true
	return p, nil
}

// readPost reads the body into buf, within the limits of size and time.
func (s *Session) readPost(w http.ResponseWriter, r *http.Request, p *polling, buf *[]byte) *requestError {
	limit := s.server.options.MaxPayload
	control := http.NewResponseController(w)
	if r.ContentLength > int64(limit) {
		s.Close(ClosePayloadTooLarge)
		s.server.discardRest(control, r)
		return errTooLarge
	}
	if hasBody(r) {
		s.beginBody(p, control)
	}
	body := bytes.NewBuffer((*buf)[:0])
	_, err := body.ReadFrom(io.LimitReader(r.Body, int64(limit)+1))
	s.endBody(p)
	*buf = body.Bytes()
	s.server.stats.bytesIn.Add(uint64(len(*buf)))
	if err != nil {
		s.Close(CloseTransportError)
		return bodyError(err)
	}
	if len(*buf) > limit {
		s.Close(ClosePayloadTooLarge)
		s.server.discardRest(control, r)
		return errTooLarge
	}
	return nil
}

// beginBody gives the body of a POST its time. When the session ends meanwhile, the body is not used.
func (s *Session) beginBody(p *polling, control *http.ResponseController) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(s.server.options.WriteTimeout)) // not every ResponseWriter has deadlines
	p.body = control
}

func (s *Session) endBody(p *polling) {
	s.mu.Lock()
	p.body = nil
	s.mu.Unlock()
}

func (s *Session) handlePost(r *http.Request, body []byte, form pollForm) *requestError {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isBinary := mediaType == "application/octet-stream"
	decode := decodePayload4
	if s.protocol == 3 {
		decode = decodePayload3
	}
	switch {
	case form.jsonp != "":
		fields, err := url.ParseQuery(string(body))
		if err != nil || !fields.Has("d") {
			s.Close(CloseParseError)
			return errBadRequest
		}
		body = unescapeJSONP([]byte(fields.Get("d")))
	case isBinary && s.protocol == 4:
		// Revision 4 has no binary payloads.
		s.Close(CloseParseError)
		return errBadRequest
	case isBinary:
		decode = decodePayload3Binary
	}
	s.beginInput()
	defer s.endInput()
	defer s.recoverHandler()
	if s.closed.Load() {
		return errUnknownSession
	}
	anyBinary := false
	err := decode(body, func(p packet) bool {
		if s.protocol == 3 && !isBinary && !p.binary && !isASCII(p.data) {
			s.undouble(&p)
		}
		anyBinary = anyBinary || p.binary
		return s.handle(p)
	})
	if err != nil {
		s.Close(CloseParseError)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.binaryText = s.binaryText || isBinary && !anyBinary
	if s.closed.Load() && s.reason == CloseParseError {
		return errBadRequest
	}
	return nil
}

// undouble repairs text of a client that doubles it. A client has one habit or the other: once there
// was a character that doubled text does not have, nothing of it is doubled.
func (s *Session) undouble(p *packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.singleText {
		return
	}
	single, doubled := undoubleUTF8(p.data)
	if doubled {
		p.data, s.doublesText = single, true
	} else if !s.doublesText {
		s.singleText = bytes.ContainsFunc(p.data, func(r rune) bool { return r > 0xff })
	}
}
