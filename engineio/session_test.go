package engineio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

func text(s string) *engineio.Frame { return engineio.TextFrame([]byte(s)) }

// Messages that OnOpen sends come right after the open packet.
func TestHandler_SendInOnOpen(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{open: func(s *engineio.Session) { s.Send(text("a"), text("b")) }})
	c := s.openSession(4)
	c.expectText("4a")
	c.expectText("4b")
	a := s.do("GET", "EIO=4&transport=polling", "")
	if !strings.HasSuffix(a.body, "}\x1e4a\x1e4b") {
		t.Errorf("handshake: got %q", a.body)
	}
}

// Callbacks of a session come one at a time, OnClose after the last OnMessage, whoever closes when.
func TestHandler_OneAtATime(t *testing.T) {
	var mu sync.Mutex
	running := make(map[*engineio.Session]string)
	enter := func(s *engineio.Session, name string) func() {
		mu.Lock()
		defer mu.Unlock()
		if other := running[s]; other != "" {
			t.Errorf("%s while %s", name, other)
		}
		running[s] = name
		return func() {
			mu.Lock()
			defer mu.Unlock()
			if name == "OnClose" {
				running[s] = "after OnClose"
			} else {
				running[s] = ""
			}
		}
	}
	s := newServer(t, engineio.Options{}, recorder{
		open: func(s *engineio.Session) { defer enter(s, "OnOpen")() },
		message: func(s *engineio.Session, data []byte, _ bool) {
			defer enter(s, "OnMessage")()
			if string(data) == "close" {
				go s.Close("another goroutine")
				s.Close(engineio.CloseForced)
				if s.Send(text("too late")) {
					t.Error("Send on a closed session: got true")
				}
			}
		},
		close: func(s *engineio.Session, _ engineio.CloseReason) {
			defer enter(s, "OnClose")()
			s.Close(engineio.CloseForced)
		},
	})
	for range 20 {
		c := s.openSession(4)
		frames := clientFrame(fin|opText, []byte("4a"))
		frames = append(frames, clientFrame(fin|opText, []byte("4close"))...)
		c.raw(append(frames, clientFrame(fin|opText, []byte("4never"))...))
		c.expectClose(1000)
		s.nextReason()
	}
	select {
	case reason := <-s.closed:
		t.Errorf("OnClose a second time: %s", reason)
	default:
	}
}

// A panic of the handler ends its session and nothing else.
func TestHandler_Panic(t *testing.T) {
	var log lockedBuffer
	s := newServer(t, engineio.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}, recorder{
		message: func(s *engineio.Session, data []byte, binary bool) {
			if string(data) == "panic" {
				panic("secret words")
			}
			echo(s, data, binary)
		},
	})
	other := s.openSession(4)
	c := s.openSession(4)
	c.text("4panic")
	c.expectClose(1011)
	s.expectReason(engineio.CloseHandlerPanic)
	p := s.openPolling(4, "")
	p.post("4panic")
	s.expectReason(engineio.CloseHandlerPanic)
	expect(t, "GET", p.get(), 200, "1")
	p.expectEnded()
	other.text("4hello")
	other.expectText("4hello")
	if got := log.String(); strings.Count(got, "handler panicked") != 2 || !strings.Contains(got, "TestHandler_Panic") || strings.Contains(got, "secret words") {
		t.Errorf("got log %s, want two panics with their place and without their value", got)
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestSession_Handshake(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c, _ := s.dialWS("EIO=3&transport=websocket&token=abc", nil, "Authorization", "Bearer x", "Origin", "http://engine.test")
	c.read()
	session := <-s.opened
	h := session.Handshake()
	if h.Query.Get("token") != "abc" || h.Header.Get("Authorization") != "Bearer x" || h.Host != "engine.test" ||
		h.Path != "/engine.io/" || h.Secure || h.RemoteAddr == "" || h.Time.IsZero() {
		t.Errorf("handshake: got %+v", h)
	}
	if session.Protocol() != 3 || session.Transport() != "websocket" {
		t.Errorf("got revision %d on %s", session.Protocol(), session.Transport())
	}
	session.ReleaseHandshake()
	if h := session.Handshake(); h != nil {
		t.Errorf("after ReleaseHandshake: got %+v", h)
	}
	session.SetValue(42)
	if got := session.Value(); got != 42 {
		t.Errorf("value: got %v", got)
	}
}

// Close sends what was queued before it.
func TestSession_CloseFlushes(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	session := <-s.opened
	session.Send(text("last words"))
	session.Close(engineio.CloseForced)
	c.expectText("4last words")
	c.expectClose(1000)
	s.expectReason(engineio.CloseForced)

	p := s.openPolling(4, "")
	session = <-s.opened
	session.Send(text("last words"))
	session.Close(engineio.CloseForced)
	s.expectReason(engineio.CloseForced)
	// The close comes in an answer of its own: with it in the same payload, clients would close
	// before they hand out the message.
	expect(t, "GET", p.get(), 200, "4last words")
	expect(t, "GET", p.get(), 200, "1")
	p.expectEnded()
}

// A POST that the client has sent before it has received the end is answered, and its packets are dropped. It was answered with
// "Session ID unknown". If that answer was faster than the end, the client reported a broken transport.
func TestSession_Close_LatePOST(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{message: func(_ *engineio.Session, data []byte, _ bool) {
			t.Errorf("got a packet after the end: %s", data)
		}})
		polling := s.openPolling(4, "")
		(<-s.opened).Close(engineio.CloseServerShutdown)
		expect(t, "POST before the GET", polling.post("4a"), 200, "ok")
		expect(t, "GET", polling.get(), 200, "1")
		waiting := s.openPolling(4, "")
		later := waiting.getLater()
		synctest.Wait()
		(<-s.opened).Close(engineio.CloseServerShutdown)
		expect(t, "pending GET", <-later, 200, "1")
		for _, p := range []*poller{polling, waiting} {
			expect(t, "POST with a large body", p.post("4"+strings.Repeat("x", 500_000)), 200, "ok")
			p.expectEnded()
		}
		time.Sleep(2 * time.Second) // of the bubble
		polling.expectGone()
		waiting.expectGone()
	})
}

