package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	want := map[string]int64{"message": 1009, "account": 1005, "member": 8, "notification": 3, "token": 1}
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

// An interrupted recovery began again. It goes on where it was, and its result is the same.
func TestRecoverGoesOn(t *testing.T) {
	store.RecoverTogether(t, 60)
	for name, damaged := range map[string][][2]string{
		"sound":           nil,
		"leaves":          {{"message", "pagetype = 'leaf'"}, {"member", "pagetype = 'leaf'"}},
		"roots":           {{"message", "path = '/'"}, {"mention", "path = '/'"}, {"notification", "path = '/'"}},
		"rows of a state": {{"message_state", "true"}, {"notice", "path = '/'"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := large(t)
			for _, d := range damaged {
				pages := pagesOf(t, file, d[0], d[1])
				lose(t, file, pages[len(pages)/2])
			}
			whole, want := recovered(t, file)
			folder := t.TempDir()
			var got store.Recovery
			err := context.Canceled
			tables := int64(0) // that were copied completely before
			interrupted := map[string]int{}
			for runs := 1; errors.Is(err, context.Canceled); runs++ {
				if runs > 300 {
					t.Fatalf("it does not come to an end: %v", interrupted)
				}
				ctx, cancel := context.WithCancel(t.Context())
				calls, last := 0, int64(0)
				got, err = store.Recover(ctx, file, folder, func(step string, done, total int64) {
					if step == "tables" && done < total {
						if done < tables {
							t.Errorf("table %d is copied again, after %d were complete", done, tables)
						}
						last = done
					}
					if calls++; calls > 3 && interrupted[step] < 2 && done < total {
						interrupted[step]++
						cancel()
					}
				})
				cancel()
				tables = max(tables, last)
				if err == nil {
					break
				}
				if s, open := store.Open(t.Context(), store.Options{Path: folder}); !errors.Is(open, store.ErrUnfinished) {
					t.Fatalf("an incomplete database: got %v", errors.Join(open, s.Close()))
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			message := "rows of message"
			if name == "roots" {
				message = "pages for message"
			}
			for _, step := range []string{"tables", message, "mend", "search index", "verify"} {
				if interrupted[step] == 0 {
					t.Errorf("it was not interrupted in %q: %v", step, interrupted)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-without interruption +with:\n%s", diff)
			}
			to := filepath.Join(folder, "parley.db")
			for _, table := range got.Tables {
				if table.Table == "folder_state" {
					continue
				}
				db, err := sql.Open("sqlite", whole.Path())
				if err != nil {
					t.Fatal(err)
				}
				db.SetMaxOpenConns(1)
				if _, err := db.ExecContext(t.Context(), "ATTACH '"+to+"' AS other"); err != nil {
					t.Fatal(err)
				}
				var different int64
				if err := db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT (SELECT count(*) FROM (SELECT * FROM main.%[1]s EXCEPT SELECT * FROM other.%[1]s))
					+ (SELECT count(*) FROM (SELECT * FROM other.%[1]s EXCEPT SELECT * FROM main.%[1]s))`, table.Table)).Scan(&different); err != nil {
					t.Fatal(err)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				if different != 0 {
					t.Errorf("%s: %d rows differ", table.Table, different)
				}
			}
			works(t, open(t, store.Options{Path: folder}))
		})
	}
}

// A recovery that was killed before it had made its mark left a file that the next one refused.
func TestRecoverKilledAtItsBeginning(t *testing.T) {
	source := large(t)
	for name, leave := range map[string]func(t *testing.T, file string){
		"an empty file": func(t *testing.T, file string) {
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a file without tables": func(t *testing.T, file string) {
			damage(t, file, "PRAGMA journal_mode = WAL")
			if info, err := os.Stat(file); err != nil || info.Size() == 0 {
				t.Fatalf("got %v, %v, want a file that is not empty", info, err)
			}
		},
		"a mark": func(t *testing.T, file string) { store.BeginRecovery(t, source, file) },
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "parley.db")
			leave(t, file)
			done, err := store.Recover(t.Context(), source, filepath.Dir(file), func(string, int64, int64) {})
			if err != nil || !done.OK() {
				t.Fatalf("got %v\n%s", err, done.Report)
			}
			works(t, open(t, store.Options{Path: file}))
		})
	}
}

// A recovery does not go on with another database, nor with one that was used meanwhile, and writes over nothing else.
func TestRecoverRefused(t *testing.T) {
	file, folder := large(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := store.Recover(ctx, file, folder, func(step string, done, _ int64) {
		if step == "tables" && done > 10 {
			cancel()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	quiet := func(string, int64, int64) {}
	var changed *store.ChangedError
	if _, err := store.Recover(t.Context(), large(t), folder, quiet); !errors.As(err, &changed) || changed.Source != file {
		t.Errorf("of another database: got %v", err)
	}
	damage(t, file, "UPDATE account SET name = 'Changed'")
	if _, err := store.Recover(t.Context(), file, folder, quiet); !errors.As(err, &changed) {
		t.Errorf("of a database that has changed: got %v", err)
	}
	for name, other := range map[string]func(t *testing.T) string{
		"a database": func(t *testing.T) string { return filepath.Dir(large(t)) },
		"a log without a database": func(t *testing.T) string {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "parley.db-wal"), []byte("a log"), 0o600); err != nil {
				t.Fatal(err)
			}
			return folder
		},
	} {
		folder := other(t)
		before, _ := os.ReadDir(folder)
		if _, err := store.Recover(t.Context(), file, folder, quiet); err == nil || errors.As(err, &changed) {
			t.Errorf("into a folder with %s: got %v", name, err)
		}
		for _, e := range before {
			if _, err := os.Stat(filepath.Join(folder, e.Name())); err != nil {
				t.Errorf("%s: %s was removed: %v", name, e.Name(), err)
			}
		}
	}
}
