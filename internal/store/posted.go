package store

import "parley/internal/chat"

func (t *tx) Posted(reader chat.AccountID, messages []chat.Message) ([]chat.Posted, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	ids := make([]chat.MessageID, len(messages))
	for i := range messages {
		ids[i] = messages[i].ID
	}
	reactions, err := t.reactions(reader, ids, chat.MaxReactors)
	if err != nil {
		return nil, err
	}
	pins, err := t.PinsOf(ids)
	if err != nil {
		return nil, err
	}
	replies, err := t.CountReplies(ids, 0)
	if err != nil {
		return nil, err
	}
	all := make([]chat.Posted, len(messages))
	for i := range messages {
		all[i].Message = messages[i]
		if err := t.complete(&all[i], reader); err != nil {
			return nil, err
		}
		all[i].Reactions = reactions[messages[i].ID]
		_, all[i].Pinned = pins[messages[i].ID]
		all[i].Replies = replies[messages[i].ID]
	}
	return all, nil
}

func (t *tx) complete(p *chat.Posted, reader chat.AccountID) (err error) {
	m := &p.Message
	c, err := t.conversation(m.Conversation)
	if err != nil {
		return err
	}
	return t.completeIn(&c.Conversation, p, reader)
}

// completeIn is complete for a message of a conversation of which at least the kind and the participants are known.
func (t *tx) completeIn(c *chat.Conversation, p *chat.Posted, reader chat.AccountID) (err error) {
	m := &p.Message
	if c.Kind == chat.KindGroup {
		g, err := t.GroupHead(c.Group)
		if err != nil {
			return err
		}
		p.Group = &g
	} else {
		p.Peer = c.Peer(m.From)
	}
	if p.From, err = t.Account(m.From); err != nil {
		return err
	}
	if m.App != "" {
		if p.App, err = t.Application(m.App); err != nil {
			return err
		}
	}
	if m.Refer != 0 {
		if p.Quote, err = t.quote(m.Conversation, m.Refer); err != nil {
			return err
		}
	}
	if m.Type == chat.TypeVoice && reader != "" {
		p.Heard, err = t.heard(reader, m.ID)
	}
	return err
}

// quote returns nil for a message that was lost. Of one that was removed because of its age, only the id is known.
func (t *tx) quote(in chat.ConversationID, id chat.MessageID) (q *chat.Quote, err error) {
	q = &chat.Quote{}
	if q.Message, err = t.Message(id); err != nil {
		if err != chat.ErrNoRow {
			return nil, err
		}
		c, err := t.conversation(in)
		if err != nil {
			return nil, err
		}
		expired := id <= c.removed.id
		if !expired {
			if expired, err = t.bool("SELECT EXISTS (SELECT 1 FROM message WHERE id = ?)", int64(id)); err != nil || !expired {
				return nil, err
			}
		}
		return &chat.Quote{Message: chat.Message{ID: id}, Removed: true}, nil
	}
	q.From, err = t.Account(q.Message.From)
	return q, err
}
