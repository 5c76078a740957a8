package engineio

import "sync"

// Broadcast sends frames to all sessions and returns at once. Frames of one call stay
// together, and every session gets the calls in the order in which they were
// made; where calls are concurrent, all sessions get them in the same order.
// Closed sessions are passed over. The caller must not modify
// sessions afterwards.
//
// Sessions belong to shards with a worker each. A worker takes all broadcasts that
// wait, appends them to the queues of its sessions and then writes once to each:
// the more there is to do, the fewer writes a message costs.
func (srv *Server) Broadcast(sessions []*Session, frames ...*Frame) {
	if len(sessions) == 0 || len(frames) == 0 {
		return
	}
	parts := srv.split(sessions)
	srv.broadcasts.Lock()
	defer srv.broadcasts.Unlock()
	for i, part := range parts {
		if len(part) > 0 {
			srv.shards[i].add(broadcast{part, frames})
		}
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
}

// maxDrained is how many broadcasts a worker takes at once: enough to make writes
// rare, few enough that the first message does not wait for long.
const maxDrained = 64

// shard is the part of the sessions that one worker writes broadcasts to. The worker
// exists while there is something to do.
type shard struct {
	server *Server

	mu      sync.Mutex
	waiting []broadcast
	running bool
}

func (sh *shard) add(b broadcast) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.waiting = append(sh.waiting, b)
	if sh.running || !sh.server.startWorker(sh.run) {
		return
	}
	sh.running = true
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

func (sh *shard) run() {
	var batch []broadcast
	var touched []*Session
	for {
		if batch = sh.take(batch); len(batch) == 0 {
			return
		}
		if len(batch) == 1 {
			for _, s := range batch[0].sessions {
				s.deliver(batch[0].frames, true)
			}
			continue
		}
		for _, b := range batch {
			for _, s := range b.sessions {
				if s.deliver(b.frames, false) && !s.touched {
					s.touched = true
					touched = append(touched, s)
				}
			}
		}
		for i, s := range touched {
			s.touched = false
			touched[i] = nil
			s.mu.Lock()
			s.flush()
			s.mu.Unlock()
		}
		touched = touched[:0]
	}
}

// take returns what waits, in the memory of the last batch; nothing, when the worker must end.
func (sh *shard) take(last []broadcast) []broadcast {
	clear(last)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	n := min(len(sh.waiting), maxDrained)
	if n == 0 {
		sh.waiting, sh.running = nil, false
		return nil
	}
	batch := append(last[:0], sh.waiting[:n]...)
	rest := copy(sh.waiting, sh.waiting[n:])
	clear(sh.waiting[rest:])
	sh.waiting = sh.waiting[:rest]
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
