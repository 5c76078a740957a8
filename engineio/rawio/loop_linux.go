package rawio

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// HasLoops reports whether this system has a [Loop].
const HasLoops = true

// A Loop reads many sockets with few goroutines, by epoll. An idle socket has no goroutine and no buffer.
//
// One worker leads: it waits for sockets that are ready, and calls their handlers one after the other. A handler that is going to
// wait calls [Worker.HandOver] first. Then another worker leads, and the first one only finishes its socket. [Worker.Watch] does the
// same a millisecond later for handlers that wait without having said so.
//
//	          ┌─ leading ──► calling ──┐  a handler
//	          └────◄───────────◄───────┘
//	parked ──►┘               │
//	   └────◄── following ◄───┘           HandOver, or the timer of Watch
//
// The epoll instance itself waits in the network poller of Go, so no thread is blocked.
type Loop struct {
	file *os.File // the epoll instance
	raw  syscall.RawConn
	fd   int
	try  func(uintptr) bool // poll

	leader   atomic.Pointer[Worker]
	turn     atomic.Uint64 // counts the calls of handlers by leaders
	watching atomic.Bool   // timer is set
	seen     atomic.Uint64 // turn when the timer was set
	timer    *time.Timer

	// Used only by the worker that leads.
	events [batch]unix.EpollEvent
	found  int
	ready  []task
	next   int    // of ready
	more   []task // for the round after the next events

	mu      sync.Mutex
	sockets []*Polled // by descriptor
	open    int       // taken and not gone
	due     []start   // the earliest first
	spare   []*Worker
	unused  int // workers that were spare all the time since the last trim
	trim    *time.Timer
	ending  bool
	ended   chan struct{}
	workers sync.WaitGroup
}

const (
	batch = 128
	// watchTime is how long a handler may run before another worker takes over, once to twice.
	watchTime = time.Millisecond
	// trimTime is how long a worker that is not needed keeps its stack.
	trimTime = 5 * time.Second
)

// task is a call of a handler.
type task struct {
	socket *Polled
	events uint32
	start  func(*Worker) // see Polled.Start; nil: the socket is readable
}

type start struct {
	at time.Time
	task
}

// NewLoop starts a loop.
func NewLoop() (*Loop, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	l := &Loop{file: os.NewFile(uintptr(fd), "epoll"), fd: fd, ended: make(chan struct{})}
	if l.raw, err = l.file.SyscallConn(); err == nil {
		err = l.file.SetReadDeadline(time.Time{}) // fails if it cannot wait in the network poller
	}
	if err != nil {
		l.file.Close()
		return nil, err
	}
	l.try = l.poll
	l.timer = time.AfterFunc(time.Hour, l.watch)
	l.timer.Stop()
	l.trim = time.AfterFunc(time.Hour, l.trimSpare)
	l.trim.Stop()
	w := newWorker(l)
	l.leader.Store(w)
	l.workers.Go(w.run)
	return l, nil
}

// Stop ends the loop once all of its sockets are closed and no handler runs. The channel is closed after the last goroutine has
// ended.
func (l *Loop) Stop() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ending {
		l.ending = true
		l.wakeAtEnd()
		go func() {
			l.workers.Wait()
			close(l.ended)
		}()
	}
	return l.ended
}

// wake makes the leader look at the starts that are due, at that time. The caller holds mu.
func (l *Loop) wake(at time.Time) {
	_ = l.file.SetReadDeadline(at) // fails only after the end
}

// atEnd reports whether nothing is left to be done after Stop. The caller holds mu.
func (l *Loop) atEnd() bool { return l.ending && l.open == 0 }

func (l *Loop) wakeAtEnd() {
	if l.atEnd() {
		l.wake(time.Now())
	}
}

// gone records that no worker uses a closed socket any more.
func (l *Loop) gone() {
	l.mu.Lock()
	l.open--
	l.wakeAtEnd()
	l.mu.Unlock()
}

