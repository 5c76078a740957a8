package chat

import (
	"context"
	"errors"
)

// Replay returns the stored answer to an earlier request of the application
// with the same idempotency key; false when there is none.
func (s *Service) Replay(ctx context.Context, app AppID, key string) (Replay, bool, error) {
	r, err := view(ctx, s, func(tx Tx) (Replay, error) { return tx.Replay(app, key) })
	if errors.Is(err, ErrNoRow) {
		return Replay{}, false, nil
	}
	return r, err == nil, err
}

// SaveReplay keeps the answer to a request with an idempotency key, in place of
// the mark that [WithReplay] left.
func (s *Service) SaveReplay(ctx context.Context, app AppID, key string, r Replay) error {
	if err := checkID("Idempotency-Key", key); err != nil {
		return err
	}
	if r.At.IsZero() {
		r.At = s.now()
	}
	return s.store.Update(ctx, func(tx Tx) error { return tx.SaveReplay(app, key, r) })
}
