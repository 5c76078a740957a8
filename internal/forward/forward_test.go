package forward_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"parley/engineio"
	"parley/internal/forward"
)

// A session is served wherever its requests arrive.
func TestForward_PollsOnOtherNodes(t *testing.T) {
	c := newCluster(t, 3, engineio.Options{JSONP: true}, nil)
	big := strings.Repeat("x", 900_000)
	t.Run("revision 4", func(t *testing.T) {
		p := c.open(4, "")
		for i := range 6 {
			text := fmt.Sprintf("message %d, 你好", i)
			p.post("4"+text).expect(t, "POST", 200, "ok")
			p.get().expect(t, "GET", 200, "4"+text)
		}
		p.post("4one\x1e4two\x1ebAQID").expect(t, "several packets", 200, "ok")
		p.get().expect(t, "several packets", 200, "4one\x1e4two\x1ebAQID")
		p.post("4"+big).expect(t, "a big body", 200, "ok")
		p.get().expect(t, "a big answer", 200, "4"+big)
		p.post("1").expect(t, "the client's close", 200, "ok")
		if got := p.owner.reason(); got != engineio.CloseTransportClose {
			t.Errorf("close reason: got %q", got)
		}
	})
	t.Run("revision 3", func(t *testing.T) {
		p := c.open(3, "")
		p.post("6:4hello").expect(t, "text", 200, "ok")
		p.get().expect(t, "text", 200, "6:4hello")
		binary := "\x01\x04\xff\x04\x01\x02\x03" // a binary packet of four bytes: a message of three
		p.post(binary, "Content-Type", "application/octet-stream").expect(t, "binary", 200, "ok")
		a := p.get()
		a.expect(t, "binary", 200, binary)
		if got := a.header.Get("Content-Type"); got != "application/octet-stream" {
			t.Errorf("content type of a binary answer: got %q", got)
		}
		p.post("1:2").expect(t, "ping", 200, "ok")
		p.get().expect(t, "pong", 200, "1:3")
	})
	t.Run("base64", func(t *testing.T) {
		p := c.open(3, "&b64=1")
		p.post("10:b4"+base64.StdEncoding.EncodeToString([]byte{1, 2, 3, 4, 5})).expect(t, "base64", 200, "ok")
		p.get().expect(t, "base64", 200, "10:b4AQIDBAU=")
	})
	t.Run("JSONP", func(t *testing.T) {
		p := c.open(3, "&j=7")
		form := "d=" + url.QueryEscape(`7:4a"b\\nc`)
		p.post(form, "Content-Type", "application/x-www-form-urlencoded").expect(t, "POST", 200, "ok")
		a := p.get()
		a.expect(t, "GET", 200, `___eio[7]("7:4a\"b\\nc");`)
		if got := a.header.Get("Content-Type"); got != "text/javascript; charset=UTF-8" {
			t.Errorf("content type of a script: got %q", got)
		}
	})
	t.Run("a poll that waits", func(t *testing.T) {
		p := c.open(4, "")
		got := p.poll(t.Context())
		p.session.Send(engineio.TextFrame([]byte("later")))
		receive(t, got, "the answer").expect(t, "GET", 200, "4later")
	})
	t.Run("two polls overlap", func(t *testing.T) {
		p := c.open(4, "")
		got := p.poll(t.Context())
		if a := p.get(); a.status != 400 {
			t.Errorf("the second poll: got %d %q", a.status, a.body)
		}
		receive(t, got, "the end of the first")
		if got := p.owner.reason(); got != engineio.CloseTransportError {
			t.Errorf("close reason: got %q", got)
		}
	})
}

