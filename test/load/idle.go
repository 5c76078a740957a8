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
		kib, err := b.idleRun(s, n, b.anyone)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, number(kib))
		library.add(s.name, kib)
		return nil
	})
	if err != nil {
		return err
	}
	what = fmt.Sprintf("%s idle connections, logged in to the whole server: resident KiB each", number(float64(n)))
	whole := b.table.row(what, atMost(8))
	return b.compareChat(n, func(s *server, people []person) error {
		kib, err := b.idleRun(s, n, func(i int) login {
			return login{protocol: b.protocol, token: people[i].token, app: seedApp}
		})
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, number(kib))
		whole.add(s.name, kib)
		return nil
	})
}

func (b *bench) idleRun(s *server, n int, who func(int) login) (kib float64, err error) {
	before, err := resident(s.pid)
	if err != nil {
		return 0, err
	}
	g, err := connectAll(b.loop, s, n, who, time.Minute)
	if err != nil {
		return 0, err
	}
	defer g.close()
	after, err := b.settledResident(s)
	if err != nil {
		return 0, err
	}
	return float64(after-before) / 1024 / float64(n), nil
}

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
