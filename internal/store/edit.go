package store

import (
	"time"

	"parley/internal/chat"
)

func (t *tx) EditMessage(id chat.MessageID, text string, at time.Time) error {
	m, err := t.Message(id)
	if err != nil {
		return err
	}
	since := m.EditedAt
	if since.IsZero() {
		since = m.Sent()
	}
	if _, err := t.exec("INSERT INTO revision (message, number, text, at) VALUES (?, (SELECT COALESCE(max(number), 0) + 1 FROM revision WHERE message = ?), ?, ?)",
		int64(id), int64(id), m.Text, millis(since)); err != nil {
		return err
	}
	m.Text, m.EditedAt = text, at
	return t.replaceText(&m)
}

func (t *tx) Revisions(id chat.MessageID) ([]chat.Revision, error) {
	return list(t, func(scan scanFunc) (r chat.Revision, err error) {
		err = scan(&r.Text, when{&r.At})
		return r, err
	}, "SELECT text, at FROM revision WHERE message = ? ORDER BY number", int64(id))
}

// ReplaceText replaces the text and the report of a message, and removes its former texts.
func (t *tx) ReplaceText(m *chat.Message) error {
	if _, err := t.exec("DELETE FROM revision WHERE message = ?", int64(m.ID)); err != nil {
		return err
	}
	return t.replaceText(m)
}
