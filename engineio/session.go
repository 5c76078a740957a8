package engineio

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio/rawio"
)

// Handshake describes the request that opened a session.
type Handshake struct {
	Query      url.Values
	Header     http.Header // only the fields of Options.Headers; see Options.AllowedOrigins for Cookie
	RemoteAddr string
	Host       string
	Path       string
	Secure     bool // over TLS, as origin.IsSecure tells
	Time       time.Time
}

// Session is the connection of one client over any transport. Its methods are safe for
// concurrent use, also in callbacks.
//
// Two locks guard it, taken in this order:
//
//  1. input is held while a packet of the client is handled and while OnOpen or OnClose
//     runs, so that callbacks do not overlap;
//  2. mu guards the fields below it. No callback runs under it, and a write under it never
//     blocks.
type Session struct {
	server   *Server
	id       string
	protocol uint8
	shard    uint16
	// base64Polls is true if the request that opened polling had b64=1.
	base64Polls bool
	// touched belongs to the session's shard.
	touched bool

	input  sync.Mutex
	worker atomic.Pointer[rawio.Worker] // that runs a callback; nil: none runs, or a goroutine of its own runs it. Set under input
	ending atomic.Bool                  // Close was called and waits for earlier broadcasts
	closed atomic.Bool                  // set under mu
	signs  atomic.Uint64                // see SignsOfLife

	mu        sync.Mutex
	reason    CloseReason // set when closed
	corked    bool        // input is being handled; packets are written when it ends
	apart     int         // frames of SendApart that may be queued
	pauses    int64       // see takePause
	opened    bool        // OnOpen has been called
	notified  bool        // OnClose has been or is being called
	pinged    bool        // revision 4: a ping was sent and has no pong yet
	due       int64       // time of the next ping, or deadline for a packet of the client
	timerAt   int64       // time of the wheel's timer, not after due
	inputAt   int64       // when the handling of the latest input began
	ws        *wsConn     // carries the session, nil while it polls
	candidate *wsConn     // may become ws by an upgrade
	polls     *polling    // carries the session, nil on WebSocket
	value     any
	handshake *Handshake
	// Polling clients of the 1.x generation encode text as UTF-8 twice, or send text in binary payloads, and expect
	// the same from the server. Their payloads show which of these they do, or that they encode once.
	doublesText bool
	singleText  bool
	binaryText  bool

	timer wheelEntry
}

// ID returns the session id. Anybody with the id can use a polling session, so it is a credential.
func (s *Session) ID() string { return s.id }

// Protocol returns the revision of Engine.IO that the client speaks, 3 or 4.
func (s *Session) Protocol() int { return int(s.protocol) }

// Transport returns the present transport of the session, "polling" or "websocket".
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls != nil {
		return transportPolling
	}
	return transportWebSocket
}

// Handshake returns the handshake, or nil after ReleaseHandshake and after OnClose.
func (s *Session) Handshake() *Handshake {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handshake
}

// ReleaseHandshake frees the memory of the handshake. Otherwise it is kept as long as the
// session.
func (s *Session) ReleaseHandshake() {
	s.mu.Lock()
	s.handshake = nil
	s.mu.Unlock()
}

// SetValue stores a value of the caller in the session.
func (s *Session) SetValue(v any) {
	s.mu.Lock()
	s.value = v
	s.mu.Unlock()
}

// Value returns the value of the last SetValue.
func (s *Session) Value() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// SignsOfLife returns the number of packets, heartbeats and polls of the client. If it does not
// change between two calls, the client has sent nothing in between, and it is unknown whether
// it still receives packets.
func (s *Session) SignsOfLife() uint64 { return s.signs.Load() }

// Send queues frames one directly after the other, and writes as much as the peer accepts. It
// never blocks. Frames that are sent in OnOpen or OnMessage are written together when the
// callback ends. Send returns false if the session is closed. It closes a session whose queue is
// too long, as a slow consumer.
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

