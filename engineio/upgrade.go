package engineio

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

// An upgrade moves a session from polling to a WebSocket (v4 "Upgrade"; v3
// "Transport upgrading"):
//
//	client                         server
//	GET …transport=websocket&sid=  101           the candidate
//	2probe                         3probe        and a noop (6) to the pending GET
//	5                                            queued packets are written to the WebSocket from here on
//
// Until packet 5 arrives, all packets use polling. A candidate that sends anything else, or takes
// longer than Options.UpgradeTimeout, is closed, and the session continues to poll. If the server
// closes the session between the probe and packet 5, the client receives the queued packets and
// the end over the next GET or the WebSocket with packet 5, whichever arrives first.

// serveUpgrade serves a WebSocket for an existing session.
func (srv *Server) serveUpgrade(w http.ResponseWriter, r *http.Request, s *Session, query url.Values) {
	conn, early, err := hijack(w)
	if err != nil {
		srv.refuse(w, errInternal)
		return
	}
	response := switching(r, w.Header())
	c := &wsConn{session: s, base64Only: isBase64(query)}
	if !s.addCandidate(c, conn, response) {
		// The session already has a WebSocket, which is not affected.
		turnAway(conn, response)
		return
	}
	c.begin(0, func() { c.received(early) })
}

// addCandidate returns false if the session cannot be upgraded now.
func (s *Session) addCandidate(c *wsConn, conn net.Conn, response []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls == nil || s.candidate != nil || s.closed.Load() {
		return false
	}
	s.server.sessionsRunning.Add(1) // for what reads
	c.attach(conn)
	s.candidate = c
	s.server.addCandidate(c)
	c.timer = time.AfterFunc(s.server.options.UpgradeTimeout, c.onTimer)
	c.out.push(newRawFrame(response))
	c.flush()
	return true
}

// onTimer closes a candidate whose time to upgrade or to close is over.
func (c *wsConn) onTimer() {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ws == c:
	case s.candidate == c && s.closed.Load():
		s.candidate = nil
		c.kill()
	case c.closing:
		c.kill()
	default:
		c.drop()
	}
}

// probe handles a packet of a candidate, and reports whether to continue decoding.
func (c *wsConn) probe(p packet) bool {
	s := c.session
	isProbe := p.kind == packetPing && !p.binary && string(p.data) == probe
	if p.kind == packetUpgrade && len(p.data) == 0 && !p.binary && c.upgrade() {
		s.beginInput(c.worker)
		c.input = true
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case c.dead:
		return false
	case c.closing:
	case !isProbe:
		c.drop()
	default:
		s.signs.Add(1)
		s.server.stats.packetsIn.Add(1)
		s.server.stats.packetsOut.Add(1)
		c.probed = true
		c.push(probePong)
		c.flush()
		if s.polls != nil && s.candidate == c {
			c.endPoll()
		}
	}
	return true
}

// endPoll answers the pending GET. If the GET began after the WebSocket was opened, packet 5 may already be received with
// the probe. Then the GET is answered after that read, if the session still polls.
func (c *wsConn) endPoll() {
	p := c.session.polls
	if p.get != nil && p.get.after {
		c.pollDue = true
		return
	}
	p.answer(noopFrame)
}

// upgrade makes a probed candidate the transport of the session.
func (c *wsConn) upgrade() bool {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.candidate != c || !c.probed || c.closing || c.dead {
		return false
	}
	p := s.polls
	if g := p.get; g != nil {
		// The client stops polling before it sends packet 5, so this GET was delayed.
		g.done, g.gone = true, true
		p.get = nil
		g.signal()
	}
	c.timer.Stop()
	s.release()
	s.candidate, s.polls, s.ws = nil, nil, c
	c.bound = true
	for _, f := range p.out.take() {
		c.push(f)
	}
	if s.closed.Load() {
		s.endUpgraded()
	} else {
		s.server.stats.upgraded(s)
		s.limitWrite()
	}
	return true
}

// endUpgraded ends the WebSocket of a session that was closed during its upgrade, see endCandidate.
func (s *Session) endUpgraded() {
	s.server.forget(s)
	if s.ws.end(s.reason, s.reason.closeCode()) {
		s.setTimer(s.server.now() + int64(closeGrace))
	} else {
		s.server.wheel.stop(s)
	}
}
