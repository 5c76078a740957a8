//go:build linux

package main

import (
	"fmt"
	"time"
)

const ackClients = 200

// ack measures requests whose handler only acknowledges its argument. A client
// with several in flight sends the next ones as soon as acks come in, those of
// one read in one write.
func (b *bench) ack() error {
	for _, c := range []struct {
		inFlight int
		goal     goal
	}{{1, ofNode(0.45)}, {16, ofNode(0.5)}} {
		what := fmt.Sprintf("request with ack, %d clients, %d in flight", ackClients, c.inFlight)
		rate := b.table.row(what+": a second", goal{})
		cost := b.table.row(what+": CPU s per 100,000", c.goal)
		err := b.compare(b.libraries(), func(s *server) error {
			perSecond, per100k, err := b.ackRun(s, c.inFlight)
			if err != nil {
				return err
			}
			b.note("%s · %s: %s/s, %s CPU s per 100,000", what, s.name, number(perSecond), number(per100k))
			rate.add(s.name, perSecond)
			cost.add(s.name, per100k)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) ackRun(s *server, inFlight int) (perSecond, per100k float64, err error) {
	g, err := connectAll(b.loop, s, ackClients, b.anyone, 10*time.Second)
	if err != nil {
		return 0, 0, err
	}
	defer g.close()
	requests := make([][]byte, inFlight) // by ack id
	for id := range requests {
		requests[id] = textFrame(fmt.Sprintf(`42%d["echo",{"text":%q}]`, id, filler(40)))
	}
	acks := 0
	for _, c := range g.clients {
		c.onAck = func(c *client, id int, _ []byte) {
			if id >= inFlight {
				b.loop.fail(fmt.Errorf("ack for %d, which was never asked", id))
				return
			}
			acks++
			c.queue(requests[id])
		}
		for _, request := range requests {
			c.queue(request)
		}
		c.flush()
	}
	wall, cpu, n, err := b.watch(s, func() int { return acks })
	if err != nil {
		return 0, 0, err
	}
	return n / wall.Seconds(), cpu.Seconds() / n * 100_000, nil
}

// watch runs the loop for one window unwatched, because Node compiles what is
// used often, and for another one. It says how long that was, what the server
// used of the processor meanwhile, and by how much count went up.
func (b *bench) watch(s *server, count func() int) (wall, cpu time.Duration, n float64, err error) {
	if err := b.loop.runFor(b.window); err != nil {
		return 0, 0, 0, err
	}
	before := count()
	w, err := startWatch(s.pid)
	if err != nil {
		return 0, 0, 0, err
	}
	if err := b.loop.runFor(b.window); err != nil {
		return 0, 0, 0, err
	}
	wall, cpu, err = w.read()
	done := count() - before
	if err == nil && done == 0 {
		err = fmt.Errorf("nothing happened in %s", b.window)
	}
	return wall, cpu, float64(done), err
}