func TestForward_WebSocketOnAnotherNode(t *testing.T) {
	c := newCluster(t, 3, engineio.Options{MaxPayload: 4 << 20, MaxQueue: 16 << 20}, nil)
	big := strings.Repeat("y", 3<<20)
	t.Run("upgrade", func(t *testing.T) {
		p := c.open(4, "")
		waiting := p.poll(t.Context())
		s, err := p.turn().dial(strings.Replace(p.query, "polling", "websocket", 1))
		if err != nil {
			t.Fatal(err)
		}
		s.text("2probe")
		s.expect(ws.OpText, "3probe")
		receive(t, waiting, "the poll's end").expect(t, "the poll that the probe ends", 200, "6")
		s.text("5")
		s.text("4hello")
		s.expect(ws.OpText, "4hello")
		s.write(ws.OpBinary, "\x01\x02")
		s.expect(ws.OpBinary, "\x01\x02")
		s.text("4" + big)
		s.expect(ws.OpText, "4"+big)
		p.session.Close(engineio.CloseForced)
		if _, _, err := s.read(); !isClosedWith(err, ws.StatusNormalClosure) {
			t.Errorf("the server's close: got %v", err)
		}
		s.conn.Close()
		if got := p.owner.reason(); got != engineio.CloseForced {
			t.Errorf("close reason: got %q", got)
		}
	})
	t.Run("revision 3 with what is sent early", func(t *testing.T) {
		p := c.open(3, "")
		entry := p.turn()
		conn, err := net.Dial("tcp", entry.public.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(conn, "GET /engine.io/?%s HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\r\n", strings.Replace(p.query, "polling", "websocket", 1))
		// With the request, before its answer.
		if err := wsutil.WriteClientMessage(conn, ws.OpText, []byte("2probe")); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("got %v, %v", response, err)
		}
		for name, want := range map[string]string{
			"Sec-Websocket-Accept": "iGZ7FRSgQsjZ1mRtEfBZ5W7UuZk=", "Access-Control-Allow-Origin": "http://x", "Vary": "Origin",
		} {
			if got := response.Header[name]; name != "Sec-Websocket-Accept" && (len(got) != 1 || got[0] != want) || len(got) != 1 {
				t.Errorf("%s: got %q", name, got)
			}
		}
		s := &socket{t, conn, in}
		s.expect(ws.OpText, "3probe")
		s.text("5")
		s.text("4x")
		s.expect(ws.OpText, "4x")
		conn.Close()
		p.owner.reason()
	})
	t.Run("a second WebSocket is turned away", func(t *testing.T) {
		p := c.open(4, "")
		s := p.upgrade()
		second, err := p.turn().dial(strings.Replace(p.query, "polling", "websocket", 1))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := second.read(); !isClosedWith(err, ws.StatusNormalClosure) {
			t.Errorf("the second: got %v", err)
		}
		second.conn.Close()
		s.text("4still")
		s.expect(ws.OpText, "4still")
		s.conn.Close()
		p.owner.reason()
	})
	t.Run("the client goes", func(t *testing.T) {
		p := c.open(4, "")
		p.upgrade().conn.Close()
		if got := p.owner.reason(); got != engineio.CloseTransportClose {
			t.Errorf("close reason: got %q", got)
		}
	})
	t.Run("a WebSocket for no session", func(t *testing.T) {
		_, err := c.nodes[1].dial("EIO=4&transport=websocket&sid=a.nobody")
		var status ws.StatusError
		if !errors.As(err, &status) || status != 400 {
			t.Errorf("got %v, want status 400", err)
		}
	})
	for _, n := range c.nodes {
		until(t, "no WebSocket is left on "+n.name, func() bool { return n.forwarder.Stats().WebSockets == 0 })
	}
}

func isClosedWith(err error, code ws.StatusCode) bool {
	var closed wsutil.ClosedError
	return errors.As(err, &closed) && closed.Code == code
}

// A client that does not read is closed by the owner as if it were connected to it, and the entry node gives it up.
func TestForward_WebSocketThatIsNotRead(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{MaxQueue: 1 << 20, WriteTimeout: 200 * time.Millisecond}, nil)
	p := c.open(4, "")
	p.upgrade()
	frame := engineio.TextFrame([]byte(strings.Repeat("z", 256<<10)))
	until(t, "the session is closed", func() bool { return !p.session.Send(frame) })
	// On a busy machine a write may take longer than its time before the queue is full.
	if got := p.owner.reason(); got != engineio.CloseSlowConsumer && got != engineio.CloseTransportError {
		t.Errorf("close reason: got %q", got)
	}
	until(t, "the entry node gives it up", func() bool { return c.nodes[1].forwarder.Stats().WebSockets == 0 })
}

