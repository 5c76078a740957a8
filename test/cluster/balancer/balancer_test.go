package balancer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs nodes that answer with their name and then the body, and the balancer for them.
func start(t *testing.T, listen func(string) (*Balancer, error), nodes int) (b *Balancer, servers []*httptest.Server) {
	t.Helper()
	b, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	var addresses []string
	for i := range nodes {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("open") {
				fmt.Fprintf(w, `0{"sid":"%s"}`, r.URL.Query().Get("open"))
				return
			}
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%c%s", 'a'+i, body)
		}))
		t.Cleanup(s.Close)
		servers = append(servers, s)
		addresses = append(addresses, s.Listener.Addr().String())
	}
	b.SetNodes(addresses...)
	return b, servers
}

func get(t *testing.T, client *http.Client, b *Balancer, query, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.Address()+"/?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// newClient returns a client that keeps its connections.
func newClient(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

func TestConnectionsInTurn(t *testing.T) {
	b, servers := start(t, Listen, 3)
	got := ""
	for range 6 {
		got += get(t, newClient(t), b, "", "")
	}
	if got != "abcabc" {
		t.Errorf("got the nodes %q, want each in turn", got)
	}
	kept := newClient(t)
	if first, second := get(t, kept, b, "", ""), get(t, kept, b, "", ""); first != second {
		t.Errorf("got the nodes %q and %q on one connection", first, second)
	}
	servers[1].CloseClientConnections()
	servers[1].Close()
	for range 4 {
		if got := get(t, newClient(t), b, "", ""); got == "b" || got == "" {
			t.Errorf("got the node %q, which is gone", got)
		}
	}
}

func TestRequestsRoam(t *testing.T) {
	b, _ := start(t, Roam, 3)
	client := newClient(t)
	big := strings.Repeat("x", 300_000)
	for i := range 4 {
		sid := fmt.Sprint("s", i)
		get(t, client, b, "open="+sid, "")
		owner := i % 3
		for n := range 7 {
			want := string(rune('a' + (owner+n+1)%3))
			if got := get(t, client, b, "t=1&sid="+sid+"&x=2", big); got != want+big {
				t.Fatalf("request %d of session %d: got %.10q, want node %s", n, i, got, want)
			}
		}
	}
	served := b.Served()
	for _, n := range served {
		if n < 10 || n > 11 {
			t.Errorf("got %v, want the same number for all nodes", served)
		}
	}
}

// Bytes after an upgrade pass in both directions, and the end of either reaches the other.
func TestBytesPass(t *testing.T) {
	for name, listen := range map[string]func(string) (*Balancer, error){"turn": Listen, "roam": Roam} {
		t.Run(name, func(t *testing.T) {
			node, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer node.Close()
			b, err := listen("127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			b.SetNodes(node.Addr().String())
			client, err := net.Dial("tcp", b.Address())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			head := "GET /?sid=a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly"
			fmt.Fprint(client, head)
			server, err := node.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			for _, conn := range []net.Conn{client, server} {
				_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
			}
			got := make([]byte, len(head))
			if _, err := io.ReadFull(server, got); err != nil || string(got) != head {
				t.Fatalf("got %q, %v", got, err)
			}
			data := bytes.Repeat([]byte("0123456789"), 50_000)
			for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
				go func() { _, _ = way[0].Write(data) }()
				got := make([]byte, len(data))
				if _, err := io.ReadFull(way[1], got); err != nil || !slices.Equal(got, data) {
					t.Fatalf("the bytes differ, %v", err)
				}
			}
			_ = client.(*net.TCPConn).CloseWrite()
			if n, err := server.Read(got); err != io.EOF {
				t.Errorf("got %d bytes, %v, want the end", n, err)
			}
			fmt.Fprint(server, "last\n")
			server.Close()
			in := bufio.NewReader(client)
			if line, err := in.ReadString('\n'); err != nil || line != "last\n" {
				t.Errorf("got %q, %v", line, err)
			}
			if _, err := in.ReadByte(); err != io.EOF {
				t.Errorf("got %v, want the end", err)
			}
		})
	}
}
