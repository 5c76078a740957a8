package server

import (
	"errors"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
)

// jwtVerifier is [chat.JWTVerifier] on package auth, which knows nothing of chat.
type jwtVerifier struct {
	maxLife time.Duration
	now     func() time.Time // nil: the clock
}

// VerifyJWT accepts a token that was signed with one of the application's signing keys.
func (v jwtVerifier) VerifyJWT(token string, app chat.Application) (chat.Claims, error) {
	now := time.Now
	if v.now != nil {
		now = v.now
	}
	claims, err := auth.JWTVerifier{
		Keys: app.LiveSigningKeys(now()), Issuer: app.Key, MaxLife: v.maxLife, Now: now(),
	}.Verify(token)
	switch {
	case errors.Is(err, auth.ErrExpired):
		return chat.Claims{}, chat.ErrTokenExpired
	case err != nil:
		return chat.Claims{}, chat.ErrInvalidToken
	}
	// Without iat, the time of issue is not computed from exp: with another max life, or
	// with one that exp exceeded at that time, the result would be too late.
	issued := claims.IssuedAt
	if !issued.IsZero() {
		issued = issued.Add(-auth.Leeway) // the clock of the signer may be ahead of this one
	}
	return chat.Claims{
		Account:   chat.AccountID(claims.Subject),
		Session:   chat.SessionID(claims.ID),
		IssuedAt:  issued,
		ExpiresAt: claims.ExpiresAt,
	}, nil
}