// The page's origin is judged by the entry node alone, and each header of CORS is there once.
func TestForward_Origins(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{AllowedOrigins: []string{"https://page.test"}}, nil)
	p := c.open(4, "")
	entry := c.nodes[1]
	for name, a := range map[string]answer{
		"POST":            entry.do("POST", p.query, "4x", "Origin", "https://page.test"),
		"GET":             entry.do("GET", p.query, "", "Origin", "https://page.test"),
		"unknown session": entry.do("GET", "EIO=4&transport=polling&sid=a.nobody", "", "Origin", "https://page.test"),
		"unknown node":    entry.do("GET", "EIO=4&transport=polling&sid=z.nobody", "", "Origin", "https://page.test"),
	} {
		for header, want := range map[string]string{
			"Access-Control-Allow-Origin": "https://page.test", "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		} {
			if got := a.header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s: got %q, want %q once", name, header, got, want)
			}
		}
	}
	before := entry.forwarder.Stats().Requests
	if a := entry.do("POST", p.query, "4x", "Origin", "https://other.test"); a.status != 403 {
		t.Errorf("a page of another origin: got %d %q, want 403", a.status, a.body)
	}
	if a := entry.do("OPTIONS", p.query, "", "Origin", "https://page.test", "Access-Control-Request-Method", "POST"); a.status != 204 {
		t.Errorf("a preflight: got %d %q, want 204", a.status, a.body)
	}
	if got := entry.forwarder.Stats().Requests; got != before {
		t.Errorf("the entry node passed on %d requests that it decides itself", got-before)
	}
}

// An invalid body of a forwarded request ends the session on the node that owns it.
func TestForward_Bodies(t *testing.T) {
	const limit = 10_000
	for name, of := range map[string]struct {
		body   string // what follows the path
		leave  bool   // the client closes its connection
		longer bool   // the owner refuses the body before its time is over
		status int    // of the answer
		reason engineio.CloseReason
	}{
		"stops":                {"Content-Length: 100\r\n\r\n4x", false, false, 408, engineio.CloseTransportError},
		"stops in a chunk":     {"Transfer-Encoding: chunked\r\n\r\n64\r\n4x", false, false, 408, engineio.CloseTransportError},
		"is too large":         {"Content-Length: 20000\r\n\r\n4" + strings.Repeat("x", 19_999), false, false, 413, engineio.ClosePayloadTooLarge},
		"is too large, chunks": {"Transfer-Encoding: chunked\r\n\r\n4e20\r\n4" + strings.Repeat("x", 19_999) + "\r\n0\r\n\r\n", false, false, 413, engineio.ClosePayloadTooLarge},
		"claims too much":      {"Content-Length: 20000\r\n\r\n4x", false, true, 413, engineio.ClosePayloadTooLarge},
		"breaks off":           {"Content-Length: 100\r\n\r\n4x", true, false, 0, engineio.CloseTransportError},
		"is no chunk":          {"Transfer-Encoding: chunked\r\n\r\nno\r\n", false, false, 400, engineio.CloseTransportError},
		"is no packet":         {"Content-Length: 1\r\n\r\n9", false, false, 400, engineio.CloseParseError},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := 300 * time.Millisecond
			if of.longer {
				timeout = patience
			}
			c := newCluster(t, 2, engineio.Options{MaxPayload: limit, WriteTimeout: timeout}, nil)
			p := c.open(4, "")
			conn, err := net.Dial("tcp", c.nodes[1].public.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(patience))
			fmt.Fprintf(conn, "POST /engine.io/?%s HTTP/1.1\r\nHost: x\r\n%s", p.query, of.body)
			if of.leave {
				conn.Close()
			} else {
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				if response.StatusCode != of.status {
					t.Errorf("got %s, want %d", response.Status, of.status)
				}
			}
			if got := p.owner.reason(); got != of.reason {
				t.Errorf("close reason: got %q, want %q", got, of.reason)
			}
		})
	}
	t.Run("waits to be asked for", func(t *testing.T) {
		c := newCluster(t, 2, engineio.Options{}, nil)
		p := c.open(4, "")
		conn, err := net.Dial("tcp", c.nodes[1].public.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		fmt.Fprintf(conn, "POST /engine.io/?%s HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", p.query)
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("got %q, %v", line, err)
		}
		_, _ = in.ReadString('\n')
		fmt.Fprint(conn, "4x")
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != 200 || response.Header.Get("Access-Control-Allow-Origin") != "http://x" {
			t.Errorf("got %+v, %v, want 200 with the headers of CORS", response, err)
		}
		p.get().expect(t, "GET", 200, "4x")
	})
}

