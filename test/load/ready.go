//go:build linux

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

const storedMessages = 1_000_000

// ready measures the whole server when nobody is there: how long after its start
// it says that it is ready, and how much memory it then has, with a database
// that does not exist yet, with one that has a history, and with one that has a
// history of which nothing is indexed yet. The last one indexes meanwhile, and is measured
// until it has done so.
func (b *bench) ready() error {
	messages := storedMessages
	if b.quick {
		messages /= 100
	}
	stored := fmt.Sprintf("%s messages stored", number(float64(messages)))
	var full seeded
	history := func() (string, error) {
		if full.folder == "" {
			var err error
			if full, err = b.seed(1000, messages); err != nil {
				return "", err
			}
		}
		return full.folder, nil
	}
	for _, c := range []struct {
		what string
		data func() (string, error)
	}{
		{"idle server, new database", b.folder},
		{"idle server, " + stored + " and indexed", history},
	} {
		if !b.wants(c.what) {
			continue
		}
		after := b.table.row(c.what+": ready after s", atMost(0.3))
		memory := b.table.row(c.what+": resident MiB", atMost(50))
		err := b.compare([]starter{b.onFolder(c.data)}, func(s *server) error {
			if err := b.loop.runFor(time.Second); err != nil {
				return err
			}
			rss, err := resident(s.pid)
			if err != nil {
				return err
			}
			b.note("%s: ready after %s, %s MiB", c.what, s.took, number(mebibytes(rss)))
			after.add(s.name, s.took.Seconds())
			memory.add(s.name, mebibytes(rss))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if what := "server that indexes, " + stored; b.wants(what) {
		return b.readyIndexing(what, history)
	}
	return nil
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// onFolder starts the chat server on a folder that is chosen each time.
func (b *bench) onFolder(data func() (string, error)) starter {
	return func() (*server, error) {
		folder, err := data()
		if err != nil {
			return nil, err
		}
		return b.startParley(folder)
	}
}

// indexingMost is more than the time in which the messages are indexed.
const indexingMost = 10 * time.Minute

// readyIndexing measures a server that begins to index a history when it starts. After it, the floor is the same server
// started again, with nothing left to index.
func (b *bench) readyIndexing(what string, history func() (string, error)) error {
	after := b.table.row(what + ": ready after s")
	most := b.table.row(what+": highest resident MiB while it indexes", atMost(50))
	took := b.table.row(what + ": s until all are indexed")
	later := b.table.row(what+": resident MiB afterwards", timesFloor(1.1))
	var folder string
	fresh := func() (_ string, err error) {
		if folder, err = history(); err == nil {
			err = unindex(folder)
		}
		return folder, err
	}
	err := b.compare([]starter{b.onFolder(fresh)}, func(s *server) error {
		began := time.Now()
		highest, err := b.untilIndexed(s, folder)
		if err != nil {
			return err
		}
		all := time.Since(began)
		rss, err := b.settledResident(s)
		if err != nil {
			return err
		}
		b.note("%s: ready after %s, highest %s MiB, indexed after %s, then %s MiB", what, s.took, number(mebibytes(highest)), all.Round(time.Millisecond), number(mebibytes(rss)))
		after.add(s.name, s.took.Seconds())
		most.add(s.name, mebibytes(highest))
		took.add(s.name, all.Seconds())
		later.add(s.name, mebibytes(rss))
		return nil
	})
	if err != nil || !b.isBeside(floorArg) {
		return err
	}
	return b.compare([]starter{b.onFolder(history)}, func(s *server) error {
		rss, err := b.settledResident(s)
		if err != nil {
			return err
		}
		b.note("started again: %s MiB", number(mebibytes(rss)))
		later.add(floor, mebibytes(rss))
		return nil
	})
}

// untilIndexed returns the highest resident memory until all messages are indexed.
func (b *bench) untilIndexed(s *server, folder string) (highest int64, err error) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db")+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for start := time.Now(); time.Since(start) < indexingMost; {
		var done bool
		if err := db.QueryRow("SELECT indexed >= (SELECT max(id) FROM message) FROM search_state").Scan(&done); err != nil {
			return 0, err
		}
		for range 5 { // between two looks at the database
			rss, err := resident(s.pid)
			if err != nil {
				return 0, err
			}
			highest = max(highest, rss)
			if done {
				return highest, nil
			}
			if err := b.loop.runFor(50 * time.Millisecond); err != nil {
				return 0, err
			}
		}
	}
	return 0, fmt.Errorf("not all messages are indexed after %s", indexingMost)
}
