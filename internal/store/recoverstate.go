package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
)

// recoverState says how far an interrupted recovery has come. Each transaction of the recovery stores it together with
// the rows.
type recoverState struct {
	Source  sourceFile    `json:"recovering"`
	Version int64         `json:"version"` // of the tables of the source
	Target  int64         `json:"target"`  // that this program knows
	Tables  []Recovered   `json:"tables"`  // that are copied
	Now     *recoverPlace `json:"now"`     // in the next one; nil: at its beginning
	Copied  bool          `json:"copied"`  // all tables are
	Mended  []string      `json:"mended"`
	Whole   bool          `json:"whole"` // everything was copied and mended; only the index and the recount are left
}

// recoverPlace is a place in a table.
type recoverPlace struct {
	Recovered
	Phase recoverPhase
	After int64 // the last row number; of a table with row numbers
	Read  int64 // rows that were read in the direction of the phase; of another table
	Page  int   // of the search of all pages: the next one
}

type recoverPhase string

// The phases of a table follow one another.
const (
	recoverForward  recoverPhase = ""
	recoverBackward recoverPhase = "backward" // only of a table without row numbers
	recoverPages    recoverPhase = "pages"
)

// sourceFile identifies a damaged database and its log as they are, without reading them.
type sourceFile struct {
	Name string  `json:"name"`
	File fileAge `json:"file"`
	Log  fileAge `json:"log"`
}

type fileAge struct{ Size, Changed int64 }

// sourceOf describes a database file.
func sourceOf(file string) (s sourceFile, err error) {
	age := func(name string) (a fileAge) {
		info, failed := os.Stat(name)
		switch {
		case failed == nil && info.Size() > 0: // reading the database can make an empty log
			a = fileAge{info.Size(), info.ModTime().UnixNano()}
		case failed != nil && !os.IsNotExist(failed) && err == nil:
			err = fmt.Errorf("store: %w", failed)
		}
		return a
	}
	return sourceFile{Name: file, File: age(file), Log: age(file + "-wal")}, err
}

// sameAs reports whether the files are unchanged. Their folder may have been renamed.
func (s sourceFile) sameAs(o sourceFile) bool { return s.File == o.File && s.Log == o.Log }

// openTarget holds the folder, and opens the database of an interrupted recovery in it, or makes a new one.
func (r *recovery) openTarget(path string) (err error) {
	t := r.target
	if t.file, err = prepareFolder(path); err != nil {
		return err
	}
	if t.lock, _, err = lockFolder(t.file); err != nil {
		return err
	}
	if fileSize(t.file) > 0 {
		if err := r.readState(); err != nil {
			return err
		}
	}
	if r.state == nil {
		if _, err := prepareFile(t.file, note{}); err != nil {
			return err
		}
		r.made = true
	}
	write, read, err := r.engine.open(t.file, Options{}.withDefaults())
	if err != nil {
		return err
	}
	t.pool, t.health = write, &health{log: slog.New(slog.DiscardHandler), file: t.file}
	if err := read.Close(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if r.state == nil {
		return r.create()
	}
	return nil
}

// readState reads how far an interrupted recovery has come. If this version of the program cannot go on with it, or if the
// recovery was killed before it had copied anything, readState removes the database and leaves state nil. It refuses any
// other database.
func (r *recovery) readState() (err error) {
	db, err := r.engine.inspect(r.target.file, false)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := column(r.ctx, db, r.engine.tables())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if len(tables) == 0 {
		return errors.Join(db.Close(), removeDatabase(r.target.file))
	}
	text, err := readUnfinished(r.ctx, r.engine, db)
	if err != nil {
		return err
	}
	var s recoverState
	if text == "" || json.Unmarshal([]byte(text), &s) != nil || s.Source.Name == "" {
		return fmt.Errorf("store: %s exists; recover into a new folder", r.target.file)
	}
	if !s.Source.sameAs(r.source) {
		return &ChangedError{Source: s.Source.Name}
	}
	if s.Target != 0 { // 0: nothing was copied
		m, err := newMigrations(r.ctx, r.engine, db)
		if err != nil {
			return err
		}
		if s.Target == m.target {
			r.state = &s
			return nil
		}
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return removeDatabase(r.target.file)
}

// removeDatabase removes a database and its log.
func removeDatabase(file string) error {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

// create marks the new database, and notes the version of the tables of the source. fill migrates the rows.
func (r *recovery) create() (err error) {
	if err := r.begin(); err != nil {
		return err
	}
	m, err := newMigrations(r.ctx, r.engine, r.target.pool)
	if err != nil {
		return err
	}
	version := m.target
	if err := r.from.QueryRowContext(r.ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil && !r.engine.isDamaged(err) {
		return fmt.Errorf("store: %w", err)
	}
	if version > m.target {
		return ErrNewer
	}
	if err := r.target.connect(r.ctx); err != nil {
		return err
	}
	return errors.Join(r.commit(func() error {
		r.state.Version, r.state.Target = version, m.target
		return nil
	}), r.disconnect())
}

// begin marks the new database.
func (r *recovery) begin() error {
	r.state = &recoverState{Source: r.source}
	text, err := json.Marshal(r.state)
	if err != nil {
		return err
	}
	if err := r.target.connect(r.ctx); err != nil {
		return err
	}
	return errors.Join(r.target.mark(r.ctx, string(text)), r.disconnect())
}

// prepare makes the tables in the version of the source, and connects.
func (r *recovery) prepare() error {
	m, err := newMigrations(r.ctx, r.engine, r.target.pool)
	if err != nil {
		return err
	}
	if m.current < r.state.Version {
		if _, err := m.provider.UpTo(r.ctx, r.state.Version); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return r.connect()
}

// migrate brings the copied rows to the version of this program.
func (r *recovery) migrate() error {
	// The migrations use the pool, which has one connection.
	if err := r.disconnect(); err != nil {
		return err
	}
	if err := unchecked(r.ctx, r.target.pool); err != nil {
		return err
	}
	m, err := newMigrations(r.ctx, r.engine, r.target.pool)
	if err == nil {
		pending, n := int64(len(m.pending())), int64(0)
		err = m.up(r.ctx, func(Migration) {
			r.progress("migrate", n, pending)
			n++
		})
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return r.connect()
}

func (r *recovery) connect() error {
	if err := r.target.connect(r.ctx); err != nil {
		return err
	}
	return unchecked(r.ctx, r.target.conn.db)
}

// unchecked lets rows refer to rows that are lost, or come later.
func unchecked(ctx context.Context, db execer) error {
	if _, err := db.ExecContext(ctx, "PRAGMA foreign_keys = 0"); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func (r *recovery) disconnect() error {
	if r.target.conn == nil {
		return nil
	}
	err := r.target.conn.close()
	r.target.conn = nil
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// commit runs fn in a transaction, which also stores how far the recovery is.
func (r *recovery) commit(fn func() error) error {
	return r.target.commit(r.ctx, func() error {
		if err := fn(); err != nil {
			return err
		}
		return r.target.saveState(r.state)
	})
}

// newPlace is the beginning of a table.
func newPlace(table string) *recoverPlace {
	return &recoverPlace{Recovered: Recovered{Table: table}, After: math.MinInt64}
}
