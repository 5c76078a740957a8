package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// Migration is a step from one version of the tables to the next.
//
// On PostgreSQL, nodes of two versions of the program can run on one database during an
// update. A migration is compatible if the version of the program before it goes on to run, and
// starts, on the tables after it: it adds tables, columns with a default and indexes that the
// version before can ignore, and changes no row that nodes remember. Its file says so in a line
// that begins with "-- compatible:", followed by "yes", or by "no" and the reason.
//
// An incompatible migration needs the database alone. It is refused with [*PendingError] while a
// server or nodes run. The table schema_state has the number of the latest one, so that
// an older program knows whether it can use the tables.
//
// SQLite has one process, so no migration of it needs to be compatible.
type Migration struct {
	Version    int64
	Name       string // of its file
	Compatible bool
	Why        string // it is not
}

// PendingError is returned by [Open] if incompatible migrations are pending and another process
// uses the database.
type PendingError struct{ Migrations []Migration }

// Error names the first one.
func (e *PendingError) Error() string {
	return fmt.Sprintf("store: another process uses the database, and %s must run alone: %s", e.Migrations[0].Name, e.Migrations[0].Why)
}

// Is makes it [ErrInUse].
func (e *PendingError) Is(target error) bool { return target == ErrInUse }

// migrations are those of an engine, and how far a database is.
type migrations struct {
	engine   engine
	db       *sql.DB
	provider *goose.Provider
	all      []Migration // in order

	current, target int64 // versions of the tables: as they are, and the newest
}

