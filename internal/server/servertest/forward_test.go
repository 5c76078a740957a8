package servertest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"parley/internal/config"
	"parley/internal/server"
	"parley/test/certificate"
)

const clusterSecret = "the secret of the cluster"

// startNodes runs servers that know each other's private listeners. Each has a database and people of its own: a request
// is served with the database of its session's node only.
func startNodes(t *testing.T, number int, change ...func(*config.Config)) []*Server {
	t.Helper()
	nodes := make([]*Server, number)
	addresses := map[string]string{}
	for i := range nodes {
		nodes[i] = Start(t, append([]func(*config.Config){func(c *config.Config) {
			c.Cluster.Listen, c.Cluster.Secret = "127.0.0.1:0", clusterSecret
		}}, change...)...)
		name, address := nodes[i].server.Node()
		addresses[name] = address
	}
	for _, n := range nodes {
		n.server.SetNodes(addresses)
	}
	return nodes
}

// roamer is a polling session of the first node's first account whose requests may go to any node.
type roamer struct {
	t     *testing.T
	query url.Values
	path  string
}

func roam(t *testing.T, owner *Server, path string) *roamer {
	t.Helper()
	r := &roamer{t, url.Values{"EIO": {"4"}, "transport": {"polling"}, "token": {owner.Accounts[0].Token}, "app": {owner.App}}, path}
	var open struct {
		SID string `json:"sid"`
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(r.ask(owner, http.MethodGet, ""), "0")), &open); err != nil {
		t.Fatal(err)
	}
	if name, _ := owner.server.Node(); !strings.HasPrefix(open.SID, name+".") {
		t.Fatalf("got the session id %s, want one of node %s", open.SID, name)
	}
	r.query.Set("sid", open.SID)
	return r
}

// join joins the default namespace, one request at each node.
func (r *roamer) join(post, get *Server) {
	r.t.Helper()
	r.ask(post, http.MethodPost, "40")
	if answer := r.ask(get, http.MethodGet, ""); !strings.HasPrefix(answer, `40{"sid"`) {
		r.t.Fatalf("connect: got %s", answer)
	}
}

func (r *roamer) try(ctx context.Context, at *Server, method, body string) (status int, answer string, closes bool, err error) {
	request, err := http.NewRequestWithContext(ctx, method, at.URL+r.path+"?"+r.query.Encode(), strings.NewReader(body))
	if err != nil {
		return 0, "", false, err
	}
	response, err := at.client().Do(request)
	if err != nil {
		return 0, "", false, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), response.Close, err
}

func (r *roamer) ask(at *Server, method, body string) string {
	r.t.Helper()
	status, answer, _, err := r.try(r.t.Context(), at, method, body)
	if err != nil || status != http.StatusOK {
		r.t.Fatalf("%s %.20q: got %d %.200q, %v", method, body, status, answer, err)
	}
	return answer
}

// result is the answer to a poll.
type result struct {
	answer string
	closes bool
	err    error
}

// poll begins a poll at a node and returns once the owner has it.
func (r *roamer) poll(at *Server) <-chan result {
	r.t.Helper()
	got := make(chan result, 1)
	before := forwarded(r.t, at)
	go func() {
		_, answer, closes, err := r.try(context.Background(), at, http.MethodGet, "")
		got <- result{answer, closes, err}
	}()
	waitFor(r.t, "the poll is passed on", func() bool { return forwarded(r.t, at) > before })
	return got
}

