package chat

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"strings"
	"time"
)

// SignInCode is a code to sign in as an account. Only its hash is stored.
type SignInCode struct {
	Hash      [32]byte
	Account   AccountID
	Reusable  bool // until it expires; otherwise once
	Vouched   bool // by a provider, the host system or the operator: it needs no second factor
	ExpiresAt time.Time
}

// NewSignInCode describes a code to be made.
type NewSignInCode struct {
	Account  AccountID
	TTL      time.Duration // 0: ten minutes
	Reusable bool

	byAdministrator bool // somebody may have been deceived: the code does not replace the second factor
}

// Device describes the device of a sign-in, and the token to issue.
type Device struct {
	App  AppID  // that the token will be good with
	Name string // shown in the list of sessions; cut where it is too long
	TTL  time.Duration
	// Known returns what marks the device as one that has signed in with the e-mail address (see [EmailKey]), and when it did; nil:
	// the device is unknown.
	Known func(email string) (mark string, since time.Time, ok bool)
}

// SignedIn is a new log-in. Only this value contains the token; the store has its hash. If
// Needs is not nil, there is no log-in yet, and the other fields are zero.
type SignedIn struct {
	Needs   *SecondStep
	Token   string
	Session SessionID
	Expires time.Time // zero: never
	Person  Person    // as they see themselves
}

const (
	defaultCodeTTL = 10 * time.Minute
	maxCodeTTL     = 30 * 24 * time.Hour
)

// CreateSignInCode makes a code for an active account and returns it, this once.
func (s *Service) CreateSignInCode(ctx context.Context, n NewSignInCode) (code string, expires time.Time, err error) {
	setDefault(&n.TTL, defaultCodeTTL)
	if n.TTL < time.Second || n.TTL > maxCodeTTL {
		return "", time.Time{}, Invalid("ttl", "must be a second to %d days", maxCodeTTL/(24*time.Hour))
	}
	now := s.now()
	made := IssuedCode{newCode(), now.Add(n.TTL)}
	made, err = update(ctx, s, func(tx Tx) (IssuedCode, error) {
		if a, err := tx.Account(n.Account); err != nil {
			return IssuedCode{}, or(err, ErrAccountNotFound)
		} else if !a.Active {
			return IssuedCode{}, Invalid("account", "is not active")
		}
		err := tx.CreateSignInCode(SignInCode{
			Hash: hashCode(made.Code), Account: n.Account, Reusable: n.Reusable, Vouched: !n.byAdministrator, ExpiresAt: made.Expires,
		}, now)
		if err != nil {
			return IssuedCode{}, err
		}
		return made, s.record(ctx, tx, onAccount(AuditCodeCreated, n.Account).with("reusable", strconv.FormatBool(n.Reusable)))
	})
	return made.Code, made.Expires, err
}

// IssuedCode is the result of [Service.CreateSignInCode] for a [ReplayMark].
type IssuedCode struct {
	Code    string
	Expires time.Time
}

// SignInWithCode exchanges a code for a log-in; after it the code is worth
// nothing, unless it is reusable. [ErrInvalidCode]: it is unknown, was used, has
// expired, or the account is not active any more.
func (s *Service) SignInWithCode(ctx context.Context, code string, d Device) (in SignedIn, err error) {
	var owner AccountID // of a code that is known
	defer func() {
		if err == ErrInvalidCode {
			s.RecordRefusal(ctx, Refusal{Kind: AuditSignInRefused, Method: MethodCode, Account: owner, Reason: err})
		}
	}()
	if len(code) > maxID {
		return SignedIn{}, ErrInvalidCode
	}
	hash := hashCode(code)
	// Wrong codes are refused without a write, because the server makes one write
	// at a time.
	known, err := view(ctx, s, func(tx Tx) (SignInCode, error) { return tx.SignInCode(hash) })
	if err != nil {
		return SignedIn{}, or(err, ErrInvalidCode)
	}
	owner = known.Account
	return update(ctx, s, func(tx Tx) (SignedIn, error) {
		c, err := tx.SignInCode(hash)
		if err != nil {
			return SignedIn{}, or(err, ErrInvalidCode)
		}
		if !s.now().Before(c.ExpiresAt) {
			return SignedIn{}, ErrInvalidCode
		}
		a, err := tx.Account(c.Account)
		if err != nil {
			return SignedIn{}, or(err, ErrInvalidCode)
		}
		if !a.Active {
			return SignedIn{}, ErrInvalidCode
		}
		if !c.Reusable {
			if err := tx.DeleteSignInCode(hash); err != nil {
				return SignedIn{}, err
			}
		}
		if c.Vouched {
			return s.signIn(ctx, tx, a, d, MethodCode)
		}
		return s.signInOrAsk(ctx, tx, a, d, MethodCode)
	})
}

