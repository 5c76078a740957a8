package socketio

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// "Connection to a namespace": the answer to CONNECT arrives by itself, ahead of what the connection handler emits, though it
// leaves only when that has returned. The published suite, run on Node's ws, misses the second of two messages that
// come in one read.
func TestV5_Connect_AnswerComesApart(t *testing.T) {
	wantApart(t, "EIO=4", []string{"40", "40/custom,"}, []string{"0{", "40{", `42["auth",{}]`, "40/custom,{", `42/custom,["auth",{}]`})
}

func TestV4_Connect_AnswerComesApart(t *testing.T) {
	wantApart(t, "EIO=3", []string{"", "40/custom"}, []string{"0{", "40", `42["auth",{}]`, "40/custom,", `42/custom,["auth",{}]`})
}

// wantApart sends packets, none where it is empty, each of which brings an answer and an event, and expects each packet of the
// server in a read of its own.
func wantApart(t *testing.T, query string, send, want []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		io := newServer(Options{})
		for _, name := range []string{"/", "/custom"} {
			io.Of(name).OnConnect(func(s *Socket) { _ = s.Emit("auth", struct{}{}) })
		}
		near := serveBubble(t, io, query) // a read takes no more than one write
		buf := make([]byte, 4<<10)
		for i, want := range want {
			if i&1 == 1 && send[i/2] != "" {
				if err := wsutil.WriteClientText(near, []byte(send[i/2])); err != nil {
					t.Fatal(err)
				}
			}
			n, err := near.Read(buf)
			if err != nil {
				t.Fatalf("read: %v, want %s", err, want)
			}
			got := buf[2:n] // all are short
			if len(got) != int(buf[1]) || ws.OpCode(buf[0]&0x0f) != ws.OpText || string(got[:min(len(want), len(got))]) != want {
				t.Fatalf("read %q, want a single message %s…", buf[:n], want)
			}
		}
	})
}

// A client that joined 128 namespaces at once waited a second for the last answer, because each
// answer had a pause of its own.
func TestV5_Connect_ManyNamespaces(t *testing.T) {
	const many = 128
	synctest.Test(t, func(t *testing.T) {
		io := newServer(Options{MaxNamespaces: many})
		var connects []byte
		for i := range many {
			name := fmt.Sprintf("/n%d", i)
			io.Of(name).OnConnect(func(s *Socket) { _ = s.Emit("auth", struct{}{}) })
			var frame bytes.Buffer
			if err := wsutil.WriteClientText(&frame, []byte("40"+name+",")); err != nil {
				t.Fatal(err)
			}
			connects = append(connects, frame.Bytes()...)
		}
		near := serveBubble(t, io, "EIO=4")
		began := time.Now()
		go func() { _, _ = near.Write(connects) }()
		answers, events := 0, 0
		for answers < many || events < many {
			packet, err := wsutil.ReadServerText(near)
			if err != nil {
				t.Fatalf("after %d answers and %d events: %v", answers, events, err)
			}
			switch {
			case bytes.HasPrefix(packet, []byte("40/n")):
				answers++
			case bytes.HasPrefix(packet, []byte("42/n")):
				events++
			case bytes.HasPrefix(packet, []byte("44")):
				t.Fatalf("got %s", packet)
			}
		}
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("the last answer came after %v", took)
		}
	})
}

// serveBubble serves one client over a pipe until the test ends, and opens its WebSocket.
func serveBubble(t *testing.T, io *Server, query string) net.Conn {
	t.Helper()
	near, far := net.Pipe()
	listener := &pipe{conn: far, done: make(chan struct{})}
	server := &http.Server{Handler: io}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	t.Cleanup(func() {
		near.Close()
		server.Close()
		<-served
		if err := io.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if _, err := near.Write([]byte("GET /socket.io/?transport=websocket&" + query + " HTTP/1.1\r\nHost: x\r\n" +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := near.Read(make([]byte, 4<<10)); err != nil {
		t.Fatal(err)
	}
	return near
}

// pipe accepts one connection.
type pipe struct {
	conn net.Conn
	once sync.Once
	done chan struct{}
}

func (p *pipe) Accept() (net.Conn, error) {
	if conn := p.conn; conn != nil {
		p.conn = nil
		return conn, nil
	}
	<-p.done
	return nil, net.ErrClosed
}

func (p *pipe) Close() error { p.once.Do(func() { close(p.done) }); return nil }

func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }
