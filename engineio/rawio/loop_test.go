//go:build linux

package rawio

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func startLoop(t *testing.T) *Loop {
	t.Helper()
	l, err := NewLoop()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { await(t, "the end of the loop", l.Stop()) })
	return l
}

func await[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("never: %s", what)
	}
	return v
}

// pair returns both ends of a connection.
func pair(t *testing.T, network string) (ours, theirs net.Conn) {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "socket")
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	theirs, err = net.Dial(network, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	ours, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// A peer is the other end of a polled socket, and its handler.
type peer struct {
	conn   net.Conn
	polled Polled
	read   func(w *Worker, b []byte, err error) // called by the worker after each read

	writable chan struct{}
	gone     chan struct{}
}

func (p *peer) Readable(w *Worker) (more bool) {
	buf := w.Buffer()
	n, err := p.polled.Read(buf[:])
	p.read(w, buf[:n], err)
	return err == nil && n > 0 && (n == len(buf) || p.polled.HungUp())
}

func (p *peer) Writable() {
	select {
	case p.writable <- struct{}{}:
	default:
	}
}

func (p *peer) Gone() { close(p.gone) }

// take returns a peer whose socket the loop has, without [Polled.Start].
func take(t *testing.T, l *Loop, network string, read func(w *Worker, b []byte, err error)) *peer {
	t.Helper()
	ours, theirs := pair(t, network)
	p := &peer{conn: theirs, read: read, writable: make(chan struct{}, 1), gone: make(chan struct{})}
	if !l.Take(ours, &p.polled, p) {
		t.Fatal("the loop does not take the socket")
	}
	return p
}

// armed is take for a socket that the loop reads.
func armed(t *testing.T, l *Loop, network string, read func(w *Worker, b []byte, err error)) *peer {
	t.Helper()
	p := take(t, l, network, read)
	started := make(chan error, 1)
	p.polled.Start(0, func(*Worker) { started <- p.polled.Arm() })
	if err := await(t, "the start", started); err != nil {
		t.Fatal(err)
	}
	return p
}

// close closes the socket and waits until no worker uses it.
func (p *peer) close(t *testing.T) {
	t.Helper()
	if !p.polled.Close() {
		await(t, "Gone", p.gone)
	}
}

func (p *peer) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		t.Fatal(err)
	}
}

// collect returns a reader for take that passes on what it has read, and at the end the error.
func collect() (read func(*Worker, []byte, error), got chan string, end chan error) {
	got, end = make(chan string, 1000), make(chan error, 1)
	return func(_ *Worker, b []byte, err error) {
		if len(b) > 0 {
			got <- string(b)
		}
		if err != nil {
			end <- err
		}
	}, got, end
}

func TestLoop_Reads(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			l := startLoop(t)
			read, got, end := collect()
			p := armed(t, l, network, read)
			defer p.close(t)
			for _, text := range []string{"one", "two"} {
				p.send(t, text)
				if b := await(t, text, got); b != text {
					t.Errorf("got %q, want %q", b, text)
				}
			}
			const size = 5*len(Buffer{}) + 1
			p.send(t, strings.Repeat("x", size))
			for n := 0; n < size; {
				n += len(await(t, "all of it", got))
			}
			p.conn.Close()
			if err := await(t, "the end", end); !errors.Is(err, io.EOF) {
				t.Errorf("end: got %v", err)
			}
		})
	}
}

// The end that comes with the last bytes, as one event, is read after them.
func TestLoop_EndWithBytes(t *testing.T) {
	l := startLoop(t)
	read, got, end := collect()
	p := take(t, l, "tcp", read)
	defer p.close(t)
	p.send(t, "last")
	p.conn.Close()
	p.polled.Start(0, func(*Worker) {
		if err := p.polled.Arm(); err != nil {
			t.Error(err)
		}
	})
	if b := await(t, "the bytes", got); b != "last" {
		t.Errorf("got %q", b)
	}
	if err := await(t, "the end", end); !errors.Is(err, io.EOF) {
		t.Errorf("end: got %v", err)
	}
}

