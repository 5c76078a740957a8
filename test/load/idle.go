//go:build linux

package main

import (
	"fmt"
	"time"
)

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
	what := fmt.Sprintf("%s idle connections, library alone: resident KiB each", number(float64(n)))
	library := b.table.row(what, goal{})
	err := b.compare(b.libraries(), func(s *server) error {
		r, err := b.idleRun(s, n, b.anyone)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, number(r.kib))
		library.add(s.name, r.kib)
		return nil
	})
	if err != nil {
		return err
	}
	what = fmt.Sprintf("%s idle connections, logged in to the whole server: resident KiB each", number(float64(n)))
	whole := b.table.row(what, atMost(8))
	logIn := b.table.row("log-in to the whole server: CPU ms each", goal{})
	beat := b.table.row("heartbeat of an idle connection of the whole server: CPU µs each", goal{})
	return b.compareChat(n, func(s *server, people []person) error {
		r, err := b.idleRun(s, n, func(i int) login {
			return login{protocol: b.protocol, token: people[i].token, app: seedApp}
		})
		if err != nil {
			return err
		}
		b.note("%s · %s: %s; log-in %s, heartbeat %s", what, s.name, number(r.kib), r.logIn, r.heartbeat)
		whole.add(s.name, r.kib)
		logIn.add(s.name, milliseconds(r.logIn))
		beat.add(s.name, microseconds(r.heartbeat))
		return nil
	})
}

// idleCosts are those of one connection that says nothing.
type idleCosts struct {
	kib       float64
	logIn     time.Duration // processor time
	heartbeat time.Duration // of one that is sent and answered, with the share of what else the server does
}

func (b *bench) idleRun(s *server, n int, who func(int) login) (c idleCosts, err error) {
	before, err := resident(s.pid)
	if err != nil {
		return c, err
	}
	start, err := s.usage()
	if err != nil {
		return c, err
	}
	g, err := connectAll(b.loop, s, n, who, time.Minute)
	if err != nil {
		return c, err
	}
	defer g.close()
	connected, err := s.usage()
	if err != nil {
		return c, err
	}
	c.logIn = connected.minus(start).server / time.Duration(n)
	after, err := b.settledResident(s)
	if err != nil {
		return c, err
	}
	c.kib = float64(after-before) / 1024 / float64(n)
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
