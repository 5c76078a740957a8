package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
)

// Several processes with [Options.Node] can be open on one PostgreSQL database. Each is a
// node of a cluster:
//
//  1. Their transactions that write follow one another; see [postgresEngine]. Each adds a
//     row to the commit log in the round trip of its COMMIT. In the round trip of its BEGIN
//     it reads the rows that others have added, repairs its cache with them, and hands on
//     the events that its functions must know.
//  2. A transaction that writes nothing and publishes nothing is rolled back and has no number.
//  3. A node says with [Store.Beat] that it runs. Another node removes one that was silent.
//     The removed node cannot commit any more: its next transaction reads that it is gone.
//  4. One node leads: it has an advisory lock on a connection of its own. It alone indexes
//     messages. Searches on the other nodes are as exact, because messages that are not
//     indexed yet are searched in their texts.
//
// A server that must be alone, and a command that changes the database, claim the database
// exclusively; nodes share a claim. Therefore neither can start while the other runs.

var (
	// ErrNodeGone is returned to a node that has left, or that others have declared gone.
	// It must not write until it has joined with a new id.
	ErrNodeGone = errors.New("store: this node was declared gone")

	// ErrCluster is why a database cannot be claimed alone. It is [ErrInUse].
	ErrCluster = fmt.Errorf("%w: nodes of a cluster serve the database", errServed)
	// errAlone is why a database cannot be used by a node.
	errAlone = fmt.Errorf("%w: a server or command that must be alone uses the database", errServed)

	errServed    = servedError{}
	errNotNode   = errors.New("store: it was not opened as a node of a cluster")
	errNodeAlone = errors.New("store: a node of a cluster needs a PostgreSQL database, cannot be alone on it, and must encode and decode events")
)

// servedError is [ErrInUse] for a database on a server.
type servedError struct{}

func (servedError) Error() string        { return "store: in use" }
func (servedError) Is(target error) bool { return target == ErrInUse }

// NodeInfo describes a node of the cluster.
type NodeInfo struct {
	ID      string
	Address string // at which other nodes reach it
	Version string // of its program
	Figures string // of its last [Store.Beat]; empty: none, or its version gives none
	// StartedAt and SeenAt are by the clock of the database; [Store.Join] sets them.
	StartedAt, SeenAt time.Time
}

// identity is a node's name. A node that was declared gone gets a new one.
type identity struct {
	id     string
	joined atomic.Bool
	gone   atomic.Bool
}

// attendant is a node's connection beside its transactions: for its lock as the leader, and
// for statements that must not wait for a turn.
type attendant struct {
	mu   sync.Mutex
	conn *conn // nil: not yet opened
	// leads may be late: the connection may have ended unnoticed.
	leads atomic.Bool
}

// attendantIdle is after how much silence the server ends the connection, so that the
// lock of a leader that has stopped becomes free.
const attendantIdle = 10 * time.Second

// attend runs fn on the node's connection beside its transactions.
func (s *Store) attend(ctx context.Context, fn func(context.Context, *conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.engine.patience())
	defer cancel()
	a := &s.attendant
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.isClosing() {
		return ErrClosed
	}
	if a.conn == nil {
		// It has no pending rows, as a connection that reads.
		made, err := newConn(ctx, s.engine, s.health, s.writeDB, true)
		if err != nil {
			return err
		}
		made.opened = s.prepareAttendant
		if err := s.prepareAttendant(made); err != nil {
			return errors.Join(err, made.close())
		}
		a.conn = made
	}
	err := a.conn.start(ctx, s.writeDB, func() error { return fn(ctx, a.conn) })
	if a.conn.broken {
		a.leads.Store(false)
	}
	return err
}

