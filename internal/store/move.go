package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"parley/internal/chat"
)

// ErrUnfinished is returned by [Open] for the target of a [Move] or a [Recover] that has not ended.
var ErrUnfinished = errors.New("store: the database is the target of a move or a recovery that has not ended")

// NotEmptyError is returned by [Move] for a target that has rows.
type NotEmptyError struct{ Table string }

// Error names the table.
func (e *NotEmptyError) Error() string {
	return "store: the target of the move is not empty: it has rows of " + e.Table
}

// MoveError says on which side a move has failed.
type MoveError struct {
	Side Side
	Err  error
}

// Side is one of the two databases of a move.
type Side string

// The sides.
const (
	SideSource Side = "source"
	SideTarget Side = "target"
)

// Error names the side.
func (e *MoveError) Error() string { return "the " + string(e.Side) + " of the move: " + e.Err.Error() }

// Unwrap returns what has failed.
func (e *MoveError) Unwrap() error { return e.Err }

// Moved is the outcome of [Move].
type Moved struct {
	Rows     int64  // how many were copied
	Before   int64  // of these, the rows that an interrupted move had copied; also known after an error
	From, To Report // of both databases, without their files
}

// Same reports whether both databases have the same figures, and the copy has no difference
// that the source does not have.
func (m Moved) Same() bool {
	figures := func(r Report) [7]int {
		return [...]int{r.Accounts, r.Conversations, r.Members, r.Messages, r.Mentions, r.Notifications, r.Unchecked}
	}
	for _, c := range m.To.Causes {
		if !slices.ContainsFunc(m.From.Causes, func(f Cause) bool { return f.Table == c.Table && f.What == c.What && f.Found >= c.Found }) {
			return false
		}
	}
	return figures(m.From) == figures(m.To)
}

// MoveStep is a part of a move. The source is verified beside the other steps, which follow
// one another.
type MoveStep string

// The steps of a move.
const (
	StepCopy         MoveStep = "copy"
	StepIndex        MoveStep = "search index"
	StepVerifySource MoveStep = "verify the source"
	StepVerifyTarget MoveStep = "verify the target"
)

// MoveProgress is called when rows or messages of a step are done, and at its beginning and
// end. One goroutine at a time calls it for a step, but two steps may run at a time.
type MoveProgress func(step MoveStep, done, total int64)

// Move copies a database into an empty one, usually of the other engine, builds the index
// for searching there, and verifies both, the source without its index, which is not copied. Both are held against other processes. A source
// of an older version is migrated first.
//
// The target has a mark until both are verified: [Open] refuses it with [ErrUnfinished]. A later Move goes on where
// an interrupted one was, or is refused with [*ChangedError]; with restart it empties the target and begins again.
// If the figures differ, Move returns no error, see [Moved.Same]; it keeps the mark, and a later Move begins again.
func Move(ctx context.Context, from, to Options, restart bool, progress MoveProgress) (m Moved, err error) {
	from.Alone, to.Alone, to.moving = true, true, true
	source, err := Open(ctx, from)
	if err != nil {
		return m, &MoveError{SideSource, err}
	}
	defer func() {
		err = errors.Join(err, source.Close())
		if err != nil && ctx.Err() != nil {
			err = ctx.Err() // the error of an interrupted statement is not uniform
		}
	}()
	if source.version > source.target {
		return m, &MoveError{SideSource, ErrNewer} // it has tables or columns that would not be copied
	}
	t, err := openTarget(ctx, to.withDefaults(), restart)
	if err != nil {
		return m, &MoveError{SideTarget, err}
	}
	work, both := errgroup.WithContext(ctx)
	work.Go(func() (err error) {
		m.From, err = verifyMoved(both, verifyUnindexed, source, SideSource, StepVerifySource, progress)
		return err
	})
	work.Go(func() (err error) {
		m.Rows, m.Before, err = fill(both, source, t, progress)
		return err
	})
	if err := work.Wait(); err != nil {
		return m, err
	}
	return m, m.finish(ctx, to, progress)
}

