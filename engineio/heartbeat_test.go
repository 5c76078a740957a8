package engineio_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"parley/engineio"
)

// tick is the most that the heartbeat may be late at the default options.
const tick = 250 * time.Millisecond

// since checks that the time since start is want, or up to a tick more.
func since(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	// The open packet leaves a moment after the handshake.
	const moment = 10 * time.Millisecond
	if got := time.Since(start); got < want-moment || got > want+tick+moment {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// v4 "Heartbeat": a ping every pingInterval, and pingTimeout to answer it.
func TestV4_Heartbeat_WebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(4)
		last := time.Now()
		for range 3 {
			c.expectText("2")
			since(t, "ping", last, 25*time.Second)
			time.Sleep(19 * time.Second) // an answer in time, if late
			c.text("3")
			last = time.Now()
		}
		c.expectText("2")
		c.expectEnd()
		since(t, "timeout", last, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
	})
}

// v4 "Heartbeat": deadlines count from the handshake or the last pong and do not drift.
func TestV4_Heartbeat_MessagesAreNoPongs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{message: func(*engineio.Session, []byte, bool) {}})
		c := s.openSession(4)
		start := time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for {
				time.Sleep(time.Second)
				if _, err := c.conn.Write(clientFrame(fin|opText, []byte("4still here"))); err != nil {
					return
				}
			}
		}()
		c.expectText("2")
		c.expectEnd()
		since(t, "timeout", start, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
		<-stopped
	})
}

// A handler that took longer than interval and timeout ended the session: nothing is read meanwhile, not even a pong.
func TestHeartbeat_SlowHandler(t *testing.T) {
	slow := recorder{message: func(s *engineio.Session, data []byte, binary bool) {
		time.Sleep(time.Minute)
		echo(s, data, binary)
	}}
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, slow)
		c, start := s.openSession(4), time.Now()
		c.text("4one")
		c.expectText("2")
		c.text("3") // is read after the handler
		last := time.Now()
		since(t, "the end of the handler", start, time.Minute)
		c.expectText("4one")
		c.expectText("2")
		since(t, "ping", last, 25*time.Second)
		c.expectEnd()
		since(t, "timeout", last, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, slow)
		c := s.openSession(3)
		c.text("4one")
		c.expectText("4one")
		time.Sleep(44 * time.Second)
		c.text("2")
		c.expectText("3")
		last := time.Now()
		c.expectEnd()
		since(t, "timeout", last, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
	})
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, slow)
		p := s.openPolling(4, "")
		posted := make(chan struct{})
		go func() {
			defer close(posted)
			expect(t, "POST", p.post("4one"), 200, "ok")
		}()
		time.Sleep(50 * time.Second) // a poll after the time of the heartbeat
		expect(t, "GET", p.get(), 200, "2")
		<-posted
		expect(t, "GET", p.get(), 200, "4one")
		time.Sleep(19 * time.Second)
		expect(t, "POST", p.post("3"), 200, "ok")
		last := time.Now()
		expect(t, "GET", p.get(), 200, "2")
		since(t, "ping", last, 25*time.Second)
	})
}

// v4 "Heartbeat": a pong that answers no ping is as good as one that does.
func TestV4_Heartbeat_EarlyPong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(4)
		time.Sleep(10 * time.Second)
		start := time.Now()
		c.text("3")
		c.expectText("2")
		since(t, "ping", start, 25*time.Second)
	})
}

// v4 "Heartbeat" on polling.
func TestV4_Heartbeat_Polling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		p := s.openPolling(4, "")
		last := time.Now()
		for range 3 {
			expect(t, "GET", p.get(), 200, "2")
			since(t, "ping", last, 25*time.Second)
			expect(t, "POST", p.post("3"), 200, "ok")
			last = time.Now()
		}
		expect(t, "GET", p.get(), 200, "2")
		expect(t, "GET that waits", p.get(), 200, "1")
		since(t, "timeout", last, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
		p.expectGone()
	})
}

