package chat

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Refusal is a caller without a log-in who was refused, for the audit log. It has nothing of the text that the caller typed:
// people type passwords into the wrong field.
type Refusal struct {
	Kind   AuditKind // one that ends with ".refused"
	Method string    // of a sign-in
	Reason error     // a refusal that the caller was told

	Account    AccountID    // if it is known
	Invitation InvitationID // if it is known
	State      InvitationState
}

func (r *Refusal) entry() AuditEntry {
	e := AuditEntry{Kind: r.Kind}
	switch {
	case r.Account != "":
		e = onAccount(r.Kind, r.Account)
	case r.Invitation != "":
		e.TargetType, e.Target = TargetInvitation, string(r.Invitation)
	}
	for key, value := range map[string]string{"method": r.Method, "refusal": r.Reason.Error(), "state": string(r.State)} {
		if value != "" {
			e = e.with(key, value)
		}
	}
	return e
}

// A flood of refusals must not flood the audit log. The first refusal of its sort is recorded at once. Further ones are
// counted, and recorded as one entry for each refusalWindow. Only maxRefusals sorts are told apart at a time; what is above is
// counted for all addresses together.
const (
	refusalWindow = 10 * time.Minute
	maxRefusals   = 1000
)

// refusalSort is what refusals have in common that are counted together.
type refusalSort struct {
	kind                            AuditKind
	address, method, reason, target string
}

type refusalCount struct {
	since time.Time
	more  int        // that are not recorded
	entry AuditEntry // of the last one
	from  Origin
}

// refusals counts the refusals that are not recorded. They are in memory: each node has its own.
type refusals struct {
	mu    sync.Mutex
	sorts map[refusalSort]*refusalCount
}

// add counts a refusal. It returns the entry to be recorded at once with its source, if there is one.
func (r *refusals) add(e AuditEntry, from Origin, now time.Time) (AuditEntry, Origin, bool) {
	sort := refusalSort{e.Kind, from.Address, e.Detail["method"], e.Detail["refusal"], e.Target}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sorts == nil {
		r.sorts = make(map[refusalSort]*refusalCount)
	}
	c, known := r.sorts[sort]
	if !known && len(r.sorts) >= maxRefusals {
		sort, e, from = refusalSort{kind: e.Kind}, AuditEntry{Kind: e.Kind}.with("addresses", "several"), Origin{}
		if c, known = r.sorts[sort]; !known {
			c, known = &refusalCount{since: now}, true
			r.sorts[sort] = c
		}
	}
	switch {
	case !known:
		r.sorts[sort] = &refusalCount{since: now}
		return e, from, true
	case now.Sub(c.since) < refusalWindow:
		c.more, c.entry, c.from = c.more+1, e, from
		return AuditEntry{}, Origin{}, false
	}
	e = e.of(c.more + 1)
	*c = refusalCount{since: now}
	return e, from, true
}

// of says how many refusals the entry stands for.
func (e AuditEntry) of(count int) AuditEntry {
	if count < 2 {
		return e
	}
	return e.with("count", strconv.Itoa(count))
}

// due removes the counts whose time has passed, or all of them, and returns those that have something to record.
func (r *refusals) due(now time.Time, all bool) (due []refusalCount) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for sort, c := range r.sorts {
		if !all && now.Sub(c.since) < refusalWindow {
			continue
		}
		if c.more == 0 || all {
			delete(r.sorts, sort)
		}
		if c.more > 0 {
			due = append(due, *c)
			*c = refusalCount{since: now}
		}
	}
	return due
}

// RecordRefusal records a refusal in a transaction of its own, because the refused one is rolled back.
func (s *Service) RecordRefusal(ctx context.Context, r Refusal) {
	e, from, due := s.refusals.add(r.entry(), OriginOf(ctx), s.now())
	if !due {
		return
	}
	ctx = WithOrigin(context.WithoutCancel(ctx), from)
	if err := s.store.Update(ctx, func(tx Tx) error { return s.record(ctx, tx, e) }); err != nil {
		s.log.WarnContext(ctx, "a refused sign-in is missing in the audit log", "error", err)
	}
}

// WriteRefusals records the refusals that were only counted until now and whose time has passed; with all, all of them. The
// server calls it regularly, and with all before it stops.
func (s *Service) WriteRefusals(ctx context.Context, all bool) error {
	for some := range slices.Chunk(s.refusals.due(s.now(), all), 100) {
		err := s.store.Update(ctx, func(tx Tx) error {
			for _, c := range some {
				if err := s.record(WithOrigin(ctx, c.from), tx, c.entry.of(c.more)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
