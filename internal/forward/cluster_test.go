package forward_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"go.uber.org/goleak"

	"parley/engineio"
	"parley/internal/forward"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come before it fails.
const patience = 20 * time.Second

const secret = "the secret of the cluster"

// node is a server with a public and a private listener. Its handler echoes.
type node struct {
	t         testing.TB
	name      string
	engine    *engineio.Server
	forwarder *forward.Forwarder
	handler   *forward.Handler
	public    *httptest.Server
	private   *httptest.Server
	log       *logged
	before    func(data []byte) // runs before the echo; nil: nothing

	opened chan *engineio.Session
	closed chan engineio.CloseReason
}

func (n *node) OnOpen(s *engineio.Session) { n.opened <- s }

func (n *node) OnMessage(s *engineio.Session, data []byte, binary bool) {
	data = bytes.Clone(data)
	if n.before != nil {
		n.before(data)
	}
	if binary {
		s.Send(engineio.BinaryFrame(data))
	} else {
		s.Send(engineio.TextFrame(data))
	}
}

func (n *node) OnClose(_ *engineio.Session, reason engineio.CloseReason) { n.closed <- reason }

// cluster is some nodes that know each other.
type cluster struct {
	t     testing.TB
	nodes []*node
	peers *forward.Table
	next  int
}

// newCluster starts nodes named a, b and c. change, which may be nil, changes the options of each.
func newCluster(t testing.TB, size int, engine engineio.Options, change func(*forward.Options, *forward.Handler)) *cluster {
	t.Helper()
	c := &cluster{t: t, peers: &forward.Table{}}
	for i := range size {
		n := &node{
			t: t, name: string(rune('a' + i)), log: &logged{},
			opened: make(chan *engineio.Session, 1000), closed: make(chan engineio.CloseReason, 1000),
		}
		options := forward.Options{Peers: c.peers, Secret: secret, WriteTimeout: engine.WriteTimeout, Logger: slog.New(slog.NewTextHandler(n.log, nil))}
		n.handler = &forward.Handler{Secret: secret}
		if change != nil {
			change(&options, n.handler)
		}
		n.forwarder = forward.New(options)
		own := engine
		own.Node, own.Forward = n.name, n.forwarder.Forward
		n.engine = engineio.NewServer(own, n)
		n.handler.Serve, n.handler.Release = http.HandlerFunc(n.engine.ServeForwarded), n.engine.Release
		n.public = httptest.NewServer(n.engine)
		n.private = httptest.NewUnstartedServer(n.handler)
		if n.private.TLS = options.TLS; options.TLS != nil {
			n.private.StartTLS()
		} else {
			n.private.Start()
		}
		c.nodes = append(c.nodes, n)
		t.Cleanup(n.stop)
	}
	c.join()
	return c
}

// join tells the nodes of each other.
func (c *cluster) join() {
	addresses := map[string]string{}
	for _, n := range c.nodes {
		addresses[n.name] = n.private.Listener.Addr().String()
	}
	c.peers.Set(addresses)
}

func (n *node) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := n.engine.Shutdown(ctx); err != nil {
		n.t.Errorf("Shutdown of %s: %v", n.name, err)
	}
	n.forwarder.Close()
	for _, s := range []*httptest.Server{n.public, n.private} {
		s.CloseClientConnections()
		s.Close()
	}
}

// reason returns why the next session of the node ended.
func (n *node) reason() engineio.CloseReason {
	n.t.Helper()
	return receive(n.t, n.closed, "the end of a session on "+n.name)
}

func receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

// until waits for a condition.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

// logged collects the log of a node.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// answer is an HTTP response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) expect(t testing.TB, what string, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Fatalf("%s: got %d %.200q, want %d %.200q", what, a.status, a.body, status, body)
	}
}

const unknown = `{"code":1,"message":"Session ID unknown"}`

// request makes a request of its own connection.
func request(ctx context.Context, server *httptest.Server, method, query string, body io.Reader, header ...string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, server.URL+"/engine.io/?"+query, body)
	if err != nil {
		return answer{}, err
	}
	r.Close = true
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := server.Client().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(b)}, err
}

func (n *node) do(method, query, body string, header ...string) answer {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	a, err := request(ctx, n.public, method, query, in, header...)
	if err != nil {
		n.t.Fatalf("%s %s: %v", method, query, err)
	}
	return a
}

