package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// Recovered is the outcome of [Recover] for one table.
type Recovered struct {
	Table   string
	Rows    int64
	Scanned int64  // of these, the rows that only a search of all pages has found
	Lost    int64  // rows that are known to be lost; there can be more of them
	Damage  string // the error where rows could not be read; empty: all were
}

// Recovery is the outcome of [Recover].
type Recovery struct {
	Tables []Recovered
	Mended []string // sentences about rows that replace lost ones
	Report Report   // of the recount of the new database
}

// OK reports whether every row was read and the recount has no difference.
func (r *Recovery) OK() bool {
	return r.Report.OK() && !slices.ContainsFunc(r.Tables, func(t Recovered) bool { return t.Damage != "" })
}

// Recover copies every row that can be read from the database at the first path
// into a new database at the second path, which must not exist. It does not change the
// first one. It does not copy the index for searching, which is rebuilt when the new
// database is opened.
//
// The rows of a damaged page are lost. Pages that only a damaged page refers to are found
// by a search of the whole file. Rows that other rows need are then replaced, and all counts
// are computed again; see [mending]. At the end Recover verifies the new database.
//
// progress gets what is done of the tables, of the pages that are searched for the rows of one
// table, and of the verification.
func Recover(ctx context.Context, from, to string, progress func(step string, done, total int64)) (done Recovery, err error) {
	r := &recovery{ctx: ctx, engine: sqliteEngine{}, progress: progress}
	source, err := fileOf(from)
	if err != nil {
		return done, err
	}
	target, err := prepareFolder(to)
	if err != nil {
		return done, err
	}
	if fileSize(target) > 0 {
		return done, fmt.Errorf("store: %s exists; recover into a new folder", target)
	}
	lock, before, err := lockFolder(source)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	if r.from, err = r.engine.inspect(source, true); err != nil {
		return done, err
	}
	defer r.from.Close()
	defer func() {
		if r.to != nil {
			err = errors.Join(err, r.to.Close())
		}
		if err != nil {
			for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
				_ = os.Remove(target + suffix)
			}
		}
	}()
	if err := r.create(target); err != nil {
		return done, err
	}
	if done.Tables, err = r.tables(); err != nil {
		return done, err
	}
	m, err := newMigrations(ctx, r.engine, r.to)
	if err == nil {
		err = m.up(ctx, nil)
	}
	if err != nil {
		return done, fmt.Errorf("store: %w", err)
	}
	if done.Mended, err = r.mend(done.Tables, before); err != nil {
		return done, err
	}
	err = r.to.Close()
	if r.to = nil; err != nil {
		return done, fmt.Errorf("store: %w", err)
	}
	done.Report, err = recount(ctx, target, func(done, total int64) { progress("verify", done, total) })
	return done, err
}

// recount opens a recovered database and verifies it.
func recount(ctx context.Context, file string, progress func(done, total int64)) (r Report, err error) {
	s, err := Open(ctx, Options{Path: file, Readers: 1})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Indexed(ctx); err != nil {
		return r, err
	}
	return VerifyWith(ctx, s, progress)
}

type recovery struct {
	ctx      context.Context
	engine   engine
	from, to *sql.DB
	pages    *pageScan // nil: not needed so far
	progress func(step string, done, total int64)
}

