package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"parley/internal/turn"
)

// Passwords computes and checks hashes with Argon2id (RFC 9106). Parameters and salt are
// part of each hash, in the usual text form, so that the parameters can be raised: Verify
// reports a hash with lower ones as weak. It is safe for concurrent use.
type Passwords struct {
	cost  cost
	turns *turn.Queue
}

// cost has the parameters of one hash.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// today has the recommended parameters of Argon2id for a server at which many people sign
// in. More memory would make guessing slower, and sign-ins as well.
var today = cost{memory: 19 << 10, passes: 2, threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32
	// The parameters of a stored hash are limited, too.
	maxMemory, maxPasses = 1 << 20, 64
)

// ErrBusy is the error if too many passwords wait to be hashed.
var ErrBusy = errors.New("auth: too many passwords are waiting")

// NewPasswords returns a hasher that computes atATime hashes at the same time. Other calls
// wait, and the keys of their contexts (package turn) are served in turn. If waiting calls
// of one key wait already, the next one is refused with [ErrBusy].
func NewPasswords(atATime, waiting int) *Passwords {
	return &Passwords{cost: today, turns: turn.New(turn.Limits{Slots: atATime, Waiting: waiting})}
}

// Hash returns the hash of a password, or the error of ctx.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	key, err := p.key(ctx, password, salt, p.cost, keyBytes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.cost.memory, p.cost.passes, p.cost.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// Verify reports whether the hash belongs to the password, and whether it is weak and
// should be replaced. An empty hash belongs to no password; checking it takes as long.
func (p *Passwords) Verify(ctx context.Context, password, hash string) (ok, weak bool, err error) {
	if hash == "" {
		_, err := p.key(ctx, password, make([]byte, saltBytes), p.cost, keyBytes)
		return false, false, err
	}
	c, salt, want, err := parseHash(hash)
	if err != nil {
		return false, false, err
	}
	got, err := p.key(ctx, password, salt, c, uint32(len(want)))
	if err != nil {
		return false, false, err
	}
	weak = c.memory < p.cost.memory || c.passes < p.cost.passes || len(want) < keyBytes
	return subtle.ConstantTimeCompare(got, want) == 1, weak, nil
}

func (p *Passwords) key(ctx context.Context, password string, salt []byte, c cost, length uint32) ([]byte, error) {
	leave, err := p.turns.Enter(ctx, turn.KeyOf(ctx))
	if errors.Is(err, turn.ErrFull) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("auth: wait to hash a password: %w", err)
	}
	defer leave()
	// Keyboards compose the same letter in different ways.
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.passes, c.memory, c.threads, length), nil
}

var errHash = errors.New("auth: not the hash of a password")

func parseHash(hash string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, errHash
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return c, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.threads); err != nil {
		return c, nil, nil, errHash
	}
	if c.memory > maxMemory || c.passes == 0 || c.passes > maxPasses || c.threads == 0 {
		return c, nil, nil, errHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(salt) < 8 || len(key) < 16 || len(key) > 64 {
		return c, nil, nil, errHash
	}
	return c, salt, key, nil
}
