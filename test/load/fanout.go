//go:build linux

package main

import (
	"bytes"
	"fmt"
	"time"
)

// fanout measures broadcasts to a room. A broadcast counts as done when the last
// member has it; then the same member that sent it sends the next one. With one
// at a time no two messages can share a write, so that the bare write(2) of the
// frame to every socket is the floor. With several under way, a server that lets them
// share writes can cost less.
func (b *bench) fanout() error {
	for _, c := range []struct {
		members  int
		underWay int
		goal     goal
	}{
		{1000, 8, ofNode(0.25)},
		{10_000, 2, ofNode(0.4)},
		{1000, 1, ofFloor(0.7)},
		{10_000, 1, ofFloor(0.85)},
	} {
		what := fmt.Sprintf("fan-out to %s (library), %d under way", number(float64(c.members)), c.underWay)
		if !b.wants(what) {
			continue
		}
		starters, err := b.librariesAndFloor()
		if err != nil {
			return err
		}
		rate := b.table.row(what + ": deliveries a second")
		cost := b.table.row(what+": CPU µs a delivery", c.goal)
		err = b.compareApart(starters, func(s *server) error {
			m, err := b.fanoutRun(s, c.members, c.underWay)
			if err != nil {
				return err
			}
			b.note("%s · %s: %s", what, s.name, m)
			rate.addOf(s.name, m.perSecond(), m)
			cost.addOf(s.name, 1e6*m.each().Seconds(), m)
			return nil
		}, rate, cost)
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	broadcastText = 100 // bytes
	numberStarts  = `["message",{"n":`
)

func (b *bench) fanoutRun(s *server, members, underWay int) (measured, error) {
	g, err := connectAll(b.loop, s, members, b.anyone, 30*time.Second)
	if err != nil {
		return measured{}, err
	}
	defer g.close()
	if err := g.ask("join", `"room"`, 10*time.Second); err != nil {
		return measured{}, err
	}
	tail := fmt.Sprintf(`,"text":%q}]`, filler(broadcastText))
	// The broadcasts numbered slot, slot+underWay, … follow each other.
	next := make([]int, underWay)
	missing := make([]int, underWay)
	send := func(slot int) {
		n := slot + underWay*next[slot]
		next[slot]++
		missing[slot] = members
		g.clients[slot].send(textFrame(fmt.Sprintf(`42["broadcast",{"n":%d%s`, n, tail)))
	}
	deliveries := 0
	onEvent := func(c *client, args []byte) {
		if !bytes.HasPrefix(args, []byte(numberStarts)) {
			b.loop.fail(fmt.Errorf("unexpected event %.60q", args))
			return
		}
		n, _ := leadingInt(args[len(numberStarts):])
		deliveries++
		slot := n % underWay
		if missing[slot]--; missing[slot] == 0 {
			send(slot)
		}
	}
	for _, c := range g.clients {
		c.onEvent = onEvent
	}
	for slot := range underWay {
		send(slot)
	}
	return b.watch(s, func() int { return deliveries })
}
