package chat

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// PasswordHasher makes and checks hashes of passwords. Both take long on
// purpose; they wait their turn until ctx ends.
type PasswordHasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Verify compares in a time that does not depend on the hash: an empty one,
	// which no password matches, takes as long. weak: the hash should be replaced.
	Verify(ctx context.Context, password, hash string) (ok, weak bool, err error)
}

// maxPassword bounds a password in bytes; hashing takes longer with its length.
const maxPassword = 1024

// PasswordsOn reports whether people may sign in with passwords.
func (s *Service) PasswordsOn() bool { return s.opts.Passwords != nil && s.live().Passwords }

// PasswordsPossible reports whether the settings may turn passwords on.
func (s *Service) PasswordsPossible() bool {
	return s.PasswordsOn() || s.opts.Passwords != nil && !s.fixed(SettingPasswords)
}

// SignInWithPassword signs in the one active account that has the e-mail address and a
// password. Every failure returns [ErrWrongPassword] after the same time.
func (s *Service) SignInWithPassword(ctx context.Context, email, password string, d Device) (_ SignedIn, err error) {
	var account AccountID
	defer func() {
		if err == ErrWrongPassword || errors.Is(err, ErrTooManyRequests) {
			s.RecordRefusal(ctx, Refusal{Kind: AuditSignInRefused, Method: MethodPassword, Account: account, Reason: err})
		}
	}()
	if !s.PasswordsOn() {
		return SignedIn{}, ErrPasswordsOff
	}
	if len(password) > maxPassword || len(email) > maxEmail {
		return SignedIn{}, ErrWrongPassword
	}
	if email, err = cleanEmail("email", email); err != nil {
		email = "" // nobody's, which takes as long to find out
	}
	account, hash, err := s.passwordByEmail(ctx, email)
	if err != nil {
		return SignedIn{}, err
	}
	ok, weak, err := s.opts.Passwords.Verify(ctx, password, hash)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok || hash == "" {
		return SignedIn{}, ErrWrongPassword
	}
	better := ""
	if weak {
		if better, err = s.opts.Passwords.Hash(ctx, password); err != nil {
			return SignedIn{}, err
		}
	}
	return update(ctx, s, func(tx Tx) (SignedIn, error) {
		// Between the look and now it may have been changed, or the account closed.
		now, err := tx.Password(account)
		if err != nil {
			return SignedIn{}, or(err, ErrWrongPassword)
		}
		if now != hash {
			return SignedIn{}, ErrWrongPassword
		}
		a, err := tx.Account(account)
		if err != nil {
			return SignedIn{}, err
		}
		if !a.Active {
			return SignedIn{}, ErrWrongPassword
		}
		if better != "" {
			if err := tx.SetPassword(account, better, s.now()); err != nil {
				return SignedIn{}, err
			}
		}
		return s.signInOrAsk(ctx, tx, a, d, MethodPassword)
	})
}

// passwordByEmail returns nothing where no account, or more than one, can be meant.
func (s *Service) passwordByEmail(ctx context.Context, email string) (account AccountID, hash string, err error) {
	if email == "" {
		return "", "", nil
	}
	err = s.store.View(ctx, func(tx Tx) (err error) {
		if account, hash, err = passwordAt(tx, email, ""); err != nil || account == "" {
			return err
		}
		second, _, err := passwordAt(tx, email, account)
		if second != "" {
			account, hash = "", ""
		}
		return err
	})
	return account, hash, err
}

// passwordAt finds an active account with the address that has a password, and is
// not the one named.
func passwordAt(tx Tx, email string, but AccountID) (AccountID, string, error) {
	accounts, err := tx.AccountsByEmail(email)
	if err != nil {
		return "", "", err
	}
	for _, a := range accounts {
		if !a.Active || a.ID == but {
			continue
		}
		if hash, err := passwordOf(tx, a.ID); err != nil || hash != "" {
			return a.ID, hash, err
		}
	}
	return "", "", nil
}

// HasPassword reports whether the account can sign in with a password.
func (s *Service) HasPassword(ctx context.Context, a AccountID) (bool, error) {
	if !s.PasswordsOn() {
		return false, nil
	}
	return view(ctx, s, func(tx Tx) (bool, error) {
		hash, err := passwordOf(tx, a)
		return hash != "", err
	})
}

// passwordOf returns the hash of an account's password, empty where it has none.
func passwordOf(tx Tx, a AccountID) (string, error) {
	hash, err := tx.Password(a)
	if errors.Is(err, ErrNoRow) {
		return "", nil
	}
	return hash, err
}

