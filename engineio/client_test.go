package engineio_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/engineio"
)

// recorder is a handler made of functions; those that are nil do nothing.
type recorder struct {
	open    func(*engineio.Session)
	message func(*engineio.Session, []byte, bool)
	close   func(*engineio.Session, engineio.CloseReason)
}

func (h recorder) OnOpen(s *engineio.Session) {
	if h.open != nil {
		h.open(s)
	}
}

func (h recorder) OnMessage(s *engineio.Session, data []byte, binary bool) {
	if h.message != nil {
		h.message(s, data, binary)
	}
}

func (h recorder) OnClose(s *engineio.Session, reason engineio.CloseReason) {
	if h.close != nil {
		h.close(s, reason)
	}
}

func echo(s *engineio.Session, data []byte, binary bool) {
	if binary {
		s.Send(engineio.BinaryFrame(data))
	} else {
		s.Send(engineio.TextFrame(data))
	}
}

// server is an engineio.Server that listens, with what its handler was told.
type server struct {
	t      *testing.T
	engine *engineio.Server
	http   *http.Client
	dial   func() (net.Conn, error)
	// patience is how long a client waits for the server; 0 is for ever, for bubbles, where a
	// test that hangs is found out at once.
	patience time.Duration

	opened chan *engineio.Session
	closed chan engineio.CloseReason
}

// newServer starts a server on loopback. The handler is told after the test's own
// channels are; a nil message function echoes.
func newServer(t *testing.T, options engineio.Options, handler recorder) *server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, options, handler, listener)
	s.patience = 20 * time.Second
	return s
}

func startServer(t *testing.T, options engineio.Options, handler recorder, listener net.Listener) *server {
	return startHTTP(t, options, handler, listener, &http.Server{})
}

func startHTTP(t *testing.T, options engineio.Options, handler recorder, listener net.Listener, web *http.Server) *server {
	s := &server{t: t, opened: make(chan *engineio.Session, 100), closed: make(chan engineio.CloseReason, 100)}
	told := handler
	told.open = func(session *engineio.Session) {
		if handler.open != nil {
			handler.open(session)
		}
		s.opened <- session
	}
	if handler.message == nil {
		told.message = echo
	}
	told.close = func(session *engineio.Session, reason engineio.CloseReason) {
		if handler.close != nil {
			handler.close(session, reason)
		}
		s.closed <- reason
	}
	options.Goroutines = goroutines
	s.engine = engineio.NewServer(options, told)
	s.dial = func() (net.Conn, error) { return net.Dial("tcp", listener.Addr().String()) }
	if pipe, ok := listener.(*pipeListener); ok {
		s.dial = pipe.dial
	}
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return s.dial() }}
	s.http = &http.Client{Transport: transport}
	web.Handler = s.engine
	served := make(chan struct{})
	go func() { web.Serve(listener); close(served) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.engine.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		web.Close()
		<-served
	})
	return s
}

// pipeListener connects clients by net.Pipe, for tests in a bubble.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipeServer(t *testing.T, options engineio.Options, handler recorder) *server {
	return startServer(t, options, handler, newPipeListener())
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) dial() (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// answer is an HTTP response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do makes a request and reads the answer.
func (s *server) do(method, query, body string, header ...string) answer {
	s.t.Helper()
	a, err := s.try(context.Background(), method, query, body, header...)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, query, err)
	}
	return a
}

func (s *server) try(ctx context.Context, method, query, body string, header ...string) (answer, error) {
	if s.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.patience)
		defer cancel()
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://engine.test/engine.io/?"+query, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := s.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(b)}, err
}

// poller is a client that polls.
type poller struct {
	*server
	query string
}

// openPacket is the JSON of the open packet.
type openPacket struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// openPolling makes a session; what OnOpen sent is dropped.
func (s *server) openPolling(protocol int, extra string) *poller {
	s.t.Helper()
	query := fmt.Sprintf("EIO=%d&transport=polling%s", protocol, extra)
	a := s.do("GET", query, "")
	if a.status != 200 {
		s.t.Fatalf("handshake: got %d %s", a.status, a.body)
	}
	var open openPacket
	start := strings.IndexByte(a.body, '{')
	if start < 0 || json.NewDecoder(strings.NewReader(a.body[start:])).Decode(&open) != nil {
		s.t.Fatalf("handshake: got %q", a.body)
	}
	return &poller{s, query + "&sid=" + open.SID}
}