// SendApart is Send for the steps of a handshake. Over WebSocket, frames that the callback sends
// after f are written a few milliseconds later than f, so that the client receives them in
// another read. Some clients wait for each step with a new listener, and with Node's ws they
// miss a packet that arrives in the same read as the step before it. A session has a few such
// pauses at once, and one more each second. Without a pause left, and outside callbacks,
// SendApart is the same as Send.
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

// apartPause is the time that a client has for one read. openPause is the pause between the 101
// response and the open packet. It is shorter because it delays every client.
const (
	apartPause = 10 * time.Millisecond
	openPause  = 5 * time.Millisecond
)

// flushAbove is the number of bytes that may be queued while input is handled.
const flushAbove = 64 << 10

// Close sends the queued packets and then last, within a few seconds, and ends the session. The reason of the first call is
// kept. If the server ends a working session, earlier broadcasts to it are sent before last. Until then the session accepts
// no packets from either side, and OnClose is not called.
func (s *Session) Close(reason CloseReason, last ...*Frame) {
	if reason.ownDecision() && s.server.shards[s.shard].closeAfter(s, reason, last) {
		return
	}
	s.closeLast(reason, last)
}

// closeIdle is Close if nothing of the client is being handled, and reports whether that is so. Before the open packet is
// queued, it does nothing: clients do not expect an end then.
func (s *Session) closeIdle(reason CloseReason) bool {
	if !s.input.TryLock() {
		return false
	}
	defer s.input.Unlock()
	s.mu.Lock()
	opened := s.opened
	s.mu.Unlock()
	if opened {
		s.Close(reason)
	}
	return opened
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

// The methods below need mu unless their comments say otherwise.

// queue appends f to the queue of the present transport.
func (s *Session) queue(f *Frame) {
	s.server.stats.packetsOut.Add(1)
	if s.polls != nil {
		s.polls.out.push(f)
	} else if s.ws != nil {
		s.ws.push(f)
	}
}

// queueApart is queue for a frame that no other session has.
func (s *Session) queueApart(f *Frame) {
	f.apart = true
	s.apart++
	s.queue(f)
}

// outbox returns the queue of the present transport, or nil before there is one.
func (s *Session) outbox() *outbox {
	if s.polls != nil {
		return &s.polls.out
	}
	if s.ws != nil {
		return &s.ws.out
	}
	return nil
}

// waiting returns the number of queued bytes.
func (s *Session) waiting() int {
	if o := s.outbox(); o != nil {
		return o.bytes
	}
	return 0
}

// queued returns the figure that Options.MaxQueue limits.
func (s *Session) queued() int {
	if o := s.outbox(); o != nil {
		return o.cost()
	}
	return 0
}

// flush writes as much of the queue as the peer accepts.
func (s *Session) flush() {
	if s.polls != nil {
		s.polls.wake()
	} else if s.ws != nil {
		s.ws.flush()
	}
}

// checkQueue tries to write a queue that is too long, closes the session if it stays too long,
// and reports whether the session is open.
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

// close ends the session and starts the call of OnClose.
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
	told := s.polls != nil && s.polls.told
	switch {
	case lingers || s.candidate != nil:
		s.setTimer(s.server.now() + int64(s.grace()))
	case told:
		s.setTimer(s.server.now() + int64(lateTime))
	default:
		s.server.wheel.stop(s)
	}
	if s.polls == nil || !lingers && !told {
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

// endCandidate closes the candidate of a session that ends, unless the client must still receive the end over it. A client
// with an answered probe has stopped polling and sends nothing but packet 5. If its WebSocket were closed now, it would lose
// the queued packets, and clients of the 1.x generation would hang until their ping timeout. So the WebSocket stays open
// until packet 5 arrives, and then carries the queued packets and the end, see upgrade. If a GET arrives first, its answer
// carries them. told is true if the answer to a GET has already done so.
func (s *Session) endCandidate(reason CloseReason, told bool) {
	c := s.candidate
	if c == nil || c.probed && !told && !reason.abrupt() && reason != CloseTransportClose {
		return
	}
	c.abandon()
	s.candidate = nil
}

// closeGrace is the time that a closed session has to send its queue.
const closeGrace = 5 * time.Second

// answerGrace is the time that a client has to answer the close of its WebSocket during a
// shutdown, after everything was sent. The shutdown waits for the answer.
const answerGrace = time.Second

// grace returns the time that the closed session has to end.
func (s *Session) grace() time.Duration {
	if s.ws != nil && s.candidate == nil && s.ws.out.empty() && s.reason == CloseServerShutdown {
		return answerGrace
	}
	return closeGrace
}

// setTimer makes the wheel call onTimer at that time.
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

// heard records that a packet of the client has arrived. In revision 3 every packet shows that
// the client is alive (v3 "Timeouts"), so heard moves the deadline.
func (s *Session) heard(now int64) {
	s.signs.Add(1)
	if s.protocol == 3 {
		s.due = now + int64(s.server.options.PingInterval+s.server.options.PingTimeout)
	}
}

// expire closes the session if its heartbeat is overdue. The wheel does so up to a tick later,
// and a request that arrives in between must not be served.
func (s *Session) expire(now int64) {
	if s.corked {
		return // see onTimer
	}
	if !s.closed.Load() && (s.protocol == 3 || s.pinged) && now >= s.due {
		s.close(ClosePingTimeout)
	}
	if !s.closed.Load() && s.protocol == 4 && !s.pinged && now >= s.due+int64(s.server.options.PingTimeout) {
		s.close(ClosePingTimeout)
	}
}

// pong handles the answer to a ping in revision 4: the next ping is due after an interval.
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
	case now >= s.writeDeadline():
		s.ws.broke(CloseSlowConsumer)
		return
	case now < s.due:
	case s.corked && (s.protocol == 3 || s.pinged):
		// The answer may wait until the server reads again; endInput moves the deadline.
		s.setTimer(min(now+int64(s.server.options.PingTimeout), s.writeDeadline()))
		return
	case s.protocol == 3 || s.pinged:
		s.close(ClosePingTimeout)
		return
	default:
		// The timeout counts from the time when the ping was due, not from when it was
		// written. If the process was paused, it counts from now: the client is not at fault.
		s.pinged = true
		s.due = max(s.due, now-int64(time.Second)) + int64(s.server.options.PingTimeout)
		s.queue(pingFrame)
		s.flush()
		if s.closed.Load() {
			return
		}
	}
	s.setTimer(min(s.due, s.writeDeadline()))
}

