package store

import (
	"time"

	"parley/internal/chat"
)

const mailColumns = "id, recipient, subject, body, created_at, next_at, until, attempts"

func readMail(scan scanFunc) (m chat.Mail, err error) {
	err = scan(&m.ID, &m.To, &m.Subject, &m.Text, when{&m.CreatedAt}, when{&m.NextAt}, when{&m.Until}, &m.Attempts)
	return m, err
}

func (t *tx) AddMail(m chat.Mail) error {
	return t.insert("INSERT INTO mail ("+mailColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(m.ID), m.To, m.Subject, m.Text, millis(m.CreatedAt), millis(m.NextAt), millis(m.Until), m.Attempts)
}

func (t *tx) DueMail(now, first, further time.Time, limit int) ([]chat.Mail, error) {
	return list(t, readMail, "SELECT "+mailColumns+" FROM mail WHERE next_at <= ? OR next_at > ? AND attempts = 0 OR next_at > ? ORDER BY next_at, id"+limited,
		millis(now), millis(first), millis(further), limit)
}

func (t *tx) CountMail(before, now time.Time) (n int, err error) {
	err = t.row([]any{&n}, "SELECT COUNT(*) FROM mail WHERE created_at < ? AND until > ?", millis(before), millis(now))
	return n, err
}

func (t *tx) PostponeMail(id chat.MailID, next time.Time, attempts int) error {
	return t.one("UPDATE mail SET next_at = ?, attempts = ? WHERE id = ?", millis(next), attempts, string(id))
}

func (t *tx) DeleteMail(id chat.MailID) error {
	return t.one("DELETE FROM mail WHERE id = ?", string(id))
}
