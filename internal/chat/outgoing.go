package chat

import (
	"context"
	"errors"
	"slices"
	"time"
)

// OutgoingID identifies an event for a subscription. Later ones have higher ids.
type OutgoingID int64

// Outgoing is an event for a subscription. It is stored in the transaction of the event, so that a crash loses none, and removed
// when the receiver has accepted it. An event that was not accepted in time is given up: it stays for a while, and can be posted again.
type Outgoing struct {
	ID           OutgoingID
	Subscription SubscriptionID
	Event        string // the id that the receiver gets, the same in each attempt and for each subscription
	Kind         OutgoingKind
	Topic        string // events of one topic, like those of one chat, are posted in order
	At           time.Time
	Since        time.Time // when it began to wait: At, or when it was last asked to be posted again
	Body         []byte    // JSON

	Attempts int // that have failed
	NextAt   time.Time
	DeadAt   time.Time // when it was given up; zero: it waits
	Failure  string    // of the last attempt, in English
}

// KeptOutgoing is an event as it was stored in its transaction, before each subscription has a row of its own.
type KeptOutgoing struct {
	Outgoing
	To []SubscriptionID
}

// OutgoingCount has the number of events of a subscription, up to [MaxOutgoingCount] of each kind.
type OutgoingCount struct {
	Waiting, Dead int
	Oldest        time.Time // of those that wait; zero: there are none
}

// OutgoingTx is the part of [Tx] for the events of subscriptions.
type OutgoingTx interface {
	// KeepOutgoing stores an event for subscriptions. It is cheap, because the events of a commit are stored together. TakeKept
	// takes the oldest of them out, all of one commit and at most limit; nil: there are none.
	KeepOutgoing(o Outgoing, to []SubscriptionID) error
	HasKept() (bool, error)
	TakeKept(limit int) ([]KeptOutgoing, error)

	AddOutgoing(Outgoing) error // ID is not set
	Outgoing(OutgoingID) (Outgoing, error)
	// DueOutgoing returns the oldest events that wait, without those of a topic of which one is not due, oldest first.
	DueOutgoing(s SubscriptionID, now time.Time, limit int) ([]Outgoing, error)
	OldestOutgoing(SubscriptionID) (Outgoing, error)   // that waits, due or not
	NextOutgoing(SubscriptionID) (time.Time, error)    // the earliest NextAt; zero: there is none
	RemoveOutgoing(SubscriptionID, []OutgoingID) error // those that are there
	PostponeOutgoing(id OutgoingID, next time.Time, attempts int, failure string) error
	GiveUpOutgoing(id OutgoingID, at time.Time, attempts int, failure string) error
	GiveUpOldOutgoing(s SubscriptionID, before, at time.Time, limit int) (int64, error) // Since is before
	RetryOutgoing(SubscriptionID) error                                                 // all that wait are due
	ReplayOutgoing(id OutgoingID, now time.Time) error
	ReplayOutgoingSince(s SubscriptionID, from, now time.Time, limit int) (int64, error)
	DeadOutgoing(s SubscriptionID, after OutgoingID, limit int) ([]Outgoing, error)  // oldest first
	RemoveDeadOutgoing(s SubscriptionID, before time.Time, limit int) (int64, error) // given up before
	RemoveOutgoingOf(s SubscriptionID, limit int) (int64, error)                     // all
	CountOutgoing(s SubscriptionID, most int) (OutgoingCount, error)
}

const (
	// The time between two attempts doubles from the first to the last of these.
	firstOutgoingPause = 5 * time.Second
	lastOutgoingPause  = time.Hour
	// trialFailures is the number of failed events without an accepted one after which a subscription is paused. It is so high that
	// a few events that the receiver cannot take do not pause the others.
	trialFailures = 8
	// outgoingPiece is how many events one transaction changes.
	outgoingPiece = 1000
	// spreadPiece is how many events one transaction gives to their subscriptions.
	spreadPiece = 64
)

// outgoingPause is the time before the next attempt after some failed ones.
func outgoingPause(failures int) time.Duration {
	return min(firstOutgoingPause<<min(max(failures-1, 0), 16), lastOutgoingPause)
}

// OutgoingWork is what to do for a subscription.
type OutgoingWork struct {
	Subscription Subscription
	Secrets      []string   // with which events are signed now, the newest first
	Due          []Outgoing // oldest first; of one topic in order
	// NextAt is when to look again if nothing is due, and Wait is the time until then. Zero: when there is a new event.
	NextAt time.Time
	Wait   time.Duration
	// Held: new events are not due before NextAt, either.
	Held bool
}

