package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
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

// Stalled readers held a stop until the end of drain-timeout, which is shorter than http.stall-timeout.
func TestADrainFindsStalledReadersSooner(t *testing.T) {
	var clock testClock
	c := newConnections(limits(0, 0))
	c.now, c.stallTimeout = clock.now, 15*time.Second
	conn := dial(t, serve(t, c, endless["large writes"]))
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	stalled := func() *connection {
		c.mu.Lock()
		defer c.mu.Unlock()
		found, _ := c.stalledLocked()
		return found
	}
	reader := stalled()
	for ; reader == nil; reader = stalled() {
		clock.advance(c.stallTimeout)
	}
	c.mu.Lock()
	reader.answer.begin(&c.answering, c.now())
	// The kernels may still pass on what was written; it must not count.
	reader.base = intake{handed: 1 << 40, acknowledged: 1 << 40}
	c.mu.Unlock()

	clock.advance(drainStall)
	if stalled() != nil {
		t.Error("the reader counts as stalled before http.stall-timeout is over")
	}
	c.hurry()
	if stalled() != reader {
		t.Error("the reader does not count as stalled in a drain")
	}
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
			// Data in the kernels' buffers may still arrive at first.
			for silent := (*connection)(nil); silent == nil; silent, _ = c.takeSilent() {
				clock.advance(c.stallTimeout)
			}
		})
	}
}
