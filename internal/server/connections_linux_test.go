package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
)

// endless answers until the client is gone, with and without flushes.
var endless = map[string]http.HandlerFunc{
	"large writes": func(w http.ResponseWriter, _ *http.Request) {
		for err := error(nil); err == nil; _, err = w.Write(make([]byte, 1<<20)) {
		}
	},
	"flushes": func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		for err := error(nil); err == nil; err = control.Flush() {
			_, _ = w.Write(make([]byte, 64<<10))
		}
	},
}

// A client that read 4 KiB of a large answer each 200 ms counted as stalled: the kernel accepts more of the answer only
// once a third of its buffer is free, and only that counted as reading.
func TestOnlyStalledReadersAreSilent(t *testing.T) {
	for name, handler := range endless {
		t.Run(name, func(t *testing.T) {
			var clock testClock
			c := newConnections(limits(0, 0))
			c.now = clock.now
			conn := dial(t, serve(t, c, handler))
			// So that the client's kernel holds much less than is read at once below.
			if err := conn.(*net.TCPConn).SetReadBuffer(16 << 10); err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			for range 16 {
				clock.advance(c.stallTimeout)
				if _, err := io.CopyN(io.Discard, conn, 256<<10); err != nil {
					t.Fatal(err)
				}
				if silent, _ := c.takeSilent(); silent != nil {
					t.Fatal("a client that reads counts as silent")
				}
			}
			// What the kernels still hold may be under way at first.
			for silent := (*connection)(nil); silent == nil; silent, _ = c.takeSilent() {
				clock.advance(c.stallTimeout)
			}
		})
	}
}
