package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Audience is the aud claim of a token for this server.
const Audience = "parley"

// Leeway is the maximum difference between the clocks of the signer and of this server.
const Leeway = 30 * time.Second

// MinSigningKey is the minimum size of a signing key in bytes. RFC 7518 section 3.2
// requires a key that is at least as long as the output of HS256.
const MinSigningKey = 32

const (
	maxJWT   = 8 << 10        // larger tokens are not decoded; valid ones are much smaller
	maxJTI   = 128            // the host API cannot revoke a longer session
	lastDate = 253402300799.0 // the end of the year 9999, in Unix seconds
)

// Reasons to refuse a token. Match them with [errors.Is].
var (
	ErrExpired = errors.New("auth: token expired")
	ErrInvalid = errors.New("auth: token invalid")
)

// Claims are the claims of a JSON Web Token.
type Claims struct {
	Subject   string    // sub: the account
	Issuer    string    // iss: the key of the application that signed it
	ID        string    // jti; without one, Verify fills in a digest of the token
	IssuedAt  time.Time // iat; may be zero
	NotBefore time.Time // nbf; may be zero
	ExpiresAt time.Time // exp
}

// SignJWT returns a token for [Audience], signed by HMAC-SHA256 with the key.
func SignJWT(key string, c Claims) (string, error) {
	if len(key) < MinSigningKey {
		return "", fmt.Errorf("auth: a signing key has at least %d bytes", MinSigningKey)
	}
	claims := map[string]any{"aud": Audience}
	for name, text := range map[string]string{"sub": c.Subject, "iss": c.Issuer, "jti": c.ID} {
		if text != "" {
			claims[name] = text
		}
	}
	for name, at := range map[string]time.Time{"iat": c.IssuedAt, "nbf": c.NotBefore, "exp": c.ExpiresAt} {
		if !at.IsZero() {
			claims[name] = at.Unix()
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("auth: sign token: %w", err)
	}
	signed := segment([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + segment(payload)
	return signed + "." + segment(digestJWT(key, signed)), nil
}

// JWTVerifier checks JSON Web Tokens of one issuer.
type JWTVerifier struct {
	Keys    []string // a signature by any of them is valid; keys shorter than [MinSigningKey] are ignored
	Issuer  string
	MaxLife time.Duration // maximum time from now to exp, and from iat to exp
	Now     time.Time
}

// Verify returns the claims of a token that is valid at the time v.Now.
//
//  1. The algorithm is HS256. A header with crit is refused, because no extension is
//     supported (RFC 7515 section 4.1.11). A header with b64 is refused, too. typ, if it
//     is present, is JWT or at+jwt in upper or lower case: a token of another type that
//     is signed with the same key must not be used to log in. Keys in the header are
//     ignored.
//  2. Every segment is canonical base64url. Header and claims are JSON objects without
//     duplicate names, so that every parser reads the same token.
//  3. The signature is valid for one of the keys.
//  4. exp is a number, not in the past, and at most MaxLife ahead of now and of iat. nbf
//     and iat, if present, are numbers and not in the future. Comparisons with the
//     present time allow for [Leeway].
//  5. aud contains [Audience], iss is the issuer, sub is a string that is not empty.
//
// It returns [ErrExpired] if only the age of the token is wrong, else [ErrInvalid].
func (v JWTVerifier) Verify(token string) (Claims, error) {
	parts := strings.Split(token, ".")
	if len(token) > maxJWT || len(parts) != 3 || v.Issuer == "" {
		return Claims{}, ErrInvalid
	}
	signature, ok := unsegment(parts[2])
	if !ok || !v.signed(parts[0]+"."+parts[1], signature) || !knownHeader(parts[0]) {
		return Claims{}, ErrInvalid
	}
	claims, ok := object(parts[1])
	if !ok {
		return Claims{}, ErrInvalid
	}
	c := Claims{}
	if !text(claims, "sub", &c.Subject) || !text(claims, "iss", &c.Issuer) || !text(claims, "jti", &c.ID) ||
		!date(claims, "exp", &c.ExpiresAt) || !date(claims, "nbf", &c.NotBefore) || !date(claims, "iat", &c.IssuedAt) {
		return Claims{}, ErrInvalid
	}
	late := v.Now.Add(Leeway)
	switch {
	case c.Subject == "", c.Issuer != v.Issuer, !forUs(claims["aud"]):
		return Claims{}, ErrInvalid
	case len(c.ID) > maxJTI, strings.ContainsFunc(c.ID, unicode.IsControl):
		return Claims{}, ErrInvalid
	case c.ExpiresAt.IsZero(), c.NotBefore.After(late), c.IssuedAt.After(late):
		return Claims{}, ErrInvalid
	case c.ExpiresAt.After(late.Add(v.MaxLife)):
		return Claims{}, ErrInvalid
	case !c.IssuedAt.IsZero() && c.ExpiresAt.Sub(c.IssuedAt) > v.MaxLife:
		return Claims{}, ErrInvalid
	case !v.Now.Before(c.ExpiresAt.Add(Leeway)):
		return Claims{}, ErrExpired
	}
	if c.ID == "" {
		digest := sha256.Sum256([]byte(token))
		c.ID = hex.EncodeToString(digest[:16])
	}
	return c, nil
}

// signed reports whether the signature is valid for one of the keys. It tries every key,
// so that its duration does not show which key matched.
func (v JWTVerifier) signed(input string, signature []byte) bool {
	good := false
	for _, key := range v.Keys {
		if len(key) >= MinSigningKey && hmac.Equal(signature, digestJWT(key, input)) {
			good = true
		}
	}
	return good
}

func digestJWT(key, input string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(input))
	return mac.Sum(nil)
}

func knownHeader(encoded string) bool {
	header, ok := object(encoded)
	if !ok {
		return false
	}
	_, critical := header["crit"]
	_, unencoded := header["b64"]
	alg, typ := "", "JWT"
	return !critical && !unencoded && text(header, "alg", &alg) && alg == "HS256" &&
		text(header, "typ", &typ) && (strings.EqualFold(typ, "JWT") || strings.EqualFold(typ, "at+jwt"))
}

func segment(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// unsegment decodes the canonical form of a segment. The decoder of the standard
// library ignores line breaks, so a token would have several valid forms.
func unsegment(s string) ([]byte, bool) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return b, err == nil
}

// object decodes a segment that is a JSON object without duplicate names. Names are
// case-sensitive; decoding into a struct would accept EXP as exp.
func object(encoded string) (map[string]json.RawMessage, bool) {
	b, ok := unsegment(encoded)
	if !ok || !utf8.Valid(b) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, false
		}
		if _, twice := out[name.(string)]; twice {
			return nil, false
		}
		out[name.(string)] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return out, errors.Is(err, io.EOF)
}

// text reads a claim that must be a string if it is present.
func text(from map[string]json.RawMessage, name string, to *string) bool {
	raw, ok := from[name]
	return !ok || raw[0] == '"' && json.Unmarshal(raw, to) == nil
}

// date reads a claim that must be a number if it is present: Unix seconds, with or
// without a fraction (RFC 7519 section 2).
func date(from map[string]json.RawMessage, name string, to *time.Time) bool {
	raw, ok := from[name]
	if !ok {
		return true
	}
	var seconds *float64
	if json.Unmarshal(raw, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > lastDate {
		return false
	}
	whole, fraction := math.Modf(*seconds)
	*to = time.Unix(int64(whole), int64(fraction*1e9))
	return true
}

// forUs reports whether aud is [Audience], or a list of strings that contains it.
func forUs(aud json.RawMessage) bool {
	if len(aud) == 0 {
		return false
	}
	if aud[0] == '"' {
		var one string
		return json.Unmarshal(aud, &one) == nil && one == Audience
	}
	var list []*string // pointers, because null would be decoded as an empty string
	if json.Unmarshal(aud, &list) != nil || slices.Contains(list, nil) {
		return false
	}
	return slices.ContainsFunc(list, func(s *string) bool { return *s == Audience })
}