// Bytes that arrive during Start are read after it.
func TestLoop_EventDuringStart(t *testing.T) {
	l := startLoop(t)
	read, got, _ := collect()
	p := take(t, l, "tcp", read)
	defer p.close(t)
	p.polled.Start(0, func(w *Worker) {
		if err := p.polled.Arm(); err != nil {
			t.Error(err)
		}
		w.HandOver()
		p.send(t, "early")
		for p.polled.state.Load()&again == 0 {
			time.Sleep(time.Millisecond) // another worker gets the event
		}
	})
	if b := await(t, "the bytes", got); b != "early" {
		t.Errorf("got %q", b)
	}
}

// The loop also reads while some start is always due. It did not look for events then, so a storm of new connections kept it from
// reading the others.
func TestLoop_StartsWithoutEnd(t *testing.T) {
	l := startLoop(t)
	read, got, _ := collect()
	p := armed(t, l, "tcp", read)
	defer p.close(t)
	var done atomic.Bool
	ended := make(chan struct{})
	starting := take(t, l, "tcp", read)
	var start func(*Worker)
	start = func(*Worker) {
		starting.polled.state.Or(busy) // as in the first start
		if done.Load() {
			close(ended)
			return
		}
		starting.polled.Start(0, start)
	}
	starting.polled.Start(0, start)
	defer starting.close(t)
	defer await(t, "the last start", ended)
	defer done.Store(true)
	for _, text := range []string{"one", "two", "three"} {
		p.send(t, text)
		if b := await(t, text, got); b != text {
			t.Errorf("got %q, want %q", b, text)
		}
	}
}

// More starts than one round takes.
func TestLoop_ManyStarts(t *testing.T) {
	l := startLoop(t)
	read, _, _ := collect()
	const many = 3*batch + 1
	p := take(t, l, "tcp", read)
	defer p.close(t)
	starts := make(chan int, many)
	for i := range many {
		p.polled.Start(10*time.Millisecond, func(*Worker) {
			p.polled.state.Or(busy) // as in the first start
			starts <- i
		})
	}
	for i := range many {
		if got := await(t, "a start", starts); got != i {
			t.Fatalf("got start %d, want %d", got, i)
		}
	}
}

// A socket that is full is written again when the peer has read, also more than once.
func TestLoop_AwaitRoom(t *testing.T) {
	l := startLoop(t)
	read, _, _ := collect()
	for _, network := range []string{"tcp", "unix"} {
		p := armed(t, l, network, read)
		for range 3 {
			chunk := make([]byte, 64<<10)
			written := 0
			for {
				n, err := p.polled.TryWrite(chunk)
				if err != nil {
					t.Fatal(err)
				}
				written += n
				if n < len(chunk) {
					break
				}
			}
			select {
			case <-p.writable: // of the round before
			default:
			}
			if err := p.polled.AwaitRoom(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, p.conn, int64(written)); err != nil {
				t.Fatal(err)
			}
			await(t, "room", p.writable)
		}
		p.close(t)
	}
}

// Close during a handler calls Gone once, after the handler.
func TestLoop_CloseDuringHandler(t *testing.T) {
	l := startLoop(t)
	begun, release := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	p := armed(t, l, "tcp", func(w *Worker, _ []byte, _ error) {
		w.HandOver()
		close(begun)
		<-release
		ended.Store(true)
	})
	p.send(t, "x")
	await(t, "the handler", begun)
	if p.polled.Close() {
		t.Error("the socket counts as idle")
	}
	close(release)
	await(t, "Gone", p.gone)
	if !ended.Load() {
		t.Error("Gone was called before the handler had returned")
	}
}

// A socket that is closed before Start, and a loop that is stopped before it, still get their end.
func TestLoop_StopBeforeStart(t *testing.T) {
	l, err := NewLoop()
	if err != nil {
		t.Fatal(err)
	}
	read, _, _ := collect()
	for range 2 {
		p := take(t, l, "tcp", read)
		p.polled.Close()
		ended := l.Stop()
		select {
		case <-ended:
			t.Fatal("the loop has ended before the socket was gone")
		case <-time.After(10 * time.Millisecond):
		}
		p.polled.Start(5*time.Millisecond, func(*Worker) {})
		await(t, "Gone", p.gone)
		await(t, "the end of the loop", ended)
		ours, _ := pair(t, "tcp")
		if l.Take(ours, new(Polled), p) {
			t.Error("a loop that has ended has taken a socket")
		}
		ours.Close()
		if l, err = NewLoop(); err != nil {
			t.Fatal(err)
		}
	}
	await(t, "the end of the loop", l.Stop())
}

