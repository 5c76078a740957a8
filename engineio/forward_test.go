package engineio_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"parley/engineio"
)

// Requests of unknown sessions are passed on only if their id names another node. Package forward has the tests with
// several servers.
func TestServer_Forward(t *testing.T) {
	var asked atomic.Pointer[string]
	s := newServer(t, engineio.Options{Node: "a", Forward: func(node string, w http.ResponseWriter, r *http.Request) bool {
		asked.Store(&node)
		if node == "dead" {
			return false
		}
		w.WriteHeader(http.StatusTeapot)
		return true
	}}, recorder{})
	for _, c := range []struct {
		sid, node string
		status    int
	}{
		{"b.x", "b", http.StatusTeapot},
		{"b.x.y", "b", http.StatusTeapot},
		{"dead.x", "dead", 400},
		{"a.x", "", 400},
		{"x", "", 400},
		{".x", "", 400},
	} {
		asked.Store(new(string))
		for method, body := range map[string]string{"GET": "", "POST": "4x"} {
			expectStatus(t, method+" "+c.sid, s.do(method, "EIO=4&transport=polling&sid="+c.sid, body), c.status)
		}
		if got := *asked.Load(); got != c.node {
			t.Errorf("%s: passed on to %q, want %q", c.sid, got, c.node)
		}
	}
	expectStatus(t, "a handshake", s.do("GET", "EIO=4&transport=polling", ""), 200)
}

func TestServer_Node(t *testing.T) {
	alone := newServer(t, engineio.Options{}, recorder{})
	if sid := alone.openPolling(4, "").sid(); len(sid) != 20 || strings.Contains(sid, ".") {
		t.Errorf("a server without a node: got the id %q, want 20 characters without a node", sid)
	}
	s := newServer(t, engineio.Options{Node: "a"}, recorder{})
	p := s.openPolling(4, "")
	if sid := p.sid(); !strings.HasPrefix(sid, "a.") || len(sid) != 22 {
		t.Errorf("got the id %q, want one of node a", sid)
	}
	expect(t, "POST", p.post("4x"), 200, "ok")
	expect(t, "GET", p.get(), 200, "4x")
}
