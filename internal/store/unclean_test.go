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
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// killed copies the files of a store that still runs, as a process leaves them
// that was killed: the messages of fill are in the file, 30 more in the log.
func killed(t *testing.T) string {
	t.Helper()
	return killedAfter(t, func(t *testing.T, s *store.Store) { send(t, s, 30) })
}

// killedAfter is killed with other writes in the log.
func killedAfter(t *testing.T, write func(*testing.T, *store.Store)) string {
	t.Helper()
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	damage(t, s.Path(), "PRAGMA wal_checkpoint(TRUNCATE)")
	write(t, s)
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

// A log that was deleted, emptied or damaged after a crash took acknowledged
// commits with it. Only lost messages were noticed, and the text said that the log
// was missing even where it was there.
func TestLostWrites(t *testing.T) {
	writes := map[string]func(t *testing.T, s *store.Store){
		"messages": func(t *testing.T, s *store.Store) { send(t, s, 30) },
		"no message": func(t *testing.T, s *store.Store) {
			for _, write := range []func(chat.Tx) error{
				func(tx chat.Tx) error { return tx.RevokeToken("s", time.Now()) },
				func(tx chat.Tx) error { return tx.WithdrawMessage(2, "ann", time.Now()) },
				func(tx chat.Tx) error { return tx.UpdateAccount(chat.Account{ID: "bob", Name: "Robert"}) },
				func(tx chat.Tx) error { _, err := tx.MarkRead(1, "bob"); return err },
			} {
				if err := s.Update(t.Context(), write); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
	faults := map[string]struct {
		do   func(log string) error
		want store.LossReason
	}{
		"deleted":       {os.Remove, store.LogMissing},
		"emptied":       {func(log string) error { return os.Truncate(log, 0) }, store.LogMissing},
		"cut short":     {func(log string) error { return os.Truncate(log, fileSize(t, log)-5000) }, store.LogDamaged},
		"header only":   {func(log string) error { return os.Truncate(log, 32) }, store.LogDamaged},
		"overwritten":   {func(log string) error { return overwriteAt(log, fileSize(t, log)-4000) }, store.LogDamaged},
		"no log at all": {func(log string) error { return os.WriteFile(log, []byte("not a log"), 0o600) }, store.LogDamaged},
	}
	for written, write := range writes {
		for name, fault := range faults {
			t.Run(written+" "+name, func(t *testing.T) {
				folder := killedAfter(t, write)
				log := filepath.Join(folder, "parley.db-wal")
				if err := fault.do(log); err != nil {
					t.Fatal(err)
				}
				before, _ := os.ReadFile(log)
				var lost *store.LostWritesError
				for range 2 { // it stays so until somebody decides
					if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &lost) || lost.Why != fault.want {
						t.Fatalf("got %v, want %q", err, fault.want)
					}
				}
				if after, _ := os.ReadFile(log); !bytes.Equal(before, after) {
					t.Error("the log was changed, want it left as it is")
				}
				if got, want := lost.Lost.Last > 0, written == "messages"; got != want {
					t.Errorf("messages are lost: got %t, want %t", got, want)
				}
				if l := lost.Lost; l.Commits < 1 || l.Until.Before(l.After) || !strings.Contains(l.String(), "commit") {
					t.Errorf("got %+v, want some commits", l)
				}
				done, err := store.Migrate(t.Context(), store.Options{Path: folder, WithoutLog: true})
				if err != nil || done.Lost == nil || *done.Lost != lost.Lost {
					t.Errorf("given up: got %v, %v, want %v", done.Lost, err, lost.Lost)
				}
				done, err = store.Migrate(t.Context(), store.Options{Path: folder})
				if err != nil || done.Lost != nil {
					t.Errorf("after that: got %v, %v", done.Lost, err)
				}
			})
		}
	}
}

// The newest commits were not noted, and their loss was not noticed.
func TestLostWritesAreCounted(t *testing.T) {
	for _, n := range []int{1, 2, 7} {
		folder := killedAfter(t, func(t *testing.T, s *store.Store) { send(t, s, n) })
		if err := os.Remove(filepath.Join(folder, "parley.db-wal")); err != nil {
			t.Fatal(err)
		}
		var lost *store.LostWritesError
		err := tryOpen(t, store.Options{Path: folder})
		if !errors.As(err, &lost) || lost.Lost.Commits < int64(n) || lost.Lost.Last-lost.Lost.First+1 < chat.MessageID(n) {
			t.Errorf("%d messages: got %v", n, err)
		}
	}
}

// Without its lock file, a database whose log was deleted after a crash was served. A closed database needs neither.
func TestLostLogAndLockFile(t *testing.T) {
	folder := killed(t)
	for _, suffix := range []string{"-wal", "-shm", ".lock"} {
		_ = os.Remove(filepath.Join(folder, "parley.db"+suffix))
	}
	var lost *store.LostWritesError
	for range 2 {
		if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &lost) || lost.Why != store.LogMissing || lost.Lost.After.IsZero() {
			t.Fatalf("got %v, want %q with the time of the last commit", err, store.LogMissing)
		}
	}
	done, err := store.Migrate(t.Context(), store.Options{Path: folder, WithoutLog: true})
	if err != nil || done.Lost == nil || *done.Lost != lost.Lost {
		t.Errorf("given up: got %v, %v, want %v", done.Lost, err, lost.Lost)
	}
	if err := os.Remove(filepath.Join(folder, "parley.db.lock")); err != nil {
		t.Fatal(err)
	}
	if err := tryOpen(t, store.Options{Path: folder}); err != nil {
		t.Errorf("a closed database without its lock file: %v", err)
	}
}

// A database file that was replaced by an older copy of itself was served.
func TestOlderCopy(t *testing.T) {
	older := filepath.Join(t.TempDir(), "older.db")
	for name, prepare := range map[string]func(t *testing.T) (folder string){
		"after a clean stop": func(t *testing.T) string {
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			s = reopen(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			copyFile(t, older, s.Path())
			s = open(t, store.Options{Path: s.Path()})
			send(t, s, 1)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			copyFile(t, s.Path(), older)
			return filepath.Dir(s.Path())
		},
		"of the same run": func(t *testing.T) string {
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			damage(t, s.Path(), "PRAGMA wal_checkpoint(PASSIVE)")
			copyFile(t, older, s.Path())
			send(t, s, 1)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			copyFile(t, s.Path(), older)
			return filepath.Dir(s.Path())
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := prepare(t)
			var lost *store.LostWritesError
			if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &lost) || lost.Why != store.OlderCopy || lost.Lost.First != 10 || lost.Lost.Last != 10 {
				t.Fatalf("got %v, want %q and message 10", err, store.OlderCopy)
			}
			if err := tryOpen(t, store.Options{Path: folder, WithoutLog: true}); err != nil {
				t.Error(err)
			}
		})
	}
}

// A log beside an older copy of its database was put into it, and damaged it.
func TestLogOfAnotherCopy(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	older := filepath.Join(t.TempDir(), "older.db")
	copyFile(t, older, s.Path())
	s = open(t, store.Options{Path: s.Path()})
	send(t, s, 3)
	folder := t.TempDir()
	copyFile(t, filepath.Join(folder, "parley.db"), older)
	for _, suffix := range []string{"-wal", ".lock"} {
		copyFile(t, filepath.Join(folder, "parley.db"+suffix), s.Path()+suffix)
	}
	var stray *store.StrayLogError
	if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &stray) {
		t.Errorf("got %v, want %T", err, stray)
	}
}

