package store_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

// killed copies the files of a store that still runs, as a process leaves them
// that was killed: messages 1 and 2 are in the file, the others in the log.
func killed(t *testing.T) string {
	t.Helper()
	store.NoteEveryCommit(t)
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	damage(t, s.Path(), "PRAGMA wal_checkpoint(PASSIVE)")
	send(t, s, 30)
	folder := t.TempDir()
	for _, suffix := range []string{"", "-wal", ".lock"} {
		copyFile(t, filepath.Join(folder, "parley.db"+suffix), s.Path()+suffix)
	}
	return folder
}

func send(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for range n {
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			m := chat.Message{Conversation: 1, From: "ann"}
			return tx.AppendMessage(&m)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func tryOpen(t *testing.T, o store.Options) error {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err == nil {
		err = s.Close()
	}
	return err
}

// A log that was deleted after a crash took acknowledged messages with it, and
// nothing told of it.
func TestMissingLog(t *testing.T) {
	for name, log := range map[string]func(file string) error{
		"deleted": os.Remove,
		"emptied": func(file string) error { return os.Truncate(file, 0) },
	} {
		folder := killed(t)
		if err := log(filepath.Join(folder, "parley.db-wal")); err != nil {
			t.Fatal(err)
		}
		for range 2 { // it stays so until somebody decides
			var missing *store.LogMissingError
			if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &missing) || missing.Last <= missing.Found {
				t.Errorf("%s: got %v, want %T", name, err, missing)
			}
		}
		if err := tryOpen(t, store.Options{Path: folder, WithoutLog: true}); err != nil {
			t.Errorf("%s, given up: %v", name, err)
		}
		if err := tryOpen(t, store.Options{Path: folder}); err != nil {
			t.Errorf("%s, after that: %v", name, err)
		}
	}
}

func TestNoMissingLog(t *testing.T) {
	file := func(folder string) string { return filepath.Join(folder, "parley.db") }
	for name, prepare := range map[string]func(t *testing.T) (folder string){
		"after a kill": killed,
		"after a kill, a copy that another program made a single file": func(t *testing.T) string {
			folder := killed(t)
			damage(t, file(folder), "SELECT 1") // the last one to close the file removes the log
			if _, err := os.Stat(file(folder) + "-wal"); err == nil {
				t.Fatal("the log is there, want it put into the file")
			}
			return folder
		},
		"a backup in the folder of a killed process": func(t *testing.T) string {
			store.NoteEveryCommit(t)
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			backup := filepath.Join(t.TempDir(), "backup.db")
			damage(t, s.Path(), "VACUUM INTO '"+backup+"'")
			send(t, s, 30)
			folder := t.TempDir()
			copyFile(t, file(folder), backup)
			copyFile(t, file(folder)+".lock", s.Path()+".lock")
			return folder
		},
		"the same backup restored again": func(t *testing.T) string {
			store.NoteEveryCommit(t)
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			backup := filepath.Join(t.TempDir(), "backup.db")
			damage(t, s.Path(), "VACUUM INTO '"+backup+"'")
			folder := t.TempDir()
			copyFile(t, file(folder), backup)
			again := open(t, store.Options{Path: folder})
			send(t, again, 30)
			crashed := t.TempDir()
			copyFile(t, file(crashed), backup)
			copyFile(t, file(crashed)+".lock", again.Path()+".lock")
			return crashed
		},
		"a closed folder": func(t *testing.T) string {
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			send(t, s, 30)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return filepath.Dir(s.Path())
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := tryOpen(t, store.Options{Path: prepare(t)}); err != nil {
				t.Error(err)
			}
		})
	}
}

// A backup beside the log of the database that it replaced was opened with it, and
// damaged.
func TestLogOfAnotherDatabase(t *testing.T) {
	folder := killed(t)
	backup := filepath.Join(t.TempDir(), "backup.db")
	s := open(t, store.Options{Path: t.TempDir()})
	damage(t, s.Path(), "VACUUM INTO '"+backup+"'")
	copyFile(t, filepath.Join(folder, "parley.db"), backup)
	var stray *store.StrayLogError
	if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &stray) {
		t.Errorf("got %v, want %T", err, stray)
	}
	if err := os.Remove(filepath.Join(folder, "parley.db-wal")); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(t, store.Options{Path: folder}); err != nil {
		t.Error(err)
	}
}

