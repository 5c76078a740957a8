//go:build linux

package main

// As many are being made at the same time.
const handshakesAtOnce = 64

// handshake measures new connections: TCP, the request that upgrades, the open
// packet, CONNECT and its answer, and the end of the connection, which follows
// at once.
func (b *bench) handshake() error {
	const what = "handshake with CONNECT"
	rate := b.table.row(what+": a second", goal{})
	cost := b.table.row(what+": CPU ms each", ofNode(0.3))
	return b.compare(b.libraries(), func(s *server) error {
		m, err := b.handshakeRun(s)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s", what, s.name, m)
		rate.add(s.name, m.perSecond())
		cost.add(s.name, 1e3*m.each().Seconds())
		return nil
	})
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
