package engineio

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"parley/engineio/rawio"
)

// wsConn is a WebSocket that is the transport of a session or a candidate for it. One goroutine
// reads it. Writing needs the lock of the session.
type wsConn struct {
	session *Session
	conn    net.Conn
	socket  rawio.Socket // none if the connection has to be read and written as a net.Conn
	// base64Only is true if this request had b64=1: the client accepts only text.
	base64Only bool

	// Used only by the goroutine that reads.
	decoder  wsDecoder
	reader   rawio.Reader
	stream   []byte // of a connection that has no socket
	lastRead int64  // time of the last read by the clock of the server; 0: none
	bound    bool   // the transport of the session; false for a candidate of an upgrade
	input    bool   // between beginInput and endInput
	broken   bool   // no further input is decoded
	pollDue  bool   // the pending GET must be ended, see endPoll

	// Guarded by session.mu.
	out     outbox
	writing bool        // a writer goroutine exists
	closing bool        // the close frame is queued; no frame may follow it
	hangUp  bool        // when out is empty, close both directions and not only the writing one
	dead    bool        // conn is closed
	probed  bool        // the probe of the candidate was answered
	timer   *time.Timer // of a candidate: limits the upgrade, then the close
}

func newWSConn(s *Session, conn net.Conn, base64Only bool) *wsConn {
	return &wsConn{session: s, conn: conn, socket: rawio.Of(conn), base64Only: base64Only}
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

// flush writes as much as the socket accepts without blocking. A goroutine writes the rest; it
// exists until the outbox is empty.
func (c *wsConn) flush() {
	if c.writing || c.dead {
		return
	}
	if c.socket.Waiting() {
		c.startWriter()
		return
	}
	if len(c.out.allowed()) == 0 {
		c.drained()
		return
	}
	if c.socket.IsNone() {
		c.startWriter()
		return
	}
	buf := writeBuffers.Get().(*[writeChunk]byte)
	defer writeBuffers.Put(buf)
	for len(c.out.allowed()) > 0 {
		chunk := c.out.chunk(buf[:])
		n, err := c.socket.TryWrite(chunk)
		c.sent(n)
		if err != nil {
			c.broke(CloseTransportError)
			return
		}
		if n < len(chunk) || c.socket.Waiting() {
			c.startWriter()
			return
		}
	}
	c.drained()
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
	for (len(c.out.allowed()) > 0 || c.socket.Waiting()) && !c.dead {
		var chunk []byte
		if len(c.out.allowed()) > 0 {
			chunk = c.out.chunk(buf[:])
		}
		mu.Unlock()
		_ = c.conn.SetWriteDeadline(time.Now().Add(timeout))
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
		_ = c.conn.SetWriteDeadline(time.Time{})
		c.drained()
	}
}

// write writes a chunk, which may be empty, and waits for the connection. Of a TLS connection, the chunk may wait with the bytes that the
// next write begins with.
func (c *wsConn) write(chunk []byte) (n int, err error) {
	if c.socket.IsNone() || c.socket.IsPlain() {
		return c.conn.Write(chunk)
	}
	if err := c.socket.Drain(); err != nil || len(chunk) == 0 {
		return 0, err
	}
	return c.socket.TryWrite(chunk)
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
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && c.socket.IsPlain() {
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
	if !c.socket.IsNone() {
		c.conn.Close()
		return
	}
	// Closing TLS that is no socket writes, and waits for a write in progress.
	c.session.server.sessionsRunning.Go(func() { c.conn.Close() })
}

// Reading: one goroutine, without the lock.

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
		if !c.socket.IsNone() && c.wasQuiet() {
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
func (c *wsConn) wasQuiet() bool {
	now := c.session.server.now()
	quiet := c.lastRead == 0 || now-c.lastRead >= quietTime
	c.lastRead = now
	return quiet
}

// streamReadSize is the size of the buffer of a connection that has no socket. Such a
// connection needs its buffer while it waits.
const streamReadSize = 1 << 10

func (c *wsConn) readOnce() error {
	if !c.socket.IsNone() {
		buf, n, err := c.socket.Read(&c.reader)
		if n > 0 {
			c.received(buf[:n])
		}
		buf.Release()
		if c.socket.Waiting() {
			c.flushWaiting()
		}
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
	s.input.Lock()
	defer s.input.Unlock()
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
