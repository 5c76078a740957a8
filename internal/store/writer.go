package store

import (
	"context"
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
	n = min(n, len(q.waiting))
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

// Update runs fn in the next commit; see [chat.Store]. When ctx ends before fn
// has begun, fn will not run and Update returns at once. Afterwards Update
// waits for the commit whatever becomes of ctx: its outcome is then a fact.
// A full queue is [ErrBusy]; a panic of fn comes back as a [*PanicError].
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
		clear(batch)
	}
}

// commit runs the writes in one transaction and lets their callers go. Where the
// transaction is lost half-way, it fails those that ran and returns the others.
func (s *Store) commit(batch []*write) (rest []*write) {
	report := Batch{}
	started := time.Now()
	var events []chat.Event

	err := s.writer.begin()
	if err != nil {
		report.Functions = len(batch)
	}
	for err == nil && report.Functions < len(batch) {
		w := batch[report.Functions]
		report.Functions++
		if w.err = w.ctx.Err(); w.err != nil {
			report.Refused++
			continue
		}
		var published []chat.Event
		published, w.err, err = s.run(w)
		if w.err != nil {
			report.Refused++
		}
		events = append(events, published...)
	}
	batch, rest = batch[:report.Functions], batch[report.Functions:]

	report.Run = time.Since(started)
	if err == nil {
		err = s.writer.commit()
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
	} else if len(events) > 0 {
		s.publish(events)
	}
	s.opts.Committed(report)
	for _, w := range batch {
		close(w.done)
	}
	return rest
}

// run runs one write. What it refused is undone alone; lost says that the whole
// transaction is gone.
func (s *Store) run(w *write) (events []chat.Event, refused, lost error) {
	t := &tx{conn: s.writer, cache: s.cache, ctx: context.WithoutCancel(w.ctx)}
	refused = t.run(w.fn)
	if refused != nil {
		s.cache.undo()
		if t.savepoint {
			lost = s.writer.undo()
		}
		return nil, refused, lost
	}
	s.cache.keep()
	if t.savepoint {
		lost = s.writer.keep()
	}
	return t.events, nil, lost
}

// publish hands the events on. They are durable: not even a panic of the
// receiver may make the callers believe otherwise.
func (s *Store) publish(events []chat.Event) {
	defer func() {
		if p := recover(); p != nil {
			s.opts.Logger.Error("publishing events panicked", "panic", fmt.Sprint(p), "events", len(events))
		}
	}()
	s.opts.Publish(events)
}

// PanicError is a panic of a function given to [Store.Update] or [Store.View].
type PanicError struct {
	Value any
	Stack []byte
}

// Error names the value; the stack is for the log.
func (e *PanicError) Error() string { return fmt.Sprintf("store: panic in a transaction: %v", e.Value) }

// Unwrap returns the value when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
