package chat

import (
	"context"
	"errors"
	"time"
)

// CurrentChat is the chat that a socket says it looks at. It is stored, so that a
// client that comes back after a restart of the server, or to another node, need not say it
// again. In a cluster, a socket that waits for that of a lost one is stored without a Ref.
type CurrentChat struct {
	ID      SocketID // of the socket that said so first; one that takes its place keeps it
	Session SessionID
	Account AccountID
	Ref     ChatRef
	At      time.Time

	// In a cluster.
	Node    string    // that the socket belongs to, or belonged to
	Seen    int64     // seq of the account's cursor when a socket that still looks at the chat said so; 0: not known
	LostAt  time.Time // when its connection was lost; zero: it was not
	Decided bool      // about its unproven reads, when it was lost
}

// SetCurrentChat resolves the id of the chat that a client shows, and stores the chat
// as the current chat of c's ID, session and account. The id names a contact or the
// account of an existing chat, [FileTransfer], a group that the account is or was a
// member of, or an inbox. false: there is no such chat, or the caller may not know of
// it; then there is no current chat.
func (s *Service) SetCurrentChat(ctx context.Context, c CurrentChat, id string) (ChatRef, bool, error) {
	if err := checkID("id", id); err != nil {
		return ChatRef{}, false, err
	}
	c.At = s.now()
	var ok bool
	ref, err := update(ctx, s, func(tx Tx) (ref ChatRef, err error) {
		if ref, ok, err = lookAtAny(tx, c.Account, id); err != nil {
			return ChatRef{}, err
		}
		if !ok {
			return ChatRef{}, tx.ClearCurrentChats([]SocketID{c.ID})
		}
		c.Ref = ref
		return ref, tx.SetCurrentChat(c)
	})
	return ref, ok && err == nil, err
}

// lookAtAny finds the chat or inbox with an id of unknown type, for a socket that looks at it from now on; false if there is none.
func lookAtAny(tx Tx, me AccountID, id string) (ChatRef, bool, error) {
	if info, ok := CategoryByName(Category(id)); ok {
		return ChatRef{info.Session, id}, true, nil
	}
	found, err := findDirect(tx, me, AccountID(id))
	if errors.Is(err, ErrNotContact) {
		found, err = findGroup(tx, me, GroupID(id))
	}
	if errors.Is(err, ErrGroupNotFound) || errors.Is(err, ErrNotInGroup) {
		return ChatRef{}, false, nil
	}
	if err == nil {
		err = endMark(tx, found)
	}
	return found.ref, err == nil, err
}

// ClearCurrentChat removes the current chat of a socket.
func (s *Service) ClearCurrentChat(ctx context.Context, id SocketID) error {
	return s.store.Update(ctx, func(tx Tx) error { return tx.ClearCurrentChats([]SocketID{id}) })
}

// CurrentChats returns the stored current chats, at most the latest so many, oldest first.
func (s *Service) CurrentChats(ctx context.Context, limit int) ([]CurrentChat, error) {
	return view(ctx, s, func(tx Tx) ([]CurrentChat, error) { return tx.CurrentChats(limit) })
}

// ForgetCurrentChats removes current chats of clients that have not reconnected. Those
// in lost are from before the start of the server. Their unproven reads by presence
// become unread again, unless the chat is the account's current chat now.
func (s *Service) ForgetCurrentChats(ctx context.Context, gone []SocketID, lost []CurrentChat) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.ClearCurrentChats(gone); err != nil {
			return err
		}
		for _, c := range lost {
			if err := tx.ClearCurrentChats([]SocketID{c.ID}); err != nil {
				return err
			}
			if err := s.decideLost(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// decideLost decides about the unproven reads of a client that has not come back: they become unread again, unless the
// account has a viewer of the chat.
func (s *Service) decideLost(tx Tx, c CurrentChat) error {
	if _, ok := presenceKeyOf(c.Account, c.Ref); !ok {
		return nil
	}
	if seen, looks := s.presence.seen(c.Account, c.Ref); looks {
		return makeSure(tx, c.Account, c.Ref, seen)
	}
	return takeReadBack(tx, c.Account, c.Ref, 0)
}
