package chat

import (
	"context"
	"errors"
	"time"
)

// Ended is the time at which all log-ins of an account ended, with everything else that let somebody in
// as the account.
type Ended struct {
	At   time.Time // zero: never
	Kept SessionID // the session that continued; empty: none
}

// clockSlack is how far a time may be ahead of the clock because the clocks of nodes differ. A later one was stored while the clock was
// wrong.
const clockSlack = 10 * time.Second

// errClockAhead says that log-ins ended at a time in the future; see [viewSignIn].
var errClockAhead = errors.New("chat: the log-ins of an account ended in the future, because the clock was ahead")

// isAhead reports whether a time was stored while the clock was ahead.
func (s *Service) isAhead(at time.Time) bool { return at.After(s.now().Add(clockSlack)) }

// viewSignIn is view for functions that call endedOf. If the log-ins of the account ended while the clock was ahead, the time of
// that end is moved back to the present first: nothing would be valid until the clock gets there.
func viewSignIn[T any](ctx context.Context, s *Service, fn func(Tx) (T, error)) (T, error) {
	out, err := view(ctx, s, fn)
	if !errors.Is(err, errClockAhead) {
		return out, err
	}
	if err := s.store.Update(ctx, func(tx Tx) error { return tx.MoveSignInsBack(s.now()) }); err != nil {
		return out, err
	}
	return view(ctx, s, fn)
}

// FreshUntil returns the end of the time in which the caller may change how the account signs in without a further
// proof. It begins with a sign-in and lasts for [Settings].FreshSignIn. A token of the host system and a JWT do not
// begin it, because they may be stolen. The zero time means that a proof is needed.
func (s *Service) FreshUntil(ctx context.Context, who Identity) (time.Time, error) {
	return view(ctx, s, func(tx Tx) (time.Time, error) { return s.freshUntil(tx, who) })
}

func (s *Service) freshUntil(tx Tx, who Identity) (time.Time, error) {
	t, err := tx.TokenBySession(who.Session)
	if err != nil || t.Account != who.Account.ID || t.ProvenAt.IsZero() || s.isAhead(t.ProvenAt) {
		return time.Time{}, or(err, nil)
	}
	until := t.ProvenAt.Add(s.live().FreshSignIn)
	if !s.now().Before(until) {
		return time.Time{}, nil
	}
	return until, nil
}

// endOthers ends everything that lets somebody in as the account, except the session to keep (empty: none): access tokens, JWTs,
// sign-in codes, sign-ins and a change of e-mail that wait, upload tokens and known devices. With servers it also ends tokens of applications of kind
// [AppServer]. Without it they stay, because a person who changes a password must not stop a host system.
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

// callingSession returns the session of the caller if it is one of the account: it goes on when the caller changes how the own
// account signs in. For the host system, the operator and other people it is empty.
func callingSession(ctx context.Context, a AccountID) SessionID {
	if o := OriginOf(ctx); o.Account == a {
		return o.Session
	}
	return ""
}

// EndOtherSessions ends all log-ins of the caller's account except the calling one, and its JWTs, sign-in codes, upload
// tokens and known devices.
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

// StillGood reports whether something that was given to the account at a time is still valid, such as a JWT or a known
// device: the account is active, and not all log-ins have ended since. A time in the future is from a clock that was ahead, so it is
// not known whether it was before an end.
func (s *Service) StillGood(ctx context.Context, a AccountID, given time.Time) (bool, error) {
	return viewSignIn(ctx, s, func(tx Tx) (bool, error) { return s.stillGood(tx, a, given) })
}

func (s *Service) stillGood(tx Tx, a AccountID, given time.Time) (bool, error) {
	account, err := tx.Account(a)
	if err != nil || !account.Active {
		return false, or(err, nil)
	}
	ended, err := s.endedOf(tx, a)
	return err == nil && given.After(ended.At) && !s.isAhead(given), err
}

// KnownDevice is [Service.StillGood] for the account that signs in with a password and the e-mail
// address.
func (s *Service) KnownDevice(ctx context.Context, email string, since time.Time) (bool, error) {
	account, _, err := s.passwordByEmail(ctx, email)
	if err != nil || account == "" {
		return false, err
	}
	return s.StillGood(ctx, account, since)
}

// endedOf returns the zero value if the log-ins were never ended. [errClockAhead]: they ended in the future.
func (s *Service) endedOf(tx Tx, a AccountID) (Ended, error) {
	ended, err := tx.Ended(a)
	switch {
	case errors.Is(err, ErrNoRow):
		return Ended{}, nil
	case err == nil && s.isAhead(ended.At):
		return Ended{}, errClockAhead
	}
	return ended, err
}