// The ways to sign in, for the audit log.
const (
	MethodCode     = "code" // also after an OpenID provider has confirmed an identity
	MethodPassword = "password"
	MethodOpenID   = "openid"

	MethodSetUp      = "set-up"
	MethodInvitation = "invitation"

	MethodLink      = "link"       // by mail; only of refusals: the link has a code
	MethodTwoFactor = "two-factor" // only of refusals whose first factor is not known
)

// signIn makes the token of a log-in that needs no second factor, and records the sign-in.
func (s *Service) signIn(ctx context.Context, tx Tx, a Account, d Device, method string) (SignedIn, error) {
	return s.signInBy(ctx, tx, a, d, method, "")
}

// signInBy is signIn with the second factor that was used.
func (s *Service) signInBy(ctx context.Context, tx Tx, a Account, d Device, method, factor string) (SignedIn, error) {
	if d.App != "" {
		if app, err := tx.Application(d.App); err != nil {
			return SignedIn{}, or(err, ErrInvalidApp)
		} else if !app.DisabledAt.IsZero() {
			return SignedIn{}, ErrInvalidApp
		}
	}
	plain, now := newSecret(), s.now()
	t := Token{
		Session: SessionID(newID()), Hash: sha256.Sum256([]byte(plain)), Account: a.ID, App: d.App,
		Label: cutUTF16(PlainText(d.Name), s.opts.MaxNameLength), CreatedAt: now, SeenAt: now, ProvenAt: now,
	}
	if d.TTL > 0 {
		t.ExpiresAt = now.Add(d.TTL)
	}
	if err := tx.CreateToken(t); err != nil {
		return SignedIn{}, err
	}
	e := onAccount(AuditSignIn, a.ID).with("method", method).with("device", t.Label)
	if factor != "" {
		e = e.with("factor", factor)
	}
	e.Actor, e.App, e.Session = a.ID, d.App, t.Session
	if err := s.record(ctx, tx, e); err != nil {
		return SignedIn{}, err
	}
	if d.App != "" {
		s.sightings.apps.note(d.App, now)
	}
	p, err := seen(tx, a.ID, a)
	return SignedIn{Token: plain, Session: t.Session, Expires: t.ExpiresAt, Person: p}, err
}

// codeLetters has no letters that are easily confused.
var codeLetters = base32.NewEncoding("ABCDEFGHJKMNPQRSTVWXYZ0123456789").WithPadding(base32.NoPadding)

// newCode returns 80 random bits as four groups of four letters, which can be
// read out and typed: too many to guess, also at their hashes.
func newCode() string {
	b := make([]byte, 10)
	rand.Read(b)
	c := codeLetters.EncodeToString(b)
	return c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
}

// hashCode accepts the usual variations of a code that people type.
func hashCode(code string) [32]byte {
	plain := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1", "U", "V").Replace(strings.ToUpper(code))
	return sha256.Sum256([]byte(plain))
}

// cutUTF16 shortens a text to so many UTF-16 units, whole characters only.
func cutUTF16(text string, most int) string {
	units := 0
	for i, r := range text {
		units++
		if r > 0xffff {
			units++
		}
		if units > most {
			return text[:i]
		}
	}
	return text
}
