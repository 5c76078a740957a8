package chat

import (
	"context"
	"errors"
)

// SessionRow is a log-in as administrators see it.
type SessionRow struct {
	Session
	AccountName string
}

// SessionsQuery selects log-ins. A zero field is no restriction.
type SessionsQuery struct {
	Account AccountID
	After   SessionID // the last one of the previous page
	Limit   int
}

// AdminSessions returns a page of the log-ins that are neither revoked nor expired, newest
// first, and whether there are more. Those of one account come in one page. JWTs are not
// known here. Administrators only.
func (s *Service) AdminSessions(ctx context.Context, by Actor, q SessionsQuery) (rows []SessionRow, more bool, err error) {
	limit := s.page(q.Limit)
	err = s.store.Search(ctx, func(tx Tx) error {
		if _, err := administrator(tx, by); err != nil {
			return err
		}
		tokens, err := s.someTokens(tx, q, limit+1)
		if err != nil {
			return err
		}
		if q.Account == "" {
			more = len(tokens) > limit
			tokens = tokens[:min(limit, len(tokens))]
		}
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
	if q.Account != "" {
		return tx.Tokens(q.Account)
	}
	after := Token{}
	if q.After != "" {
		var err error
		if after, err = tx.TokenBySession(q.After); err != nil {
			return nil, or(err, Invalid("next", "is not the end of a page"))
		}
	}
	return tx.LiveTokens(s.now(), after.CreatedAt, after.Session, limit)
}

// AdminEndSession ends somebody's log-in and disconnects it. One of an owner is ended by
// owners. [ErrNotFound]: no access token has the session. Administrators only.
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