// A Polled is a plain socket that a [Loop] reads. The zero value is none. The caller's own lock must cover Read, TryWrite, Arm,
// AwaitRoom, CloseWrite and Close, because the descriptor may belong to another socket after Close.
type Polled struct {
	loop     *Loop
	handler  Handler
	fd       int32
	isArmed  bool
	withRoom bool // the loop is told of room, see AwaitRoom
	state    atomic.Uint32
}

// IsNone reports whether p is no socket.
func (p *Polled) IsNone() bool { return p.loop == nil }

// Take makes p the socket of conn, which is then closed, and reports whether that worked. Otherwise conn is unchanged.
// The handler is not called before [Polled.Start].
func (l *Loop) Take(conn net.Conn, p *Polled, handler Handler) bool {
	raw := descriptor(conn)
	if raw == nil {
		return false
	}
	// The network poller of Go forgets the socket only when conn is closed, so the socket gets another descriptor.
	fd := -1
	err := raw.Control(func(old uintptr) {
		if dup, err := unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0); err == nil {
			fd = dup
		}
	})
	if err != nil || fd < 0 {
		return false
	}
	l.mu.Lock()
	ending := l.ending
	if !ending {
		l.open++
	}
	l.mu.Unlock()
	if ending {
		unix.Close(fd)
		return false
	}
	conn.Close()
	p.loop, p.handler, p.fd = l, handler, int32(fd)
	p.state.Store(busy)
	return true
}

// Start makes a worker call f after a pause, as it calls Readable. f must call [Polled.Arm] for Readable to be called.
func (p *Polled) Start(pause time.Duration, f func(*Worker)) {
	l := p.loop
	s := start{time.Now().Add(pause), task{socket: p, start: f}}
	l.mu.Lock()
	defer l.mu.Unlock()
	i := len(l.due)
	for i > 0 && l.due[i-1].at.After(s.at) {
		i--
	}
	l.due = slices.Insert(l.due, i, s)
	if i == 0 {
		l.wake(s.at)
	}
}

// Arm makes the loop call Readable whenever there is input.
func (p *Polled) Arm() error {
	l := p.loop
	l.mu.Lock()
	if grow := int(p.fd) + 1 - len(l.sockets); grow > 0 {
		l.sockets = append(l.sockets, make([]*Polled, grow)...)
	}
	l.sockets[p.fd] = p
	l.mu.Unlock()
	p.isArmed = true
	return p.control(unix.EPOLL_CTL_ADD)
}

// Edges are enough: a read that returns less than it could has emptied the socket, and the next byte is an edge. The end of the input
// is not always, so it is remembered, see hungUp.
func (p *Polled) control(op int) error {
	e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET, Fd: p.fd}
	if p.withRoom {
		e.Events |= unix.EPOLLOUT
	}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.loop.fd, op, int(p.fd), &e))
}

// AwaitRoom makes the loop call Writable when the socket accepts data again. It is called after a [Polled.TryWrite] that did not write
// everything. Most sockets never need it, so the loop is told of their room only from here on.
func (p *Polled) AwaitRoom() error {
	if p.withRoom {
		return nil
	}
	p.withRoom = true
	if !p.isArmed {
		return nil
	}
	return p.control(unix.EPOLL_CTL_MOD)
}

// Read returns what has arrived, 0 and no error if that is nothing. Package syscall tells the race detector that what the peer did before
// it sent came before what happens here; x/sys/unix does not tell it where both are in one process, as in tests.
func (p *Polled) Read(b []byte) (int, error) {
	for {
		n, err := syscall.Read(int(p.fd), b)
		if !errors.Is(err, unix.EINTR) {
			return p.read(n, err, errors.Is(err, unix.EAGAIN))
		}
	}
}

// TryWrite writes what the socket takes now; n < len(data) when it is full.
func (p *Polled) TryWrite(data []byte) (int, error) {
	for {
		n, err := syscall.Write(int(p.fd), data)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EAGAIN):
			return 0, nil
		case !errors.Is(err, unix.EINTR):
			return 0, err
		}
	}
}

