package chat

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// SubscriptionID identifies a subscription. It is not a secret.
type SubscriptionID string

// Subscription asks for events of some kinds to be posted to an address, signed with the secrets. It belongs to an
// application of kind [AppServer] that is not bound to an organization. See docs/outgoing-webhooks.md.
type Subscription struct {
	ID        SubscriptionID
	App       AppID
	URL       string
	Note      string         // of the owner, like the name of the receiver
	Kinds     []OutgoingKind // in the order of [OutgoingKinds]
	Secrets   []Credential   // in the form of [NewOutgoingSecret], the newest first; two during a rotation
	CreatedAt time.Time

	// A subscription that is stopped gets no events: those that happen now are not stored for it, and those that wait are not posted.
	StoppedAt time.Time
	Stopped   StopReason

	// Failures counts the events that have failed since the last one that was accepted. At [trialFailures] the subscription is
	// paused: one event is tried at NextAt, and the others wait. From then on every failed attempt counts.
	Failures    int
	FailingAt   time.Time // the first of these failures
	NextAt      time.Time // no attempt before this; zero: no wait
	Failure     string    // of the last failed attempt, in English
	DeliveredAt time.Time // the last accepted event, to the minute; zero: none

	RemovedAt time.Time // its events are being removed; see [Service.TidyOutgoing]
}

// StopReason tells why a subscription is stopped.
type StopReason string

// The reasons.
const (
	StopByHand  StopReason = "by-hand" // by the application or an administrator
	StopFailing StopReason = "failing" // every attempt has failed for [Options.OutgoingGiveUp]
	StopGone    StopReason = "gone"    // the receiver has answered with the status 410
)

// Paused reports whether the events of the subscription wait because its receiver fails.
func (s *Subscription) Paused() bool { return s.StoppedAt.IsZero() && s.Failures >= trialFailures }

// LiveSecrets returns the secrets with which an event is signed at the time, the newest first.
func (s *Subscription) LiveSecrets(now time.Time) []string {
	var secrets []string
	for _, c := range s.Secrets {
		if c.live(now) {
			secrets = append(secrets, c.Value)
		}
	}
	return secrets
}

// Subscriber is an active subscription with what is needed to store events for it.
type Subscriber struct {
	ID    SubscriptionID
	Kinds []OutgoingKind
}

// SubscriptionTx is the part of [Tx] for subscriptions.
type SubscriptionTx interface {
	CreateSubscription(Subscription) error
	UpdateSubscription(Subscription) error // everything but ID and App
	// SetSubscriptionState sets Failures, FailingAt, NextAt, Failure and DeliveredAt.
	SetSubscriptionState(Subscription) error
	DeleteSubscription(SubscriptionID) error
	Subscription(SubscriptionID) (Subscription, error)
	Subscriptions(of AppID) ([]Subscription, error) // oldest first, with removed ones; of all applications if of is empty
	// ActiveSubscriptions returns those that are not stopped or removed, and whose application is not disabled, oldest first.
	ActiveSubscriptions() ([]Subscriber, error)
}

// SubscriptionSeen is a subscription with its application and the number of its events.
type SubscriptionSeen struct {
	Subscription
	OutgoingCount
	AppName     string
	AppDisabled bool
}

// SubscriptionPatch changes the fields that are not nil.
type SubscriptionPatch struct {
	URL, Note *string
	Kinds     *[]OutgoingKind
	// Stopped stops the subscription, or starts it again at once, also if its receiver has failed.
	Stopped *bool
}

// IssuedSubscription is a subscription with a secret that cannot be read again.
type IssuedSubscription struct {
	SubscriptionSeen
	Secret string
}

const (
	maxNote = 200 // UTF-16 units
	// MaxOutgoingCount is the number up to which waiting and given up events are counted.
	MaxOutgoingCount = 10_000
)

// outgoingSecretPrefix begins a secret in the form of the Standard Webhooks text.
const outgoingSecretPrefix = "whsec_"

// NewOutgoingSecret returns a secret as the Standard Webhooks text has it: a prefix, and 32 random bytes in base64.
func NewOutgoingSecret() string {
	b := make([]byte, 32)
	rand.Read(b)
	return outgoingSecretPrefix + base64.StdEncoding.EncodeToString(b)
}

