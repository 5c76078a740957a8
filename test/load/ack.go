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
			m, err := b.ackRun(s, c.inFlight)
			if err != nil {
				return err
			}
			b.note("%s · %s: %s", what, s.name, m)
			rate.add(s.name, m.perSecond())
			cost.add(s.name, 100_000*m.each().Seconds())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) ackRun(s *server, inFlight int) (measured, error) {
	g, err := connectAll(b.loop, s, ackClients, b.anyone, 10*time.Second)
	if err != nil {
		return measured{}, err
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
	return b.watch(s, func() int { return acks })
}