func (p *poller) sid() string { return p.query[strings.Index(p.query, "sid=")+4:] }

func (p *poller) get() answer { p.t.Helper(); return p.do("GET", p.query, "") }

// getLater starts a poll, and returns once the server can have seen it only before what the
// test does next. Its answer comes in the channel.
func (p *poller) getLater() <-chan answer {
	p.t.Helper()
	c := make(chan answer, 1)
	conn, err := p.dial()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.patience > 0 {
		conn.SetDeadline(time.Now().Add(p.patience))
	}
	if _, err := fmt.Fprintf(conn, "GET /engine.io/?%s HTTP/1.1\r\nHost: engine.test\r\n\r\n", p.query); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer conn.Close()
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			c <- answer{body: err.Error()}
			return
		}
		b, _ := io.ReadAll(response.Body)
		c <- answer{response.StatusCode, response.Header, string(b)}
	}()
	return c
}

func (p *poller) post(body string, header ...string) answer {
	p.t.Helper()
	return p.do("POST", p.query, body, header...)
}

// expect checks status and body.
func expect(t *testing.T, what string, got answer, status int, body string) {
	t.Helper()
	if got.status != status || got.body != body {
		t.Errorf("%s: got %d %.200q, want %d %.200q", what, got.status, got.body, status, body)
	}
}

func expectStatus(t *testing.T, what string, got answer, status int) {
	t.Helper()
	if got.status != status {
		t.Errorf("%s: got %d %.200q, want status %d", what, got.status, got.body, status)
	}
}

// expectGone checks that the session is unknown to polls and POSTs.
func (p *poller) expectGone() {
	p.t.Helper()
	expectStatus(p.t, "GET on the closed session", p.get(), 400)
	message := "4x"
	if strings.Contains(p.query, "EIO=3") {
		message = "2:4x"
	}
	expectStatus(p.t, "POST on the closed session", p.post(message), 400)
}

// expectEnded checks that the client of a polling session, which has received the close packet, has nothing more to fetch, and
// that its late POSTs are answered.
func (p *poller) expectEnded() {
	p.t.Helper()
	expectStatus(p.t, "GET on the ended session", p.get(), 400)
	expect(p.t, "POST on the ended session", p.post("4late"), 200, "ok")
}

// expectReason checks why the next session ended.
func (s *server) expectReason(want engineio.CloseReason) {
	s.t.Helper()
	if got := s.nextReason(); got != want {
		s.t.Errorf("close reason: got %q, want %q", got, want)
	}
}

func (s *server) nextReason() engineio.CloseReason {
	s.t.Helper()
	if s.patience == 0 {
		return <-s.closed
	}
	select {
	case reason := <-s.closed:
		return reason
	case <-time.After(s.patience):
		s.t.Fatal("no session was closed")
		return ""
	}
}

const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
	fin            = 0x80
)

// wsClient is a WebSocket client that can do wrong.
type wsClient struct {
	t        *testing.T
	conn     net.Conn
	in       *bufio.Reader
	patience time.Duration // of each write and each read of a frame
}

