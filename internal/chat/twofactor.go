package chat

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// Two-factor. A sign-in whose first factor was right does not make a session yet if the
// person has two-factor, or must have it:
//
//	password, mailed link … ──▶ ticket, 15 minutes ──▶ a code or a recovery code ──▶ session
//	                                    └─ none is set up ─▶ secret ─▶ a code ─────▶ session
//
// A code is that of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, 30 seconds,
// which is all that some apps know. It must be from the present time step or one of its
// neighbours, and later than the last one that was used. Whether it was used is decided in
// the transaction that uses it, so a code is good once on all nodes together.

// TwoFactorPolicy decides who must have two-factor.
type TwoFactorPolicy string

// The policies.
const (
	TwoFactorOptional       TwoFactorPolicy = "optional"
	TwoFactorAdministrators TwoFactorPolicy = "administrators" // and owners of the main organization
	TwoFactorAll            TwoFactorPolicy = "all"
)

// TwoFactor is the second factor of an account. Codes are computed from the secret, so the
// store has the secret itself.
type TwoFactor struct {
	Account    AccountID
	Secret     string    // base32; empty: off
	Pending    string    // the secret of an app that is being set up; empty: none
	OnAt       time.Time // zero: off
	Step       int64     // time step of the last code that was used
	WrongCodes           // of all unknown devices together
}

// WrongCodes are the wrong codes of an account from one source since its last right one.
type WrongCodes struct {
	Failures int
	FailedAt time.Time // of the last of them
}

// Ticket is a sign-in that waits for the second factor. Only its hash is stored.
type Ticket struct {
	Hash      [32]byte
	Account   AccountID
	Method    string // the first factor
	ExpiresAt time.Time
}

// TwoFactorTx is the part of [Tx] for two-factor.
type TwoFactorTx interface {
	TwoFactor(AccountID) (TwoFactor, error)
	SaveTwoFactor(TwoFactor) error   // creates or replaces it
	DeleteTwoFactor(AccountID) error // with the recovery codes and the wrong codes
	// WrongCodes returns those of a known device or a session.
	WrongCodes(a AccountID, source [32]byte) (WrongCodes, error)
	// SaveWrongCodes also forgets those of the account from before a time.
	SaveWrongCodes(a AccountID, source [32]byte, w WrongCodes, forget time.Time) error
	// SetRecoveryCodes replaces the codes of the account.
	SetRecoveryCodes(AccountID, [][32]byte) error
	// UseRecoveryCode removes a code and reports whether there was one.
	UseRecoveryCode(AccountID, [32]byte) (bool, error)
	CountRecoveryCodes(AccountID) (int, error)

	// CreateTicket also forgets the tickets that have expired at the time.
	CreateTicket(k Ticket, now time.Time) error
	Ticket(hash [32]byte) (Ticket, error)
	DeleteTicket(hash [32]byte) error
	DeleteTickets(AccountID) error
}

// SecondStep is what a sign-in needs after the first factor.
type SecondStep struct {
	Ticket  string // for [Service.FinishSignIn]
	Expires time.Time
	SetUp   bool // two-factor must be set up first; see [Service.BeginTwoFactorWith]
}

const (
	ticketTTL     = 15 * time.Minute
	recoveryCodes = 10
	secretBytes   = 20 // as many as SHA-1 has; RFC 4226 recommends it
	stepSeconds   = 30
	codeDigits    = 6
)

// After freeFailures wrong codes in a row, the account takes no code from the same source for a time that doubles
// with each further one. Someone who knows the password then has about 24 attempts a day, of a
// million codes. Recovery codes are not guessed, and get in meanwhile.
//
// All unknown devices are one source, so that many addresses have no more attempts than one. Each device and each session that has
// signed in to the account since two-factor was turned on is a source of its own: wrong codes of somebody who knows the
// password do not keep the owner out. A sign-in from before proves nothing, because it needed no code.
const (
	freeFailures  = 5
	firstPause    = 30 * time.Second
	longestPause  = time.Hour
	keptWrongCode = 180 * 24 * time.Hour // how long they are remembered; known devices are forgotten after the same time
)