// cleanSubscription checks the fields that a caller sets, and brings the kinds into order.
func (s *Service) cleanSubscription(sub *Subscription) error {
	if err := s.checkTarget(sub.URL); err != nil {
		return err
	}
	sub.Note = strings.TrimSpace(sub.Note)
	if err := checkLength("note", sub.Note, maxNote); err != nil {
		return err
	}
	for _, k := range sub.Kinds {
		if !slices.Contains(OutgoingKinds, k) {
			return Invalid("kinds", "names a kind of event that does not exist: %.64q", string(k))
		}
	}
	var sorted []OutgoingKind
	for _, k := range OutgoingKinds {
		if slices.Contains(sub.Kinds, k) {
			sorted = append(sorted, k)
		}
	}
	if len(sorted) == 0 {
		return invalidFor("kinds", ReasonRequired, "is required")
	}
	sub.Kinds = sorted
	return nil
}

// checkTarget refuses an address to which nothing is posted. Whether the host has a public address is checked by each connection.
func (s *Service) checkTarget(address string) error {
	if address == "" {
		return invalidFor("url", ReasonRequired, "is required")
	}
	var invalid *InvalidError
	if err := checkURL("url", address); errors.As(err, &invalid) {
		return invalidFor("url", ReasonReceiver, invalid.Reason)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return invalidFor("url", ReasonReceiver, "must begin with https:// and name a host")
	case u.User != nil:
		return invalidFor("url", ReasonReceiver, "must not have a user or a password; every request is signed")
	case u.Fragment != "":
		return invalidFor("url", ReasonReceiver, "must not have a fragment")
	}
	if s.opts.CheckOutgoingURL != nil {
		if fault := s.opts.CheckOutgoingURL(u); fault != "" {
			return invalidFor("url", ReasonReceiver, fault)
		}
	}
	return nil
}

// subscribing returns the application that a subscription can belong to.
func subscribing(tx Tx, ref AppID) (Application, error) {
	app, err := applicationBy(tx, ref)
	switch {
	case err != nil:
		return Application{}, or(err, Invalid("application", "is not the id or the key of an application"))
	case app.Kind != AppServer:
		return Application{}, Invalid("application", "must be of kind server")
	case app.Organization != "":
		return Application{}, Invalid("application", "must not be bound to an organization, because events of all organizations are posted")
	}
	return app, nil
}

// ownSubscription returns a subscription of the application, or of any if of is empty.
func ownSubscription(tx Tx, of AppID, id SubscriptionID) (Subscription, error) {
	sub, err := tx.Subscription(id)
	if err == nil && (of != "" && sub.App != of || !sub.RemovedAt.IsZero()) {
		err = ErrNotFound
	}
	return sub, or(err, ErrNotFound)
}

func seenSubscription(tx Tx, sub Subscription) (SubscriptionSeen, error) {
	count, err := tx.CountOutgoing(sub.ID, MaxOutgoingCount)
	if err != nil {
		return SubscriptionSeen{}, err
	}
	app, err := tx.Application(sub.App)
	return SubscriptionSeen{sub, count, app.Name, !app.DisabledAt.IsZero()}, err
}

// did begins an entry of the audit log about the subscription.
func (s *Subscription) did(kind AuditKind) AuditEntry {
	return AuditEntry{Kind: kind, TargetType: TargetApplication, Target: string(s.App)}.with("subscription", string(s.ID)).with("url", s.URL)
}

// Subscriptions returns the subscriptions of an application, or of all if of is empty, oldest first.
func (s *Service) Subscriptions(ctx context.Context, of AppID) ([]SubscriptionSeen, error) {
	return view(ctx, s, func(tx Tx) ([]SubscriptionSeen, error) { return subscriptions(tx, of) })
}

func subscriptions(tx Tx, of AppID) ([]SubscriptionSeen, error) {
	all, err := tx.Subscriptions(of)
	if err != nil {
		return nil, err
	}
	var seen []SubscriptionSeen
	for _, sub := range all {
		if !sub.RemovedAt.IsZero() {
			continue
		}
		one, err := seenSubscription(tx, sub)
		if err != nil {
			return nil, err
		}
		seen = append(seen, one)
	}
	return seen, nil
}

// Subscription returns a subscription of an application, or of any if of is empty. [ErrNotFound]: there is none.
func (s *Service) Subscription(ctx context.Context, of AppID, id SubscriptionID) (SubscriptionSeen, error) {
	return view(ctx, s, func(tx Tx) (SubscriptionSeen, error) {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return SubscriptionSeen{}, err
		}
		return seenSubscription(tx, sub)
	})
}