// create makes the tables in the version of the source, so that the next start migrates
// the rows.
func (r *recovery) create(target string) (err error) {
	if _, err := prepareFile(target, note{}); err != nil {
		return err
	}
	write, read, err := r.engine.open(target, Options{}.withDefaults())
	if err != nil {
		return err
	}
	r.to = write
	if err := read.Close(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	m, err := newMigrations(r.ctx, r.engine, r.to)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	version := m.target
	if err := r.from.QueryRowContext(r.ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil && !r.engine.isDamaged(err) {
		return fmt.Errorf("store: %w", err)
	}
	if version > m.target {
		return ErrNewer
	}
	if _, err = m.provider.UpTo(r.ctx, version); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	// Rows that a copied row refers to may be lost, or come later.
	if _, err = r.to.ExecContext(r.ctx, "PRAGMA foreign_keys = 0"); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

func (r *recovery) tables() (all []Recovered, err error) {
	names, err := column(r.ctx, r.to, `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_index%' AND name NOT IN ('goose_db_version', 'search_state', 'search_word') ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		r.progress("tables", int64(i), int64(len(names)))
		done, err := r.table(name)
		if err != nil {
			return nil, fmt.Errorf("store: recover %s: %w", name, err)
		}
		all = append(all, done)
	}
	r.progress("tables", 1, 1)
	return all, nil
}

// table copies one table.
func (r *recovery) table(name string) (done Recovered, err error) {
	done.Table = name
	columns, err := column(r.ctx, r.to, "SELECT name FROM pragma_table_info('"+name+"')")
	if err != nil {
		return done, err
	}
	key, err := column(r.ctx, r.to, "SELECT name FROM pragma_table_info('"+name+"') WHERE pk > 0 ORDER BY pk")
	if err != nil {
		return done, err
	}
	var numbered bool // a table without row numbers has the text below
	if err := r.to.QueryRowContext(r.ctx, "SELECT sql NOT LIKE '%WITHOUT ROWID%' FROM sqlite_schema WHERE name = ?", name).Scan(&numbered); err != nil {
		return done, err
	}
	tx, err := r.to.BeginTx(r.ctx, nil)
	if err != nil {
		return done, err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	defaults, err := r.defaults(tx, name)
	if err != nil {
		return done, err
	}
	c := &copying{recovery: r, tx: tx, table: name, columns: columns, done: &done}
	if numbered {
		err = c.numbered()
	} else {
		err = c.ordered(key)
	}
	if err == nil && done.Damage != "" {
		err = c.scan(numbered)
	}
	if err != nil {
		return done, err
	}
	if defaults != nil && done.Rows == 0 {
		if done.Damage == "" {
			done.Damage = "the row is missing"
		}
		if err := defaults(); err != nil {
			return done, err
		}
	}
	return done, tx.Commit()
}

// defaults removes the rows that the migrations have inserted into a table. It returns a
// function that puts them back, for a table of state whose row cannot be read; nil if there
// are none.
func (r *recovery) defaults(tx *sql.Tx, table string) (restore func() error, err error) {
	var n int64
	if err := tx.QueryRowContext(r.ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n == 0 {
		return nil, err
	}
	for _, statement := range []string{"DROP TABLE IF EXISTS temp.default_row", "CREATE TEMP TABLE default_row AS SELECT * FROM main." + table, "DELETE FROM main." + table} {
		if _, err := tx.ExecContext(r.ctx, statement); err != nil {
			return nil, err
		}
	}
	return func() error {
		_, err := tx.ExecContext(r.ctx, "INSERT INTO main."+table+" SELECT * FROM temp.default_row")
		return err
	}, nil
}

// copying is the copy of one table.
type copying struct {
	*recovery
	tx      *sql.Tx
	table   string
	columns []string
	done    *Recovered
}

// numbered reads on behind a damaged page from the next row that can be read.
func (c *copying) numbered() error {
	for after := int64(math.MinInt64); ; {
		last, err := c.copy("rowid, ", "WHERE rowid > ? ORDER BY rowid", after)
		if last != nil {
			after = last.(int64)
		}
		if err == nil || !c.damaged(err) {
			return err
		}
		next, ok := skipDamage(max(after, 0), func(from int64) bool {
			var id int64
			err := c.from.QueryRowContext(c.ctx, "SELECT rowid FROM "+c.table+" WHERE rowid > ? ORDER BY rowid LIMIT 1", from).Scan(&id)
			return err == nil || errors.Is(err, sql.ErrNoRows) || c.ctx.Err() != nil
		})
		if !ok || c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		after = next
	}
}

// ordered reads from both ends up to the damage.
func (c *copying) ordered(key []string) error {
	_, err := c.copy("", "ORDER BY "+strings.Join(key, ", "))
	if err == nil || !c.damaged(err) {
		return err
	}
	_, err = c.copy("", "ORDER BY "+strings.Join(key, " DESC, ")+" DESC")
	if err != nil && c.damaged(err) {
		err = nil
	}
	return err
}

// damaged reports whether the source could not be read, and takes note of it.
func (c *copying) damaged(err error) bool {
	if !c.engine.isDamaged(err) {
		return false
	}
	c.done.Damage = err.Error()
	return true
}

// copy copies the rows of a query, whose result begins with the expression first. It
// returns the first value of the last row that was read, even if it fails.
func (c *copying) copy(first, rest string, args ...any) (last any, err error) {
	names := strings.Join(c.columns, ", ")
	known, err := column(c.ctx, c.from, "SELECT name FROM pragma_table_info('"+c.table+"')")
	if err != nil {
		return nil, err
	}
	if !slices.Equal(known, c.columns) {
		return nil, fmt.Errorf("the columns of the table are %v, want %v", known, c.columns)
	}
	rows, err := c.from.QueryContext(c.ctx, "SELECT "+first+names+" FROM "+c.table+" NOT INDEXED "+rest, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	insert, err := c.tx.PrepareContext(c.ctx, "INSERT OR IGNORE INTO "+c.table+" ("+names+") VALUES (?"+strings.Repeat(", ?", len(c.columns)-1)+")")
	if err != nil {
		return nil, err
	}
	defer insert.Close()
	values, dest := make([]any, len(c.columns)), []any{}
	if first != "" {
		dest = append(dest, &last)
	}
	for i := range values {
		dest = append(dest, &values[i])
	}
	blobs, err := c.blobs()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return last, err
		}
		for i := range values {
			if b, ok := values[i].([]byte); blobs[i] && (ok || values[i] == nil) && len(b) == 0 {
				values[i] = []byte{} // the driver returns nil for bytes of length 0
			}
		}
		result, err := insert.ExecContext(c.ctx, values...)
		if err != nil {
			// A row that the table does not take was damaged in itself.
			c.done.Damage = err.Error()
			continue
		}
		n, err := result.RowsAffected()
		if err != nil {
			return last, err
		}
		if n == 0 && c.done.Damage == "" {
			// The table has a row with the same key, or a value is missing.
			c.done.Damage = "a row contradicts the others"
		}
		c.done.Rows += n
	}
	return last, rows.Err()
}

// blobs returns which columns have bytes and cannot be NULL.
func (c *copying) blobs() (blobs []bool, err error) {
	rows, err := c.tx.QueryContext(c.ctx, "SELECT type = 'BLOB' AND \"notnull\" FROM pragma_table_info(?) ORDER BY cid", c.table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b bool
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		blobs = append(blobs, b)
	}
	return blobs, rows.Err()
}

// queryer is a pool, a connection or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// column reads a query of one text.
func column(ctx context.Context, db queryer, query string) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}
