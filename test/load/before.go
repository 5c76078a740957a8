//go:build linux

package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The columns of the comparison with an earlier revision.
const (
	before = "before"
	now    = "now"
)

// beforeConnections is for the memory of a connection.
const beforeConnections = 5000

// earlier measures the whole server on SQLite as it was at the revision of the option
// -before, in turns with the present one.
func (b *bench) earlier() error {
	if b.before == "" {
		b.note("no earlier revision to compare with: -before names one")
		return nil
	}
	t := b.addTable(&table{title: "On SQLite, before is " + b.before, columns: []string{before, now}, ratios: []ratio{{now, before}}})
	old, err := b.buildRevision(b.before)
	if err != nil {
		return err
	}
	p50 := t.row("durable send, 5,000 a second paced: p50 ms", goal{})
	p99 := t.row("durable send, 5,000 a second paced: p99 ms", goal{})
	pacedCost := t.row("durable send, 5,000 a second paced: CPU µs each", goal{})
	err = b.compareBefore(old, pacedPeople, func(s *server, people []person) error {
		r, err := b.pacedRun(s, people, pacedRate)
		if err != nil {
			return err
		}
		b.note("sends, paced · %s: p50 %s, p99 %s, %s", s.name, r.ack.p50, r.ack.p99, r.measured)
		p50.add(s.name, milliseconds(r.ack.p50))
		p99.add(s.name, milliseconds(r.ack.p99))
		pacedCost.add(s.name, microseconds(r.each()))
		return nil
	})
	if err != nil {
		return err
	}
	rate := t.row("durable send, saturated, delivered to one peer: a second", goal{})
	cost := t.row("durable send, saturated, delivered to one peer: CPU µs each", atMostTimes(now, before, 1.05))
	err = b.compareBefore(old, fullPeople, func(s *server, people []person) error {
		m, err := b.saturatedRun(s, people)
		if err != nil {
			return err
		}
		b.note("sends, saturated · %s: %s", s.name, m.measured)
		rate.add(s.name, m.perSecond())
		cost.add(s.name, microseconds(m.each()))
		return nil
	})
	if err != nil {
		return err
	}
	ready := t.row("idle server: ready after s", goal{})
	rss := t.row("idle server: resident MiB", goal{})
	connection := t.row(fmt.Sprintf("%s idle connections: resident KiB each", thousands(beforeConnections)), goal{})
	return b.compareBefore(old, beforeConnections, func(s *server, people []person) error {
		ready.add(s.name, s.took.Seconds())
		bytes, err := resident(s.pid)
		if err != nil {
			return err
		}
		rss.add(s.name, float64(bytes)/(1<<20))
		r, err := b.idleRun(s, beforeConnections, func(i int) login {
			return login{protocol: b.protocol, token: people[i].token, app: seedApp}
		})
		if err != nil {
			return err
		}
		b.note("idle · %s: %.1f MiB, %s KiB a connection", s.name, float64(bytes)/(1<<20), number(r.kib))
		connection.add(s.name, r.kib)
		return nil
	})
}

// compareBefore lets the earlier and the present server take turns, with the same people.
func (b *bench) compareBefore(old string, accounts int, measure func(s *server, people []person) error) error {
	s, people, err := b.startChat(accounts)
	if err != nil {
		return err
	}
	s.stop()
	folder, err := b.folder()
	if err != nil {
		return err
	}
	// The earlier server makes its own tables; a database of the present version is refused.
	if s, err = b.serve(before, old, folder); err != nil {
		return err
	}
	s.stop()
	if err := copyPeople(b.seeds[accounts].folder, folder); err != nil {
		return err
	}
	return b.compare([]starter{
		func() (*server, error) { return b.serve(before, old, folder) },
		func() (*server, error) {
			s, _, err := b.startChat(accounts)
			if err == nil {
				s.name = now
			}
			return s, err
		},
	}, func(s *server) error { return measure(s, people) })
}

// buildRevision compiles the server of a revision, outside of this checkout.
func (b *bench) buildRevision(revision string) (string, error) {
	folder, err := os.MkdirTemp(b.tmp, "revision-")
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	archive := exec.CommandContext(ctx, "git", "archive", "--format=tar", revision)
	archive.Dir = b.root
	var said bytes.Buffer
	archive.Stderr = &said
	files, err := archive.Output()
	if err != nil {
		return "", fmt.Errorf("git archive %s: %w\n%s", revision, err, said.String())
	}
	unpack := exec.CommandContext(ctx, "tar", "-x", "-C", folder)
	unpack.Stdin = bytes.NewReader(files)
	if out, err := unpack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("tar: %w\n%s", err, out)
	}
	bin := filepath.Join(folder, "parley-before")
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/parley")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build of %s: %w\n%s", revision, err, out)
	}
	return bin, nil
}

// copyPeople copies everybody from one data folder to another, whose tables may be older.
func copyPeople(from, to string) (err error) {
	db, err := sql.Open("sqlite", filepath.Join(to, "parley.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1) // the one that has attached the other database
	if _, err := db.Exec("ATTACH ? AS seeded", filepath.Join(from, "parley.db")); err != nil {
		return err
	}
	// Both may have an application that the server made.
	for _, table := range []string{"organization", "application", "account", "token", "organization_member"} {
		columns, err := columnsOf(db, "main", table)
		if err != nil {
			return err
		}
		there, err := columnsOf(db, "seeded", table)
		if err != nil {
			return err
		}
		columns = slices.DeleteFunc(columns, func(name string) bool { return !slices.Contains(there, name) })
		list := strings.Join(columns, ", ")
		if _, err := db.Exec("INSERT OR IGNORE INTO main." + table + " (" + list + ") SELECT " + list + " FROM seeded." + table); err != nil {
			return fmt.Errorf("copying %s: %w", table, err)
		}
	}
	return nil
}

func columnsOf(db *sql.DB, schema, table string) (columns []string, err error) {
	rows, err := db.Query("SELECT name FROM pragma_table_info(?, ?)", table, schema)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		columns = append(columns, name)
	}
	return columns, rows.Err()
}
