package chat

import (
	"context"
	"time"
)

// WithdrawMessage withdraws a message of a direct chat: its content is deleted for
// everybody, its place is kept, and it no longer counts as unread. See
// docs/protocol/message.md. Only the sender can withdraw it ([ErrForbidden]), and only
// within Options.WithdrawWindow ([ErrWithdrawExpired]), except in the chat with oneself.
// A repeated withdrawal publishes nothing.
func (s *Service) WithdrawMessage(ctx context.Context, by Actor, to AccountID, id MessageID) (Posted, error) {
	if err := checkID("touser", to); err != nil {
		return Posted{}, err
	}
	return update(ctx, s, func(tx Tx) (Posted, error) {
		who, err := caller(tx, by)
		if err != nil {
			return Posted{}, err
		}
		// People can withdraw their messages after the relation has ended, too.
		found, err := findDirect(tx, by.Account, to)
		if err != nil {
			return Posted{}, err
		}
		m, err := messageOf(tx, found, id)
		if err != nil {
			return Posted{}, err
		}
		if m.From != by.Account || m.System != NotSystem {
			return Posted{}, ErrForbidden
		}
		if found.ref.ID != string(FileTransfer) {
			if err := s.checkWithdrawable(m); err != nil {
				return Posted{}, err
			}
		}
		return s.withdraw(tx, by, who, m)
	})
}

// WithdrawGroupMessage takes a message of a group back, as
// [Service.WithdrawMessage] does: one's own for Options.WithdrawWindow, anybody's
// at any age as an administrator or as the host system. System messages stay.
func (s *Service) WithdrawGroupMessage(ctx context.Context, by Actor, g GroupID, id MessageID) (Posted, error) {
	return update(ctx, s, func(tx Tx) (Posted, error) {
		group, who, role, err := s.operator(tx, by, g)
		if err != nil {
			return Posted{}, err
		}
		m, err := messageOf(tx, chat{id: group.Conversation, begun: true}, id)
		switch {
		case err != nil:
			return Posted{}, err
		case m.System != NotSystem:
			return Posted{}, ErrForbidden
		case role == RoleAdmin:
		case m.From != by.Account:
			return Posted{}, ErrForbidden
		default:
			if err := s.checkWithdrawable(m); err != nil {
				return Posted{}, err
			}
		}
		return s.withdraw(tx, by, who, m)
	})
}

// messageOf returns a message of the chat, or [ErrMessageNotFound].
func messageOf(tx Tx, c chat, id MessageID) (Message, error) {
	if !c.begun {
		return Message{}, ErrMessageNotFound
	}
	m, err := tx.Message(id)
	if err != nil {
		return Message{}, or(err, ErrMessageNotFound)
	}
	if m.Conversation != c.id || c.member.Left() && m.Seq > c.member.LeftSeq {
		return Message{}, ErrMessageNotFound
	}
	return m, nil
}

// checkWithdrawable refuses a message that is too old, and one that was sent while
// the clock was ahead: its age is unknown. A message that
// is withdrawn already is never refused: the answer to a retry must not depend on
// when it comes.
func (s *Service) checkWithdrawable(m Message) error {
	if !m.Withdrawn() && !s.within(&m, s.live().WithdrawWindow) {
		return ErrWithdrawExpired
	}
	return nil
}

func (s *Service) withdraw(tx Tx, by Actor, who Account, m Message) (Posted, error) {
	if m.Withdrawn() {
		return posted(tx, by.Account, m)
	}
	now := s.now()
	if err := tx.WithdrawMessage(m.ID, who.ID, now); err != nil {
		return Posted{}, err
	}
	m.Content = Content{Type: m.Type}
	m.WithdrawnAt, m.WithdrawnBy, m.EditedAt = now, who.ID, time.Time{}
	p, err := posted(tx, by.Account, m)
	if err != nil {
		return Posted{}, err
	}
	tx.Publish(MessageWithdrawn{Posted: p, By: who, Origin: by.Socket})
	if m.Refer != 0 {
		replies, answered, err := repliesChanged(tx, &m, 0)
		if err != nil {
			return Posted{}, err
		}
		if answered {
			tx.Publish(replies)
		}
	}
	return p, nil
}
