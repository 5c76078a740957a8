package engineio_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/engineio"
)

// Broadcasts that overlap share their writes. Whoever sends them, to
// whichever of the sessions: nothing is lost, nothing comes twice, and two sessions never
// disagree about the order of what both get.
func TestServer_Broadcast_Overlapping(t *testing.T) {
	s := newServer(t, engineio.Options{FanoutShards: 2}, recorder{})
	const sessions, senders, messages = 8, 4, 300
	var all []*engineio.Session
	var clients []*wsClient
	for range sessions {
		clients = append(clients, s.openSession(4))
		all = append(all, <-s.opened)
	}
	var sending sync.WaitGroup
	for sender := range senders {
		// All but one of the sessions, another one for each sender.
		to := append(append([]*engineio.Session{}, all[:sender]...), all[sender+1:]...)
		sending.Go(func() {
			for m := range messages {
				s.engine.Broadcast(to, text(fmt.Sprintf("%d-%d", sender, m)))
			}
		})
	}
	var first []string // as a session got them that all senders write to
	for i := sessions - 1; i >= 0; i-- {
		var got []string
		next := [senders]int{}
		expected := senders * messages
		if i < senders {
			expected -= messages
		}
		for range expected {
			_, payload := clients[i].read()
			var sender, m int
			if _, err := fmt.Sscanf(string(payload), "4%d-%d", &sender, &m); err != nil {
				t.Fatalf("session %d: got %q", i, payload)
			}
			if sender == i || m != next[sender] {
				t.Fatalf("session %d: got %q, want number %d of another sender", i, payload, next[sender])
			}
			next[sender]++
			got = append(got, string(payload))
		}
		if first == nil {
			first = got
			continue
		}
		at := 0
		for _, message := range first {
			var sender int
			fmt.Sscanf(message, "4%d-", &sender)
			if sender == i {
				continue
			}
			if got[at] != message {
				t.Fatalf("session %d, message %d: got %q, want %q", i, at, got[at], message)
			}
			at++
		}
	}
	sending.Wait()
}

// A sender that broadcasts faster than sessions are served can be made to wait, also while the server
// stops.
func TestServer_AwaitBroadcasts(t *testing.T) {
	s := newServer(t, engineio.Options{FanoutShards: 2}, recorder{})
	const messages = 500
	var clients []*wsClient
	var all []*engineio.Session
	for range 4 {
		clients = append(clients, s.openSession(4))
		all = append(all, <-s.opened)
	}
	for range messages {
		s.engine.Broadcast(all, text("x"))
		s.engine.AwaitBroadcasts(8)
	}
	s.engine.AwaitBroadcasts(0)
	for _, c := range clients {
		for range messages {
			if _, payload := c.read(); string(payload) != "4x" {
				t.Fatalf("got %q, want 4x", payload)
			}
		}
	}
	if err := s.engine.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.engine.Broadcast(all, text("late"))
	s.engine.AwaitBroadcasts(0)
}

// A message that was broadcast right before a close was lost, because the close overtook the worker.
func TestBroadcast_ThenClose(t *testing.T) {
	s := newServer(t, engineio.Options{FanoutShards: 1, PingInterval: time.Minute}, recorder{})
	const clients = 50
	var all []*engineio.Session
	var sockets []*wsClient
	var pollers []*poller
	for i := range clients {
		protocol := 3 + i%2
		if i < clients/2 {
			sockets = append(sockets, s.openSession(protocol))
		} else {
			pollers = append(pollers, s.openPolling(4, ""))
		}
		all = append(all, <-s.opened)
	}
	for range 20 {
		s.engine.Broadcast(all, text("x"))
	}
	s.engine.Broadcast(all, text("broadcast"))
	for _, session := range all {
		session.Close(engineio.CloseForced, text("last"))
		if session.Send(text("too late")) {
			t.Error("Send after Close: got true")
		}
		session.Close(engineio.CloseHandlerPanic, text("too late"))
	}
	s.engine.Broadcast(all, text("too late"))
	for range all {
		s.expectReason(engineio.CloseForced)
	}
	for _, c := range sockets {
		for range 20 {
			c.expectText("4x")
		}
		c.expectText("4broadcast")
		c.expectText("4last")
		c.expectClose(1000)
	}
	for _, p := range pollers {
		expect(t, "GET", p.get(), 200, strings.Repeat("4x\x1e", 20)+"4broadcast\x1e4last")
		expect(t, "the next GET", p.get(), 200, "1")
	}
}
