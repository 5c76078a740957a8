package chat

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// Session is a valid log-in of an account.
type Session struct {
	Token
	AppName string // of the application that it is good with; empty: all
	Current bool   // the caller's own
}

// Sessions lists the log-ins of the caller that are neither revoked nor expired,
// newest first. JWTs are not known here.
func (s *Service) Sessions(ctx context.Context, who Identity) ([]Session, error) {
	sessions, err := view(ctx, s, func(tx Tx) ([]Session, error) {
		tokens, err := tx.Tokens(who.Account.ID)
		if err != nil {
			return nil, err
		}
		return s.liveSessions(tx, tokens)
	})
	for i := range sessions {
		sessions[i].Current = sessions[i].Session == who.Session
	}
	return sessions, err
}

// liveSessions returns those of the tokens that are neither revoked nor expired.
func (s *Service) liveSessions(tx Tx, tokens []Token) (out []Session, err error) {
	now := s.now()
	for _, t := range tokens {
		if !t.RevokedAt.IsZero() || !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
			continue
		}
		one := Session{Token: t}
		if t.App != "" {
			app, err := tx.Application(t.App)
			if err != nil {
				return nil, err
			}
			one.AppName = app.Name
		}
		if at := s.sightings.sessions.at(t.Session); at.After(one.SeenAt) {
			one.SeenAt = at
		}
		out = append(out, one)
	}
	return out, nil
}

// EndSession ends a log-in of the caller's own account and disconnects it;
// another one's, or one that has ended, is [ErrNotFound].
func (s *Service) EndSession(ctx context.Context, who Identity, id SessionID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.TokenBySession(id)
		if err != nil {
			return or(err, ErrNotFound)
		}
		if t.Account != who.Account.ID || !t.RevokedAt.IsZero() {
			return ErrNotFound
		}
		if err := s.endSession(tx, t); err != nil {
			return err
		}
		return s.record(ctx, tx, who.ended(id))
	})
}

func (s *Service) endSession(tx Tx, t Token) error {
	if err := tx.RevokeToken(t.Session, s.now()); err != nil {
		return err
	}
	tx.Publish(LoggedOut{Account: t.Account, Session: t.Session})
	return nil
}

// ended begins the entry about the end of one of the account's own sessions.
func (who Identity) ended(id SessionID) AuditEntry {
	e := onAccount(AuditSessionEnded, who.Account.ID).with("session", string(id))
	e.Actor, e.App, e.Session = who.Account.ID, who.App.ID, who.Session
	return e
}

// SignOut ends the log-in that calls, by an access token or a JWT.
func (s *Service) SignOut(ctx context.Context, who Identity) error {
	err := s.EndSession(ctx, who, who.Session)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RevokeJWT(who.Session, who.Account.ID, s.now(), who.Expires); err != nil {
			return err
		}
		tx.Publish(LoggedOut{Account: who.Account.ID, Session: who.Session})
		return s.record(ctx, tx, who.ended(who.Session))
	})
}

// sightings collects what was used since the last write. A write for every use would be too expensive.
type sightings struct {
	sessions lastUses[SessionID]
	apps     lastUses[AppID]
	people   lastUses[AccountID] // when they were connected
}

// lastUses has the time of the last use of each.
type lastUses[K cmp.Ordered] struct {
	mu    sync.Mutex
	times map[K]time.Time
}

func (u *lastUses[K]) note(id K, at time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.times == nil {
		u.times = map[K]time.Time{}
	}
	u.times[id] = at
}

func (u *lastUses[K]) at(id K) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.times[id]
}

func (u *lastUses[K]) take() map[K]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.times
	u.times = nil
	return taken
}

// WriteSeen stores the times at which log-ins and applications were used, and people were connected. The server calls it once a minute and at its end. After a
// crash the times of the last minute are missing. Other nodes know a use after it is stored.
func (s *Service) WriteSeen(ctx context.Context) error {
	return errors.Join(
		writeSeen(ctx, s, s.sightings.sessions.take(), Tx.SeeToken),
		writeSeen(ctx, s, s.sightings.apps.take(), Tx.SeeApplication),
		s.writeSeenAccounts(ctx),
	)
}

// writeSeen writes in batches, and in the order of the ids: two nodes that changed the same rows in different orders could wait for each other.
func writeSeen[K cmp.Ordered](ctx context.Context, s *Service, times map[K]time.Time, see func(Tx, K, time.Time) error) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(times)), 500) {
		err := s.store.Update(ctx, func(tx Tx) error {
			for _, id := range part {
				if err := see(tx, id, times[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
