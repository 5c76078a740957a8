//go:build unix

package engineio

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// rawIO: plain sockets are read and written by their descriptors.
const rawIO = true

// rawReader waits for a socket without holding a buffer.
type rawReader struct {
	stream []byte // of connections that are no plain sockets

	try func(fd uintptr) bool
	buf *[readSize]byte
	n   int
	err error
}

// read returns what has arrived, in a buffer of the pool that the caller puts
// back, waiting for it if need be.
func (r *rawReader) read(raw syscall.RawConn) (*[readSize]byte, int, error) {
	if r.try == nil {
		r.try = r.readFrom // once: a method value allocates
	}
	if err := raw.Read(r.try); err != nil {
		return nil, 0, err
	}
	buf := r.buf
	r.buf = nil
	return buf, r.n, r.err
}

func (r *rawReader) readFrom(fd uintptr) (done bool) {
	r.buf = readBuffers.Get().(*[readSize]byte)
	for {
		r.n, r.err = syscall.Read(int(fd), r.buf[:])
		if !errors.Is(r.err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(r.err, syscall.EAGAIN) {
		readBuffers.Put(r.buf)
		r.buf = nil
		return false
	}
	if r.n < 0 {
		r.n = 0
	}
	if r.n == 0 && r.err == nil {
		r.err = io.EOF
	}
	return true
}

// rawWriter makes one attempt to write.
type rawWriter struct {
	try  func(fd uintptr) bool
	data []byte
	n    int
	err  error
}

var rawWriters = sync.Pool{New: func() any {
	w := &rawWriter{}
	w.try = w.writeTo
	return w
}}

// tryWrite writes what the socket takes now; n < len(data) when it is full.
func tryWrite(raw syscall.RawConn, data []byte) (n int, err error) {
	w := rawWriters.Get().(*rawWriter)
	w.data = data
	err = raw.Write(w.try)
	if err == nil {
		n, err = w.n, w.err
	}
	w.data = nil
	rawWriters.Put(w)
	return n, err
}

func (w *rawWriter) writeTo(fd uintptr) (done bool) {
	for {
		w.n, w.err = syscall.Write(int(fd), w.data)
		if !errors.Is(w.err, syscall.EINTR) {
			break
		}
	}
	if w.n < 0 {
		w.n = 0
	}
	if errors.Is(w.err, syscall.EAGAIN) {
		w.err = nil
	}
	return true // never wait
}
