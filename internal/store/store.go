package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/turn"
)

// The faults of a store that a caller may want to tell apart. To a user they
// are all [chat.ErrDatabase].
var (
	ErrBusy     = chat.ErrBusy
	ErrClosed   = errors.New("store: closed")
	ErrReadOnly = errors.New("store: write in a read-only transaction")
	ErrTxDone   = errors.New("store: transaction used after its function returned")
	ErrInUse    = errors.New("store: data folder is in use by another process")
	ErrNewer    = errors.New("store: database was written by a newer version")
)

// Options open a store. Path or Database is required.
type Options struct {
	// Database is the address of a PostgreSQL database, as postgres://user@host/name
	// or in the keyword form of libpq. Empty: SQLite at Path.
	Database string
	// Alone refuses to open a PostgreSQL database with [ErrInUse] if another store
	// has been opened so, or nodes are open. An SQLite database has one process in any case.
	Alone bool
	// Node is the id of this process among several that write to one PostgreSQL database;
	// see node.go. Empty: the store is not one of several.
	Node string
	// Encode and Decode are the form of events in the commit log. A node needs both.
	// Decode leaves out events that it does not know.
	Encode func([]chat.Event) ([]byte, error)
	Decode func([]byte) ([]chat.Event, error)
	// Before gets the events of other nodes that the next transaction must know, in the order
	// of their commits; see [chat.ForTransactions]. Among them are those of a transaction of this
	// node whose COMMIT seemed to have failed. It runs on the committing
	// goroutine before the functions of the transaction: it must be quick and must not
	// call the store.
	Before func([]chat.Event)
	// Missed is called, and then Before, if the log does not contain all commits
	// since the latest transaction of this node.
	Missed func()
	// Logged gets every commit of this node, also one without events, in order. It takes
	// the place of Publish if Node is set, under the same conditions.
	Logged func(Commit)
	// Path is a folder, in which the database is parley.db, or a file whose name
	// ends in .db. Missing folders and files are created.
	Path string
	// Publish gets the events of one commit, in order. It runs on the committing
	// goroutine before the calls of Update return: it must be quick and must not call
	// the store.
	Publish func([]chat.Event)
	// Committed is called for every batch, for metrics. It must be quick.
	Committed func(Batch)
	// MaxBatch is how many writes may share a commit; 256.
	MaxBatch int
	// MaxWaiting is how many writes may wait for the commit under way. One more
	// is refused with ErrBusy; 16384.
	MaxWaiting int
	// Readers is the number of connections for reading; 4. All but one of them,
	// if there are several, may be searching.
	Readers int
	// Reads and Searches bound the requests of one key of package turn: those that
	// run at the same time, and those that wait. One more is refused with
	// [chat.ErrTooManyRequests]. The defaults are 2 and 1000, and 1 and 16.
	Reads, Searches Share
	// CacheKiB is the page cache of the writing connection; 16384. Each reader
	// has an eighth of it.
	CacheKiB int
	// WithoutLog opens a database in which commits are missing, and continues without
	// them; see [LostWritesError].
	WithoutLog bool
	// Migrating is called before each migration, unless it is nil.
	Migrating func(Migration)
	// passive is for a process that only migrates: it leaves the rest of the work to others.
	passive bool
	// Damaged opens a database even if its check finds damage, for [Verify] and to read
	// the undamaged rows.
	Damaged bool
	// Check reads the whole file while the store is in use, unless Open has checked it.
	// So damage is found before a request reads the damaged page; see [Store.Probe].
	Check  bool
	Logger *slog.Logger

	moving bool // opens the target of a move or a recovery that has not ended
}

// Share bounds the requests of one account, application or address.
type Share struct {
	Running, Waiting int
	AddressWaiting   int // of one address; 0: Waiting
}

func (s *Share) setDefaults(running, waiting int) {
	if s.Running <= 0 {
		s.Running = running
	}
	if s.Waiting <= 0 {
		s.Waiting = waiting
	}
}

// Batch describes one commit.
type Batch struct {
	Functions int           // how many ran
	Refused   int           // of these, how many were rolled back
	Run       time.Duration // from BEGIN until COMMIT
	Commit    time.Duration // COMMIT itself
	Err       error         // why all failed; nil: committed

	changed bool // rows have changed
	wrote   bool // something was written, or tried to; on a server also rows that have yet to be sent
}

