package servertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	natsclient "github.com/nats-io/nats.go"

	"parley/internal/config"
	"parley/internal/server"
	"parley/socketio/socketiotest"
	"parley/test/nats"
	"parley/test/postgres"
)

// nodes are several servers on one database and one bus.
type nodes struct {
	t        *testing.T
	database string
	folder   string
	all      []*Server
}

// startNode adds a node. Its folder is that of the first one.
func (n *nodes) startNode(bus string, change ...func(*config.Config)) *Server {
	n.t.Helper()
	s := Start(n.t, append([]func(*config.Config){func(c *config.Config) {
		c.Database, c.Bus, c.Data = config.Database(n.database), config.Bus(bus), n.folder
		c.Cluster.Listen, c.Cluster.Secret = "127.0.0.1:0", clusterSecret
		c.Upload.Shared = true
		c.Metrics.Listen = "127.0.0.1:0"
		c.Cluster.LostTimeout = time.Minute // the machine may be slow
	}}, change...)...)
	n.all = append(n.all, s)
	return s
}

func newNodes(t *testing.T) *nodes {
	t.Helper()
	return &nodes{t: t, database: postgres.Start(t, "fsync=off").Create(t), folder: t.TempDir()}
}

// lostSoon makes a node notice quickly what it has lost.
func lostSoon(c *config.Config) { c.Cluster.LostTimeout = 2 * time.Second }

const groupPush = "new group message"

// messages returns the texts of the next n messages that the socket gets.
func messages(t *testing.T, c *socketiotest.Client, n int) (texts []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range n {
		e, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == groupPush })
		if err != nil {
			t.Fatalf("after %d of %d messages: %v", len(texts), n, err)
		}
		texts = append(texts, textOf(t, e))
	}
	return texts
}

func textOf(t *testing.T, e socketiotest.Event) string {
	t.Helper()
	var pushed struct {
		Msg struct {
			Con string `json:"con"`
		} `json:"msg"`
	}
	if err := json.Unmarshal(e.Args[0], &pushed); err != nil {
		t.Fatal(err)
	}
	return pushed.Msg.Con
}

// request sends a message and waits for its acknowledgement.
func request(t *testing.T, s *Server, c *socketiotest.Client, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := c.Request(ctx, "send group message", send(s, text))
	if err != nil {
		t.Fatalf("send %q: %v", text, err)
	}
	if string(answer[0]) != "false" {
		t.Fatalf("send %q: refused with %s", text, answer[0])
	}
}

// ready asks /readyz until it answers so.
func ready(t *testing.T, s *Server, want int) (text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode == want {
			return string(body)
		}
		if time.Now().After(deadline) {
			t.Fatalf("/readyz: got %d, %s, want %d", response.StatusCode, body, want)
		}
	}
}

func gone(t *testing.T, c *socketiotest.Client) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(time.Minute):
		t.Fatal("the client is still connected")
	}
}

