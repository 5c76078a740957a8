package engineio

import (
	"sync"
	"sync/atomic"
)

// Broadcast sends frames to all sessions and returns at once. Frames of one call stay
// together, and every session gets the calls in the order in which they were
// made; where calls are concurrent, all sessions get them in the same order.
// Closed sessions are passed over. The caller must not modify
// sessions afterwards.
//
// Sessions belong to shards with a worker each, which writes to a session once for
// all broadcasts that wait: the more there is to do, the fewer writes a message
// costs.
func (srv *Server) Broadcast(sessions []*Session, frames ...*Frame) {
	if len(sessions) == 0 || len(frames) == 0 {
		return
	}
	parts := srv.split(sessions)
	srv.broadcasts.Lock()
	defer srv.broadcasts.Unlock()
	for i, part := range parts {
		if len(part) > 0 {
			srv.shards[i].add(broadcast{sessions: part, frames: frames})
		}
	}
}

// AwaitBroadcasts returns when at most that many deliveries, a broadcast to three sessions being three, wait to be put
// into the queues of their sessions, which have limits of their own. Whoever broadcasts without end calls it in
// between: what waits has no other limit.
func (srv *Server) AwaitBroadcasts(atMost int) {
	for i := range srv.shards {
		srv.shards[i].await(atMost / len(srv.shards))
	}
}

// split sorts sessions by shard.
func (srv *Server) split(sessions []*Session) [][]*Session {
	if len(srv.shards) == 1 {
		return [][]*Session{sessions}
	}
	parts := make([][]*Session, len(srv.shards))
	if len(sessions) == 1 {
		parts[sessions[0].shard] = sessions
		return parts
	}
	guess := len(sessions)/len(parts) + len(sessions)/16 + 1
	for _, s := range sessions {
		if parts[s.shard] == nil {
			parts[s.shard] = make([]*Session, 0, guess)
		}
		parts[s.shard] = append(parts[s.shard], s)
	}
	return parts
}

type broadcast struct {
	sessions []*Session
	frames   []*Frame
	reason   CloseReason // if not empty, the end of the one session that gets the frames
}

// deliver queues the frames and reports whether the session is open.
func (b *broadcast) deliver(s *Session, flush bool) bool {
	if b.reason != "" {
		s.closeLast(b.reason, b.frames)
		return false
	}
	return s.deliver(b.frames, flush)
}

// maxJoins is how many broadcasts may join in while a worker goes round once: enough to
// make writes rare, few enough that what they add to the queues stays small.
const maxJoins = 64

// shard is the part of the sessions that one worker writes broadcasts to. The worker
// exists while there is something to do.
type shard struct {
	server *Server

	mu      sync.Mutex
	waiting []broadcast
	pending int        // sessions in waiting
	taken   *sync.Cond // pending is less; nil until somebody waits for that
	running bool
	idle    chan struct{} // closed when running ends; nil until somebody waits for that
	arrived atomic.Bool   // waiting is not empty; read without mu
}

func (sh *shard) add(b broadcast) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.waiting = append(sh.waiting, b)
	sh.pending += len(b.sessions)
	sh.arrived.Store(true)
	if sh.running {
		return
	}
	sh.running = sh.server.startWorker(sh.run)
	if !sh.running {
		sh.waiting, sh.pending = nil, 0 // the server has stopped
	}
}

// closeAfter queues the end of a session behind the waiting broadcasts. It returns false if there are
// none.
func (sh *shard) closeAfter(s *Session, reason CloseReason, last []*Frame) bool {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.running {
		return false
	}
	if !s.ending.Swap(true) {
		sh.waiting = append(sh.waiting, broadcast{[]*Session{s}, last, reason})
		sh.pending++
		sh.arrived.Store(true)
	}
	return true
}

func (sh *shard) await(atMost int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for sh.pending > atMost {
		if sh.taken == nil {
			sh.taken = sync.NewCond(&sh.mu)
		}
		sh.taken.Wait()
	}
}

