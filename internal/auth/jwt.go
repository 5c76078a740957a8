package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Audience is what a token for this server must be made for.
const Audience = "parley"

// Leeway is how far the clocks of the host application and ours may differ.
const Leeway = 30 * time.Second

// maxJWT is far above any honest token and spares decoding a huge one.
const maxJWT = 8 << 10

// Reasons to refuse a token. Match them with [errors.Is].
var (
	ErrExpired = errors.New("auth: token expired")
	ErrInvalid = errors.New("auth: token invalid")
)

// Claims are what a JSON Web Token says.
type Claims struct {
	Subject   string    // sub: the account
	Issuer    string    // iss: the key of the application that signed it
	ID        string    // jti; where there is none, VerifyJWT fills in a digest of the token
	IssuedAt  time.Time // iat; may be zero
	NotBefore time.Time // nbf; may be zero
	ExpiresAt time.Time // exp
}

// SignJWT returns a token for [Audience], signed by HMAC-SHA256 with the secret.
func SignJWT(secret string, c Claims) (string, error) {
	if secret == "" {
		return "", errors.New("auth: no secret to sign with")
	}
	claims := jwt.RegisteredClaims{
		Subject:   c.Subject,
		Issuer:    c.Issuer,
		ID:        c.ID,
		Audience:  jwt.ClaimStrings{Audience},
		IssuedAt:  numericDate(c.IssuedAt),
		NotBefore: numericDate(c.NotBefore),
		ExpiresAt: numericDate(c.ExpiresAt),
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("auth: sign token: %w", err)
	}
	return token, nil
}

// VerifyJWT returns the claims of a token that holds at the time now.
//
//  1. The algorithm is HS256, whatever the header asks for.
//  2. The signature is the secret's; an empty secret verifies nothing.
//  3. exp is there and not past; nbf and iat, where there, are not in the future; each by [Leeway].
//  4. aud names [Audience], iss is the issuer, sub is not empty.
//
// What is refused is [ErrExpired] when expiry is its only fault, else [ErrInvalid].
func VerifyJWT(token, secret, issuer string, now time.Time) (Claims, error) {
	if secret == "" || issuer == "" || len(token) > maxJWT {
		return Claims{}, ErrInvalid
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithAudience(Audience),
		jwt.WithIssuer(issuer),
		jwt.WithLeeway(Leeway),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	var got jwt.RegisteredClaims
	_, err := parser.ParseWithClaims(token, &got, func(*jwt.Token) (any, error) { return []byte(secret), nil })
	switch {
	case err == nil && got.Subject != "":
	case onlyExpired(err) && got.Subject != "":
		return Claims{}, ErrExpired
	default:
		return Claims{}, ErrInvalid
	}
	c := Claims{
		Subject:   got.Subject,
		Issuer:    got.Issuer,
		ID:        got.ID,
		IssuedAt:  timeOf(got.IssuedAt),
		NotBefore: timeOf(got.NotBefore),
		ExpiresAt: timeOf(got.ExpiresAt),
	}
	if c.ID == "" {
		digest := sha256.Sum256([]byte(token))
		c.ID = hex.EncodeToString(digest[:16])
	}
	return c, nil
}

// onlyExpired reports whether nothing but its age speaks against the token. The
// parser joins all faults of the claims; a wrong signature is found before them.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) &&
		!errors.Is(err, jwt.ErrTokenInvalidAudience) &&
		!errors.Is(err, jwt.ErrTokenInvalidIssuer) &&
		!errors.Is(err, jwt.ErrTokenNotValidYet) &&
		!errors.Is(err, jwt.ErrTokenUsedBeforeIssued) &&
		!errors.Is(err, jwt.ErrTokenRequiredClaimMissing)
}

func numericDate(t time.Time) *jwt.NumericDate {
	if t.IsZero() {
		return nil
	}
	return jwt.NewNumericDate(t)
}

func timeOf(d *jwt.NumericDate) time.Time {
	if d == nil {
		return time.Time{}
	}
	return d.Time
}
