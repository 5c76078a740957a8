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

// polling is the transport over HTTP requests: one GET waits for packets to the client, and
// POSTs contain packets of the client. The mu of the session guards it.
type polling struct {
	out     outbox
	get     *pendingGet
	posting bool
	body    *http.ResponseController // of the POST whose body is being read
	closing bool                     // ended; the next GET receives the close packet
	told    bool                     // ended; a GET has received the close packet
	leaving bool                     // the client has sent a close packet
	held    bool                     // ended; Shutdown waits until a GET has received the queue
	// farewell exists while a POST with a close packet waits for a GET that the client sent before
	// it. It is closed when the GET arrives.
	farewell chan struct{}
}

// pendingGet is a GET that has no answer yet.
type pendingGet struct {
	ready chan struct{} // of capacity 1; signals that there are packets to answer with

	// Guarded by the session's mu.
	done   bool
	frames []*Frame // the answer, set when done
	gone   bool     // the answer is HTTP 400 instead
	after  bool     // began after the WebSocket of an upgrade was opened
	late   bool     // began after the probe of an upgrade
}

func newPendingGet() *pendingGet { return &pendingGet{ready: make(chan struct{}, 1)} }

// signal wakes the goroutine of the GET. It never blocks: that goroutine may already have a signal and wait for the lock
// that the caller holds.
func (g *pendingGet) signal() {
	select {
	case g.ready <- struct{}{}:
	default:
	}
}

// wake wakes the GET if the queue is not empty. The GET takes the whole queue when it runs, which may be more than now.
func (p *polling) wake() {
	if p.get == nil || p.out.empty() {
		return
	}
	p.get.signal()
}

// answer ends the pending GET, if any, with the queued frames and then last.
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

// end closes the polling of a session. It reports whether packets are left for another GET.
func (p *polling) end(reason CloseReason) (lingers bool) {
	switch {
	case p.leaving && p.get == nil:
		p.farewell = make(chan struct{})
		return true
	case p.leaving || reason == CloseTransportClose:
		// The client has closed the session itself; its poll only needs an answer.
		p.answer(noopFrame)
	case reason.ownDecision() && (p.get == nil || !p.out.empty()):
		// Not in one answer with queued packets: current clients handle a message only after all
		// packets of the answer, so a close packet would come before the messages.
		p.answer()
		p.closing = true
		return true
	case p.get != nil:
		p.answer(closeFrame)
		p.told = reason.ownDecision()
	}
	return false
}

// lateTime is the time for POSTs that a client has sent before it received the close packet, which came over another
// connection. They are answered as any other, but their packets are dropped. With an error as the answer, clients would
// report a broken transport instead of the end.
const lateTime = time.Second

// noopInterval is the longest wait of a poll that began after the probe of an upgrade.
const noopInterval = 100 * time.Millisecond

// beginPoll makes a GET the pending one (v4 "Receiving data").
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
		p.closing, p.told = false, true
		s.endCandidate(s.reason, true)
		s.setTimer(s.server.now() + int64(lateTime))
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

// awaitPoll waits for the answer of g and writes it.
func (s *Session) awaitPoll(w http.ResponseWriter, r *http.Request, g *pendingGet, form pollForm) {
	liftTimeouts(w, r)
	var tick <-chan time.Time
	if g.late {
		timer := time.NewTimer(noopInterval)
		defer timer.Stop()
		tick = timer.C
	}
	polls := &s.server.stats.polls
	polls.Add(1)
	select {
	case <-g.ready:
	case <-tick:
	case <-r.Context().Done():
	}
	polls.Add(-1)
	s.mu.Lock()
	if !g.done {
		if r.Context().Err() != nil {
			// The queued packets would be lost with this answer, so the session is closed.
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

// liftTimeouts removes the timeouts of the http.Server for a poll, which takes long by design.
func liftTimeouts(w http.ResponseWriter, r *http.Request) {
	web, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || web.ReadTimeout <= 0 && web.WriteTimeout <= 0 {
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Time{})
}

// pollForm is the form of the answer to a GET.
type pollForm struct {
	base64 bool
	jsonp  string // the index of the callback, "" without JSONP
	// See Session.
	double, binaryText bool
}

// payloadBuffers holds buffers for the bodies of requests and responses. Large ones are not kept.
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

// needsBinary reports whether revision 3 needs the binary form for frames.
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
	// The caller must know whether the client has received it.
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// boundWrite limits the time for writing an answer. The write of a small answer can block, too, if a client sends many
// requests and reads no answers. net/http removes the deadline when it has sent the answer.
func boundWrite(w http.ResponseWriter, timeout time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout)) // not every ResponseWriter has deadlines
}

// smallBody is a size that fits into a buffer of net/http.
const smallBody = 2 << 10

// servePost handles the packets of a POST (v4 "Sending data").
func (s *Session) servePost(w http.ResponseWriter, r *http.Request, form pollForm) {
	p, refusal := s.beginPost()
	if refusal != nil {
		s.server.refuse(w, refusal)
		return
	}
	if p == nil {
		s.server.discardRest(http.NewResponseController(w), r)
		s.answerPost(w)
		return
	}
	buf := getPayloadBuffer()
	defer putPayloadBuffer(buf)
	refusal = s.readPost(w, r, p, buf)
	if refusal == nil {
		refusal = s.handlePost(r, *buf, form)
	}
	s.awaitFarewell(r, p)
	// Before the answer: the client may send the next POST as soon as it has the answer.
	s.mu.Lock()
	p.posting = false
	s.mu.Unlock()
	if refusal != nil {
		s.server.refuse(w, refusal)
		return
	}
	s.answerPost(w)
}

func (s *Session) answerPost(w http.ResponseWriter) {
	_ = writeBody(w, "text/html", []byte("ok"), s.server.options.WriteTimeout)
}

// farewellTime is the longest delay of a GET after a POST that closes the session and was sent
// later. The two requests use different connections.
const farewellTime = 200 * time.Millisecond

// awaitFarewell gives the poll of a client that closes the session a proper answer, even if the poll arrives last.
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

// beginPost returns nil and no error if the POST comes after the end of the session, see lateTime.
func (s *Session) beginPost() (*polling, *requestError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(s.server.now())
	p := s.polls
	switch {
	case p == nil:
		return nil, errBadRequest
	case s.closed.Load():
		return nil, s.refusalAfterEnd()
	case p.posting:
		s.close(CloseTransportError)
		return nil, errBadRequest
	}
	p.posting = true
	return p, nil
}

// refusalAfterEnd returns the answer to a POST that is handled after the end of the session; nil if it is late, see
// lateTime. The caller holds mu.
func (s *Session) refusalAfterEnd() *requestError {
	if s.reason.ownDecision() {
		return nil
	}
	return errUnknownSession
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

// beginBody sets the deadline for the body of a POST. If the session ends in the meantime, the body is not used.
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
	s.beginInput(nil)
	defer s.endInput()
	defer s.recoverHandler()
	if s.closed.Load() {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.refusalAfterEnd()
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

// undouble decodes text of a client that encodes UTF-8 twice. A client does so always or never: after a character that
// such text cannot contain, the text of the session is never decoded twice.
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
