//go:build linux

package main

import (
	"fmt"
	"time"
)

const storedMessages = 1_000_000

// ready measures the whole server when nobody is there: how long after its start
// it says that it is ready, and how much memory it then has, with a database
// that does not exist yet, with one that has a history, and with one that has a
// history of which nothing is indexed yet. The last one indexes meanwhile.
func (b *bench) ready() error {
	messages := storedMessages
	if b.quick {
		messages /= 100
	}
	full, err := b.seed(1000, messages)
	if err != nil {
		return err
	}
	stored := fmt.Sprintf("%s messages stored", number(float64(messages)))
	for _, c := range []struct {
		what   string
		data   func() (string, error)
		goals  bool
		settle time.Duration // before memory is read
	}{
		{"idle server, new database", b.folder, true, time.Second},
		{"idle server, " + stored + " and indexed", func() (string, error) { return full.folder, nil }, true, time.Second},
		{"server that indexes, " + stored, func() (string, error) { return full.folder, unindex(full.folder) }, false, 5 * time.Second},
	} {
		var readyGoal, memoryGoal goal
		if c.goals {
			readyGoal, memoryGoal = atMost(0.3), atMost(50)
		}
		after := b.table.row(c.what+": ready after s", readyGoal)
		memory := b.table.row(c.what+": resident MiB", memoryGoal)
		err := b.compare([]starter{func() (*server, error) {
			folder, err := c.data()
			if err != nil {
				return nil, err
			}
			return b.startParley(folder)
		}}, func(s *server) error {
			if err := b.loop.runFor(c.settle); err != nil {
				return err
			}
			rss, err := resident(s.pid)
			if err != nil {
				return err
			}
			b.note("%s: ready after %s, %s MiB", c.what, s.took, number(float64(rss)/(1<<20)))
			after.add(s.name, s.took.Seconds())
			memory.add(s.name, float64(rss)/(1<<20))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