// client polls, each request at another node than the last.
type client struct {
	*cluster
	owner   *node
	session *engineio.Session
	query   string
}

// open makes a session on the first node.
func (c *cluster) open(protocol int, extra string) *client {
	c.t.Helper()
	owner := c.nodes[0]
	query := fmt.Sprintf("EIO=%d&transport=polling%s", protocol, extra)
	a := owner.do("GET", query, "")
	var open struct{ SID string }
	text := strings.ReplaceAll(a.body, `\"`, `"`) // in JSONP
	start := strings.IndexByte(text, '{')
	if a.status != 200 || start < 0 || json.NewDecoder(strings.NewReader(text[start:])).Decode(&open) != nil {
		c.t.Fatalf("handshake: got %d %q", a.status, a.body)
	}
	if !strings.HasPrefix(open.SID, owner.name+".") {
		c.t.Fatalf("got the session id %q, want one of node %s", open.SID, owner.name)
	}
	return &client{c, owner, receive(c.t, owner.opened, "OnOpen"), query + "&sid=" + open.SID}
}

func (c *client) sid() string { return c.query[strings.Index(c.query, "sid=")+4:] }

// turn returns the node for the next request; the owner only if it is alone.
func (c *client) turn() *node {
	c.next = c.next%(len(c.nodes)-1) + 1
	return c.nodes[c.next]
}

func (c *client) get() answer { c.t.Helper(); return c.turn().do("GET", c.query, "") }

func (c *client) post(body string, header ...string) answer {
	c.t.Helper()
	return c.turn().do("POST", c.query, body, header...)
}

// poll starts a poll that the owner has when it returns.
func (c *client) poll(ctx context.Context) <-chan answer {
	c.t.Helper()
	before := c.session.SignsOfLife()
	got := make(chan answer, 1)
	entry := c.turn()
	go func() {
		a, err := request(ctx, entry.public, "GET", c.query, nil)
		if err != nil {
			a.body = err.Error()
		}
		got <- a
	}()
	until(c.t, "the poll is at the owner", func() bool { return c.session.SignsOfLife() > before })
	return got
}

// socket is a WebSocket client.
type socket struct {
	t    testing.TB
	conn net.Conn
	in   io.Reader
}

// dial opens a WebSocket at a node.
func (n *node) dial(query string, header ...string) (*socket, error) {
	fields := http.Header{}
	for i := 0; i < len(header); i += 2 {
		fields.Set(header[i], header[i+1])
	}
	dialer := ws.Dialer{Timeout: patience, Header: ws.HandshakeHeaderHTTP(fields)}
	conn, early, _, err := dialer.Dial(context.Background(), strings.Replace(n.public.URL, "http", "ws", 1)+"/engine.io/?"+query)
	if err != nil {
		return nil, err
	}
	n.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	s := &socket{n.t, conn, conn}
	if early != nil {
		s.in = early
	}
	return s, nil
}

func (s *socket) write(op ws.OpCode, data string) {
	s.t.Helper()
	if err := wsutil.WriteClientMessage(s.conn, op, []byte(data)); err != nil {
		s.t.Fatalf("write: %v", err)
	}
}

func (s *socket) text(data string) { s.t.Helper(); s.write(ws.OpText, data) }

func (s *socket) read() (ws.OpCode, string, error) {
	data, op, err := wsutil.ReadServerData(struct {
		io.Reader
		io.Writer
	}{s.in, s.conn})
	return op, string(data), err
}

func (s *socket) expect(op ws.OpCode, data string) {
	s.t.Helper()
	got, text, err := s.read()
	if err != nil || got != op || text != data {
		s.t.Fatalf("got opcode %d %.100q, %v, want opcode %d %.100q", got, text, err, op, data)
	}
}

// upgrade moves the session to a WebSocket through another node than the owner.
func (c *client) upgrade() *socket {
	c.t.Helper()
	s, err := c.turn().dial(strings.Replace(c.query, "transport=polling", "transport=websocket", 1))
	if err != nil {
		c.t.Fatalf("upgrade: %v", err)
	}
	s.text("2probe")
	s.expect(ws.OpText, "3probe")
	s.text("5")
	until(c.t, "the upgrade", func() bool { return c.session.Transport() == "websocket" })
	return s
}
