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

// LostWritesError is returned for a database in which acknowledged commits are missing.
type LostWritesError struct {
	File string
	Why  LossReason
	Lost Lost
}

// LossReason is the reason why commits are missing.
type LossReason string

// The reasons.
const (
	LogMissing LossReason = "its log is missing or empty"         // the file name-wal
	LogDamaged LossReason = "its log is damaged or was cut short" // the end of the log is missing
	OlderCopy  LossReason = "its file is older than its last commit"
)

// Error names the reason and the lost commits.
func (e *LostWritesError) Error() string {
	return fmt.Sprintf("store: %s: %s: lost are %s", e.File, e.Why, e.Lost)
}

// Lost describes commits that were acknowledged and are not in the database.
type Lost struct {
	Commits      int64          // how many; 0: unknown, because an older version wrote them
	After, Until time.Time      // times of the last commit in the database and of the last lost one; zero: unknown
	First, Last  chat.MessageID // the lost messages; 0: no message is known to be lost
}

// String describes the lost commits in one line.
func (l Lost) String() string {
	text := "an unknown number of commits"
	switch {
	case l.Commits == 1:
		text = "1 commit"
	case l.Commits > 1:
		text = fmt.Sprint(l.Commits, " commits")
	}
	const format = "2006-01-02 15:04:05 MST"
	if !l.After.IsZero() {
		text += " after " + l.After.UTC().Format(format)
	}
	if !l.Until.IsZero() {
		text += " until " + l.Until.UTC().Format(format)
	}
	switch {
	case l.Last == 0:
		return text + "; no message is known to be among them"
	case l.First == l.Last:
		return text + fmt.Sprint("; among them message ", l.Last)
	default:
		return text + fmt.Sprintf("; among them messages %d to %d", l.First, l.Last)
	}
}

// lostSince compares the progress of a database with the note and returns the commits that
// are missing; false if there are none.
func (n note) lostSince(p progress) (Lost, bool) {
	lost := Lost{Commits: n.commits - p.commits, After: p.at, Until: n.at}
	if n.last > p.last {
		lost.First, lost.Last = p.last+1, n.last
	}
	if n.counted {
		return lost, lost.Commits > 0
	}
	// The note of an older version has only the last message. After a clean stop
	// somebody may have deleted it.
	lost.Commits = 0
	return lost, !n.closed && lost.Last > 0
}

// DamagedError is returned for a database whose file is damaged.
type DamagedError struct {
	File string
	What string // the first of the engine's findings
}

func (e *DamagedError) Error() string { return fmt.Sprintf("store: %s is damaged: %s", e.File, e.What) }

// StrayLogError is returned for a database with a log that belongs to another database, or
// to another copy of this one. The log would damage it.
type StrayLogError struct{ File string }

func (e *StrayLogError) Error() string {
	return fmt.Sprintf("store: the log %s-wal belongs to another database", e.File)
}

// ForeignError is returned for a database of another program.
type ForeignError struct{ File string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("store: %s is the database of another program", e.File)
}

// LostError is returned if the database is missing but the folder has other files of it. A
// new database is then not created.
type LostError struct {
	File  string
	Trace string // the name of one of them
}

func (e *LostError) Error() string {
	return fmt.Sprintf("store: %s is missing or empty, but %s is there", e.File, e.Trace)
}

