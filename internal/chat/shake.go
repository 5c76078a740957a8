package chat

import "context"

// Shake shakes the screens of a contact. The contact rule is that of
// [Service.SendMessage]; more than one per Options.ShakeInterval from the same
// to the same is [ErrTooManyRequests].
func (s *Service) Shake(ctx context.Context, by Actor, to AccountID) error {
	if err := checkID("aid", to); err != nil {
		return err
	}
	if to == by.Account || to == FileTransfer {
		return Invalid("aid", "must be somebody else")
	}
	// A function in Update can run more than once, and the limit is in memory. So the
	// permission is checked first, and the limit outside of the transaction.
	err := s.store.View(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		_, err := contact(tx, by.Account, to)
		return relationEnded(tx, by.Account, to, err)
	})
	if err != nil {
		return err
	}
	if !s.shakes.allow(shakePair{by.Account, to}, s.now(), s.live().ShakeInterval) {
		return ErrTooManyRequests
	}
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		if s.shakes.elsewhere(shakePair{by.Account, to}, now, s.live().ShakeInterval) {
			return ErrTooManyRequests
		}
		tx.Publish(Shaken{From: by.Account, To: to, At: now})
		return nil
	})
}

// ShakeGroup shakes the screens of members of a group and marks them as @-ed by
// one of the caller's own messages there (else [ErrMessageNotFound]). Accounts that are
// not members, and the caller, are skipped; an empty rest is no error. Under a ban it is
// refused like a message.
func (s *Service) ShakeGroup(ctx context.Context, by Actor, g GroupID, to []AccountID, all bool, id MessageID) error {
	switch {
	case !all && len(to) == 0:
		return Invalid("toUser", "is required")
	case len(to) > s.opts.MaxMentions:
		return Invalid("toUser", "must name at most %d", s.opts.MaxMentions)
	}
	if err := checkID("gid", g); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		if _, err := caller(tx, by); err != nil {
			return err
		}
		group, _, err := speakIn(tx, by.Account, g)
		if err != nil {
			return err
		}
		m, err := tx.Message(id)
		if err != nil {
			return or(err, ErrMessageNotFound)
		}
		if m.Conversation != group.Conversation || m.From != by.Account || m.System != NotSystem || m.Withdrawn() {
			return ErrMessageNotFound
		}
		shaken := GroupShaken{From: by.Account, Group: g, All: all, Message: id, At: m.At}
		marked := []AccountID{Everyone}
		if !all {
			if shaken.To, err = othersIn(tx, group.Conversation, by.Account, to); err != nil {
				return err
			}
			marked = shaken.To
		}
		if len(marked) == 0 {
			return nil
		}
		if err := tx.AddMentions(m.Conversation, m.ID, m.Seq, marked); err != nil {
			return err
		}
		tx.Publish(shaken)
		return nil
	})
}

// othersIn keeps of the accounts the current members, once each, without me.
func othersIn(tx Tx, c ConversationID, me AccountID, accounts []AccountID) ([]AccountID, error) {
	var members []AccountID
	for _, id := range unique(accounts) {
		if id == me {
			continue
		}
		in, err := isMember(tx, c, id)
		if err != nil {
			return nil, err
		}
		if in {
			members = append(members, id)
		}
	}
	return members, nil
}

type shakePair struct{ from, to AccountID }
