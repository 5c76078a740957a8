package rawio

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// Lower is the connection below a TLS connection, which is made with [tls.Server] or [tls.Client] over it. It passes everything on until [Of] is asked for the
// socket of the TLS connection. From then on crypto/tls does not touch the socket itself:
//
//	read   the socket's bytes come into a buffer; crypto/tls takes them from there, and gets errNothing when it is empty, which
//	       it treats like a deadline that has passed: it keeps its state and can be read again
//	write  the records of one write are gathered and given to the socket at once; what it does not take waits
type Lower struct {
	// Conn is the connection. It can be replaced as long as nothing uses it, such as a connection with limits by the one
	// that it wraps.
	net.Conn

	isSwitched bool // set before both directions are used again

	// Used only by the goroutine that reads.
	buffer  *Buffer
	arrived []byte // of the buffer: what crypto/tls has not taken
	failed  error  // after what has arrived

	mu        sync.Mutex
	raw       syscall.RawConn
	gathering bool
	gathered  *[]byte
	waiting   []byte
}

// maxWaiting limits the bytes that wait. One write adds at most its own size and the headers of its records; a client that
// asks for new keys and reads nothing adds small records.
const maxWaiting = 256 << 10

// errNothing says that nothing has arrived. For crypto/tls it is an error that passes, because it is a Temporary [net.Error].
var errNothing net.Error = nothing{}

type nothing struct{}

func (nothing) Error() string   { return "nothing has arrived" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

// socket switches to the new way of reading and writing.
func (l *Lower) socket(t *tls.Conn) Socket {
	raw := descriptor(l.Conn)
	if raw == nil || !t.ConnectionState().HandshakeComplete {
		return Socket{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.raw, l.isSwitched = raw, true
	return Socket{raw: raw, tls: &secured{conn: t, lower: l}}
}

// Read is called by crypto/tls.
func (l *Lower) Read(b []byte) (int, error) {
	if !l.isSwitched {
		return l.Conn.Read(b)
	}
	if len(l.arrived) == 0 {
		l.release()
		if l.failed != nil {
			return 0, l.failed
		}
		return 0, errNothing
	}
	n := copy(b, l.arrived)
	l.arrived = l.arrived[n:]
	return n, nil
}

func (l *Lower) release() {
	l.buffer.Release()
	l.buffer, l.arrived = nil, nil
}

// Write is called by crypto/tls: for data, by the goroutine that writes; for alerts and new keys, also by the one that reads.
func (l *Lower) Write(b []byte) (int, error) {
	if !l.isSwitched {
		return l.Conn.Write(b)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gathering {
		if l.gathered == nil {
			l.gathered = gathers.Get().(*[]byte)
		}
		*l.gathered = append(*l.gathered, b...)
		return len(b), nil
	}
	return len(b), l.put(b)
}

// gathers are the buffers of the records of one write.
var gathers = sync.Pool{New: func() any { return new([]byte) }}

// put writes as much as the socket takes. The rest waits.
func (l *Lower) put(b []byte) error {
	if len(l.waiting) == 0 {
		n, err := tryWrite(l.raw, b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	if len(l.waiting)+len(b) > maxWaiting {
		return fmt.Errorf("more than %d bytes wait for the socket", maxWaiting)
	}
	if len(b) > 0 {
		l.waiting = append(l.waiting, b...)
	}
	return nil
}

func (l *Lower) gather() {
	l.mu.Lock()
	l.gathering = true
	l.mu.Unlock()
}

// flush writes what was gathered.
func (l *Lower) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gathering = false
	if l.gathered == nil {
		return nil
	}
	err := l.put(*l.gathered)
	*l.gathered = (*l.gathered)[:0]
	gathers.Put(l.gathered)
	l.gathered = nil
	return err
}

func (l *Lower) isWaiting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting) > 0
}

// drain writes without the lock. Meanwhile others only append, because something waits.
func (l *Lower) drain() error {
	for {
		l.mu.Lock()
		b := l.waiting
		l.mu.Unlock()
		if len(b) == 0 {
			return nil
		}
		n, err := l.Conn.Write(b)
		l.mu.Lock()
		if l.waiting = l.waiting[n:]; len(l.waiting) == 0 {
			l.waiting = nil
		}
		l.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// secured reads and writes a TLS connection over a switched [Lower].
type secured struct {
	conn  *tls.Conn
	lower *Lower
}

func (s *secured) read(r *Reader, raw syscall.RawConn) (*Buffer, int, error) {
	for {
		buf := buffers.Get().(*Buffer)
		n, err := s.conn.Read(buf[:])
		if errors.Is(err, errNothing) {
			err = nil
		}
		if n > 0 {
			return buf, n, err
		}
		buf.Release()
		if err != nil {
			s.lower.release()
			return nil, 0, err
		}
		s.lower.await(r, raw)
	}
}

// await waits for bytes of the socket.
func (l *Lower) await(r *Reader, raw syscall.RawConn) {
	if l.failed != nil {
		return
	}
	buf, n, err := r.read(raw)
	l.failed = err
	if n == 0 {
		buf.Release()
		return
	}
	l.buffer, l.arrived = buf, buf[:n]
}

func (s *secured) tryWrite(data []byte) (n int, err error) {
	if s.lower.isWaiting() {
		return 0, nil
	}
	s.lower.gather()
	n, err = s.conn.Write(data)
	if flushed := s.lower.flush(); err == nil {
		err = flushed
	}
	return n, err
}
