package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"parley/internal/chat"
)

// conn is a database connection with its prepared statements: every text is
// prepared once, when it is first used, and kept. One goroutine at a time.
//
// Statements that change rows run without the caller's context, because many
// callers share one transaction. A query is interrupted when its context ends.
type conn struct {
	engine   engine
	health   *health
	db       *sql.Conn
	stmts    map[string]*sql.Stmt
	readOnly bool
}

func newConn(ctx context.Context, e engine, h *health, db *sql.DB, readOnly bool) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return &conn{engine: e, health: h, db: c, stmts: make(map[string]*sql.Stmt), readOnly: readOnly}, nil
}

func (c *conn) close() (err error) {
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	return errors.Join(err, c.db.Close())
}

func (c *conn) prepare(query string, rebind func(string) string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.db.PrepareContext(context.Background(), rebind(query))
	if err != nil {
		return nil, c.fault(fmt.Errorf("prepare: %w", err))
	}
	c.stmts[query] = s
	return s, nil
}

// exec returns how many rows the statement changed.
func (c *conn) exec(query string, args ...any) (int64, error) {
	s, err := c.prepare(query, c.engine.rebind)
	if err != nil {
		return 0, err
	}
	res, err := s.Exec(args...)
	if err != nil {
		return 0, c.fault(err)
	}
	return res.RowsAffected()
}

// insert adds a row and returns its number, 0 when ON CONFLICT DO NOTHING
// applied.
func (c *conn) insert(query string, args ...any) (id int64, err error) {
	s, err := c.prepare(query, c.engine.rebindInsert)
	if err != nil {
		return 0, err
	}
	id, err = c.engine.insert(s, args)
	if err != nil {
		return 0, c.fault(err)
	}
	return id, nil
}

// query calls each for every row, which reads it with scan.
func (c *conn) query(each func(scan scanFunc) error, query string, args ...any) (err error) {
	return c.queryContext(context.Background(), each, query, args...)
}

// queryContext is query for a statement that the end of ctx ends half-way, with
// the error of ctx.
func (c *conn) queryContext(ctx context.Context, each func(scan scanFunc) error, query string, args ...any) (err error) {
	s, err := c.prepare(query, c.engine.rebind)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return c.fault(ended(ctx, err))
	}
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			_ = rows.Close()
			return err
		}
	}
	// An error that ends the rows early is told by Err, one of an INSERT …
	// RETURNING perhaps only by Close.
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return c.fault(ended(ctx, err))
	}
	return nil
}

// ended returns the error of ctx for a statement that it may have interrupted:
// SQLite says only that it was interrupted.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

type scanFunc = func(dest ...any) error

func (c *conn) fault(err error) error {
	switch {
	case c.engine.isMissingReference(err):
		return fmt.Errorf("%w: %w", chat.ErrNoRow, err)
	case c.engine.isDuplicate(err):
		return fmt.Errorf("%w: %w", chat.ErrDuplicate, err)
	}
	if f := c.engine.fault(err); f != "" {
		err = c.health.report(f, err, c.readOnly)
	}
	return fmt.Errorf("store: %w", err)
}

// scratch runs fn with the words of the index as a table, which only this
// connection has.
func (c *conn) scratch(fn func() error) error {
	for _, statement := range c.engine.openWords() {
		if err := c.control(statement); err != nil {
			return err
		}
	}
	return fn()
}

func (c *conn) begin() error     { return c.control(c.engine.begin(c.readOnly)) }
func (c *conn) commit() error    { return c.control("COMMIT") }
func (c *conn) rollback()        { _ = c.control("ROLLBACK") }
func (c *conn) savepoint() error { return c.control("SAVEPOINT write") }
func (c *conn) keep() error      { return c.control("RELEASE SAVEPOINT write") }

// undo rolls back to the savepoint and removes it.
func (c *conn) undo() error {
	if err := c.control("ROLLBACK TO SAVEPOINT write"); err != nil {
		return err
	}
	return c.keep()
}

func (c *conn) control(query string) error {
	_, err := c.exec(query)
	return err
}