func (s *Store) prepareAttendant(c *conn) error {
	s.attendant.leads.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), s.engine.patience())
	defer cancel()
	// The end of the process's machine is noticed, too.
	for name, value := range map[string]string{
		"idle_session_timeout": milliseconds(attendantIdle), "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
	} {
		if err := c.queryContext(ctx, ignoreRow, "SELECT set_config(?, ?, false)", name, value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) closeAttendant() error {
	a := &s.attendant
	a.mu.Lock()
	defer a.mu.Unlock()
	a.leads.Store(false)
	if a.conn == nil {
		return nil
	}
	return a.conn.close()
}

func ignoreRow(scanFunc) error { return nil }

func (s *Store) isClosing() bool {
	select {
	case <-s.closing:
		return true
	default:
		return false
	}
}

func (s *Store) needNode() error {
	if s.opts.Node == "" {
		return errNotNode
	}
	return nil
}

// Lead makes this node the leader if there is none, and reports whether it leads. A node
// calls it every few seconds, as it does [Store.Beat]: the database ends the leadership of a
// node that is silent for ten seconds. Two nodes may believe for a moment that they lead, so
// the work of a leader must be right then, too. A store that is not one of several always leads.
func (s *Store) Lead(ctx context.Context) (bool, error) {
	if s.opts.Node == "" {
		return true, nil
	}
	if s.identity.Load().gone.Load() {
		return false, errors.Join(ErrNodeGone, s.resign(ctx))
	}
	err := s.attend(ctx, func(ctx context.Context, c *conn) error {
		if s.attendant.leads.Load() {
			return c.queryContext(ctx, ignoreRow, "SELECT 1")
		}
		var leads bool
		err := c.queryContext(ctx, func(scan scanFunc) error { return scan(&leads) }, "SELECT pg_try_advisory_lock(?)", leadNumber)
		s.attendant.leads.Store(leads && err == nil)
		return err
	})
	return s.attendant.leads.Load(), err
}

// resign ends the leadership.
func (s *Store) resign(ctx context.Context) error {
	if !s.attendant.leads.Load() {
		return nil
	}
	return s.attend(ctx, func(ctx context.Context, c *conn) error {
		s.attendant.leads.Store(false)
		return c.queryContext(ctx, ignoreRow, "SELECT pg_advisory_unlock(?)", leadNumber)
	})
}

// leadNumber is the advisory lock of the leader.
const leadNumber = claimNumber + 1

// Join registers the node under info.ID. That is the id of the options or, after
// [ErrNodeGone], a new one, which this process has from then on.
func (s *Store) Join(ctx context.Context, info NodeInfo) error {
	if err := s.needNode(); err != nil {
		return err
	}
	self := s.identity.Load()
	if self.id != info.ID {
		self = &identity{id: info.ID}
		s.identity.Store(self)
	}
	err := s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec(`INSERT INTO node (id, address, version, started_at, seen_at)
			VALUES (?, ?, ?, `+databaseClock+`, `+databaseClock+`)
			ON CONFLICT (id) DO UPDATE SET address = excluded.address, version = excluded.version, seen_at = excluded.seen_at`,
			info.ID, info.Address, info.Version)
		return err
	})
	if err == nil {
		self.joined.Store(true)
	}
	return err
}

// Beat says that the node is running, and reads what other nodes have committed if no
// transaction of this one has done so. The figures are for readers of [Store.Nodes]. It returns
// [ErrNodeGone] if the node was declared gone.
func (s *Store) Beat(ctx context.Context, figures string) error {
	if err := s.needNode(); err != nil {
		return err
	}
	self := s.identity.Load()
	found := false
	err := s.attend(ctx, func(ctx context.Context, c *conn) error {
		return c.queryContext(ctx, func(scanFunc) error { found = true; return nil },
			"UPDATE node SET seen_at = "+databaseClock+", figures = ? WHERE id = ? RETURNING id", figures, self.id)
	})
	switch {
	case err != nil:
		return err
	case !found:
		self.gone.Store(true)
		return ErrNodeGone
	}
	// If writes are refused because too many wait, transactions are running.
	if err := s.Update(ctx, func(chat.Tx) error { return nil }); !errors.Is(err, ErrBusy) {
		return err
	}
	return nil
}

const nodeColumns = "id, address, version, figures, started_at, seen_at"

func readNode(scan scanFunc) (n NodeInfo, err error) {
	err = scan(&n.ID, &n.Address, &n.Version, &n.Figures, when{&n.StartedAt}, when{&n.SeenAt})
	return n, err
}

