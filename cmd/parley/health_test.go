package main

import (
	"net"
	"strings"
	"testing"
)

// The command finds the server by its configuration, and says why it is not ready.
func TestHealth(t *testing.T) {
	p, d := startDemo(t, "--data", t.TempDir())
	address := strings.TrimPrefix(d.URL, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// A server that listens on all addresses is asked at its own.
	for _, listen := range []string{address, "0.0.0.0:" + port} {
		if o := command(t, "", "health", "--listen", listen); o.status != 0 || o.out != "ready\n" {
			t.Errorf("%s: got %+v, want it ready", listen, o)
		}
	}
	p.stop(t)
	if o := command(t, "", "health", "--listen", address); o.status != 1 || !strings.Contains(o.errors, "the server does not answer") {
		t.Errorf("after the server has stopped: got %+v", o)
	}
	if o := command(t, "", "health", "--listen", "127.0.0.1:0"); o.status != 1 || !strings.Contains(o.errors, "listen: ") {
		t.Errorf("without a port: got %+v", o)
	}
}