// writeDeadline returns the time at which the session ends if its socket has accepted nothing until then.
func (s *Session) writeDeadline() int64 {
	if s.ws == nil {
		return math.MaxInt64
	}
	return s.ws.writeDeadline()
}

// limitWrite moves the timer forward to the write deadline.
func (s *Session) limitWrite() {
	if at := s.writeDeadline(); at < s.timerAt && !s.closed.Load() {
		s.setTimer(at)
	}
}

// endGrace ends a closed session whose peer has not accepted the queued packets in time.
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

// release ends the wait of Shutdown for a poll: the poll has the packets, or its time is over.
func (s *Session) release() {
	if s.polls.held {
		s.polls.held = false
		s.server.sessionsRunning.Done()
	}
}

// lockInput locks input for a worker, or for a goroutine if w is nil. A worker never waits for a lock that is held during callbacks.
func (s *Session) lockInput(w *rawio.Worker) {
	if w == nil || !s.input.TryLock() {
		w.HandOver()
		s.input.Lock()
	}
	s.worker.Store(w)
}

func (s *Session) unlockInput() {
	s.worker.Store(nil)
	s.input.Unlock()
}

// Yield is called by a callback that is going to wait for something, such as a database. Where few goroutines read all
// connections, another one then reads the other connections. A callback that waits and has not called Yield delays them for a
// millisecond or two.
func (s *Session) Yield() { s.worker.Load().HandOver() }

