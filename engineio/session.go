package engineio

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Handshake is what the request said that opened a session.
type Handshake struct {
	Query      url.Values
	Header     http.Header // as far as Options.Headers has it; see Options.AllowedOrigins for Cookie
	RemoteAddr string
	Host       string
	Path       string
	Secure     bool // over TLS, as origin.IsSecure tells
	Time       time.Time
}

// Session is one client's connection, whatever carries it. Its methods are
// safe for concurrent use, in callbacks too.
//
// Two locks guard it, taken in this order:
//
//  1. input is held while something of the client is handled and while OnOpen or OnClose
//     run, so that callbacks come one at a time;
//  2. mu guards the fields below it. No callback runs under it; a write under it
//     never blocks.
type Session struct {
	server   *Server
	id       string
	protocol uint8
	shard    uint16
	// base64Polls: the request that opened polling had b64=1.
	base64Polls bool
	// touched belongs to the session's shard.
	touched bool

	input  sync.Mutex
	ending atomic.Bool   // Close waits for broadcasts
	closed atomic.Bool   // set under mu
	signs  atomic.Uint64 // see SignsOfLife

	mu        sync.Mutex
	reason    CloseReason // once closed
	corked    bool        // input is being handled: what is sent leaves when it ends
	apart     bool        // something of SendApart may wait
	pauses    int64       // see takePause
	opened    bool        // OnOpen has been called
	notified  bool        // OnClose has been or is being called
	pinged    bool        // revision 4: a ping waits for its pong
	due       int64       // when the next ping leaves, or when the client must have been heard
	timerAt   int64       // what the wheel has, no later than due
	ws        *wsConn     // carries the session, nil while it polls
	candidate *wsConn     // may become ws by an upgrade
	polls     *polling    // carries the session, nil on WebSocket
	value     any
	handshake *Handshake
	// Habits of polling clients of the 1.x generation, seen in what they send: text whose UTF-8 is doubled,
	// and text in binary payloads. They expect the same. Other clients show that they do not double.
	doublesText bool
	singleText  bool
	binaryText  bool

	timer wheelEntry
}

// ID is the session id. Who knows it can take part in a polling session, so it is a credential.
func (s *Session) ID() string { return s.id }

// Protocol is the revision of Engine.IO that the client speaks, 3 or 4.
func (s *Session) Protocol() int { return int(s.protocol) }

// Transport is "polling" or "websocket", what carries the session now.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls != nil {
		return transportPolling
	}
	return transportWebSocket
}

// Handshake is what the opening request said; nil after ReleaseHandshake and after OnClose.
func (s *Session) Handshake() *Handshake {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handshake
}

// ReleaseHandshake frees the handshake, which else stays in memory for as long as
// the session.
func (s *Session) ReleaseHandshake() {
	s.mu.Lock()
	s.handshake = nil
	s.mu.Unlock()
}

// SetValue keeps something of the layer above.
func (s *Session) SetValue(v any) {
	s.mu.Lock()
	s.value = v
	s.mu.Unlock()
}

// Value is what SetValue kept.
func (s *Session) Value() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// SignsOfLife counts the packets, heartbeats and polls of the client. Two equal
// figures mean that nothing has come in between; then it is unknown whether the
// client still receives anything.
func (s *Session) SignsOfLife() uint64 { return s.signs.Load() }

// Send queues frames with nothing in between and writes what the peer takes; it never
// blocks. While input of this session is handled, in OnOpen and OnMessage, what is
// sent leaves together once that ends. It returns false on a closed session, which
// it may also have closed as a slow consumer.
func (s *Session) Send(frames ...*Frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() || s.ending.Load() {
		return false
	}
	for _, f := range frames {
		s.queue(f)
	}
	if !s.corked || s.waiting() >= flushAbove {
		s.flush()
	}
	return s.checkQueue()
}

