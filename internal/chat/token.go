package chat

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"
)

// SessionID identifies a log-in during the lifetime of its token. "logout message" contains
// it. It is not a secret.
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
	SeenAt    time.Time // last used, to the minute; zero: never
	ProvenAt  time.Time // when somebody signed in to get it; zero: it was issued without that
}

// NewToken describes an access token to be issued.
type NewToken struct {
	Account AccountID
	App     AppID // or its key; empty: good with every application
	Label   string
	TTL     time.Duration // 0: does not expire
	By      AppID         // the application that asks; empty: the operator
}

// Identity is a log-in that succeeded.
type Identity struct {
	Account Account
	App     Application
	Session SessionID
	Expires time.Time // zero: never
}

// Claims are the claims of a verified JWT.
type Claims struct {
	Account   AccountID // sub
	Session   SessionID // jti, or a digest of the token where there is none
	IssuedAt  time.Time // the earliest time of iat by this server's clock; zero: there is no iat, so the JWT may be from any time
	ExpiresAt time.Time // exp
}

// JWTVerifier checks a JSON Web Token against an application's signing keys. It
// returns [ErrTokenExpired] or [ErrInvalidToken].
type JWTVerifier interface {
	VerifyJWT(token string, app Application) (Claims, error)
}

// maxToken is the maximum length of an access token, in bytes.
const maxToken = 4096

// Authenticate logs a client in: token is an opaque access token or a JWT of
// the application, appKey the application's key (empty: the default one). The
// refusals are those of docs/protocol/connect.md. An inactive account gets "invalid
// token".
func (s *Service) Authenticate(ctx context.Context, token, appKey string) (Identity, error) {
	if token == "" {
		return Identity{}, ErrTokenRequired
	}
	if appKey == "" {
		appKey = s.opts.DefaultApp
	}
	if appKey == "" {
		return Identity{}, ErrAppRequired
	}
	return s.used(viewSignIn(ctx, s, func(tx Tx) (Identity, error) {
		app, err := tx.ApplicationByKey(appKey)
		if err != nil {
			return Identity{}, or(err, ErrInvalidApp)
		}
		if !app.DisabledAt.IsZero() {
			return Identity{}, ErrInvalidApp
		}
		if len(token) > maxToken {
			return Identity{}, ErrInvalidToken
		}
		id := Identity{App: app}
		if isJWT(token) {
			err = s.logInByJWT(tx, token, &id)
		} else {
			err = s.logInByToken(tx, token, &id)
		}
		if err != nil {
			return Identity{}, err
		}
		err = admit(tx, &id)
		return id, err
	}))
}

// used records that the application of a log-in was used, unless the log-in was refused.
func (s *Service) used(id Identity, err error) (Identity, error) {
	if err == nil {
		s.sightings.apps.note(id.App.ID, s.now())
	}
	return id, err
}

// admit fills in the account that logs in. It must be active and, where the
// application is bound to an organization, a member of that one: such an
// application could otherwise sign tokens for everybody.
func admit(tx Tx, id *Identity) (err error) {
	if id.Account, err = tx.Account(id.Account.ID); err != nil {
		return or(err, ErrInvalidToken)
	}
	if !id.Account.Active {
		return ErrInvalidToken
	}
	if id.App.Organization == "" {
		return nil
	}
	member, err := tx.InOrganization(id.App.Organization, id.Account.ID)
	if err == nil && !member {
		return ErrInvalidToken
	}
	return err
}

func isJWT(token string) bool { return strings.Count(token, ".") == 2 }

func (s *Service) logInByJWT(tx Tx, token string, id *Identity) error {
	if s.jwt == nil {
		return ErrInvalidToken
	}
	claims, err := s.jwt.VerifyJWT(token, id.App)
	if err != nil {
		return err
	}
	revoked, err := tx.JWTRevoked(claims.Session)
	if err != nil {
		return err
	}
	if revoked {
		return ErrInvalidToken
	}
	ended, err := s.endedOf(tx, claims.Account)
	if err != nil {
		return err
	}
	// A JWT without IssuedAt may be from before the end, so it is refused as well.
	if !ended.At.IsZero() && !claims.IssuedAt.After(ended.At) && (ended.Kept == "" || claims.Session != ended.Kept) {
		return ErrInvalidToken
	}
	id.Account.ID, id.Session, id.Expires = claims.Account, claims.Session, claims.ExpiresAt
	return nil
}

func (s *Service) logInByToken(tx Tx, token string, id *Identity) error {
	t, err := tx.TokenByHash(sha256.Sum256([]byte(token)))
	switch {
	case err != nil:
		return or(err, ErrInvalidToken)
	case !t.RevokedAt.IsZero(), t.App != "" && t.App != id.App.ID:
		return ErrInvalidToken
	case !t.ExpiresAt.IsZero() && !s.now().Before(t.ExpiresAt):
		return ErrTokenExpired
	}
	id.Account.ID, id.Session, id.Expires = t.Account, t.Session, t.ExpiresAt
	if now := s.now(); now.Sub(t.SeenAt).Abs() >= time.Minute {
		s.sightings.sessions.note(t.Session, now)
	}
	return nil
}

