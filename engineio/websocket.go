package engineio

import (
	"errors"
	"io"
	"math"
	"net"
	"os"
	"sync"
	"time"

	"parley/engineio/rawio"
)

// wsConn is a WebSocket that is the transport of a session or a candidate for it. The workers of a loop read it, one at a time, or
// one goroutine of its own does. Writing needs the lock of the session.
type wsConn struct {
	session *Session
	polled  rawio.Polled // none if the connection has a reader of its own
	own     *reader      // nil if the connection is polled
	// base64Only is true if this request had b64=1: the client accepts only text.
	base64Only bool

	// Used only by the goroutine that reads.
	bound   bool // the transport of the session; false for a candidate of an upgrade
	input   bool // between beginInput and endInput
	broken  bool // no further input is decoded
	pollDue bool // the pending GET must be ended, see endPoll
	worker  *rawio.Worker
	decoder wsDecoder

	// Guarded by session.mu.
	writing bool // the socket is full; a writer goroutine or the loop writes the rest
	closing bool // the close frame is queued; no frame may follow it
	hangUp  bool // when out is empty, close both directions and not only the writing one
	dead    bool // the connection is closed
	probed  bool // the probe of the candidate was answered
	out     outbox
	stalled int64       // of a polled connection, while writing: when the socket last accepted something
	timer   *time.Timer // of a candidate: limits the upgrade, then the close
}

// reader is what a connection needs that has a goroutine of its own.
type reader struct {
	conn   net.Conn
	socket rawio.Socket // none if the connection has to be read and written as a net.Conn

	// Used only by the goroutine that reads.
	wait     rawio.Reader
	stream   []byte // of a connection that has no socket
	lastRead int64  // time of the last read by the clock of the server; 0: none
}

// attach gives c its connection. The caller holds session.mu.
func (c *wsConn) attach(conn net.Conn) {
	socket := rawio.Of(conn)
	if socket.IsPlain() {
		if loop := c.session.server.loopOf(c.session); loop != nil && loop.Take(conn, &c.polled, c) {
			return
		}
	}
	c.own = &reader{conn: conn, socket: socket}
}

// begin calls start, and then reads. It is called once, without a lock.
func (c *wsConn) begin(pause time.Duration, start func()) {
	if c.own != nil {
		// A separate goroutine lets net/http free its buffers and stack.
		go c.readLoop(func() {
			time.Sleep(pause)
			start()
		})
		return
	}
	c.polled.Start(pause, func(w *rawio.Worker) {
		c.worker = w
		start()
		c.worker = nil
		c.session.mu.Lock()
		defer c.session.mu.Unlock()
		if !c.dead && c.polled.Arm() != nil {
			c.broke(CloseTransportError)
		}
	})
}

// Writing. The caller holds session.mu.

// push queues a frame in the form that this client accepts.
func (c *wsConn) push(f *Frame) {
	if !c.closing && !c.dead {
		c.out.push(f.onWebSocket(c.session.protocol, c.base64Only))
	}
}

// writeBuffers holds buffers in which the bytes of one write are gathered.
var writeBuffers = sync.Pool{New: func() any { return new([writeChunk]byte) }}

const writeChunk = 64 << 10

// flush writes as much as the socket accepts without blocking. The rest is written by the loop when the socket accepts more, or by
// a goroutine that exists until the outbox is empty.
func (c *wsConn) flush() {
	if c.writing || c.dead {
		return
	}
	if c.waiting() {
		c.startWriter()
		return
	}
	if len(c.out.allowed()) == 0 {
		c.drained()
		return
	}
	if c.own != nil && c.own.socket.IsNone() {
		c.startWriter()
		return
	}
	buf := writeBuffers.Get().(*[writeChunk]byte)
	defer writeBuffers.Put(buf)
	for len(c.out.allowed()) > 0 {
		chunk := c.out.chunk(buf[:])
		n, err := c.tryWrite(chunk)
		c.sent(n)
		if err != nil {
			c.broke(CloseTransportError)
			return
		}
		if c.own == nil && n < len(chunk) {
			c.awaitRoom()
			return
		}
		if n < len(chunk) || c.waiting() {
			c.startWriter()
			return
		}
	}
	c.drained()
}