// CreateSubscription subscribes the application with the id or the key of sub.App. It gets the events that happen from now on.
// URL, Note and Kinds are taken from sub.
func (s *Service) CreateSubscription(ctx context.Context, sub Subscription) (IssuedSubscription, error) {
	secret, now := NewOutgoingSecret(), s.now()
	sub = Subscription{
		ID: SubscriptionID(newID()), App: sub.App, URL: sub.URL, Note: sub.Note, Kinds: sub.Kinds, CreatedAt: now,
		Secrets: []Credential{{Value: secret, CreatedAt: now}},
	}
	if err := s.cleanSubscription(&sub); err != nil {
		return IssuedSubscription{}, err
	}
	return update(ctx, s, func(tx Tx) (IssuedSubscription, error) {
		sub := sub // this may run more than once
		app, err := subscribing(tx, sub.App)
		if err != nil {
			return IssuedSubscription{}, err
		}
		sub.App = app.ID
		others, err := tx.Subscriptions(app.ID)
		if err != nil {
			return IssuedSubscription{}, err
		}
		others = slices.DeleteFunc(others, func(o Subscription) bool { return !o.RemovedAt.IsZero() })
		if most := s.opts.MaxSubscriptions; len(others) >= most {
			return IssuedSubscription{}, Invalid("application", "must not have more than %d subscriptions", most)
		}
		if err := tx.CreateSubscription(sub); err != nil {
			return IssuedSubscription{}, err
		}
		return IssuedSubscription{SubscriptionSeen{Subscription: sub, AppName: app.Name, AppDisabled: !app.DisabledAt.IsZero()}, secret},
			s.record(ctx, tx, sub.did(AuditSubscriptionCreated).with("kinds", joinKinds(sub.Kinds)))
	})
}

func joinKinds(kinds []OutgoingKind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ",")
}

// UpdateSubscription changes a subscription of an application, or of any if of is empty. Other kinds apply to the events that happen
// from now on, another address also to those that wait.
func (s *Service) UpdateSubscription(ctx context.Context, of AppID, id SubscriptionID, p SubscriptionPatch) (SubscriptionSeen, error) {
	return update(ctx, s, func(tx Tx) (SubscriptionSeen, error) {
		before, err := ownSubscription(tx, of, id)
		if err != nil {
			return SubscriptionSeen{}, err
		}
		sub := before
		setIf(&sub.URL, p.URL)
		setIf(&sub.Note, p.Note)
		setIf(&sub.Kinds, p.Kinds)
		if err := s.cleanSubscription(&sub); err != nil {
			return SubscriptionSeen{}, err
		}
		started := p.Stopped != nil && !*p.Stopped && (!before.StoppedAt.IsZero() || before.Failures > 0)
		switch {
		case started:
			sub.StoppedAt, sub.Stopped = time.Time{}, ""
		case p.Stopped != nil && *p.Stopped && before.StoppedAt.IsZero():
			sub.StoppedAt, sub.Stopped = s.now(), StopByHand
		}
		if started || sub.URL != before.URL {
			sub.Failures, sub.FailingAt, sub.NextAt, sub.Failure = 0, time.Time{}, time.Time{}, ""
			if err := tx.RetryOutgoing(id); err != nil {
				return SubscriptionSeen{}, err
			}
		}
		entry, changed := sub.changes(&before)
		if changed || started {
			if err := tx.UpdateSubscription(sub); err != nil {
				return SubscriptionSeen{}, err
			}
			if err := s.record(ctx, tx, entry); err != nil {
				return SubscriptionSeen{}, err
			}
		}
		return seenSubscription(tx, sub)
	})
}

// changes begins an entry of the audit log about what differs from before.
func (s *Subscription) changes(before *Subscription) (e AuditEntry, changed bool) {
	e = before.did(AuditSubscriptionChanged)
	if s.URL != before.URL {
		e, changed = e.with("url", before.URL+" → "+s.URL), true
	}
	if s.Note != before.Note {
		e, changed = e.with("note", s.Note), true
	}
	if !slices.Equal(s.Kinds, before.Kinds) {
		e, changed = e.with("kinds", joinKinds(s.Kinds)), true
	}
	if s.StoppedAt != before.StoppedAt {
		state := "started"
		if !s.StoppedAt.IsZero() {
			state = "stopped"
		}
		e, changed = e.with("state", state), true
	}
	return e, changed
}

// RotateSubscriptionSecret gives a subscription another secret. Events are signed with the former one, too, during the overlap, which is
// at most [MaxOverlap]. 0 ends it at once.
func (s *Service) RotateSubscriptionSecret(ctx context.Context, of AppID, id SubscriptionID, overlap time.Duration) (IssuedSubscription, error) {
	secret := NewOutgoingSecret()
	return update(ctx, s, func(tx Tx) (IssuedSubscription, error) {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return IssuedSubscription{}, err
		}
		if err := s.rotate(&sub.Secrets, secret, overlap); err != nil {
			return IssuedSubscription{}, err
		}
		if err := tx.UpdateSubscription(sub); err != nil {
			return IssuedSubscription{}, err
		}
		seen, err := seenSubscription(tx, sub)
		if err != nil {
			return IssuedSubscription{}, err
		}
		return IssuedSubscription{seen, secret}, s.record(ctx, tx, sub.did(AuditSubscriptionRotated))
	})
}

