package store

import (
	"context"
	"database/sql"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
)

// Fault is a reason why the database does not work.
type Fault string

// The faults. All but a damaged file can end by themselves.
const (
	FaultFull    Fault = "the disk is full"
	FaultLocked  Fault = "another process has locked the database"
	FaultDisk    Fault = "the disk cannot be read or written"
	FaultDamaged Fault = "the database file is damaged"
	FaultServer  Fault = "the database server does not answer, or refuses to work"
)

// Advice tells an operator what to do about a damaged file.
const Advice = "stop the server and copy the whole folder to another place; then restore a backup, or save what can be read with parley recover"

// prevents is what the fault prevents.
func (f Fault) prevents() string {
	if f == FaultServer {
		return "used"
	}
	return "written"
}

// FaultError is an error of the database. The store has logged it once, when the fault
// began. It is [chat.ErrLogged].
type FaultError struct {
	Fault Fault
	err   error
}

// Error returns the fault and the engine's text.
func (e *FaultError) Error() string { return "store: " + string(e.Fault) + ": " + e.err.Error() }

// Unwrap returns the engine's error.
func (e *FaultError) Unwrap() error { return e.err }

// Is makes the error [chat.ErrLogged].
func (e *FaultError) Is(target error) bool { return target == chat.ErrLogged }

// faultCalm is the time without failures after which a fault is over. On a disk that is
// nearly full, small writes succeed between large ones that fail.
var faultCalm = 5 * time.Second

// health logs a fault once when it begins and once when it ends. It is safe for
// concurrent use.
type health struct {
	restarts atomic.Uint64 // of transactions on a new connection

	log  *slog.Logger
	file string

	// connect returns nil if the server answers; nil: there is no server, or its loss is left to the caller.
	connect func(context.Context) error
	wanted  chan struct{}   // a request waits for an attempt
	open    context.Context // ends when the store is closed
	shut    context.CancelFunc
	watches sync.WaitGroup

	mu      sync.Mutex
	away    error       // why the server is taken to be away; nil: it is there
	next    *attempt    // to connect to such a server, under way or the next one
	damage  *FaultError // stays until the store is closed
	fault   Fault       // that there is now; empty: none
	began   time.Time
	latest  time.Time
	ended   time.Time // of the fault before
	failing int       // how often it has happened
	unnoted bool      // the lock file could not be written
}

// report records an error of the engine and returns the error for the caller.
func (h *health) report(f Fault, err error, reading bool) error {
	e := &FaultError{f, err}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case f == FaultDamaged:
		if h.damage == nil {
			h.damage = e
			h.log.Error("the database file is damaged", "file", h.file, "error", err, "remedy", Advice)
		}
	case reading:
		return err // a later read does not show the end of the fault, so the caller logs it
	default:
		now := time.Now()
		if h.fault != f {
			h.fault, h.began, h.failing = f, now, 0
			h.log.Error("the database cannot be "+f.prevents(), "reason", string(f), "file", h.file, "error", err)
		}
		h.latest = now
		h.failing++
	}
	return e
}

// reportSince is report for a question to the server that began at a time. If a fault has ended since then, the failure
// belongs to that one.
func (h *health) reportSince(began time.Time, err error) error {
	h.mu.Lock()
	late := h.ended.After(began)
	h.mu.Unlock()
	if late {
		return &FaultError{FaultServer, err}
	}
	return h.report(FaultServer, err, false)
}

// watchOver lets connect try to connect to the server while it is away.
func (h *health) watchOver(ctx context.Context, connect func(context.Context) error) {
	h.connect, h.wanted = connect, make(chan struct{}, 1)
	h.open, h.shut = context.WithCancel(context.WithoutCancel(ctx))
}

// answers returns nil if the server answers on a new connection, even if it refuses it, because it has too many
// connections for example: then the other connections may still be used.
func answers(ctx context.Context, e engine, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, reconnectPatience)
	defer cancel()
	err := db.PingContext(ctx)
	if err != nil && e.refuses(err) {
		return nil
	}
	return err
}

