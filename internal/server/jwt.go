package server

import (
	"errors"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
)

// jwtVerifier is [chat.JWTVerifier] on package auth, which knows nothing of chat.
type jwtVerifier struct{ now func() time.Time }

// VerifyJWT accepts a token that the application's host signed with its secret.
func (v jwtVerifier) VerifyJWT(token string, app chat.Application) (chat.Claims, error) {
	now := time.Now
	if v.now != nil {
		now = v.now
	}
	claims, err := auth.VerifyJWT(token, app.Secret, app.Key, now())
	switch {
	case errors.Is(err, auth.ErrExpired):
		return chat.Claims{}, chat.ErrTokenExpired
	case err != nil:
		return chat.Claims{}, chat.ErrInvalidToken
	}
	return chat.Claims{
		Account:   chat.AccountID(claims.Subject),
		Session:   chat.SessionID(claims.ID),
		ExpiresAt: claims.ExpiresAt,
	}, nil
}