// RemoveSubscription ends a subscription of an application, or of any if of is empty, together with its events.
func (s *Service) RemoveSubscription(ctx context.Context, of AppID, id SubscriptionID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		sub, err := ownSubscription(tx, of, id)
		if err != nil {
			return err
		}
		sub.RemovedAt, sub.Secrets = s.now(), nil
		if err := tx.UpdateSubscription(sub); err != nil {
			return err
		}
		return s.record(ctx, tx, sub.did(AuditSubscriptionRemoved))
	})
}

// AdminSubscriptions returns the subscriptions of all applications, oldest first. Administrators only.
func (s *Service) AdminSubscriptions(ctx context.Context, by Actor) ([]SubscriptionSeen, error) {
	return view(ctx, s, func(tx Tx) ([]SubscriptionSeen, error) {
		if _, err := administrator(tx, by); err != nil {
			return nil, err
		}
		return subscriptions(tx, "")
	})
}

// AdminCreateSubscription subscribes an application; see [Service.CreateSubscription]. The receiver gets all messages, so only owners
// with a fresh session do so ([ErrSignInAgain]; see [Service.FreshUntil]).
func (s *Service) AdminCreateSubscription(ctx context.Context, by Actor, sub Subscription) (IssuedSubscription, error) {
	return s.CreateSubscription(s.administering(ctx, by, s.onlyProvenOwners(ctx)), sub)
}

// AdminUpdateSubscription changes a subscription; see [Service.UpdateSubscription]. Owners only; another address or other kinds need
// a fresh session.
func (s *Service) AdminUpdateSubscription(ctx context.Context, by Actor, id SubscriptionID, p SubscriptionPatch) (SubscriptionSeen, error) {
	check := onlyOwners
	if p.URL != nil || p.Kinds != nil {
		check = s.onlyProvenOwners(ctx)
	}
	return s.UpdateSubscription(s.administering(ctx, by, check), "", id, p)
}

// AdminRotateSubscriptionSecret gives a subscription another secret; see [Service.RotateSubscriptionSecret]. Owners with a fresh session only.
func (s *Service) AdminRotateSubscriptionSecret(ctx context.Context, by Actor, id SubscriptionID, overlap time.Duration) (IssuedSubscription, error) {
	return s.RotateSubscriptionSecret(s.administering(ctx, by, s.onlyProvenOwners(ctx)), "", id, overlap)
}

// AdminRemoveSubscription ends a subscription; see [Service.RemoveSubscription]. Owners only.
func (s *Service) AdminRemoveSubscription(ctx context.Context, by Actor, id SubscriptionID) error {
	return s.RemoveSubscription(s.administering(ctx, by, onlyOwners), "", id)
}

// AdminTestSubscription posts an event for a test; see [Service.TestSubscription]. Owners only.
func (s *Service) AdminTestSubscription(ctx context.Context, by Actor, id SubscriptionID) error {
	return s.TestSubscription(s.administering(ctx, by, onlyOwners), "", id)
}

// AdminDeadOutgoing returns the events of a subscription that were given up; see [Service.DeadOutgoing]. They have the texts of
// messages, so only owners read them.
func (s *Service) AdminDeadOutgoing(ctx context.Context, by Actor, id SubscriptionID, after OutgoingID, limit int) ([]Outgoing, error) {
	return view(ctx, s, func(tx Tx) ([]Outgoing, error) {
		who, err := administrator(tx, by)
		if err == nil {
			err = onlyOwners(tx, who)
		}
		if err != nil {
			return nil, err
		}
		return s.deadOutgoing(tx, "", id, after, limit)
	})
}

// AdminReplayOutgoing posts an event again; see [Service.ReplayOutgoing]. Owners only.
func (s *Service) AdminReplayOutgoing(ctx context.Context, by Actor, id SubscriptionID, event OutgoingID) error {
	return s.ReplayOutgoing(s.administering(ctx, by, onlyOwners), "", id, event)
}

// AdminReplayOutgoingSince posts events again; see [Service.ReplayOutgoingSince]. Owners only.
func (s *Service) AdminReplayOutgoingSince(ctx context.Context, by Actor, id SubscriptionID, from time.Time) (Replayed, error) {
	return s.ReplayOutgoingSince(s.administering(ctx, by, onlyOwners), "", id, from)
}