func newMigrations(ctx context.Context, e engine, db *sql.DB) (*migrations, error) {
	dialect, files, options := e.migrations()
	p, err := goose.NewProvider(dialect, db, files, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	m := &migrations{engine: e, db: db, provider: p}
	for _, source := range p.ListSources() {
		one := Migration{Version: source.Version, Name: strings.TrimSuffix(source.Path, ".sql")}
		if e.isServer() {
			if one.Compatible, one.Why, err = readCompatible(files, source.Path); err != nil {
				return nil, err
			}
		}
		m.all = append(m.all, one)
	}
	return m, m.look(ctx)
}

// compatibleLine begins the line of a migration that says whether it is compatible.
const compatibleLine = "-- compatible:"

func readCompatible(files fs.FS, name string) (compatible bool, why string, err error) {
	f, err := files.Open(name)
	if err != nil {
		return false, "", fmt.Errorf("migration: %w", err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		said, found := strings.CutPrefix(lines.Text(), compatibleLine)
		if !found {
			continue
		}
		said = strings.TrimSpace(said)
		if said == "yes" {
			return true, "", nil
		}
		if reason, isNo := strings.CutPrefix(said, "no, "); isNo && reason != "" {
			return false, reason, nil
		}
	}
	return false, "", fmt.Errorf("migration %s does not say whether it is compatible, in a line like %q", name, compatibleLine+" no, the reason")
}

// look reads how far the database is.
func (m *migrations) look(ctx context.Context) (err error) {
	if m.current, m.target, err = m.provider.GetVersions(ctx); err != nil {
		return fmt.Errorf("read the version of the tables: %w", err)
	}
	return nil
}

// pending returns the migrations that the database has not had.
func (m *migrations) pending() (pending []Migration) {
	for _, one := range m.all {
		if one.Version > m.current {
			pending = append(pending, one)
		}
	}
	return pending
}

func incompatible(all []Migration) (found []Migration) {
	for _, one := range all {
		if !one.Compatible {
			found = append(found, one)
		}
	}
	return found
}

// up runs all pending migrations; see each. An older program is kept off before the first one that
// is incompatible.
func (m *migrations) up(ctx context.Context, begins func(Migration)) error {
	if err := m.setOldest(ctx); err != nil {
		return err
	}
	if err := m.each(ctx, begins); err != nil {
		return fmt.Errorf("migrate the tables from version %d to %d: %w", m.current, m.target, err)
	}
	return m.setOldest(ctx)
}

// each runs the pending migrations. begins is called before each of them, unless it is nil.
func (m *migrations) each(ctx context.Context, begins func(Migration)) error {
	if begins == nil {
		return m.despiteDeadlocks(func() error { _, err := m.provider.Up(ctx); return err })
	}
	for _, one := range m.pending() {
		begins(one)
		if err := m.despiteDeadlocks(func() error { _, err := m.provider.UpByOne(ctx); return err }); err != nil {
			return err
		}
	}
	return nil
}

// deadlockTries is how often a migration is tried if it is in a deadlock each time.
const deadlockTries = 20

// despiteDeadlocks repeats run while PostgreSQL undoes a migration to end a deadlock: nodes that serve lock tables in another
// order than a migration.
func (m *migrations) despiteDeadlocks(run func() error) (err error) {
	for range deadlockTries {
		if err = run(); err == nil || !m.engine.isDeadlock(err) {
			return err
		}
	}
	return err
}

// setOldest notes which version a program must know at least to use the tables.
func (m *migrations) setOldest(ctx context.Context) error {
	if !m.engine.isServer() {
		return nil
	}
	if exists, err := m.hasState(ctx); err != nil || !exists {
		return err
	}
	var oldest int64
	for _, one := range incompatible(m.all) {
		oldest = one.Version
	}
	if _, err := m.db.ExecContext(ctx, "UPDATE schema_state SET oldest = $1 WHERE oldest < $1", oldest); err != nil {
		return fmt.Errorf("note which versions can use the tables: %w", err)
	}
	return nil
}

func (m *migrations) hasState(ctx context.Context) (exists bool, err error) {
	if err = m.db.QueryRowContext(ctx, "SELECT to_regclass('schema_state') IS NOT NULL").Scan(&exists); err != nil {
		return false, fmt.Errorf("look for the table schema_state: %w", err)
	}
	return exists, nil
}

// checkNewer returns [ErrNewer] if the tables are newer than this program and it cannot use them.
func (m *migrations) checkNewer(ctx context.Context) error {
	oldest := m.current
	if m.engine.isServer() {
		exists, err := m.hasState(ctx)
		if err != nil {
			return err
		}
		if exists {
			if err := m.db.QueryRowContext(ctx, "SELECT oldest FROM schema_state").Scan(&oldest); err != nil {
				return fmt.Errorf("read which versions can use the tables: %w", err)
			}
		}
	}
	if oldest > m.target {
		return fmt.Errorf("%w: its tables have version %d, this program knows up to %d", ErrNewer, m.current, m.target)
	}
	return nil
}

// migrate brings the tables up to date. If it must be alone, it waits for a process that has just
// been stopped, and for another one that migrates.
func (s *Store) migrate(ctx context.Context) error {
	m, err := newMigrations(ctx, s.engine, s.writeDB)
	if err != nil {
		return err
	}
	for end := time.Now().Add(claimPatience); ; {
		s.version, s.target = m.current, m.target
		pending := m.pending()
		switch {
		case m.current > m.target:
			err := m.checkNewer(ctx)
			if err == nil {
				s.opts.Logger.Info("the tables are of a newer version, which this version can use", "version", m.current, "known", m.target)
			}
			return err
		case len(pending) == 0:
			return nil
		}
		err := s.migrateAs(ctx, m, pending)
		if !errors.Is(err, ErrInUse) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := m.look(ctx); err != nil {
			return err
		}
	}
}

// migrateAs runs the pending migrations, with the database claimed if that is necessary.
func (s *Store) migrateAs(ctx context.Context, m *migrations, pending []Migration) (err error) {
	if alone := incompatible(pending); s.engine.isServer() && len(alone) > 0 {
		c, err := s.writeDB.Conn(ctx)
		if err != nil {
			return fmt.Errorf("connect to migrate: %w", err)
		}
		defer c.Close()
		var free bool
		if err := c.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", claimNumber).Scan(&free); err != nil {
			return fmt.Errorf("claim the database to migrate: %w", err)
		}
		if !free {
			return &PendingError{alone}
		}
		defer func() {
			_, unlock := c.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", claimNumber)
			err = errors.Join(err, unlock)
		}()
	}
	if err := m.up(ctx, s.begins(m, int64(len(pending)))); err != nil {
		return err
	}
	s.version, s.migrated = m.target, pending
	if m.current > 0 { // not for a new database
		s.opts.Logger.Info("the tables were migrated", "from", m.current, "to", m.target)
	}
	return nil
}

// begins logs each migration of a database that is not new, because one can take minutes. An interruption undoes the migration
// that runs; the next start repeats it.
func (s *Store) begins(m *migrations, pending int64) func(Migration) {
	if m.current == 0 {
		return s.opts.Migrating
	}
	n := int64(0)
	return func(one Migration) {
		n++
		s.opts.Logger.Info("migrating the tables", "migration", one.Name, "number", n, "of", pending)
		if s.opts.Migrating != nil {
			s.opts.Migrating(one)
		}
	}
}

// Migrated is the outcome of [Migrate].
type Migrated struct {
	Version int64       // of the tables
	Run     []Migration // that were pending
	Lost    *Lost       // with [Options.WithoutLog]: the lost commits; nil: there are none
}

// Migrate brings the database to the current version. It has the errors of [Open].
func Migrate(ctx context.Context, o Options) (done Migrated, err error) {
	o.Readers, o.passive = 1, true
	s, err := Open(ctx, o)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return Migrated{s.version, s.migrated, s.lost}, nil
}

// Pending returns the version of the tables and the migrations that [Open] would run. It changes
// nothing, and a server may run meanwhile. The database must exist.
func Pending(ctx context.Context, o Options) (version int64, pending []Migration, err error) {
	o = o.withDefaults()
	var e engine = sqliteEngine{}
	var db *sql.DB
	if o.Database != "" {
		e = postgresEngine{}
		var read *sql.DB
		if db, read, err = e.open("", o); err == nil {
			err = read.Close()
		}
	} else {
		var file string
		if file, err = prepareFolder(o.Path); err == nil {
			db, err = e.inspect(file, true)
		}
	}
	if db != nil {
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	if err != nil {
		return 0, nil, err
	}
	m, err := newMigrations(ctx, e, db)
	if err != nil {
		return 0, nil, err
	}
	if m.current > m.target {
		err = m.checkNewer(ctx)
	}
	return m.current, m.pending(), err
}
