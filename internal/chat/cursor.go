package chat

import (
	"context"
	"time"
)

// ChatUnread describes the unread messages of an account in one chat.
//
// Unread counts the messages after the cursor that are not system messages, not
// withdrawn and not the reader's own:
//
//	(conversation.Count - member.ReadCount) - (member.Own - member.OwnAtRead) - withdrawn ones of others after ReadSeq
type ChatUnread struct {
	Ref     ChatRef
	Count   int64
	Push    bool
	Mention *Mention // the latest @ since the cursor; nil if none
}

// UnreadCounts is the answer to "unread count": chats with unread messages only.
// Total is always the sum of Users and Groups, Muted the part in muted chats.
type UnreadCounts struct {
	Users, Groups []ChatUnread
	Total, Muted  int64
}

// UnreadTotals is the answer to "all unread": chats and inbox together.
type UnreadTotals struct {
	Count, Muted int64
}

// UnreadCounts returns the unread counts of the account, chat by chat.
func (s *Service) UnreadCounts(ctx context.Context, a AccountID) (UnreadCounts, error) {
	return view(ctx, s, func(tx Tx) (UnreadCounts, error) { return unreadCounts(tx, a) })
}

func unreadCounts(tx Tx, a AccountID) (UnreadCounts, error) {
	chats, err := tx.ChatUnreads(a)
	if err != nil {
		return UnreadCounts{}, err
	}
	var counts UnreadCounts
	for _, c := range chats {
		counts.Total += c.Count
		if !c.Push {
			counts.Muted += c.Count
		}
		if c.Ref.Type == SessionUser {
			counts.Users = append(counts.Users, c)
		} else {
			counts.Groups = append(counts.Groups, c)
		}
	}
	return counts, nil
}

// UnreadTotals returns how much the account has not read in chats and inboxes
// together, and how much of that lies in muted chats and silent inboxes. Weak
// notifications do not count.
func (s *Service) UnreadTotals(ctx context.Context, a AccountID) (UnreadTotals, error) {
	return view(ctx, s, func(tx Tx) (UnreadTotals, error) { return unreadTotals(tx, a) })
}

func unreadTotals(tx Tx, a AccountID) (UnreadTotals, error) {
	counts, err := unreadCounts(tx, a)
	if err != nil {
		return UnreadTotals{}, err
	}
	totals := UnreadTotals{Count: counts.Total, Muted: counts.Muted}
	inboxes, err := tx.Inboxes(a)
	if err != nil {
		return UnreadTotals{}, err
	}
	for _, inbox := range inboxes {
		totals.Count += inbox.Unread()
		if inbox.Silent {
			totals.Muted += inbox.Unread()
		}
	}
	return totals, nil
}

// ClearUnread marks a chat as read to its end. The account's other sockets get a push
// even if nothing was unread, because their counts can be outdated.
func (s *Service) ClearUnread(ctx context.Context, by Actor, ref ChatRef) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		found, err := findChat(tx, by.Account, ref)
		if err != nil {
			return err
		}
		if found.begun && !found.member.Left() {
			if _, err := tx.MarkRead(found.id, by.Account); err != nil {
				return err
			}
			if err := unmark(tx, found); err != nil {
				return err
			}
		}
		tx.Publish(ChatRead{Account: by.Account, Ref: found.ref, Origin: by.Socket})
		return nil
	})
}

// ReadUpTo marks a chat as read up to and including one of its messages. The account's
// sockets get the remaining unread count, even if the message was read before.
func (s *Service) ReadUpTo(ctx context.Context, by Actor, ref ChatRef, id MessageID) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		found, err := findChat(tx, by.Account, ref)
		if err != nil {
			return err
		}
		c, seq, err := placeOf(tx, found, id)
		if err != nil {
			return err
		}
		if !found.member.Left() {
			if err := tx.MarkReadUpTo(found.id, by.Account, seq); err != nil {
				return err
			}
			if err := unmark(tx, found); err != nil {
				return err
			}
		}
		left, err := tx.ChatUnread(found.id, by.Account)
		if err != nil {
			return err
		}
		tx.Publish(ChatReadUpTo{Account: by.Account, UpTo: id, Last: c.LastID, Left: left, Origin: by.Socket})
		return nil
	})
}

// placeOf returns the conversation of a chat and the seq of one of its messages. Most reads go
// up to the latest message, which is found without a query while others wait to write.
func placeOf(tx Tx, found chat, id MessageID) (c Conversation, seq int64, err error) {
	if !found.begun {
		return Conversation{}, 0, ErrMessageNotFound
	}
	if c, err = tx.Conversation(found.id); err != nil {
		return Conversation{}, 0, err
	}
	if id == c.LastID && !found.member.Left() {
		return c, c.LastSeq, nil
	}
	m, err := messageOf(tx, found, id)
	return c, m.Seq, err
}

// UnreadPlace is the number of unread messages of a chat, and the first of them with its time. First
// and FirstAt are zero if nothing is unread.
type UnreadPlace struct {
	Count   int64
	First   MessageID
	FirstAt time.Time
}

// UnreadPlace returns the unread count and the first unread message of one of the
// account's chats.
func (s *Service) UnreadPlace(ctx context.Context, a AccountID, ref ChatRef) (UnreadPlace, error) {
	return view(ctx, s, func(tx Tx) (UnreadPlace, error) {
		found, err := findChat(tx, a, ref)
		if err != nil || !found.begun {
			return UnreadPlace{}, err
		}
		unread, err := tx.ChatUnread(found.id, a)
		if err != nil || unread.Count == 0 {
			return UnreadPlace{}, err
		}
		first, err := tx.FirstUnread(found.id, a)
		if err != nil {
			return UnreadPlace{}, err
		}
		m, err := tx.Message(first)
		return UnreadPlace{Count: unread.Count, First: first, FirstAt: m.At}, err
	})
}

// ClearAllUnread marks every chat and every inbox as read.
func (s *Service) ClearAllUnread(ctx context.Context, by Actor) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		groups, err := tx.MarkEverythingRead(by.Account)
		if err != nil {
			return err
		}
		tx.Publish(AllRead{Account: by.Account, Groups: groups})
		return nil
	})
}