func (c *wsConn) tryWrite(b []byte) (int, error) {
	if c.own == nil {
		return c.polled.TryWrite(b)
	}
	return c.own.socket.TryWrite(b)
}

// waiting reports whether bytes of a TLS connection wait for the socket.
func (c *wsConn) waiting() bool { return c.own != nil && c.own.socket.Waiting() }

// awaitRoom makes the loop continue with the outbox when the socket accepts more.
func (c *wsConn) awaitRoom() {
	c.writing = true
	c.out.settle()
	if c.stalled == 0 {
		c.stalled = c.session.server.now()
	}
	if c.session.ws == c {
		c.session.limitWrite()
	}
	if c.polled.AwaitRoom() != nil {
		c.broke(CloseTransportError)
	}
}

// writeDeadline returns the time at which a polled connection is closed if its socket accepts nothing until then.
func (c *wsConn) writeDeadline() int64 {
	if c.own != nil || !c.writing {
		return math.MaxInt64
	}
	return c.stalled + int64(c.session.server.options.WriteTimeout)
}

// Writable is called by the loop.
func (c *wsConn) Writable() {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	if c.writing && !c.dead {
		c.writing = false
		c.flush()
	}
}

// flushApart writes up to the next frame of SendApart, and reports whether more frames are held back for a pause.
func (c *wsConn) flushApart() (more bool) {
	if c.closing || c.dead || !c.out.holdApart() {
		return false
	}
	if !c.session.takePause() {
		c.out.upTo = 0
		return false
	}
	c.flush()
	return !c.dead
}

func (c *wsConn) sent(n int) {
	c.out.sentBytes(n)
	if n > 0 {
		c.stalled = 0
	}
	c.session.server.stats.bytesOut.Add(uint64(n))
}

func (c *wsConn) startWriter() {
	c.writing = true
	c.session.server.sessionsRunning.Go(c.writeLoop)
}

// writeLoop is called without the lock.
func (c *wsConn) writeLoop() {
	buf := writeBuffers.Get().(*[writeChunk]byte)
	defer writeBuffers.Put(buf)
	mu := &c.session.mu
	mu.Lock()
	defer mu.Unlock()
	timeout := c.session.server.options.WriteTimeout
	for (len(c.out.allowed()) > 0 || c.waiting()) && !c.dead {
		var chunk []byte
		if len(c.out.allowed()) > 0 {
			chunk = c.out.chunk(buf[:])
		}
		mu.Unlock()
		_ = c.own.conn.SetWriteDeadline(time.Now().Add(timeout))
		n, err := c.write(chunk)
		mu.Lock()
		if c.dead {
			break
		}
		c.sent(n)
		if err != nil {
			reason := CloseTransportError
			if errors.Is(err, os.ErrDeadlineExceeded) {
				reason = CloseSlowConsumer
			}
			c.broke(reason)
			break
		}
	}
	c.writing = false
	if !c.dead {
		_ = c.own.conn.SetWriteDeadline(time.Time{})
		c.drained()
	}
}

// write writes a chunk, which may be empty, and waits for the connection. Of a TLS connection, the chunk may wait with the bytes that the
// next write begins with.
func (c *wsConn) write(chunk []byte) (n int, err error) {
	socket := c.own.socket
	if socket.IsNone() || socket.IsPlain() {
		return c.own.conn.Write(chunk)
	}
	if err := socket.Drain(); err != nil || len(chunk) == 0 {
		return 0, err
	}
	return socket.TryWrite(chunk)
}

// broke is called when a write has failed.
func (c *wsConn) broke(reason CloseReason) {
	if c.session.ws == c {
		c.session.close(reason)
	}
	c.kill()
}

// drained closes the writing direction of a closing connection when all bytes are written.
func (c *wsConn) drained() {
	if !c.closing || !c.out.empty() {
		return
	}
	if c.hangUp {
		c.kill()
		return
	}
	// A connection that is closed with unread input is reset, and the peer would lose the last
	// bytes. So only the writing direction is closed.
	if c.own == nil {
		_ = c.polled.CloseWrite()
	} else if half, ok := c.own.conn.(interface{ CloseWrite() error }); ok && c.own.socket.IsPlain() {
		_ = half.CloseWrite()
	}
	if s := c.session; s.ws == c && s.closed.Load() {
		s.setTimer(min(s.timerAt, s.server.now()+int64(s.grace())))
	}
}

