package store

import (
	"time"

	"parley/internal/chat"
)

func (t *tx) SetCurrentChat(c chat.CurrentChat) error {
	if c.Node != "" {
		_, err := t.exec(`INSERT INTO current_chat (id, session, account, type, chat, at, node, seen, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET type = excluded.type, chat = excluded.chat, at = excluded.at, node = excluded.node, seen = excluded.seen, seen_at = excluded.seen_at, lost_at = 0, decided = 0`,
			string(c.ID), string(c.Session), string(c.Account), int64(c.Ref.Type), c.Ref.ID, millis(c.At), c.Node, c.Seen, millis(c.At))
		return err
	}
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
		SELECT * FROM current_chat WHERE type <> 0 ORDER BY at DESC`+limited+`) latest ORDER BY at, id`, limit)
}

// The columns for clusters are on PostgreSQL alone, and so are the methods that use them.

func (t *tx) LoseCurrentChat(c chat.CurrentChat) error {
	_, err := t.exec("UPDATE current_chat SET lost_at = ?, decided = ? WHERE id = ? AND node = ?",
		millis(c.LostAt), flag(c.Decided), string(c.ID), c.Node)
	return err
}

func (t *tx) CurrentChatsOf(session chat.SessionID, account chat.AccountID) ([]chat.CurrentChat, error) {
	return t.clusterChats("session = ? AND account = ? AND type <> 0", string(session), string(account))
}

func (t *tx) CurrentChatsElsewhere(node string) ([]chat.CurrentChat, error) {
	return t.clusterChats("lost_at = 0 AND node <> ? AND node IN (SELECT id FROM node)", node)
}

func (t *tx) CurrentChatsOfGoneNodes() ([]chat.CurrentChat, error) {
	return t.clusterChats("lost_at = 0 AND node NOT IN (SELECT id FROM node)")
}

func (t *tx) LostCurrentChats(before time.Time) ([]chat.CurrentChat, error) {
	return t.clusterChats("lost_at > 0 AND lost_at < ?", millis(before))
}

func (t *tx) clusterChats(where string, args ...any) ([]chat.CurrentChat, error) {
	return list(t, func(scan scanFunc) (c chat.CurrentChat, err error) {
		err = scan(&c.ID, &c.Session, &c.Account, &c.Ref.Type, &c.Ref.ID, when{&c.At}, &c.Node, &c.Seen, when{&c.LostAt}, &c.Decided)
		return c, err
	}, "SELECT id, session, account, type, chat, at, node, CASE WHEN seen_at = at THEN seen ELSE 0 END, lost_at, decided FROM current_chat WHERE "+where+" ORDER BY at, id", args...)
}
