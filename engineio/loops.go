package engineio

import (
	"runtime"
	"sync"

	"parley/engineio/rawio"
)

// loops are the loops that read WebSockets.
type loops struct {
	mu      sync.Mutex
	all     []*rawio.Loop // nil until the first connection
	stopped bool          // there will be no more
}

// loopOf returns the loop that reads the WebSockets of the session, or nil if each of them has a goroutine of its own.
func (srv *Server) loopOf(s *Session) *rawio.Loop {
	if srv.options.Goroutines || !rawio.HasLoops {
		return nil
	}
	l := &srv.loops
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil && !l.stopped {
		l.start(srv)
	}
	if l.stopped {
		return nil
	}
	return l.all[int(s.shard)%len(l.all)]
}

// start starts one loop for every two processors: callbacks that wait, broadcasts and the kernel use the others. With more loops, fewer
// sockets are ready at a time, and each wakes a loop.
func (l *loops) start(srv *Server) {
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		loop, err := rawio.NewLoop()
		if err != nil {
			srv.options.Logger.Warn("no epoll, so each WebSocket has a goroutine", "error", err)
			break
		}
		l.all = append(l.all, loop)
	}
	l.stopped = len(l.all) == 0
}

// stop ends the loops once their connections are closed. The channels are closed after the last goroutines have ended.
func (l *loops) stop() []<-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	var ended []<-chan struct{}
	for _, loop := range l.all {
		ended = append(ended, loop.Stop())
	}
	return ended
}
