package engineio

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"parley/engineio/rawio"
)

// wsConn is a WebSocket that carries a session or is about to. One goroutine
// reads it; whoever holds the session's lock writes to it.
type wsConn struct {
	session *Session
	conn    net.Conn
	raw     syscall.RawConn // nil where the connection is no plain socket
	// base64Only: the client asked for text only, by b64=1 of this request.
	base64Only bool

	// The reader's own.
	decoder  wsDecoder
	reader   rawio.Reader
	stream   []byte // of a connection that is no plain socket
	lastRead int64  // when, by the server's clock; 0: never
	bound    bool   // carries the session; false for a candidate of an upgrade
	input    bool   // between beginInput and endInput
	broken   bool   // nothing further is decoded
	pollDue  bool   // a probe is to end the pending GET, see endPoll

	// Guarded by session.mu.
	out     outbox
	writing bool        // a writer goroutine exists
	closing bool        // the close frame is queued; nothing may follow it
	hangUp  bool        // once out is empty, close both ways and not just ours
	dead    bool        // conn is closed
	probed  bool        // the candidate's probe has been answered
	timer   *time.Timer // of a candidate: to finish the upgrade, then to go away
}

func newWSConn(s *Session, conn net.Conn, base64Only bool) *wsConn {
	return &wsConn{session: s, conn: conn, raw: rawio.Of(conn), base64Only: base64Only}
}

// The writing half; session.mu is held.

// push queues a frame in the form that this client takes.
func (c *wsConn) push(f *Frame) {
	if !c.closing && !c.dead {
		c.out.push(f.onWebSocket(c.session.protocol, c.base64Only))
	}
}

// writeBuffers hold what is gathered for one write.
var writeBuffers = sync.Pool{New: func() any { return new([writeChunk]byte) }}

const writeChunk = 64 << 10

// flush writes what the socket takes without blocking. What it does not take is left
// to a goroutine, which exists until the outbox is empty.
func (c *wsConn) flush() {
	if c.writing || c.dead {
		return
	}
	if len(c.out.allowed()) == 0 {
		c.drained()
		return
	}
	if c.raw == nil {
		c.startWriter()
		return
	}
	buf := writeBuffers.Get().(*[writeChunk]byte)
	defer writeBuffers.Put(buf)
	for len(c.out.allowed()) > 0 {
		chunk := c.out.chunk(buf[:])
		n, err := rawio.TryWrite(c.raw, chunk)
		c.sent(n)
		if err != nil {
			c.broke(CloseTransportError)
			return
		}
		if n < len(chunk) {
			c.startWriter()
			return
		}
	}
	c.drained()
}

// flushApart writes up to the next frame that wants to be apart and reports whether more is held back for a pause.
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
	for len(c.out.allowed()) > 0 && !c.dead {
		chunk := c.out.chunk(buf[:])
		mu.Unlock()
		_ = c.conn.SetWriteDeadline(time.Now().Add(timeout))
		n, err := c.conn.Write(chunk)
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
		_ = c.conn.SetWriteDeadline(time.Time{})
		c.drained()
	}
}

// broke is called when nothing more can be written.
func (c *wsConn) broke(reason CloseReason) {
	if c.session.ws == c {
		c.session.close(reason)
	}
	c.kill()
}

// drained ends our half of a connection that closes, once all is written.
func (c *wsConn) drained() {
	if !c.closing || !c.out.empty() {
		return
	}
	if c.hangUp {
		c.kill()
		return
	}
	// The peer reads what was sent before it sees the end, which it would not if
	// the connection were closed with input unread.
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && c.raw != nil {
		_ = half.CloseWrite()
	}
	if s := c.session; s.ws == c && s.closed.Load() {
		s.setTimer(min(s.timerAt, s.server.now()+int64(s.grace())))
	}
}

// finish queues the close frame; the reader goes on until the peer answers.
func (c *wsConn) finish(status uint16) {
	if c.closing || c.dead {
		return
	}
	c.push(newCloseFrame(status))
	c.closing = true
	c.out.upTo = 0
	c.flush()
}

// end is finish for a session that closes for that reason. It reports whether
// the connection lives on for the closing handshake.
func (c *wsConn) end(reason CloseReason, status uint16) bool {
	if reason.abrupt() {
		c.kill()
		return false
	}
	c.finish(status)
	return !c.dead
}

// abandon closes a candidate whose session goes on without it or has ended.
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
	if c.raw != nil {
		c.conn.Close()
		return
	}
	// Closing TLS writes, and waits for a write under way.
	c.session.server.sessionsRunning.Go(func() { c.conn.Close() })
}

// The reading half: one goroutine, without the lock.

// readLoop reads until nothing more comes. Handling input takes a stack of some
// 8 KiB, waiting for it less than one, and Go does not shrink a stack that far. So on a
// connection with little to say the goroutine hands over to a new one before it
// waits, which saves an idle connection a third of its memory; one that is busy
// keeps its goroutine.
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
		if c.raw != nil && c.wasQuiet() {
			replaced = true
			go c.readLoop(nil)
			return
		}
	}
}

// quietTime is how long a connection says nothing to count as idle: less than the heartbeat
// takes, so that it finds each idle connection, and far above what costs time.
const quietTime = int64(5 * time.Second)

// wasQuiet reports whether the read before the last was long ago, or there was none.
func (c *wsConn) wasQuiet() bool {
	now := c.session.server.now()
	quiet := c.lastRead == 0 || now-c.lastRead >= quietTime
	c.lastRead = now
	return quiet
}

// streamReadSize is the buffer of a connection that is no plain socket and must
// wait with a buffer in hand.
const streamReadSize = 1 << 10

func (c *wsConn) readOnce() error {
	if c.raw != nil {
		buf, n, err := c.reader.Read(c.raw)
		if n > 0 {
			c.received(buf[:n])
		}
		buf.Release()
		return err
	}
	if c.stream == nil {
		c.stream = make([]byte, streamReadSize)
	}
	n, err := c.conn.Read(c.stream)
	if n > 0 {
		c.received(c.stream[:n])
	}
	return err
}

// received handles what the client sent; b is overwritten.
func (c *wsConn) received(b []byte) {
	s := c.session
	s.server.stats.bytesIn.Add(uint64(len(b)))
	if c.broken || len(b) == 0 {
		return
	}
	if c.bound {
		s.beginInput()
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

// checkCandidate ends a candidate that asks and takes no answers, and the poll that it has been asked
// to end. The queue of one that carries a session is checked with what is sent.
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

// refuse ends a connection whose bytes are no valid WebSocket messages.
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

// drop gives up a candidate; the session goes on polling.
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
	// Also once the session has ended: the client's close frame is still to come.
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

// ended is called when nothing more can be read.
func (c *wsConn) ended(err error) {
	reason := CloseTransportError
	if errors.Is(err, io.EOF) {
		reason = CloseTransportClose
	}
	s := c.session
	s.input.Lock()
	defer s.input.Unlock()
	s.mu.Lock()
	c.kill()
	carried := s.ws == c
	if carried {
		s.corked = true // so that OnClose is left to us
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
