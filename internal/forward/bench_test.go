package forward_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"parley/engineio"
)

// BenchmarkPoll sends a message to a client that polls and waits until the client has it, at the owner and at another node.
func BenchmarkPoll(b *testing.B) {
	for _, at := range []struct {
		name string
		node int
	}{{"direct", 0}, {"forwarded", 1}} {
		b.Run(at.name, func(b *testing.B) {
			c := newCluster(b, 2, engineio.Options{}, nil)
			p := c.open(4, "")
			exchange := func(method, body string) {
				r, err := http.NewRequestWithContext(context.Background(), method, c.nodes[at.node].public.URL+"/engine.io/?"+p.query, strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				answer, err := c.nodes[at.node].public.Client().Do(r)
				if err != nil || answer.StatusCode != 200 {
					b.Fatalf("got %v, %v", answer, err)
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
			b.ReportAllocs()
			for b.Loop() {
				p.session.Send(engineio.TextFrame([]byte("hello")))
				exchange("GET", "")
			}
		})
	}
}

// BenchmarkWebSocket sends a message and waits for its echo, at the owner and at another node.
func BenchmarkWebSocket(b *testing.B) {
	for _, at := range []struct {
		name string
		node int
	}{{"direct", 0}, {"forwarded", 1}} {
		b.Run(at.name, func(b *testing.B) {
			c := newCluster(b, 2, engineio.Options{}, nil)
			p := c.open(4, "")
			s, err := c.nodes[at.node].dial(strings.Replace(p.query, "polling", "websocket", 1))
			if err != nil {
				b.Fatal(err)
			}
			s.text("2probe")
			s.expect(1, "3probe")
			s.text("5")
			b.ReportAllocs()
			for b.Loop() {
				s.text("4hello")
				s.expect(1, "4hello")
			}
			s.conn.Close()
		})
	}
}
