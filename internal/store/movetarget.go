package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// target is the database that a move or a recovery fills.
type target struct {
	engine engine
	state  *moveState // of a move; nil: the database is empty, or to be emptied
	file   string
	lock   *folderLock // nil on a server
	health *health
	pool   *sql.DB
	conn   *conn // holds a server's database
}

// openTarget opens and holds a database that is empty or an unfinished target. It creates a
// folder and a file where they are missing. With restart it ignores what an unfinished target has.
func openTarget(ctx context.Context, o Options, restart bool) (_ *target, err error) {
	t := &target{engine: sqliteEngine{}}
	defer func() {
		if err != nil {
			_ = t.close()
		}
	}()
	if o.Database != "" {
		t.engine = postgresEngine{}
		t.file, err = databaseName(o.Database)
	} else {
		err = t.openFolder(ctx, o.Path, restart)
	}
	if err != nil {
		return nil, err
	}
	write, read, err := t.engine.open(t.file, o)
	if err != nil {
		return nil, err
	}
	t.pool = write
	if err := read.Close(); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	t.health = &health{log: o.Logger, file: t.file}
	if err := t.connect(ctx); err != nil {
		return nil, err
	}
	if !t.engine.isServer() {
		return t, nil
	}
	if err := claimSoon(ctx, (&Store{}).claim, t.conn); err != nil {
		return nil, err
	}
	if err := checkEmpty(ctx, t.engine, t.conn.db); err != nil {
		return nil, err
	}
	if !restart {
		t.state, err = readMoveState(ctx, t.engine, t.conn.db, t.pool)
	}
	return t, err
}

// claimPatience is how long a server may take to end a connection that was closed.
var claimPatience = 10 * time.Second // tests make it shorter

// claimSoon claims a database that this program, or a move that was interrupted, had claimed
// a moment ago.
func claimSoon(ctx context.Context, claim func(*conn) error, c *conn) error {
	for end := time.Now().Add(claimPatience); ; {
		err := claim(c)
		if !errors.Is(err, ErrInUse) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// openFolder holds a folder and makes a new file in it, also in place of one without rows. It keeps the file of a
// move that can go on. The folder may have the files of a server, such as upload.key.
func (t *target) openFolder(ctx context.Context, path string, restart bool) (err error) {
	if t.file, err = prepareFolder(path); err != nil {
		return err
	}
	if t.lock, _, err = lockFolder(t.file); err != nil {
		return err
	}
	log := t.file + "-wal"
	switch {
	case fileSize(t.file) > 0:
		if err := checkHeader(t.file); err != nil {
			return err
		}
		db, err := t.engine.inspect(t.file, false)
		if err != nil {
			return err
		}
		err = checkEmpty(ctx, t.engine, db)
		if err == nil && !restart {
			t.state, err = readMoveState(ctx, t.engine, db, db)
		}
		if err = errors.Join(err, db.Close()); err != nil {
			return err
		}
	case fileSize(log) > 0:
		return &LostError{t.file, filepath.Base(log)}
	}
	if t.state != nil {
		return nil
	}
	for _, name := range []string{t.file, log, t.file + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("store: %w", err)
		}
	}
	// The note describes the removed file.
	if err := errors.Join(t.lock.f.Truncate(0), t.lock.write(note{})); err != nil {
		return fmt.Errorf("store: lock file: %w", err)
	}
	f, err := os.OpenFile(t.file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("store: data folder %s is not writable: %w", filepath.Dir(t.file), err)
	}
	return f.Close()
}

// prepare marks a database as unfinished and makes its tables, unless an interrupted move has done so.
func (t *target) prepare(ctx context.Context) error {
	if t.state != nil {
		return nil
	}
	if err := t.mark(ctx, ""); err != nil { // without a state, an interrupted move begins again
		return err
	}
	if !t.engine.isServer() { // a file has one connection, which the migration needs
		if err := t.conn.close(); err != nil {
			return err
		}
	}
	m, err := newMigrations(ctx, t.engine, t.pool)
	if err != nil {
		return err
	}
	if err := m.up(ctx, nil); err != nil { // the database is held already
		return err
	}
	if t.engine.isServer() {
		return nil
	}
	return t.connect(ctx)
}

// connect opens the connection that writes.
func (t *target) connect(ctx context.Context) (err error) {
	t.conn, err = newConn(ctx, t.engine, t.health, t.pool, false)
	return err
}

// commit runs fn in a transaction without a time limit.
func (t *target) commit(ctx context.Context, fn func() error) (err error) {
	if err := t.do(ctx, t.engine.begin(false)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = t.conn.db.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	if err := t.do(ctx, t.engine.unhurried()...); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return t.do(ctx, "COMMIT")
}

// do runs statements without a time limit.
func (t *target) do(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := t.conn.db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}

func (t *target) close() (err error) {
	if t.conn != nil {
		err = errors.Join(err, ignoreDone(t.conn.close()))
	}
	if t.pool != nil {
		err = errors.Join(err, t.pool.Close())
	}
	if t.lock != nil {
		err = errors.Join(err, t.lock.release())
	}
	return err
}

// ignoreDone drops the error of a connection that is already closed.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}