// verifyMoved verifies one side.
func verifyMoved(ctx context.Context, verify func(context.Context, *Store) (Report, error), s *Store, side Side, step MoveStep, progress MoveProgress) (Report, error) {
	progress(step, 0, 1)
	r, err := verify(ctx, s)
	if err != nil {
		return r, &MoveError{side, err}
	}
	progress(step, 1, 1)
	return r, nil
}

// finish verifies the target, compares, and removes the mark.
func (m *Moved) finish(ctx context.Context, o Options, progress MoveProgress) (err error) {
	s, err := Open(ctx, o)
	if err != nil {
		return &MoveError{SideTarget, err}
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if m.To, err = verifyMoved(ctx, verifyAlone, s, SideTarget, StepVerifyTarget, progress); err != nil {
		return err
	}
	end := "DROP TABLE " + unfinishedTable
	if !m.Same() {
		end = "UPDATE " + unfinishedTable + " SET state = ''"
	}
	if err := s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec(end)
		return err
	}); err != nil {
		return &MoveError{SideTarget, err}
	}
	return nil
}

// unfinishedTable is the mark of a target, of a recovery too.
const unfinishedTable = "unfinished_move"

// movedTable is a table that is copied in the order of its key.
type movedTable struct{ name, key string }

// moved are the tables that are copied, each after those that it refers to.
var moved = []movedTable{
	{"organization", "id"},
	{"application", "id"},
	{"account", "id"},
	{"token", "session"},
	{"revoked_jwt", "session"},
	{"account_ended", "account"},
	{"signin_code", "hash"},
	{"password", "account"},
	{"email_change", "account"},
	{"own_email", "account"},
	{"identity", "issuer, subject"},
	{"two_factor", "account"},
	{"two_factor_failure", "account, source"},
	{"recovery_code", "account, hash"},
	{"signin_ticket", "hash"},
	{"setting", "name"},
	{"organization_member", "organization, account"},
	{"invitation", "id"},
	{"mail", "id"},
	{"friendship", "account, friend"},
	{"friend_request", "id"},
	{"chat_group", "id"},
	{"webhook", "id"},
	{"conversation", "id"},
	{"member", "account, conversation"},
	{"message", "id"},
	{"waitingid", "name"},
	{"mention", "conversation, seq, account"},
	{"heard", "account, message"},
	{"reaction", "message, emoji, account"},
	{"revision", "message, number"},
	{"pin", "message"},
	{"unsent", "account, type, chat"},
	{"availability", "account"},
	{"inbox", "account, category"},
	{"notice", "id"},
	{"notification", "account, category, seq"},
	{"replay", "app, idem_key"},
	{"current_chat", "id"},
	{"message_state", "last_lost"},
	{"stored_file", "file_key"},
	{"file_use", "message"},
	{"file_state", "followed"},
	{"retention", "scope, id"},
	{"retention_state", "id"},
	{"upload_key", "id"}, // a fingerprint of the file upload.key, which the operator copies
	{"audit", "id"},
	{"account_detail", "account"},
	{"erasure", "account"},
	{"imported", "source, kind, external"},
	{"imported_ids", "first_id"},
}

// notMoved are the other tables, of which every database has rows of its own.
var notMoved = []string{
	unfinishedTable, "goose_db_version",
	"setup_secret",                                                  // made at each start
	"backup_state",                                                  // backups of the source
	"commit_count", "commit_log", "node", "cluster", "schema_state", // PostgreSQL
	"folder_state", "sqlite_sequence", // SQLite
	// The index for searching.
	"search_state", "search_word", "message_index",
	"message_index_data", "message_index_idx", "message_index_docsize", "message_index_config",
}

// alwaysFilled have a row in an empty database.
var alwaysFilled = []string{"message_state", "file_state", "retention_state"}

// checkEmpty refuses a database that has rows, unless it is an unfinished target.
func checkEmpty(ctx context.Context, e engine, db queryer) error {
	tables, err := column(ctx, db, e.tables())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if slices.Contains(tables, unfinishedTable) {
		return nil
	}
	for _, table := range tables {
		if slices.Contains(alwaysFilled, table) || slices.Contains(notMoved, table) {
			continue
		}
		some, err := column(ctx, db, `SELECT 'some' FROM "`+table+`" LIMIT 1`)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		if len(some) > 0 {
			return &NotEmptyError{table}
		}
	}
	return nil
}

