package engineio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/engineio"
	"parley/engineio/rawio"
)

// until waits for a condition.
func (s *server) until(what string, holds func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(s.patience); !holds(); {
		if time.Now().After(deadline) {
			s.t.Fatalf("never: %s", what)
		}
		<-time.After(100 * time.Microsecond)
	}
}

// wrapping is a listener whose connections are of a type that may read and write differently.
type wrapping struct{ net.Listener }

type wrapped struct{ net.Conn }

func (l wrapping) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return wrapped{conn}, err
}

// Idle connections over plain sockets have no goroutine, others have one each.
func TestLoop_Idle(t *testing.T) {
	const many = 100
	tests := []struct {
		name, network string
		wrap          bool
	}{
		{"tcp", "tcp", false},
		{"unix", "unix", false},
		{"wrapped", "tcp", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			address := "127.0.0.1:0"
			if test.network == "unix" {
				address = filepath.Join(t.TempDir(), "socket")
			}
			listener, err := net.Listen(test.network, address)
			if err != nil {
				t.Fatal(err)
			}
			address = listener.Addr().String()
			if test.wrap {
				listener = wrapping{listener}
			}
			s := startServer(t, engineio.Options{}, recorder{}, listener)
			s.patience = 20 * time.Second
			s.dial = func() (net.Conn, error) { return net.Dial(test.network, address) }
			before := runtime.NumGoroutine()
			var clients []*wsClient
			for range many {
				clients = append(clients, s.openSession(4))
			}
			// Those of net/http end a little later.
			if goroutines || test.wrap || !rawio.HasLoops {
				s.until("a goroutine for each", func() bool { n := runtime.NumGoroutine() - before; return n >= many && n < many+10 })
			} else {
				s.until("no goroutine for each", func() bool { return runtime.NumGoroutine()-before < 10 })
			}
			for _, c := range clients {
				c.text("4hello")
				c.expectText("4hello")
			}
		})
	}
}

// The answer to the last message still reaches a client that has ended its own half of the connection.
func TestLoop_HalfClosed(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	for _, last := range []string{"", "4hello", strings.Repeat("4", 100_000)} {
		c := s.openSession(4)
		if last != "" {
			c.text(last)
		}
		if err := c.conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if last != "" {
			c.expectText(last)
		}
		c.expectEnd()
		s.expectReason(engineio.CloseTransportClose)
	}
}

// A connection that is reset ends the session.
func TestLoop_Reset(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	if err := c.conn.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	c.conn.Close()
	s.expectReason(engineio.CloseTransportError)
}

// The bytes of frames arrive in two reads, cut at every place.
func TestLoop_CutFrames(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	var stream []byte
	stream = append(stream, clientFrame(fin|opText, []byte("4first"))...)
	stream = append(stream, clientFrame(fin|opPing, []byte("ping"))...)
	stream = append(stream, clientFrame(opText, []byte("4sec"))...)
	stream = append(stream, clientFrame(fin|opContinuation, []byte("ond"))...)
	stream = append(stream, clientFrame(fin|opText, []byte("4"+strings.Repeat("x", 200)))...)
	received := s.engine.Stats().BytesIn
	for cut := range stream {
		c.raw(stream[:cut])
		s.until("the first part is read", func() bool { return s.engine.Stats().BytesIn == received+uint64(cut) })
		c.raw(stream[cut:])
		c.expectText("4first")
		for _, want := range []string{"4second", "4" + strings.Repeat("x", 200)} {
			opcode, payload := c.read()
			if opcode == opPong {
				opcode, payload = c.read()
			}
			if opcode != opText || string(payload) != want {
				t.Fatalf("cut at %d: got opcode %d %q, want %q", cut, opcode, payload, want)
			}
		}
		received += uint64(len(stream))
	}
}

// Clients that send without end do not keep out clients that send little.
func TestLoop_Flood(t *testing.T) {
	var flooded atomic.Uint64
	s := newServer(t, engineio.Options{}, recorder{message: func(session *engineio.Session, data []byte, binary bool) {
		if binary {
			flooded.Add(1)
			return
		}
		echo(session, data, binary)
	}})
	const quiet, floods = 400, 2
	var clients []*wsClient
	for range quiet {
		clients = append(clients, s.openSession(4))
		<-s.opened
	}
	var flood []byte
	for len(flood) < 256<<10 {
		flood = append(flood, clientFrame(fin|opBinary, []byte("much"))...)
	}
	var flooding sync.WaitGroup
	var done atomic.Bool
	for range floods {
		c := s.openSession(4)
		flooding.Go(func() {
			for !done.Load() {
				if _, err := c.conn.Write(flood); err != nil {
					return
				}
			}
		})
	}
	s.until("the flood is there", func() bool { return flooded.Load() > 10_000 })
	for round := range 3 {
		for i, c := range clients {
			c.text(fmt.Sprintf("4%d of %d", round, i))
		}
		for i, c := range clients {
			c.expectText(fmt.Sprintf("4%d of %d", round, i))
		}
	}
	done.Store(true)
	flooding.Wait()
	go func() { // the channel does not hold them all
		for range quiet + floods {
			<-s.closed
		}
	}()
}