// CloseWrite ends the output.
func (p *Polled) CloseWrite() error { return unix.Shutdown(int(p.fd), unix.SHUT_WR) }

// Close closes the socket, once. It reports whether no worker is using it; otherwise Gone will be called.
func (p *Polled) Close() (idle bool) {
	l := p.loop
	if p.isArmed {
		l.mu.Lock()
		l.sockets[p.fd] = nil
		l.mu.Unlock()
	}
	unix.Close(int(p.fd))
	idle = p.setClosed()
	if idle {
		l.gone()
	}
	return idle
}

// A Worker is a goroutine of a [Loop].
type Worker struct {
	loop  *Loop
	state atomic.Int32
	buf   *Buffer
	woken chan bool // true: it leads
}

// The states of a worker.
const (
	leading int32 = iota
	calling
	following // another worker leads
)

func newWorker(l *Loop) *Worker { return &Worker{loop: l, woken: make(chan bool, 1)} }

// Buffer returns the buffer for a read. It is used until the handler returns.
func (w *Worker) Buffer() *Buffer {
	if w.buf == nil {
		w.buf = buffers.Get().(*Buffer)
	}
	return w.buf
}

// HandOver makes another worker read the other sockets from now on. A handler calls it before it waits. It may be called several times,
// by any goroutine, and does nothing if w is nil.
func (w *Worker) HandOver() {
	if w != nil && w.state.Load() == calling {
		w.loop.succeed(w)
	}
}

// Watch calls HandOver a little later, if the handler has not returned by then.
func (w *Worker) Watch() {
	if w == nil || w.state.Load() != calling {
		return
	}
	if l := w.loop; !l.watching.Load() && l.watching.CompareAndSwap(false, true) {
		l.seen.Store(l.turn.Load())
		l.timer.Reset(watchTime)
	}
}

func (l *Loop) watch() {
	turn := l.turn.Load()
	if w := l.leader.Load(); w.state.Load() == calling {
		if turn == l.seen.Load() {
			w.HandOver()
		}
	} else if turn == l.seen.Load() && l.rest(turn) {
		return
	}
	l.seen.Store(turn)
	l.timer.Reset(watchTime)
}

// rest leaves it to the next handler to set the timer, because the loop has been idle since turn. It returns false if a handler has begun
// since then, which may have relied on the timer.
func (l *Loop) rest(turn uint64) bool {
	l.watching.Store(false)
	return l.turn.Load() == turn || !l.watching.CompareAndSwap(false, true)
}

// succeed makes another worker the leader, if w still is. w then uses the fields of the leader no more. The lock keeps w from ending
// before the other one is counted.
func (l *Loop) succeed(w *Worker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !w.state.CompareAndSwap(calling, following) {
		return
	}
	n := len(l.spare) - 1
	if n < 0 {
		next := newWorker(l)
		l.leader.Store(next)
		l.workers.Go(next.run)
		return
	}
	next := l.spare[n]
	l.spare[n] = nil
	l.spare = l.spare[:n]
	l.unused = min(l.unused, n)
	next.state.Store(leading)
	l.leader.Store(next)
	next.woken <- true
}

func (w *Worker) run() {
	for w.lead() {
		if !w.loop.park(w) {
			return
		}
	}
}

// park keeps the worker for later, so that its stack need not grow again. It reports whether the worker leads now.
func (l *Loop) park(w *Worker) (leads bool) {
	w.buf.Release()
	w.buf = nil
	l.mu.Lock()
	if l.atEnd() {
		l.mu.Unlock()
		return false
	}
	if len(l.spare) == 0 {
		l.unused = 0
		l.trim.Reset(trimTime)
	}
	l.spare = append(l.spare, w)
	l.mu.Unlock()
	return <-w.woken
}

// trimSpare ends the workers that were not needed for a while.
func (l *Loop) trimSpare() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.spare[:l.unused] {
		w.woken <- false
	}
	l.spare = slices.Delete(l.spare, 0, l.unused)
	l.unused = len(l.spare)
	if l.unused > 0 {
		l.trim.Reset(trimTime)
	}
}