// A peer that reads nothing is closed once too much waits for it; nobody else waits meanwhile.
func TestSession_SlowConsumer(t *testing.T) {
	s := newServer(t, engineio.Options{MaxQueue: 1 << 20}, recorder{})
	slow := s.openSession(4)
	slowSession := <-s.opened
	fast := s.openSession(4)
	fastSession := <-s.opened
	frame := text(strings.Repeat("x", 100_000))
	for slowSession.Send(frame) {
		fastSession.Send(frame)
		fast.read()
	}
	s.expectReason(engineio.CloseSlowConsumer)
	if got := s.engine.Stats().SlowConsumers(); got != 1 {
		t.Errorf("slow consumers: got %d, want 1", got)
	}
	fast.text("4hello")
	fast.expectText("4hello")
	slow.conn.Close()

	// The same for one that does not poll.
	p := s.openPolling(4, "")
	session := <-s.opened
	sent := 0
	for session.Send(frame) {
		sent++
	}
	if want := (1 << 20) / frame.Size(); sent != want {
		t.Errorf("sent before the limit: got %d, want %d", sent, want)
	}
	s.expectReason(engineio.CloseSlowConsumer)
	p.expectGone()

	// A frame counts for more than its bytes: a million empty ones would take a hundred times theirs.
	p = s.openPolling(4, "")
	session = <-s.opened
	for sent = 0; session.Send(text("")); {
		sent++
	}
	if most := (1 << 20) / 100; sent > most {
		t.Errorf("empty messages sent before the limit: got %d, want at most %d", sent, most)
	}
	s.expectReason(engineio.CloseSlowConsumer)
	p.expectGone()
}

// Messages that a socket does not accept at once still arrive in order.
func TestSession_Backpressure(t *testing.T) {
	s := newServer(t, engineio.Options{MaxQueue: 64 << 20}, recorder{})
	c := s.openSession(4)
	session := <-s.opened
	const messages = 300
	for i := range messages {
		session.Send(text(fmt.Sprint(i, ":", strings.Repeat("x", i*300))))
	}
	for i := range messages {
		c.expectText(fmt.Sprint("4", i, ":", strings.Repeat("x", i*300)))
	}
	c.text("4hello")
	c.expectText("4hello")
}

// WriteTimeout ends a connection that takes nothing although little waits.
func TestSession_WriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{PingInterval: time.Hour}, recorder{})
		s.openSession(4)
		session := <-s.opened
		start := time.Now()
		session.Send(text("nobody reads this"))
		s.expectReason(engineio.CloseSlowConsumer)
		since(t, "timeout", start, 30*time.Second)
	})
}