// checkNew refuses a folder that had a database before.
func checkNew(file string, n note) error {
	folder := filepath.Dir(file)
	if n.known {
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

// inspect checks an existing database before anything is written to it. The whole file is
// checked unless the previous process closed it. It changes none of the files, so that a
// missing log can still be put back.
func (s *Store) inspect(ctx context.Context, n note) error {
	hasLog := fileSize(s.file+"-wal") > 0
	db, err := s.engine.inspect(s.file, fileSize(s.file+"-journal") == 0)
	if err != nil {
		return err
	}
	defer db.Close()
	var alone contents // of the file without its log
	if hasLog {
		if alone, err = s.withoutLog(ctx); err != nil {
			return err
		}
	}
	err = s.compare(ctx, db, n, alone, hasLog)
	if err == nil || !s.engine.isDamaged(err) {
		return err
	}
	if alone.known && s.soundWithoutLog(ctx) {
		return &StrayLogError{s.file}
	}
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		damaged = &DamagedError{s.file, err.Error()}
	}
	return damaged
}

func fileSize(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// contents describes a database for the check at the start.
type contents struct {
	empty      bool // it has no tables: the first start was interrupted
	ours       bool
	known      bool // it has a generation
	generation string
	copied     bool // it was made by VACUUM INTO or by a backup: its layout is another
	open       bool // the process that opened it last has not closed it
	progress
}

func (s *Store) contents(ctx context.Context, db *sql.DB) (c contents, err error) {
	ask := func(query string, dest ...any) {
		if err != nil {
			return
		}
		if err = db.QueryRowContext(ctx, query).Scan(dest...); err != nil {
			err = fmt.Errorf("store: %s: %w", s.file, err)
		}
	}
	var others, ours, known, counts, opens, keeps int
	ask("SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'goose_db_version' AND name NOT LIKE 'sqlite_%'", &others)
	ask("SELECT count(*) FROM sqlite_schema WHERE name IN ('goose_db_version', 'conversation', 'message')", &ours)
	ask("SELECT count(*) FROM pragma_table_info('folder_state') WHERE name = 'generation'", &known)
	ask("SELECT count(*) FROM pragma_table_info('folder_state') WHERE name = 'commits'", &counts)
	ask("SELECT count(*) FROM pragma_table_info('folder_state') WHERE name = 'open'", &opens)
	ask("SELECT count(*) FROM sqlite_schema WHERE name = 'message_state'", &keeps)
	c.empty, c.ours = others == 0, ours == 3
	if !c.ours || err != nil {
		return c, err
	}
	if keeps > 0 {
		ask(lastMessageQuery, &c.last)
	} else {
		ask("SELECT COALESCE(max(id), 0) FROM message", &c.last)
	}
	if known == 0 {
		return c, err
	}
	var layout, now int64
	ask("SELECT generation, layout FROM folder_state", &c.generation, &layout)
	ask("PRAGMA schema_version", &now)
	if counts > 0 {
		ask("SELECT commits, committed_at FROM folder_state", &c.commits, when{&c.at})
	}
	if opens > 0 {
		ask("SELECT open FROM folder_state", &c.open)
	}
	c.known, c.copied = c.generation != "", layout != now
	return c, err
}

// withoutLog reads the file without its log. That can fail for a sound database, because
// a crash can have interrupted a checkpoint. Then the contents are unknown.
func (s *Store) withoutLog(ctx context.Context) (c contents, err error) {
	db, err := s.engine.inspectAlone(s.file)
	if err != nil {
		return contents{}, err
	}
	defer db.Close()
	if c, err = s.contents(ctx, db); err != nil {
		return contents{}, ctx.Err()
	}
	return c, nil
}

func (s *Store) soundWithoutLog(ctx context.Context) bool {
	db, err := s.engine.inspectAlone(s.file)
	if err != nil {
		return false
	}
	defer db.Close()
	said, err := s.quickCheck(ctx, db)
	return err == nil && said == "ok"
}

// compare compares the database with the note of the previous process. alone are the
// contents of the file without its log.
func (s *Store) compare(ctx context.Context, db *sql.DB, n note, alone contents, hasLog bool) error {
	whole, err := s.contents(ctx, db)
	if err != nil {
		if s.opts.Damaged && whole.ours && s.engine.isDamaged(err) {
			return nil
		}
		return err
	}
	// Every commit writes the generation again, so a log has that of its database.
	// They differ after a crash in the middle of mark, and then the note names the next.
	if hasLog && n.counted && n.generation != "" && alone.known && alone.generation != whole.generation && (n.next == "" || whole.generation != n.next) {
		return &StrayLogError{s.file}
	}
	if whole.empty {
		return checkNew(s.file, n)
	}
	if !whole.ours {
		return &ForeignError{s.file}
	}
	// Somebody has removed the lock file and the log, or has copied only the file while a process used it.
	if !n.known && !hasLog && whole.open && !whole.copied {
		lost := Lost{After: whole.at}
		if !s.opts.WithoutLog {
			return &LostWritesError{s.file, LogMissing, lost}
		}
		s.lost = &lost
	}
	same := !whole.copied && n.knows(whole.generation)
	if lost, ok := n.lostSince(whole.progress); ok {
		switch {
		case whole.copied:
			s.opts.Logger.Warn("the database is a backup; later commits of this folder are not in it", "file", s.file, "missing", lost.String())
		case !n.counted && !same:
		case s.opts.WithoutLog:
			s.lost = &lost
		default:
			return &LostWritesError{s.file, lossReason(n, same, hasLog), lost}
		}
	}
	if same && n.closed && s.lost == nil {
		return nil
	}
	err = s.checkFile(ctx, db)
	s.sound = err == nil
	if err != nil && s.opts.Damaged && s.engine.isDamaged(err) {
		return nil
	}
	return err
}

func lossReason(n note, same, hasLog bool) LossReason {
	switch {
	case n.closed || !same:
		return OlderCopy
	case hasLog:
		return LogDamaged
	default:
		return LogMissing
	}
}

// checkFile lets the engine check every page.
func (s *Store) checkFile(ctx context.Context, db *sql.DB) error {
	began := time.Now()
	took := func() string { return time.Since(began).Round(time.Millisecond).String() }
	s.opts.Logger.Info("checking every page of the database", "file", s.file, "bytes", fileSize(s.file))
	said, err := tellingOn(func() {
		s.opts.Logger.Info("still checking every page of the database", "file", s.file, "since", took())
	},
		func() (string, error) { return s.quickCheck(ctx, db) })
	if err != nil {
		return err
	}
	if said != "ok" {
		return &DamagedError{s.file, said}
	}
	s.opts.Logger.Info("the database is sound", "took", took())
	return nil
}

// tellEvery is the time between two lines of the log about work that takes long.
var tellEvery = 15 * time.Second // tests make it shorter

// tellingOn runs a check that reports no progress, and calls tell from time to time.
func tellingOn(tell func(), check func() (string, error)) (string, error) {
	every := time.NewTicker(tellEvery)
	ended, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		for {
			select {
			case <-every.C:
				tell()
			case <-ended:
				return
			}
		}
	}()
	said, err := check()
	every.Stop()
	close(ended)
	<-told
	return said, err
}

// quickCheck returns "ok" or the first of the engine's findings.
func (s *Store) quickCheck(ctx context.Context, db *sql.DB) (said string, err error) {
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return "", fmt.Errorf("store: check %s: %w", s.file, err)
	}
	return said, nil
}

