package cluster

import (
	"net"
	"sync"
)

// Link carries TCP connections to an address until it is cut. A link that is cut accepts
// connections and carries nothing, as a network that drops packets: neither side notices.
type Link struct {
	Address string // to dial in place of the target

	target   string
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	cut   chan struct{} // closed while the link is cut
	ended chan struct{} // closed when the connections of before the cut are to end
	conns map[net.Conn]struct{}
}

// NewLink opens a link to the target. Close ends it.
func NewLink(target string) (*Link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	link := &Link{
		Address: l.Addr().String(), target: target, listener: l,
		cut: make(chan struct{}), ended: make(chan struct{}), conns: make(map[net.Conn]struct{}),
	}
	link.running.Go(link.accept)
	return link, nil
}

// Cut stops carrying data.
func (l *Link) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.cut:
	default:
		close(l.cut)
	}
}

// Mend ends the connections that were cut, and carries new ones.
func (l *Link) Mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closeAll()
	close(l.ended)
	l.cut, l.ended = make(chan struct{}), make(chan struct{})
}

// Close ends the link and everything that it carries.
func (l *Link) Close() {
	_ = l.listener.Close()
	l.mu.Lock()
	l.closeAll()
	close(l.ended)
	l.mu.Unlock()
	l.running.Wait()
}

func (l *Link) closeAll() {
	for c := range l.conns {
		_ = c.Close()
	}
	clear(l.conns)
}

func (l *Link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		l.conns[client] = struct{}{}
		cut, ended := l.cut, l.ended
		l.mu.Unlock()
		l.running.Go(func() { l.serve(client, cut, ended) })
	}
}

func (l *Link) serve(client net.Conn, cut, ended chan struct{}) {
	defer client.Close()
	select {
	case <-cut:
		<-ended
		return
	default:
	}
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer server.Close()
	l.mu.Lock()
	l.conns[server] = struct{}{}
	l.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { carry(server, client, cut, ended) })
	both.Go(func() { carry(client, server, cut, ended) })
	both.Wait()
	l.mu.Lock()
	delete(l.conns, client)
	delete(l.conns, server)
	l.mu.Unlock()
}

// carry copies until one side ends. What arrives after the cut is lost.
func carry(to, from net.Conn, cut, ended chan struct{}) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-cut:
			<-ended
			return
		default:
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = to.Close()
	_ = from.Close()
}
