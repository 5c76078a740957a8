//go:build linux

package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	onlinePeople = 10_000
	onlineShown  = 30               // people on the screen of each
	onlineChange = 10 * time.Minute // after which each has become away, or is back
	onlineWindow = time.Minute      // heartbeats, and the times when people were connected last are stored once in it
)

// online measures what it costs that people see whether others are online, while nobody writes: the processor time of the server
// with 10,000 people connected. Each has others on the screen, and is used or not used by turns. Heartbeats are part of it.
func (b *bench) online() error {
	n := onlinePeople
	if b.quick {
		n /= 10
	}
	what := fmt.Sprintf("%s people online, %d shown to each, nobody writes: %% of a core", number(float64(n)), onlineShown)
	if !b.wants(what) {
		return nil
	}
	share := b.table.row(what, atMost(5))
	var people []person
	start := func() (s *server, err error) {
		s, people, err = b.startChat(n)
		return s, err
	}
	return b.compare([]starter{start}, func(s *server) error {
		r, err := b.onlineRun(s, people)
		if err != nil {
			return err
		}
		b.note("%s · %.2f; %d changes, %d pushes in %s", what, r.percent, r.changes, r.pushes, r.wall.Round(time.Second))
		share.add(s.name, r.percent)
		return nil
	}, share)
}

type onlineCosts struct {
	percent         float64
	changes, pushes int
	wall            time.Duration
}

func (b *bench) onlineRun(s *server, people []person) (r onlineCosts, err error) {
	g, err := connectAll(b.loop, s, len(people), loginsOf(b.protocol, people), time.Minute)
	if err != nil {
		return r, err
	}
	defer g.close()
	answered, pushes := 0, 0
	for i, c := range g.clients {
		c.onAck = func(_ *client, _ int, args []byte) {
			if !bytes.HasPrefix(args, []byte("[false,")) {
				b.loop.fail(fmt.Errorf("a request was answered with %.100q", args))
			}
			answered++
		}
		c.onEvent = func(_ *client, args []byte) {
			if bytes.HasPrefix(args, []byte(`["availability",`)) {
				pushes++
			}
		}
		ids := make([]string, onlineShown)
		for j := range ids {
			ids[j] = strconv.Quote(people[(i+j+1)%len(people)].account)
		}
		c.send(textFrame(fmt.Sprintf(`420["watch availability",{"ids":[%s]}]`, strings.Join(ids, ","))))
	}
	if err := b.loop.runUntil(time.Minute, func() bool { return answered == len(g.clients) }); err != nil {
		return r, fmt.Errorf("watch availability (%d of %d answered): %w", answered, len(g.clients), err)
	}
	window, change := onlineWindow, onlineChange
	if b.quick {
		window, change = window/6, change/20
	}
	away := make([]bool, len(g.clients))
	next, changes := 0, 0
	stop, err := b.loop.every(change/time.Duration(len(g.clients)), func(times int) {
		for range times {
			i := next % len(g.clients)
			next += 7919 // not neighbours, who are on the same screens
			away[i] = !away[i]
			changes++
			g.clients[i].send(textFrame(fmt.Sprintf(`421["set away",{"isAway":%t}]`, away[i])))
		}
	})
	if err != nil {
		return r, err
	}
	defer stop()
	// What the log-ins have left behind is over.
	if err := b.loop.runFor(window); err != nil {
		return r, err
	}
	before, err := s.usage()
	if err != nil {
		return r, err
	}
	began, changed, pushed := time.Now(), changes, pushes
	if err := b.loop.runFor(window); err != nil {
		return r, err
	}
	after, err := s.usage()
	if err != nil {
		return r, err
	}
	r = onlineCosts{wall: time.Since(began), changes: changes - changed, pushes: pushes - pushed}
	r.percent = 100 * after.minus(before).server.Seconds() / r.wall.Seconds()
	if r.pushes == 0 {
		return r, fmt.Errorf("nobody was told of %d changes", r.changes)
	}
	return r, nil
}