// codeSource is a known device or a session that sends a code. The zero value is an unknown device.
type codeSource struct {
	hash  [32]byte
	since time.Time // of its sign-in
}

// deviceSource returns the source of a sign-in to the account.
func (s *Service) deviceSource(tx Tx, a Account, d Device) (codeSource, error) {
	if d.Known == nil || a.Email == "" {
		return codeSource{}, nil
	}
	mark, since, ok := d.Known(EmailKey(a.Email))
	if !ok {
		return codeSource{}, nil
	}
	good, err := s.stillGood(tx, a.ID, since)
	if errors.Is(err, errClockAhead) {
		return codeSource{}, nil
	}
	if err != nil || !good {
		return codeSource{}, err
	}
	return codeSource{sha256.Sum256([]byte("device " + mark)), since}, nil
}

// sessionSource returns the source of a change of the account in a session. A JWT and a token of the host system are none, because
// nobody signed in to get them.
func sessionSource(tx Tx, who Identity) (codeSource, error) {
	t, err := tx.TokenBySession(who.Session)
	if err != nil || t.Account != who.Account.ID || t.ProvenAt.IsZero() {
		return codeSource{}, or(err, nil)
	}
	return codeSource{sha256.Sum256([]byte("session " + string(t.Session))), t.ProvenAt}, nil
}

// TooManyCodesError refuses a code after too many wrong ones.
type TooManyCodesError struct{ Wait time.Duration }

// Error returns the text of [ErrTooManyRequests].
func (e *TooManyCodesError) Error() string { return ErrTooManyRequests.Error() }

// Unwrap returns [ErrTooManyRequests].
func (e *TooManyCodesError) Unwrap() error { return ErrTooManyRequests }

// pause returns how long the account takes no codes from the source.
func (w WrongCodes) pause(now time.Time) time.Duration {
	if w.Failures < freeFailures {
		return 0
	}
	pause := min(firstPause<<min(w.Failures-freeFailures, 16), longestPause)
	return min(w.FailedAt.Add(pause).Sub(now), pause) // the clock may have been set back
}

// twoFactorOf returns the second factor of the account. If none was set up, it is off.
func twoFactorOf(tx Tx, a AccountID) (TwoFactor, error) {
	f, err := tx.TwoFactor(a)
	if errors.Is(err, ErrNoRow) {
		return TwoFactor{Account: a}, nil
	}
	return f, err
}

// mustHaveTwoFactor reports whether the policy requires it from the account.
func (s *Service) mustHaveTwoFactor(tx Tx, a AccountID) (bool, error) {
	switch s.Settings().TwoFactor {
	case TwoFactorAll:
		return true, nil
	case TwoFactorAdministrators:
		main, err := tx.MainOrganization()
		if err != nil {
			return false, or(err, nil)
		}
		role, err := roleIn(tx, main.ID, a)
		return role.administers(), err
	}
	return false, nil
}

// signInOrAsk completes the first step of a sign-in. It returns a token, or a ticket if the account
// needs a second factor.
func (s *Service) signInOrAsk(ctx context.Context, tx Tx, a Account, d Device, method string) (SignedIn, error) {
	f, err := twoFactorOf(tx, a.ID)
	if err != nil {
		return SignedIn{}, err
	}
	setUp := false
	if f.Secret == "" {
		if setUp, err = s.mustHaveTwoFactor(tx, a.ID); err != nil {
			return SignedIn{}, err
		}
		if !setUp {
			return s.signIn(ctx, tx, a, d, method)
		}
	}
	plain, now := newSecret(), s.now()
	next := SecondStep{Ticket: plain, Expires: now.Add(ticketTTL), SetUp: setUp}
	k := Ticket{Hash: sha256.Sum256([]byte(plain)), Account: a.ID, Method: method, ExpiresAt: next.Expires}
	if err := tx.CreateTicket(k, now); err != nil {
		return SignedIn{}, err
	}
	e := onAccount(AuditTwoFactorAsked, a.ID).with("method", method)
	e.App = d.App
	return SignedIn{Needs: &next}, s.record(ctx, tx, e)
}

