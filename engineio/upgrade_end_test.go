package engineio_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

// probed opens a polling session and a WebSocket for it whose probe has been answered.
func (s *server) probed(protocol int) (*poller, *engineio.Session, *wsClient) {
	s.t.Helper()
	p := s.openPolling(protocol, "")
	session := <-s.opened
	c := s.openWS(fmt.Sprintf("EIO=%d&transport=websocket&sid=%s", protocol, p.sid()))
	c.text("2probe")
	c.expectText("3probe")
	return p, session, c
}

func bothProtocols(t *testing.T, test func(t *testing.T, protocol int)) {
	for _, protocol := range []int{3, 4} {
		t.Run(fmt.Sprintf("EIO %d", protocol), func(t *testing.T) { test(t, protocol) })
	}
}

// Between the probe and 5 a client neither polls nor reads its WebSocket for messages. What was sent right before a close in
// that time was lost: the WebSocket was closed at once, and no GET came to take it.
func TestUpgrade_ClosedMeanwhile(t *testing.T) {
	bothProtocols(t, func(t *testing.T, protocol int) {
		s := newServer(t, testOptions(), recorder{})
		p, session, c := s.probed(protocol)
		session.Send(text("a"), text("b"))
		session.Send(engineio.BinaryFrame([]byte{1, 2}), text("c"))
		session.Close(engineio.CloseForced)
		s.expectReason(engineio.CloseForced)
		if session.Send(text("too late")) {
			t.Error("Send after Close: got true")
		}
		c.text("5")
		c.expectText("4a")
		c.expectText("4b")
		if protocol == 3 {
			c.expectBinary([]byte{4, 1, 2})
		} else {
			c.expectBinary([]byte{1, 2})
		}
		c.expectText("4c")
		c.expectClose(1000)
		expectStatus(t, "GET afterwards", p.get(), 400)
		if stats := s.engine.Stats(); stats.Sessions() != 0 || stats.Upgraded != 0 {
			t.Errorf("stats: got %+v, want no session left", stats)
		}
	})
}

// The same without anything that waits: a client of the 1.x generation whose WebSocket was closed before its 5 hung until
// its ping timeout.
func TestUpgrade_ClosedMeanwhile_NothingWaits(t *testing.T) {
	bothProtocols(t, func(t *testing.T, protocol int) {
		s := newServer(t, testOptions(), recorder{})
		_, session, c := s.probed(protocol)
		session.Close(engineio.CloseForced)
		s.expectReason(engineio.CloseForced)
		c.text("5")
		c.expectClose(1000)
	})
}

// A client that polls instead of sending 5 gets the same by polling, and nothing twice.
func TestUpgrade_ClosedMeanwhile_ClientPolls(t *testing.T) {
	bothProtocols(t, func(t *testing.T, protocol int) {
		s := newServer(t, testOptions(), recorder{})
		p, session, c := s.probed(protocol)
		later := p.getLater()
		session.Send(text("a"))
		session.Close(engineio.CloseForced)
		expect(t, "the GET that waited", <-later, 200, payload(protocol, "4a"))
		expect(t, "the next GET", p.get(), 200, payload(protocol, "1"))
		c.expectClose(1000)
		expectStatus(t, "GET afterwards", p.get(), 400)

		p, session, c = s.probed(protocol)
		session.Send(text("a"))
		session.Close(engineio.CloseForced)
		expect(t, "GET", p.get(), 200, payload(protocol, "4a"))
		c.text("5")
		c.expectClose(1000)
		expectStatus(t, "GET after the upgrade", p.get(), 400)
	})
}

// payload is one packet as a poll of that revision brings it.
func payload(protocol int, packet string) string {
	if protocol == 3 {
		return fmt.Sprintf("%d:%s", len(packet), packet)
	}
	return packet
}

// A client that neither polls nor sends 5 is given up within the time that clients have for such things.
func TestUpgrade_ClosedMeanwhile_ClientGone(t *testing.T) {
	for _, patience := range []time.Duration{time.Second, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := newPipeServer(t, engineio.Options{UpgradeTimeout: patience}, recorder{})
			p, session, c := s.probed(4)
			session.Send(text("never taken"))
			began := time.Now()
			session.Close(engineio.CloseForced)
			s.expectReason(engineio.CloseForced)
			c.expectEnd()
			if took := time.Since(began); took > min(patience, 6*time.Second) {
				t.Errorf("UpgradeTimeout %v: the WebSocket stayed for %v", patience, took)
			}
			time.Sleep(6 * time.Second) // of the bubble
			p.expectGone()
		})
	}
}

// Shutdown sends what waits and ends the session in the same way, and does not return before that.
func TestUpgrade_Shutdown(t *testing.T) {
	bothProtocols(t, func(t *testing.T, protocol int) {
		s := newServer(t, testOptions(), recorder{})
		_, session, c := s.probed(protocol)
		s.engine.Broadcast([]*engineio.Session{session}, text("committed"))
		done := make(chan error, 1)
		go func() { done <- s.engine.Shutdown(t.Context()) }()
		s.expectReason(engineio.CloseServerShutdown)
		select {
		case err := <-done:
			t.Fatalf("Shutdown returned %v before the upgrade had ended", err)
		default:
		}
		c.text("5")
		c.expectText("4committed")
		c.expectClose(1001)
		if err := <-done; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// A session that is closed for what its client sent ends over the WebSocket too, and says why.
func TestUpgrade_ParseErrorMeanwhile(t *testing.T) {
	bothProtocols(t, func(t *testing.T, protocol int) {
		s := newServer(t, testOptions(), recorder{})
		p, _, c := s.probed(protocol)
		expectStatus(t, "POST", p.post(payload(protocol, "x")), 400)
		s.expectReason(engineio.CloseParseError)
		c.text("5")
		c.expectClose(1002)
	})
}