// finish queues the close frame. The reading goroutine continues until the peer answers.
func (c *wsConn) finish(status uint16) {
	if c.closing || c.dead {
		return
	}
	c.push(newCloseFrame(status))
	c.closing = true
	c.out.upTo = 0
	c.flush()
}

// end is finish for a session that closes for that reason. It reports whether the connection
// stays open for the closing handshake.
func (c *wsConn) end(reason CloseReason, status uint16) bool {
	if reason.abrupt() {
		c.kill()
		return false
	}
	c.finish(status)
	return !c.dead
}

// abandon closes a candidate whose session continues to poll or has ended.
func (c *wsConn) abandon() {
	c.finish(statusNormal)
	if !c.dead && c.timer != nil {
		c.timer.Reset(closeGrace)
	}
}

func (c *wsConn) kill() {
	if c.dead {
		return
	}
	c.dead = true
	c.out = outbox{}
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.own == nil {
		if c.polled.Close() {
			c.gone()
		}
		return
	}
	if !c.own.socket.IsNone() {
		c.own.conn.Close()
		return
	}
	// Closing TLS that is no socket writes, and waits for a write in progress.
	c.session.server.sessionsRunning.Go(func() { c.own.conn.Close() })
}

// gone is called once, when a polled connection is closed and no worker uses it.
func (c *wsConn) gone() {
	s := c.session
	switch {
	case s.ws == c:
		s.server.wheel.stop(s)
	case s.candidate == c:
		s.candidate = nil
	}
	s.server.readerGone(c)
}

// Gone is called by the loop, without the lock.
func (c *wsConn) Gone() {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	c.gone()
}

// Reading: one goroutine at a time, without the lock.

// Readable is called by a worker of the loop.
func (c *wsConn) Readable(w *rawio.Worker) (more bool) {
	buf := w.Buffer()
	mu := &c.session.mu
	mu.Lock()
	if c.dead {
		mu.Unlock()
		return false
	}
	n, err := c.polled.Read(buf[:])
	mu.Unlock()
	c.worker = w
	if n > 0 {
		c.received(buf[:n])
	}
	if err != nil {
		c.ended(err)
	}
	c.worker = nil
	return err == nil && n > 0 && (n == len(buf) || c.polled.HungUp())
}

// readLoop reads until the connection ends. Handling input needs a stack of about 8 KiB, waiting
// for it less than one, and Go does not shrink a stack that far. So on a quiet connection a new
// goroutine continues before the next wait. This saves a third of the memory of an idle
// connection. A busy connection keeps its goroutine.
func (c *wsConn) readLoop(start func()) {
	replaced := false
	defer func() {
		if !replaced {
			c.session.server.readerGone(c)
		}
	}()
	if start != nil {
		start()
	}
	for {
		if err := c.readOnce(); err != nil {
			c.ended(err)
			return
		}
		if !c.own.socket.IsNone() && c.own.wasQuiet(c.session.server.now()) {
			replaced = true
			go c.readLoop(nil)
			return
		}
	}
}

// quietTime is the time without input after which a connection counts as idle. It is less than
// the heartbeat, so that each idle connection is found, and long enough that the new goroutines
// cost little.
const quietTime = int64(5 * time.Second)

// wasQuiet reports whether the read before the last one was more than quietTime ago, or there was none.
func (r *reader) wasQuiet(now int64) bool {
	quiet := r.lastRead == 0 || now-r.lastRead >= quietTime
	r.lastRead = now
	return quiet
}

// streamReadSize is the size of the buffer of a connection that has no socket. Such a
// connection needs its buffer while it waits.
const streamReadSize = 1 << 10

