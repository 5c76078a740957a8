package engineio

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Stats contains the counters of the server, for metrics. Counters start with NewServer.
type Stats struct {
	// Open sessions, by revision and transport.
	PollingEIO3, PollingEIO4     int64
	WebSocketEIO3, WebSocketEIO4 int64
	// Polls is the number of GET requests that wait for packets.
	Polls int64

	Opened   uint64 // sessions
	Upgraded uint64 // sessions, from polling to WebSocket
	Refused  uint64 // requests, with an HTTP error

	PacketsIn, PacketsOut uint64
	// BytesIn and BytesOut count WebSocket frames with their headers, and bodies of polling
	// without HTTP headers.
	BytesIn, BytesOut uint64

	Closed map[CloseReason]uint64 // sessions, by reason
}

// Sessions returns the number of open sessions.
func (s Stats) Sessions() int64 {
	return s.PollingEIO3 + s.PollingEIO4 + s.WebSocketEIO3 + s.WebSocketEIO4
}

// SlowConsumers returns the number of sessions closed with CloseSlowConsumer.
func (s Stats) SlowConsumers() uint64 { return s.Closed[CloseSlowConsumer] }

type counters struct {
	polling, webSocket    [2]atomic.Int64 // revision 3, revision 4
	polls                 atomic.Int64
	opened, upgrades      atomic.Uint64
	refused               atomic.Uint64
	packetsIn, packetsOut atomic.Uint64
	bytesIn, bytesOut     atomic.Uint64

	mu     sync.Mutex
	closes map[CloseReason]uint64
}

func (c *counters) gauge(s *Session, polls bool) *atomic.Int64 {
	if polls {
		return &c.polling[s.protocol-3]
	}
	return &c.webSocket[s.protocol-3]
}

func (c *counters) registered(s *Session) { c.gauge(s, s.polls != nil).Add(1) }

func (c *counters) upgraded(s *Session) {
	c.upgrades.Add(1)
	c.gauge(s, true).Add(-1)
	c.gauge(s, false).Add(1)
}

func (c *counters) closing(s *Session, reason CloseReason) {
	c.gauge(s, s.polls != nil).Add(-1)
	c.mu.Lock()
	c.closes[reason]++
	c.mu.Unlock()
}

// Stats returns the counters. They are not all read at the same instant.
func (srv *Server) Stats() Stats {
	c := &srv.stats
	c.mu.Lock()
	closed := maps.Clone(c.closes)
	c.mu.Unlock()
	return Stats{
		PollingEIO3:   c.polling[0].Load(),
		PollingEIO4:   c.polling[1].Load(),
		WebSocketEIO3: c.webSocket[0].Load(),
		WebSocketEIO4: c.webSocket[1].Load(),
		Polls:         c.polls.Load(),
		Opened:        c.opened.Load(),
		Upgraded:      c.upgrades.Load(),
		Refused:       c.refused.Load(),
		PacketsIn:     c.packetsIn.Load(),
		PacketsOut:    c.packetsOut.Load(),
		BytesIn:       c.bytesIn.Load(),
		BytesOut:      c.bytesOut.Load(),
		Closed:        closed,
	}
}