// mark writes a new generation into the database file and the lock file. The generation
// must be in the file itself, not only in the log, so that it can be read without the log.
// During the write the note has both generations.
//
// If messages that the note of the previous process names are missing, their ids are not
// given out again: a client that has them would miss the new messages, or withdraw another
// one than its own.
func (s *Store) mark(before note) error {
	t := &tx{conn: s.writer, cache: newCache()}
	n := note{known: true, counted: true, next: rand.Text()}
	if err := t.row([]any{&n.generation, &n.commits, when{&n.at}}, "SELECT generation, commits, committed_at FROM folder_state"); err != nil {
		return err
	}
	if !before.known && n.generation != "" {
		s.opts.Logger.Warn("the database is a copy without its lock file; ids of messages that are not in it can be given out again", "file", s.file)
	}
	err := t.keepIDs(before.last)
	if err != nil {
		return err
	}
	if n.last, err = t.lastMessage(); err != nil {
		return err
	}
	whole, err := s.foldLog()
	if err != nil {
		return err
	}
	if !whole {
		n.generation = ""
	}
	if err := s.lock.keep(n); err != nil {
		return err
	}
	if _, err := s.writer.exec("UPDATE folder_state SET generation = ?, open = 1, layout = (SELECT schema_version FROM pragma_schema_version)", n.next); err != nil {
		return err
	}
	if whole, err = s.foldLog(); err != nil {
		return err
	}
	n.generation, n.next = n.next, ""
	if !whole {
		n.generation, n.next = "", n.generation
	}
	s.note = n
	return s.lock.keep(n)
}

// foldLog moves the log into the database file. It reports whether the file is complete;
// a program that reads an old state of the file prevents that.
func (s *Store) foldLog() (whole bool, err error) {
	err = s.writer.query(func(scan scanFunc) error {
		var busy, log, moved int64
		err := scan(&busy, &log, &moved)
		whole = busy == 0 && log == moved
		return err
	}, s.engine.checkpoint())
	return whole, err
}

// count raises the number of commits. It belongs to the transaction that is
// committed next.
func (s *Store) count(at time.Time) error {
	_, err := s.writer.exec("UPDATE folder_state SET commits = commits + 1, committed_at = ?", millis(at))
	return err
}

// noteCommit is called by the writing goroutine after a commit that was counted,
// before the commit is acknowledged.
func (s *Store) noteCommit(at time.Time) {
	s.note.commits++
	s.note.at = at
	if last, ok := s.cache.last.get(struct{}{}); ok {
		s.note.last = last
	}
	s.health.noted(s.lock.write(s.note))
}

// closeFile writes into the database that it is closed. It is the last write.
func (s *Store) closeFile() error {
	if !s.note.known {
		return nil
	}
	_, err := s.writer.exec("UPDATE folder_state SET open = 0")
	return err
}

// noteClosed notes that the store was closed. It is the last step of Close.
func (s *Store) noteClosed() error {
	if !s.note.known {
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
