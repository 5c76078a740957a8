package store

import "parley/internal/chat"

func (t *tx) AddMentions(id chat.ConversationID, m chat.MessageID, seq int64, accounts []chat.AccountID) error {
	if len(accounts) == 0 {
		return nil
	}
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	message, err := t.Message(m)
	if err != nil {
		return err
	}
	former, err := t.mentionsOf(m)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a == chat.Everyone {
			a = "" // NULL
		}
		_, err := t.exec("INSERT INTO mention (conversation, account, seq, message) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			int64(id), orNull(a), seq, int64(m))
		if err != nil {
			return err
		}
	}
	marked, err := t.mentionsOf(m)
	if err != nil {
		return err
	}
	if err := t.changeChecksum(m, mentioningChecksum(&message, former), mentioningChecksum(&message, marked)); err != nil {
		return err
	}
	if c.mentioned >= seq {
		return nil
	}
	c.mentioned = seq
	if _, err := t.exec("UPDATE conversation SET mentioned = ? WHERE id = ?", seq, int64(id)); err != nil {
		return err
	}
	t.cache.conversations.replace(id, c)
	return nil
}

// mentions returns the mentions of the account after a message, newest first. Each
// message is one mention, even if it names both the account and everyone.
func (t *tx) mentions(id chat.ConversationID, a chat.AccountID, after int64, limit int) ([]chat.Mention, error) {
	return list(t, func(scan scanFunc) (m chat.Mention, err error) {
		err = scan(&m.Message, when{&m.At}, &m.From, &m.All)
		return m, err
	}, `SELECT w.id, w.at, w.sender, min(x.everyone) FROM (
			SELECT message, seq, 0 AS everyone FROM mention WHERE conversation = ? AND account = ? AND seq > ?
			UNION ALL
			SELECT message, seq, 1 AS everyone FROM mention WHERE conversation = ? AND account IS NULL AND seq > ?
		) x JOIN message w ON w.id = x.message
		WHERE w.sender <> ? AND w.withdrawn_at IS NULL
		GROUP BY w.id, w.at, w.sender ORDER BY w.id DESC`+limited,
		int64(id), string(a), after, int64(id), after, string(a), limit)
}
