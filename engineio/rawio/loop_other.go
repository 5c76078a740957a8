//go:build !linux

package rawio

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

var errNoLoop = errors.New("no epoll on this system")

// HasLoops reports whether this system has a [Loop].
const HasLoops = false

// A Loop reads many sockets with few goroutines. There is none on this system.
type Loop struct{}

// NewLoop fails on this system.
func NewLoop() (*Loop, error) { return nil, errNoLoop }

// Stop ends the loop.
func (l *Loop) Stop() <-chan struct{} { return nil }

// Take does nothing on this system.
func (l *Loop) Take(net.Conn, *Polled, Handler) bool { return false }

// A Polled is a plain socket that a [Loop] reads. On this system there are none.
type Polled struct {
	handler Handler
	state   atomic.Uint32
}

// IsNone reports whether p is no socket.
func (p *Polled) IsNone() bool { return true }

// Start does nothing.
func (p *Polled) Start(time.Duration, func(*Worker)) {}

// Arm fails.
func (p *Polled) Arm() error { return errNoLoop }

// AwaitRoom fails.
func (p *Polled) AwaitRoom() error { return errNoLoop }

// Read fails.
func (p *Polled) Read([]byte) (int, error) { return 0, errNoLoop }

// TryWrite fails.
func (p *Polled) TryWrite([]byte) (int, error) { return 0, errNoLoop }

// CloseWrite fails.
func (p *Polled) CloseWrite() error { return errNoLoop }

// Close does nothing.
func (p *Polled) Close() (idle bool) { return p.setClosed() }

// A Worker is a goroutine of a [Loop].
type Worker struct{}

// Buffer returns the buffer for a read.
func (w *Worker) Buffer() *Buffer { return new(Buffer) }

// HandOver does nothing.
func (w *Worker) HandOver() {}

// Watch does nothing.
func (w *Worker) Watch() {}
