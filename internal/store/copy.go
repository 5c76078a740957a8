package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"parley/internal/chat"
)

// CopyTo writes the database, as it is in one moment, into a new SQLite file that nobody else
// can read. Every commit that was acknowledged before the call is in the copy; others can
// write meanwhile. progress gets what is done of a total.
func (s *Store) CopyTo(ctx context.Context, file string, progress func(done, total int64)) error {
	copyTo := s.copyFile
	if s.engine.isServer() {
		copyTo = s.copyRows
	}
	if err := copyTo(ctx, file, progress); err != nil {
		if ctx.Err() != nil {
			return ctx.Err() // a statement that was interrupted says so in many ways
		}
		return err
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	return errors.Join(f.Sync(), f.Close()) // neither VACUUM INTO nor a closed database is on the disk for certain
}

// copyFile copies an SQLite database. The connection is one more that reads, so that nothing
// waits for it.
func (s *Store) copyFile(ctx context.Context, file string, progress func(done, total int64)) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // VACUUM INTO makes one that others can read
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	db, err := openSQLite(s.file, url.Values{"_pragma": {"busy_timeout(30000)", "mmap_size(0)", "auto_vacuum(2)"}})
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	watched, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		watchSize(watched, file, fileSize(s.file), progress)
	}()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	stop()
	<-done
	if err != nil {
		return fmt.Errorf("store: copy: %w", err)
	}
	progress(1, 1)
	return nil
}

// watchSize tells how large a file has become, until ctx ends.
func watchSize(ctx context.Context, file string, total int64, progress func(done, total int64)) {
	every := time.NewTicker(time.Second / 4)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			if size := fileSize(file); size < total {
				progress(size, total)
			}
		case <-ctx.Done():
			return
		}
	}
}

// copyRows copies the rows of a database on a server, as a move does.
func (s *Store) copyRows(ctx context.Context, file string, progress func(done, total int64)) error {
	if s.version > s.target {
		return ErrNewer // it has tables or columns that would not be copied
	}
	t, err := openTarget(ctx, Options{Path: file}.withDefaults(), true)
	if err != nil {
		return err
	}
	_, _, err = fill(ctx, s, t, func(step MoveStep, done, total int64) {
		if step == StepCopy {
			progress(done, total)
		}
	})
	if err != nil {
		return err
	}
	// A single file without a log, like one that VACUUM INTO has made.
	db, err := openSQLite(file, url.Values{"_pragma": {"busy_timeout(30000)"}})
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, statement := range []string{"DROP TABLE " + unfinishedTable, "PRAGMA journal_mode = DELETE"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return errors.Join(fmt.Errorf("store: copy: %w", err), db.Close())
		}
	}
	return errors.Join(db.Close(), os.Remove(file+".lock"))
}

// Copy is a file that [Store.CopyTo] has made. Its methods change nothing.
type Copy struct{ file string }

// OpenCopy returns the copy in the file.
func OpenCopy(file string) Copy { return Copy{file} }

func (c Copy) view(ctx context.Context, fn func(*tx) error) (err error) {
	db, err := sqliteEngine{}.inspectAlone(c.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return viewOn(ctx, sqliteEngine{}, &health{log: slog.New(slog.DiscardHandler), file: c.file}, db, fn)
}

// Verify is [VerifyWith] for the copy.
func (c Copy) Verify(ctx context.Context, progress func(done, total int64)) (Report, error) {
	return verify(ctx, c.view, progress)
}

// MessageFiles is [MessageFiles] for the copy.
func (c Copy) MessageFiles(ctx context.Context, each func(id chat.MessageID, file []byte) error) error {
	return messageFiles(ctx, c.view, each)
}

// State describes the copy.
func (c Copy) State(ctx context.Context) (s CopyState, err error) {
	err = c.view(ctx, func(t *tx) error {
		return t.row([]any{&s.Version, &s.LastMessage, when{&s.LastAt}}, `SELECT (SELECT max(version_id) FROM goose_db_version WHERE is_applied),
			(SELECT COALESCE(max(id), 0) FROM message), (SELECT COALESCE(max(at), 0) FROM message)`)
	})
	return s, err
}

// CopyState describes a copy of a database.
type CopyState struct {
	Version     int64 // of the tables
	LastMessage chat.MessageID
	LastAt      time.Time // of that message
}

// Hold locks a file for this process, and makes it if it is missing. held is false if another
// process has it. The system lets go of it when the process ends, however it does.
func Hold(name string) (release func() error, held bool, err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("store: %w", err)
	}
	switch err := lockFile(f); {
	case errors.Is(err, errLocked):
		return nil, false, f.Close()
	case err != nil:
		return nil, false, errors.Join(fmt.Errorf("store: lock %s: %w", name, err), f.Close())
	}
	return f.Close, true, nil
}

// LockName is the name of the lock file beside a database file.
func LockName(folder string) string { return filepath.Join(folder, "parley.db.lock") }

// BackupState is what is known of the backups of a database.
type BackupState struct {
	Began       time.Time     // the latest one that is complete and has no differences; zero: none
	Took        time.Duration //
	Bytes       int64         // of everything in it
	Folder      string
	Failed      time.Time // the latest one after that which failed, or has differences; zero: none
	Failure     string    // in English, for an operator
	FailureCode string    // its kind; empty: unknown
	Differences int       // in the latest one that is complete
	Until       time.Time // a running one has said that it runs at least so long; zero: none runs
}

// BackupState returns what is known of backups.
func (s *Store) BackupState(ctx context.Context) (b BackupState, err error) {
	err = s.view(ctx, func(t *tx) error {
		var took int64
		err := t.row([]any{when{&b.Began}, &took, &b.Bytes, &b.Folder, when{&b.Failed}, &b.Failure, &b.FailureCode, &b.Differences, when{&b.Until}},
			"SELECT began, took, bytes, folder, failed, failure, failure_code, differences, running_until FROM backup_state")
		b.Took = time.Duration(took) * time.Millisecond
		return err
	})
	return b, err
}

// BackupRuns notes that a backup runs, at least until a time; zero: it has ended.
func (s *Store) BackupRuns(ctx context.Context, until time.Time) error {
	return s.setBackup(ctx, "running_until = ?", millis(until))
}

// BackupMade notes a complete backup without differences.
func (s *Store) BackupMade(ctx context.Context, b BackupState) error {
	return s.setBackup(ctx, "began = ?, took = ?, bytes = ?, folder = ?, failed = 0, failure = '', failure_code = '', differences = 0, running_until = 0",
		millis(b.Began), b.Took.Milliseconds(), b.Bytes, b.Folder)
}

// BackupFailed notes that a backup has failed.
func (s *Store) BackupFailed(ctx context.Context, at time.Time, code, failure string) error {
	return s.setBackup(ctx, "failed = ?, failure_code = ?, failure = ?, running_until = 0", millis(at), code, failure)
}

// BackupDiffers notes a complete backup in which differences were found.
func (s *Store) BackupDiffers(ctx context.Context, at time.Time, differences int, code, failure string) error {
	return s.setBackup(ctx, "failed = ?, failure_code = ?, failure = ?, differences = ?, running_until = 0", millis(at), code, failure, differences)
}

func (s *Store) setBackup(ctx context.Context, set string, args ...any) error {
	return s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec("UPDATE backup_state SET "+set, args...)
		return err
	})
}