// openTicket returns the ticket and its account. [ErrSignInExpired]: it can no longer be used.
func (s *Service) openTicket(tx Tx, plain string) (k Ticket, a Account, err error) {
	if k, err = tx.Ticket(sha256.Sum256([]byte(plain))); err != nil {
		return k, a, or(err, ErrSignInExpired)
	}
	if a, err = tx.Account(k.Account); err != nil {
		return k, a, or(err, ErrSignInExpired)
	}
	if !a.Active || !s.now().Before(k.ExpiresAt) {
		return k, a, ErrSignInExpired
	}
	return k, a, nil
}

// lookAtTicket refuses wrong tickets without a write, because the server makes one write at a time. A ticket that exists is
// also returned with [ErrSignInExpired].
func (s *Service) lookAtTicket(ctx context.Context, plain string) (k Ticket, err error) {
	err = s.store.View(ctx, func(tx Tx) (err error) {
		k, _, err = s.openTicket(tx, plain)
		return err
	})
	return k, err
}

// refusedTicket records that the second step of a sign-in was refused. k is zero if there is no such ticket: it has never
// existed, or was used.
func (s *Service) refusedTicket(ctx context.Context, k Ticket, err error) {
	var refusal Error
	if !errors.As(err, &refusal) {
		return
	}
	setDefault(&k.Method, MethodTwoFactor)
	s.RecordRefusal(ctx, Refusal{Kind: AuditSignInRefused, Method: k.Method, Account: k.Account, Reason: refusal})
}

// FinishSignIn creates the session of a sign-in that waits for the second factor. code is a code of
// the app or a recovery code. A ticket works once. [ErrSignInExpired]: the ticket is unknown, was
// used, or has expired. [ErrWrongCode], [ErrCodeUsed], [*TooManyCodesError]: the ticket can still be
// used with another code.
func (s *Service) FinishSignIn(ctx context.Context, ticket, code string, d Device) (_ SignedIn, err error) {
	var k Ticket
	defer func() { s.refusedTicket(ctx, k, err) }()
	if k, err = s.lookAtTicket(ctx, ticket); err != nil {
		return SignedIn{}, err
	}
	type result struct {
		SignedIn
		refusal error
	}
	done, err := update(ctx, s, func(tx Tx) (result, error) {
		k, a, err := s.openTicket(tx, ticket)
		if err != nil {
			return result{}, err
		}
		from, err := s.deviceSource(tx, a, d)
		if err != nil {
			return result{}, err
		}
		factor, refusal, err := s.spendCode(ctx, tx, a.ID, code, from)
		if err != nil {
			return result{}, err
		}
		if refusal != nil {
			return result{refusal: refusal}, nil
		}
		in, err := s.endTicket(ctx, tx, k, a, d, factor)
		return result{SignedIn: in}, err
	})
	if err == nil {
		err = done.refusal
	}
	return done.SignedIn, err
}

// endTicket exchanges a ticket for a token.
func (s *Service) endTicket(ctx context.Context, tx Tx, k Ticket, a Account, d Device, factor string) (SignedIn, error) {
	if err := tx.DeleteTicket(k.Hash); err != nil {
		return SignedIn{}, or(err, ErrSignInExpired)
	}
	return s.signInBy(ctx, tx, a, d, k.Method, factor)
}

// The second factors, for the audit log.
const (
	factorApp      = "app"
	factorRecovery = "recovery-code"
)

