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

	mu      sync.Mutex
	away    error       // why the server is taken to be away; nil: it is there
	attempt *attempt    // to connect to such a server; nil: there is none under way
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

// lost records that a connection to the server has ended or does not answer.
func (h *health) lost(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away = err
}

// attempt is an attempt to connect to a server that could not be connected to before.
type attempt struct {
	began time.Time
	ended chan struct{}
	err   error // why the server is still away; nil: it is not, or the attempt was interrupted; set before ended is closed
}

// attemptPatience is how long an attempt keeps others waiting for its result.
const attemptPatience = time.Second

// connect connects to the server with dial. While the server is away, one caller at a time
// tries to connect. The others wait for the result, but fail when the attempt takes long: requests
// must not wait one after the other for a server that accepts connections and never answers.
func (h *health) connect(ctx context.Context, dial func() error) error {
	a, err := h.begin(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err = dial(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // which says nothing about the server
		} else {
			err = h.reportSince(began, err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	known := err == nil || ctx.Err() == nil
	if known {
		h.away = err
	}
	if a != nil {
		h.attempt = nil
		if known {
			a.err = err
		}
		close(a.ended)
	}
	return err
}

// begin returns when the caller may connect. Its attempt is nil unless the server is away.
func (h *health) begin(ctx context.Context) (*attempt, error) {
	for {
		h.mu.Lock()
		away, other := h.away, h.attempt
		if away == nil || other == nil {
			var own *attempt
			if away != nil {
				own = &attempt{began: time.Now(), ended: make(chan struct{})}
				h.attempt = own
			}
			h.mu.Unlock()
			return own, nil
		}
		h.mu.Unlock()
		if err := other.wait(ctx, away); err != nil {
			return nil, err
		}
	}
}

// wait returns an error if the server is taken to be away.
func (a *attempt) wait(ctx context.Context, away error) error {
	timer := time.NewTimer(time.Until(a.began.Add(attemptPatience)))
	defer timer.Stop()
	select {
	case <-a.ended:
		return a.err
	case <-timer.C:
		return away
	case <-ctx.Done():
		return ctx.Err()
	}
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
