package server

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// BenchmarkRequest is a whole request with a short answer on a kept connection: with the
// limits of connections, and with a plain server for comparison.
func BenchmarkRequest(b *testing.B) {
	for _, bounded := range []bool{false, true} {
		name := "plain"
		if bounded {
			name = "bounded"
		}
		b.Run(name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
			address := l.Addr().String()
			if bounded {
				c := newConnections(limits(0, 1000))
				c.install(s)
				l = c.limit(l)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = s.Serve(l)
			}()
			defer func() {
				_ = s.Close()
				<-done
			}()
			client, err := net.Dial("tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			answers := bufio.NewReader(client)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := io.WriteString(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					b.Fatal(err)
				}
				answer, err := http.ReadResponse(answers, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, answer.Body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkConnectionWrite is a part of an answer whose client reads at once.
func BenchmarkConnectionWrite(b *testing.B) {
	for _, bounded := range []bool{false, true} {
		name := "plain"
		if bounded {
			name = "bounded"
		}
		b.Run(name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			client, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			conn, err := l.Accept()
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			if bounded {
				conn = newConnections(limits(0, 1000)).newConnection(conn)
			}
			part, read := make([]byte, 1<<10), make([]byte, 1<<10)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(part); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(client, read); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