// SetOnline records which accounts have a socket on this node from now on, and which have none.
func (s *Store) SetOnline(ctx context.Context, online, offline []chat.AccountID) error {
	if err := s.needNode(); err != nil {
		return err
	}
	id := s.identity.Load().id
	for _, change := range []struct {
		accounts  []chat.AccountID
		statement string
	}{
		{online, "INSERT INTO online (account, node) SELECT a, ? FROM unnest(?::text[]) a ON CONFLICT DO NOTHING"},
		{offline, "DELETE FROM online WHERE node = ? AND account = ANY(?)"},
	} {
		for accounts := range slices.Chunk(change.accounts, onlinePiece) {
			if err := s.attend(ctx, func(ctx context.Context, c *conn) error {
				return c.queryContext(ctx, ignoreRow, change.statement, id, s.engine.names(asStrings(accounts)))
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlinePiece is how many rows one statement writes.
const onlinePiece = 1000

func asStrings[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// Online returns those of the accounts that have a socket on a node.
func (s *Store) Online(ctx context.Context, accounts []chat.AccountID) (map[chat.AccountID]bool, error) {
	if err := s.needNode(); err != nil {
		return nil, err
	}
	online := make(map[chat.AccountID]bool)
	return online, s.view(ctx, func(t *tx) error {
		return t.query(func(scan scanFunc) error {
			id, err := readString[chat.AccountID](scan)
			online[id] = true
			return err
		}, "SELECT DISTINCT account FROM online o WHERE account = ANY(?) AND EXISTS (SELECT 1 FROM node n WHERE n.id = o.node)", s.engine.names(asStrings(accounts)))
	})
}

// Nodes returns the nodes that have joined and are not gone, this one included, in the
// order of their ids.
func (s *Store) Nodes(ctx context.Context) (nodes []NodeInfo, err error) {
	if err := s.needNode(); err != nil {
		return nil, err
	}
	err = s.view(ctx, func(t *tx) error {
		nodes, err = list(t, readNode, "SELECT "+nodeColumns+" FROM node ORDER BY id")
		return err
	})
	return nodes, err
}

// Leave removes this node. It publishes [chat.NodeGone]. Afterwards the store refuses to
// write with [ErrNodeGone].
func (s *Store) Leave(ctx context.Context) error {
	if err := s.needNode(); err != nil {
		return err
	}
	self := s.identity.Load()
	if self.gone.Load() {
		return nil
	}
	err := s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).removeNodes("id = ?", self.id)
		return err
	})
	if err != nil {
		return err
	}
	self.gone.Store(true)
	return s.resign(ctx)
}

// RemoveSilent removes the other nodes that have been silent for so long, and returns them. It
// publishes [chat.NodeGone] for each.
func (s *Store) RemoveSilent(ctx context.Context, after time.Duration) (removed []NodeInfo, err error) {
	if err := s.needNode(); err != nil {
		return nil, err
	}
	err = s.Update(ctx, func(t chat.Tx) (err error) {
		removed, err = t.(*tx).removeNodes("id <> ? AND seen_at < "+databaseClock+" - ?", s.identity.Load().id, after.Milliseconds())
		return err
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// removeNodes removes the nodes that a condition selects.
func (t *tx) removeNodes(condition string, args ...any) (removed []NodeInfo, err error) {
	err = t.returning(func(scan scanFunc) error {
		n, err := readNode(scan)
		removed = append(removed, n)
		return err
	}, "DELETE FROM node WHERE "+condition+" RETURNING "+nodeColumns, args...)
	for _, n := range removed {
		t.Publish(chat.NodeGone{Node: n.ID})
		if _, offline := t.exec("DELETE FROM online WHERE node = ?", n.ID); offline != nil {
			err = errors.Join(err, offline)
		}
	}
	return removed, err
}

// checkJoined notices that this node was removed where the log does not say so any more.
func (s *Store) checkJoined() error {
	if !s.self.joined.Load() {
		return nil
	}
	found := false
	err := s.writer.query(func(scanFunc) error { found = true; return nil }, "SELECT 1 FROM node WHERE id = ?", s.self.id)
	if err == nil && !found {
		s.self.gone.Store(true)
	}
	return err
}

// DatabaseID returns the id of the database. Its migration has made it at random.
func (s *Store) DatabaseID(ctx context.Context) (id string, err error) {
	if err := s.needNode(); err != nil {
		return "", err
	}
	err = s.view(ctx, func(t *tx) error { return t.row([]any{&id}, "SELECT id FROM cluster") })
	return id, err
}

// DatabaseSize returns the bytes that a PostgreSQL database takes on its server.
func (s *Store) DatabaseSize(ctx context.Context) (size int64, err error) {
	err = s.view(ctx, func(t *tx) error { return t.row([]any{&size}, "SELECT pg_database_size(current_database())") })
	return size, err
}

// claim keeps others off the database as long as the writing connection lives. A node
// shares its claim with other nodes.
func (s *Store) claim(c *conn) error {
	lock, reason := "pg_try_advisory_lock", ErrCluster
	if s.opts.Node != "" {
		lock, reason = "pg_try_advisory_lock_shared", errAlone
	}
	var free bool
	if err := c.query(func(scan scanFunc) error { return scan(&free) }, "SELECT "+lock+"(?)", claimNumber); err != nil || free {
		return err
	}
	if s.opts.Node == "" {
		// Another one that must be alone holds the same lock in another mode.
		err := c.query(func(scanFunc) error { reason = errAlone; return nil }, `SELECT 1 FROM pg_locks
			WHERE locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32) + objid::bigint = ? AND mode = 'ExclusiveLock' AND granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, claimNumber)
		if err != nil {
			return err
		}
	}
	return reason
}

// claimAgain is claim on a connection that replaces a broken one. A server that was stopped for a
// while may still have the broken one, with its claim.
func (s *Store) claimAgain(c *conn) error {
	err := claimSoon(context.Background(), s.claim, c)
	if errors.Is(err, ErrInUse) {
		return s.health.report(FaultServer, err, false)
	}
	return err
}

// claimNumber is the advisory lock of the database, "parley" in bytes.
const claimNumber int64 = 0x7061726c6579

// indexes reports whether this process maintains the index for searching.
func (s *Store) indexes() bool {
	switch {
	case s.opts.Node != "":
		return s.attendant.leads.Load()
	case s.engine.isServer():
		return !s.opts.passive && !s.opts.Damaged
	default:
		return true
	}
}