// ActiveSubscriptions returns the ids of the subscriptions whose events are posted.
func (s *Service) ActiveSubscriptions(ctx context.Context) ([]SubscriptionID, error) {
	return view(ctx, s, func(tx Tx) ([]SubscriptionID, error) {
		active, err := tx.ActiveSubscriptions()
		ids := make([]SubscriptionID, len(active))
		for i, a := range active {
			ids[i] = a.ID
		}
		return ids, err
	})
}

// SpreadOutgoing gives kept events to their subscriptions, and reports whether there may be more. Until then an event is stored, and
// is not posted. So the transaction of a message has little to do for it, however many subscriptions there are.
func (s *Service) SpreadOutgoing(ctx context.Context) (more bool, err error) {
	if some, err := view(ctx, s, Tx.HasKept); err != nil || !some {
		return false, err
	}
	return update(ctx, s, func(tx Tx) (bool, error) {
		all, err := tx.TakeKept(spreadPiece)
		if err != nil {
			return false, err
		}
		there := make(map[SubscriptionID]bool)
		for _, o := range all {
			for _, id := range o.To {
				is, known := there[id]
				if !known {
					sub, err := tx.Subscription(id)
					if err != nil && !errors.Is(err, ErrNoRow) {
						return false, err
					}
					is = err == nil && sub.RemovedAt.IsZero()
					there[id] = is
				}
				if !is {
					continue
				}
				o.Subscription = id
				if err := tx.AddOutgoing(o.Outgoing); err != nil {
					return false, err
				}
			}
		}
		return len(all) > 0, nil
	})
}

// OutgoingWork returns the events of a subscription that are due, at most limit. If the subscription is paused, it is one event.
// [ErrNotFound]: the subscription is not active.
func (s *Service) OutgoingWork(ctx context.Context, id SubscriptionID, limit int) (OutgoingWork, error) {
	return view(ctx, s, func(tx Tx) (OutgoingWork, error) {
		active, err := tx.ActiveSubscriptions()
		if err != nil {
			return OutgoingWork{}, err
		}
		if !slices.ContainsFunc(active, func(a Subscriber) bool { return a.ID == id }) {
			return OutgoingWork{}, ErrNotFound
		}
		sub, err := tx.Subscription(id)
		if err != nil {
			return OutgoingWork{}, or(err, ErrNotFound)
		}
		now := s.now()
		w := OutgoingWork{Subscription: sub, Secrets: sub.LiveSecrets(now)}
		// A time that is further away was stored while the clock was ahead.
		if wait := sub.NextAt.Sub(now); wait > 0 && wait <= lastOutgoingPause+clockSlack {
			w.NextAt, w.Wait, w.Held = sub.NextAt, wait, true
			return w, nil
		}
		if w.Due, err = tx.DueOutgoing(id, now, limit); err != nil {
			return w, err
		}
		if len(w.Due) > 0 {
			if sub.Paused() {
				w.Due = trial(w.Due)
			}
			return w, nil
		}
		next, err := tx.NextOutgoing(id)
		if err != nil || next.IsZero() {
			return w, err
		}
		if wait := next.Sub(now); !sub.Paused() && wait <= lastOutgoingPause+clockSlack {
			w.NextAt, w.Wait = next, max(wait, time.Millisecond)
			return w, nil
		}
		oldest, err := tx.OldestOutgoing(id)
		if err == nil {
			w.Due = []Outgoing{oldest}
		}
		return w, or(err, nil)
	})
}

// trial returns the event that a paused subscription tries: of those that are the first of their topic, one with the fewest failed
// attempts. So an event that the receiver never takes does not keep the others from being tried.
func trial(due []Outgoing) []Outgoing {
	best := -1
	topics := make(map[string]bool)
	for i, o := range due {
		if !topics[o.Topic] && (best < 0 || o.Attempts < due[best].Attempts) {
			best = i
		}
		topics[o.Topic] = true
	}
	return due[best : best+1]
}

// OutgoingResult is the result of attempts to post events of a subscription.
type OutgoingResult struct {
	Accepted []OutgoingID
	Dropped  []OutgoingID // there was nobody to tell, so they were not posted
	Failed   []FailedOutgoing
	Wait     time.Duration // asked for by the receiver; 0: none
	Gone     bool          // the receiver has answered with the status 410
}

// FailedOutgoing is an event that was not accepted.
type FailedOutgoing struct {
	ID      OutgoingID
	Failure string // in English, without a part of the answer
}

// OutgoingOutcome tells what a result has changed, for the log.
type OutgoingOutcome struct {
	Paused  bool       // from now on
	Resumed bool       // it was paused
	Stopped StopReason // from now on; empty: it is not
	GivenUp int        // events
}