// A handler that waits for another socket without HandOver is found by the timer, also after the loop was idle.
func TestLoop_Watch(t *testing.T) {
	l := startLoop(t)
	release, done := make(chan struct{}, 1), make(chan struct{}, 1)
	waiting := armed(t, l, "tcp", func(w *Worker, b []byte, _ error) {
		if len(b) > 0 {
			w.Watch()
			<-release
			done <- struct{}{}
		}
	})
	defer waiting.close(t)
	ending := armed(t, l, "tcp", func(_ *Worker, b []byte, _ error) {
		if len(b) > 0 {
			release <- struct{}{}
		}
	})
	defer ending.close(t)
	for range 3 {
		waiting.send(t, "x")
		ending.send(t, "x")
		await(t, "the end of the handler that waits", done)
		for l.watching.Load() {
			time.Sleep(watchTime)
		}
	}
}

// A handler may begin just when the timer finds the loop idle. It was not watched then.
func TestLoop_Watch_BeginsMeanwhile(t *testing.T) {
	l := startLoop(t)
	l.watching.Store(true) // the timer is running
	turn := l.turn.Load()
	begun, release := make(chan struct{}), make(chan struct{})
	p := armed(t, l, "tcp", func(w *Worker, b []byte, _ error) {
		if len(b) > 0 {
			w.Watch()
			close(begun)
			<-release
		}
	})
	defer p.close(t)
	defer close(release)
	p.send(t, "x")
	await(t, "the handler", begun)
	if l.rest(turn) || !l.watching.Load() {
		t.Error("nothing watches the handler")
	}
	if turn = l.turn.Load(); !l.rest(turn) || l.watching.Load() {
		t.Error("the timer of an idle loop runs")
	}
}

// Workers that are not needed end.
func TestLoop_Trim(t *testing.T) {
	l := startLoop(t)
	const many = 20
	release, begun := make(chan struct{}), make(chan struct{}, many)
	for range many {
		p := armed(t, l, "tcp", func(w *Worker, b []byte, _ error) {
			if len(b) > 0 {
				w.HandOver()
				begun <- struct{}{}
				<-release
			}
		})
		defer p.close(t)
		p.send(t, "x")
	}
	for range many {
		await(t, "the handlers", begun)
	}
	close(release)
	spare := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.spare)
	}
	for spare() < many {
		time.Sleep(time.Millisecond)
	}
	l.trimSpare() // the first time counts them
	l.trimSpare()
	if n := spare(); n != 0 {
		t.Errorf("%d workers are left", n)
	}
}

// The descriptor of a closed socket may belong to another one when its event is handled.
func TestPolled_EventOfAnEarlierSocket(t *testing.T) {
	wouldBlock := func(p *Polled) {
		if n, err := p.read(-1, errors.New("nothing there"), true); n != 0 || err != nil {
			t.Errorf("read: got %d, %v", n, err)
		}
	}
	p := new(Polled)
	if !p.begin(true) || !p.HungUp() {
		t.Fatal("the end is not noticed")
	}
	wouldBlock(p)
	if p.HungUp() {
		t.Error("the end of another socket is remembered")
	}
	if repeat, gone := p.end(false); repeat || gone {
		t.Errorf("end: got %v, %v", repeat, gone)
	}

	// The end comes after the read that has found nothing.
	p.begin(true)
	if p.begin(true) {
		t.Error("two workers call the handler")
	}
	wouldBlock(p)
	if !p.HungUp() {
		t.Error("the end is forgotten")
	}
	if repeat, _ := p.end(false); !repeat {
		t.Error("the end is not read")
	}
	wouldBlock(p)
	if p.HungUp() {
		t.Error("the end of another socket is remembered")
	}
	if repeat, _ := p.end(false); repeat {
		t.Error("another read without an event")
	}
	if !p.setClosed() || p.begin(false) {
		t.Error("a closed socket has an event")
	}
}