// v4 "Heartbeat": a session nobody polls ends too, and not later than at the first request past its time.
func TestV4_Heartbeat_AbandonedPolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, recorder{})
		for _, protocol := range []int{3, 4} {
			p := s.openPolling(protocol, "")
			time.Sleep(500 * time.Millisecond)
			expectStatus(t, "GET after interval and timeout", p.get(), 400)
			s.expectReason(engineio.ClosePingTimeout)
		}
	})
}

// v3 "Timeouts": the client pings; without data for interval and timeout the session ends.
func TestV3_Timeouts_WebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(3)
		start := time.Now()
		for range 3 {
			time.Sleep(44 * time.Second)
			c.text("2")
			c.expectText("3")
			start = time.Now()
		}
		c.expectEnd()
		since(t, "timeout", start, 45*time.Second)
		s.expectReason(engineio.ClosePingTimeout)
	})
}

// v3 "Timeouts": any data shows that the client lives.
func TestV3_Timeouts_AnyData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		c := s.openSession(3)
		p := s.openPolling(3, "")
		for range 3 {
			time.Sleep(44 * time.Second)
			c.text("4hello")
			c.expectText("4hello")
			expect(t, "POST", p.post("6:4hello"), 200, "ok")
			expect(t, "GET", p.get(), 200, "6:4hello")
		}
		start := time.Now()
		expect(t, "GET that waits", p.get(), 200, "1:1")
		since(t, "timeout", start, 45*time.Second)
		p.expectGone()
	})
}

// v3 "Timeouts": the upgrade's packets are data.
func TestV3_Timeouts_AfterUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		p := s.openPolling(3, "")
		time.Sleep(40 * time.Second)
		c := s.openWS("EIO=3&transport=websocket&sid=" + p.sid())
		c.text("2probe")
		c.expectText("3probe")
		c.text("5")
		start := time.Now()
		c.expectEnd()
		since(t, "timeout", start, 45*time.Second)
	})
}

// v4 "Upgrade": one that is not finished in time is given up; polling goes on.
func TestV4_Upgrade_Timeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		p := s.openPolling(4, "")
		for _, first := range []string{"2probe", ""} {
			start := time.Now()
			c := s.openWS("EIO=4&transport=websocket&sid=" + p.sid())
			if first != "" {
				c.text(first)
				c.expectText("3probe")
			}
			c.expectClose(1000)
			since(t, "timeout", start, 10*time.Second)
		}
		expect(t, "POST", p.post("4hello"), 200, "ok")
		expect(t, "GET", p.get(), 200, "4hello")
	})
}

// A peer that takes nothing is closed, and so is one that does not answer the close frame.
func TestSession_CloseWithoutAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{}, recorder{})
		s.openSession(4)
		session := <-s.opened
		start := time.Now()
		session.Close(engineio.CloseForced)
		s.expectReason(engineio.CloseForced)
		if got := time.Since(start); got != 0 {
			t.Errorf("OnClose: got it after %v, want at once", got)
		}
		// The Shutdown of the clean-up waits for the connection and would fail.
	})
}

// A body that never ends holds neither the session nor the server.
func TestV4_SendingData_SlowBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPipeServer(t, engineio.Options{PingInterval: time.Hour}, recorder{})
		p := s.openPolling(4, "")
		conn, err := s.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		start := time.Now()
		go conn.Write([]byte("POST /engine.io/?" + p.query + " HTTP/1.1\r\nHost: engine.test\r\nContent-Length: 100\r\n\r\n4hel"))
		s.expectReason(engineio.CloseTransportError)
		since(t, "timeout", start, 30*time.Second)
		p.expectGone()
	})
}

// Timeouts of the http.Server are for requests that are answered at once.
func TestServer_HTTPTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := &http.Server{ReadTimeout: time.Second, WriteTimeout: time.Second}
		s := startHTTP(t, engineio.Options{}, recorder{}, newPipeListener(), web)
		p := s.openPolling(4, "")
		c := s.openSession(4)
		expect(t, "GET", p.get(), 200, "2")
		c.expectText("2")
		c.text("4hello")
		c.expectText("4hello")
		expect(t, "POST", p.post("3\x1e4hello"), 200, "ok")
		expect(t, "GET", p.get(), 200, "4hello")
	})
}