// beginInput is called without any lock before input of the client is handled, and endInput
// after it.
func (s *Session) beginInput(w *rawio.Worker) {
	s.lockInput(w)
	now := s.server.now()
	s.mu.Lock()
	s.corked = true
	s.inputAt = now
	s.heard(now)
	s.mu.Unlock()
}

func (s *Session) endInput() {
	s.mu.Lock()
	if s.apart > 0 {
		s.flushApart()
	}
	s.corked = false
	if (s.pinged || s.protocol == 3) && !s.closed.Load() {
		// Nothing was read while the input was handled, so that time does not count.
		s.due += s.server.now() - s.inputAt
		if s.due < s.timerAt {
			s.setTimer(s.due)
		}
	}
	s.flush()
	closed := s.closed.Load()
	s.mu.Unlock()
	if closed {
		s.deliverClose()
	}
	s.unlockInput()
}

// flushApart writes the queue up to the last frame of SendApart, with pauses. It releases mu
// during the pauses. The caller holds input.
func (s *Session) flushApart() {
	if s.apart > apartBurst {
		// The client has asked for many steps at once, and does not wait for each answer.
		s.pauses = s.server.now() + apartBurst*int64(apartEvery)
	}
	for s.ws != nil && s.ws.flushApart() {
		s.mu.Unlock()
		s.worker.Load().HandOver()
		time.Sleep(apartPause)
		s.mu.Lock()
	}
	s.apart = 0
}

// The number of pauses for SendApart that a session has at once, and the time after which it has one more. A client that goes
// step by step needs a few: after the open packet, and after the answer for each of two namespaces. A client that joins many
// namespaces at once does not wait for each answer, and pauses would only delay it.
const (
	apartBurst = 3
	apartEvery = time.Second
)

// takePause uses a pause, and reports whether the session had one left. s.pauses is the time at which it has all of them again.
func (s *Session) takePause() bool {
	now := s.server.now()
	after := max(s.pauses, now) + int64(apartEvery)
	if after > now+apartBurst*int64(apartEvery) {
		return false
	}
	s.pauses = after
	return true
}

// deliverOpen calls OnOpen. The caller holds input.
func (s *Session) deliverOpen() {
	s.mu.Lock()
	s.opened = true
	s.mu.Unlock()
	defer s.recoverHandler()
	s.worker.Load().Watch()
	s.server.handler.OnOpen(s)
}

// deliverClose calls OnClose, once. The caller holds input.
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
	defer s.server.notifiedClose()
	// The session itself may stay until a polling client has received its last packets.
	defer s.ReleaseHandshake()
	defer s.recoverHandler()
	if opened {
		s.worker.Load().Watch()
		s.server.handler.OnClose(s, reason)
	}
}

// handle handles a packet of an open session. The caller holds input and not mu. It returns
// false if further packets of the client must be ignored.
func (s *Session) handle(p packet) bool {
	if s.closed.Load() || s.ending.Load() {
		return false
	}
	s.server.stats.packetsIn.Add(1)
	switch p.kind {
	case packetMessage:
		s.worker.Load().Watch()
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
	default: // only the server sends open; upgrade is valid only on a probed WebSocket
		return s.refuse()
	}
	return !s.closed.Load() && !s.ending.Load()
}

func (s *Session) refuse() bool {
	s.Close(CloseParseError)
	return false
}

// recoverHandler is deferred around callbacks: a panic ends the session, not the process.
func (s *Session) recoverHandler() {
	v := recover()
	if v == nil {
		return
	}
	// The value of a panic may contain data of a client, which must not be logged. An error
	// of the runtime contains none.
	text := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		text = err.Error()
	}
	s.server.options.Logger.Error("handler panicked", "panic", text, "stack", string(debug.Stack()))
	s.Close(CloseHandlerPanic)
}