// FinishOutgoing stores the result of attempts. It removes accepted and dropped events, and gives up those whose time is over.
func (s *Service) FinishOutgoing(ctx context.Context, id SubscriptionID, r OutgoingResult) (OutgoingOutcome, error) {
	return update(ctx, s, func(tx Tx) (OutgoingOutcome, error) {
		var outcome OutgoingOutcome
		sub, err := tx.Subscription(id)
		if err != nil {
			return outcome, or(err, nil) // it was removed
		}
		if err := tx.RemoveOutgoing(id, slices.Concat(r.Accepted, r.Dropped)); err != nil {
			return outcome, err
		}
		now := s.now()
		counted := 0
		for _, f := range r.Failed {
			before, dead, err := s.failOutgoing(tx, f, now)
			if err != nil {
				return outcome, err
			}
			if dead {
				outcome.GivenUp++
			}
			if before == 0 || sub.Paused() { // the same event again is no news of the receiver
				counted++
			}
		}
		before := sub
		s.judge(&sub, r, counted, now)
		if before.Paused() && !sub.Paused() {
			outcome.Resumed = true
			if err := tx.RetryOutgoing(id); err != nil {
				return outcome, err
			}
		}
		outcome.Paused = !before.Paused() && sub.Paused()
		if sub.Stopped != before.Stopped {
			outcome.Stopped = sub.Stopped
			if err := tx.UpdateSubscription(sub); err != nil {
				return outcome, err
			}
			return outcome, s.record(ctx, tx, sub.did(AuditSubscriptionStopped).with("reason", string(sub.Stopped)))
		}
		if sub.Failures == before.Failures && sub.Failure == before.Failure && sub.NextAt.Equal(before.NextAt) &&
			sub.DeliveredAt.Equal(before.DeliveredAt) {
			return outcome, nil
		}
		return outcome, tx.SetSubscriptionState(sub)
	})
}

// failOutgoing postpones an event, or gives it up. It returns the number of attempts that had failed before.
func (s *Service) failOutgoing(tx Tx, f FailedOutgoing, now time.Time) (before int, dead bool, err error) {
	o, err := tx.Outgoing(f.ID)
	if err != nil {
		return 1, false, or(err, nil)
	}
	attempts, failure := o.Attempts+1, cutBytes(f.Failure, maxAuditDetail)
	if now.Sub(o.Since) >= s.opts.OutgoingGiveUp {
		return o.Attempts, true, or(tx.GiveUpOutgoing(o.ID, now, attempts, failure), nil)
	}
	return o.Attempts, false, or(tx.PostponeOutgoing(o.ID, now.Add(outgoingPause(attempts)), attempts, failure), nil)
}

// judge changes the state of a subscription after attempts, of which some failed ones count.
func (s *Service) judge(sub *Subscription, r OutgoingResult, counted int, now time.Time) {
	if len(r.Accepted) > 0 {
		sub.Failures, sub.FailingAt, sub.NextAt, sub.Failure = 0, time.Time{}, time.Time{}, ""
		if now.Sub(sub.DeliveredAt).Abs() >= time.Minute {
			sub.DeliveredAt = now
		}
	}
	if n := len(r.Failed); n > 0 {
		sub.Failure = cutBytes(r.Failed[n-1].Failure, maxAuditDetail)
		if len(r.Accepted) == 0 {
			if sub.FailingAt.IsZero() || sub.FailingAt.After(now) {
				sub.FailingAt = now
			}
			sub.Failures += counted
		}
	}
	if sub.Failures >= trialFailures {
		sub.NextAt = now.Add(outgoingPause(sub.Failures - trialFailures + 1))
	}
	if r.Wait > 0 {
		if until := now.Add(min(r.Wait, lastOutgoingPause)); until.After(sub.NextAt) {
			sub.NextAt = until
		}
	}
	switch {
	case !sub.StoppedAt.IsZero():
	case r.Gone:
		sub.StoppedAt, sub.Stopped = now, StopGone
	case sub.Failures >= trialFailures && now.Sub(sub.FailingAt) >= s.opts.OutgoingGiveUp:
		sub.StoppedAt, sub.Stopped = now, StopFailing
	}
}

// TidyOutgoing gives up events that wait too long for a subscription that gets none at present, and removes those that were given up
// long ago and those of removed subscriptions. It does a part of the work, and reports whether there may be more.
func (s *Service) TidyOutgoing(ctx context.Context) (more bool, err error) {
	all, err := view(ctx, s, func(tx Tx) ([]Subscription, error) { return tx.Subscriptions("") })
	for _, sub := range all {
		changed, err := s.tidySubscription(ctx, sub.ID)
		if err != nil {
			return false, err
		}
		more = more || changed
	}
	return more, err
}

