package store

import (
	"time"

	"parley/internal/chat"
)

// conversation is a row, including the columns that only this package uses.
type conversation struct {
	chat.Conversation
	mentioned int64 // no mention has a higher seq
	removed   removed
}

const conversationColumns = "id, kind, a, b, group_id, last_seq, counted, last_at, last_id, withdrawn, mentioned, removed_seq, removed_id, removed_count"

func readConversation(scan scanFunc) (c conversation, err error) {
	err = scan(&c.ID, &c.Kind, text[chat.AccountID]{&c.A}, text[chat.AccountID]{&c.B}, text[chat.GroupID]{&c.Group},
		&c.LastSeq, &c.Count, when{&c.LastAt}, &c.LastID, &c.Withdrawn, &c.mentioned, &c.removed.seq, &c.removed.id, &c.removed.count)
	if c.Kind == chat.KindSelf {
		c.B = ""
	}
	return c, err
}

func (t *tx) conversation(id chat.ConversationID) (conversation, error) {
	return cached(&t.cache.conversations, id, func() (conversation, error) {
		return first(t, readConversation, "SELECT "+conversationColumns+" FROM conversation WHERE id = ?", int64(id))
	})
}

func (t *tx) Conversation(id chat.ConversationID) (chat.Conversation, error) {
	c, err := t.conversation(id)
	return c.Conversation, err
}

func (t *tx) DirectConversation(a, b chat.AccountID) (chat.Conversation, error) {
	p := newPair(a, b)
	id, err := cached(&t.cache.directs, p, func() (chat.ConversationID, error) {
		c, err := first(t, readConversation, "SELECT "+conversationColumns+" FROM conversation WHERE a = ? AND b = ?",
			string(p.a), string(p.b))
		if err == nil {
			t.cache.conversations.put(c.ID, c)
		}
		return c.ID, err
	})
	if err != nil {
		return chat.Conversation{}, err
	}
	return t.Conversation(id)
}

func (t *tx) CreateDirectConversation(a, b chat.AccountID, at time.Time) (chat.Conversation, error) {
	p := newPair(a, b)
	c := conversation{Conversation: chat.Conversation{Kind: chat.KindDirect, A: p.a, B: p.b}}
	if a == b {
		c.Kind = chat.KindSelf
	}
	if err := t.insertConversation(&c, at); err != nil {
		return chat.Conversation{}, err
	}
	if c.Kind == chat.KindSelf {
		c.B = ""
	}
	if err := t.insertMember(&c, p.a, chat.RoleMember, at); err != nil {
		return chat.Conversation{}, err
	}
	if a != b {
		if err := t.insertMember(&c, p.b, chat.RoleMember, at); err != nil {
			return chat.Conversation{}, err
		}
	}
	t.cache.directs.put(p, c.ID)
	t.cache.conversations.put(c.ID, c)
	return c.Conversation, nil
}

// insertConversation adds an empty conversation and fills in its id.
func (t *tx) insertConversation(c *conversation, at time.Time) error {
	id, err := t.insertID(`INSERT INTO conversation (kind, a, b, group_id, last_seq, counted, last_at, last_id, withdrawn, mentioned, created_at)
		VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?) ON CONFLICT DO NOTHING`,
		int64(c.Kind), orNull(c.A), orNull(c.B), orNull(c.Group), millis(at))
	c.ID = chat.ConversationID(id)
	return err
}
