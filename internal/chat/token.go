package chat

import "time"

// SessionID names a log-in for as long as its token lives; it is what
// "logout message" carries. It is not a secret.
type SessionID string

// Token is an access token at rest: its hash, never itself.
type Token struct {
	Session   SessionID
	Hash      [32]byte // SHA-256 of the opaque token
	Account   AccountID
	App       AppID // only valid with this application when not empty
	Label     string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: does not expire
	RevokedAt time.Time // zero: valid
}

// NewToken describes an access token to be issued.
type NewToken struct {
	Account AccountID
	App     AppID // empty: good with every application
	Label   string
	TTL     time.Duration // 0: does not expire
}

// Identity is a log-in that succeeded.
type Identity struct {
	Account Account
	App     Application
	Session SessionID
	Expires time.Time // zero: never
}

// Claims are what a verified JWT says.
type Claims struct {
	Account   AccountID // sub
	Session   SessionID // jti, or a digest of the token where there is none
	ExpiresAt time.Time // exp
}

// JWTVerifier checks a JSON Web Token against an application's secret. It
// returns [ErrTokenExpired] or [ErrInvalidToken] for what it refuses.
type JWTVerifier interface {
	VerifyJWT(token string, app Application) (Claims, error)
}
