package chat

import (
	"context"
	"errors"
	"time"
)

// SessionRow is a log-in as administrators see it.
type SessionRow struct {
	Session
	AccountName string
}

// SessionsQuery selects log-ins. A zero field is no restriction.
type SessionsQuery struct {
	Account AccountID
	App     AppID
	Device  string // a part of the label, in any case
	// Time of the last use. A session that was never used is older than any time.
	SeenSince, SeenBefore time.Time
	After                 SessionID // the last one of the previous page
	Limit                 int
}

// FindTokens selects log-ins in storage's terms.
type FindTokens struct {
	Now                   time.Time // only those that are valid at this time
	Account               AccountID
	App                   AppID
	Label                 string // a part of it, in any case
	SeenSince, SeenBefore time.Time
	Before                time.Time // the page begins after the one with this creation time and the session After
	After                 SessionID
	Limit                 int
}

// AdminSessions returns a page of the log-ins that are neither revoked nor expired, newest
// first, and whether there are more. The server does not know the JWTs of applications. The result
// has uses of the last minutes that are not stored yet; the query does not find them.
// Administrators only.
func (s *Service) AdminSessions(ctx context.Context, by Actor, q SessionsQuery) (rows []SessionRow, more bool, err error) {
	if err := s.checkSearch(q.Device, 0); err != nil {
		return nil, false, err
	}
	limit := s.page(q.Limit)
	err = s.store.Search(ctx, func(tx Tx) error {
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		tokens, err := s.someTokens(tx, q, limit+1)
		if err != nil {
			return err
		}
		more = len(tokens) > limit
		tokens = tokens[:min(limit, len(tokens))]
		sessions, err := s.liveSessions(tx, tokens)
		if err != nil {
			return err
		}
		rows = make([]SessionRow, len(sessions))
		for i, one := range sessions {
			a, err := tx.Account(one.Account)
			if err != nil {
				return err
			}
			rows[i] = SessionRow{one, a.Name}
		}
		return nil
	})
	return rows, more, err
}

func (s *Service) someTokens(tx Tx, q SessionsQuery, limit int) ([]Token, error) {
	after := Token{}
	if q.After != "" {
		var err error
		if after, err = tx.TokenBySession(q.After); err != nil {
			return nil, or(err, Invalid("next", "is not the end of a page"))
		}
	}
	return tx.LiveTokens(FindTokens{
		Now: s.now(), Account: q.Account, App: q.App, Label: q.Device, SeenSince: q.SeenSince, SeenBefore: q.SeenBefore,
		Before: after.CreatedAt, After: after.Session, Limit: limit,
	})
}

// AdminEndSession ends a log-in and disconnects it. Administrators only; only owners end a log-in of
// an owner. [ErrNotFound]: no access token has the session.
func (s *Service) AdminEndSession(ctx context.Context, by Actor, id SessionID) error {
	check := func(tx Tx, who admin) error {
		t, err := tx.TokenBySession(id)
		if errors.Is(err, ErrNoRow) || err == nil && !t.RevokedAt.IsZero() {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		return who.mayChange(tx, t.Account)
	}
	return s.RevokeToken(s.administering(ctx, by, check), id)
}