func (c *wsConn) readOnce() error {
	r := c.own
	if !r.socket.IsNone() {
		buf, n, err := r.socket.Read(&r.wait)
		if n > 0 {
			c.received(buf[:n])
		}
		buf.Release()
		if r.socket.Waiting() {
			c.flushWaiting()
		}
		return err
	}
	if r.stream == nil {
		r.stream = make([]byte, streamReadSize)
	}
	n, err := r.conn.Read(r.stream)
	if n > 0 {
		c.received(r.stream[:n])
	}
	return err
}

// flushWaiting writes what the reading of TLS has left waiting, such as the answer to a change of keys.
func (c *wsConn) flushWaiting() {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	c.flush()
}

// received handles bytes of the client. It overwrites b.
func (c *wsConn) received(b []byte) {
	s := c.session
	s.server.stats.bytesIn.Add(uint64(len(b)))
	if c.broken || len(b) == 0 {
		return
	}
	if c.bound {
		s.beginInput(c.worker)
		c.input = true
	}
	defer func() {
		if c.input {
			c.input = false
			s.endInput()
		}
	}()
	defer s.recoverHandler()
	if err := c.decoder.feed(b, s.server.options.MaxPayload, c); err != nil {
		c.refuse(err)
	}
	if !c.bound {
		c.checkCandidate()
	}
}

// checkCandidate closes a candidate that sends pings and reads no answers, and ends the poll if that is due. The queue of
// the transport of a session is checked by Send.
func (c *wsConn) checkCandidate() {
	c.session.mu.Lock()
	defer c.session.mu.Unlock()
	if c.out.cost() > c.session.server.options.MaxQueue {
		c.kill()
	}
	if c.pollDue {
		c.pollDue = false
		if c.session.polls != nil && c.session.candidate == c {
			c.session.polls.answer(noopFrame)
		}
	}
}

// refuse closes a connection whose bytes are not valid WebSocket frames.
func (c *wsConn) refuse(err *frameError) {
	c.broken = true
	c.decoder = wsDecoder{}
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws != c {
		c.drop()
		return
	}
	reason := CloseParseError
	if err.status == statusTooBig {
		reason = ClosePayloadTooLarge
	}
	s.closeWith(reason, err.status)
}

// drop closes a candidate. The session continues to poll.
func (c *wsConn) drop() {
	if c.session.candidate == c {
		c.session.candidate = nil
	}
	c.abandon()
}

func (c *wsConn) wsMessage(binary bool, data []byte) bool {
	s := c.session
	var p packet
	var err error
	if binary {
		p, err = decodeBinary(s.protocol, data)
	} else {
		p, err = decodeText(s.protocol, data)
	}
	switch {
	case !c.bound:
		if err != nil {
			p = packet{}
		}
		return c.probe(p)
	case err != nil:
		s.refuse()
	default:
		s.handle(p)
	}
	// Also after the end of the session: the close frame of the client has not arrived yet.
	return true
}

func (c *wsConn) wsControl(opcode byte, data []byte) bool {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.dead {
		return false
	}
	switch opcode {
	case opPing:
		if !c.closing {
			c.out.pushPong(newControlFrame(opPong, data), c.writing)
		}
		if !c.bound {
			c.flush()
		}
		if s.ws == c && !s.closed.Load() {
			s.checkQueue()
		}
	case opClose:
		c.broken = true
		c.hangUp = true
		if c.closing {
			c.flush()
			return false
		}
		c.push(newCloseFrame(closeStatus(data)))
		c.closing = true
		if s.ws == c {
			s.close(CloseTransportClose)
		} else {
			c.drop()
		}
		c.flush()
		return false
	}
	return true
}

// ended is called when a read has failed.
func (c *wsConn) ended(err error) {
	reason := CloseTransportError
	if errors.Is(err, io.EOF) {
		reason = CloseTransportClose
	}
	s := c.session
	s.lockInput(c.worker)
	defer s.unlockInput()
	s.mu.Lock()
	c.kill()
	carried := s.ws == c
	if carried {
		s.corked = true // so that OnClose is called below
		s.close(reason)
		s.corked = false
		s.server.wheel.stop(s)
	} else if s.candidate == c {
		s.candidate = nil
	}
	s.mu.Unlock()
	if carried {
		s.deliverClose()
	}
}
