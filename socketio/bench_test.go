package socketio

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

const benchEvent = `217["send message",{"touser":"5f2b1c3e-0000-4000-8000-1234567890ab","msg":"hello, how are you today?","type":1,"waitingid":"abc123"}]`

// BenchmarkEvent is what a packet costs from the engine to the handler.
func BenchmarkEvent(b *testing.B) {
	io := newServer(Options{})
	sockets := make(chan *Socket, 1)
	heard := 0
	io.Of("/").OnConnect(func(s *Socket) { sockets <- s })
	io.Of("/").On("send message", func(*Event) { heard++ })
	c := dial(b, serve(b, io), 4, "websocket")
	c.join("/")
	conn := (<-sockets).conn
	message := []byte(benchEvent)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	n := 0
	for b.Loop() {
		conn.message(message, false)
		n++
	}
	if heard != n {
		b.Errorf("%d of %d were heard", heard, n)
	}
}

// BenchmarkAck is a request and its acknowledgement through a real socket, client and server together; the client
// allocates nothing.
func BenchmarkAck(b *testing.B) {
	for _, inFlight := range []int{1, 16} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			io := newServer(Options{})
			io.Of("/").On("send message", func(e *Event) { _ = e.Ack(false, 17) })
			c := dial(b, serve(b, io), 4, "websocket")
			c.join("/")
			socket := c.transport.(*webSocket)
			var requests bytes.Buffer
			for range inFlight {
				if err := wsutil.WriteClientText(&requests, []byte("4"+benchEvent)); err != nil {
					b.Fatal(err)
				}
			}
			in := bufio.NewReader(socket.in)
			want := "4317[false,17]"
			b.ReportAllocs()
			for b.Loop() {
				if _, err := socket.Write(requests.Bytes()); err != nil {
					b.Fatal(err)
				}
				for range inFlight {
					// A server's frame below 126 bytes: two bytes and the text.
					frame, err := in.Peek(2 + len(want))
					if err != nil || frame[0] != 0x80|byte(ws.OpText) || string(frame[2:]) != want {
						b.Fatalf("got %q, %v", frame, err)
					}
					_, _ = in.Discard(len(frame))
				}
			}
			b.ReportMetric(float64(inFlight), "requests/op")
		})
	}
}