func (o Options) withDefaults() Options {
	if o.Publish == nil {
		o.Publish = func([]chat.Event) {}
	}
	if o.Before == nil {
		o.Before = func([]chat.Event) {}
	}
	if o.Missed == nil {
		o.Missed = func() {}
	}
	if o.Logged == nil {
		o.Logged = func(Commit) {}
	}
	if o.Committed == nil {
		o.Committed = func(Batch) {}
	}
	if o.MaxBatch <= 0 {
		o.MaxBatch = 256
	}
	if o.MaxWaiting <= 0 {
		o.MaxWaiting = 16384
	}
	if o.Readers <= 0 {
		o.Readers = 4
	}
	o.Reads.setDefaults(2, 1000)
	o.Searches.setDefaults(1, 16)
	if o.CacheKiB <= 0 {
		o.CacheKiB = 16384
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is a [chat.Store]. It is safe for concurrent use.
type Store struct {
	opts      Options
	engine    engine
	file      string
	lock      *folderLock
	version   int64 // of the tables
	target    int64 // that this program knows
	migrated  []Migration
	commits   int64 // the number of the last transaction of this process; of a node: the last that it knows; on a server
	number    int64 // of the transaction under way; on a server
	note      note  // of the writing goroutine
	lost      *Lost // the commits that WithoutLog gave up
	health    *health
	sound     bool // the whole file was checked, or is new
	stopCheck context.CancelFunc
	checked   chan struct{} // closed when the check beside the service has ended; nil: there is none

	writeDB, readDB *sql.DB
	writer          *conn
	cache           *cache // of the writing goroutine alone, as is careful
	careful         int    // how many batches will still have savepoints
	reruns          atomic.Uint64
	queue           *queue
	stopped         chan struct{} // closed when the writing goroutine is gone

	indexer *indexer

	identity  atomic.Pointer[identity] // of a node
	self      *identity                // the one of the transaction under way
	attendant attendant

	reads     *turn.Queue // as many slots as there are readers
	searches  *turn.Queue
	readers   chan *conn // the idle ones
	opened    int        // readers, idle or not
	closing   chan struct{}
	closeOnce sync.Once
	closeErr  error
}

var _ chat.Store = (*Store)(nil)

// Open opens the database at the path, creates or migrates it where needed, and
// starts the writing goroutine. A data folder is open in one process at a time:
// the second gets [ErrInUse]. A database of a newer version is [ErrNewer], unless
// it can be used; see [Migration]. One whose migration needs it alone is a [*PendingError]. A
// folder that is not as the process before has left it is a [*LostError], a
// [*LostWritesError], a [*StrayLogError], a [*DamagedError] or a [*ForeignError].
func Open(ctx context.Context, opts Options) (_ *Store, err error) {
	s := &Store{
		opts:    opts.withDefaults(),
		engine:  sqliteEngine{},
		cache:   newCache(),
		stopped: make(chan struct{}),
		closing: make(chan struct{}),
	}
	if s.opts.Database != "" {
		s.engine = postgresEngine{}
	}
	if s.opts.Node != "" && (s.opts.Database == "" || s.opts.Alone || s.opts.Encode == nil || s.opts.Decode == nil) {
		return nil, errNodeAlone
	}
	s.self = &identity{id: s.opts.Node}
	s.identity.Store(s.self)
	s.queue = newQueue(s.opts.MaxWaiting)
	s.indexer = newIndexer(s)
	defer func() {
		if err == nil {
			return
		}
		_ = s.release()
		if ctx.Err() != nil {
			err = ctx.Err() // the error of an interrupted statement is not uniform
		}
	}()

	var before note // of the folder
	if s.opts.Database != "" {
		if s.file, err = databaseName(s.opts.Database); err != nil {
			return nil, err
		}
		s.health = &health{log: s.opts.Logger, file: s.file}
	} else if before, err = s.openFolder(ctx); err != nil {
		return nil, err
	}
	if s.writeDB, s.readDB, err = s.engine.open(s.file, s.opts); err != nil {
		return nil, err
	}
	if s.engine.isServer() {
		s.health.watchOver(ctx, func(ctx context.Context) error { return answers(ctx, s.engine, s.writeDB) })
	}
	if !s.opts.moving {
		if err := checkFinished(ctx, s.engine, s.writeDB); err != nil {
			return nil, err
		}
	}
	if err = s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("store: %s: %w", s.file, err)
	}
	if s.writer, err = newConn(ctx, s.engine, s.health, s.writeDB, false); err != nil {
		return nil, err
	}
	if (s.opts.Alone || s.opts.Node != "") && s.engine.isServer() {
		s.writer.opened = s.claimAgain
		claim := s.claim
		if s.opts.moving {
			claim = func(c *conn) error { return claimSoon(ctx, s.claim, c) }
		}
		if err := claim(s.writer); err != nil {
			return nil, err
		}
	}
	if s.opts.Node != "" {
		if err := s.beginToFollow(); err != nil {
			return nil, fmt.Errorf("store: %s: %w", s.file, err)
		}
	}
	if err := s.prepareSearch(); err != nil && !(s.opts.Damaged && s.engine.isDamaged(err)) {
		return nil, fmt.Errorf("store: %s: prepare the search: %w", s.file, err)
	}
	if s.lock != nil {
		if err := s.mark(before); err != nil && !(s.opts.Damaged && (s.engine.isDamaged(err) || err == chat.ErrNoRow)) {
			return nil, fmt.Errorf("store: %s: %w", s.file, err)
		}
	}
	s.readers = make(chan *conn, s.opts.Readers)
	share := func(slots int, s Share) *turn.Queue {
		return turn.New(turn.Limits{Slots: slots, PerKey: s.Running, Waiting: s.Waiting, AddressWaiting: s.AddressWaiting})
	}
	s.reads = share(s.opts.Readers, s.opts.Reads)
	s.searches = share(max(s.opts.Readers-1, 1), s.opts.Searches)
	for range s.opts.Readers {
		reader, err := newConn(ctx, s.engine, s.health, s.readDB, true)
		if err != nil {
			return nil, err
		}
		s.opened++
		s.readers <- reader
	}
	go s.write()
	go s.indexer.run()
	if s.opts.Check && !s.sound && s.lock != nil {
		var checking context.Context
		checking, s.stopCheck = context.WithCancel(context.WithoutCancel(ctx))
		s.checked = make(chan struct{})
		go s.checkWhileServing(checking)
	}
	return s, nil
}

// openFolder makes the folder ready and looks at a database that is in it. It returns the
// note of the previous process.
func (s *Store) openFolder(ctx context.Context) (before note, err error) {
	if s.file, err = prepareFolder(s.opts.Path); err != nil {
		return note{}, err
	}
	s.health = &health{log: s.opts.Logger, file: s.file}
	if s.lock, before, err = lockFolder(s.file); err != nil {
		return note{}, err
	}
	isNew, err := prepareFile(s.file, before)
	if err != nil || isNew {
		s.sound = isNew
		return before, err
	}
	return before, s.inspect(ctx, before)
}

// Path returns the name of the database file, or of the database on its server.
func (s *Store) Path() string { return s.file }

// Stats are figures of the connections and transactions of a store.
type Stats struct {
	Open       int           // connections to the database
	Readers    int           // of these, connections that read
	Reading    int           // of these, in use now
	Waiting    int           // reads that wait for such a connection now
	Waits      uint64        // reads that have waited, since the start
	Waited     time.Duration // how long they have, in all
	Reruns     uint64        // batches of writes that ran again, because a function failed after it had written
	Reconnects uint64        // transactions that began again on a new connection, because theirs had broken
}

// Stats returns the present figures.
func (s *Store) Stats() Stats {
	reads := s.reads.Stats()
	return Stats{
		Open: s.writeDB.Stats().OpenConnections + s.readDB.Stats().OpenConnections, Readers: s.opts.Readers,
		Reading: reads.In, Waiting: reads.Waiting, Waits: reads.Waits, Waited: reads.Waited,
		Reruns: s.reruns.Load(), Reconnects: s.health.restarts.Load(),
	}
}

// Waiting returns how many writes wait for the commit under way.
func (s *Store) Waiting() int { return s.queue.len() }

// Probe writes and commits a row to check that the database can be read and written. After
// damage of the file was found, it always returns a [*FaultError].
func (s *Store) Probe(ctx context.Context) error {
	if err := s.health.damaged(); err != nil {
		return err
	}
	if err := s.view(ctx, func(t *tx) error {
		_, err := t.indexed()
		return err
	}); err != nil {
		return err
	}
	return s.Update(ctx, func(t chat.Tx) error {
		_, err := t.(*tx).exec(s.engine.probe())
		return err
	})
}

// Unanswered records that a database server has not answered a question in time that began at a time, and returns the
// error for that. It returns err if that was recorded already, and for a file, which another process
// may have locked.
func (s *Store) Unanswered(began time.Time, err error) error {
	if !s.engine.isServer() || errors.Is(err, chat.ErrLogged) {
		return err
	}
	return s.health.reportSince(began, err)
}

// View runs fn on a snapshot; see [chat.Store].
func (s *Store) View(ctx context.Context, fn func(chat.Tx) error) error {
	return s.view(ctx, func(t *tx) error { return fn(t) })
}

// Search is View where much may have to be read; see [chat.Store].
func (s *Store) Search(ctx context.Context, fn func(chat.Tx) error) error {
	leave, err := enter(ctx, s.searches)
	if err != nil {
		return err
	}
	defer leave()
	return s.View(ctx, fn)
}

func (s *Store) view(ctx context.Context, fn func(*tx) error) error {
	leave, err := enter(ctx, s.reads)
	if err != nil {
		return err
	}
	defer leave()
	c := <-s.readers // there is one for each turn
	defer func() { s.readers <- c }()
	t := &tx{conn: c, cache: newCache(), ctx: ctx, readOnly: true}
	if err := c.start(ctx, s.readDB, c.begin); err != nil {
		return err
	}
	defer c.rollback() // it wrote nothing
	return t.run(func(chat.Tx) error { return fn(t) })
}

// viewBeside is view on a connection of its own, without bounds of time, for work of an
// operator: it takes no connection and no turn from requests.
func (s *Store) viewBeside(ctx context.Context, fn func(*tx) error) (err error) {
	o := s.opts
	o.Readers = 1
	write, db, err := s.engine.open(s.file, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := write.Close(); err != nil {
		return err
	}
	return viewOn(ctx, s.engine, s.health, db, fn)
}

// viewOn runs fn on a snapshot of a database.
func viewOn(ctx context.Context, e engine, h *health, db *sql.DB, fn func(*tx) error) (err error) {
	c, err := newConn(ctx, e, h, db, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.begin(); err != nil {
		return err
	}
	defer c.rollback()
	if err := c.unhurried(); err != nil {
		return err
	}
	t := &tx{conn: c, cache: newCache(), ctx: ctx, readOnly: true}
	return t.run(func(chat.Tx) error { return fn(t) })
}

// enter waits for a turn of the key that ctx belongs to.
func enter(ctx context.Context, q *turn.Queue) (leave func(), err error) {
	leave, err = q.Enter(ctx, turn.KeyOf(ctx))
	switch {
	case errors.Is(err, turn.ErrClosed):
		return nil, ErrClosed
	case errors.Is(err, turn.ErrFull):
		return nil, chat.ErrTooManyRequests
	}
	return leave, err
}

// Close refuses new calls, finishes the waiting ones, and closes the database. Later calls
// return the result of the first.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.reads.Close()
		s.searches.Close()
		s.queue.close()
		<-s.stopped
		<-s.indexer.stopped
		if s.checked != nil {
			s.stopCheck()
			<-s.checked
		}
		s.closeErr = s.release()
	})
	return s.closeErr
}

// release closes everything that Open has opened, and waits for running views. The writing
// connection is closed last, because the last one moves the log into the database file.
func (s *Store) release() (err error) {
	if s.health != nil {
		s.health.closed()
	}
	for range s.opened {
		err = errors.Join(err, (<-s.readers).close())
	}
	if s.readDB != nil {
		err = errors.Join(err, s.readDB.Close())
	}
	err = errors.Join(err, s.closeAttendant())
	if s.writer != nil {
		err = errors.Join(err, s.closeFile(), s.writer.close())
	}
	if s.writeDB != nil {
		err = errors.Join(err, s.writeDB.Close())
	}
	if s.lock != nil {
		if err == nil {
			err = s.noteClosed()
		}
		err = errors.Join(err, s.lock.release())
	}
	return err
}
