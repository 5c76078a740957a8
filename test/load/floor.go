//go:build linux

package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"
)

// serveFloor is the least that the transport can cost: one thread that reads all sockets from one epoll instance, and knows
// only the parts of the protocol that a client needs. It reads a socket once and answers all requests of this read with one
// write(2). A broadcast is one write(2) of a prepared frame to each member. The system calls do not pass through Go's
// scheduler, and there are no goroutines and no heartbeats. A server costs less only if it shares writes between broadcasts.
func serveFloor(out io.Writer) error {
	runtime.LockOSThread()
	debug.SetGCPercent(-1) // nearly nothing is allocated after a connection has begun
	f, err := newFloorServer()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening 127.0.0.1:%d\n", f.port)
	return f.serve()
}

type floorServer struct {
	epfd, listener int
	port           int
	conns          []floorConn // by file descriptor
	members        []int       // file descriptors of those in the room
	in, out        []byte
}

type floorConn struct {
	isOpen bool   // the request that upgrades has been answered
	rest   []byte // the beginning of a frame
	member int    // its place in members, plus 1; 0: not in the room
}

func newFloorServer() (*floorServer, error) {
	f := &floorServer{in: make([]byte, 64<<10)}
	var err error
	if f.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if f.listener, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	// Accepted sockets inherit TCP_NODELAY.
	err = errors.Join(
		unix.SetsockoptInt(f.listener, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Bind(f.listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
		unix.Listen(f.listener, 4096),
		f.watch(f.listener),
	)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	address, err := unix.Getsockname(f.listener)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	f.port = address.(*unix.SockaddrInet4).Port
	return f, nil
}

func (f *floorServer) watch(fd int) error {
	return unix.EpollCtl(f.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (f *floorServer) serve() error {
	events := make([]unix.EpollEvent, 256)
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(f.epfd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), ^uintptr(0), 0, 0)
		if errno != 0 {
			if errno == unix.EINTR {
				continue
			}
			return fmt.Errorf("epoll: %w", errno)
		}
		for _, e := range events[:n] {
			if fd := int(e.Fd); fd == f.listener {
				if err := f.accept(); err != nil {
					return err
				}
			} else if !f.read(fd) {
				f.close(fd)
			}
		}
	}
}

// accept takes all connections that wait.
func (f *floorServer) accept() error {
	for {
		fd, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(f.listener), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
		case unix.EAGAIN:
			return nil
		case unix.EINTR, unix.ECONNABORTED:
			continue
		default:
			return fmt.Errorf("accept: %w", errno)
		}
		for len(f.conns) <= int(fd) {
			f.conns = append(f.conns, floorConn{})
		}
		if err := f.watch(int(fd)); err != nil {
			return fmt.Errorf("epoll: %w", err)
		}
	}
}

func (f *floorServer) close(fd int) {
	f.leave(fd)
	f.conns[fd] = floorConn{}
	unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
}

// read handles what one read brings; false ends the connection.
func (f *floorServer) read(fd int) bool {
	n, errno := rawRead(fd, f.in)
	if errno == unix.EAGAIN || errno == unix.EINTR {
		return true
	}
	if errno != 0 || n == 0 {
		return false
	}
	c, b := &f.conns[fd], f.in[:n]
	if len(c.rest) > 0 {
		b = append(c.rest, b...)
		c.rest = nil
	}
	f.out = f.out[:0]
	if !c.isOpen {
		head, tail, whole := bytes.Cut(b, []byte("\r\n\r\n"))
		if !whole {
			c.rest = bytes.Clone(b)
			return true
		}
		f.upgrade(head)
		c.isOpen, b = true, tail
	}
	for {
		payload, size, err := cutMasked(b)
		if err != nil {
			return false
		}
		if size == 0 {
			break
		}
		f.packet(fd, payload)
		b = b[size:]
	}
	if len(b) > 0 {
		c.rest = bytes.Clone(b)
	}
	return len(f.out) == 0 || writeAll(fd, f.out)
}

// upgrade answers the request that begins a WebSocket, and opens the session.
func (f *floorServer) upgrade(head []byte) {
	const field = "\r\nSec-WebSocket-Key: "
	var key []byte
	if i := bytes.Index(head, []byte(field)); i >= 0 {
		key, _, _ = bytes.Cut(head[i+len(field):], []byte("\r\n"))
	}
	// RFC 6455, section 4.2.2.
	sum := sha1.Sum(append(bytes.Clone(key), "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"...))
	f.out = append(f.out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	f.out = base64.StdEncoding.AppendEncode(f.out, sum[:])
	f.out = append(f.out, "\r\n\r\n"...)
	f.out = serverFrame(f.out, `0{"sid":"-","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
	if bytes.Contains(head, []byte("EIO=3")) {
		f.out = serverFrame(f.out, "40")
	}
}

var (
	echoEvent      = []byte(`["echo",`)
	joinEvent      = []byte(`420["join",`)
	broadcastEvent = []byte(`42["broadcast",`)
)

func (f *floorServer) packet(fd int, p []byte) {
	switch {
	case bytes.Equal(p, []byte("2")):
		f.out = serverFrame(f.out, "3")
	case bytes.HasPrefix(p, []byte("40")):
		namespace := ""
		if name, _, found := bytes.Cut(p[2:], []byte(",")); found && bytes.HasPrefix(name, []byte("/")) {
			namespace = string(name) + ","
		}
		f.out = serverFrame(f.out, "40"+namespace+`{"sid":"-"}`)
	case bytes.HasPrefix(p, joinEvent):
		f.join(fd)
		f.out = serverFrame(f.out, `430[]`)
	case bytes.HasPrefix(p, broadcastEvent):
		f.broadcast(serverFrame(nil, `42["message",`+string(p[len(broadcastEvent):])))
	case bytes.HasPrefix(p, []byte("42")):
		_, digits := leadingInt(p[2:])
		id, event := p[2:2+digits], p[2+digits:]
		if digits > 0 && bytes.HasPrefix(event, echoEvent) {
			value := event[len(echoEvent):]
			f.out = appendHead(f.out, len("43")+len(id)+len("[")+len(value))
			f.out = append(append(append(append(f.out, "43"...), id...), '['), value...)
		}
	}
}

func (f *floorServer) join(fd int) {
	if c := &f.conns[fd]; c.member == 0 {
		f.members = append(f.members, fd)
		c.member = len(f.members)
	}
}

func (f *floorServer) leave(fd int) {
	place := f.conns[fd].member
	if place == 0 {
		return
	}
	last := f.members[len(f.members)-1]
	f.members[place-1] = last
	f.conns[last].member = place
	f.members = f.members[:len(f.members)-1]
}

// broadcast writes to those that can be written to. Epoll reports the others as closed.
func (f *floorServer) broadcast(frame []byte) {
	for _, fd := range f.members {
		writeAll(fd, frame)
	}
}

func rawRead(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), errno
}

func rawWrite(fd int, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(n), errno
}

// writeAll waits at most a second for a socket that takes nothing.
func writeAll(fd int, b []byte) bool {
	for len(b) > 0 {
		n, errno := rawWrite(fd, b)
		switch errno {
		case 0:
			b = b[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 1000); n == 0 || (err != nil && !errors.Is(err, unix.EINTR)) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// serverFrame appends one unmasked text frame to b.
func serverFrame(b []byte, payload string) []byte {
	return append(appendHead(b, len(payload)), payload...)
}

// appendHead begins an unmasked text frame of at most 64 KiB.
func appendHead(b []byte, n int) []byte {
	if n < 126 {
		return append(b, 0x80|opText, byte(n))
	}
	return append(b, 0x80|opText, 126, byte(n>>8), byte(n))
}

// cutMasked takes the first frame of a client off b and unmasks it in place. size is 0 while the frame is not complete.
func cutMasked(b []byte) (payload []byte, size int, err error) {
	if len(b) < 2 {
		return nil, 0, nil
	}
	head, length := 2, int(b[1]&0x7f)
	switch length {
	case 126:
		if head = 4; len(b) < head {
			return nil, 0, nil
		}
		length = int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		return nil, 0, errFrameSize
	}
	if b[1]&0x80 == 0 {
		return nil, 0, errNotMasked
	}
	size = head + 4 + length
	if len(b) < size {
		return nil, 0, nil
	}
	key := binary.NativeEndian.Uint32(b[head:])
	payload = b[head+4 : size]
	i := 0
	for ; i+4 <= len(payload); i += 4 {
		binary.NativeEndian.PutUint32(payload[i:], binary.NativeEndian.Uint32(payload[i:])^key)
	}
	for ; i < len(payload); i++ {
		payload[i] ^= b[head+i&3]
	}
	return payload, size, nil
}
