//go:build linux

package main

import "time"

const idleConnections = 15_000

// idle measures what a connection costs that says nothing: the growth of the
// server's resident memory from the first to the last connection, divided by
// their number, once it no longer falls. In the whole server each
// connection is another account's.
func (b *bench) idle() error {
	n := idleConnections
	if b.quick {
		n /= 10
	}
	count := number(float64(n)) + " idle connections"
	for _, measure := range []struct {
		what string
		run  func(b *bench, what string, n int) error
	}{
		{count + ", library alone: resident KiB each", (*bench).idleLibrary},
		{count + ", logged in to the whole server: resident KiB each", (*bench).idleServer},
		{count + ", logged in to the whole server over TLS: resident KiB each", (*bench).idleServerTLS},
	} {
		if !b.wants(measure.what) {
			continue
		}
		if err := measure.run(b, measure.what, n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) idleLibrary(what string, n int) error {
	starters, err := b.libraries()
	if err != nil {
		return err
	}
	memory := b.table.row(what)
	return b.compare(starters, func(s *server) error {
		r, err := b.idleRun(s, n, b.anyone)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, number(r.kib))
		memory.add(s.name, r.kib)
		return nil
	}, memory)
}

func (b *bench) idleServer(what string, n int) error {
	memory := b.table.row(what, atMost(3))
	logIn := b.table.row("log-in to the whole server: CPU ms each")
	beat := b.table.row("heartbeat of an idle connection of the whole server: CPU µs each")
	return b.compareChat(n, func(s *server, people []person) error {
		r, err := b.idleBeatingRun(s, n, loginsOf(b.protocol, people))
		if err != nil {
			return err
		}
		b.note("%s · %s: %s; log-in %s, heartbeat %s", what, s.name, number(r.kib), r.logIn, r.heartbeat)
		memory.add(s.name, r.kib)
		logIn.add(s.name, milliseconds(r.logIn))
		beat.add(s.name, microseconds(r.heartbeat))
		return nil
	}, memory, logIn, beat)
}

func (b *bench) idleServerTLS(what string, n int) error {
	if err := b.makeCertificate(); err != nil {
		return err
	}
	memory := b.table.row(what)
	logIn := b.table.row("log-in to the whole server over TLS: CPU ms each")
	return b.compareChatTLS(n, func(s *server, people []person) error {
		// The table has no columns of its own for TLS.
		s.name = map[string]string{oursTLS: ours, nodeTLS: node, bunTLS: bun}[s.name]
		r, err := b.idleRun(s, n, loginsOf(b.protocol, people))
		if err != nil {
			return err
		}
		b.note("%s · %s: %s; log-in %s", what, s.name, number(r.kib), r.logIn)
		memory.add(s.name, r.kib)
		logIn.add(s.name, milliseconds(r.logIn))
		return nil
	}, memory, logIn)
}

// loginsOf are the log-ins of people.
func loginsOf(protocol int, people []person) func(i int) login {
	return func(i int) login { return login{protocol: protocol, token: people[i].token, app: seedApp} }
}

// idleCosts are those of one connection that says nothing.
type idleCosts struct {
	kib       float64
	logIn     time.Duration // processor time
	heartbeat time.Duration // of one that is sent and answered, with the share of what else the server does
}

// idleRun measures everything but heartbeats.
func (b *bench) idleRun(s *server, n int, who func(int) login) (c idleCosts, err error) {
	c, g, err := b.connectIdle(s, n, who)
	if err == nil {
		g.close()
	}
	return c, err
}

// idleBeatingRun also waits until every connection has had a heartbeat.
func (b *bench) idleBeatingRun(s *server, n int, who func(int) login) (c idleCosts, err error) {
	c, g, err := b.connectIdle(s, n, who)
	if err != nil {
		return c, err
	}
	defer g.close()
	idle, err := s.usage()
	if err != nil {
		return c, err
	}
	g.beats = 0
	if err := b.loop.runUntil(beatsMost, func() bool { return g.beats >= n }); err != nil {
		return c, err
	}
	beaten, err := s.usage()
	c.heartbeat = beaten.minus(idle).server / time.Duration(n)
	return c, err
}

// connectIdle makes the connections, and returns when the memory no longer falls.
func (b *bench) connectIdle(s *server, n int, who func(int) login) (c idleCosts, g *crowd, err error) {
	before, err := resident(s.pid)
	if err != nil {
		return c, nil, err
	}
	start, err := s.usage()
	if err != nil {
		return c, nil, err
	}
	if g, err = connectAll(b.loop, s, n, who, time.Minute); err != nil {
		return c, nil, err
	}
	connected, err := s.usage()
	var after int64
	if err == nil {
		c.logIn = connected.minus(start).server / time.Duration(n)
		after, err = b.settledResident(s)
	}
	if err != nil {
		g.close()
		return c, nil, err
	}
	c.kib = float64(after-before) / 1024 / float64(n)
	return c, g, nil
}

// beatsMost is more than the interval of heartbeats.
const beatsMost = 40 * time.Second

const (
	settled      = 12 * time.Second // without a change of resident memory
	settlingMost = 30 * time.Second
)

// settledResident waits for what the logins have left behind to be collected.
func (b *bench) settledResident(s *server) (int64, error) {
	start := time.Now()
	rss, err := resident(s.pid)
	for since := start; err == nil && time.Since(since) < settled && time.Since(start) < settlingMost; {
		if err := b.loop.runFor(time.Second); err != nil {
			return 0, err
		}
		var now int64
		if now, err = resident(s.pid); now < rss-rss/100 {
			rss, since = now, time.Now()
		}
	}
	if err != nil {
		return 0, err
	}
	return resident(s.pid)
}
