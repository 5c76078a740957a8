package chat

import (
	"context"
	"errors"
)

// Replay returns the stored answer to an earlier request of the application
// with the same idempotency key; false when there is none. [WithReplay] stores it.
func (s *Service) Replay(ctx context.Context, app AppID, key string) (Replay, bool, error) {
	r, err := view(ctx, s, func(tx Tx) (Replay, error) { return tx.Replay(app, key) })
	if errors.Is(err, ErrNoRow) {
		return Replay{}, false, nil
	}
	return r, err == nil, err
}
