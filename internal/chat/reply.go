package chat

import (
	"context"
	"math"
)

// The rule for replies. The replies to a message are the messages of its chat that quote it, whoever has written them and
// wherever: there is no other kind of reply.
//
//  1. A withdrawn reply does not count and is not listed. A withdrawn message keeps its replies.
//  2. A reply to a reply belongs to that reply only.
//  3. An account sees the replies that it may read: former members of a group see those from before the end of the membership.
//  4. Replies are messages of the chat, with its unread counts, its order and its permissions.

// Thread is a message with some of its replies.
type Thread struct {
	Message Posted   // with the number of all its replies
	Replies []Posted // oldest first
}

// ReplyTx reads replies. Withdrawn replies are left out everywhere.
type ReplyTx interface {
	// CountReplies returns how many replies each of the messages has, up to a place in the log if untilSeq is not 0. It leaves out
	// messages that have none.
	CountReplies(ids []MessageID, untilSeq int64) (map[MessageID]int64, error)
	// Replies returns the last replies to a message before a place in the log, oldest first.
	Replies(id MessageID, beforeSeq int64, limit int) ([]Message, error)
}

// RepliesChanged: a message has another number of replies. "reply count" to both sides or the whole group, also to the socket
// that has sent or withdrawn the reply: an acknowledgement may overtake the push of another change.
type RepliesChanged struct {
	Message MessageID
	From    AccountID // the author of the message
	Peer    AccountID // direct: the recipient of the message
	Group   GroupID   // group
	Count   int64     // afterwards
}

func (RepliesChanged) event() {}

// repliesChanged returns the event for the message that m quotes, with more replies than are stored. It returns false if
// there is no such message any more.
func repliesChanged(tx Tx, m *Message, more int64) (RepliesChanged, bool, error) {
	quoted, err := tx.Message(m.Refer)
	if err != nil {
		return RepliesChanged{}, false, or(err, nil)
	}
	c, err := tx.Conversation(m.Conversation)
	if err != nil {
		return RepliesChanged{}, false, err
	}
	counts, err := tx.CountReplies([]MessageID{quoted.ID}, 0)
	if err != nil {
		return RepliesChanged{}, false, err
	}
	e := RepliesChanged{Message: quoted.ID, From: quoted.From, Group: c.Group, Count: counts[quoted.ID] + more}
	if c.Kind != KindGroup {
		e.Peer = c.Peer(quoted.From)
	}
	return e, true, nil
}

// hideReplies leaves out of the number of replies those that a former member of a group may not read.
func hideReplies(tx Tx, reader *Membership, p *Posted) error {
	if p.Replies == 0 {
		return nil
	}
	p.Replies = 0
	if reader.LeftSeq == 0 {
		return nil
	}
	counts, err := tx.CountReplies([]MessageID{p.Message.ID}, reader.LeftSeq)
	p.Replies = counts[p.Message.ID]
	return err
}

// Replies returns a message that the caller may read, and the last of its replies, or those before one of them. The refusals
// are those of the history; a message that the caller may not read is not found ([ErrMessageNotFound]).
func (s *Service) Replies(ctx context.Context, reader AccountID, ref ChatRef, id, before MessageID, limit int) (Thread, error) {
	return view(ctx, s, func(tx Tx) (Thread, error) {
		found, m, err := findMessage(tx, reader, ref, id)
		if err != nil {
			return Thread{}, err
		}
		end := int64(math.MaxInt64)
		if found.member.Left() {
			end = found.member.LeftSeq + 1
		}
		if before != 0 {
			b, err := messageOf(tx, found, before)
			if err != nil {
				return Thread{}, err
			}
			end = min(end, b.Seq)
		}
		replies, err := tx.Replies(id, end, s.page(limit))
		if err != nil {
			return Thread{}, err
		}
		all, err := allPosted(tx, reader, append([]Message{m}, replies...))
		if err != nil {
			return Thread{}, err
		}
		if err := s.addMarks(tx, found, all); err != nil {
			return Thread{}, err
		}
		return Thread{Message: all[0], Replies: all[1:]}, nil
	})
}
