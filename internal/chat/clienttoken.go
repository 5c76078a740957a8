package chat

import (
	"context"
	"crypto/sha256"
	"errors"
)

// AuthenticateClient is [Service.Authenticate] for callers over HTTP, who need
// not name the application of a token that was issued for one alone.
func (s *Service) AuthenticateClient(ctx context.Context, token, appKey string) (Identity, error) {
	if appKey == "" && token != "" && len(token) <= maxToken && !isJWT(token) {
		app, err := view(ctx, s, func(tx Tx) (Application, error) {
			t, err := tx.TokenByHash(sha256.Sum256([]byte(token)))
			if err != nil {
				return Application{}, err
			}
			return tx.Application(t.App)
		})
		if err != nil && !errors.Is(err, ErrNoRow) {
			return Identity{}, err
		}
		appKey = app.Key
	}
	return s.Authenticate(ctx, token, appKey)
}