// Broadcasts come in one order everywhere, on every transport.
func TestServer_Broadcast(t *testing.T) {
	s := newServer(t, engineio.Options{FanoutShards: 3}, recorder{})
	const sessions, messages = 12, 200
	var all []*engineio.Session
	var clients []*wsClient
	for i := range sessions {
		clients = append(clients, s.openSession(3+i%2))
		all = append(all, <-s.opened)
	}
	p := s.openPolling(4, "")
	all = append(all, <-s.opened)
	for i := range messages {
		s.engine.Broadcast(all, text(fmt.Sprint(i)), engineio.BinaryFrame([]byte{byte(i)}))
	}
	for i, c := range clients {
		for m := range messages {
			c.expectText(fmt.Sprint("4", m))
			if i%2 == 0 {
				c.expectBinary([]byte{4, byte(m)})
			} else {
				c.expectBinary([]byte{byte(m)})
			}
		}
	}
	var polled []string
	for len(polled) < 2*messages {
		a := p.get()
		expectStatus(t, "GET", a, 200)
		polled = append(polled, strings.Split(a.body, "\x1e")...)
	}
	for m := range messages {
		if want := fmt.Sprint("4", m); polled[2*m] != want {
			t.Fatalf("polled: got %q, want %q", polled[2*m], want)
		}
	}
}

// A broadcast passes over closed sessions and does not wait for slow ones.
func TestServer_Broadcast_SlowAndClosed(t *testing.T) {
	s := newServer(t, engineio.Options{MaxQueue: 1 << 20}, recorder{})
	gone := s.openSession(4)
	goneSession := <-s.opened
	gone.text("1")
	s.expectReason(engineio.CloseTransportClose)
	s.openSession(4) // reads nothing
	slowSession := <-s.opened
	c := s.openSession(4)
	all := []*engineio.Session{goneSession, slowSession, <-s.opened}
	frame := text(strings.Repeat("x", 100_000))
	for range 200 {
		s.engine.Broadcast(all, frame)
		c.read()
	}
	s.expectReason(engineio.CloseSlowConsumer)
}

func TestServer_MaxSessions(t *testing.T) {
	s := newServer(t, engineio.Options{MaxSessions: 1}, recorder{})
	c := s.openSession(4)
	expectStatus(t, "second session", s.do("GET", "EIO=4&transport=polling", ""), 503)
	if _, response := s.dialWS("EIO=4&transport=websocket", nil); response.StatusCode != 503 {
		t.Errorf("second websocket: got %s, want 503", response.Status)
	}
	c.text("1")
	c.expectClose(1000)
	s.expectReason(engineio.CloseTransportClose)
	s.openSession(4)
}

func TestServer_StopAccepting(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	p := s.openPolling(4, "")
	s.engine.StopAccepting()
	expectStatus(t, "handshake", s.do("GET", "EIO=4&transport=polling", ""), 503)
	c.text("4hello")
	c.expectText("4hello")
	expect(t, "POST", p.post("4hello"), 200, "ok")
	expect(t, "GET", p.get(), 200, "4hello")
	s.engine.ResumeAccepting()
	s.openSession(4)
	s.openPolling(4, "")
}

func TestServer_CloseSessions(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	if err := s.engine.CloseSessions(t.Context()); err != nil {
		t.Errorf("without sessions: %v", err)
	}
	s.engine.ResumeAccepting()
	for range 2 {
		c := s.openSession(4)
		session := <-s.opened
		p := s.openPolling(4, "")
		polling := <-s.opened
		session.Send(text("last"))
		polling.Send(text("last"))
		if err := s.engine.CloseSessions(t.Context()); err != nil {
			t.Errorf("CloseSessions: %v", err)
		}
		c.expectText("4last")
		c.expectClose(1001)
		s.expectReason(engineio.CloseServerShutdown)
		s.expectReason(engineio.CloseServerShutdown)
		expect(t, "GET", p.get(), 200, "4last")
		expectStatus(t, "handshake", s.do("GET", "EIO=4&transport=polling", ""), 503)
		s.engine.ResumeAccepting()
	}
	s.openSession(4)
	if err := s.engine.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	s.engine.ResumeAccepting()
	expectStatus(t, "handshake after Shutdown", s.do("GET", "EIO=4&transport=polling", ""), 503)
}

