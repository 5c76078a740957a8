package chat

import (
	"context"
	"errors"
)

// Befriend makes two accounts each other's contacts. Twice is once.
func (s *Service) Befriend(ctx context.Context, a, b AccountID) error {
	if a == b {
		return Invalid("friend", "must be somebody else")
	}
	now := s.now()
	return s.store.Update(ctx, func(tx Tx) error {
		for _, id := range []AccountID{a, b} {
			if _, err := tx.Account(id); err != nil {
				return or(err, ErrAccountNotFound)
			}
		}
		return tx.SetFriends(a, b, now)
	})
}

// Unfriend ends a friendship; [ErrNotFound] when there is none. What the two
// have written stays.
func (s *Service) Unfriend(ctx context.Context, a, b AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		removed, err := tx.RemoveFriends(a, b)
		if err == nil && !removed {
			return ErrNotFound
		}
		return err
	})
}

// Friends pages through the friends of an account by id.
func (s *Service) Friends(ctx context.Context, of, after AccountID, limit int) ([]Account, error) {
	return view(ctx, s, func(tx Tx) ([]Account, error) {
		if _, err := tx.Account(of); err != nil {
			return nil, or(err, ErrAccountNotFound)
		}
		return tx.Friends(of, after, s.page(limit))
	})
}

// Contacts pages through everybody whom the account may write to, by name.
// query keeps those whose name or email contains it.
func (s *Service) Contacts(ctx context.Context, of AccountID, query string, offset, limit int) ([]Account, error) {
	if err := checkLength("query", query, s.opts.MaxNameLength); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, Invalid("offset", "must not be negative")
	}
	return view(ctx, s, func(tx Tx) ([]Account, error) {
		if _, err := tx.Account(of); err != nil {
			return nil, or(err, ErrAccountNotFound)
		}
		return tx.Contacts(of, query, offset, s.page(limit))
	})
}

// contact returns an account that may be written to: active, and in the same
// organization or a friend. Anybody else is [ErrNotContact], existing or not.
func contact(tx Tx, of, id AccountID) (Account, error) {
	a, err := tx.Account(id)
	if errors.Is(err, ErrNoRow) {
		return Account{}, ErrNotContact
	}
	if err != nil {
		return Account{}, err
	}
	related, err := tx.RelatedAccounts(of, id)
	if err != nil {
		return Account{}, err
	}
	if !related || !a.Active {
		return Account{}, ErrNotContact
	}
	return a, nil
}
