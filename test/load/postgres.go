//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"parley/test/postgres"
)

// The columns of the comparison of databases.
const (
	onSQLite   = "SQLite"
	onPostgres = "PostgreSQL"
)

// sendsOnPostgres measures durable sends on a PostgreSQL server that it starts, beside
// the same on SQLite. Server, database and generator share the machine. PostgreSQL has
// its own defaults: every commit is on the disk before it is acknowledged.
func (b *bench) sendsOnPostgres() error {
	t := b.addTable(&table{title: "Durable sends on PostgreSQL", columns: []string{onSQLite, onPostgres}, ratios: []ratio{{onPostgres, onSQLite}}})
	database, err := b.startPostgres()
	if database == nil {
		return err
	}
	for _, p := range []struct {
		rate     int
		p50, p99 goal
	}{
		{2000, atMostOf(onPostgres, 5), atMostOf(onPostgres, 30)},
		{5000, goal{}, goal{}},
	} {
		what := fmt.Sprintf("durable send, %s a second paced: ", thousands(p.rate))
		if !b.wants(what) {
			continue
		}
		p50, p99 := t.row(what+"p50 ms", p.p50), t.row(what+"p99 ms", p.p99)
		cost, theirs := t.row(what+"CPU µs each", goal{}), t.row(what+"CPU µs each of the database", goal{})
		log := t.row(what+"bytes of the write-ahead log each", goal{})
		err := b.compareDatabases(database, pacedPeople, func(s *server, people []person) error {
			before, err := s.loggedBytes()
			if err != nil {
				return err
			}
			r, err := b.pacedRun(s, people, p.rate)
			if err != nil {
				return err
			}
			if err := addLogged(s, before, r.sendRun, log); err != nil {
				return err
			}
			b.note("sends, %d a second · %s: p50 %s, p99 %s, %s", p.rate, s.name, r.ack.p50, r.ack.p99, r.measured)
			p50.add(s.name, milliseconds(r.ack.p50))
			p99.add(s.name, milliseconds(r.ack.p99))
			addCosts(s, r.measured, cost, theirs)
			return nil
		})
		if err != nil {
			return err
		}
	}
	const what = "durable send, saturated, delivered to one peer: "
	if !b.wants(what) {
		return nil
	}
	rate := t.row(what+"a second", atLeastOf(onPostgres, 8000))
	cost, theirs := t.row(what+"CPU µs each", goal{}), t.row(what+"CPU µs each of the database", atMostOf(onPostgres, 100))
	log := t.row(what+"bytes of the write-ahead log each", goal{})
	return b.compareDatabases(database, fullPeople, func(s *server, people []person) error {
		before, err := s.loggedBytes()
		if err != nil {
			return err
		}
		m, err := b.saturatedRun(s, people)
		if err != nil {
			return err
		}
		if err := addLogged(s, before, m, log); err != nil {
			return err
		}
		b.note("sends, saturated · %s: %s", s.name, m.measured)
		rate.add(s.name, m.perSecond())
		addCosts(s, m.measured, cost, theirs)
		return nil
	})
}

// addCosts adds the processor time of one send: that of parley, and that of a database
// which is another process.
func addCosts(s *server, m measured, ours, database *row) {
	ours.add(s.name, microseconds(m.each()))
	if s.database != nil {
		database.add(s.name, microseconds(m.eachOf(m.cpu.database)))
	}
}

// loggedBytes returns how much PostgreSQL has written to its write-ahead log; 0 for
// another database.
func (s *server) loggedBytes() (n int64, err error) {
	if s.database == nil {
		return 0, nil
	}
	d := seeded{database: s.database.URL("postgres")}
	return n, d.ask("SELECT (pg_current_wal_lsn() - '0/0')::bigint", &n)
}

// addLogged adds the bytes of the log since then for each send of a run. Those of the log-ins
// and of the index for searching are among them.
func addLogged(s *server, before int64, r sendRun, log *row) error {
	if s.database == nil {
		return nil
	}
	after, err := s.loggedBytes()
	log.add(s.name, float64(after-before)/float64(max(r.sent, 1)))
	return err
}

// compareDatabases lets a server on SQLite and one on PostgreSQL take turns. Each has its
// own database, which it keeps from round to round.
func (b *bench) compareDatabases(database *postgres.Server, accounts int, measure func(s *server, people []person) error) error {
	folder, err := b.folder()
	if err != nil {
		return err
	}
	address, err := database.NewDatabase()
	if err != nil {
		return err
	}
	there, err := b.fill(seeded{folder: folder, database: address}, accounts, 0)
	if err != nil {
		return err
	}
	var people []person
	return b.compare([]starter{
		func() (s *server, err error) {
			if s, people, err = b.startChat(accounts); err == nil {
				s.name = onSQLite
			}
			return s, err
		},
		func() (*server, error) {
			bin, err := b.build("./cmd/parley")
			if err != nil {
				return nil, err
			}
			s, err := b.serve(onPostgres, bin, there.folder, "PARLEY_DATABASE="+there.database)
			if err == nil {
				s.database, people = database, there.people
			}
			return s, err
		},
	}, func(s *server) error { return measure(s, people) })
}

// startPostgres runs an empty PostgreSQL server until this program ends. Without its
// programs it returns nil and says so.
func (b *bench) startPostgres() (*postgres.Server, error) {
	bin := postgresPrograms()
	if bin == "" {
		b.note("PostgreSQL is not installed: nothing is measured on it (Debian: apt-get install postgresql)")
		return nil, nil
	}
	s, err := postgres.New(bin)
	if err == nil {
		b.atEnd(s.Close)
	}
	return s, err
}

// postgresPrograms returns the folder of the programs of the newest PostgreSQL.
func postgresPrograms() string {
	if bin := os.Getenv(postgres.Variable); bin != "" {
		return bin
	}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(slices.Max(found))
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb)
	}
	return ""
}