// SendApart is Send for the steps of a handshake: over WebSocket, what the callback sends
// after f leaves a few milliseconds later than f, so that the client gets it in another read.
// There are clients that await a handshake step by step, with a listener for each, in which
// Node's ws makes them miss what comes in the same read as the step before. A session has a few such pauses
// at once and one more a second; without one left, and where it is not called in a callback, it does nothing
// more than Send.
func (s *Session) SendApart(f *Frame) bool {
	s.mu.Lock()
	if s.corked && !s.closed.Load() && !s.ending.Load() && s.ws != nil {
		defer s.mu.Unlock()
		s.queueApart(&Frame{wire: f.wire, head: f.head, binary: f.binary, json: f.json})
		return s.checkQueue()
	}
	s.mu.Unlock()
	return s.Send(f)
}

// apartPause is what a client has for one read. openPause is the same between the 101 response and
// the open packet, and shorter because every client pays for it.
const (
	apartPause = 10 * time.Millisecond
	openPause  = 5 * time.Millisecond
)

// flushAbove is what may wait for the end of the input's handling, in bytes.
const flushAbove = 64 << 10

// Close sends the queued packets and then last, within a few seconds, and ends the session. Only the first reason
// counts. If the server ends a working session, earlier broadcasts to it are sent before last. Until they are, the
// session accepts nothing from either side, and OnClose is not called yet.
func (s *Session) Close(reason CloseReason, last ...*Frame) {
	if reason.ownDecision() && s.server.shards[s.shard].closeAfter(s, reason, last) {
		return
	}
	s.closeLast(reason, last)
}

// closeLast is Close without waiting for earlier broadcasts.
func (s *Session) closeLast(reason CloseReason, last []*Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return
	}
	for _, f := range last {
		s.queue(f)
	}
	if s.queued() > s.server.options.MaxQueue {
		reason = CloseSlowConsumer
	}
	s.close(reason)
}

// The methods from here on want mu held unless they say otherwise.

// queue appends f to what waits.
func (s *Session) queue(f *Frame) {
	s.server.stats.packetsOut.Add(1)
	if s.polls != nil {
		s.polls.out.push(f)
	} else if s.ws != nil {
		s.ws.push(f)
	}
}

// queueApart is queue for a frame that SendApart made or that nobody else has.
func (s *Session) queueApart(f *Frame) {
	f.apart = true
	s.apart = true
	s.queue(f)
}

// outbox is what waits on the transport that carries the session, nil before there is one.
func (s *Session) outbox() *outbox {
	if s.polls != nil {
		return &s.polls.out
	}
	if s.ws != nil {
		return &s.ws.out
	}
	return nil
}

// waiting is what a write would have to carry, in bytes.
func (s *Session) waiting() int {
	if o := s.outbox(); o != nil {
		return o.bytes
	}
	return 0
}

// queued is what Options.MaxQueue limits.
func (s *Session) queued() int {
	if o := s.outbox(); o != nil {
		return o.cost()
	}
	return 0
}

// flush makes what waits leave, as far as the peer takes it.
func (s *Session) flush() {
	if s.polls != nil {
		s.polls.wake()
	} else if s.ws != nil {
		s.ws.flush()
	}
}

// checkQueue closes the session if too much waits, after one more attempt to
// write it, and reports whether it is still open.
func (s *Session) checkQueue() bool {
	limit := s.server.options.MaxQueue
	if s.queued() <= limit {
		return !s.closed.Load()
	}
	s.flush()
	if s.queued() > limit {
		s.close(CloseSlowConsumer)
	}
	return !s.closed.Load()
}

// close ends the session and sees to it that OnClose is called.
func (s *Session) close(reason CloseReason) {
	s.closeWith(reason, reason.closeCode())
}

func (s *Session) closeWith(reason CloseReason, status uint16) {
	if s.closed.Load() {
		return
	}
	s.closed.Store(true)
	s.reason = reason
	s.server.stats.closing(s, reason)
	lingers, polled := false, false
	if s.polls != nil {
		polled = s.polls.get != nil
		lingers = s.polls.end(reason)
		if s.polls.body != nil {
			s.server.boundUnread(s.polls.body)
		}
	} else if s.ws != nil {
		lingers = s.ws.end(reason, status)
	}
	s.endCandidate(reason, polled && !lingers)
	if lingers || s.candidate != nil {
		s.setTimer(s.server.now() + int64(s.grace()))
	} else {
		s.server.wheel.stop(s)
	}
	if s.polls == nil || !lingers {
		s.server.forget(s)
	} else if s.polls.closing && !s.polls.out.empty() {
		s.polls.held = true
		s.server.sessionsRunning.Add(1)
	}
	if !s.corked {
		s.server.sessionsRunning.Go(func() {
			s.input.Lock()
			defer s.input.Unlock()
			s.deliverClose()
		})
	}
}