// The owner notices that the client of a poll is gone, and that the entry node is.
func TestForward_ClientGoesDuringAPoll(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{}, nil)
	p := c.open(4, "")
	ctx, leave := context.WithCancel(t.Context())
	got := p.poll(ctx)
	leave()
	receive(t, got, "the end of the request")
	if got := p.owner.reason(); got != engineio.CloseTransportError {
		t.Errorf("close reason: got %q", got)
	}

	p = c.open(4, "")
	got = p.poll(t.Context())
	c.nodes[1].forwarder.Close()
	receive(t, got, "the answer of an entry node that stops at once").expect(t, "GET", 400, unknown)
	if got := p.owner.reason(); got != engineio.CloseTransportError {
		t.Errorf("close reason: got %q", got)
	}
}

// A client whose session cannot be reached is told what makes every generation of clients begin anew.
func TestForward_NodesThatAreGone(t *testing.T) {
	c := newCluster(t, 3, engineio.Options{}, nil)
	entry := c.nodes[1]
	for _, sid := range []string{"z.nobody", "b.nobody", "a.nobody", ".nobody", "a.", ".", "nobody", strings.Repeat("z", 5000) + ".x"} {
		entry.do("GET", "EIO=4&transport=polling&sid="+sid, "").expect(t, "GET "+sid, 400, unknown)
		entry.do("POST", "EIO=4&transport=polling&sid="+sid, "4x").expect(t, "POST "+sid, 400, unknown)
	}
	for _, method := range []string{"DELETE", "PUT", "HEAD"} {
		if a := entry.do(method, "EIO=4&transport=polling&sid=a.nobody", ""); a.status != 400 {
			t.Errorf("%s: got %d, want 400", method, a.status)
		}
	}

	p := c.open(4, "")
	s := c.open(4, "").upgrade()
	got := p.poll(t.Context())
	p.owner.private.CloseClientConnections() // and with them the node
	p.owner.private.Close()
	receive(t, got, "the answer of a poll whose node dies").expect(t, "the poll", 400, unknown)
	p.get().expect(t, "GET", 400, unknown)
	p.post("4x").expect(t, "POST", 400, unknown)
	if _, err := p.turn().dial(strings.Replace(p.query, "polling", "websocket", 1)); !errors.Is(err, ws.StatusError(400)) {
		t.Errorf("WebSocket: got %v, want status 400", err)
	}
	s.conn.Close()
	if got := entry.log.String(); strings.Count(got, "node=a") != 1 {
		t.Errorf("got the log %q, want one line about node a", got)
	}
}

func TestForward_Secret(t *testing.T) {
	first := true
	c := newCluster(t, 3, engineio.Options{}, func(o *forward.Options, h *forward.Handler) {
		if !first {
			o.Secret = "another"
		}
		first = false
	})
	p := c.open(4, "")
	for range 3 {
		p.get().expect(t, "GET from a node that does not know the secret", 400, unknown)
		p.post("4x").expect(t, "POST from a node that does not know the secret", 400, unknown)
	}
	if _, err := c.nodes[1].dial(strings.Replace(p.query, "polling", "websocket", 1)); !errors.Is(err, ws.StatusError(400)) {
		t.Errorf("WebSocket: got %v, want status 400", err)
	}
	if got := c.nodes[1].log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "cluster.secret") || strings.Contains(got, secret) {
		t.Errorf("got the log %q, want one error that names the option", got)
	}
	p.owner.do("POST", p.query, "4y").expect(t, "the session", 200, "ok")
	p.owner.do("GET", p.query, "").expect(t, "the session", 200, "4y")
}

