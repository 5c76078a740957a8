package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

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
	broken   bool
	starting bool              // a transaction is being started, which is tried again if the connection has broken
	patient  bool              // statements have no bound of time
	pending  *pending          // nil where rows are written one by one
	kept     []byte            // events for subscriptions of the transaction; see keepEvents
	opened   func(*conn) error // to be called after the connection was replaced; nil: nothing
}

func newConn(ctx context.Context, e engine, h *health, db *sql.DB, readOnly bool) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	made := &conn{engine: e, health: h, db: c, stmts: make(map[string]*sql.Stmt), readOnly: readOnly}
	if e.isServer() && !readOnly {
		made.pending = newPending()
	}
	return made, nil
}

// start starts a transaction. The connection may have broken since it was used last,
// as all do when the server restarts. Nothing is lost by that, so it starts once more on
// a new connection, and only a failure of that is a fault of the database.
func (c *conn) start(ctx context.Context, db *sql.DB, begin func() error) error {
	if err := c.health.reachable(ctx); err != nil {
		return err
	}
	if err := c.reopen(ctx, db); err != nil {
		return err
	}
	c.starting = true
	err := begin()
	c.starting = false
	if err == nil || !c.broken || errors.Is(err, chat.ErrLogged) || ctx.Err() != nil {
		return err
	}
	if err := c.reopen(ctx, db); err != nil {
		return err
	}
	c.health.restarts.Add(1)
	return begin()
}

// reconnectPatience bounds an attempt to connect again. It is shorter than the patience with a
// statement, so that a request for which both fail is answered within the 30 s of http.request-timeout.
const reconnectPatience = 5 * time.Second

// reopen replaces a connection that is broken.
func (c *conn) reopen(ctx context.Context, db *sql.DB) error {
	if !c.broken {
		return nil
	}
	_ = c.close() // before a new one is asked for: their number is limited
	dialing, cancel := context.WithTimeout(ctx, reconnectPatience)
	defer cancel()
	began := time.Now()
	fresh, err := newConn(dialing, c.engine, c.health, db, c.readOnly)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err() // the server may be there
	default:
		err = c.health.reportSince(began, err)
		c.health.lost(err)
		return err
	}
	fresh.opened = c.opened
	*c = *fresh
	if c.opened == nil {
		return nil
	}
	if err := c.opened(c); err != nil {
		c.broken = true // it is tried again with the next transaction
		return err
	}
	return nil
}

func (c *conn) close() (err error) {
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	err = errors.Join(err, c.db.Close())
	if c.engine.isServer() { // which may be gone; nothing is lost by that
		return nil
	}
	return err
}

func (c *conn) prepare(query string, rebind func(string) string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	ctx, cancel := c.bounded(context.Background())
	defer cancel()
	s, err := c.db.PrepareContext(ctx, rebind(query))
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
	ctx, cancel := c.bounded(context.Background())
	defer cancel()
	res, err := s.ExecContext(ctx, c.engine.args(args)...)
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
	id, err = c.engine.insert(s, c.engine.args(args))
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
	bounded, cancel := c.bounded(ctx)
	defer cancel()
	rows, err := s.QueryContext(bounded, c.engine.args(args)...)
	if err != nil {
		return c.ended(ctx, err)
	}
	scan := c.engine.scan(rows.Scan)
	for rows.Next() {
		if err := each(scan); err != nil {
			_ = rows.Close()
			return err
		}
	}
	// An error that ends the rows early is told by Err, one of an INSERT …
	// RETURNING perhaps only by Close.
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return c.ended(ctx, err)
	}
	return nil
}

// ended is fault for a statement that the caller's ctx may have interrupted. That is no fault
// of the database, and SQLite says only that it was interrupted.
func (c *conn) ended(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return c.fault(err)
	}
	c.broken = c.broken || c.engine.isBroken(c.db)
	return fmt.Errorf("store: %w", ctx.Err())
}

type scanFunc = func(dest ...any) error

// bounded adds the engine's patience to a context.
func (c *conn) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if d := c.engine.patience(); d > 0 && !c.patient {
		return context.WithTimeout(ctx, d)
	}
	return ctx, func() {}
}

// fault returns the error for the caller of a statement that has failed, and records a fault of
// the database.
func (c *conn) fault(err error) error {
	c.broken = c.broken || c.engine.isBroken(c.db)
	switch {
	case c.engine.isMissingReference(err):
		return fmt.Errorf("%w: %w", chat.ErrNoRow, err)
	case c.engine.isDuplicate(err):
		return fmt.Errorf("%w: %w", chat.ErrDuplicate, err)
	}
	f := c.engine.fault(err)
	if f == "" && c.broken {
		f = FaultServer // the engine does not know how the connection has ended
	}
	// A server that did not answer in time is not asked again by start.
	again := c.starting && c.broken && !errors.Is(err, context.DeadlineExceeded)
	if f != "" && !again {
		// The caller of a read that a file has failed logs it, because no later read shows the end of the fault.
		err = c.health.report(f, err, c.readOnly && !c.engine.isServer())
		if c.broken {
			c.health.lost(err)
		}
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

// guarded runs a function that may be interrupted, so that the transaction can be
// used afterwards.
func (c *conn) guarded(fn func() error) error {
	if !c.engine.isServer() {
		return fn()
	}
	if err := c.control("SAVEPOINT guard"); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		if back := c.control("ROLLBACK TO SAVEPOINT guard"); back != nil {
			return errors.Join(err, back)
		}
	}
	return errors.Join(err, c.control("RELEASE SAVEPOINT guard"))
}

// unhurried ends the bounds of time of the transaction, for work of an operator.
func (c *conn) unhurried() error {
	c.patient = c.engine.isServer()
	for _, statement := range c.engine.unhurried() {
		if err := c.control(statement); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) begin() error     { return c.control(c.engine.begin(c.readOnly)) }
func (c *conn) savepoint() error { return c.control("SAVEPOINT write") }
func (c *conn) keep() error      { return c.control("RELEASE SAVEPOINT write") }

func (c *conn) commit() error { return c.commitLogged(nil) }

// commitLogged is commit with a row of the commit log, on a server.
func (c *conn) commitLogged(logged *commitEntry) error {
	if c.pending != nil {
		return c.commitPending(logged)
	}
	if len(c.kept) > 0 {
		_, err := c.exec(insertKept, c.kept)
		c.kept = c.kept[:0]
		if err != nil {
			return err
		}
	}
	return c.control("COMMIT")
}

func (c *conn) rollback() {
	c.kept = c.kept[:0]
	if c.pending != nil {
		c.pending.clear()
	}
	if !c.broken {
		_ = c.control("ROLLBACK")
	}
}

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
