package engineio

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

type silent struct{}

func (silent) OnOpen(*Session)                  {}
func (silent) OnMessage(*Session, []byte, bool) {}
func (silent) OnClose(*Session, CloseReason)    {}

// A message woke a poll whose goroutine had stopped waiting for another reason, its client gone or its time over, and the
// 5 of the upgrade came before that goroutine had the lock. The upgrade then waited for it with the lock in hand: the
// session hung, and with it the heartbeats of all sessions and the worker of its shard.
func TestUpgrade_PollAlreadyWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(Options{}, silent{})
		ours, theirs := net.Pipe()
		defer theirs.Close()
		g := newPendingGet()
		s := &Session{server: srv, id: "polls", protocol: 4, polls: &polling{get: g}}
		c := &wsConn{session: s}
		c.attach(ours)
		c.timer = time.AfterFunc(time.Hour, func() {})
		c.probed = true
		s.candidate = c

		s.Send(TextFrame([]byte("wakes the poll")))
		if !c.upgrade() {
			t.Fatal("the session was not upgraded")
		}
		// The message is the WebSocket's now, and the poll ends without it.
		s.mu.Lock()
		defer s.mu.Unlock()
		if !g.done || !g.gone || len(g.frames) != 0 {
			t.Errorf("GET: got done %v, gone %v, %d frames; want it refused", g.done, g.gone, len(g.frames))
		}
		if got, want := c.out.cost(), TextFrame([]byte("wakes the poll")).Size(); got != want {
			t.Errorf("waiting on the WebSocket: got %d bytes, want %d", got, want)
		}
	})
}