// figure returns a line of the metrics.
func figure(t *testing.T, s *Server, name string) string {
	t.Helper()
	for line := range strings.Lines(scrape(t, s)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("no figure %s", name)
	return ""
}

// sendFromAll sends from each node at the same time, and compares what a third person is
// shown on each.
func (n *nodes) sendFromAll(round string, each int, watchers []*socketiotest.Client) {
	t := n.t
	t.Helper()
	var sending sync.WaitGroup
	for i, s := range n.all {
		c := s.Connect(4, "websocket", s.Accounts[i%2].Token)
		sending.Go(func() {
			for k := range each {
				answer, err := c.Request(t.Context(), "send group message", send(s, fmt.Sprintf("%s %d %d", round, i, k)))
				if err != nil || string(answer[0]) != "false" {
					t.Errorf("node %d: got %s, %v", i, answer, err)
					return
				}
			}
		})
	}
	sending.Wait()
	if t.Failed() {
		t.FailNow()
	}
	var first []string
	for i, w := range watchers {
		got := messages(t, w, each*len(n.all))
		if i == 0 {
			first = got
			continue
		}
		for k := range got {
			if got[k] != first[k] {
				t.Fatalf("%s: node %d shows %q at place %d, node 0 %q", round, i, got[k], k, first[k])
			}
		}
	}
	seen, last := map[string]bool{}, make([]int, len(n.all))
	for _, text := range first {
		var i, k int
		if _, err := fmt.Sscanf(text, round+" %d %d", &i, &k); err != nil {
			t.Fatalf("%s: shows %q", round, text)
		}
		if seen[text] || k != last[i] {
			t.Fatalf("%s: message %d of node %d is not in its place: %v", round, k, i, first)
		}
		seen[text], last[i] = true, last[i]+1
	}
	// Nothing comes twice: what is sent last is the next that is shown.
	end := n.all[0].Connect(4, "websocket", n.all[0].Accounts[0].Token)
	request(t, n.all[0], end, round+" end")
	for i, w := range watchers {
		if got := messages(t, w, 1); got[0] != round+" end" {
			t.Fatalf("%s: node %d shows %q again", round, i, got[0])
		}
	}
}

// watch connects the third person on every node.
func (n *nodes) watch() (watchers []*socketiotest.Client) {
	for _, s := range n.all {
		watchers = append(watchers, s.Connect(4, "websocket", s.Accounts[2].Token))
	}
	return watchers
}

func TestNodes(t *testing.T) {
	n := newNodes(t)
	server := nats.Start(t)
	for range 3 {
		n.startNode(server.URL())
	}
	watchers := n.watch()
	n.sendFromAll("calm", 30, watchers)
	figuresOfNodesAreDocumented(t, n.all[0])

	// Another one on the bus repeats everything, late and in the wrong order.
	echo, err := natsclient.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	var held [][]byte
	if _, err := echo.Subscribe("parley.*.commits", func(m *natsclient.Msg) {
		if m.Header.Get("again") != "" {
			return
		}
		held = append(held, m.Data)
		if len(held) < 5 {
			return
		}
		for i := range held {
			again := natsclient.NewMsg(m.Subject)
			again.Header.Set("again", "yes")
			again.Data = held[len(held)-1-i]
			if err := echo.PublishMsg(again); err != nil {
				t.Error(err)
			}
		}
		held = held[:0]
	}); err != nil {
		t.Fatal(err)
	}
	if err := echo.Flush(); err != nil {
		t.Fatal(err)
	}
	n.sendFromAll("repeated", 20, watchers)
	for figure(t, n.all[0], "parley_bus_duplicates_total") == "0" {
		if t.Context().Err() != nil {
			t.Fatal("nothing was repeated")
		}
	}

	// While the server of NATS is away, the nodes read from the database.
	server.Stop()
	n.sendFromAll("alone", 5, watchers)
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	n.sendFromAll("again", 20, watchers)

	// A token that is revoked on one node ends the connections on all.
	if err := n.all[0].Chat.RevokeTokens(t.Context(), n.all[0].Accounts[2].ID); err != nil {
		t.Fatal(err)
	}
	for _, w := range watchers {
		gone(t, w)
	}

	// A node that stops has published what it has committed.
	stays := n.all[1].Connect(4, "websocket", n.all[1].Accounts[1].Token)
	leaves := n.all[2].Connect(4, "websocket", n.all[2].Accounts[0].Token)
	request(t, n.all[2], leaves, "the last word")
	if err := n.all[2].Stop(); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, stays, 1); got[0] != "the last word" {
		t.Errorf("got %q, want the last word", got)
	}
	if log := n.all[2].Log(); strings.Contains(log, "not every commit") || strings.Contains(log, "could not be told") {
		t.Errorf("the node did not end in order:\n%s", log)
	}
	if got := n.inTable("SELECT count(*) FROM node"); got != 2 {
		t.Errorf("got %d nodes, want 2", got)
	}
}

func (n *nodes) inTable(query string, args ...any) (count int) {
	n.t.Helper()
	c, err := pgx.Connect(n.t.Context(), n.database)
	if err != nil {
		n.t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := c.QueryRow(n.t.Context(), query, args...).Scan(&count); err != nil {
		n.t.Fatal(err)
	}
	return count
}

// line is a way to a server that can be cut: connections hang, as they do when a
// network loses every packet.
type line struct {
	listener net.Listener
	mu       sync.Mutex
	whole    chan struct{} // closed while the line is whole
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, whole: make(chan struct{})}
	close(l.whole)
	var running sync.WaitGroup
	ended := make(chan struct{})
	running.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.carry(from, to, ended) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		close(ended)
		running.Wait()
	})
	return l
}

