package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"parley/internal/chat"
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
// first one. It does not copy the index for searching, but builds it anew.
//
// The rows of a damaged page are lost. Pages that only a damaged page refers to are found
// by a search of the whole file. Rows that other rows need are then replaced, and all counts
// are computed again; see [mending]. At the end Recover verifies the new database.
//
// The new database has a mark until then: [Open] refuses it with [ErrUnfinished]. A later Recover goes on where an
// interrupted one was, or is refused with [*ChangedError].
//
// progress gets what is done of the tables, of the rows of a large table, of the pages that are searched for the rows of one
// table, of the index, and of the verification.
func Recover(ctx context.Context, from, to string, progress func(step string, done, total int64)) (done Recovery, err error) {
	r := &recovery{ctx: ctx, engine: sqliteEngine{}, target: &target{engine: sqliteEngine{}}, progress: progress}
	source, err := fileOf(from)
	if err != nil {
		return done, err
	}
	lock, before, err := lockFolder(source)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	if r.source, err = sourceOf(source); err != nil {
		return done, err
	}
	if r.from, err = r.engine.inspect(source, true); err != nil {
		return done, err
	}
	defer r.from.Close()
	if err := r.fill(to, before); err != nil {
		return done, err
	}
	done.Tables, done.Mended = r.state.Tables, r.state.Mended
	done.Report, err = r.finish()
	return done, err
}

// fill copies and mends the rows, or the rest of them.
func (r *recovery) fill(to string, before note) (err error) {
	defer func() {
		err = errors.Join(err, r.target.close())
		if err != nil && r.made && (r.state == nil || r.state.Target == 0) { // the next one can only begin again
			err = errors.Join(err, removeDatabase(r.target.file))
		}
	}()
	if err := r.openTarget(to); err != nil || r.state.Whole {
		return err
	}
	if err := r.prepare(); err != nil {
		return err
	}
	if !r.state.Copied {
		if err := r.tables(); err != nil {
			return err
		}
	}
	if err := r.migrate(); err != nil {
		return err
	}
	return r.mend(before)
}

// finish opens the recovered database, builds the index, verifies, and removes the mark.
func (r *recovery) finish() (report Report, err error) {
	s, err := Open(r.ctx, Options{Path: r.target.file, Readers: 1, moving: true})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.indexedWith(r.ctx, func(done, total int64) { r.progress("search index", done, total) }); err != nil {
		return report, err
	}
	if report, err = VerifyWith(r.ctx, s, func(done, total int64) { r.progress("verify", done, total) }); err != nil {
		return report, err
	}
	return report, s.Update(r.ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec("DROP TABLE " + unfinishedTable)
		return err
	})
}

type recovery struct {
	ctx      context.Context
	engine   engine
	source   sourceFile
	from     *sql.DB
	target   *target
	state    *recoverState // nil: there is none yet
	made     bool          // the file of the target is of this run
	pages    *pageScan     // nil: not needed so far
	progress func(step string, done, total int64)
}

