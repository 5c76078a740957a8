// Package rawio reads and writes plain sockets by their descriptors. A goroutine that waits for a socket holds no buffer, and a
// write never waits. It works on Unix systems; [Supported] tells. Connections that are no plain sockets, such as
// TLS, are left to the methods of [net.Conn].
package rawio

import (
	"net"
	"sync"
	"syscall"
)

// Of returns the descriptor of a plain socket, nil for other connections and on other systems. A type that wraps a
// socket may promote its SyscallConn and still read and write differently, so such types are other connections.
func Of(conn net.Conn) syscall.RawConn {
	if !Supported {
		return nil
	}
	var raw syscall.RawConn
	switch plain := conn.(type) {
	case *net.TCPConn:
		raw, _ = plain.SyscallConn()
	case *net.UnixConn:
		raw, _ = plain.SyscallConn()
	}
	return raw
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