// spendCode uses up a code of the account. A wrong code is returned as refusal and not as err, so that
// the transaction which counts it is committed.
func (s *Service) spendCode(ctx context.Context, tx Tx, a AccountID, code string, from codeSource) (factor string, refusal, err error) {
	f, err := twoFactorOf(tx, a)
	if err != nil {
		return "", nil, err
	}
	if f.Secret == "" { // turned off since the ticket was created
		return "", nil, ErrSignInExpired
	}
	digits, ok := appCode(code)
	if !ok {
		return s.spendRecoveryCode(ctx, tx, f, code)
	}
	now := s.now()
	known := !from.since.Before(f.OnAt)
	wrong := f.WrongCodes
	if known {
		if wrong, err = tx.WrongCodes(a, from.hash); or(err, nil) != nil {
			return "", nil, err
		}
	}
	if wait := wrong.pause(now); wait > 0 {
		return "", nil, &TooManyCodesError{wait}
	}
	step, ok := stepOf(f.Secret, digits, now)
	switch {
	case !ok:
		refusal = ErrWrongCode
	case step <= f.Step:
		refusal = ErrCodeUsed
	}
	if refusal != nil {
		wrong = WrongCodes{wrong.Failures + 1, now}
	} else {
		f.Step, wrong, factor = step, WrongCodes{}, factorApp
	}
	if !known {
		f.WrongCodes = wrong
	} else if err := tx.SaveWrongCodes(a, from.hash, wrong, now.Add(-keptWrongCode)); err != nil {
		return "", nil, err
	}
	return factor, refusal, tx.SaveTwoFactor(f)
}

func (s *Service) spendRecoveryCode(ctx context.Context, tx Tx, f TwoFactor, code string) (factor string, refusal, err error) {
	if len(code) > maxID {
		return "", ErrWrongCode, nil
	}
	used, err := tx.UseRecoveryCode(f.Account, hashCode(code))
	if err != nil {
		return "", nil, err
	}
	if !used {
		return "", ErrWrongCode, nil
	}
	left, err := tx.CountRecoveryCodes(f.Account)
	if err != nil {
		return "", nil, err
	}
	return factorRecovery, nil, s.record(ctx, tx, onAccount(AuditRecoveryCodeUsed, f.Account).with("left", strconv.Itoa(left)))
}