// A file that a crash damaged was served until somebody came upon the damage.
// It is checked before, but only when the process before did not close it: the
// check takes as long as reading the file.
func TestCheckAfterUncleanEnd(t *testing.T) {
	var told bytes.Buffer
	log := slog.New(slog.NewTextHandler(&told, nil))
	checked := func() bool {
		defer told.Reset()
		return strings.Contains(told.String(), "checking the database") && strings.Contains(told.String(), "took=")
	}
	folder := killed(t)
	for n, want := range []bool{true, false} {
		if err := tryOpen(t, store.Options{Path: folder, Logger: log}); err != nil {
			t.Fatal(err)
		}
		if got := checked(); got != want {
			t.Errorf("start %d: checked is %t, want %t", n, got, want)
		}
	}

	folder = killed(t)
	damage(t, filepath.Join(folder, "parley.db"), "SELECT 1")
	overwrite(t, filepath.Join(folder, "parley.db"), 8*4096)
	var damaged *store.DamagedError
	if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &damaged) || damaged.What == "" {
		t.Errorf("a damaged page: got %v, want %T", err, damaged)
	}
}

// overwrite damages a page.
func overwrite(t *testing.T, file string, at int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), at)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestTruncatedFile(t *testing.T) {
	for _, size := range []int64{1, 50, 4096, 20_000} {
		s := open(t, store.Options{Path: t.TempDir()})
		fill(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(s.Path(), size); err != nil {
			t.Fatal(err)
		}
		var damaged *store.DamagedError
		if err := tryOpen(t, store.Options{Path: s.Path()}); !errors.As(err, &damaged) {
			t.Errorf("%d bytes: got %v, want %T", size, err, damaged)
		}
	}
}

func TestDatabaseOfAnotherProgram(t *testing.T) {
	for n, tables := range []string{"CREATE TABLE message (x)", "CREATE TABLE a (x); CREATE TABLE goose_db_version (x)"} {
		file := filepath.Join(t.TempDir(), "parley.db")
		damage(t, file, tables)
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var foreign *store.ForeignError
		if err := tryOpen(t, store.Options{Path: file}); !errors.As(err, &foreign) {
			t.Errorf("%d: got %v, want %T", n, err, foreign)
		}
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%d: the file was changed (%v)", n, err)
		}
	}
}

// An empty file beside the files of a database silently became a new database.
func TestLostDatabase(t *testing.T) {
	write := func(name string) func(t *testing.T, folder string) {
		return func(t *testing.T, folder string) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for trace, leave := range map[string]func(t *testing.T, folder string){
		"objects":       write("objects/00/11/data"),
		"avatars":       write("avatars/a.png"),
		"upload.key":    write("upload.key"),
		"parley.db-wal": write("parley.db-wal"),
		"parley.db.lock": func(t *testing.T, folder string) {
			if err := tryOpen(t, store.Options{Path: folder}); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(folder, "parley.db")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		for _, empty := range []bool{true, false} {
			folder := t.TempDir()
			leave(t, folder)
			file := filepath.Join(folder, "parley.db")
			if empty {
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var lost *store.LostError
			if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &lost) || lost.Trace != trace {
				t.Errorf("%s, an empty file %t: got %v, want %T", trace, empty, err, lost)
			}
			if info, err := os.Stat(file); empty && (err != nil || info.Size() > 0) || !empty && err == nil {
				t.Errorf("%s: a database was made (%v)", trace, err)
			}
		}
	}
	// An empty file alone, and the folders that a first start makes.
	folder := t.TempDir()
	for _, name := range []string{"objects", "avatars", "uploads"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "parley.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(t, store.Options{Path: folder}); err != nil {
		t.Error(err)
	}
}

// A backup that others could read stayed readable when it was restored.
func TestFilesOfOthers(t *testing.T) {
	folder := killed(t)
	names, err := filepath.Glob(filepath.Join(folder, "parley.db*"))
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, store.Options{Path: folder})
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(s.Path() + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", s.Path()+suffix, got)
		}
	}
}

// An interrupted first start is no reason to refuse the second.
func TestInterruptedFirstStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parley.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"PRAGMA journal_mode = WAL", "CREATE TABLE x (y)", "DROP TABLE x"} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(t, store.Options{Path: file}); err != nil {
		t.Error(fmt.Errorf("tables not made yet: %w", err))
	}
}