// The private listener serves nobody from outside, and to nodes only what they need.
func TestHandler_FromOutside(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{}, nil)
	p := c.open(4, "")
	private := c.nodes[0].private
	ask := func(method, path, body string, header ...string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, private.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		response, err := private.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		b, _ := io.ReadAll(response.Body)
		return answer{response.StatusCode, response.Header, string(b)}
	}
	for _, header := range [][]string{nil, {"Parley-Cluster-Secret", ""}, {"Parley-Cluster-Secret", "guess"}, {"Parley-Cluster-Secret", secret + "x"}} {
		ask("GET", "/engine.io/?"+p.query, "", header...).expect(t, "GET", 401, "")
		ask("POST", "/engine.io/?"+p.query, "4x", header...).expect(t, "POST", 401, "")
		ask("POST", "/", p.sid(), header...).expect(t, "release", 401, "")
		ask("GET", "/engine.io/?EIO=4&transport=polling", "", header...).expect(t, "handshake", 401, "")
	}
	knows := []string{"Parley-Cluster-Secret", secret}
	ask("GET", "/engine.io/?EIO=4&transport=polling", "", knows...).expect(t, "handshake", 400, unknown)
	ask("GET", "/engine.io/?EIO=4&transport=polling&sid=b.x", "", knows...).expect(t, "a session of a third node", 400, unknown)
	ask("OPTIONS", "/engine.io/?"+p.query, "", knows...).expect(t, "preflight", 400, `{"code":3,"message":"Bad request"}`)
	ask("GET", "/", "", knows...).expect(t, "GET /", 405, "")
	ask("POST", "/engine.io/?"+p.query, "4x", knows...).expect(t, "POST", 200, "ok")
	ask("GET", "/engine.io/?"+p.query, "", knows...).expect(t, "GET", 200, "4x")
	select {
	case <-c.nodes[0].opened:
		t.Error("the private listener opened a session")
	default:
	}
}

// The owner sees the client as the entry node does, whatever the client says.
func TestForward_ClientComesAlong(t *testing.T) {
	seen := make(chan *http.Request, 1)
	private := httptest.NewServer(&forward.Handler{Secret: secret, Serve: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r })})
	t.Cleanup(private.Close)
	peers := &forward.Table{}
	peers.Set(map[string]string{"a": private.Listener.Addr().String()})
	f := forward.New(forward.Options{Peers: peers, Secret: secret})
	t.Cleanup(f.Close)
	r := httptest.NewRequest("GET", "/mds2/%61?sid=a.x&t=1", nil)
	r.Host, r.RemoteAddr, r.URL.Scheme = "chat.example.test", "192.0.2.1:4711", "https"
	for _, name := range []string{"Parley-Client", "Parley-Scheme", "Parley-Cluster-Secret", "X-Forwarded-For", "Cookie", "Authorization"} {
		r.Header.Set(name, "203.0.113.9:1")
	}
	if !f.Forward("a", httptest.NewRecorder(), r) {
		t.Fatal("the request was not passed on")
	}
	got := receive(t, seen, "the request at the owner")
	if got.RemoteAddr != "192.0.2.1:4711" || got.Host != "chat.example.test" || got.URL.Scheme != "https" || got.RequestURI != "/mds2/%61?sid=a.x&t=1" {
		t.Errorf("got client %s, host %s, scheme %s, %s", got.RemoteAddr, got.Host, got.URL.Scheme, got.RequestURI)
	}
	if len(got.Header) != 0 {
		t.Errorf("got the headers %v, want none", got.Header)
	}
}

