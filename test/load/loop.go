//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A loop reads all sockets of a run from the goroutine that calls runUntil,
// so neither clients nor scenarios need a lock. One epoll instance instead of
// a goroutine per socket: on a machine with two cores the generator must cost
// less than what it measures.
type loop struct {
	epfd   int
	ready  []func(events uint32) // by file descriptor
	events []unix.EpollEvent
	buf    []byte // what one read brings, of whichever socket
	plain  []byte // the same without TLS
	failed error  // the first thing that went wrong in a callback
}

func newLoop() (*loop, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &loop{epfd: fd, events: make([]unix.EpollEvent, 512), buf: make([]byte, 256<<10), plain: make([]byte, 16<<10)}, nil
}

func (l *loop) close() { unix.Close(l.epfd) }

// add calls ready whenever fd can be read, until remove.
func (l *loop) add(fd int, ready func(events uint32)) error {
	for len(l.ready) <= fd {
		l.ready = append(l.ready, nil)
	}
	l.ready[fd] = ready
	return unix.EpollCtl(l.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// wantWrite also calls ready when fd takes bytes again.
func (l *loop) wantWrite(fd int, want bool) error {
	events := uint32(unix.EPOLLIN)
	if want {
		events |= unix.EPOLLOUT
	}
	return unix.EpollCtl(l.epfd, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// remove forgets fd; the kernel does so by itself once it is closed.
func (l *loop) remove(fd int) { l.ready[fd] = nil }

// fail ends the current runUntil with err. The first call counts.
func (l *loop) fail(err error) {
	if l.failed == nil {
		l.failed = err
	}
}

var errTooLong = errors.New("took too long")

// runUntil serves the sockets until done says so, a callback failed, or limit
// has passed, which is an error.
func (l *loop) runUntil(limit time.Duration, done func() bool) error {
	end := time.Now().Add(limit)
	for !done() {
		if err := l.turn(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w (%s)", errTooLong, limit)
		}
	}
	return nil
}

// runFor serves the sockets for d.
func (l *loop) runFor(d time.Duration) error {
	end := time.Now().Add(d)
	for time.Now().Before(end) {
		if err := l.turn(); err != nil {
			return err
		}
	}
	return nil
}

func (l *loop) turn() error {
	n, err := l.wait()
	if err != nil {
		return err
	}
	for _, e := range l.events[:n] {
		// A callback earlier in this turn may have closed the socket.
		if ready := l.ready[e.Fd]; ready != nil {
			ready(e.Events)
		}
	}
	err, l.failed = l.failed, nil
	return err
}

// wait returns the number of sockets that are ready. While there is enough to do, it does not
// block, and Go's scheduler need not know of the call.
func (l *loop) wait() (int, error) {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epfd), uintptr(unsafe.Pointer(&l.events[0])), uintptr(len(l.events)), 0, 0, 0)
	if errno == 0 && n > 0 {
		return int(n), nil
	}
	blocked, err := unix.EpollWait(l.epfd, l.events, 5)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return 0, fmt.Errorf("epoll: %w", err)
	}
	return max(blocked, 0), nil
}

// every calls tick with the number of intervals that have passed since the last
// call, until stop. A timer of the kernel, because Go's own wake up to a
// millisecond late, which would be most of what a paced run measures.
func (l *loop) every(interval time.Duration, tick func(n int)) (stop func(), err error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timer: %w", err)
	}
	spec := unix.NsecToTimespec(interval.Nanoseconds())
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: spec, Value: spec}, nil); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("timer: %w", err)
	}
	var count [8]byte
	err = l.add(fd, func(uint32) {
		if n, err := unix.Read(fd, count[:]); err == nil && n == len(count) {
			tick(int(nativeUint64(count)))
		}
	})
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return func() { l.remove(fd); unix.Close(fd) }, nil
}