// done is closed once all that was added so far is in the queues of its sessions, and has been written as far as
// they take it. What is added meanwhile is waited for, too.
func (sh *shard) done() <-chan struct{} {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if !sh.running {
		done := make(chan struct{})
		close(done)
		return done
	}
	if sh.idle == nil {
		sh.idle = make(chan struct{})
	}
	return sh.idle
}

// startWorker starts a goroutine unless the server has stopped.
func (srv *Server) startWorker(work func()) bool {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	if srv.stopped {
		return false
	}
	srv.workers.Go(work)
	return true
}

// run is the worker. It goes round its sessions like a lift: who has something to get
// stands in line once and gets all that waits for it in one write. A broadcast that
// arrives meanwhile joins in: who is still in line gets it with the rest, the others
// line up again. So broadcasts that overlap share their writes, and none of them waits for
// the end of another.
func (sh *shard) run() {
	var batch []broadcast
	var line tour
	for {
		if line.empty() {
			batch = sh.take(batch, true)
			switch len(batch) {
			case 0:
				return
			case 1:
				batch[0].sessions = sh.writeAlone(batch[0])
			}
			line.join(batch)
		} else if line.joins < maxJoins && sh.arrived.Load() {
			batch = sh.take(batch, false)
			line.join(batch)
		} else {
			s := line.next()
			s.mu.Lock()
			s.flush()
			s.mu.Unlock()
		}
	}
}

// writeAlone spares the only broadcast that waits the line, until another one
// arrives. It returns the sessions that are left.
func (sh *shard) writeAlone(b broadcast) []*Session {
	for i, s := range b.sessions {
		if sh.arrived.Load() {
			return b.sessions[i:]
		}
		b.deliver(s, true)
	}
	return nil
}

// A tour is the line of sessions that a worker has to write to.
type tour struct {
	sessions []*Session
	served   int // of sessions
	lap      int // where the lap ends
	joins    int // broadcasts that have joined in since the lap began
}

func (t *tour) empty() bool { return t.served == len(t.sessions) }

// join queues the frames and lines up those of the sessions who are not in line.
func (t *tour) join(batch []broadcast) {
	begins := t.empty()
	for _, b := range batch {
		for _, s := range b.sessions {
			if b.deliver(s, false) && !s.touched {
				s.touched = true
				t.sessions = append(t.sessions, s)
			}
		}
	}
	t.joins += len(batch)
	if begins {
		t.lap, t.joins = len(t.sessions), 0
	}
}

// next takes the first out of the line.
func (t *tour) next() *Session {
	s := t.sessions[t.served]
	s.touched = false
	if t.served++; t.served == t.lap {
		left := copy(t.sessions, t.sessions[t.served:])
		clear(t.sessions[left:])
		t.sessions, t.served, t.lap, t.joins = t.sessions[:left], 0, left, 0
	}
	return s
}

// take returns what waits, in the memory of the last batch. When there is nothing and
// the worker is idle, it must end.
func (sh *shard) take(last []broadcast, idle bool) []broadcast {
	clear(last)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	n := min(len(sh.waiting), maxJoins)
	if n == 0 {
		if idle {
			sh.waiting, sh.running = nil, false
			if sh.idle != nil {
				close(sh.idle)
				sh.idle = nil
			}
		}
		return nil
	}
	batch := append(last[:0], sh.waiting[:n]...)
	for _, b := range batch {
		sh.pending -= len(b.sessions)
	}
	if sh.taken != nil {
		sh.taken.Broadcast()
	}
	rest := copy(sh.waiting, sh.waiting[n:])
	clear(sh.waiting[rest:])
	sh.waiting = sh.waiting[:rest]
	sh.arrived.Store(rest > 0)
	return batch
}

// deliver queues the frames of a broadcast and reports whether the session is open.
func (s *Session) deliver(frames []*Frame, flush bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return false
	}
	for _, f := range frames {
		s.queue(f)
	}
	if flush {
		s.flush()
	}
	return s.checkQueue()
}
