//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"
)

// connectionNamespaces are those of one connection. The servers that are compared have as many.
const connectionNamespaces = 128

// namespaces measures how long it takes until a client is in many namespaces of one connection. It sends all its CONNECT
// packets together when the session is open, as clients of socket.io do.
func (b *bench) namespaces() error {
	if b.protocol != 4 {
		b.note("the clients join several namespaces only with Engine.IO 4: namespaces is left out")
		return nil
	}
	what := fmt.Sprintf("%d namespaces on one connection (library)", connectionNamespaces)
	starters, err := b.librariesAndFloor()
	if err != nil {
		return err
	}
	took := b.table.row(what+": ms", atMost(50))
	cost := b.table.row(what + ": CPU ms")
	return b.compareApart(starters, func(s *server) error {
		if _, _, err := b.namespacesRun(s); err != nil { // a warm-up, as in watch
			return err
		}
		median, cpu, err := b.namespacesRun(s)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s, CPU %s", what, s.name, median, cpu)
		took.add(s.name, milliseconds(median))
		cost.add(s.name, milliseconds(cpu))
		return nil
	}, took, cost)
}

// namespacesRun makes one connection after the other, at least three. It returns the median of the time from the first byte
// until the last namespace is joined, and the processor time of the server for a connection.
func (b *bench) namespacesRun(s *server) (median, cpu time.Duration, err error) {
	before, err := s.usage()
	if err != nil {
		return 0, 0, err
	}
	var all []time.Duration
	for end := time.Now().Add(b.window); len(all) < 3 || time.Now().Before(end); {
		start := time.Now()
		who := b.anyone(len(all))
		who.namespaces = connectionNamespaces
		c, err := dial(b.loop, s, len(all), who)
		if err != nil {
			return 0, 0, err
		}
		joined := 0
		c.onConnect = func(*client) { joined++ }
		c.onJoin = c.onConnect
		err = b.loop.runUntil(20*time.Second, func() bool { return joined == connectionNamespaces })
		all = append(all, time.Since(start))
		c.close()
		if err != nil {
			return 0, 0, fmt.Errorf("joined %d of %d namespaces: %w", joined, connectionNamespaces, err)
		}
	}
	after, err := s.usage()
	slices.Sort(all)
	return quantile(all, 0.5), after.minus(before).server / time.Duration(len(all)), err
}