// endCandidate closes the candidate of a session that ends, unless the client must still be told of the end over it. A
// client whose probe was answered has stopped polling and sends nothing but 5. If its WebSocket were closed now, it would
// lose the queued packets, and clients of the 1.x generation would hang until their ping timeout. So the WebSocket stays
// until the 5 comes, and then carries the queued packets and the end, see upgrade. A GET that comes first takes them
// instead. told says that the answer to a GET has told the client.
func (s *Session) endCandidate(reason CloseReason, told bool) {
	c := s.candidate
	if c == nil || c.probed && !told && !reason.abrupt() && reason != CloseTransportClose {
		return
	}
	c.abandon()
	s.candidate = nil
}

// closeGrace is how long a closed session may take to hand over what was queued.
const closeGrace = 5 * time.Second

// answerGrace is how long a client that has been sent everything may take to answer the
// close of its WebSocket when the server shuts down: the shutdown waits for it.
const answerGrace = time.Second

// grace returns how long the closed session may take to end.
func (s *Session) grace() time.Duration {
	if s.ws != nil && s.candidate == nil && s.ws.out.empty() && s.reason == CloseServerShutdown {
		return answerGrace
	}
	return closeGrace
}

// setTimer has the wheel call onTimer at that time.
func (s *Session) setTimer(at int64) {
	s.timerAt = at
	s.server.wheel.set(s, at)
}

// startHeartbeat sets the first deadline, counted from the handshake.
func (s *Session) startHeartbeat(now int64) {
	s.due = now + int64(s.server.options.PingInterval)
	if s.protocol == 3 {
		s.due += int64(s.server.options.PingTimeout)
	}
	s.setTimer(s.due)
}

// heard notes that something has come from the client. In a session of revision 3,
// where every packet shows that the client is alive (v3 "Timeouts"), it moves the
// deadline.
func (s *Session) heard(now int64) {
	s.signs.Add(1)
	if s.protocol == 3 {
		s.due = now + int64(s.server.options.PingInterval+s.server.options.PingTimeout)
	}
}

// expire closes the session if its heartbeat is overdue. The wheel would do so a
// tick later; a request that comes in between must not be served.
func (s *Session) expire(now int64) {
	if !s.closed.Load() && (s.protocol == 3 || s.pinged) && now >= s.due {
		s.close(ClosePingTimeout)
	}
	if !s.closed.Load() && s.protocol == 4 && !s.pinged && now >= s.due+int64(s.server.options.PingTimeout) {
		s.close(ClosePingTimeout)
	}
}

// pong is the answer to a ping in revision 4: the next ping leaves an interval later.
func (s *Session) pong(now int64) {
	s.pinged = false
	s.due = now + int64(s.server.options.PingInterval)
	if s.due < s.timerAt {
		s.setTimer(s.due)
	}
}

// onTimer is called by the wheel, without mu.
func (s *Session) onTimer(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed.Load():
		s.endGrace()
		return
	case now < s.due:
	case s.protocol == 3 || s.pinged:
		s.close(ClosePingTimeout)
		return
	default:
		// Counted from when the ping was due, not from when it left; unless the
		// process stood still, which is not the client's fault.
		s.pinged = true
		s.due = max(s.due, now-int64(time.Second)) + int64(s.server.options.PingTimeout)
		s.queue(pingFrame)
		s.flush()
		if s.closed.Load() {
			return
		}
	}
	s.setTimer(s.due)
}

// endGrace gives up on a closed session whose peer has not taken what was queued.
func (s *Session) endGrace() {
	if s.ws != nil {
		s.ws.kill()
	}
	if s.polls != nil {
		s.release()
		s.server.forget(s)
	}
	if s.candidate != nil {
		s.candidate.kill()
		s.candidate = nil
	}
}

// release lets Shutdown go on without what a poll was to take: it has it, or has had its time.
func (s *Session) release() {
	if s.polls.held {
		s.polls.held = false
		s.server.sessionsRunning.Done()
	}
}

