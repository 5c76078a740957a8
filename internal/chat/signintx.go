package chat

import "time"

// SignInTx is the part of [Tx] for signing in.
type SignInTx interface {
	// CreateSignInCode also forgets the codes that have expired at the time.
	CreateSignInCode(c SignInCode, now time.Time) error
	SignInCode(hash [32]byte) (SignInCode, error)
	DeleteSignInCode(hash [32]byte) error
	DeleteSignInCodes(AccountID) error

	// SetEmailChange replaces an earlier one of the account. It also forgets those that have expired at the time.
	SetEmailChange(c EmailChange, now time.Time) error
	EmailChange(hash [32]byte) (EmailChange, error)
	DeleteEmailChange(AccountID) error

	// SetOwnEmail notes whether the account has set its e-mail address itself.
	SetOwnEmail(a AccountID, own bool) error
	OwnEmail(AccountID) (bool, error)

	// Password returns the hash of an account's password.
	Password(AccountID) (string, error)
	SetPassword(a AccountID, hash string, at time.Time) error
	RemovePassword(AccountID) (bool, error)

	// AccountByIdentity returns the account of the identity.
	AccountByIdentity(issuer, subject string) (AccountID, error)
	// LinkIdentity makes it the account's; ErrDuplicate: it is somebody's.
	LinkIdentity(issuer, subject string, a AccountID, at time.Time) error
	// UnlinkIdentities forgets the identities that came to the account after it was made.
	UnlinkIdentities(AccountID) error
	// HasIdentity reports whether the account has one of the issuer.
	HasIdentity(issuer string, a AccountID) (bool, error)

	// SetEnded notes when everything of an account ended, in place of an earlier time.
	SetEnded(AccountID, Ended) error
	Ended(AccountID) (Ended, error)
	// MoveSignInsBack corrects what was stored about sign-ins while the clock was ahead: ends of log-ins in the future become
	// ends at the present, and sign-ins in the future are no proof of identity any more.
	MoveSignInsBack(now time.Time) error

	// SeeToken notes when a log-in was last used; never backwards.
	SeeToken(SessionID, time.Time) error
}