func (s *Service) tidySubscription(ctx context.Context, id SubscriptionID) (more bool, err error) {
	// The look needs no write, of which there would be one a minute for each subscription.
	idle, err := view(ctx, s, func(tx Tx) (bool, error) {
		sub, err := tx.Subscription(id)
		if err != nil {
			return true, or(err, nil)
		}
		count, err := tx.CountOutgoing(id, 1)
		return sub.RemovedAt.IsZero() && count.Dead == 0 && (count.Waiting == 0 || s.now().Sub(count.Oldest) < s.opts.OutgoingGiveUp), err
	})
	if err != nil || idle {
		return false, err
	}
	return update(ctx, s, func(tx Tx) (bool, error) {
		sub, err := tx.Subscription(id)
		if err != nil {
			return false, or(err, nil)
		}
		if !sub.RemovedAt.IsZero() {
			n, err := tx.RemoveOutgoingOf(id, outgoingPiece)
			if err == nil && n < outgoingPiece {
				err = tx.DeleteSubscription(id)
			}
			return n >= outgoingPiece, err
		}
		now := s.now()
		removed, err := tx.RemoveDeadOutgoing(id, now.Add(-s.opts.OutgoingKeep), outgoingPiece)
		if err != nil {
			return false, err
		}
		active, err := tx.ActiveSubscriptions()
		if err != nil {
			return false, err
		}
		var given int64
		if sub.Paused() || !slices.ContainsFunc(active, func(a Subscriber) bool { return a.ID == id }) {
			given, err = tx.GiveUpOldOutgoing(id, now.Add(-s.opts.OutgoingGiveUp), now, outgoingPiece)
		}
		return removed >= outgoingPiece || given >= outgoingPiece, err
	})
}

// DeadOutgoing returns the events that were given up, oldest first, after the one with an id. The subscription is one of the
// application, or of any if of is empty.
func (s *Service) DeadOutgoing(ctx context.Context, of AppID, id SubscriptionID, after OutgoingID, limit int) ([]Outgoing, error) {
	return view(ctx, s, func(tx Tx) ([]Outgoing, error) { return s.deadOutgoing(tx, of, id, after, limit) })
}

func (s *Service) deadOutgoing(tx Tx, of AppID, id SubscriptionID, after OutgoingID, limit int) ([]Outgoing, error) {
	if _, err := ownSubscription(tx, of, id); err != nil {
		return nil, err
	}
	return tx.DeadOutgoing(id, after, s.page(limit))
}

// ReplayOutgoing lets an event that was given up be posted again, with its former id. [ErrNotFound]: there is no such event.
func (s *Service) ReplayOutgoing(ctx context.Context, of AppID, id SubscriptionID, event OutgoingID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return err
		}
		o, err := tx.Outgoing(event)
		if err == nil && o.Subscription != id {
			err = ErrNotFound
		}
		if err == nil {
			err = tx.ReplayOutgoing(event, s.now())
		}
		if err != nil {
			return or(err, ErrNotFound)
		}
		return s.record(ctx, tx, sub.did(AuditSubscriptionReplayed).with("event", o.Event))
	})
}

// Replayed is the result of [Service.ReplayOutgoingSince].
type Replayed struct {
	Count int
	More  bool // there are more; call again
}

// ReplayOutgoingSince lets the events that were given up and happened at a time or later be posted again, at most some thousand of them.
func (s *Service) ReplayOutgoingSince(ctx context.Context, of AppID, id SubscriptionID, from time.Time) (Replayed, error) {
	const most = 10 * outgoingPiece
	return update(ctx, s, func(tx Tx) (Replayed, error) {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return Replayed{}, err
		}
		n, err := tx.ReplayOutgoingSince(id, from, s.now(), most)
		if err != nil || n == 0 {
			return Replayed{}, err
		}
		return Replayed{int(n), n >= most}, s.record(ctx, tx, sub.did(AuditSubscriptionReplayed).with("from", from.UTC().Format(time.RFC3339)))
	})
}

// TestSubscription stores an event of kind [OutgoingTest] for a subscription, whatever kinds it asks for.
func (s *Service) TestSubscription(ctx context.Context, of AppID, id SubscriptionID) error {
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return err
		}
		if s.opts.EncodeOutgoing == nil || !sub.StoppedAt.IsZero() {
			return Invalid("subscription", "is stopped")
		}
		body, err := s.opts.EncodeOutgoing(&OutgoingEvent{Kind: OutgoingTest, At: now, Data: OutgoingTestData{Subscription: id}})
		if err != nil {
			return err
		}
		return tx.AddOutgoing(Outgoing{Subscription: id, Event: newID(), Kind: OutgoingTest, Topic: string(OutgoingTest), At: now, Since: now, Body: body})
	})
}