// appCode returns the digits of a code of an app. People also type it as "123 456".
func appCode(text string) (digits string, ok bool) {
	if len(text) > maxID {
		return "", false
	}
	text = strings.NewReplacer(" ", "", "-", "").Replace(text)
	return text, len(text) == codeDigits && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// stepOf returns the time step of the code. It is the present one or one of its neighbours, because
// clocks differ and typing takes time.
func stepOf(secret, digits string, at time.Time) (step int64, ok bool) {
	now := at.Unix() / stepSeconds
	for _, step := range []int64{now, now - 1, now + 1} {
		if step < 0 {
			continue
		}
		ok, err := hotp.ValidateCustom(digits, uint64(step), secret, hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

// TwoFactorState is the state of a person's two-factor.
type TwoFactorState struct {
	OnAt     time.Time // zero: it is off
	Recovery int       // recovery codes that are left
	Required bool      // it cannot be turned off
	Password bool      // the account has a password, which can prove a change
}

// TwoFactorState returns the state of the caller's two-factor.
func (s *Service) TwoFactorState(ctx context.Context, who Identity) (TwoFactorState, error) {
	return view(ctx, s, func(tx Tx) (state TwoFactorState, err error) {
		f, err := twoFactorOf(tx, who.Account.ID)
		if err != nil {
			return state, err
		}
		state.OnAt = f.OnAt
		if state.Recovery, err = tx.CountRecoveryCodes(who.Account.ID); err != nil {
			return state, err
		}
		if state.Required, err = s.mustHaveTwoFactor(tx, who.Account.ID); err != nil {
			return state, err
		}
		hash, err := passwordOf(tx, who.Account.ID)
		state.Password = hash != "" && s.PasswordsOn()
		return state, err
	})
}

// TwoFactorDue reports whether the account must have two-factor and has none. The next sign-in with
// the password sets it up; existing sessions continue. It is false for an account without a password,
// because the person signs in with a provider or a host system.
func (s *Service) TwoFactorDue(ctx context.Context, a AccountID) (bool, error) {
	if !s.PasswordsOn() {
		return false, nil
	}
	return view(ctx, s, func(tx Tx) (bool, error) {
		must, err := s.mustHaveTwoFactor(tx, a)
		if err != nil || !must {
			return false, err
		}
		f, err := twoFactorOf(tx, a)
		if err != nil || f.Secret != "" {
			return false, err
		}
		hash, err := passwordOf(tx, a)
		return hash != "", err
	})
}

// TwoFactorSecret is the secret of an authenticator app. It cannot be read again.
type TwoFactorSecret struct {
	Secret string // base32, to be typed
	URI    string // otpauth://, for a QR code
}

// Proof proves that the session is used by its person. It has one of the two fields. Code is a code of
// the app or a recovery code, and is used up.
type Proof struct{ Password, Code string }

// proven checks the proof and runs fn in the same transaction. With fresh, a recent sign-in replaces
// the proof; [ErrSignInAgain]: there is neither.
func (s *Service) proven(ctx context.Context, who Identity, p Proof, fresh bool, fn func(Tx, TwoFactor) error) error {
	hash, id := "", who.Account.ID
	if p.Code == "" && p.Password != "" {
		if !s.PasswordsOn() {
			return ErrPasswordsOff
		}
		var err error
		if hash, err = view(ctx, s, func(tx Tx) (string, error) { return passwordOf(tx, id) }); err != nil {
			return err
		}
		if err := s.checkCurrent(ctx, p.Password, hash); err != nil {
			return err
		}
	}
	refusal, err := update(ctx, s, func(tx Tx) (refusal, err error) {
		switch {
		case p.Code != "":
			from, err := sessionSource(tx, who)
			if err != nil {
				return nil, err
			}
			if _, refusal, err = s.spendCode(ctx, tx, id, p.Code, from); refusal != nil || err != nil {
				if errors.Is(err, ErrSignInExpired) {
					err = ErrWrongCode // two-factor is off
				}
				return refusal, err
			}
		case p.Password != "":
			now, err := passwordOf(tx, id)
			if err != nil {
				return nil, err
			}
			if now != hash || hash == "" {
				return nil, ErrWrongPassword
			}
		default:
			until, err := s.freshUntil(tx, who)
			if err != nil {
				return nil, err
			}
			if !fresh || until.IsZero() {
				return nil, ErrSignInAgain
			}
		}
		f, err := twoFactorOf(tx, id)
		if err != nil {
			return nil, err
		}
		return nil, fn(tx, f)
	})
	if err == nil {
		err = refusal
	}
	return err
}

// BeginTwoFactor creates a secret for the caller's app. [Service.ConfirmTwoFactor] puts it in force,
// in place of a present one. A proof is required; if two-factor is off, a recent sign-in is enough.
func (s *Service) BeginTwoFactor(ctx context.Context, who Identity, p Proof) (TwoFactorSecret, error) {
	on, err := view(ctx, s, func(tx Tx) (bool, error) {
		f, err := twoFactorOf(tx, who.Account.ID)
		return f.Secret != "", err
	})
	if err != nil {
		return TwoFactorSecret{}, err
	}
	made, err := s.newTwoFactorSecret(who.Account)
	if err != nil {
		return TwoFactorSecret{}, err
	}
	return made, s.proven(ctx, who, p, !on, func(tx Tx, f TwoFactor) error {
		if !on && f.Secret != "" { // it was turned on in the meantime
			return ErrSignInAgain
		}
		f.Pending = made.Secret
		return tx.SaveTwoFactor(f)
	})
}

func (s *Service) newTwoFactorSecret(a Account) (TwoFactorSecret, error) {
	name := a.Email
	if name == "" {
		name = a.Name
	}
	// A colon separates the two names in the address.
	plain := func(text string) string { return strings.ReplaceAll(text, ":", " ") }
	key, err := totp.Generate(totp.GenerateOpts{
		Issuer: plain(s.Settings().Name), AccountName: plain(name), SecretSize: secretBytes, Period: stepSeconds, Digits: codeDigits, Algorithm: otp.AlgorithmSHA1,
	})
	if err != nil {
		return TwoFactorSecret{}, fmt.Errorf("make a secret for two-factor: %w", err)
	}
	return TwoFactorSecret{Secret: key.Secret(), URI: key.URL()}, nil
}

// BeginTwoFactorWith is [Service.BeginTwoFactor] for a sign-in that waits until two-factor is set
// up. [ErrSignInExpired]: the ticket cannot be used, or two-factor is on.
func (s *Service) BeginTwoFactorWith(ctx context.Context, ticket string) (_ TwoFactorSecret, err error) {
	var k Ticket
	defer func() { s.refusedTicket(ctx, k, err) }()
	if k, err = s.lookAtTicket(ctx, ticket); err != nil {
		return TwoFactorSecret{}, err
	}
	return update(ctx, s, func(tx Tx) (TwoFactorSecret, error) {
		_, a, err := s.openTicket(tx, ticket)
		if err != nil {
			return TwoFactorSecret{}, err
		}
		f, err := twoFactorOf(tx, a.ID)
		if err != nil {
			return TwoFactorSecret{}, err
		}
		if f.Secret != "" {
			return TwoFactorSecret{}, ErrSignInExpired
		}
		made, err := s.newTwoFactorSecret(a)
		if err != nil {
			return TwoFactorSecret{}, err
		}
		f.Pending = made.Secret
		return made, tx.SaveTwoFactor(f)
	})
}

// ConfirmTwoFactor turns two-factor on. code must be of the app with the secret of
// [Service.BeginTwoFactor]. It returns new recovery codes, which cannot be read again.
// [ErrWrongCode]: the code is wrong, or there is no new secret.
func (s *Service) ConfirmTwoFactor(ctx context.Context, who Identity, code string) ([]string, error) {
	return update(ctx, s, func(tx Tx) ([]string, error) {
		f, err := twoFactorOf(tx, who.Account.ID)
		if err != nil {
			return nil, err
		}
		return s.confirm(ctx, tx, f, code)
	})
}

// ConfirmTwoFactorWith is [Service.ConfirmTwoFactor] for a waiting sign-in, which it also completes.
func (s *Service) ConfirmTwoFactorWith(ctx context.Context, ticket, code string, d Device) (_ SignedIn, _ []string, err error) {
	var k Ticket
	defer func() { s.refusedTicket(ctx, k, err) }()
	if k, err = s.lookAtTicket(ctx, ticket); err != nil {
		return SignedIn{}, nil, err
	}
	type result struct {
		in    SignedIn
		codes []string
	}
	done, err := update(ctx, s, func(tx Tx) (result, error) {
		k, a, err := s.openTicket(tx, ticket)
		if err != nil {
			return result{}, err
		}
		f, err := twoFactorOf(tx, a.ID)
		if err != nil {
			return result{}, err
		}
		if f.Secret != "" {
			return result{}, ErrSignInExpired
		}
		codes, err := s.confirm(ctx, tx, f, code)
		if err != nil {
			return result{}, err
		}
		in, err := s.endTicket(ctx, tx, k, a, d, factorApp)
		return result{in, codes}, err
	})
	return done.in, done.codes, err
}

func (s *Service) confirm(ctx context.Context, tx Tx, f TwoFactor, code string) ([]string, error) {
	digits, ok := appCode(code)
	if !ok || f.Pending == "" {
		return nil, ErrWrongCode
	}
	now := s.now()
	step, ok := stepOf(f.Pending, digits, now)
	if !ok {
		return nil, ErrWrongCode
	}
	replaced := f.Secret != ""
	f = TwoFactor{Account: f.Account, Secret: f.Pending, OnAt: now, Step: step}
	if err := tx.SaveTwoFactor(f); err != nil {
		return nil, err
	}
	if err := s.record(ctx, tx, onAccount(AuditTwoFactorOn, f.Account).with("replaced", strconv.FormatBool(replaced))); err != nil {
		return nil, err
	}
	return s.makeRecoveryCodes(tx, f.Account)
}

// makeRecoveryCodes replaces the recovery codes. They have as many random bits as sign-in codes, so
// that they cannot be guessed, not even from their hashes.
func (s *Service) makeRecoveryCodes(tx Tx, a AccountID) ([]string, error) {
	codes := make([]string, recoveryCodes)
	hashes := make([][32]byte, recoveryCodes)
	for i := range codes {
		codes[i] = newCode()
		hashes[i] = hashCode(codes[i])
	}
	return codes, tx.SetRecoveryCodes(a, hashes)
}

// NewRecoveryCodes replaces the caller's recovery codes and returns the new ones, which cannot be read
// again.
// [ErrNotFound]: two-factor is off.
func (s *Service) NewRecoveryCodes(ctx context.Context, who Identity, p Proof) (codes []string, err error) {
	err = s.proven(ctx, who, p, false, func(tx Tx, f TwoFactor) (err error) {
		if f.Secret == "" {
			return ErrNotFound
		}
		if codes, err = s.makeRecoveryCodes(tx, f.Account); err != nil {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditRecoveryCodesMade, f.Account))
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// TurnOffTwoFactor turns the caller's two-factor off. [ErrTwoFactorRequired]: the policy requires it.
// [ErrNotFound]: it is off.
func (s *Service) TurnOffTwoFactor(ctx context.Context, who Identity, p Proof) error {
	return s.proven(ctx, who, p, false, func(tx Tx, f TwoFactor) error {
		must, err := s.mustHaveTwoFactor(tx, f.Account)
		if err != nil {
			return err
		}
		switch {
		case f.Secret == "":
			return ErrNotFound
		case must:
			return ErrTwoFactorRequired
		}
		return s.dropTwoFactor(ctx, tx, f.Account, AuditTwoFactorOff)
	})
}

func (s *Service) dropTwoFactor(ctx context.Context, tx Tx, a AccountID, kind AuditKind) error {
	if err := tx.DeleteTwoFactor(a); err != nil {
		return err
	}
	if err := tx.DeleteTickets(a); err != nil {
		return err
	}
	return s.record(ctx, tx, onAccount(kind, a))
}

// ResetTwoFactor turns the two-factor of an account off, for a person who has lost the app and the
// recovery codes. Sessions continue. If two-factor is off, nothing changes.
func (s *Service) ResetTwoFactor(ctx context.Context, a AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Account(a); err != nil {
			return or(err, ErrAccountNotFound)
		}
		return s.resetTwoFactor(ctx, tx, a)
	})
}

func (s *Service) resetTwoFactor(ctx context.Context, tx Tx, a AccountID) error {
	f, err := twoFactorOf(tx, a)
	if err != nil || f.Secret == "" && f.Pending == "" {
		return err
	}
	return s.dropTwoFactor(ctx, tx, a, AuditTwoFactorReset)
}

// AdminResetTwoFactor is [Service.ResetTwoFactor] for administrators. Only owners reset that of an
// owner. [ErrOwnTwoFactor]: it is the caller's own, for which [Service.TurnOffTwoFactor] asks for a
// proof. [ErrSignInAgain]: as for [Service.AdminSetPassword].
func (s *Service) AdminResetTwoFactor(ctx context.Context, by Actor, a AccountID) error {
	return s.ResetTwoFactor(s.administering(ctx, by, func(tx Tx, by admin) error {
		if a == by.Account {
			return ErrOwnTwoFactor
		}
		return s.mayChangeSignIn(ctx, a)(tx, by)
	}), a)
}