// CloseSessions returned while a handler still worked on the end of a session.
func TestServer_CloseSessions_WaitsForHandlers(t *testing.T) {
	closing, let := make(chan struct{}), make(chan struct{})
	s := newServer(t, engineio.Options{}, recorder{close: func(*engineio.Session, engineio.CloseReason) {
		close(closing)
		<-let
	}})
	s.openSession(4)
	ctx, cancel := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	go func() { closed <- s.engine.CloseSessions(ctx) }()
	<-closing
	cancel()
	if err := <-closed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v while a handler was working, want the end of the context", err)
	}
	go func() { closed <- s.engine.CloseSessions(t.Context()) }()
	close(let)
	if err := <-closed; err != nil {
		t.Errorf("CloseSessions: %v", err)
	}
	s.expectReason(engineio.CloseServerShutdown)
}

func TestServer_Shutdown(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(4)
	session := <-s.opened
	p := s.openPolling(4, "")
	polling := <-s.opened
	session.Send(text("last"))
	polling.Send(text("last"))
	done := make(chan error)
	go func() { done <- s.engine.Shutdown(t.Context()) }()
	c.expectText("4last")
	c.expectClose(1001)
	s.expectReason(engineio.CloseServerShutdown)
	s.expectReason(engineio.CloseServerShutdown)
	expect(t, "GET", p.get(), 200, "4last")
	expect(t, "GET", p.get(), 200, "1")
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	expectStatus(t, "handshake", s.do("GET", "EIO=4&transport=polling", ""), 503)
	s.engine.Broadcast([]*engineio.Session{session}, text("no effect"))
}

// A client that did not answer the close of its WebSocket held the shutdown for five seconds.
func TestServer_Shutdown_CloseNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(4)
		session := <-s.opened
		session.Send(text("last"))
		start := time.Now()
		done := make(chan error, 1)
		go func() { done <- s.engine.Shutdown(t.Context()) }()
		c.expectText("4last")
		if opcode, _ := c.read(); opcode != opClose {
			t.Errorf("got opcode %d, want a close frame", opcode)
		}
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		since(t, "Shutdown", start, time.Second)
		s.expectReason(engineio.CloseServerShutdown)
	})
}

// Shutdown does not outlast its context.
func TestServer_Shutdown_ContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		s.openSession(4) // answers nothing
		p := s.openPolling(4, "")
		s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := s.engine.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: got %v", err)
		}
		since(t, "Shutdown", start, time.Second)
	})
}

func TestServer_Stats(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	c := s.openSession(3)
	s.openPolling(4, "")
	s.do("GET", "EIO=9&transport=polling", "")
	c.text("4hello")
	c.expectText("4hello")
	got := s.engine.Stats()
	if got.Sessions() != 2 || got.WebSocketEIO3 != 1 || got.PollingEIO4 != 1 || got.Opened != 2 || got.Refused != 1 ||
		got.PacketsIn != 1 || got.PacketsOut != 3 || got.BytesIn != 12 || got.BytesOut == 0 {
		t.Errorf("stats: got %+v", got)
	}
	c.text("1")
	c.expectClose(1000)
	s.expectReason(engineio.CloseTransportClose)
	got = s.engine.Stats()
	if got.Sessions() != 1 || got.Closed[engineio.CloseTransportClose] != 1 {
		t.Errorf("stats: got %+v", got)
	}
}