// checkFinished refuses the target of a move or a recovery that has not ended.
func checkFinished(ctx context.Context, e engine, db queryer) error {
	tables, err := column(ctx, db, e.tables())
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if slices.Contains(tables, unfinishedTable) {
		return ErrUnfinished
	}
	return nil
}

// fill makes the tables of the target, copies all rows into them, and closes it. before is the number of rows that
// were there already.
func fill(ctx context.Context, source *Store, t *target, progress MoveProgress) (rows, before int64, err error) {
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.prepare(ctx); err != nil {
		return 0, 0, &MoveError{SideTarget, err}
	}
	c := &copier{source: source.file, to: t, progress: progress}
	err = source.viewBeside(ctx, func(from *tx) error {
		c.from = from.conn
		if err := c.count(ctx); err != nil {
			return &MoveError{SideSource, err}
		}
		if err := c.copy(ctx); err != nil {
			return &MoveError{SideTarget, err}
		}
		return nil
	})
	return c.done, c.before, err
}

// copier copies all tables. Each transaction of the target has some rows of one table.
type copier struct {
	from                *conn
	source              string // its name
	to                  *target
	progress            MoveProgress
	done, before, total int64
}

func (c *copier) count(ctx context.Context) error {
	for _, t := range moved {
		var n int64
		if err := c.from.db.QueryRowContext(ctx, "SELECT count(*) FROM "+t.name).Scan(&n); err != nil {
			return fmt.Errorf("count %s: %w", t.name, err)
		}
		c.total += n
	}
	c.progress(StepCopy, 0, c.total)
	return nil
}

func (c *copier) copy(ctx context.Context) error {
	if err := c.to.do(ctx, c.to.engine.beforeLoad()...); err != nil {
		return err
	}
	if c.to.state == nil {
		if err := c.begin(ctx); err != nil {
			return err
		}
	}
	for _, t := range moved {
		if err := c.table(ctx, t); err != nil {
			return fmt.Errorf("copy the table %s: %w", t.name, err)
		}
	}
	c.progress(StepCopy, c.total, c.total)
	if err := c.index(ctx); err != nil {
		return fmt.Errorf("build the index for searching: %w", err)
	}
	return c.to.commit(ctx, func() error {
		if err := c.to.do(ctx, c.to.engine.afterLoad()...); err != nil {
			return err
		}
		c.to.state.Complete = true
		return c.to.save()
	})
}

// begin empties the target.
func (c *copier) begin(ctx context.Context) error {
	return c.to.commit(ctx, func() error {
		statements := c.to.engine.emptyLoad()
		for _, table := range alwaysFilled {
			statements = append(statements, "DELETE FROM "+table)
		}
		if err := c.to.do(ctx, statements...); err != nil {
			return err
		}
		c.to.state = &moveState{Source: c.source, Tables: map[string]moveRows{}}
		if err := c.to.conn.db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&c.to.state.Version); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		// The index is empty, too.
		if _, err := c.to.conn.exec("UPDATE search_state SET indexed = 0, format = ?", int64(searchFormat)); err != nil {
			return fmt.Errorf("store: %w", err)
		}
		return c.to.save()
	})
}

// tell says how many rows are copied, until all are.
func (c *copier) tell(done int64) {
	if done < c.total {
		c.progress(StepCopy, done, c.total)
	}
}

// indexTogether is how many messages are indexed at a time.
var indexTogether = int64(4000) // tests make it smaller

// moveTogether is how many rows a transaction of the target has.
var moveTogether = int64(20_000) // tests make it smaller

// indexBatch are index entries of some messages.
type indexBatch struct {
	from    int64 // the message before
	to      int64 // the last one
	entries []indexEntry
	words   []string // that no batch before had
}