func (r *recovery) tables() error {
	names, err := column(r.ctx, r.target.conn.db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
		AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'message_index%' AND name NOT IN ('goose_db_version', 'search_state', 'search_word', '`+unfinishedTable+`') ORDER BY name`)
	if err != nil {
		return err
	}
	for i, name := range names {
		if i < len(r.state.Tables) {
			continue
		}
		r.progress("tables", int64(i), int64(len(names)))
		if err := r.table(name); err != nil {
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			return fmt.Errorf("store: recover %s: %w", name, err)
		}
	}
	r.progress("tables", 1, 1)
	return r.commit(func() error {
		r.state.Copied = true
		return nil
	})
}

// table copies one table, or the rest of it. A table in which the migrations have made rows has only a few: it is copied in
// one transaction.
func (r *recovery) table(name string) (err error) {
	db := r.target.conn.db
	columns, err := column(r.ctx, db, "SELECT name FROM pragma_table_info('"+name+"')")
	if err != nil {
		return err
	}
	key, err := column(r.ctx, db, "SELECT name FROM pragma_table_info('"+name+"') WHERE pk > 0 ORDER BY pk")
	if err != nil {
		return err
	}
	c := &copying{recovery: r, db: db, table: name, columns: columns, place: r.state.Now}
	// A table without row numbers has the text below.
	if err := db.QueryRowContext(r.ctx, "SELECT sql NOT LIKE '%WITHOUT ROWID%' FROM sqlite_schema WHERE name = ?", name).Scan(&c.rowids); err != nil {
		return err
	}
	if c.place != nil {
		return c.run(key)
	}
	c.place = newPlace(name)
	var made int64
	if err := db.QueryRowContext(r.ctx, "SELECT count(*) FROM "+name).Scan(&made); err != nil {
		return err
	}
	if made == 0 {
		return c.run(key)
	}
	c.together = true
	return r.commit(func() error {
		defaults, err := r.defaults(name)
		if err != nil {
			return err
		}
		if err := c.run(key); err != nil {
			return err
		}
		if c.place.Rows > 0 {
			return nil
		}
		done := &r.state.Tables[len(r.state.Tables)-1]
		if done.Damage == "" {
			done.Damage = "the row is missing"
		}
		return defaults()
	})
}

// defaults removes the rows that the migrations have inserted into a table. It returns a
// function that puts them back, for a table of state whose row cannot be read.
func (r *recovery) defaults(table string) (restore func() error, err error) {
	db := r.target.conn.db
	for _, statement := range []string{"DROP TABLE IF EXISTS temp.default_row", "CREATE TEMP TABLE default_row AS SELECT * FROM main." + table, "DELETE FROM main." + table} {
		if _, err := db.ExecContext(r.ctx, statement); err != nil {
			return nil, err
		}
	}
	return func() error {
		_, err := db.ExecContext(r.ctx, "INSERT INTO main."+table+" SELECT * FROM temp.default_row")
		return err
	}, nil
}

// copying is the copy of one table.
type copying struct {
	*recovery
	db       *sql.Conn // of the target
	table    string
	columns  []string
	rowids   bool // the rows have row numbers
	place    *recoverPlace
	together bool // everything is in one transaction, which the caller has begun
}

// run copies the table from its place to its end.
func (c *copying) run(key []string) (err error) {
	if c.place.Phase != recoverPages {
		if c.rowids {
			err = c.numbered()
		} else {
			err = c.ordered(key)
		}
	}
	if err == nil && c.place.Damage != "" {
		c.place.Phase = recoverPages
		err = c.scan()
	}
	if err != nil {
		return err
	}
	end := func() error {
		c.state.Tables, c.state.Now = append(c.state.Tables, c.place.Recovered), nil
		return nil
	}
	if c.together {
		return end()
	}
	return c.commit(end)
}

// part runs fn in a transaction.
func (c *copying) part(fn func() error) error {
	if c.together {
		return fn()
	}
	c.state.Now = c.place
	return c.commit(fn)
}

// numbered reads on behind a damaged page from the next row that can be read.
func (c *copying) numbered() error {
	total := c.count("SELECT max(rowid) FROM " + c.table)
	for {
		err := c.copy("rowid, ", "WHERE rowid > ? ORDER BY rowid", total, c.place.After)
		if err == nil || !c.damaged(err) {
			return err
		}
		next, ok := skipDamage(max(c.place.After, 0), func(from int64) bool {
			var id int64
			err := c.from.QueryRowContext(c.ctx, "SELECT rowid FROM "+c.table+" WHERE rowid > ? ORDER BY rowid LIMIT 1", from).Scan(&id)
			return err == nil || errors.Is(err, sql.ErrNoRows) || c.ctx.Err() != nil
		})
		if !ok || c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		c.place.After = next
	}
}

// ordered reads from both ends up to the damage.
func (c *copying) ordered(key []string) error {
	total := c.count("SELECT count(*) FROM " + c.table)
	if c.place.Phase == recoverForward {
		err := c.copy("", "ORDER BY "+strings.Join(key, ", "), total)
		if err == nil || !c.damaged(err) {
			return err
		}
		c.place.Phase, c.place.Read = recoverBackward, 0
	}
	err := c.copy("", "ORDER BY "+strings.Join(key, " DESC, ")+" DESC", total)
	if err != nil && c.damaged(err) {
		err = nil
	}
	return err
}

// count reads a number for the progress; 0: it cannot be read.
func (c *copying) count(query string) int64 {
	var n sql.NullInt64
	_ = c.from.QueryRowContext(c.ctx, query).Scan(&n)
	return n.Int64
}

// damaged reports whether the source could not be read, and takes note of it.
func (c *copying) damaged(err error) bool {
	if !c.engine.isDamaged(err) {
		return false
	}
	c.place.Damage = err.Error()
	return true
}

// recoverTogether is how many rows a transaction has.
var recoverTogether = int64(20_000) // tests make it smaller

// copy copies the rows of a query, whose result begins with the row number if the table has them. Without row numbers it goes
// on behind the rows that were read before. total is for the progress.
func (c *copying) copy(first, rest string, total int64, args ...any) (err error) {
	names := strings.Join(c.columns, ", ")
	known, err := column(c.ctx, c.from, "SELECT name FROM pragma_table_info('"+c.table+"')")
	if err != nil {
		return err
	}
	if !slices.Equal(known, c.columns) {
		return fmt.Errorf("the columns of the table are %v, want %v", known, c.columns)
	}
	rows, err := c.from.QueryContext(c.ctx, "SELECT "+first+names+" FROM "+c.table+" NOT INDEXED "+rest, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	insert, err := c.db.PrepareContext(c.ctx, "INSERT OR IGNORE INTO "+c.table+" ("+names+") VALUES (?"+strings.Repeat(", ?", len(c.columns)-1)+")")
	if err != nil {
		return err
	}
	defer insert.Close()
	values, dest := make([]any, len(c.columns)), []any{}
	if first != "" {
		dest = append(dest, &c.place.After)
	}
	for i := range values {
		dest = append(dest, &values[i])
	}
	blobs, err := c.blobs()
	if err != nil {
		return err
	}
	if first == "" {
		for range c.place.Read {
			if !rows.Next() {
				return rows.Err()
			}
		}
	}
	for more := true; more; {
		var ended error // of the rows
		if err := c.part(func() error {
			for range recoverTogether {
				if more = rows.Next(); !more {
					ended = rows.Err()
					return nil
				}
				if ended = rows.Scan(dest...); ended != nil {
					more = false
					return nil
				}
				c.place.Read++
				for i := range values {
					if b, ok := values[i].([]byte); blobs[i] && (ok || values[i] == nil) && len(b) == 0 {
						values[i] = []byte{} // the driver returns nil for bytes of length 0
					}
				}
				if err := c.insert(insert, values); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if ended != nil {
			return ended
		}
		done := c.place.Read
		if first != "" {
			done = c.place.After
		}
		if more && done < total {
			c.progress("rows of "+c.table, max(done, 0), total)
		}
	}
	return nil
}

// insert adds a row to the target, unless the table does not take it.
func (c *copying) insert(statement *sql.Stmt, values []any) error {
	result, err := statement.ExecContext(c.ctx, values...)
	switch {
	case err != nil && (c.ctx.Err() != nil || c.engine.fault(err) != ""):
		return err
	case err != nil: // the row was damaged in itself
		c.place.Damage = err.Error()
		return nil
	}
	n, err := result.RowsAffected()
	if n == 0 && c.place.Damage == "" {
		// The table has a row with the same key, or a value is missing.
		c.place.Damage = "a row contradicts the others"
	}
	c.place.Rows += n
	return err
}

// blobs returns which columns have bytes and cannot be NULL.
func (c *copying) blobs() (blobs []bool, err error) {
	rows, err := c.db.QueryContext(c.ctx, "SELECT type = 'BLOB' AND \"notnull\" FROM pragma_table_info(?) ORDER BY cid", c.table)
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

// execer is the same for statements that change something.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
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