// Handlers that wait, whether they say so or not, do not keep other clients waiting.
func TestLoop_WaitingHandlers(t *testing.T) {
	for _, yields := range []bool{true, false} {
		t.Run(fmt.Sprintf("yields=%v", yields), func(t *testing.T) {
			release := make(chan struct{})
			var waiting atomic.Int64
			s := newServer(t, engineio.Options{}, recorder{message: func(session *engineio.Session, data []byte, binary bool) {
				if string(data) == "wait" {
					if yields {
						session.Yield()
					}
					waiting.Add(1)
					<-release
					if yields {
						session.Yield() // again
					}
				}
				echo(session, data, binary)
			}})
			var clients []*wsClient
			for range 60 {
				clients = append(clients, s.openSession(4))
			}
			for i, c := range clients {
				if i%2 == 0 {
					c.text("4wait")
					c.text("4next") // read when the handler has returned
				}
			}
			s.until("all wait", func() bool { return waiting.Load() == 30 })
			for i, c := range clients {
				if i%2 == 1 {
					c.text("4hello")
					c.expectText("4hello")
				}
			}
			close(release)
			for i, c := range clients {
				if i%2 == 0 {
					c.expectText("4wait")
					c.expectText("4next")
				}
			}
		})
	}
}

// While a handler waits, its client still gets what was queued for it, and can be closed.
func TestLoop_WaitingHandler_Writes(t *testing.T) {
	const size = 16 << 20
	release := make(chan struct{})
	s := newServer(t, engineio.Options{MaxQueue: 64 << 20}, recorder{message: func(session *engineio.Session, _ []byte, _ bool) {
		for range size / (64 << 10) {
			session.Send(text(strings.Repeat("x", 64<<10)))
		}
		<-release
	}})
	c := s.openSession(4)
	session := <-s.opened
	c.text("4x")
	for range size / (64 << 10) {
		c.expectText("4" + strings.Repeat("x", 64<<10))
	}
	session.Close(engineio.CloseForced)
	c.expectClose(1000)
	close(release)
	s.expectReason(engineio.CloseForced)
}

// A client that accepts nothing is closed after WriteTimeout, on a real socket.
func TestLoop_WriteTimeout(t *testing.T) {
	s := newServer(t, engineio.Options{WriteTimeout: 300 * time.Millisecond, MaxQueue: 64 << 20}, recorder{})
	s.openSession(4)
	session := <-s.opened
	for range 32 {
		session.Send(text(strings.Repeat("x", 1<<20)))
	}
	s.expectReason(engineio.CloseSlowConsumer)
}

// The same for a client that reads nothing after its upgrade.
func TestLoop_WriteTimeout_Upgrade(t *testing.T) {
	s := newServer(t, engineio.Options{WriteTimeout: 300 * time.Millisecond, MaxQueue: 64 << 20}, recorder{})
	p := s.openPolling(4, "")
	session := <-s.opened
	c := s.openWS(strings.Replace(p.query, "polling", "websocket", 1))
	c.text("2probe")
	c.expectText("3probe")
	for range 32 {
		session.Send(text(strings.Repeat("x", 1<<20)))
	}
	c.text("5")
	s.expectReason(engineio.CloseSlowConsumer)
}

// Heartbeats on a real socket: a client that answers stays, and one that does not is closed.
func TestLoop_Heartbeat(t *testing.T) {
	s := newServer(t, engineio.Options{PingInterval: 50 * time.Millisecond, PingTimeout: 10 * time.Second}, recorder{})
	c := s.openSession(4)
	for range 5 {
		c.expectText("2")
		c.text("3")
	}
	c.text("4hello")
	c.expectText("4hello")

	s = newServer(t, engineio.Options{PingInterval: 50 * time.Millisecond, PingTimeout: 50 * time.Millisecond}, recorder{})
	c = s.openSession(4)
	c.expectText("2")
	s.expectReason(engineio.ClosePingTimeout)
	c.expectEnd()
}

