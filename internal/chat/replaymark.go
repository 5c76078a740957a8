package chat

import (
	"context"
	"errors"
)

// ReplayMark makes one call of the [Service] carry out a request with an
// idempotency key. The transaction of that call also stores the answer, so a
// process that dies at any moment has either done nothing, or can repeat the
// answer.
type ReplayMark struct {
	App         AppID
	Key         string
	Fingerprint [32]byte

	// Answer returns what is stored: the status and the body of the answer to a
	// call that returns result. A call that returns only an error has the result
	// struct{}{}. It runs inside the transaction, perhaps more than once, and
	// must be quick.
	Answer func(result any) (status int, body []byte, err error)
}

// WithReplay returns a context for one call of the [Service]. If there is a
// [Replay] with the key already, the call is refused with [ErrConflict] and
// changes nothing.
func WithReplay(ctx context.Context, m ReplayMark) context.Context {
	return context.WithValue(ctx, replayMarkKey{}, m)
}

// withoutReplay returns a context for the transactions of a call that come before the one that
// stores the answer.
func withoutReplay(ctx context.Context) context.Context {
	return context.WithValue(ctx, replayMarkKey{}, nil)
}

func hasReplay(ctx context.Context) bool {
	_, ok := ctx.Value(replayMarkKey{}).(ReplayMark)
	return ok
}

type replayMarkKey struct{}

// replayStore is a store whose transactions store the answer that the [ReplayMark] of their
// context asks for, record every change by the host API in the audit log, check the
// caller of an administrative call, and store events for subscriptions.
type replayStore struct {
	Store
	service *Service
}

// Update is for calls that return only an error.
func (r replayStore) Update(ctx context.Context, fn func(Tx) error) error {
	return r.update(ctx, fn, func() any { return struct{}{} })
}

// update runs fn, after which result returns what the call will return.
func (r replayStore) update(ctx context.Context, fn func(Tx) error, result func() any) error {
	fn = r.service.subscribed(r.service.audited(ctx, guarded(ctx, fn)))
	mark, ok := ctx.Value(replayMarkKey{}).(ReplayMark)
	if !ok {
		return r.Store.Update(ctx, fn)
	}
	return r.Store.Update(ctx, func(tx Tx) error {
		_, err := tx.Replay(mark.App, mark.Key)
		if err == nil {
			return ErrConflict
		}
		if !errors.Is(err, ErrNoRow) {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		kept := Replay{Fingerprint: mark.Fingerprint, At: r.service.now()}
		if kept.Status, kept.Body, err = mark.Answer(result()); err != nil {
			return err
		}
		return tx.SaveReplay(mark.App, mark.Key, kept)
	})
}
