package chat

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"time"
)

// Credential is a secret or a signing key of an application. During a rotation an
// application has two of them.
type Credential struct {
	// Value is the SHA-256 of a secret, in hex: it has 256 random bits, so that no
	// slow hash is needed. Of a signing key it is the key itself, which has to be
	// read to check signatures.
	Value     string
	CreatedAt time.Time // zero: a signing key that was the application's secret before there were signing keys
	ExpiresAt time.Time // zero: it does not
}

func (c Credential) live(now time.Time) bool { return c.ExpiresAt.IsZero() || now.Before(c.ExpiresAt) }

// MaxOverlap is the maximum time that a replaced secret or key can stay valid.
const MaxOverlap = 30 * 24 * time.Hour

// WithSecret is an application with its new secret or signing key, which cannot be read
// again later.
type WithSecret struct {
	Application
	Secret string // empty: none was made
}

// LiveSigningKeys returns the keys that JWTs may be signed with at the time.
func (a *Application) LiveSigningKeys(now time.Time) []string {
	var keys []string
	for _, c := range a.SigningKeys {
		if c.live(now) {
			keys = append(keys, c.Value)
		}
	}
	return keys
}

// AuthenticateApp checks the credentials of a host system: the key and a secret of
// an application of kind [AppServer]. [ErrNotServer]: the key, which is public, is
// of an application of another kind. Every other fault is [ErrInvalidApp], found in
// the same time.
func (s *Service) AuthenticateApp(ctx context.Context, key, secret string) (Application, error) {
	app, err := view(ctx, s, func(tx Tx) (Application, error) { return tx.ApplicationByKey(key) })
	if err != nil && !errors.Is(err, ErrNoRow) {
		return Application{}, err
	}
	hash := hashSecret(secret)
	known := false
	for _, c := range app.Secrets {
		if c.live(s.now()) && subtle.ConstantTimeCompare([]byte(hash), []byte(c.Value)) == 1 {
			known = true
		}
	}
	switch {
	case err == nil && app.Kind != AppServer:
		return Application{}, ErrNotServer
	case !known, !app.DisabledAt.IsZero():
		return Application{}, ErrInvalidApp
	}
	s.sightings.apps.note(app.ID, s.now())
	return app, nil
}

func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// RotateSecret gives the application with the id or the key, which must be of kind
// [AppServer], a new secret. The previous one stays valid for the overlap, at most
// [MaxOverlap]; 0 ends it at once. An older one ends in any case. by is the
// application that asks, empty for the operator.
func (s *Service) RotateSecret(ctx context.Context, by, ref AppID, overlap time.Duration) (WithSecret, error) {
	secret := newSecret()
	return s.rotateOf(ctx, by, ref, secret, AuditSecretRotated, func(a *Application) error {
		if a.Kind != AppServer {
			return Invalid("application", "has no secret: only applications of kind server have one")
		}
		return s.rotate(&a.Secrets, hashSecret(secret), overlap)
	})
}

// RotateSigningKey gives the application a new key to sign JWTs with, or its first
// one; otherwise it is like [Service.RotateSecret]. Log-ins by JWTs last until
// those expire.
func (s *Service) RotateSigningKey(ctx context.Context, by, ref AppID, overlap time.Duration) (WithSecret, error) {
	key := newSecret()
	return s.rotateOf(ctx, by, ref, key, AuditSigningKeyRotated, func(a *Application) error {
		return s.rotate(&a.SigningKeys, key, overlap)
	})
}

func (s *Service) rotateOf(ctx context.Context, by, ref AppID, plain string, kind AuditKind, change func(*Application) error) (WithSecret, error) {
	return update(ctx, s, func(tx Tx) (WithSecret, error) {
		a, err := s.changeApplication(tx, by, ref, change)
		if err != nil {
			return WithSecret{}, err
		}
		return WithSecret{a, plain}, s.record(ctx, tx, onApplication(kind, by, a.ID))
	})
}

// rotate puts a new credential first and keeps the previous one if there is an
// overlap.
func (s *Service) rotate(all *[]Credential, value string, overlap time.Duration) error {
	if overlap < 0 || overlap > MaxOverlap {
		return Invalid("overlap", "must be between 0 and %d seconds", MaxOverlap/time.Second)
	}
	now := s.now()
	kept := []Credential{{Value: value, CreatedAt: now}}
	for _, c := range *all {
		if c.live(now) && overlap > 0 {
			if end := now.Add(overlap); c.ExpiresAt.IsZero() || end.Before(c.ExpiresAt) {
				c.ExpiresAt = end
			}
			kept = append(kept, c)
			break
		}
	}
	*all = kept
	return nil
}