// IssueToken makes an access token for an active account. The plain token is
// returned this once and kept nowhere.
func (s *Service) IssueToken(ctx context.Context, n NewToken) (plain string, t Token, err error) {
	if n.TTL < 0 {
		return "", Token{}, Invalid("ttl", "must not be negative")
	}
	if n.Label, err = s.cleanLabel("label", n.Label); err != nil {
		return "", Token{}, err
	}
	plain = newSecret()
	t = Token{
		Session:   SessionID(newID()),
		Hash:      sha256.Sum256([]byte(plain)),
		Account:   n.Account,
		Label:     n.Label,
		CreatedAt: s.now(),
	}
	if n.TTL > 0 {
		t.ExpiresAt = t.CreatedAt.Add(n.TTL)
	}
	issued, err := update(ctx, s, func(tx Tx) (IssuedToken, error) {
		if a, err := tx.Account(n.Account); err != nil {
			return IssuedToken{}, or(err, ErrAccountNotFound)
		} else if !a.Active {
			return IssuedToken{}, Invalid("account", "is not active")
		}
		if n.App != "" {
			app, err := applicationBy(tx, n.App)
			if err != nil {
				return IssuedToken{}, or(err, Invalid("app", "is not the id or the key of an application"))
			}
			// Its bearer may call the host API as that application.
			if app.Kind == AppServer {
				if err := mayManage(tx, n.By, app); err != nil {
					return IssuedToken{}, err
				}
			}
			t.App = app.ID
		}
		if err := tx.CreateToken(t); err != nil {
			return IssuedToken{}, err
		}
		e := onAccount(AuditTokenIssued, n.Account).with("session", string(t.Session)).with("label", t.Label)
		e.App = n.By
		return IssuedToken{plain, t}, s.record(ctx, tx, e)
	})
	if err == nil && issued.Token.App != "" {
		s.sightings.apps.note(issued.Token.App, s.now())
	}
	return issued.Plain, issued.Token, err
}

// IssuedToken is the result of [Service.IssueToken] for a [ReplayMark].
type IssuedToken struct {
	Plain string
	Token Token
}

// Tokens lists the access tokens of an account, newest first, the revoked and
// expired ones too. JWTs are not known here.
func (s *Service) Tokens(ctx context.Context, a AccountID) ([]Token, error) {
	return view(ctx, s, func(tx Tx) ([]Token, error) {
		if _, err := tx.Account(a); err != nil {
			return nil, or(err, ErrAccountNotFound)
		}
		return tx.Tokens(a)
	})
}

// TokenBySession returns the access token of a log-in, or [ErrNotFound]. JWTs are
// not known here.
func (s *Service) TokenBySession(ctx context.Context, id SessionID) (Token, error) {
	return view(ctx, s, func(tx Tx) (Token, error) {
		t, err := tx.TokenBySession(id)
		return t, or(err, ErrNotFound)
	})
}

// RevokeToken ends a log-in permanently and disconnects it. If no access token has the
// session, it is treated as the jti of a JWT, which is refused from then on. Revoking a
// log-in twice changes nothing.
func (s *Service) RevokeToken(ctx context.Context, id SessionID) error {
	if err := checkID("session", id); err != nil {
		return err
	}
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.TokenBySession(id)
		if errors.Is(err, ErrNoRow) {
			if revoked, err := tx.JWTRevoked(id); err != nil || revoked {
				return err
			}
			if err := revokeJWT(tx, id, now); err != nil {
				return err
			}
			return s.record(ctx, tx, AuditEntry{Kind: AuditSessionEnded}.with("session", string(id)))
		}
		if err != nil || !t.RevokedAt.IsZero() {
			return err
		}
		if err := tx.RevokeToken(id, now); err != nil {
			return err
		}
		tx.Publish(LoggedOut{Account: t.Account, Session: id})
		return s.record(ctx, tx, onAccount(AuditSessionEnded, t.Account).with("session", string(id)))
	})
}

func revokeJWT(tx Tx, id SessionID, now time.Time) error {
	// When the token itself expires is not known here; storage may forget the
	// session after a time that no JWT outlives.
	const longest = 10 * 365 * 24 * time.Hour
	if err := tx.RevokeJWT(id, "", now, now.Add(longest)); err != nil {
		return err
	}
	tx.Publish(LoggedOut{Session: id})
	return nil
}

// RevokeTokens is for after a theft: it ends everything that lets somebody in as the account, and disconnects it everywhere:
// access tokens, JWTs that were issued until now, sign-in codes, upload tokens, known devices, the password, and what a thief may have
// added: the identities that were linked to the account after it was made, and an e-mail address that the account has set itself. The
// identity that the account was made with and an address that others have given stay. The second factor stays, because it lets nobody
// in by itself.
func (s *Service) RevokeTokens(ctx context.Context, a AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		account, err := tx.Account(a)
		if err != nil {
			return or(err, ErrAccountNotFound)
		}
		return s.revokeEverything(ctx, tx, account)
	})
}

func (s *Service) revokeEverything(ctx context.Context, tx Tx, a Account) error {
	if _, err := tx.RemovePassword(a.ID); err != nil {
		return err
	}
	if err := tx.UnlinkIdentities(a.ID); err != nil {
		return err
	}
	if err := s.removeOwnEmail(ctx, tx, a); err != nil {
		return err
	}
	if err := s.endOthers(tx, a.ID, "", true); err != nil {
		return err
	}
	return s.record(ctx, tx, onAccount(AuditSessionsEnded, a.ID).with("password", "removed"))
}

// removeOwnEmail removes the e-mail address if the account has set it itself: it receives sign-in links, and a provider may find the
// account by it. The address from before does not come back, because it may be somebody else's by now.
func (s *Service) removeOwnEmail(ctx context.Context, tx Tx, old Account) error {
	own, err := tx.OwnEmail(old.ID)
	if err != nil || !own {
		return err
	}
	a := old
	a.Email = ""
	if err := tx.SetOwnEmail(a.ID, false); err != nil {
		return err
	}
	if err := tx.UpdateAccount(a); err != nil {
		return err
	}
	tx.Publish(AccountChanged{Account: a})
	return s.recordAccount(ctx, tx, old, a)
}
