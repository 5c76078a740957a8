package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"parley/internal/chat"
)

// write is one function that waits for its commit.
type write struct {
	ctx  context.Context
	fn   func(chat.Tx) error
	err  error
	done chan struct{} // closed when err is final
}

// queue holds the waiting writes in the order in which they came.
type queue struct {
	mu      sync.Mutex
	filled  sync.Cond
	waiting []*write
	max     int
	closed  bool
}

func newQueue(max int) *queue {
	q := &queue{max: max}
	q.filled.L = &q.mu
	return q
}

func (q *queue) add(w *write) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if len(q.waiting) >= q.max {
		return ErrBusy
	}
	q.waiting = append(q.waiting, w)
	q.filled.Signal()
	return nil
}

// remove takes the write out; false when it is no longer waiting.
func (q *queue) remove(w *write) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, w)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take moves up to n writes into batch, waiting for the first. An empty answer
// means that the queue is closed and drained.
func (q *queue) take(batch []*write, n int) []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.filled.Wait()
	}
	return q.move(batch, n)
}

// fill is take without waiting, for a batch of up to n in all.
func (q *queue) fill(batch []*write, n int) []*write {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.move(batch, n-len(batch))
}

func (q *queue) move(batch []*write, n int) []*write {
	n = max(min(n, len(q.waiting)), 0)
	batch = append(batch, q.waiting[:n]...)
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// Update runs fn in the next commit; see [chat.Store]. If ctx ends before fn has begun, fn
// does not run and Update returns immediately. After that Update waits for the commit even
// if ctx ends, so that its result is known. If the queue is full, Update returns [ErrBusy];
// after a panic of fn it returns a [*PanicError].
func (s *Store) Update(ctx context.Context, fn func(chat.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := s.queue.add(w); err != nil {
		return err
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
	}
	if s.queue.remove(w) {
		return ctx.Err()
	}
	<-w.done
	return w.err
}

// write is the writing goroutine.
func (s *Store) write() {
	defer close(s.stopped)
	batch := make([]*write, 0, s.opts.MaxBatch)
	for {
		batch = s.queue.take(batch[:0], s.opts.MaxBatch)
		if len(batch) == 0 {
			return
		}
		for rest := batch; len(rest) > 0; {
			rest = s.commit(rest)
		}
		clear(batch[:cap(batch)])
	}
}

// A savepoint takes a tenth of the time of a send, partly for copies of pages. It is rarely
// needed, because most functions that fail have written nothing. So a batch runs without
// savepoints. If a function fails after it has written, the batch is rolled back and runs
// again with a savepoint for each function, and so do the next carefulBatches batches.
const carefulBatches = 16

// commit runs the writes in one transaction and lets their callers go. Where the
// transaction is lost half-way, it fails those that ran and returns the others.
func (s *Store) commit(batch []*write) (rest []*write) {
	started := time.Now()
	careful := s.careful > 0
	if careful {
		s.careful--
	}
	batch, report, events, err := s.runAll(batch, careful)
	if err == errUndo {
		s.writer.rollback()
		s.cache.clear()
		s.careful = carefulBatches
		s.reruns.Add(1)
		batch, report, events, err = s.runAll(batch, true)
	}
	batch, rest = batch[:report.Functions], batch[report.Functions:]

	report.Run = time.Since(started)
	if err == nil && report.changed && s.lock != nil {
		err = s.count(started)
	}
	var logged *Commit // nil: the store is no node
	if err == nil {
		logged, err = s.finish(report, events)
		report.Commit = time.Since(started) - report.Run
	}
	report.Err = err
	if err != nil {
		// The rollback itself may fail when the engine has already done it.
		s.writer.rollback()
		s.cache.clear()
		for _, w := range batch {
			if w.err == nil {
				w.err = fmt.Errorf("store: commit: %w", err)
			}
		}
	} else {
		s.cache.committed()
		s.publish(events, logged)
		if report.changed && s.lock != nil {
			s.noteCommit(started)
		}
		if report.changed || report.wrote && s.engine.isServer() {
			s.health.wrote()
		}
		if last, ok := s.cache.last.get(struct{}{}); ok {
			s.indexer.tell(last)
		}
	}
	s.opts.Committed(report)
	for _, w := range batch {
		close(w.done)
	}
	return rest
}

// finish ends the transaction of a batch. A node rolls back a transaction that has written
// nothing, so that it takes no number.
func (s *Store) finish(report Batch, events []chat.Event) (*Commit, error) {
	if s.opts.Node == "" {
		return nil, s.writer.commit()
	}
	if !report.wrote && len(events) == 0 {
		s.writer.rollback()
		return nil, nil
	}
	entry, delivered, err := s.entry(events)
	if err != nil {
		return nil, err
	}
	if err := s.writer.commitLogged(entry); err != nil {
		return nil, err
	}
	s.commits = entry.number
	return &Commit{Number: entry.number, Node: entry.node, At: moment(entry.at), Events: delivered, Body: entry.events}, nil
}

// errUndo says that a write must be undone alone which cannot.
var errUndo = errors.New("store: no savepoint")

// runAll runs the writes one after the other, until the transaction is lost. It returns the
// batch with the writes that it has added.
func (s *Store) runAll(batch []*write, careful bool) (_ []*write, report Batch, events []chat.Event, err error) {
	if err = s.begin(batch); err == nil && s.opts.Node != "" {
		batch, err = s.addLate(batch)
	}
	if err != nil {
		if s.engine.isServer() && errors.Is(err, chat.ErrLogged) {
			// The server is away. Whoever waits would wait as long again for each batch before.
			batch = s.queue.fill(batch, len(batch)+s.opts.MaxWaiting)
		}
		return batch, Batch{Functions: len(batch)}, nil, err
	}
	for _, w := range batch {
		report.Functions++
		if w.err = w.ctx.Err(); w.err != nil {
			report.Refused++
			continue
		}
		var t *tx
		t, w.err, err = s.run(w, careful)
		if w.err != nil {
			report.Refused++
		} else {
			report.changed = report.changed || t.changed
			report.wrote = report.wrote || t.wrote
		}
		if err != nil {
			break
		}
		if w.err == nil {
			events = append(events, t.events...)
		}
	}
	return batch, report, events, err
}

// addLate adds the writes that came while this node waited for its turn, which can be longer
// than all the rest.
func (s *Store) addLate(batch []*write) ([]*write, error) {
	before := len(batch)
	batch = s.queue.fill(batch, s.opts.MaxBatch)
	names := expectedNames(batch[before:])
	if len(names) == 0 {
		return batch, nil
	}
	return batch, s.writer.lookUp(names)
}

// expectedNames returns the names of the waitingids that the writes are going to take.
func expectedNames(batch []*write) (names []int64) {
	for _, w := range batch {
		if id := chat.ExpectedWaitingID(w.ctx); id.Name != "" {
			names = append(names, waitingName(id.From, id.Name))
		}
	}
	return names
}

// begin starts the transaction of a batch. Where several processes write, it waits
// for its turn, and forgets what another one may have changed. A node follows the log
// of the others instead.
func (s *Store) begin(batch []*write) error {
	statement := s.engine.turn()
	if statement == "" {
		return s.writer.begin()
	}
	known := int64(-1)
	if s.opts.Node != "" {
		if s.self = s.identity.Load(); s.self.gone.Load() {
			return ErrNodeGone
		}
		known = s.commits
	}
	expected := expectedNames(batch)
	var t begun
	if err := s.writer.start(context.Background(), s.writeDB, func() (err error) {
		t, err = s.writer.beginTurn(statement, expected, known)
		return err
	}); err != nil {
		return err
	}
	s.number = t.commits
	if s.opts.Node != "" {
		return s.follow(t.commits, t.entries)
	}
	if t.commits != s.commits+1 {
		s.cache.clear()
	}
	s.commits = t.commits
	return nil
}

// run runs one write. If the function fails, only its own writes are undone; lost is set if
// the whole transaction is lost.
func (s *Store) run(w *write, careful bool) (t *tx, refused, lost error) {
	t = &tx{conn: s.writer, cache: s.cache, ctx: context.WithoutCancel(w.ctx), careful: careful}
	if !careful {
		t.pending = s.writer.pending
	}
	refused = t.run(w.fn)
	switch {
	case refused == nil:
		s.cache.keep()
		if careful && t.wrote {
			lost = s.writer.keep()
		}
		s.writer.keepEvents(t.kept)
		return t, nil, lost
	case !t.wrote:
		s.cache.undo()
		// A read that fails may have taken the transaction with it. Then everything
		// after it would commit alone.
		lost = t.failed
	case careful:
		s.cache.undo()
		lost = s.writer.undo()
	default:
		lost = errUndo
	}
	return t, refused, lost
}

// publish hands the events on, or what a node has logged. They are durable: not even a
// panic of the receiver may make the callers believe otherwise.
func (s *Store) publish(events []chat.Event, logged *Commit) {
	defer func() {
		if v := recover(); v != nil {
			p := panicked(v)
			s.opts.Logger.Error("publishing events panicked", "panic", panicText(v), "stack", string(p.stack), "events", len(events))
		}
	}()
	switch {
	case logged != nil:
		s.opts.Logged(*logged)
	case s.opts.Node == "" && len(events) > 0:
		s.opts.Publish(events)
	}
}