func (l *line) carry(from net.Conn, to string, ended chan struct{}) {
	defer from.Close()
	other, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer other.Close()
	var both sync.WaitGroup
	copyTo := func(to, from net.Conn) {
		defer to.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-l.state():
			case <-ended:
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	both.Go(func() { copyTo(other, from) })
	both.Go(func() { copyTo(from, other) })
	both.Wait()
}

func (l *line) state() chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.whole
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.whole = make(chan struct{})
}

func (l *line) mend() { close(l.state()) }

// A bus that does not answer at the start crashed the process instead of being reported.
func TestNodes_BusAway(t *testing.T) {
	c := Config(t)
	c.Database, c.Bus = config.Database(postgres.Start(t, "fsync=off").Create(t)), "nats://127.0.0.1:1"
	c.Cluster.Listen, c.Cluster.Secret, c.Upload.Shared = "127.0.0.1:0", clusterSecret, true
	s, err := server.New(t.Context(), c, server.NewLogger(&log{}, config.Log{Format: "text", Level: "warn"}), nil)
	if s != nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "bus") {
		t.Errorf("got %v, want an error that names the bus", err)
	}
}

// A node that is cut off from the bus sends its clients away and takes them again.
func TestNodes_CutOff(t *testing.T) {
	n := newNodes(t)
	server := nats.Start(t)
	way := newLine(t, server.Address())
	a := n.startNode("nats://"+way.listener.Addr().String(), lostSoon)
	b := n.startNode(server.URL())
	on := a.Connect(4, "websocket", a.Accounts[2].Token)
	polling := a.Connect(3, "polling", a.Accounts[2].Token)
	from := b.Connect(4, "websocket", b.Accounts[0].Token)
	request(t, b, from, "before")
	messages(t, on, 1)
	ready(t, a, http.StatusOK)

	way.cut()
	request(t, b, from, "meanwhile")
	if got := ready(t, a, http.StatusServiceUnavailable); got != "the bus cannot be reached\n" {
		t.Errorf("got %q", got)
	}
	sentAway(t, a, "bus", on, polling)
	ready(t, b, http.StatusOK)

	way.mend()
	ready(t, a, http.StatusOK)
	again := a.Connect(4, "websocket", a.Accounts[2].Token)
	request(t, b, from, "after")
	if got := messages(t, again, 1); got[0] != "after" {
		t.Errorf("got %q, want after", got)
	}
	back := a.Connect(4, "websocket", a.Accounts[1].Token)
	request(t, a, back, "from there")
	if got := messages(t, from, 1); got[0] != "from there" {
		t.Errorf("got %q, want from there", got)
	}
}

// sentAway expects that a node which is cut off has closed its clients, takes no others, and has figures that say so.
func sentAway(t *testing.T, node *Server, reason string, clients ...*socketiotest.Client) {
	t.Helper()
	for _, c := range clients {
		gone(t, c)
	}
	response, err := http.Get(node.URL + node.Path + "?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("handshake: got %s, want 503", response.Status)
	}
	if figure(t, node, "parley_node_serving") != "0" || figure(t, node, `parley_node_cut_off_total{reason="`+reason+`"}`) != "1" {
		t.Errorf("the figures do not say that the node is cut off: %s", reason)
	}
}

// A node that is cut off from the database, but not from the bus, sends its clients away and takes them again. It logs one error.
func TestNodes_CutOffFromDatabase(t *testing.T) {
	n := newNodes(t)
	server := nats.Start(t)
	address, err := url.Parse(n.database)
	if err != nil {
		t.Fatal(err)
	}
	way := newLine(t, address.Host)
	address.Host = way.listener.Addr().String()
	a := n.startNode(server.URL(), lostSoon, func(c *config.Config) { c.Database = config.Database(address.String()) })
	b := n.startNode(server.URL())
	on := a.Connect(4, "websocket", a.Accounts[2].Token)
	polling := a.Connect(3, "polling", a.Accounts[2].Token)
	from := b.Connect(4, "websocket", b.Accounts[0].Token)
	request(t, b, from, "before")
	messages(t, on, 1)
	ready(t, a, http.StatusOK)

	way.cut()
	request(t, b, from, "meanwhile")
	// Until the node is cut off, the reason is that of the database.
	for text := ""; text != "the database cannot be reached\n"; {
		text = ready(t, a, http.StatusServiceUnavailable)
		if text != "the database server does not answer, or refuses to work\n" && text != "the database cannot be reached\n" {
			t.Fatalf("/readyz: got %q", text)
		}
	}
	sentAway(t, a, "database", on, polling)
	ready(t, b, http.StatusOK)

	way.mend()
	ready(t, a, http.StatusOK)
	if got := strings.Count(a.Log(), "level=ERROR"); got != 1 || !strings.Contains(a.Log(), "this node is cut off") {
		t.Errorf("the log has %d errors, want one, and that the node was cut off", got)
	}
	again := a.Connect(4, "websocket", a.Accounts[2].Token)
	request(t, b, from, "after")
	if got := messages(t, again, 1); got[0] != "after" {
		t.Errorf("got %q, want after", got)
	}
	back := a.Connect(4, "websocket", a.Accounts[1].Token)
	request(t, a, back, "from there")
	if got := messages(t, from, 1); got[0] != "from there" {
		t.Errorf("got %q, want from there", got)
	}
}