// lead calls handlers. It returns true when another worker leads, and false at the end of the loop.
func (w *Worker) lead() bool {
	l := w.loop
	for {
		for l.next < len(l.ready) {
			t := l.ready[l.next]
			l.ready[l.next] = task{}
			l.next++
			if !w.serve(t) {
				return true
			}
		}
		l.ready, l.next = l.ready[:0], 0
		if !l.wait() {
			return false
		}
	}
}

// serve reports whether w still leads.
func (w *Worker) serve(t task) bool {
	p := t.socket
	if t.start == nil && t.events != 0 && !p.isReadable(t.events) {
		return true
	}
	w.state.Store(calling)
	w.loop.turn.Add(1) // in this order: watch loads turn first
	for {
		more := false
		if t.start != nil {
			t.start(w)
			t.start = nil
		} else {
			more = p.handler.Readable(w)
		}
		repeat, gone := p.end(more)
		if gone {
			p.handler.Gone()
			w.loop.gone()
		}
		switch {
		case w.state.CompareAndSwap(calling, leading):
			if repeat {
				w.loop.more = append(w.loop.more, task{socket: p})
			}
			return true
		case !repeat:
			return false
		}
	}
}

// isReadable reports whether events require a call of Readable. It calls Writable if they require that.
func (p *Polled) isReadable(events uint32) bool {
	const ended = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	if events&unix.EPOLLOUT != 0 {
		p.handler.Writable()
	}
	return events&(unix.EPOLLIN|ended) != 0 && p.begin(events&ended != 0)
}

// wait fills ready: with the sockets that have events, those that were not read to the end, and the starts that are due. It returns
// false at the end of the loop.
func (l *Loop) wait() bool {
	for {
		l.found = 0
		expired := false
		if len(l.more) == 0 {
			err := l.raw.Read(l.try)
			expired = errors.Is(err, os.ErrDeadlineExceeded)
			if err != nil && !expired {
				return false
			}
		}
		if len(l.more) > 0 || expired {
			l.poll(0) // in a storm of new connections, some start is always due
		}
		if !l.fill(expired) {
			return false
		}
		if len(l.ready) > 0 {
			return true
		}
	}
}

// poll asks for events without waiting. The network poller of Go waits until there may be some.
func (l *Loop) poll(uintptr) (found bool) {
	for {
		n, err := unix.EpollWait(l.fd, l.events[:], 0)
		if !errors.Is(err, unix.EINTR) {
			l.found = max(n, 0)
			return n != 0
		}
	}
}

// fill is called after poll. expired is true if the time of wake has come.
func (l *Loop) fill(expired bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events[:l.found] {
		if p := l.sockets[e.Fd]; p != nil {
			l.ready = append(l.ready, task{socket: p, events: e.Events})
		}
	}
	l.ready = append(l.ready, l.more...)
	clear(l.more)
	l.more = l.more[:0]
	if len(l.due) > 0 {
		l.takeDue(time.Now())
	}
	if l.atEnd() { // nothing is ready or due either, because each of these sockets counts as open
		l.finish()
		return false
	}
	if expired {
		var next time.Time // never
		if len(l.due) > 0 {
			next = l.due[0].at
		}
		l.wake(next)
	}
	return true
}

// takeDue takes starts that are due, not more than one round has of events.
func (l *Loop) takeDue(now time.Time) {
	n := 0
	for n < min(len(l.due), batch) && !l.due[n].at.After(now) {
		l.ready = append(l.ready, l.due[n].task)
		n++
	}
	l.due = slices.Delete(l.due, 0, n)
}

// finish ends the loop. The caller holds mu.
func (l *Loop) finish() {
	l.timer.Stop()
	l.trim.Stop()
	for _, w := range l.spare {
		w.woken <- false
	}
	l.spare = nil
	l.unused = 0
	l.file.Close()
}
