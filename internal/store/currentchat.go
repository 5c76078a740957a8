package store

import "parley/internal/chat"

func (t *tx) SetCurrentChat(c chat.CurrentChat) error {
	_, err := t.exec(`INSERT INTO current_chat (id, session, account, type, chat, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET type = excluded.type, chat = excluded.chat, at = excluded.at`,
		string(c.ID), string(c.Session), string(c.Account), int64(c.Ref.Type), c.Ref.ID, millis(c.At))
	return err
}

func (t *tx) ClearCurrentChats(ids []chat.SocketID) error {
	for _, id := range ids {
		if _, err := t.exec("DELETE FROM current_chat WHERE id = ?", string(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) CurrentChats(limit int) ([]chat.CurrentChat, error) {
	return list(t, func(scan scanFunc) (c chat.CurrentChat, err error) {
		err = scan(&c.ID, &c.Session, &c.Account, &c.Ref.Type, &c.Ref.ID, when{&c.At})
		return c, err
	}, `SELECT id, session, account, type, chat, at FROM (
		SELECT * FROM current_chat ORDER BY at DESC`+limited+`) latest ORDER BY at, id`, limit)
}
