package socketio

import (
	"container/list"
	"sync"
)

// pending contains the connections that are in no namespace, oldest first. An ordinary client sends CONNECT at once and is never
// the oldest of thousands. Clients that never send it replace each other.
type pending struct {
	max int // 0: no limit

	mu    sync.Mutex // after conn.mu
	conns list.List  // of *conn, longest first
}

// enter adds c. If there are too many, it removes and returns the oldest.
func (p *pending) enter(c *conn) (oldest *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.place != nil {
		return nil
	}
	c.place = p.conns.PushBack(c)
	if p.max <= 0 || p.conns.Len() <= p.max {
		return nil
	}
	oldest, _ = p.conns.Remove(p.conns.Front()).(*conn)
	oldest.place = nil
	return oldest
}

func (p *pending) leave(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.place != nil {
		p.conns.Remove(c.place)
		c.place = nil
	}
}

func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conns.Len()
}
