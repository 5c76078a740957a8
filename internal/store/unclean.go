package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"parley/internal/chat"
)

// The lock file beside the database describes the process that used it last:
//
//	12345
//	generation R4ND0M open 678
//
// the number of the process, the generation that it wrote into the database when it
// started, whether it closed the database or left it open, and the id of a recent
// message that was committed. It is written about ten times a second, without a
// sync. The writes of a killed process are there; after a power cut the file may
// have an older id, which detects less but reports nothing wrong.
//
// At the next start the database must have that message. If it does not, the
// log that belonged to it (parley.db-wal) was removed. Only the file that this
// generation wrote is compared: a restored backup or a copy by VACUUM INTO has
// the generation too, but another layout.
type note struct {
	generation string
	closed     bool
	last       chat.MessageID
}

// noteEvery is the least time between two notes of the last message; a test sets 0.
var noteEvery = 100 * time.Millisecond

func (l *folderLock) readNote() (n note) {
	if _, err := l.f.Seek(0, io.SeekStart); err != nil {
		return note{}
	}
	var process, state string
	if _, err := fmt.Fscanf(io.LimitReader(l.f, 256), "%s\ngeneration %s %s %d\n", &process, &n.generation, &state, &n.last); err != nil {
		return note{} // none, or that of an older version
	}
	n.closed = state == "closed"
	return n
}

// write replaces the contents by one write of a fixed length.
func (l *folderLock) write(n note) error {
	text := fmt.Sprintln(os.Getpid())
	if n.generation != "" {
		state := "open  "
		if n.closed {
			state = "closed"
		}
		text += fmt.Sprintf("generation %s %s %-20d\n", n.generation, state, n.last)
	}
	_, err := l.f.WriteAt([]byte(text), 0)
	return err
}

// LogMissingError is why a database cannot be opened: messages that were
// acknowledged are not in it, because the log that belonged to it is gone.
type LogMissingError struct {
	File        string
	Last, Found chat.MessageID // the last message known to have been there, and the last one there is
}

func (e *LogMissingError) Error() string {
	return fmt.Sprintf("store: the log %s-wal is missing: message %d was acknowledged, the database ends at message %d", e.File, e.Last, e.Found)
}

// DamagedError is why a database cannot be opened: its file is damaged.
type DamagedError struct {
	File string
	What string // the first of the engine's findings
}

func (e *DamagedError) Error() string { return fmt.Sprintf("store: %s is damaged: %s", e.File, e.What) }

// StrayLogError is why a database cannot be opened: the log beside it belongs to
// another one, and would damage it.
type StrayLogError struct{ File string }

func (e *StrayLogError) Error() string {
	return fmt.Sprintf("store: the log %s-wal belongs to another database", e.File)
}

// ForeignError is why a database cannot be opened: another program made it.
type ForeignError struct{ File string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("store: %s is the database of another program", e.File)
}

// LostError is why no database is made where there is none: the folder has files
// that belong to one.
type LostError struct {
	File  string
	Trace string // the name of one of them
}

func (e *LostError) Error() string {
	return fmt.Sprintf("store: %s is missing or empty, but %s is there", e.File, e.Trace)
}

// checkNew refuses a folder that has had a database.
func checkNew(file string, n note) error {
	folder := filepath.Dir(file)
	if n.generation != "" {
		return &LostError{file, filepath.Base(file) + ".lock"}
	}
	for _, name := range []string{filepath.Base(file) + "-wal", "upload.key"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil && info.Size() > 0 {
			return &LostError{file, name}
		}
	}
	for _, name := range []string{"objects", "avatars"} {
		if entries, err := os.ReadDir(filepath.Join(folder, name)); err == nil && len(entries) > 0 {
			return &LostError{file, name}
		}
	}
	return nil
}

