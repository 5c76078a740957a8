package chat

import (
	"context"
	"crypto/sha256"
)

// AuthenticateServer logs a host system in by a server token: an access token
// that was issued for an application of kind [AppServer] alone. Which
// application that is says the token, never the caller: an application's key is
// public, and a person's token together with it must open nothing.
func (s *Service) AuthenticateServer(ctx context.Context, token string) (Identity, error) {
	if token == "" {
		return Identity{}, ErrTokenRequired
	}
	if len(token) > maxToken {
		return Identity{}, ErrInvalidToken
	}
	return s.used(view(ctx, s, func(tx Tx) (Identity, error) {
		t, err := tx.TokenByHash(sha256.Sum256([]byte(token)))
		if err != nil {
			return Identity{}, or(err, ErrInvalidToken)
		}
		if t.App == "" {
			return Identity{}, ErrInvalidToken
		}
		id := Identity{}
		if id.App, err = tx.Application(t.App); err != nil {
			return Identity{}, or(err, ErrInvalidToken)
		}
		if id.App.Kind != AppServer || !id.App.DisabledAt.IsZero() {
			return Identity{}, ErrInvalidToken
		}
		if err := s.logInByToken(tx, token, &id); err != nil {
			return Identity{}, err
		}
		err = admit(tx, &id)
		return id, err
	}))
}
