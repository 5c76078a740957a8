// Package balancer spreads the connections of clients over the nodes of a cluster, one after the other, as a TCP balancer
// without sticky sessions does. For tests it can also send each request of a session to another node than the one before.
package balancer

import (
	"bytes"
	"errors"
	"io"
	"net"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Balancer listens for clients. It is safe for concurrent use.
type Balancer struct {
	listener net.Listener
	roams    bool
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	nodes  []string
	next   int
	last   map[string]string // node of the latest request, by session id
	served map[string]int    // connections by node
	conns  map[net.Conn]struct{}
}

// Listen starts a balancer at an address, "127.0.0.1:0" for a free port. Its nodes are those of [Balancer.SetNodes].
func Listen(address string) (*Balancer, error) { return listen(address, false) }

// Roam is Listen for a balancer that reads the beginning of each connection. It sends every HTTP request on a connection of
// its own, and each request of an Engine.IO session to the node after the one that had the request before.
func Roam(address string) (*Balancer, error) { return listen(address, true) }

func listen(address string, roams bool) (*Balancer, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	b := &Balancer{listener: l, roams: roams, last: map[string]string{}, served: map[string]int{}, conns: map[net.Conn]struct{}{}}
	b.running.Go(b.accept)
	return b, nil
}

// Address returns the host and the port for clients.
func (b *Balancer) Address() string { return b.listener.Addr().String() }

// SetNodes replaces the addresses of the nodes. Existing connections stay.
func (b *Balancer) SetNodes(addresses ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes = slices.Clone(addresses)
}

// Served returns how many connections each node has had.
func (b *Balancer) Served() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	served := make(map[string]int, len(b.served))
	for node, n := range b.served {
		served[node] = n
	}
	return served
}

// Close ends the balancer and all connections.
func (b *Balancer) Close() {
	b.mu.Lock()
	b.closed = true
	for conn := range b.conns {
		_ = conn.Close()
	}
	b.mu.Unlock()
	_ = b.listener.Close()
	b.running.Wait()
}

func (b *Balancer) accept() {
	for {
		client, err := b.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			<-time.After(10 * time.Millisecond) // no descriptor is free
			continue
		}
		if b.keep(client) {
			b.running.Go(func() { b.serve(client) })
		}
	}
}

// keep remembers a connection for Close, or closes it if it comes too late.
func (b *Balancer) keep(conn net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		_ = conn.Close()
		return false
	}
	b.conns[conn] = struct{}{}
	return true
}

func (b *Balancer) drop(conn net.Conn) {
	_ = conn.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, conn)
}

func (b *Balancer) serve(client net.Conn) {
	defer b.drop(client)
	var first []byte
	var sid string
	if b.roams {
		var err error
		if first, err = readHead(client); err != nil {
			return
		}
		first, sid = apart(first), sidOf(first)
	}
	node, address := b.dial(sid)
	if node == nil || !b.keep(node) {
		return
	}
	defer b.drop(node)
	sent := make(chan struct{})
	b.running.Go(func() {
		defer close(sent)
		_, err := node.Write(first)
		if err == nil {
			_, err = io.Copy(node, client)
		}
		end(node, err)
	})
	var err error
	if b.roams && sid == "" {
		err = b.learn(client, node, address)
	}
	if err == nil {
		_, err = io.Copy(client, node)
	}
	end(client, err)
	<-sent // what the client says after the node has ended
}

// end passes on the end of one direction.
func end(to net.Conn, err error) {
	if half, ok := to.(*net.TCPConn); ok && err == nil {
		_ = half.CloseWrite()
		return
	}
	_ = to.Close()
}

// dialTime is how long a node may take to accept a connection.
const dialTime = 2 * time.Second

// dial connects to the next node that accepts a connection; nil if there is none.
func (b *Balancer) dial(sid string) (net.Conn, string) {
	b.mu.Lock()
	nodes := slices.Clone(b.nodes)
	start := b.next
	if i := slices.Index(nodes, b.last[sid]); sid != "" && i >= 0 {
		start = i + 1
	} else {
		b.next++
	}
	b.mu.Unlock()
	for i := range nodes {
		address := nodes[(start+i)%len(nodes)]
		conn, err := net.DialTimeout("tcp", address, dialTime)
		if err != nil {
			continue
		}
		b.had(address, sid)
		b.mu.Lock()
		b.served[address]++
		b.mu.Unlock()
		return conn, address
	}
	return nil, ""
}

// had notes that a node has had a request of a session.
func (b *Balancer) had(address, sid string) {
	if sid == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last[sid] = address
}

var (
	sidInQuery  = regexp.MustCompile(`^[A-Z]+ [^ ]*[?&]sid=([^& ]+)`)
	sidInAnswer = regexp.MustCompile(`\\?"sid\\?":\\?"([^"\\]+)`)
	connection  = regexp.MustCompile(`(?im)^connection:.*\r\n`)
	upgrade     = regexp.MustCompile(`(?im)^upgrade:`)
)

// maxHead is the largest beginning of a request that is read, in bytes.
const maxHead = 64 << 10

var errHead = errors.New("the header of a request is too large")

// readHead reads to the end of the header of a request, and what came with it.
func readHead(client net.Conn) ([]byte, error) {
	head := make([]byte, 0, 4<<10)
	for !bytes.Contains(head, []byte("\r\n\r\n")) {
		if len(head) >= maxHead {
			return nil, errHead
		}
		head = slices.Grow(head, 1<<10)
		n, err := client.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if err != nil {
			return nil, err
		}
	}
	return head, nil
}

// apart makes the node close the connection after its answer, so that the next request has another one.
func apart(request []byte) []byte {
	i := bytes.Index(request, []byte("\r\n\r\n")) + 2
	head, rest := request[:i], request[i:]
	if upgrade.Match(head) {
		return request
	}
	head = append(connection.ReplaceAll(head, nil), "Connection: close\r\n"...)
	return append(head, rest...)
}

func sidOf(request []byte) string {
	if found := sidInQuery.FindSubmatch(request); found != nil {
		return string(found[1])
	}
	return ""
}

// learn passes on the answer to a handshake as far as the session id in it.
func (b *Balancer) learn(client, node net.Conn, address string) error {
	var answer []byte
	buf := make([]byte, 4<<10)
	for len(answer) < maxHead {
		n, err := node.Read(buf)
		answer = append(answer, buf[:n]...)
		found := sidInAnswer.FindSubmatch(answer)
		if found != nil {
			b.had(address, string(found[1])) // before the client can send the next request
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return err
		}
		if found != nil || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
