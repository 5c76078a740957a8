package engineio_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

// Messages that were sent or broadcast before Shutdown reach every client. Sessions were closed while workers still had broadcasts
// to deliver: of five hundred sessions seventy missed the last. And Shutdown returned, upon which servers stop serving,
// while clients that poll were between two polls.
func TestServer_Shutdown_NothingIsLost(t *testing.T) {
	s := newServer(t, engineio.Options{FanoutShards: 2}, recorder{})
	const clients = 200
	var sockets []*wsClient
	var pollers []*poller
	var all []*engineio.Session
	for range clients {
		sockets = append(sockets, s.openSession(4))
		all = append(all, <-s.opened)
		pollers = append(pollers, s.openPolling(4, ""))
		all = append(all, <-s.opened)
	}
	pollers[0].post("4a") // the echo waits
	for range 50 {
		s.engine.Broadcast(all, text("x"))
	}
	s.engine.Broadcast(all, text("committed"))
	done := make(chan error, 1)
	go func() { done <- s.engine.Shutdown(t.Context()) }()
	for range all {
		s.expectReason(engineio.CloseServerShutdown)
	}
	select {
	case err := <-done:
		t.Fatalf("Shutdown returned %v while pollers had not taken what was sent", err)
	default:
	}
	all50 := ""
	for range 50 {
		all50 += "4x\x1e"
	}
	for i, p := range pollers {
		want := all50 + "4committed"
		if i == 0 {
			want = "4a\x1e" + want
		}
		expect(t, "GET", p.get(), 200, want)
	}
	for _, c := range sockets {
		for range 50 {
			c.expectText("4x")
		}
		c.expectText("4committed")
		c.expectClose(1001)
	}
	if err := <-done; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// A client that polls no more holds Shutdown up for a few seconds, and no longer than its context.
func TestServer_Shutdown_PollerGone(t *testing.T) {
	for _, patience := range []time.Duration{time.Minute, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newPipeServer(t, engineio.Options{}, recorder{})
			p := s.openPolling(4, "")
			(<-s.opened).Send(text("never taken"))
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start := time.Now()
			if err := s.engine.Shutdown(ctx); err != ctx.Err() {
				t.Errorf("Shutdown: got %v, want %v", err, ctx.Err())
			}
			if took := time.Since(start); took < time.Second || took > 6*time.Second {
				t.Errorf("took %v, want a few seconds at most", took)
			}
			p.expectGone()
		})
	}
}

// CloseGradually spreads the ends evenly. Sessions that it has not closed yet are served, those that are opened meanwhile
// too, and a session whose handler runs gets its answer first.
func TestServer_CloseGradually(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finish := make(chan struct{})
		var start time.Time
		closed := make(chan time.Duration, 200)
		s := newPipeServer(t, engineio.Options{}, recorder{
			message: func(session *engineio.Session, data []byte, _ bool) {
				if string(data) == "slow" {
					<-finish
				}
				session.Send(engineio.TextFrame(data))
			},
			close: func(_ *engineio.Session, reason engineio.CloseReason) {
				if reason != engineio.CloseServerShutdown {
					t.Errorf("close reason: got %q", reason)
				}
				closed <- time.Since(start)
			},
		})
		slow := s.openSession(4)
		slow.text("4slow")
		const others = 60
		gone := make(chan struct{}, others)
		for range others {
			c := s.openSession(4)
			go func() {
				c.expectClose(1001)
				gone <- struct{}{}
			}()
		}
		synctest.Wait()
		start = time.Now()
		done := make(chan struct{})
		go func() { s.engine.CloseGradually(t.Context(), 3*time.Second); close(done) }()

		time.Sleep(1525 * time.Millisecond)
		synctest.Wait()
		if n := len(closed); n < others/3 || n > 2*others/3 {
			t.Errorf("after half of the time: got %d of %d sessions closed", n, others)
		}
		late := s.openPolling(4, "")
		late.post("4hello")
		expect(t, "GET of a new session", late.get(), 200, "4hello")
		time.Sleep(1350 * time.Millisecond)
		close(finish)
		slow.expectText("4slow")
		slow.expectClose(1001)
		for range others {
			<-gone
		}
		// A client between two polls is waited for.
		time.Sleep(time.Second)
		select {
		case <-done:
			t.Error("CloseGradually has returned before the client that polls was told of the end")
		default:
		}
		expect(t, "GET of the closed session", late.get(), 200, "1")
		<-done
		if took := time.Since(start); took < 4*time.Second || took > 6*time.Second {
			t.Errorf("took %v, want the time for the others, and that of the client that polls and of its late requests", took)
		}
		expectStatus(t, "a handshake afterwards", s.do("GET", "EIO=4&transport=polling", ""), 503)
		synctest.Wait()
		if n := len(closed); n != others+2 {
			t.Errorf("got %d sessions closed, want all %d", n, others+2)
		}
		late.expectGone()
	})
}

// CloseGradually leaves a session alone until its client has the open packet. An end before that was no end for the clients:
// they waited for the open packet until a timeout.
func TestServer_CloseGradually_Opening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c, _ := s.dialWS("EIO=4&transport=websocket", nil)
		done := make(chan struct{})
		go func() { s.engine.CloseGradually(t.Context(), 50*time.Millisecond); close(done) }()
		if _, packet := c.read(); !strings.HasPrefix(string(packet), "0{") {
			t.Errorf("got %q, want the open packet", packet)
		}
		c.expectClose(1001)
		<-done
	})
}