// dialWS opens a WebSocket or returns the HTTP answer that refused it. early is sent in one
// write with the request.
func (s *server) dialWS(query string, early []byte, header ...string) (*wsClient, *http.Response) {
	s.t.Helper()
	conn, err := s.dial()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	if s.patience > 0 {
		conn.SetDeadline(time.Now().Add(s.patience))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET /engine.io/?%s HTTP/1.1\r\nHost: engine.test\r\n", query)
	fields := map[string]string{
		"Connection": "keep-alive, Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AQIDBAUGBwgJCgsMDQ4PEA==",
	}
	for i := 0; i < len(header); i += 2 {
		fields[header[i]] = header[i+1]
	}
	for name, value := range fields {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	b.Write(early)
	if _, err := conn.Write(b.Bytes()); err != nil {
		s.t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		s.t.Fatalf("websocket handshake: %v", err)
	}
	return &wsClient{s.t, conn, in, s.patience}, response
}

// openWS opens a WebSocket.
func (s *server) openWS(query string) *wsClient {
	s.t.Helper()
	c, response := s.dialWS(query, nil)
	if response.StatusCode != http.StatusSwitchingProtocols {
		s.t.Fatalf("websocket handshake: got %s", response.Status)
	}
	return c
}

// openSession opens a session on a WebSocket and reads the open packet.
func (s *server) openSession(protocol int) *wsClient {
	s.t.Helper()
	c := s.openWS(fmt.Sprintf("EIO=%d&transport=websocket", protocol))
	if opcode, data := c.read(); opcode != opText || !strings.HasPrefix(string(data), "0{") {
		s.t.Fatalf("first packet: got opcode %d %q", opcode, data)
	}
	return c
}

// clientFrame encodes a masked frame; first is the first byte, FIN and opcode.
func clientFrame(first byte, payload []byte) []byte {
	b := []byte{first}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := [4]byte{0x11, 0x92, 0x33, 0xf4}
	b = append(b, mask[:]...)
	for i, c := range payload {
		b = append(b, c^mask[i&3])
	}
	return b
}

func (c *wsClient) renewDeadline() {
	if c.patience > 0 {
		_ = c.conn.SetDeadline(time.Now().Add(c.patience))
	}
}

func (c *wsClient) raw(b []byte) {
	c.t.Helper()
	c.renewDeadline()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

func (c *wsClient) text(s string)   { c.t.Helper(); c.raw(clientFrame(fin|opText, []byte(s))) }
func (c *wsClient) binary(b []byte) { c.t.Helper(); c.raw(clientFrame(fin|opBinary, b)) }

// next reads a frame.
func (c *wsClient) next() (opcode byte, payload []byte, err error) {
	c.renewDeadline()
	var h [2]byte
	if _, err := io.ReadFull(c.in, h[:]); err != nil {
		return 0, nil, err
	}
	if h[0]&fin == 0 || h[1]&0x80 != 0 {
		return 0, nil, fmt.Errorf("server frame begins with % x", h)
	}
	length := uint64(h[1])
	var extended [8]byte
	switch length {
	case 126:
		_, err = io.ReadFull(c.in, extended[6:])
	case 127:
		_, err = io.ReadFull(c.in, extended[:])
	}
	if err != nil {
		return 0, nil, err
	}
	if length >= 126 {
		length = binary.BigEndian.Uint64(extended[:])
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(c.in, payload)
	return h[0] & 0x0f, payload, err
}

func (c *wsClient) read() (opcode byte, payload []byte) {
	c.t.Helper()
	opcode, payload, err := c.next()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return opcode, payload
}

func (c *wsClient) expectText(want string) {
	c.t.Helper()
	opcode, payload := c.read()
	if opcode != opText || string(payload) != want {
		c.t.Fatalf("got opcode %d %.200q, want text %.200q", opcode, payload, want)
	}
}

func (c *wsClient) expectBinary(want []byte) {
	c.t.Helper()
	opcode, payload := c.read()
	if opcode != opBinary || !bytes.Equal(payload, want) {
		c.t.Fatalf("got opcode %d % .60x, want binary % .60x", opcode, payload, want)
	}
}

// expectClose reads a close frame with that status, 0 for none, and the end of the connection.
func (c *wsClient) expectClose(status uint16) {
	c.t.Helper()
	opcode, payload := c.read()
	var got uint16
	if len(payload) >= 2 {
		got = binary.BigEndian.Uint16(payload)
	}
	if opcode != opClose || got != status {
		c.t.Fatalf("got opcode %d %q, want a close frame with status %d", opcode, payload, status)
	}
	c.conn.Write(clientFrame(fin|opClose, payload)) // the server may have gone already
	c.expectEnd()
}

// expectEnd reads the end of the connection.
func (c *wsClient) expectEnd() {
	c.t.Helper()
	if opcode, payload, err := c.next(); err == nil {
		c.t.Fatalf("got opcode %d %.100q, want the end", opcode, payload)
	}
}
