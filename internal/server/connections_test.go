package server

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serveLimited serves on loopback with the limits, and answers "ok". A request
// for /slow is answered when release is closed.
func serveLimited(t *testing.T, maxOpen, maxWaiting int) (address string, c *connections, entered, release chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	entered, release = make(chan struct{}, 16), make(chan struct{})
	c = newConnections(maxOpen, maxWaiting)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			entered <- struct{}{}
			<-release
		}
		if r.Body != http.NoBody {
			_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it is wanted, whatever time it takes
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "ok")
	})}
	c.install(s, time.Minute)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(c.limit(l))
	}()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	return l.Addr().String(), c, entered, release
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := newConnections(1, 1)
	hijacked := make(chan net.Conn, 8)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		hijacked <- conn
	})}
	c.install(s, time.Minute)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(c.limit(l))
	}()
	defer func() {
		_ = s.Close()
		<-done
	}()
	// With one slot, the second is only served when the first has given it back.
	for range 3 {
		conn := dial(t, l.Addr().String())
		if _, err := io.Copy(conn, strings.NewReader("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		defer (<-hijacked).Close()
	}
	if open, waiting := c.count(); open != 0 || waiting != 0 {
		t.Errorf("got %d open, %d waiting, want none", open, waiting)
	}
}

// A request whose body is under way was taken for one that is being answered: forty of them that had stopped took all
// connections there may be, and none of them could be closed for another.
func TestStoppedBodiesMakeRoom(t *testing.T) {
	address, c, _, _ := serveLimited(t, 2, 0)
	const header = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"
	upload, stopped := dial(t, address), dial(t, address)
	const body = 100_000_000
	stop, uploaded := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := fmt.Fprint(upload, header)
		sent := 0
		for part := make([]byte, progress); err == nil && sent < body; {
			select {
			case <-stop: // the rest at once
				part = make([]byte, body-sent)
			case <-time.After(10 * time.Millisecond):
			}
			var n int
			n, err = upload.Write(part)
			sent += n
		}
		uploaded <- err
	}()
	fmt.Fprint(stopped, header)

	get(t, dial(t, address), "/")
	closed(t, stopped)
	if got := c.evicted.Load(); got != 1 {
		t.Errorf("got %d evicted, want the one that stopped", got)
	}
	close(stop)
	if err := <-uploaded; err != nil {
		t.Errorf("the upload that went on: %v", err)
	}
	answer(t, upload)
}
