//go:build unix

package rawio

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// Supported reports whether this system can do it.
const Supported = true

// A Reader waits for a socket without holding a buffer. It is for one goroutine.
type Reader struct {
	try func(fd uintptr) bool
	buf *Buffer
	n   int
	err error
}

// read returns what has arrived, and waits for it if necessary. The caller releases the
// buffer, which is nil if there was nothing to read.
func (r *Reader) read(raw syscall.RawConn) (*Buffer, int, error) {
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

func (r *Reader) readFrom(fd uintptr) (done bool) {
	r.buf = buffers.Get().(*Buffer)
	for {
		r.n, r.err = syscall.Read(int(fd), r.buf[:])
		if !errors.Is(r.err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(r.err, syscall.EAGAIN) {
		r.buf.Release()
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

// writer makes one attempt to write.
type writer struct {
	try  func(fd uintptr) bool
	data []byte
	n    int
	err  error
}

var writers = sync.Pool{New: func() any {
	w := &writer{}
	w.try = w.writeTo
	return w
}}

// tryWrite writes what the socket takes now; n < len(data) when it is full.
func tryWrite(raw syscall.RawConn, data []byte) (n int, err error) {
	w := writers.Get().(*writer)
	w.data = data
	err = raw.Write(w.try)
	if err == nil {
		n, err = w.n, w.err
	}
	w.data = nil
	writers.Put(w)
	return n, err
}

func (w *writer) writeTo(fd uintptr) (done bool) {
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
