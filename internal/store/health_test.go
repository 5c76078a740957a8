package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

// told is a log that a test reads.
type told struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *told) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func (l *told) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// A full disk was an error in the log for every request. Here the database may not
// have more pages.
func TestFullDiskIsLoggedOnce(t *testing.T) {
	store.FaultsEndAtOnce(t)
	var log told
	s := open(t, store.Options{Path: t.TempDir(), Logger: log.logger()})
	fill(t, s)
	long := strings.Repeat("long ", 20_000)
	write := func() error {
		return s.Update(t.Context(), func(tx chat.Tx) error {
			return tx.AppendMessage(&chat.Message{Content: chat.Content{Text: long}, Conversation: 1, From: "ann"})
		})
	}
	store.WriterPragma(t, s, "max_page_count = 1") // as many as there are
	for range 5 {
		var fault *store.FaultError
		if err := write(); !errors.As(err, &fault) || fault.Fault != store.FaultFull || !errors.Is(err, chat.ErrLogged) {
			t.Fatalf("got %v, want %q", err, store.FaultFull)
		}
	}
	if err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.Message(1); return err }); err != nil {
		t.Errorf("reading: %v", err)
	}
	if got := log.count("the database cannot be written"); got != 1 {
		t.Errorf("the log has it %d times, want once", got)
	}
	store.WriterPragma(t, s, "max_page_count = 100000")
	for range 3 {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.count("the database can be written again"); got != 1 {
		t.Errorf("the log has its end %d times, want once", got)
	}
}

// damagedPage makes a folder that was closed and has a damaged page of the messages.
func damagedPage(t *testing.T) (folder string) {
	t.Helper()
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	send(t, s, 2000)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", s.Path())
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	err = db.QueryRowContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 3").Scan(&page)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	overwrite(t, s.Path(), (page-1)*4096)
	return filepath.Dir(s.Path())
}

// Damage that there was after a clean stop was served: each request that came upon
// it was an error in the log, without advice, and the server called itself ready.
func TestDamageIsFoundWhileServing(t *testing.T) {
	folder := damagedPage(t)
	read := func(ctx context.Context, s *store.Store) error {
		return s.View(ctx, func(tx chat.Tx) error {
			_, err := tx.Messages(chat.MessageQuery{Conversation: 1, Limit: 5000})
			return err
		})
	}
	for name, check := range map[string]bool{"by a request": false, "by the check": true} {
		t.Run(name, func(t *testing.T) {
			var log told
			s := open(t, store.Options{Path: folder, Logger: log.logger(), Check: check})
			if check {
				s.WaitForCheck()
			} else {
				if err := s.Probe(t.Context()); err != nil {
					t.Errorf("before anybody has come upon it: %v", err)
				}
				for range 3 {
					if err := read(t.Context(), s); !errors.Is(err, chat.ErrLogged) {
						t.Fatalf("reading: got %v, want %v", err, chat.ErrLogged)
					}
				}
			}
			var fault *store.FaultError
			if err := s.Probe(t.Context()); !errors.As(err, &fault) || fault.Fault != store.FaultDamaged {
				t.Errorf("probe: got %v, want %q", err, store.FaultDamaged)
			}
			if got := log.count("level=ERROR"); got != 1 || log.count("parley.db") == 0 || log.count("restore a backup") != 1 {
				t.Errorf("the log has %d errors, want one with the file and advice:\n%s", got, &log.text)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The check of a sound file beside the service finds nothing.
func TestCheckOfASoundFile(t *testing.T) {
	var log told
	folder := t.TempDir()
	s := open(t, store.Options{Path: folder})
	fill(t, s)
	s = reopen(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, store.Options{Path: folder, Logger: log.logger(), Check: true})
	s.WaitForCheck()
	if err := s.Probe(t.Context()); err != nil || log.count("the database is sound") != 1 || log.count("level=ERROR") != 0 {
		t.Errorf("got %v and the log\n%s", err, &log.text)
	}
	if _, err := os.Stat(s.Path() + "-wal"); err != nil {
		t.Errorf("the log of a store in use: %v", err)
	}
}

// Failed writes of the lock file were dropped. Now the first one is in the log, and the end.
func TestLockFileThatCannotBeWritten(t *testing.T) {
	var log bytes.Buffer
	s := open(t, store.Options{Path: t.TempDir(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	fill(t, s)
	readOnly, err := os.Open(s.Path() + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	writable := s.SwapLockFile(readOnly)
	send(t, s, 3)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.SwapLockFile(writable)
	send(t, s, 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{"the lock file cannot be written": 1, "the lock file can be written again": 1} {
		if got := strings.Count(log.String(), text); got != want {
			t.Errorf("%s: got %d lines, want %d\n%s", text, got, want, log.String())
		}
	}
}

// A question to the server that had begun during a fault, and failed just after its end, was a second fault in the log.
func TestLateAnswerIsNoNewFault(t *testing.T) {
	var log told
	late, next := store.LateAnswer(log.logger())
	for _, err := range []error{late, next} {
		if !errors.Is(err, chat.ErrLogged) {
			t.Errorf("got %v, want an error that is logged", err)
		}
	}
	if got := log.count("level=ERROR"); got != 2 {
		t.Errorf("the log has %d errors, want one for each of the two faults", got)
	}
}
