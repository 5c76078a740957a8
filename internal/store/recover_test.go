package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

// The advice for a damaged database was a command of another program, which cannot
// read these tables. Here a page of the messages and one of the accounts are damaged.
func TestRecover(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	send(t, s, 1000)
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		for n := range 1000 {
			if err := tx.CreateAccount(chat.Account{ID: chat.AccountID(fmt.Sprintf("z%04d", n)), Name: "One of many", Active: true}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", s.Path())
	if err != nil {
		t.Fatal(err)
	}
	var pages []int64
	for _, table := range []string{"message", "account"} {
		var page int64
		if err := db.QueryRowContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 3", table).Scan(&page); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		overwrite(t, s.Path(), (page-1)*4096)
	}
	before, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}

	folder := t.TempDir()
	done, err := store.Recover(t.Context(), s.Path(), folder, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	if done.OK() {
		t.Error("got OK for lost rows")
	}
	tables := done.Tables
	want := map[string]int64{"message": 1009, "account": 1005, "member": 7, "notification": 3, "token": 1}
	for _, table := range tables {
		all, ok := want[table.Table]
		damaged := table.Table == "message" || table.Table == "account"
		switch {
		case damaged && (table.Damage == "" || table.Rows >= all || table.Rows < all*8/10):
			t.Errorf("%s: got %d rows of %d, damage %q", table.Table, table.Rows, all, table.Damage)
		case !damaged && (table.Damage != "" || ok && table.Rows != all):
			t.Errorf("%s: got %d rows, damage %q, want %d", table.Table, table.Rows, table.Damage, all)
		}
		delete(want, table.Table)
	}
	if len(want) > 0 {
		t.Errorf("not copied: %v", want)
	}
	if after, err := os.ReadFile(s.Path()); err != nil || string(after) != string(before) {
		t.Errorf("the damaged file was changed (%v)", err)
	}

	again := open(t, store.Options{Path: folder})
	send(t, again, 1)
	if err := again.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := store.Verify(t.Context(), again)
	if err != nil || report.Damaged || !strings.Contains(report.String(), ": messages are missing\n") {
		t.Errorf("got %v\n%s", err, report)
	}
	if _, err := store.Recover(t.Context(), s.Path(), folder, func(string, int64, int64) {}); err == nil {
		t.Error("into a folder with a database: got no error")
	}
}

// The rows of an earlier version are copied as they are, and migrated afterwards.
func TestRecoverAnEarlierVersion(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(from, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	store.MigrateTo(t, db, 7)
	_, err = db.ExecContext(t.Context(), "INSERT INTO application (id, app_key, secret, name, url, kind, send_ack, muted_pushes, created_at) VALUES ('a', 'k', 'secret', '', '', 'server', 'error-first', '[]', 1)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Recover(t.Context(), from, to, func(string, int64, int64) {}); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Options{Path: to})
	if err := s.View(t.Context(), func(tx chat.Tx) error {
		app, err := tx.ApplicationByKey("k")
		if err == nil && len(app.Secrets) != 1 {
			t.Errorf("got %d secrets, want the migrated one", len(app.Secrets))
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
