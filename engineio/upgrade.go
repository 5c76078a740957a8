package engineio

import (
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
//	5                                            what waits leaves on the WebSocket from here on
//
// Until 5 everything goes by polling. A candidate that does anything else, or takes longer than
// Options.UpgradeTimeout, is closed, and polling goes on. A session that the server closes between the
// probe and 5 ends over the GET or the 5, whichever comes first: the client gets the queued packets,
// then the end.

// serveUpgrade takes a WebSocket for a session that exists.
func (srv *Server) serveUpgrade(w http.ResponseWriter, r *http.Request, s *Session, query url.Values) {
	conn, early, err := hijack(w)
	if err != nil {
		srv.refuse(w, errInternal)
		return
	}
	response := switching(r, w.Header())
	c := newWSConn(s, conn, isBase64(query))
	if !s.addCandidate(c, response) {
		// It has a WebSocket already, which goes on undisturbed.
		turnAway(conn, response)
		return
	}
	go c.readLoop(func() { c.received(early) })
}

// addCandidate reports false if the session cannot be upgraded now.
func (s *Session) addCandidate(c *wsConn, response []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polls == nil || s.candidate != nil || s.closed.Load() {
		return false
	}
	s.server.sessionsRunning.Add(1) // the reader
	s.candidate = c
	s.server.addCandidate(c)
	c.timer = time.AfterFunc(s.server.options.UpgradeTimeout, c.onTimer)
	c.out.push(newRawFrame(response))
	c.flush()
	return true
}

// onTimer: the candidate has had its time, to upgrade or to go away.
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

// probe handles a packet of a candidate and returns whether to go on decoding.
func (c *wsConn) probe(p packet) bool {
	s := c.session
	isProbe := p.kind == packetPing && !p.binary && string(p.data) == probe
	if p.kind == packetUpgrade && len(p.data) == 0 && !p.binary && c.upgrade() {
		s.beginInput()
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

// endPoll answers the pending GET. One that began after the WebSocket had come may have overtaken the 5
// that is there already; it is answered after the read that brought the probe, if the session polls then.
func (c *wsConn) endPoll() {
	p := c.session.polls
	if p.get != nil && p.get.after {
		c.pollDue = true
		return
	}
	p.answer(noopFrame)
}

// upgrade makes a probed candidate the one that carries the session.
func (c *wsConn) upgrade() bool {
	s := c.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.candidate != c || !c.probed || c.closing || c.dead {
		return false
	}
	p := s.polls
	if g := p.get; g != nil {
		// The client has stopped polling before it sends 5, so this one came late.
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
