package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/config"
)

// limits returns a configuration in which only these limits, and none of the timeouts,
// close a connection.
func limits(maxOpen, maxWaiting int) (c config.Config) {
	c.HTTP.MaxConnections, c.HTTP.MaxWaiting = maxOpen, maxWaiting
	c.HTTP.StallTimeout, c.Socket.WriteTimeout = time.Minute, time.Hour
	return c
}

// serveLimited serves on loopback with the limits, and answers "ok". A request
// for /slow is answered when release is closed.
func serveLimited(t *testing.T, maxOpen, maxWaiting int) (address string, c *connections, entered, release chan struct{}) {
	t.Helper()
	entered, release = make(chan struct{}, 16), make(chan struct{})
	c = newConnections(limits(maxOpen, maxWaiting))
	return serve(t, c, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-release
		}
		if r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it is wanted, whatever time it takes
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "ok")
	}), c, entered, release
}

// serve serves on loopback, and counts the connections with c.
func serve(t *testing.T, c *connections, handler http.HandlerFunc) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler}
	c.install(s)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(c.limit(l))
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func get(t *testing.T, conn net.Conn, path string) {
	t.Helper()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	answer(t, conn)
}

func answer(t *testing.T, conn net.Conn) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != "ok" {
		t.Fatalf("got %q, %v, want ok", body, err)
	}
}

// closed blocks until the other end has closed the connection.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Fatalf("got %d bytes, want the end", n)
	}
}

func TestSilentConnectionsPushEachOtherOut(t *testing.T) {
	address, c, entered, release := serveLimited(t, 0, 3)

	busy := dial(t, address)
	fmt.Fprint(busy, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	<-entered // is being answered: it does not wait, and must survive all of this

	const silent = 50
	held := make([]net.Conn, silent)
	for i := range held {
		held[i] = dial(t, address)
		if i%2 == 0 {
			// The beginning of a request is none.
			fmt.Fprint(held[i], "GET / HTTP/1.1\r\nHo")
		}
	}
	// The accepting goroutine takes them in the order in which they came.
	for _, conn := range held[:silent-3] {
		closed(t, conn)
	}
	if got := c.evicted.Load(); got < silent-3 {
		t.Errorf("got %d evicted, want at least %d", got, silent-3)
	}

	honest := dial(t, address)
	get(t, honest, "/")
	get(t, honest, "/") // kept alive meanwhile

	close(release)
	answer(t, busy)
}

func TestTooManyConnectionsWaitInTheQueue(t *testing.T) {
	address, _, entered, release := serveLimited(t, 2, 0)
	first, second := dial(t, address), dial(t, address)
	for _, conn := range []net.Conn{first, second} {
		fmt.Fprint(conn, "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		<-entered
	}
	third := dial(t, address) // the kernel takes it, the server does not
	fmt.Fprint(third, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case <-entered:
		t.Error("a third connection was served beside two")
	default:
	}
	close(release)
	answer(t, first)
	answer(t, second)
	<-entered // as soon as one of them has ended
	answer(t, third)
}

func TestHijackedConnectionsLeaveTheLimits(t *testing.T) {
	c := newConnections(limits(1, 1))
	hijacked := make(chan net.Conn, 8)
	address := serve(t, c, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		hijacked <- conn
	})
	// With one slot, the second is only served when the first has given it back.
	for range 3 {
		conn := dial(t, address)
		if _, err := io.Copy(conn, strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		taken := <-hijacked
		defer taken.Close()
		// The transport writes to plain TCP connections without a goroutine.
		if _, ok := taken.(*net.TCPConn); !ok {
			t.Errorf("got a %T, want the accepted connection", taken)
		}
	}
	if open, waiting := c.count(); open != 0 || waiting != 0 {
		t.Errorf("got %d open, %d waiting, want none", open, waiting)
	}
}

// testClock is the time of a test.
type testClock struct{ past atomic.Int64 }

func (c *testClock) now() time.Time          { return time.Unix(0, c.past.Load()) }
func (c *testClock) advance(d time.Duration) { c.past.Add(int64(d)) }

// handlersRead returns when the handlers of all connections wait for their clients.
func handlersRead(c *connections) {
	working := func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for e := c.asking.Front(); e != nil; e = e.Next() {
			if e.Value.(*wait).conn.working.Load() {
				return true
			}
		}
		return false
	}
	for working() {
		runtime.Gosched()
	}
}

// A request whose body is under way was taken for one that is being answered: forty of them that had stopped took all
// connections there may be, and none of them could be closed for another.
func TestStoppedBodiesMakeRoom(t *testing.T) {
	var clock testClock
	c := newConnections(limits(2, 0))
	c.now = clock.now
	read := make(chan struct{})
	address := serve(t, c, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		part := make([]byte, progress)
		for {
			if _, err := io.ReadFull(r.Body, part); err != nil {
				break
			}
			read <- struct{}{}
		}
		_, _ = io.WriteString(w, "ok")
	})
	upload, stopped := dial(t, address), dial(t, address)
	part := make([]byte, progress)
	send := func(conn net.Conn) {
		t.Helper()
		if _, err := conn.Write(part); err != nil {
			t.Fatal(err)
		}
		<-read
	}
	for _, conn := range []net.Conn{upload, stopped} {
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", 3*progress)
		send(conn)
	}
	handlersRead(c)
	clock.advance(patience)
	send(upload)

	get(t, dial(t, address), "/")
	closed(t, stopped)
	if got := c.evicted.Load(); got != 1 {
		t.Errorf("got %d evicted, want the one that stopped", got)
	}
	send(upload)
	answer(t, upload)
}

// A request whose body has arrived but for its end was closed as silent while its handler worked on it.
func TestWorkOnARequestIsNoSilence(t *testing.T) {
	var clock testClock
	c := newConnections(limits(1, 0))
	c.now = clock.now
	entered, release := make(chan struct{}), make(chan struct{})
	address := serve(t, c, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 1))
		entered <- struct{}{}
		<-release
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "ok")
	})
	conn := dial(t, address)
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n1")
	<-entered
	clock.advance(patience)
	if silent, _ := c.takeSilent(); silent != nil {
		t.Error("the connection counts as silent while the handler works")
	}
	close(release)
	fmt.Fprint(conn, "2")
	answer(t, conn)
}

// An answer to a request whose body had not arrived ended the wait for that body.
func TestAnAnswerDoesNotEndTheWaitForTheBody(t *testing.T) {
	var clock testClock
	c := newConnections(limits(0, 0))
	c.now = clock.now
	flushed := make(chan struct{})
	address := serve(t, c, func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		_ = control.SetReadDeadline(time.Time{})
		_, _ = io.WriteString(w, "ok")
		_ = control.Flush()
		close(flushed)
		_, _ = io.Copy(io.Discard, r.Body)
	})
	conn := dial(t, address)
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n1")
	<-flushed
	for silent := (*connection)(nil); silent == nil; silent, _ = c.takeSilent() {
		clock.advance(patience)
	}
}