// The time of a handler does not count, because a pong is not read meanwhile.
func TestLoop_Heartbeat_SlowHandler(t *testing.T) {
	for _, yields := range []bool{true, false} {
		s := newServer(t, engineio.Options{PingInterval: 50 * time.Millisecond, PingTimeout: time.Second}, recorder{message: func(session *engineio.Session, data []byte, binary bool) {
			if yields {
				session.Yield()
			}
			<-time.After(1500 * time.Millisecond)
			echo(session, data, binary)
		}})
		c := s.openSession(4)
		c.text("4slow")
		c.expectText("2")
		c.text("3")
		c.expectText("4slow")
		c.expectText("2")
	}
}

// Of many steps of a handshake at once, only a few have a pause after them. On a net.Pipe, TestSession_SendApart_Many measures more.
func TestLoop_SendApart(t *testing.T) {
	const many = 1000 // with a pause for each, they would take 10 s
	s := newServer(t, engineio.Options{}, recorder{message: func(s *engineio.Session, data []byte, _ bool) {
		s.SendApart(text("step " + string(data)))
		s.Send(text("event " + string(data)))
	}})
	c := s.openSession(4)
	var all []byte
	for i := range many {
		all = append(all, clientFrame(fin|opText, fmt.Appendf(nil, "4%d", i))...)
	}
	began := time.Now()
	c.raw(all)
	for i := range many {
		c.expectText(fmt.Sprintf("4step %d", i))
		c.expectText(fmt.Sprintf("4event %d", i))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the last answer came after %v", took)
	}
}

// Packets that come in one write with the request of the WebSocket are not lost.
func TestLoop_EarlyPackets(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c, _ := s.dialWS("EIO=4&transport=websocket", append(clientFrame(fin|opText, []byte("4one")), clientFrame(fin|opText, []byte("4two"))...))
	c.read()
	c.expectText("4one")
	c.expectText("4two")

	p := s.openPolling(4, "")
	c, _ = s.dialWS(strings.Replace(p.query, "polling", "websocket", 1), clientFrame(fin|opText, []byte("2probe")))
	c.expectText("3probe")
	c.text("5")
	c.text("4hello")
	c.expectText("4hello")
}

// Shutdown during handlers that wait returns with its context, and the rest ends with the handlers.
func TestLoop_Shutdown_WaitingHandler(t *testing.T) {
	release, waits := make(chan struct{}), make(chan struct{}, 1)
	s := newServer(t, engineio.Options{}, recorder{message: func(*engineio.Session, []byte, bool) {
		waits <- struct{}{}
		<-release
	}})
	c := s.openSession(4)
	s.openSession(4)
	c.text("4x")
	<-waits
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.engine.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown: got %v", err)
	}
	close(release)
	for range 2 {
		s.expectReason(engineio.CloseServerShutdown)
	}
}

// A client whose handler runs gets its answer before it is handed over, and the others need not wait for it.
func TestLoop_CloseGradually(t *testing.T) {
	release, waits := make(chan struct{}), make(chan struct{}, 1)
	s := newServer(t, engineio.Options{}, recorder{message: func(session *engineio.Session, data []byte, binary bool) {
		waits <- struct{}{}
		<-release
		echo(session, data, binary)
	}})
	var clients []*wsClient
	for range 20 {
		clients = append(clients, s.openSession(4))
		<-s.opened
	}
	clients[0].text("4last")
	<-waits
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.engine.CloseGradually(t.Context(), 100*time.Millisecond)
	}()
	for _, c := range clients[1:] {
		c.expectClose(1001)
		s.expectReason(engineio.CloseServerShutdown)
	}
	close(release)
	clients[0].expectText("4last")
	clients[0].expectClose(1001)
	s.expectReason(engineio.CloseServerShutdown)
	<-done
}

// Connections come and go in every way at the same time. Their descriptors are used again at once, and each client still gets what is its own.
func TestLoop_Storm(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{message: func(session *engineio.Session, data []byte, binary bool) {
		if string(data) == "close" {
			session.Close(engineio.CloseForced)
			return
		}
		echo(session, data, binary)
	}})
	var closed sync.WaitGroup
	closed.Go(func() {
		for range 20 * 30 {
			<-s.opened
			<-s.closed
		}
	})
	var clients sync.WaitGroup
	for i := range 20 {
		clients.Go(func() {
			for round := range 30 {
				c := s.openSession(4)
				for n := range rand.IntN(4) {
					message := fmt.Sprintf("4%d %d %d", i, round, n)
					c.text(message)
					c.expectText(message)
				}
				switch rand.IntN(4) {
				case 0:
					c.text("4unread")
				case 1:
					c.conn.(*net.TCPConn).SetLinger(0)
				case 2:
					c.text("4close")
				case 3:
					c.raw(clientFrame(fin|opClose, nil))
					_, _ = io.Copy(io.Discard, c.in)
				}
				c.conn.Close()
			}
		})
	}
	clients.Wait()
	closed.Wait()
}
