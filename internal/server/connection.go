package server

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// connection is an accepted connection. Its Write gets every byte of an answer, from a
// handler, a flush or net/http, so it notices a client that does not read.
type connection struct {
	net.Conn
	raw         syscall.RawConn // nil: the connection is no socket
	connections *connections

	timeout atomic.Int64 // see SetWriteDeadline; a [time.Duration]
	handed  atomic.Int64 // bytes of answers that the kernel has accepted
	working atomic.Bool  // a handler has a request with an unfinished body and is not waiting for it

	// Guarded by the mutex of connections.
	request, answer wait
	read            int    // bytes of the body since request.since
	base            intake // at answer.since
}

func (c *connections) newConnection(conn net.Conn) *connection {
	made := &connection{Conn: conn, connections: c}
	made.request.conn, made.answer.conn = made, made
	made.timeout.Store(int64(c.writeTimeout))
	if socket, ok := conn.(syscall.Conn); ok {
		made.raw, _ = socket.SyscallConn()
	}
	return made
}

// writeSize is the largest part of an answer, in bytes, that the kernel gets at a time.
const writeSize = 32 << 10

// Write fails with [os.ErrDeadlineExceeded] if the client reads less than
// [progress] bytes within the timeout.
func (c *connection) Write(b []byte) (int, error) {
	// Nearly every answer fits into the kernel's buffer. Then the connection needs no place among the
	// connections that wait for their reader, and no look at what the client has taken.
	written := writeAtOnce(c.raw, b[:min(len(b), writeSize)])
	c.handed.Add(int64(written))
	if written == len(b) {
		return written, nil
	}
	base := c.intake()
	c.connections.beginAnswer(c, base)
	defer c.connections.endAnswer(c)
	for {
		n, err := c.writePart(b[written:min(len(b), written+writeSize)], base)
		written += n
		if err != nil || written == len(b) {
			return written, err
		}
		base = c.intake()
	}
}

// writePart repeats a write that has reached its deadline if the client has read since
// base. The kernel accepts more only once a large part of its buffer is free, which
// takes minutes with a slow client.
func (c *connection) writePart(b []byte, base intake) (int, error) {
	written := 0
	for {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(time.Duration(c.timeout.Load())))
		n, err := c.Conn.Write(b[written:])
		c.handed.Add(int64(n))
		written += n
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return written, err
		}
		now := c.intake()
		if !now.exceeds(base) {
			return written, err
		}
		base = now
	}
}

// SetWriteDeadline sets how long the client may read nothing of an answer: the time
// from now to the deadline. This time begins again whenever the client reads. The zero
// time means socket.write-timeout; net/http sets it after each answer.
func (c *connection) SetWriteDeadline(deadline time.Time) error {
	timeout := c.connections.writeTimeout
	if !deadline.IsZero() {
		timeout = time.Until(deadline)
	}
	c.timeout.Store(int64(timeout))
	return c.Conn.SetWriteDeadline(deadline)
}

// CloseWrite lets net/http end its half before it closes the connection, so that a
// client that is still sending reads the answer.
func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// intake says how many bytes of a connection's answers have been accepted.
type intake struct {
	handed       int64 // accepted by this kernel
	acknowledged int64 // accepted by the client's kernel; 0: unknown
}

// intake returns the present figures. Only on Linux the kernel says what the client has
// acknowledged. On other systems the client's reading is noticed late, when the kernel's
// buffer has room again.
func (c *connection) intake() intake {
	return intake{handed: c.handed.Load(), acknowledged: acknowledged(c.raw)}
}

// exceeds reports whether the client has read enough since base to count as reading.
func (i intake) exceeds(base intake) bool {
	return i.handed-base.handed >= progress || i.acknowledged-base.acknowledged >= progress
}
