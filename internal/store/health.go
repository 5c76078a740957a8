package store

import (
	"context"
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

	mu      sync.Mutex
	damage  *FaultError // stays until the store is closed
	fault   Fault       // that prevents writing now; empty: none
	began   time.Time
	latest  time.Time
	failing int  // how often it has happened
	unnoted bool // the lock file could not be written
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
			h.log.Error("the database cannot be written", "reason", string(f), "file", h.file, "error", err)
		}
		h.latest = now
		h.failing++
	}
	return e
}

// wrote is called after a commit.
func (h *health) wrote() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fault == "" || time.Since(h.latest) < faultCalm {
		return
	}
	h.log.Info("the database can be written again", "after", time.Since(h.began).Round(time.Second).String(), "failed", h.failing, "file", h.file)
	h.fault = ""
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