// A process that is killed in the middle of a start leaves files that belong
// together, however far it has come.
func TestKilledWhileStarting(t *testing.T) {
	const next = "NEXTGENERATION"
	for stage, statements := range []string{
		"SELECT 1", // only the note has the next generation
		"PRAGMA wal_autocheckpoint = 0; UPDATE folder_state SET generation = '" + next + "'",  // the log has it
		"UPDATE folder_state SET generation = '" + next + "'; PRAGMA wal_checkpoint(PASSIVE)", // the file has it
	} {
		folder := killed(t)
		file := filepath.Join(folder, "parley.db")
		text, err := os.ReadFile(file + ".lock")
		if err != nil {
			t.Fatal(err)
		}
		noted := strings.Replace(string(text), " -\n", " "+next+"\n", 1)
		if noted == string(text) {
			t.Fatalf("got the note %q, want one without a next generation", text)
		}
		db, err := sql.Open("sqlite", file)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if _, err := db.ExecContext(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
		crashed := t.TempDir()
		for _, suffix := range []string{"", "-wal"} {
			copyFile(t, filepath.Join(crashed, "parley.db"+suffix), file+suffix)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(crashed, "parley.db.lock"), []byte(noted), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tryOpen(t, store.Options{Path: crashed}); err != nil {
			t.Errorf("stage %d: %v", stage, err)
		}
	}
}

// The lock file of an earlier version has only the last message.
func TestNoteOfAnEarlierVersion(t *testing.T) {
	earlier := func(t *testing.T, folder, state string) {
		t.Helper()
		name := filepath.Join(folder, "parley.db.lock")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(string(text)) // 12345 generation X open 39 …
		if err := os.WriteFile(name, fmt.Appendf(nil, "%s\ngeneration %s %s %-20s\n", fields[0], fields[2], state, fields[4]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder := killed(t)
	earlier(t, folder, "open")
	if err := os.Remove(filepath.Join(folder, "parley.db-wal")); err != nil {
		t.Fatal(err)
	}
	var lost *store.LostWritesError
	if err := tryOpen(t, store.Options{Path: folder}); !errors.As(err, &lost) || lost.Lost.Last != 39 || lost.Lost.Commits != 0 {
		t.Errorf("got %v, want message 39 among the lost", err)
	}
	folder = killed(t)
	earlier(t, folder, "open")
	if err := tryOpen(t, store.Options{Path: folder}); err != nil {
		t.Error(err)
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
		"a closed folder without its last message": func(t *testing.T) string {
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, s.Path(), "DELETE FROM message WHERE id = 9")
			return filepath.Dir(s.Path())
		},
		"a note that a power failure has made older": func(t *testing.T) string {
			s := open(t, store.Options{Path: t.TempDir()})
			fill(t, s)
			folder := t.TempDir()
			copyFile(t, file(folder)+".lock", s.Path()+".lock")
			send(t, s, 30)
			for _, suffix := range []string{"", "-wal"} {
				copyFile(t, file(folder)+suffix, s.Path()+suffix)
			}
			return folder
		},
		"a database that was killed twice": func(t *testing.T) string {
			folder := killed(t)
			s := open(t, store.Options{Path: folder})
			send(t, s, 3)
			crashed := t.TempDir()
			for _, suffix := range []string{"", "-wal", ".lock"} {
				copyFile(t, file(crashed)+suffix, file(folder)+suffix)
			}
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
	other := killed(t)
	copyFile(t, filepath.Join(other, "parley.db-wal"), filepath.Join(killed(t), "parley.db-wal"))
	if err := tryOpen(t, store.Options{Path: other}); !errors.As(err, &stray) {
		t.Errorf("of the same kind: got %v, want %T", err, stray)
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
		return strings.Contains(told.String(), "checking every page of the database") && strings.Contains(told.String(), "took=")
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
	if err := overwriteAt(file, at); err != nil {
		t.Fatal(err)
	}
}

func overwriteAt(file string, at int64) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), at)
	return errors.Join(err, f.Close())
}

func fileSize(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
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
	// A file without tables is no database either.
	emptied := killed(t)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(filepath.Join(emptied, "parley.db"+suffix))
	}
	damage(t, filepath.Join(emptied, "parley.db"), "PRAGMA user_version = 1")
	var lost *store.LostError
	if err := tryOpen(t, store.Options{Path: emptied}); !errors.As(err, &lost) || lost.Trace != "parley.db.lock" {
		t.Errorf("a file without tables: got %v, want %T", err, lost)
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

// The ids of lost messages were given out again: a client that read on from the newest
// message it knew missed the new ones, and one that withdrew its own message withdrew another.
func TestIDsOfLostMessagesAreNotReused(t *testing.T) {
	restore := func(t *testing.T, folder string) {
		copied := filepath.Join(t.TempDir(), "copied.db")
		if err := os.Remove(filepath.Join(folder, "parley.db-wal")); err != nil {
			t.Fatal(err)
		}
		damage(t, filepath.Join(folder, "parley.db"), "VACUUM INTO '"+copied+"'")
		copyFile(t, filepath.Join(folder, "parley.db"), copied)
	}
	for name, lose := range map[string]func(t *testing.T, folder string){
		"without the log": func(t *testing.T, folder string) { _ = os.Remove(filepath.Join(folder, "parley.db-wal")) },
		"an older backup": restore,
	} {
		t.Run(name, func(t *testing.T) {
			folder := killed(t)
			lose(t, folder)
			if _, err := store.Migrate(t.Context(), store.Options{Path: folder, WithoutLog: true}); err != nil {
				t.Fatal(err)
			}
			s := open(t, store.Options{Path: folder}) // a later start knows it as well
			next := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "the next"}, Conversation: 1, From: "ann", At: time.Now()}
			if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.AppendMessage(&next) }); err != nil {
				t.Fatal(err)
			}
			// fill stores 9 messages, and 30 are lost.
			if next.ID != 40 {
				t.Errorf("the next message: got id %d, want 40", next.ID)
			}
			if err := s.Indexed(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.View(t.Context(), func(tx chat.Tx) error {
				found, err := tx.FindMessages("ann", chat.FindMessages{Text: "next", Since: next.At.Add(-time.Hour), Limit: 10})
				if err == nil && (len(found.Messages) != 1 || found.Messages[0].ID != next.ID) {
					t.Errorf("search behind the gap: got %v, want the next message", found.Messages)
				}
				return err
			}); err != nil {
				t.Error(err)
			}
			if report, err := store.Verify(t.Context(), s); err != nil || !report.OK() {
				t.Errorf("got %v\n%s", err, report)
			}
		})
	}
}

// A restored backup gave out the ids of the messages that were sent after it, without a word.
// With the lock file of the lost database it does not.
func TestBackupAndIDs(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	backup := filepath.Join(t.TempDir(), "backup.db")
	damage(t, s.Path(), "VACUUM INTO '"+backup+"'")
	send(t, s, 30)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, withLock := range []bool{false, true} {
		folder := t.TempDir()
		copyFile(t, filepath.Join(folder, "parley.db"), backup)
		if withLock {
			copyFile(t, filepath.Join(folder, "parley.db.lock"), s.Path()+".lock")
		}
		var log bytes.Buffer
		restored := open(t, store.Options{Path: folder, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		m := chat.Message{Conversation: 1, From: "ann", At: time.Now()}
		if err := restored.Update(t.Context(), func(tx chat.Tx) error { return tx.AppendMessage(&m) }); err != nil {
			t.Fatal(err)
		}
		if err := restored.Close(); err != nil {
			t.Fatal(err)
		}
		want := chat.MessageID(10)
		if withLock {
			want = 40
		}
		if warned := strings.Contains(log.String(), "copy without its lock file"); m.ID != want || warned == withLock {
			t.Errorf("lock file %t: got message %d, want %d, warned %t", withLock, m.ID, want, warned)
		}
	}
}
