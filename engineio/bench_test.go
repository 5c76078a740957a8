package engineio_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"parley/engineio"
)

// benchServer listens on loopback and echoes.
func benchServer(b *testing.B, handler recorder) (*engineio.Server, string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	if handler.message == nil {
		handler.message = echo
	}
	engine := engineio.NewServer(engineio.Options{}, handler)
	web := &http.Server{Handler: engine}
	served := make(chan struct{})
	go func() { web.Serve(listener); close(served) }()
	b.Cleanup(func() {
		engine.Shutdown(b.Context()) // cut: the clients do not answer
		web.Close()
		<-served
	})
	return engine, listener.Addr().String()
}

// benchDial opens a session on a WebSocket and reads the open packet.
func benchDial(b *testing.B, addr string) net.Conn {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	io.WriteString(conn, "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n")
	read := make([]byte, 4096)
	for seen := ""; !strings.Contains(seen, `0{"sid"`) || !strings.HasSuffix(seen, "}"); {
		n, err := conn.Read(read)
		if err != nil {
			b.Fatal(err)
		}
		seen += string(read[:n])
	}
	return conn
}

// BenchmarkEcho is a request and its answer on one WebSocket, client included; with several
// under way they share writes.
func BenchmarkEcho(b *testing.B) {
	for _, inFlight := range []int{1, 16} {
		b.Run(fmt.Sprintf("in flight %d", inFlight), func(b *testing.B) {
			_, addr := benchServer(b, recorder{})
			conn := benchDial(b, addr)
			defer conn.Close()
			var burst []byte
			for range inFlight {
				burst = append(burst, clientFrame(fin|opText, []byte(`4421["message","hello"]`))...)
			}
			answer := make([]byte, inFlight*(2+len(`4421["message","hello"]`)))
			b.ReportAllocs()
			for b.Loop() {
				conn.Write(burst)
				if _, err := io.ReadFull(conn, answer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBroadcast is a message to 1,000 sessions; the time is that of the whole.
func BenchmarkBroadcast(b *testing.B) {
	const members, underWay = 1000, 8
	opened := make(chan *engineio.Session, members)
	engine, addr := benchServer(b, recorder{open: func(s *engineio.Session) { opened <- s }})
	var sessions []*engineio.Session
	message := []byte(`2["message",{"text":"hello, everybody"}]`)
	frame := engineio.TextFrame(message)
	var received atomic.Int64
	arrived := make(chan struct{}, 1)
	for range members {
		conn := benchDial(b, addr)
		defer conn.Close()
		sessions = append(sessions, <-opened)
		go func() {
			buf := make([]byte, 4096)
			for {
				n, err := conn.Read(buf)
				if err != nil {
					return
				}
				received.Add(int64(n))
				select {
				case arrived <- struct{}{}:
				default:
				}
			}
		}()
	}
	size := int64(len("\x81\x00")+len("4")+len(message)) * members
	var sent int64
	b.ReportAllocs()
	for b.Loop() {
		engine.Broadcast(sessions, frame)
		sent += size
		for received.Load() < sent-underWay*size {
			<-arrived
		}
	}
	for received.Load() < sent {
		<-arrived
	}
}

// BenchmarkHandshake is a new session on a WebSocket, client included.
func BenchmarkHandshake(b *testing.B) {
	_, addr := benchServer(b, recorder{})
	b.ReportAllocs()
	b.SetParallelism(32) // the open packet comes after a pause, in which others go on
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			benchDial(b, addr).Close()
		}
	})
}
