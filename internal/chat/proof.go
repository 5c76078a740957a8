package chat

import (
	"context"
	"errors"
	"time"
)

// Ended notes when all log-ins of an account were ended, with everything else that
// it had been given until then.
type Ended struct {
	At   time.Time // zero: never
	Kept SessionID // the session that went on; empty: none
}

// FreshUntil returns until when the caller may change what signs the account in without a further proof: for
// Options.FreshSignIn after the session began with a sign-in. A token that was issued by the host system, and a JWT, prove
// nothing: they may be stolen. The zero time means that a proof is needed.
func (s *Service) FreshUntil(ctx context.Context, who Identity) (time.Time, error) {
	return view(ctx, s, func(tx Tx) (time.Time, error) { return s.freshUntil(tx, who) })
}

func (s *Service) freshUntil(tx Tx, who Identity) (time.Time, error) {
	t, err := tx.TokenBySession(who.Session)
	if err != nil || t.Account != who.Account.ID || t.ProvenAt.IsZero() {
		return time.Time{}, or(err, nil)
	}
	until := t.ProvenAt.Add(s.live().FreshSignIn)
	if !s.now().Before(until) {
		return time.Time{}, nil
	}
	return until, nil
}

// endOthers ends everything that lets somebody in as the account, but for the session to keep (empty: none): access tokens, JWTs,
// sign-in codes, sign-ins and a change of e-mail that wait, upload tokens and known devices. With servers it also ends tokens of applications of kind
// [AppServer]: they are a system's, and a person who changes a password must not stop the system.
func (s *Service) endOthers(tx Tx, a AccountID, keep SessionID, servers bool) error {
	tokens, err := tx.Tokens(a)
	if err != nil {
		return err
	}
	now := s.now()
	var kept []SessionID
	if keep != "" {
		kept = append(kept, keep)
	}
	for _, t := range tokens {
		if !t.RevokedAt.IsZero() || t.Session == keep {
			continue
		}
		if !servers && t.App != "" {
			app, err := tx.Application(t.App)
			if err != nil {
				return err
			}
			if app.Kind == AppServer {
				kept = append(kept, t.Session)
				continue
			}
		}
		if err := tx.RevokeToken(t.Session, now); err != nil {
			return err
		}
	}
	if err := tx.DeleteSignInCodes(a); err != nil {
		return err
	}
	if err := tx.DeleteTickets(a); err != nil {
		return err
	}
	if err := tx.DeleteEmailChange(a); err != nil {
		return err
	}
	if err := tx.SetEnded(a, Ended{At: now, Kept: keep}); err != nil {
		return err
	}
	tx.Publish(LoggedOut{Account: a, Kept: kept})
	return nil
}

// EndOtherSessions ends all log-ins of the caller's account except the one that calls, and everything else that former
// log-ins may have left: JWTs, sign-in codes, upload tokens, known devices.
func (s *Service) EndOtherSessions(ctx context.Context, who Identity) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := s.endOthers(tx, who.Account.ID, who.Session, false); err != nil {
			return err
		}
		e := onAccount(AuditSessionsEnded, who.Account.ID).with("kept", string(who.Session))
		e.Actor, e.App = who.Account.ID, who.App.ID
		return s.record(ctx, tx, e)
	})
}

// StillGood reports whether something that carries its own date and was given to the account then still counts: the
// account is active, and not everything has ended since.
func (s *Service) StillGood(ctx context.Context, a AccountID, given time.Time) (bool, error) {
	return view(ctx, s, func(tx Tx) (bool, error) {
		account, err := tx.Account(a)
		if err != nil || !account.Active {
			return false, or(err, nil)
		}
		ended, err := endedOf(tx, a)
		return given.After(ended.At), err
	})
}

// KnownDevice is [Service.StillGood] for the account that signs in at the e-mail
// address with a password.
func (s *Service) KnownDevice(ctx context.Context, email string, since time.Time) (bool, error) {
	account, _, err := s.passwordByEmail(ctx, email)
	if err != nil || account == "" {
		return false, err
	}
	return s.StillGood(ctx, account, since)
}

// endedOf returns the zero value where nothing ever ended.
func endedOf(tx Tx, a AccountID) (Ended, error) {
	ended, err := tx.Ended(a)
	if errors.Is(err, ErrNoRow) {
		return Ended{}, nil
	}
	return ended, err
}