// beginInput is called, without any lock, before something of the client is
// handled; endInput after it.
func (s *Session) beginInput() {
	s.input.Lock()
	now := s.server.now()
	s.mu.Lock()
	s.corked = true
	s.heard(now)
	s.mu.Unlock()
}

func (s *Session) endInput() {
	s.mu.Lock()
	if s.apart {
		s.flushApart()
	}
	s.corked = false
	s.flush()
	closed := s.closed.Load()
	s.mu.Unlock()
	if closed {
		s.deliverClose()
	}
	s.input.Unlock()
}

// flushApart writes, with pauses, all but what follows the last frame of SendApart. It
// gives mu up meanwhile; input must be held.
func (s *Session) flushApart() {
	for s.ws != nil && s.ws.flushApart() {
		s.mu.Unlock()
		time.Sleep(apartPause)
		s.mu.Lock()
	}
	s.apart = false
}

// A session has so many pauses for SendApart at once, and one more after each apartEvery. A client that goes step by
// step takes a few; one that joins a hundred namespaces at once does not wait for its answers and would only be slowed down.
const (
	apartBurst = 8
	apartEvery = time.Second
)

// takePause takes a pause if the session has one left. pauses is the time at which it has all of them again.
func (s *Session) takePause() bool {
	now := s.server.now()
	after := max(s.pauses, now) + int64(apartEvery)
	if after > now+apartBurst*int64(apartEvery) {
		return false
	}
	s.pauses = after
	return true
}

// deliverOpen tells the handler of the session; input must be held.
func (s *Session) deliverOpen() {
	s.mu.Lock()
	s.opened = true
	s.mu.Unlock()
	defer s.recoverHandler()
	s.server.handler.OnOpen(s)
}

// deliverClose tells the handler of the end, once; input must be held.
func (s *Session) deliverClose() {
	s.mu.Lock()
	first := !s.notified
	s.notified = true
	opened, reason := s.opened, s.reason
	s.mu.Unlock()
	if !first {
		return
	}
	defer s.server.sessionsRunning.Done()
	defer s.server.told()
	// The session itself may stay, until a client that polls has taken what it is to get.
	defer s.ReleaseHandshake()
	defer s.recoverHandler()
	if opened {
		s.server.handler.OnClose(s, reason)
	}
}

// handle acts on a packet of an open session; input must be held, mu not. It returns
// false when nothing further of the client counts.
func (s *Session) handle(p packet) bool {
	if s.closed.Load() || s.ending.Load() {
		return false
	}
	s.server.stats.packetsIn.Add(1)
	switch p.kind {
	case packetMessage:
		s.server.handler.OnMessage(s, p.data, p.binary)
	case packetPing:
		// v4 "Heartbeat": the server sends the pings.
		if s.protocol == 4 {
			return s.refuse()
		}
		if len(p.data) == 0 {
			s.Send(pongFrame)
		} else {
			// v3 "2 ping": the pong has the same data.
			s.Send(newFrame(opText, packetPong, p.data))
		}
	case packetPong:
		if s.protocol == 3 {
			return s.refuse()
		}
		s.mu.Lock()
		s.pong(s.server.now())
		s.mu.Unlock()
	case packetClose:
		s.mu.Lock()
		if s.polls != nil {
			s.polls.leaving = true
		}
		s.close(CloseTransportClose)
		s.mu.Unlock()
	case packetNoop:
	default: // open is the server's, upgrade belongs to a probed WebSocket
		return s.refuse()
	}
	return !s.closed.Load() && !s.ending.Load()
}

func (s *Session) refuse() bool {
	s.Close(CloseParseError)
	return false
}

// recoverHandler is deferred around the handler's callbacks: a panic ends the session, not
// the process.
func (s *Session) recoverHandler() {
	v := recover()
	if v == nil {
		return
	}
	// A value of the handler's own may hold what a client has sent, which does not
	// belong in a log; an error of the runtime does not.
	text := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		text = err.Error()
	}
	s.server.options.Logger.Error("handler panicked", "panic", text, "stack", string(debug.Stack()))
	s.Close(CloseHandlerPanic)
}
