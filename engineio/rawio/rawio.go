// Package rawio reads and writes sockets by their descriptors, also those with TLS. A goroutine that waits for a socket holds no
// buffer, and a write never waits. It works on Unix systems; [Supported] tells. Other connections are left to the methods of
// [net.Conn].
package rawio

import (
	"crypto/tls"
	"net"
	"sync"
	"syscall"
)

// A Socket is a plain socket, or a TLS connection over one. The zero value is no socket.
type Socket struct {
	raw syscall.RawConn
	tls *secured // nil: a plain socket
}

// Of returns the socket of a connection; none for other connections and on other systems. A type that wraps a
// socket may promote its SyscallConn and still read and write differently, so such types are other connections.
//
// A TLS connection is a socket if it is made over a [Lower] and its handshake is done. Then it must be read and written only through the socket;
// its deadlines, CloseWrite and Close still work.
func Of(conn net.Conn) Socket {
	if !Supported {
		return Socket{}
	}
	if t, ok := conn.(*tls.Conn); ok {
		if l, ok := t.NetConn().(*Lower); ok {
			return l.socket(t)
		}
		return Socket{}
	}
	return Socket{raw: descriptor(conn)}
}

func descriptor(conn net.Conn) syscall.RawConn {
	var raw syscall.RawConn
	switch plain := conn.(type) {
	case *net.TCPConn:
		raw, _ = plain.SyscallConn()
	case *net.UnixConn:
		raw, _ = plain.SyscallConn()
	}
	return raw
}

// IsNone reports whether there is no socket.
func (s Socket) IsNone() bool { return s.raw == nil }

// IsPlain reports whether the socket has no TLS.
func (s Socket) IsPlain() bool { return s.raw != nil && s.tls == nil }

// Read returns what has arrived, and waits for it if necessary. The caller releases the
// buffer, which is nil if there was nothing to read. One goroutine reads, always with the same reader.
func (s Socket) Read(r *Reader) (*Buffer, int, error) {
	if s.tls != nil {
		return s.tls.read(r, s.raw)
	}
	return r.read(s.raw)
}

// TryWrite writes what the socket takes now; n < len(data) when it is full. Of a TLS connection, it may take
// bytes that are then [Socket.Waiting].
func (s Socket) TryWrite(data []byte) (n int, err error) {
	if s.tls != nil {
		return s.tls.tryWrite(data)
	}
	return tryWrite(s.raw, data)
}

// Waiting reports whether bytes of a TLS connection wait until the socket takes them. Then [Socket.Drain] must be called.
func (s Socket) Waiting() bool { return s.tls != nil && s.tls.lower.isWaiting() }

// Drain writes the bytes that wait, until the write deadline of the connection.
func (s Socket) Drain() error {
	if s.tls == nil {
		return nil
	}
	return s.tls.lower.drain()
}

// A Buffer is held only while something is read and handled.
type Buffer [16 << 10]byte

var buffers = sync.Pool{New: func() any { return new(Buffer) }}

// Release gives a buffer back for later reads. It may be nil.
func (b *Buffer) Release() {
	if b != nil {
		buffers.Put(b)
	}
}
