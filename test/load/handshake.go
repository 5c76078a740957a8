//go:build linux

package main

// As many are being made at the same time.
const handshakesAtOnce = 64

// handshake measures new connections: TCP, the request that upgrades, the open
// packet, CONNECT and its answer, and the end of the connection, which follows
// at once.
func (b *bench) handshake() error {
	const what = "handshake with CONNECT (library)"
	starters, err := b.librariesAndFloor()
	if err != nil {
		return err
	}
	rate := b.table.row(what + ": a second")
	cost := b.table.row(what+": CPU ms each", ofBun(0.75))
	return b.compareApart(starters, func(s *server) error {
		m, err := b.handshakeRun(s)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, m)
		rate.addOf(s.name, m.perSecond(), m)
		cost.addOf(s.name, 1e3*m.each().Seconds(), m)
		return nil
	}, rate, cost)
}

func (b *bench) handshakeRun(s *server) (measured, error) {
	var (
		made, index int
		open        = map[*client]bool{}
		next        func() error
	)
	defer func() {
		for c := range open {
			c.close()
		}
	}()
	next = func() error {
		c, err := dial(b.loop, s, index, b.anyone(index))
		if err != nil {
			return err
		}
		index++
		open[c] = true
		c.onConnect = func(c *client) {
			made++
			delete(open, c)
			c.close()
			if err := next(); err != nil {
				b.loop.fail(err)
			}
		}
		return nil
	}
	for range handshakesAtOnce {
		if err := next(); err != nil {
			return measured{}, err
		}
	}
	return b.watch(s, func() int { return made })
}