// Pitfall of cross-site pages: polling and WebSocket are for allowed origins alone.
func TestServer_Origin(t *testing.T) {
	tests := []struct {
		allowed []string
		origin  string
		ok      bool
	}{
		{nil, "http://engine.test", true},
		{nil, "https://ENGINE.test:443", true},
		{nil, "http://engine.test:8080", false},
		{nil, "http://other.test", false},
		{nil, "null", false},
		{nil, "http://engine.test.evil.test", false},
		{[]string{"https://chat.example"}, "https://chat.example", true},
		{[]string{"https://chat.example"}, "http://chat.example", false},
		{[]string{"https://chat.example"}, "http://engine.test", true},
		{[]string{"https://chat.example"}, "http://other.test", false},
		{[]string{"https://*.example.test"}, "https://a.b.example.test", true},
		{[]string{"https://*.example.test"}, "https://example.test", false},
		{[]string{"https://*.example.test"}, "https://.example.test", false},
		{[]string{"https://*.example.test"}, "https://evil.test/.example.test", false},
		{[]string{"https://*.example.test"}, "https://evil.test:1@x.example.test", false},
		{[]string{"https://*.example.test:8443", "http://x.test"}, "http://x.test", true},
	}
	for _, test := range tests {
		s := newServer(t, engineio.Options{AllowedOrigins: test.allowed}, recorder{})
		a := s.do("GET", "EIO=4&transport=polling", "", "Origin", test.origin)
		_, response := s.dialWS("EIO=4&transport=websocket", nil, "Origin", test.origin)
		preflight := s.do("OPTIONS", "EIO=4&transport=polling", "", "Origin", test.origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization, content-type")
		if !test.ok {
			if a.status != 403 || response.StatusCode != 403 || preflight.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%v, %s: got %d, %d and %d, want 403", test.allowed, test.origin, a.status, response.StatusCode, preflight.status)
			}
			continue
		}
		if a.status != 200 || response.StatusCode != http.StatusSwitchingProtocols || preflight.status != 204 {
			t.Errorf("%v, %s: got %d, %d and %d, want 200, 101 and 204", test.allowed, test.origin, a.status, response.StatusCode, preflight.status)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin": test.origin, "Access-Control-Allow-Credentials": "true", "Vary": "Origin",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%v, %s: %s: got %q, want %q", test.allowed, test.origin, name, got, want)
			}
		}
		if got, want := preflight.header.Get("Access-Control-Allow-Headers"), "authorization, content-type"; got != want {
			t.Errorf("preflight: got %q, want %q", got, want)
		}
		if got, want := preflight.header.Get("Access-Control-Allow-Methods"), "GET, POST, OPTIONS"; got != want {
			t.Errorf("preflight: got %q, want %q", got, want)
		}
	}
	// Errors must be readable for the page too.
	s := newServer(t, engineio.Options{AllowedOrigins: []string{"*"}}, recorder{})
	if a := s.do("GET", "EIO=4&transport=polling", ""); a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Vary") != "Origin" {
		t.Errorf("without an origin: got %v", a.header)
	}
	for _, page := range []string{"http://other.test", "null"} {
		a := s.do("GET", "EIO=4&transport=polling&sid=unknown", "", "Origin", page)
		if a.status != 400 || a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: error: got %d with %v", page, a.status, a.header)
		}
	}
}

// The answer to a refused page gives the reason: an operator had no hint that a
// proxy in front had changed the Host header.
func TestServer_OriginRefused(t *testing.T) {
	told := make(chan string, 2)
	s := newServer(t, engineio.Options{OriginRefused: func(r *http.Request) string {
		told <- r.Header.Get("Origin") + " at " + r.Host
		return "ask the operator"
	}}, recorder{})
	a := s.do("POST", "EIO=4&transport=polling", "", "Origin", "http://engine.test:8443")
	expect(t, "refused", a, 403, `{"code":4,"message":"Forbidden: ask the operator"}`)
	if got, want := <-told, "http://engine.test:8443 at engine.test"; got != want {
		t.Errorf("told: got %q, want %q", got, want)
	}
	expect(t, "own page", s.do("POST", "EIO=4&transport=polling", "", "Origin", "http://engine.test"), 400, `{"code":2,"message":"Bad handshake method"}`)
	if len(told) > 0 {
		t.Errorf("an allowed page: told %q", <-told)
	}
}