// A node that stops hands its clients over: polls are answered, so that the next goes elsewhere, and
// WebSockets end in order. The sessions on the other nodes lose nothing.
func TestRelease(t *testing.T) {
	c := newCluster(t, 3, engineio.Options{}, nil)
	owner, entry := c.nodes[0], c.nodes[1]
	polling, upgraded, elsewhere := c.open(4, ""), c.open(4, ""), c.open(4, "")
	c.next = 0
	s := upgraded.upgrade() // at b
	got := elsewhere.poll(t.Context())
	c.next = 0
	waiting := polling.poll(t.Context()) // at b
	if stats := entry.forwarder.Stats(); stats.Polls != 1 || stats.WebSockets != 1 {
		t.Fatalf("got %+v, want a poll and a WebSocket", stats)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	released := make(chan struct{})
	go func() { entry.forwarder.Release(ctx); close(released) }()
	receive(t, waiting, "the answer of the poll").expect(t, "the poll", 200, "6")
	if _, _, err := s.read(); !isClosedWith(err, ws.StatusGoingAway) {
		t.Errorf("the WebSocket: got %v, want the close frame of a server that goes", err)
	}
	s.conn.Close()
	receive(t, released, "the end of Release")
	if got := owner.reason(); got != engineio.CloseServerShutdown {
		t.Errorf("close reason: got %q", got)
	}
	// A client that has not yet learned to go elsewhere gets an answer soon.
	entry.do("GET", polling.query, "").expect(t, "a poll at the node that stops", 200, "6")

	polling.session.Send(engineio.TextFrame([]byte("kept")))
	c.nodes[2].do("GET", polling.query, "").expect(t, "the next poll elsewhere", 200, "4kept")
	elsewhere.session.Send(engineio.TextFrame([]byte("untouched")))
	receive(t, got, "the poll at the third node").expect(t, "the poll at the third node", 200, "4untouched")
}

// An owner that does not answer holds up neither a node that stops nor the clients of other owners.
func TestRelease_OwnerThatHangs(t *testing.T) {
	hang, begun := make(chan struct{}), make(chan struct{}, 100)
	private := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-hang
	}))
	t.Cleanup(private.Close)
	t.Cleanup(func() { close(hang) })
	c := newCluster(t, 2, engineio.Options{}, nil)
	c.peers.Set(map[string]string{"a": c.nodes[0].private.Listener.Addr().String(), "z": private.Listener.Addr().String()})
	entry := c.nodes[1]
	hanging := make(chan answer, 1)
	go func() {
		a, _ := request(context.Background(), entry.public, "GET", "EIO=4&transport=polling&sid=z.x", nil)
		hanging <- a
	}()
	receive(t, begun, "the poll at the owner that hangs")
	p := c.open(4, "")
	polled := p.poll(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	released := make(chan struct{})
	go func() { entry.forwarder.Release(ctx); close(released) }()
	receive(t, polled, "the poll of the other owner").expect(t, "the poll of the other owner", 200, "6")
	select {
	case <-hanging:
		t.Error("the poll of the owner that hangs was answered before its time was over")
	default:
	}
	cancel()
	receive(t, released, "the end of Release")
	receive(t, hanging, "the end of the poll").expect(t, "the poll of the owner that hangs", 400, unknown)
}

// The owner stops while its clients come through another node.
func TestForward_OwnerStops(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{}, nil)
	polling, upgraded, late := c.open(4, ""), c.open(4, ""), c.open(4, "")
	s := upgraded.upgrade()
	got := polling.poll(t.Context())
	late.session.Send(engineio.TextFrame([]byte("last words")))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- polling.owner.engine.Shutdown(ctx) }()
	receive(t, got, "the answer of the poll").expect(t, "the poll", 200, "1")
	if _, _, err := s.read(); !isClosedWith(err, ws.StatusGoingAway) {
		t.Errorf("the WebSocket: got %v, want the close frame of a server that goes", err)
	}
	s.conn.Close()
	late.get().expect(t, "what waited", 200, "4last words")
	if err := receive(t, stopped, "the end of Shutdown"); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// A node that has just joined is found by the first request for one of its sessions, and a flood of unknown names does not
// cause a flood of queries. A request shortly after the list was read got the answer that its session is unknown.
func TestTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads atomic.Int32
		nodes := map[string]string{"a": "192.0.2.1:1"}
		table := &forward.Table{Read: func(context.Context) (map[string]string, error) {
			reads.Add(1)
			return nodes, nil
		}}
		expect := func(node, address string, wantReads int32) {
			t.Helper()
			got, ok := table.Address(node)
			if got != address || ok != (address != "") || reads.Load() != wantReads {
				t.Errorf("%s: got %q, %v after %d reads, want %q after %d", node, got, ok, reads.Load(), address, wantReads)
			}
		}
		expect("a", "192.0.2.1:1", 1)
		nodes = map[string]string{"b": "192.0.2.2:1"}
		expect("a", "192.0.2.1:1", 1)
		began := time.Now()
		expect("b", "192.0.2.2:1", 2)
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("a request waited for %s", waited)
		}
		expect("a", "", 3)
		table.Set(map[string]string{"c": "192.0.2.3:1"})
		expect("c", "192.0.2.3:1", 3)

		began = time.Now()
		var flood sync.WaitGroup
		for n := range 1000 {
			flood.Go(func() {
				if address, ok := table.Address(fmt.Sprint("unknown", n)); ok {
					t.Errorf("got %s of an unknown node", address)
				}
			})
		}
		flood.Wait()
		if more := reads.Load() - 3; more != 1 || time.Since(began) > time.Second {
			t.Errorf("1,000 requests for unknown nodes: got %d reads in %s, want 1", more, time.Since(began))
		}
	})
}