// checkHeader finds a file that is no database or that was cut off. While there
// is a log, it may hold the pages that are missing.
func checkHeader(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	var header [100]byte
	if _, err := io.ReadFull(f, header[:]); err != nil || string(header[:16]) != "SQLite format 3\x00" {
		return &DamagedError{file, "file is not a database"}
	}
	if log, err := os.Stat(file + "-wal"); err == nil && log.Size() > 0 {
		if header[18] != 2 { // of a database that has no log: a copy by VACUUM INTO
			return &StrayLogError{file}
		}
		return nil
	}
	pageSize := int64(binary.BigEndian.Uint16(header[16:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	changes, validFor := binary.BigEndian.Uint32(header[24:]), binary.BigEndian.Uint32(header[92:])
	if want := int64(binary.BigEndian.Uint32(header[28:])) * pageSize; changes == validFor && info.Size() < want {
		return &DamagedError{file, fmt.Sprintf("it has %d bytes of %d", info.Size(), want)}
	}
	return nil
}

// inspect looks at an existing database before anything is written to it. The
// whole file is checked unless the process before closed it.
func (s *Store) inspect(ctx context.Context, n note) error {
	db, err := s.engine.inspect(s.file)
	if err != nil {
		return err
	}
	defer db.Close()
	err = s.compare(ctx, db, n)
	if err != nil && s.engine.isDamaged(err) {
		return &DamagedError{s.file, err.Error()}
	}
	return err
}

func (s *Store) compare(ctx context.Context, db *sql.DB, n note) error {
	ask := func(dest any, query string) error {
		if err := db.QueryRowContext(ctx, query).Scan(dest); err != nil {
			return fmt.Errorf("store: %s: %w", s.file, err)
		}
		return nil
	}
	var others, ours, known int
	if err := errors.Join(
		ask(&others, "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'goose_db_version' AND name NOT LIKE 'sqlite_%'"),
		ask(&ours, "SELECT count(*) FROM sqlite_schema WHERE name IN ('goose_db_version', 'conversation', 'message')"),
		ask(&known, "SELECT count(*) FROM sqlite_schema WHERE name = 'folder_state'"),
	); err != nil {
		return err
	}
	if others == 0 { // the first start was interrupted
		return nil
	}
	if ours < 3 {
		return &ForeignError{s.file}
	}
	var generation string
	var last chat.MessageID
	if known > 0 {
		var layout, now int64
		if err := errors.Join(
			ask(&generation, "SELECT generation FROM folder_state"),
			ask(&layout, "SELECT layout FROM folder_state"),
			ask(&now, "PRAGMA schema_version"),
			ask(&last, "SELECT COALESCE(max(id), 0) FROM message"),
		); err != nil {
			return err
		}
		if layout != now {
			generation = "" // a copy
		}
	}
	same := generation != "" && generation == n.generation
	if same && last < n.last && !s.opts.WithoutLog {
		return &LogMissingError{s.file, n.last, last}
	}
	if same && n.closed {
		return nil
	}
	return s.checkFile(ctx, db)
}

// checkFile has the engine look at every page.
func (s *Store) checkFile(ctx context.Context, db *sql.DB) error {
	s.opts.Logger.Info("checking the database: it was not closed by the process before, or comes from elsewhere", "file", s.file)
	began := time.Now()
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return fmt.Errorf("store: check %s: %w", s.file, err)
	}
	if said != "ok" {
		return &DamagedError{s.file, said}
	}
	s.opts.Logger.Info("the database is sound", "took", time.Since(began).Round(time.Millisecond).String())
	return nil
}

// mark writes a new generation into the database file and the lock file. It goes
// into the file itself, and not only into the log, so that it is there without
// the log, too.
func (s *Store) mark() error {
	generation := rand.Text()
	if _, err := s.writer.exec("UPDATE folder_state SET generation = ?, layout = (SELECT schema_version FROM pragma_schema_version)", generation); err != nil {
		return err
	}
	if err := s.writer.query(func(scanFunc) error { return nil }, s.engine.checkpoint()); err != nil {
		return err
	}
	t := &tx{conn: s.writer, cache: newCache()}
	last, err := t.lastMessage()
	if err != nil {
		return err
	}
	s.note = note{generation: generation, last: last}
	return s.lock.write(s.note)
}

// noteLast keeps the note of the last message up to date. It is called by the
// writing goroutine after a commit.
func (s *Store) noteLast(last chat.MessageID) {
	if last == s.note.last {
		return
	}
	s.note.last = last
	if now := time.Now(); now.Sub(s.noted) >= noteEvery {
		s.noted = now
		_ = s.lock.write(s.note) // without it less can be proved at the next start
	}
}

// noteClosed is the last thing that a store does.
func (s *Store) noteClosed() error {
	if s.note.generation == "" {
		return nil
	}
	s.note.closed = true
	return s.lock.write(s.note)
}

// tighten removes the permissions of other users from the files of a database.
func tighten(file string) error {
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(file + suffix)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(file+suffix, info.Mode().Perm()&0o700); err != nil {
			return fmt.Errorf("store: others may read %s, and it cannot be changed: %w", file+suffix, err)
		}
	}
	return nil
}
