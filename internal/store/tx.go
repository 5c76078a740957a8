package store

import (
	"context"
	"fmt"
	"time"

	"parley/internal/chat"
)

// tx is one function's view of a transaction.
type tx struct {
	conn     *conn
	cache    *cache // a view has its own, which is as old as its snapshot
	ctx      context.Context
	readOnly bool
	pending  *pending // nil: rows are written one by one
	careful  bool     // there is a savepoint: the writes can be undone alone
	wrote    bool     // something was written, or tried to
	changed  bool     // rows have changed
	failed   error    // a statement failed: the writes are incomplete
	done     bool
	events   []chat.Event
	kept     []byte                // events for subscriptions; see KeepOutgoing
	arrivals map[memberKey]arrival // that are not in the rows yet
}

var _ chat.Tx = (*tx)(nil)

// run calls fn. A function that overlooks a failed statement fails all the same:
// the rows and the cache would no longer agree.
func (t *tx) run(fn func(chat.Tx) error) (err error) {
	defer func() {
		t.done = true
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if t.failed == nil {
		return t.settle()
	}
	return t.failed
}

// Publish hands the event on after the commit; a view's are dropped.
func (t *tx) Publish(e chat.Event) {
	if !t.readOnly {
		t.events = append(t.events, e)
	}
}

// Changed reports whether something would be different after the commit.
func (t *tx) Changed() bool { return t.changed || len(t.events) > 0 }

// usable fails when a statement may no longer run.
func (t *tx) usable() error {
	switch {
	case t.done:
		return ErrTxDone
	case t.failed != nil:
		return t.failed
	}
	return nil
}

// exec changes rows and returns how many.
func (t *tx) exec(query string, args ...any) (int64, error) {
	if err := t.writable(); err != nil {
		return 0, err
	}
	if err := t.flush(query); err != nil {
		return 0, err
	}
	n, err := t.conn.exec(query, args...)
	t.changed = t.changed || n > 0
	return n, t.check(err)
}

// flush sends the pending rows that a statement is about.
func (t *tx) flush(query string) error {
	if t.pending == nil || !t.pending.concerns(query) {
		return nil
	}
	return t.check(t.conn.flush())
}

// limited is the end of a query. With a plain LIMIT ?, SQLite prepares the statement again
// whenever the value changes, which costs more than most of the queries.
const limited = " LIMIT (? + 0)"

// one changes exactly one row, or returns chat.ErrNoRow.
func (t *tx) one(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		return chat.ErrNoRow
	}
	return err
}

// insert adds one row, or returns chat.ErrDuplicate. The statement must end in
// ON CONFLICT DO NOTHING: one that fails would spoil the function's whole work.
func (t *tx) insert(query string, args ...any) error {
	n, err := t.exec(query, args...)
	if err == nil && n == 0 {
		return chat.ErrDuplicate
	}
	return err
}

// insertID is insert for a table that numbers its rows.
func (t *tx) insertID(query string, args ...any) (int64, error) {
	if err := t.writable(); err != nil {
		return 0, err
	}
	if err := t.flush(query); err != nil {
		return 0, err
	}
	id, err := t.conn.insert(query, args...)
	if err == nil && id == 0 {
		return 0, chat.ErrDuplicate
	}
	t.changed = true
	return id, t.check(err)
}

// returning is exec for a statement that returns rows.
func (t *tx) returning(each func(scan scanFunc) error, query string, args ...any) error {
	if err := t.writable(); err != nil {
		return err
	}
	if err := t.flush(query); err != nil {
		return err
	}
	return t.check(t.conn.query(func(scan scanFunc) error {
		t.changed = true
		return each(scan)
	}, query, args...))
}

func (t *tx) writable() error {
	if err := t.usable(); err != nil {
		return err
	}
	if t.readOnly {
		return ErrReadOnly
	}
	if t.careful && !t.wrote {
		if err := t.conn.savepoint(); err != nil {
			return t.check(err)
		}
	}
	t.wrote = true
	return nil
}

func (t *tx) query(each func(scan scanFunc) error, query string, args ...any) error {
	if err := t.usable(); err != nil {
		return err
	}
	if err := t.flush(query); err != nil {
		return err
	}
	ctx := context.Background()
	if t.readOnly {
		ctx = t.ctx // a client that has disconnected needs no answer
	}
	return t.check(t.conn.queryContext(ctx, each, query, args...))
}

// row reads one row into dest, or returns chat.ErrNoRow.
func (t *tx) row(dest []any, query string, args ...any) error {
	found := false
	err := t.query(func(scan scanFunc) error {
		found = true
		return scan(dest...)
	}, query, args...)
	if err == nil && !found {
		return chat.ErrNoRow
	}
	return err
}

func (t *tx) int(query string, args ...any) (n int64, err error) {
	err = t.row([]any{&n}, query, args...)
	return n, err
}

func (t *tx) bool(query string, args ...any) (b bool, err error) {
	err = t.row([]any{&b}, query, args...)
	return b, err
}

func (t *tx) check(err error) error {
	if err != nil && t.failed == nil {
		t.failed = err
	}
	return err
}

// list reads every row of a query.
func list[T any](t *tx, read func(scanFunc) (T, error), query string, args ...any) (all []T, err error) {
	err = t.query(func(scan scanFunc) error {
		v, err := read(scan)
		all = append(all, v)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// first reads one row, or returns chat.ErrNoRow.
func first[T any](t *tx, read func(scanFunc) (T, error), query string, args ...any) (v T, err error) {
	found := false
	err = t.query(func(scan scanFunc) (err error) {
		found = true
		v, err = read(scan)
		return err
	}, query, args...)
	if err == nil && !found {
		err = chat.ErrNoRow
	}
	return v, err
}

func readString[T ~string](scan scanFunc) (v T, err error) {
	err = scan(&v)
	return v, err
}

// The tables know integers for times and truth, and NULL for no reference.

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// when is a destination of a scan for a time.
type when struct{ t *time.Time }

func (w when) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok && v != nil {
		return fmt.Errorf("store: a time is stored as %T", v)
	}
	*w.t = moment(ms)
	return nil
}

// whole is a destination for a number that may be NULL, which is 0.
type whole[T ~int64] struct{ v *T }

func (d whole[T]) Scan(v any) error {
	n, ok := v.(int64)
	if !ok && v != nil {
		return fmt.Errorf("store: a number is stored as %T", v)
	}
	*d.v = T(n)
	return nil
}

// text is a destination for bytes that may be NULL.
type text[T ~string | ~[]byte] struct{ v *T }

func (d text[T]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d.v = *new(T)
	case string:
		*d.v = T(v)
	case []byte:
		*d.v = T(v)
	default:
		return fmt.Errorf("store: a text is stored as %T", v)
	}
	return nil
}

func (d text[T]) target() any { return d.v }

// address is a destination for an address that clients open or load. An address that
// [chat.IsSafeAddress] refuses is read as empty: it was stored before the present rule.
type address struct{ v *string }

func (d address) Scan(v any) error {
	if err := text[string](d).Scan(v); err != nil {
		return err
	}
	if *d.v != "" && !chat.IsSafeAddress(*d.v) {
		*d.v = ""
	}
	return nil
}

func (d address) target() any { return d.v }

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// orNull is NULL for the zero value.
func orNull[T ~string](v T) any {
	if v == "" {
		return nil
	}
	return string(v)
}

func orNullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return millis(t)
}

func orNullBytes[T ~[]byte](v T) any {
	if v == nil {
		return nil
	}
	return string(v)
}