// The WebSockets that come through a node that stops end one after the other. Polls stay, and a session whose handler runs
// gets its answer first.
func TestReleaseGradually(t *testing.T) {
	c := newCluster(t, 2, engineio.Options{}, nil)
	owner, entry := c.nodes[0], c.nodes[1]
	running, finish := make(chan struct{}), make(chan struct{})
	owner.before = func(data []byte) {
		if string(data) == "slow" {
			close(running)
			<-finish
		}
	}
	polling, slow := c.open(4, ""), c.open(4, "")
	var others []*socket
	for range 5 {
		others = append(others, c.open(4, "").upgrade())
	}
	s := slow.upgrade()
	waiting := polling.poll(t.Context())
	if stats := entry.forwarder.Stats(); stats.Polls != 1 || stats.WebSockets != 6 {
		t.Fatalf("got %+v, want a poll and six WebSockets", stats)
	}
	s.text("4slow")
	receive(t, running, "the request")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan struct{})
	go func() { entry.forwarder.ReleaseGradually(ctx, time.Second); close(done) }()
	for _, o := range others {
		if _, _, err := o.read(); !isClosedWith(err, ws.StatusGoingAway) {
			t.Errorf("a WebSocket: got %v, want the close frame of a server that goes", err)
		}
		o.conn.Close()
	}
	receive(t, done, "the end of ReleaseGradually")
	polling.session.Send(engineio.TextFrame([]byte("untouched")))
	receive(t, waiting, "the poll").expect(t, "the poll", 200, "4untouched")

	released := make(chan struct{})
	go func() { entry.forwarder.Release(ctx); close(released) }()
	close(finish)
	s.expect(ws.OpText, "4slow")
	if _, _, err := s.read(); !isClosedWith(err, ws.StatusGoingAway) {
		t.Errorf("the WebSocket with an answer: got %v, want the close frame of a server that goes", err)
	}
	s.conn.Close()
	receive(t, released, "the end of Release")
}

// http.Transport repeated a poll when a kept connection to the owner broke. If the owner had answered the first one, the
// messages in the answer were lost without a trace. Now the client is told to begin a new session.
func TestForward_PollIsNotRepeated(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	requests := make(chan struct{}, 10)
	var owners sync.WaitGroup
	defer owners.Wait()
	defer listener.Close()
	owners.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			owners.Go(func() {
				// Each connection serves one request and breaks at the second.
				defer conn.Close()
				in := bufio.NewReader(conn)
				for answer := range 2 {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					requests <- struct{}{}
					if answer == 0 {
						io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n4x")
					}
				}
			})
		}
	})
	peers := &forward.Table{}
	peers.Set(map[string]string{"a": listener.Addr().String()})
	f := forward.New(forward.Options{Peers: peers, Secret: secret, Logger: slog.New(slog.DiscardHandler)})
	defer f.Close()
	poll := func() (bool, string) {
		w := httptest.NewRecorder()
		ok := f.Forward("a", w, httptest.NewRequest("GET", "/engine.io/?sid=a.x", nil))
		return ok, w.Body.String()
	}
	if ok, body := poll(); !ok || body != "4x" {
		t.Fatalf("the first poll: got %t, %q", ok, body)
	}
	if ok, body := poll(); ok || body != "" {
		t.Errorf("a poll on a connection that breaks: got %t, %q, want that it fails", ok, body)
	}
	if n := len(requests); n != 2 {
		t.Errorf("got %d requests at the owner, want 2", n)
	}
	if s := f.Stats(); s.Failures != 1 {
		t.Errorf("got %+v, want one failure", s)
	}
}