// A page elsewhere can make a browser send a request with the user's cookies: by a
// script element without an Origin, or where "*" allows every page. Once that
// opened a session that was logged in as the user.
func TestServer_ForeignPagesBringNoCookie(t *testing.T) {
	for _, headers := range [][]string{nil, {"Cookie", "Authorization"}} {
		s := newServer(t, engineio.Options{Headers: headers, AllowedOrigins: []string{"*", "https://listed.test"}, JSONP: true}, recorder{})
		for _, test := range []struct {
			name, query  string
			origin, site string
			want         string
		}{
			{"a program", "EIO=4", "", "", "a=b"},
			{"own page", "EIO=4", "http://engine.test", "same-origin", "a=b"},
			{"own page, GET", "EIO=4", "", "same-origin", "a=b"},
			{"typed address", "EIO=4", "", "none", "a=b"},
			{"listed page", "EIO=4", "https://listed.test", "cross-site", "a=b"},
			{"any page", "EIO=4", "https://other.test", "cross-site", ""},
			{"any page, no metadata", "EIO=4", "https://other.test", "", ""},
			{"sandboxed page", "EIO=4", "null", "cross-site", ""},
			{"subdomain", "EIO=4", "https://a.engine.test", "same-site", ""},
			{"script element elsewhere", "EIO=3", "", "cross-site", ""},
			{"script element of a subdomain", "EIO=3", "", "same-site", ""},
			{"JSONP, no metadata", "EIO=3&j=0", "", "", ""},
			{"JSONP of the own page", "EIO=3&j=0", "", "same-origin", ""},
		} {
			more := []string{"Cookie", "a=b", "Authorization", "Bearer x"}
			if test.origin != "" {
				more = append(more, "Origin", test.origin)
			}
			if test.site != "" {
				more = append(more, "Sec-Fetch-Site", test.site)
			}
			expectStatus(t, test.name, s.do("GET", test.query+"&transport=polling", "", more...), 200)
			h := (<-s.opened).Handshake().Header
			if h.Get("Cookie") != test.want || h.Get("Authorization") != "Bearer x" {
				t.Errorf("%s, keeping %v: got cookie %q, authorization %q, want %q", test.name, headers, h.Get("Cookie"), h.Get("Authorization"), test.want)
			}
			if strings.Contains(test.query, "j=") {
				continue
			}
			s.dialWS(test.query+"&transport=websocket", nil, more...)
			if got := (<-s.opened).Handshake().Header.Get("Cookie"); got != test.want {
				t.Errorf("%s, WebSocket: got cookie %q, want %q", test.name, got, test.want)
			}
		}
	}
}

func TestServer_Cookie(t *testing.T) {
	s := newServer(t, engineio.Options{Cookie: "io"}, recorder{})
	a := s.do("GET", "EIO=3&transport=polling", "")
	session := <-s.opened
	if got, want := a.header.Get("Set-Cookie"), "io="+session.ID()+"; Path=/; HttpOnly; SameSite=Lax"; got != want {
		t.Errorf("Set-Cookie: got %q, want %q", got, want)
	}
	s = newServer(t, engineio.Options{Cookie: "io", CookiePath: "/chat/", CookieSecure: true}, recorder{})
	a = s.do("GET", "EIO=3&transport=polling", "")
	session = <-s.opened
	if got, want := a.header.Get("Set-Cookie"), "io="+session.ID()+"; Path=/chat/; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("behind TLS: Set-Cookie: got %q, want %q", got, want)
	}
	s = newServer(t, engineio.Options{}, recorder{})
	if got := s.do("GET", "EIO=3&transport=polling", "").header.Get("Set-Cookie"); got != "" {
		t.Errorf("Set-Cookie: got %q, want none", got)
	}
}

// Text that is no UTF-8 would end the client's WebSocket.
func TestTextFrame_InvalidUTF8(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{open: func(s *engineio.Session) { s.Send(text("a\xffb")) }})
	s.openSession(4).expectText("4a\uFFFDb")
}

// Thousands of clients that send the moment they are told that they are connected are all heard.
func TestServer_SendAtOnce(t *testing.T) {
	s := newServer(t, engineio.Options{}, recorder{})
	drained := make(chan struct{})
	defer close(drained)
	go func() {
		for {
			select {
			case <-s.opened:
			case <-drained:
				return
			}
		}
	}()
	const clients, atOnce = 2000, 50
	work := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range work {
				early := clientFrame(fin|opText, fmt.Appendf(nil, "4early %d", i))
				c, _ := s.dialWS(fmt.Sprintf("EIO=%d&transport=websocket", 3+i%2), early)
				if _, _, err := c.next(); err != nil {
					t.Error(err)
				}
				c.conn.Write(clientFrame(fin|opText, fmt.Appendf(nil, "4%d", i)))
				for _, want := range []string{fmt.Sprint("4early ", i), fmt.Sprint("4", i)} {
					if _, got, err := c.next(); err != nil || string(got) != want {
						t.Errorf("client %d: got %q, %v, want %q", i, got, err, want)
					}
				}
				c.conn.Close()
				<-s.closed
			}
		})
	}
	for i := range clients {
		work <- i
	}
	close(work)
	workers.Wait()
}