// SetPassword gives an account a password, the first one too. Every other log-in of the account ends: somebody else may have known
// the old password, or may have a token.
func (s *Service) SetPassword(ctx context.Context, a AccountID, password string) error {
	return s.setPassword(ctx, a, password, func(tx Tx) error {
		if err := notErased(tx, a); err != nil {
			return err
		}
		return s.endOthers(tx, a, callingSession(ctx, a), false)
	})
}

// ChangePassword sets the caller's own password, the first one too. It needs a fresh proof of identity, so that a stolen token
// makes no lasting way in: the current password, or a sign-in of the last minutes ([Service.FreshUntil]). It ends every other
// log-in of the account. [ErrWrongPassword]: current is given and is not the password. [ErrSignInAgain]: there is no proof.
func (s *Service) ChangePassword(ctx context.Context, who Identity, current, password string) error {
	if !s.PasswordsOn() {
		return ErrPasswordsOff
	}
	var fresh time.Time
	hash, err := view(ctx, s, func(tx Tx) (hash string, err error) {
		if fresh, err = s.freshUntil(tx, who); err != nil {
			return "", err
		}
		return passwordOf(tx, who.Account.ID)
	})
	switch {
	case err != nil:
		return err
	case hash != "" && current != "":
		if err := s.checkCurrent(ctx, current, hash); err != nil {
			return err
		}
	case fresh.IsZero():
		return ErrSignInAgain
	}
	return s.setPassword(ctx, who.Account.ID, password, func(tx Tx) error {
		now, err := passwordOf(tx, who.Account.ID)
		if err != nil {
			return err
		}
		if now != hash {
			return ErrWrongPassword
		}
		return s.endOthers(tx, who.Account.ID, who.Session, false)
	})
}

func (s *Service) checkCurrent(ctx context.Context, current, hash string) error {
	if len(current) > maxPassword {
		return ErrWrongPassword
	}
	ok, _, err := s.opts.Passwords.Verify(ctx, current, hash)
	if err == nil && !ok {
		err = ErrWrongPassword
	}
	return err
}

func (s *Service) setPassword(ctx context.Context, a AccountID, password string, before func(Tx) error) error {
	if !s.PasswordsOn() {
		return ErrPasswordsOff
	}
	hash, err := s.hashPassword(ctx, "", password)
	if err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		account, err := tx.Account(a)
		if err != nil {
			return or(err, ErrAccountNotFound)
		}
		if account.Email == "" {
			return invalidFor("account", ReasonNoEmail, "has no e-mail address to sign in with")
		}
		// If two accounts had the same address and passwords, neither could sign in.
		if other, _, err := passwordAt(tx, account.Email, a); err != nil {
			return err
		} else if other != "" {
			return invalidFor("account", ReasonEmailShared, "shares its e-mail address with another account that has a password")
		}
		if strings.EqualFold(password, account.Email) {
			return invalidFor("password", ReasonIsEmail, "must not be the e-mail address")
		}
		if before != nil {
			if err := before(tx); err != nil {
				return err
			}
		}
		if err := tx.SetPassword(a, hash, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditPasswordSet, a))
	})
}

// RemovePassword takes an account's password away; its sessions go on.
func (s *Service) RemovePassword(ctx context.Context, a AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := tx.Account(a); err != nil {
			return or(err, ErrAccountNotFound)
		}
		removed, err := tx.RemovePassword(a)
		if err != nil || !removed {
			return err
		}
		if err := tx.DeleteTickets(a); err != nil {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditPasswordRemoved, a))
	})
}

// hashPassword returns the hash of a new password, or refuses the password. email is the address that it must
// differ from.
func (s *Service) hashPassword(ctx context.Context, email, password string) (string, error) {
	if err := checkText("password", password); err != nil {
		return "", err
	}
	if password != "" && strings.TrimSpace(password) == "" {
		return "", invalidFor("password", ReasonCharacters, "must not be only spaces")
	}
	if utf8.RuneCountInString(password) < s.live().MinPassword {
		return "", invalidNumber("password", ReasonTooShort, "least", s.live().MinPassword, "must have at least %d characters")
	}
	if len(password) > maxPassword {
		return "", Invalid("password", "must be at most %d bytes", maxPassword)
	}
	if strings.EqualFold(password, email) {
		return "", invalidFor("password", ReasonIsEmail, "must not be the e-mail address")
	}
	return s.opts.Passwords.Hash(ctx, password)
}