// lost records that a connection to the server has ended or does not answer. The server is taken to be away until it
// answers an attempt to connect.
func (h *health) lost(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away == nil && h.connect != nil && h.open.Err() == nil {
		h.next = newAttempt()
		h.watches.Go(h.watch)
	}
	h.away = err
}

// attempt is one to connect to a server that is away.
type attempt struct {
	began time.Time // zero: not yet
	ended chan struct{}
	err   error // why the server is still away; nil: it is not; set before ended is closed
}

func newAttempt() *attempt { return &attempt{ended: make(chan struct{})} }

// attemptPatience is how long an attempt keeps requests waiting for its result.
const attemptPatience = time.Second

// reachable returns an error while the server is away. A request waits for the attempt to connect, but fails when that takes
// long: requests must not wait one after the other for a server that accepts connections and never answers.
func (h *health) reachable(ctx context.Context) error {
	h.mu.Lock()
	away, a := h.away, h.next
	if away == nil || a == nil {
		h.mu.Unlock()
		return nil
	}
	began := a.began
	h.mu.Unlock()
	if began.IsZero() {
		began = time.Now()
		select {
		case h.wanted <- struct{}{}:
		default: // it is known already
		}
	}
	timer := time.NewTimer(time.Until(began.Add(attemptPatience)))
	defer timer.Stop()
	select {
	case <-a.ended:
		return a.err
	case <-timer.C:
		select {
		case <-a.ended:
			return a.err
		default:
			return away
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watchPause is the time between two attempts to connect that no request waits for.
const watchPause = 250 * time.Millisecond

// watch connects to the server until it answers or the store is closed.
func (h *health) watch() {
	for {
		h.mu.Lock()
		a := h.next
		a.began = time.Now()
		h.mu.Unlock()
		err := h.connect(h.open)
		if err != nil && h.open.Err() == nil {
			err = h.reportSince(a.began, err)
		}
		h.mu.Lock()
		if err == nil {
			h.away, h.next = nil, nil
		} else {
			h.away, h.next = err, newAttempt()
		}
		a.err = err
		h.mu.Unlock()
		close(a.ended)
		if err == nil {
			return
		}
		select {
		case <-time.After(watchPause):
		case <-h.wanted:
		case <-h.open.Done():
			return
		}
	}
}

// closed ends the watch.
func (h *health) closed() {
	if h.connect == nil {
		return
	}
	h.mu.Lock()
	h.shut() // no watch begins after this
	h.mu.Unlock()
	h.watches.Wait()
}

// wrote is called after a commit.
func (h *health) wrote() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fault == "" || time.Since(h.latest) < faultCalm {
		return
	}
	h.log.Info("the database can be "+h.fault.prevents()+" again", "after", time.Since(h.began).Round(time.Second).String(), "failed", h.failing, "file", h.file)
	h.fault, h.ended = "", time.Now()
}

// noted is called after each write of the lock file. A failure does not fail the commit.
func (h *health) noted(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err != nil && !h.unnoted:
		h.log.Error("the lock file cannot be written; if commits are lost now, the next start may not notice it", "file", h.file+".lock", "error", err)
	case err == nil && h.unnoted:
		h.log.Info("the lock file can be written again", "file", h.file+".lock")
	}
	h.unnoted = err != nil
}

// damaged returns the first error that showed damage, or nil.
func (h *health) damaged() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.damage == nil {
		return nil
	}
	return h.damage
}

// checkWhileServing lets the engine check every page while the store is in use.
func (s *Store) checkWhileServing(ctx context.Context) {
	defer close(s.checked)
	db, err := s.engine.inspect(s.file, true)
	if err == nil {
		defer db.Close()
		err = s.checkFile(ctx, db)
	}
	switch {
	case err == nil || ctx.Err() != nil:
	case s.engine.isDamaged(err):
		_ = s.health.report(FaultDamaged, err, true)
	default:
		s.opts.Logger.Warn("the database could not be checked", "error", err)
	}
}
