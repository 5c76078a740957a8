//go:build linux

package main

import (
	"database/sql"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNumberedTextsTellTheirNumber(t *testing.T) {
	for _, n := range []int{0, 7, 123_456} {
		text := numbered(n)
		if len(text) != sendText {
			t.Errorf("%q: got %d bytes, want %d", text, len(text), sendText)
		}
		if got, ok := numberOf([]byte(`["new message",{"id":"9","msg":{"con":"` + text + `"}}]`)); got != n || !ok {
			t.Errorf("%q: got %d, %t", text, got, ok)
		}
	}
	if n, ok := numberOf([]byte(`["new message",{"msg":{"con":"hello"}}]`)); ok {
		t.Errorf("a text without a number: got %d", n)
	}
}

func TestOneOfEachPairSendsToAnotherNode(t *testing.T) {
	a, b := &server{name: "a"}, &server{name: "b"}
	if got := (&talk{people: make([]person, 4)}).senders(); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("one server: got %v", got)
	}
	if got := (&talk{people: []person{{at: a}, {at: b}, {at: a}, {at: b}}}).senders(); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("two nodes: got %v", got)
	}
}

func TestTablesOfTwoColumnsShowTheGrowth(t *testing.T) {
	table := &table{columns: []string{oneNode, twoNodes}, ratios: []ratio{{twoNodes, oneNode}}}
	for what, two := range map[string]float64{"cheap": 2.6, "dear": 2.7} {
		r := table.row(what, atMostTimes(twoNodes, oneNode, 1.3))
		r.add(oneNode, 2)
		r.add(twoNodes, two)
	}
	slices.SortFunc(table.rows, func(a, b *row) int { return strings.Compare(a.what, b.what) })
	for i, want := range []string{"cheap 2 2.6 1.30 ≤ 1.3 times yes", "dear 2 2.7 1.35 ≤ 1.3 times no"} {
		if got := strings.Join(table.cells(table.rows[i]), " "); got != want {
			t.Errorf("row %d: got %q, want %q", i, got, want)
		}
	}
	if got := strings.Join(table.head(), ", "); got != "figure, one node, two nodes, two nodes / one node, goal, met" {
		t.Errorf("head: got %s", got)
	}
}

func TestFamilyTimeCountsChildren(t *testing.T) {
	// The first child ends, the second one lives while it is measured.
	family := exec.Command("sh", "-c", "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo; read x'; :")
	in, err := family.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := family.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := family.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close()
		_ = family.Wait()
	}()
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	own, err := cpuTime(family.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	all, err := familyTime(family.Process.Pid)
	if err != nil || all < own+2*clockTick {
		t.Errorf("got %s, %v, with %s of the parent itself", all, err, own)
	}
}

func TestCopyPeopleLeavesOutWhatTheOlderTablesLack(t *testing.T) {
	b := &bench{tmp: t.TempDir()}
	from, err := b.seed(4, 0)
	if err != nil {
		t.Fatal(err)
	}
	to, err := b.seed(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := execSQLite(to.folder, "DROP VIEW colleague", "DROP INDEX organization_member_place", "ALTER TABLE organization_member DROP COLUMN place"); err != nil {
		t.Fatal(err)
	}
	if err := copyPeople(from.folder, to.folder); err != nil {
		t.Fatal(err)
	}
	var people, members int
	if err := scanSQLite(to.folder, "SELECT (SELECT count(*) FROM token), (SELECT count(*) FROM organization_member)", &people, &members); err != nil || people != 4 || members != 4 {
		t.Errorf("got %d tokens and %d members, %v, want 4 of each", people, members, err)
	}
}

func TestPostgresProgramsAreThoseOfTheVariable(t *testing.T) {
	t.Setenv("PARLEY_TEST_POSTGRES", "/somewhere/bin")
	if got := postgresPrograms(); got != "/somewhere/bin" {
		t.Errorf("got %s", got)
	}
}

func execSQLite(folder string, statements ...string) (err error) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	return nil
}

func scanSQLite(folder, query string, dest ...any) (err error) {
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.QueryRow(query).Scan(dest...)
}
