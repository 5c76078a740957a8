package chat

import "context"

// MarkedUnread: the account has marked the messages of a chat from message From on as unread. Unread counts the
// messages up to and including message Last. "mark unread" to the account's sockets except Origin.
type MarkedUnread struct {
	Account    AccountID
	From, Last MessageID
	Unread     ChatUnread
	Origin     SocketID

	ReadSeq int64 // everything after it is unread, of the messages that can be
}

func (MarkedUnread) event() {}

// MarkUnread marks the messages of a chat from one of its messages on as unread: it moves the cursor back to before that
// message, but not to before the caller joined the group. It is the only request after which messages that were read
// count again. Messages that are unread already stay unread, also those before that message.
//
// Until the chat is read again in another way, or a socket says anew that it looks at it, messages that arrive are not
// read for the sockets that look at it ([Membership.Marked]): otherwise the next message would read all of them.
//
// The chat must be in the list, because a hidden entry must not count as unread. Former members of a group are refused
// with [ErrRelationEnded].
func (s *Service) MarkUnread(ctx context.Context, by Actor, ref ChatRef, id MessageID) (MarkedUnread, error) {
	return update(ctx, s, func(tx Tx) (MarkedUnread, error) {
		if _, err := caller(tx, by); err != nil {
			return MarkedUnread{}, err
		}
		found, err := findChat(tx, by.Account, ref)
		if err != nil {
			return MarkedUnread{}, err
		}
		m, err := messageOf(tx, found, id)
		switch {
		case err != nil:
			return MarkedUnread{}, err
		case found.member.Left():
			return MarkedUnread{}, ErrRelationEnded
		case !found.member.Listed:
			return MarkedUnread{}, Invalid("id", "is not in the chat list")
		}
		if err := tx.MarkUnread(found.id, by.Account, m.Seq); err != nil {
			return MarkedUnread{}, err
		}
		c, err := tx.Conversation(found.id)
		if err != nil {
			return MarkedUnread{}, err
		}
		marked := MarkedUnread{Account: by.Account, From: id, Last: c.LastID, Origin: by.Socket, ReadSeq: m.Seq - 1}
		if marked.Unread, err = tx.ChatUnread(found.id, by.Account); err != nil {
			return MarkedUnread{}, err
		}
		s.presence.marked(&marked)
		tx.Publish(marked)
		return marked, nil
	})
}

// endMark ends what MarkUnread has begun: messages that arrive are read again for the sockets that look at the chat.
func endMark(tx Tx, c chat) error {
	if !c.member.Marked {
		return nil
	}
	return tx.EndMark(c.id, c.member.Account)
}