// A node that the others have declared gone comes back as another one. A client on it
// never stays connected without hearing anything.
func TestNodes_DeclaredGone(t *testing.T) {
	n := newNodes(t)
	server := nats.Start(t)
	a := n.startNode(server.URL(), func(c *config.Config) { c.Cluster.LostTimeout = 10 * time.Second })
	b := n.startNode(server.URL())
	on := a.Connect(4, "websocket", a.Accounts[2].Token)
	// The id of the first one is the smaller of the two that started first.
	n.inTable(`WITH gone AS (DELETE FROM node WHERE started_at = (SELECT min(started_at) FROM node) RETURNING 1) SELECT count(*) FROM gone`)
	gone(t, on)
	for figure(t, a, "parley_node_serving") == "0" {
		if t.Context().Err() != nil {
			t.Fatal("the node does not serve again")
		}
	}
	if got := figure(t, a, `parley_node_cut_off_total{reason="gone"}`); got != "1" {
		t.Errorf("cut off %s times, want once", got)
	}
	ready(t, a, http.StatusOK)
	again := a.Connect(4, "websocket", a.Accounts[2].Token)
	from := b.Connect(4, "websocket", b.Accounts[0].Token)
	request(t, b, from, "hello again")
	if got := messages(t, again, 1); got[0] != "hello again" {
		t.Errorf("got %q", got)
	}
	if got := n.inTable("SELECT count(*) FROM node WHERE id LIKE '%-1'"); got != 1 {
		t.Errorf("got %d nodes with a new id, want 1", got)
	}
}

// TestNodes_Presence lets a device on one node look at the chat with a sender on another, and
// then come to that node. The account's other device hears of every read.
func TestNodes_Presence(t *testing.T) {
	n := newNodes(t)
	server := nats.Start(t)
	a, b := n.startNode(server.URL()), n.startNode(server.URL())
	alice, bob := a.Accounts[0], a.Accounts[1]
	from, desk, phone := a.Connect(4, "websocket", alice.Token), a.Connect(4, "websocket", bob.Token), b.Connect(4, "websocket", bob.Token)
	ask := func(c *socketiotest.Client, event, payload, want string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		answer, err := c.Request(ctx, event, json.RawMessage(payload))
		if err != nil {
			t.Fatalf("%s: %v", event, err)
		}
		if string(answer[0]) != "false" || !strings.Contains(string(answer[1]), want) {
			t.Fatalf("%s: got %s, want %q in it", event, answer, want)
		}
	}
	take := func(c *socketiotest.Client, push string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == push }); err != nil {
			t.Fatalf("%s: %v", push, err)
		}
	}
	say := func(words string) {
		t.Helper()
		ask(from, "send message", fmt.Sprintf(`{"touser": %q, "msg": %q, "type": 1}`, bob.ID, words), "")
		take(desk, "clear unread")
		ask(desk, "unread count", `{}`, `"user":[]`)
	}
	ask(phone, "current chat", fmt.Sprintf(`{"id": %q}`, alice.ID), "1")
	say("the phone is on another node")
	ask(phone, "operate", `{"type": "anything"}`, "")
	take(desk, "operate")

	phone.Close()
	for n.inTable("SELECT count(*) FROM current_chat WHERE lost_at > 0") == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the loss of the phone was not noticed")
		}
	}
	a.Connect(4, "websocket", bob.Token)
	for n.inTable("SELECT count(*) FROM current_chat WHERE lost_at = 0") == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the phone did not get its current chat back")
		}
	}
	say("the phone is back on this node")
}
