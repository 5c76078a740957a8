//go:build linux

package main

import (
	"bytes"
	"fmt"
	"time"
)

const ackClients = 200

// ackKinds are the rows of ack. With one new request for each answer, the next one leaves in a write of its own, even if
// several answers arrive together. At once means that a client sends all requests in one write, and the next ones when it has
// all answers.
var ackKinds = []struct {
	what     string
	inFlight int
	atOnce   bool
	goals    []goal
}{
	{"1 in flight", 1, false, []goal{ofBun(0.8), timesFloor(1.2)}},
	{"16 in flight, a new request for each answer", 16, false, []goal{ofBun(0.8)}},
	{"16 sent at once, then all answers awaited", 16, true, []goal{ofNode(0.5)}},
}

// ack measures requests whose handler only acknowledges its argument.
func (b *bench) ack() error {
	for _, kind := range ackKinds {
		what := fmt.Sprintf("request with ack (library), %d clients, %s", ackClients, kind.what)
		if !b.wants(what) {
			continue
		}
		starters, err := b.librariesAndFloor()
		if err != nil {
			return err
		}
		rate := b.table.row(what + ": a second")
		cost := b.table.row(what+": CPU s per 100,000", kind.goals...)
		err = b.compareApart(starters, func(s *server) error {
			m, err := b.ackRun(s, kind.inFlight, kind.atOnce)
			if err != nil {
				return err
			}
			b.note("%s · %s: %s", what, s.name, m)
			rate.addOf(s.name, m.perSecond(), m)
			cost.addOf(s.name, 100_000*m.each().Seconds(), m)
			return nil
		}, rate, cost)
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) ackRun(s *server, inFlight int, atOnce bool) (measured, error) {
	g, err := connectAll(b.loop, s, ackClients, b.anyone, 10*time.Second)
	if err != nil {
		return measured{}, err
	}
	defer g.close()
	requests := make([][]byte, inFlight) // by ack id
	for id := range requests {
		requests[id] = textFrame(fmt.Sprintf(`42%d["echo",{"text":%q}]`, id, filler(40)))
	}
	all := bytes.Join(requests, nil)
	acks := 0
	answered := make([]int, len(g.clients)) // of the requests sent at once
	for _, c := range g.clients {
		c.onAck = func(c *client, id int, _ []byte) {
			if id >= inFlight {
				b.loop.fail(fmt.Errorf("ack for %d, which was never asked", id))
				return
			}
			acks++
			if !atOnce {
				c.send(requests[id])
				return
			}
			if answered[c.index]++; answered[c.index] == inFlight {
				answered[c.index] = 0
				c.send(all)
			}
		}
		c.send(all)
	}
	return b.watch(s, func() int { return acks })
}