// index builds the index for searching. One goroutine reads the messages of the source and splits them into words,
// which costs about as much processor time as the other one needs to write them. Each batch is a transaction.
func (c *copier) index(ctx context.Context) error {
	t := &tx{conn: c.to.conn, cache: newCache(), ctx: ctx}
	last, err := t.lastMessage()
	if err != nil {
		return err
	}
	var indexed int64
	if err := c.to.conn.db.QueryRowContext(ctx, "SELECT indexed FROM search_state").Scan(&indexed); err != nil {
		return err
	}
	batches := make(chan indexBatch, 1)
	work, both := errgroup.WithContext(ctx)
	work.Go(func() error {
		defer close(batches)
		return c.readIndex(both, indexed, int64(last), batches)
	})
	work.Go(func() error {
		t := &tx{conn: c.to.conn, cache: newCache(), ctx: both}
		for b := range batches {
			c.progress(StepIndex, b.from, int64(last))
			if err := c.to.commit(both, func() error {
				if err := c.to.engine.loadIndex(both, t, b.entries); err != nil {
					return err
				}
				if err := t.addWords(b.words); err != nil {
					return err
				}
				_, err := t.exec("UPDATE search_state SET indexed = ?", b.to)
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := work.Wait(); err != nil {
		return err
	}
	c.progress(StepIndex, int64(last), int64(last))
	return nil
}

// readIndex reads the messages of the source after the first number, up to last.
func (c *copier) readIndex(ctx context.Context, after, last int64, batches chan<- indexBatch) error {
	t, x := &tx{conn: c.from, cache: newCache(), ctx: ctx}, newIndexer(nil)
	for from := after; from < last; from += indexTogether {
		b := indexBatch{from: from, to: min(from+indexTogether, last)}
		var err error
		if b.entries, err = x.read(t, b.from, b.to); err != nil {
			return err
		}
		fresh := make(map[string]struct{})
		for _, e := range b.entries {
			for _, w := range e.fresh {
				fresh[w] = struct{}{}
			}
		}
		b.words = slices.Sorted(maps.Keys(fresh))
		x.remember(b.words)
		select {
		case batches <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// table copies the columns that both sides have. TestMoveKnowsEveryTable lists the other columns.
func (c *copier) table(ctx context.Context, t movedTable) (err error) {
	columns, err := columnsOf(ctx, c.from.db, t.name)
	if err != nil {
		return err
	}
	theirs, err := columnsOf(ctx, c.to.conn.db, t.name)
	if err != nil {
		return err
	}
	columns = slices.DeleteFunc(columns, func(name string) bool { return !slices.Contains(theirs, name) })
	rows, err := c.from.db.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+t.name+" ORDER BY "+t.key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	r := newRowReader(rows, c.from.engine, columns)
	had := c.to.state.Tables[t.name]
	same, err := r.skip(had, func(read int64) { c.tell(c.done + read) })
	if err != nil {
		return err
	}
	if !same {
		return &ChangedError{c.to.state.Source, t.name}
	}
	c.done, c.before = c.done+had.Rows, c.before+had.Rows
	late := false // a row was added after everything was copied
	for more := true; more; {
		c.tell(c.done)
		begin := r.read
		if err := c.to.commit(ctx, func() error {
			written, err := c.to.engine.load(ctx, c.to.conn.db, t.name, columns, func() ([]any, error) {
				if r.read-begin == moveTogether {
					return nil, nil
				}
				row, err := r.next()
				more = row != nil
				if late = more && c.to.state.Complete; late {
					return nil, nil
				}
				return c.to.engine.args(row), err
			})
			if err != nil {
				return err
			}
			if late {
				return &ChangedError{c.to.state.Source, t.name}
			}
			if written != r.read-begin {
				return fmt.Errorf("%d rows were read, and %d written", r.read-begin, written)
			}
			c.to.state.Tables[t.name] = moveRows{r.read, r.sum.hex()}
			return c.to.save()
		}); err != nil {
			return err
		}
		c.done += r.read - begin
	}
	return nil
}

func columnsOf(ctx context.Context, db *sql.Conn, table string) (names []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	names, err = rows.Columns()
	return names, errors.Join(err, rows.Err(), rows.Close())
}