// forwarded returns how many polls a node passes on now.
func forwarded(t *testing.T, s *Server) (n int) {
	t.Helper()
	for line := range strings.Lines(scrape(t, s)) {
		if _, err := fmt.Sscanf(line, `parley_forwarded{transport="polling"} %d`, &n); err == nil {
			return n
		}
	}
	t.Fatal("there is no figure of forwarded polls")
	return 0
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

func withMetrics(c *config.Config) { c.Metrics.Listen = "127.0.0.1:0" }

func (r *roamer) message(owner *Server, text string) string {
	r.t.Helper()
	payload, err := json.Marshal(send(owner, text))
	if err != nil {
		r.t.Fatal(err)
	}
	return `427["send group message",` + string(payload) + `]`
}

// A client's requests go to another node each time, over polling and over a WebSocket, on each path of the sockets, also
// below the path of public-url.
func TestRequestsAtAnyNode(t *testing.T) {
	nodes := startNodes(t, 3, func(c *config.Config) { c.PublicURL = "http://chat.example.test/below/" })
	requestAtAnyNode(t, nodes, "/socket.io/", "/mds2/", "/below/socket.io/")
}

func requestAtAnyNode(t *testing.T, nodes []*Server, paths ...string) {
	t.Helper()
	for _, path := range paths {
		r := roam(t, nodes[0], path)
		r.join(nodes[1], nodes[2])
		r.ask(nodes[2], http.MethodPost, r.message(nodes[0], "over polling"))
		for answer := ""; !strings.Contains(answer, "437[false,"); {
			answer = r.ask(nodes[1], http.MethodGet, "")
		}
		r.query.Set("transport", "websocket")
		dialer := ws.Dialer{TLSConfig: nodes[1].TLS}
		conn, _, _, err := dialer.Dial(t.Context(), strings.Replace(nodes[1].URL, "http", "ws", 1)+path+"?"+r.query.Encode())
		if err != nil {
			t.Fatalf("upgrade: %v", err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		say := func(packet string) {
			t.Helper()
			if err := wsutil.WriteClientText(conn, []byte(packet)); err != nil {
				t.Fatal(err)
			}
		}
		hear := func(want string) {
			t.Helper()
			for {
				packet, err := wsutil.ReadServerText(conn)
				if err != nil {
					t.Fatalf("waiting for %s: %v", want, err)
				}
				if strings.HasPrefix(string(packet), want) {
					return
				}
			}
		}
		say("2probe")
		hear("3probe")
		say("5")
		say(r.message(nodes[0], "over a WebSocket"))
		hear("437[false,")
	}
}

// Clients that come through other nodes do not use up the connections of their session's node.
func TestForwardedPollsAreCountedOnce(t *testing.T) {
	nodes := startNodes(t, 2, withMetrics, func(c *config.Config) { c.HTTP.MaxConnections, c.HTTP.MaxWaiting = 8, 2 })
	owner, entry := nodes[0], nodes[1]
	http.DefaultClient.CloseIdleConnections()
	var polls []<-chan result
	var clients []*roamer
	for range 6 {
		r := roam(t, owner, "/socket.io/")
		r.join(entry, entry)
		clients = append(clients, r)
		polls = append(polls, r.poll(entry))
	}
	for line := range strings.Lines(scrape(t, owner)) {
		var n int
		if _, err := fmt.Sscanf(line, `parley_http_connections{state="busy"} %d`, &n); err == nil && n != 0 {
			t.Errorf("the owner counts %d busy connections, want those of its own clients, 0", n)
		}
	}
	for i, r := range clients {
		r.ask(owner, http.MethodPost, "1")
		if got := <-polls[i]; got.err != nil || got.answer != "6" {
			t.Errorf("got %q, %v, want the end of the poll", got.answer, got.err)
		}
	}
}

// A node that stops hands over clients of other nodes without an error: a poll is answered, its connection closes, and
// the next poll finds the session at another node, with everything that was sent meanwhile.
func TestDrainHandsClientsOver(t *testing.T) {
	nodes := startNodes(t, 3, withMetrics)
	owner, stops, stays := nodes[0], nodes[1], nodes[2]
	r := roam(t, owner, "/socket.io/")
	r.join(stops, stops)
	poll := r.poll(stops)
	if err := stops.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := <-poll; got.err != nil || got.answer != "6" || !got.closes {
		t.Errorf("the poll: got %q, %v, closing %v; want a noop on a connection that closes", got.answer, got.err, got.closes)
	}
	if log := stops.Log(); strings.Contains(log, "cut off") {
		t.Errorf("not everything was finished:\n%s", log)
	}
	r.ask(stays, http.MethodPost, r.message(owner, "after the move"))
	for answer := ""; !strings.Contains(answer, "437[false,"); {
		answer = r.ask(stays, http.MethodGet, "")
	}
}

// A client that polls through another node gets the acknowledgement of its last request while the owner stops.
func TestDrainOfTheOwner(t *testing.T) {
	nodes := startNodes(t, 2)
	owner, entry := nodes[0], nodes[1]
	r := roam(t, owner, "/socket.io/")
	r.join(entry, entry)
	r.ask(entry, http.MethodPost, r.message(owner, "the last word"))
	stopped := make(chan error, 1)
	go func() { stopped <- owner.Stop() }()
	waitFor(t, "the owner drains", func() bool {
		response, err := http.Get(owner.URL + "/readyz")
		if err != nil {
			t.Fatalf("nothing is served any more: %v", err)
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusServiceUnavailable
	})
	for answer := ""; !strings.Contains(answer, "437[false,"); {
		answer = r.ask(entry, http.MethodGet, "")
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if log := owner.Log(); strings.Contains(log, "cut off") {
		t.Errorf("not everything was finished:\n%s", log)
	}
	if status, answer, _, err := r.try(t.Context(), entry, http.MethodGet, ""); status != http.StatusBadRequest || !strings.Contains(answer, `"code":1`) {
		t.Errorf("a session of a node that is gone: got %d %s, %v", status, answer, err)
	}
}

// The private listener serves sessions to nodes and nothing to others.
func TestPrivateListener(t *testing.T) {
	nodes := startNodes(t, 1)
	_, address := nodes[0].server.Node()
	for _, path := range []string{"/", "/readyz", "/v1/accounts", "/api/me", "/socket.io/?EIO=4&transport=polling", "/mds2/?EIO=3&transport=polling"} {
		for secret, want := range map[string]int{"": http.StatusUnauthorized, "guess": http.StatusUnauthorized, clusterSecret: 0} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Parley-Cluster-Secret", secret)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if want != 0 && response.StatusCode != want || response.StatusCode < 400 {
				t.Errorf("%s with the secret %q: got %s", path, secret, response.Status)
			}
		}
	}
}

// With certificates the nodes need no secret, and nobody without one is heard.
func TestNodesWithCertificates(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	if err := certificate.SelfSigned(certificate.Options{Names: []string{"nodes.example.test"}}).Write(cert, key); err != nil {
		t.Fatal(err)
	}
	nodes := startNodes(t, 2, func(c *config.Config) {
		c.Cluster.Secret, c.Cluster.TLSCert, c.Cluster.TLSKey, c.Cluster.TLSCA = "", cert, key, cert
	})
	r := roam(t, nodes[0], "/socket.io/")
	r.join(nodes[1], nodes[1])
	r.ask(nodes[1], http.MethodPost, r.message(nodes[0], "over TLS"))
	for answer := ""; !strings.Contains(answer, "437[false,"); {
		answer = r.ask(nodes[1], http.MethodGet, "")
	}
	r.query.Set("transport", "websocket")
	conn, _, _, err := ws.Dial(t.Context(), strings.Replace(nodes[1].URL, "http", "ws", 1)+"/socket.io/?"+r.query.Encode())
	if err != nil {
		t.Fatalf("upgrade: %v", err)
	}
	defer conn.Close()
	if err := wsutil.WriteClientText(conn, []byte("2probe")); err != nil {
		t.Fatal(err)
	}
	if got, err := wsutil.ReadServerText(conn); err != nil || string(got) != "3probe" {
		t.Errorf("got %q, %v", got, err)
	}

	_, address := nodes[0].server.Node()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if response, err := client.Get("https://" + address + "/socket.io/?" + r.query.Encode()); err == nil {
		response.Body.Close()
		t.Errorf("without a certificate: got %s, want no answer", response.Status)
	}
}

func TestClusterErrorsAtTheStart(t *testing.T) {
	taken := startNodes(t, 1)
	_, address := taken[0].server.Node()
	for want, change := range map[string]func(*config.Config){
		"cluster.listen " + address: func(c *config.Config) { c.Cluster.Listen = address },
		"cluster.tls-cert: the certificate of this node": func(c *config.Config) {
			c.Cluster.TLSCert, c.Cluster.TLSKey, c.Cluster.TLSCA = "nowhere", "nowhere", "nowhere"
		},
	} {
		c := Config(t)
		c.Cluster.Listen, c.Cluster.Secret = "127.0.0.1:0", clusterSecret
		change(&c)
		s, err := server.New(t.Context(), c, server.NewLogger(io.Discard, c.Log), nil)
		if err == nil {
			err = errors.Join(s.Close(), errors.New("it was started"))
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}
