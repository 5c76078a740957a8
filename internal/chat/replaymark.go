package chat

import (
	"context"
	"errors"
)

// WithReplay returns a context for one call of the [Service] that carries out a
// request with an idempotency key: the transaction of that call also stores a
// [Replay] with status 0, which means "carried out, answer not kept yet". So a
// process that dies between the commit and SaveReplay does not do it twice.
// When there is a Replay with that key already, the call is refused with
// [ErrConflict] and changes nothing.
func WithReplay(ctx context.Context, app AppID, key string, fingerprint [32]byte) context.Context {
	return context.WithValue(ctx, replayMarkKey{}, replayMark{app, key, fingerprint})
}

type replayMarkKey struct{}

type replayMark struct {
	app         AppID
	key         string
	fingerprint [32]byte
}

// markingStore is a store whose transactions leave the mark of their context.
type markingStore struct {
	Store
	service *Service
}

func (m markingStore) Update(ctx context.Context, fn func(Tx) error) error {
	mark, ok := ctx.Value(replayMarkKey{}).(replayMark)
	if !ok {
		return m.Store.Update(ctx, fn)
	}
	return m.Store.Update(ctx, func(tx Tx) error {
		_, err := tx.Replay(mark.app, mark.key)
		if err == nil {
			return ErrConflict
		}
		if !errors.Is(err, ErrNoRow) {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.SaveReplay(mark.app, mark.key, Replay{Fingerprint: mark.fingerprint, At: m.service.now()})
	})
}
