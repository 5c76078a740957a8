package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/chat"
)

// ErrNotLogged is returned if the log does not contain a commit: it is older than the log,
// or no node has made it.
var ErrNotLogged = errors.New("store: the log does not contain the next commit")

// Commit is an entry of the commit log. The numbers of commits have no gaps, and a commit
// sees all commits with lower numbers.
type Commit struct {
	Number int64
	Node   string    // that has committed
	At     time.Time // by the clock of the database
	// Events are those that are delivered; see [chat.ForDelivery]. An entry that was read from
	// the log has only Body, which contains them encoded.
	Events []chat.Event
	Body   []byte // nil: there are no events
}

// CommitsAfter returns the commits of all nodes after a number, in order and without a gap,
// at most so many. If there are commits after the number and the log does not contain the
// next one, it returns [ErrNotLogged].
func (s *Store) CommitsAfter(ctx context.Context, number int64, limit int) (commits []Commit, err error) {
	if err := s.needNode(); err != nil {
		return nil, err
	}
	err = s.view(ctx, func(t *tx) error {
		logged, err := list(t, func(scan scanFunc) (c Commit, err error) {
			err = scan(&c.Number, &c.Node, when{&c.At}, &c.Body)
			return c, err
		}, "SELECT number, node, at, events FROM commit_log WHERE number > ? AND number <= ? ORDER BY number", number, number+int64(limit))
		if err != nil {
			return err
		}
		for _, c := range logged {
			if c.Number != number+int64(len(commits))+1 {
				break
			}
			commits = append(commits, c)
		}
		if len(commits) > 0 {
			return nil
		}
		last, err := t.int(lastCommitQuery)
		if err == nil && last > number && limit > 0 {
			err = ErrNotLogged
		}
		return err
	})
	return commits, err
}

const lastCommitQuery = "SELECT commits FROM commit_count"

// LastCommit returns the number of the latest commit.
func (s *Store) LastCommit(ctx context.Context) (number int64, err error) {
	if err := s.needNode(); err != nil {
		return 0, err
	}
	err = s.view(ctx, func(t *tx) error {
		number, err = t.int(lastCommitQuery)
		return err
	})
	return number, err
}

// PruneCommits removes the commits from the log that are older than kept by the clock of the
// database, and returns how many they were.
func (s *Store) PruneCommits(ctx context.Context, kept time.Duration) (pruned int64, err error) {
	if err := s.needNode(); err != nil {
		return 0, err
	}
	// A backlog is removed in pieces, so that no statement takes long.
	for piece := int64(prunePiece); piece == prunePiece && err == nil; pruned += piece {
		err = s.attend(ctx, func(ctx context.Context, c *conn) error {
			// The oldest commit to be kept is found without reading those after it.
			return c.queryContext(ctx, func(scan scanFunc) error { return scan(&piece) }, `WITH pruned AS (
				DELETE FROM commit_log WHERE number < LEAST(
					COALESCE(
						(SELECT number FROM commit_log WHERE at >= `+databaseClock+` - ? ORDER BY number LIMIT 1),
						(SELECT max(number) + 1 FROM commit_log)),
					(SELECT min(number) FROM commit_log) + ?)
				RETURNING 1) SELECT count(*) FROM pruned`, kept.Milliseconds(), int64(prunePiece))
		})
		if err != nil {
			piece = 0
		}
	}
	return pruned, err
}

// prunePiece is how many commits are removed at once.
const prunePiece = 5000

// databaseClock is the present time of the database, not that of a transaction's begin.
const databaseClock = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// commitEntry is the row of a commit.
type commitEntry struct {
	number                  int64
	node                    string
	at                      int64 // the database sets it
	touched, before, events []byte
}

const insertCommit = "INSERT INTO commit_log (number, node, at, touched, before, events) VALUES ($1, $2, " + databaseClock + ", $3, $4, $5) RETURNING at"

// queue adds the statement that writes the entry.
func (e *commitEntry) queue(b *pgx.Batch) {
	b.Queue(insertCommit, e.number, e.node, e.touched, e.before, e.events).QueryRow(func(row pgx.Row) error { return row.Scan(&e.at) })
}

// maxBehind is how many commits of others a node reads at the begin of a transaction. A
// node that is further behind forgets what it remembers of rows. Without an upper bound, the
// server would choose a plan while the table is small that reads the whole table, and keep it.
const maxBehind = 10_000

// queryLog adds the query for the entries after a number. It takes what is for caches
// and transactions, not what is for delivery.
func queryLog(b *pgx.Batch, after int64, entries *[]commitEntry) {
	b.Queue("SELECT number, node, touched, before FROM commit_log WHERE number > $1 AND number <= $2 ORDER BY number", after, after+maxBehind).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var e commitEntry
			if err := rows.Scan(&e.number, &e.node, &e.touched, &e.before); err != nil {
				return err
			}
			*entries = append(*entries, e)
		}
		return rows.Err()
	})
}

// beginToFollow sets the commit from which on this node reads the log.
func (s *Store) beginToFollow() error {
	s.cache.record()
	return s.writer.query(func(scan scanFunc) error { return scan(&s.commits) }, lastCommitQuery)
}

// follow brings this node up to the commit before number, which is that of the
// transaction that has begun. It returns [ErrNodeGone] to a node that may not write.
func (s *Store) follow(number int64, entries []commitEntry) error {
	complete := int64(len(entries)) == number-1-s.commits
	var before []chat.Event
	for i := range entries {
		e := &entries[i]
		complete = complete && e.number == s.commits+int64(i)+1
		if err := s.cache.repair(e.touched); err != nil {
			s.cache.clear()
		}
		// An entry of this node is here if its COMMIT seemed to have failed: its events are
		// as new here as those of others.
		if len(e.before) == 0 {
			continue
		}
		events, err := s.opts.Decode(e.before)
		if err != nil {
			s.opts.Logger.Error("events of another node cannot be read", "node", e.node, "commit", e.number, "error", err)
			complete = false
		}
		before = append(before, events...)
	}
	s.commits = number - 1
	for _, e := range before {
		if gone, ok := e.(chat.NodeGone); ok && gone.Node == s.self.id {
			s.self.gone.Store(true)
		}
	}
	if !complete {
		s.cache.clear()
		if err := s.checkJoined(); err != nil {
			return err
		}
		s.opts.Missed()
	}
	if len(before) > 0 {
		s.opts.Before(before)
	}
	if s.self.gone.Load() {
		return ErrNodeGone
	}
	return nil
}

// entry returns the log entry of the transaction that is going to commit.
func (s *Store) entry(events []chat.Event) (e *commitEntry, delivered []chat.Event, err error) {
	e = &commitEntry{number: s.number, node: s.self.id, touched: s.cache.changes()}
	var before []chat.Event
	for _, event := range events {
		if chat.ForTransactions(event) {
			before = append(before, event)
		}
		if chat.ForDelivery(event) {
			delivered = append(delivered, event)
		}
	}
	if e.before, err = s.encode(before); err == nil {
		e.events, err = s.encode(delivered)
	}
	return e, delivered, err
}

// encode returns nil for no events.
func (s *Store) encode(events []chat.Event) ([]byte, error) {
	if len(events) == 0 {
		return nil, nil
	}
	return s.opts.Encode(events)
}
