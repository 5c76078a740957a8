package chat

import (
	"context"
	"errors"
)

// Befriend makes two accounts each other's contacts. Twice is once. A friend
// request between them is accepted by it.
func (s *Service) Befriend(ctx context.Context, a, b AccountID) error {
	if a == b {
		return Invalid("friend", "must be somebody else")
	}
	return s.store.Update(ctx, func(tx Tx) error {
		one, err := tx.Account(a)
		if err != nil {
			return or(err, ErrAccountNotFound)
		}
		other, err := tx.Account(b)
		if err != nil {
			return or(err, ErrAccountNotFound)
		}
		if one.Bot || other.Bot {
			return ErrAccountNotFound
		}
		friends, err := tx.AreFriends(a, b)
		if err != nil {
			return err
		}
		if err := s.befriend(tx, one, other); err != nil || friends {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditFriendsMade, a).with("friend", string(b)))
	})
}

func (s *Service) befriend(tx Tx, a, b Account) error {
	now := s.now()
	if err := settleRequests(tx, a.ID, b.ID, now); err != nil {
		return err
	}
	friends, err := tx.AreFriends(a.ID, b.ID)
	if err != nil || friends {
		return err
	}
	if err := tx.SetFriends(a.ID, b.ID, now); err != nil {
		return err
	}
	return tellBoth(tx, a, b)
}

// tellBoth tells two accounts about their new relation.
func tellBoth(tx Tx, a, b Account) error {
	for _, way := range [][2]Account{{a, b}, {b, a}} {
		p, err := seen(tx, way[0].ID, way[1])
		if err != nil {
			return err
		}
		tx.Publish(ContactChanged{Person: p, To: []AccountID{way[0].ID}})
	}
	return nil
}

// tellOwn sends the account's new profile to its own sockets.
func tellOwn(tx Tx, a Account) error {
	own, err := seen(tx, a.ID, a)
	if err != nil {
		return err
	}
	tx.Publish(ContactChanged{Person: own, To: []AccountID{a.ID}})
	return nil
}

// tellFriends sends the account's new profile to its own sockets and to its friends.
// Colleagues get no push, because there can be tens of thousands; their clients load
// the profile when they show it.
func tellFriends(tx Tx, a Account) error {
	own, err := seen(tx, a.ID, a)
	if err != nil {
		return err
	}
	if a.Active {
		tx.Publish(ContactChanged{Person: own, To: []AccountID{a.ID}})
	}
	const page = 1000
	after, friends := AccountID(""), []AccountID(nil)
	for {
		some, err := tx.Friends(a.ID, after, page)
		if err != nil {
			return err
		}
		friends = append(friends, accountIDs(some)...)
		if len(some) < page {
			break
		}
		after = some[page-1].ID
	}
	if len(friends) > 0 {
		own.Contact, own.Friend = a.Active, true
		tx.Publish(ContactChanged{Person: own, To: friends})
	}
	return nil
}

// Unfriend ends a friendship; [ErrNotFound] if there is none. The messages are kept.
func (s *Service) Unfriend(ctx context.Context, a, b AccountID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		removed, err := tx.RemoveFriends(a, b)
		if err != nil {
			return err
		}
		if !removed {
			return ErrNotFound
		}
		// A friendship is between accounts that exist.
		one, err := tx.Account(a)
		if err != nil {
			return err
		}
		other, err := tx.Account(b)
		if err != nil {
			return err
		}
		if err := tellBoth(tx, one, other); err != nil {
			return err
		}
		return s.record(ctx, tx, onAccount(AuditFriendsEnded, a).with("friend", string(b)))
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

// Contacts returns a page of the accounts that the account may write to, by name.
// query is a part of the name or the e-mail address.
func (s *Service) Contacts(ctx context.Context, of AccountID, query string, offset, limit int) ([]Account, error) {
	if err := checkLength("query", query, s.opts.MaxNameLength); err != nil {
		return nil, err
	}
	if offset < 0 {
		return nil, Invalid("offset", "must not be negative")
	}
	return read(ctx, s.looking(query), func(tx Tx) ([]Account, error) {
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
