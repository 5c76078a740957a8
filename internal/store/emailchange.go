package store

import (
	"time"

	"parley/internal/chat"
)

func (t *tx) SetEmailChange(c chat.EmailChange, now time.Time) error {
	if _, err := t.exec("DELETE FROM email_change WHERE expires_at <= ?", millis(now)); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO email_change (account, hash, email, session, expires_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, email = excluded.email, session = excluded.session, expires_at = excluded.expires_at`,
		string(c.Account), c.Hash[:], c.Email, string(c.Session), millis(c.ExpiresAt))
	return err
}

func (t *tx) EmailChange(hash [32]byte) (c chat.EmailChange, err error) {
	c.Hash = hash
	err = t.row([]any{&c.Account, &c.Email, &c.Session, when{&c.ExpiresAt}},
		"SELECT account, email, session, expires_at FROM email_change WHERE hash = ?", hash[:])
	return c, err
}

func (t *tx) DeleteEmailChange(of chat.AccountID) error {
	_, err := t.exec("DELETE FROM email_change WHERE account = ?", string(of))
	return err
}

func (t *tx) SetOwnEmail(of chat.AccountID, own bool) error {
	query := "DELETE FROM own_email WHERE account = ?"
	if own {
		query = "INSERT INTO own_email (account) VALUES (?) ON CONFLICT DO NOTHING"
	}
	_, err := t.exec(query, string(of))
	return err
}

func (t *tx) OwnEmail(of chat.AccountID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM own_email WHERE account = ?)", string(of))
}
