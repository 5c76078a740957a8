package store

import (
	"time"

	"parley/internal/chat"
)

func (t *tx) CreateSignInCode(c chat.SignInCode, now time.Time) error {
	if _, err := t.exec("DELETE FROM signin_code WHERE expires_at <= ?", millis(now)); err != nil {
		return err
	}
	return t.insert("INSERT INTO signin_code (hash, account, reusable, vouched, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		c.Hash[:], string(c.Account), flag(c.Reusable), flag(c.Vouched), millis(c.ExpiresAt))
}

func (t *tx) SignInCode(hash [32]byte) (c chat.SignInCode, err error) {
	c.Hash = hash
	err = t.row([]any{&c.Account, &c.Reusable, &c.Vouched, when{&c.ExpiresAt}},
		"SELECT account, reusable, vouched, expires_at FROM signin_code WHERE hash = ?", hash[:])
	return c, err
}

func (t *tx) DeleteSignInCode(hash [32]byte) error {
	return t.one("DELETE FROM signin_code WHERE hash = ?", hash[:])
}

func (t *tx) DeleteSignInCodes(of chat.AccountID) error {
	_, err := t.exec("DELETE FROM signin_code WHERE account = ?", string(of))
	return err
}

func (t *tx) Password(of chat.AccountID) (hash string, err error) {
	err = t.row([]any{&hash}, "SELECT hash FROM password WHERE account = ?", string(of))
	return hash, err
}

func (t *tx) SetPassword(of chat.AccountID, hash string, at time.Time) error {
	_, err := t.exec(`INSERT INTO password (account, hash, set_at) VALUES (?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at`, string(of), hash, millis(at))
	return err
}

func (t *tx) RemovePassword(of chat.AccountID) (bool, error) {
	n, err := t.exec("DELETE FROM password WHERE account = ?", string(of))
	return n > 0, err
}

func (t *tx) AccountByIdentity(issuer, subject string) (a chat.AccountID, err error) {
	err = t.row([]any{&a}, "SELECT account FROM identity WHERE issuer = ? AND subject = ?", issuer, subject)
	return a, err
}

func (t *tx) LinkIdentity(issuer, subject string, a chat.AccountID, at time.Time) error {
	return t.insert("INSERT INTO identity (issuer, subject, account, linked_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		issuer, subject, string(a), millis(at))
}

func (t *tx) UnlinkIdentities(of chat.AccountID) error {
	_, err := t.exec("DELETE FROM identity WHERE account = ? AND linked_at > (SELECT created_at FROM account WHERE id = ?)", string(of), string(of))
	return err
}

func (t *tx) SetEnded(of chat.AccountID, e chat.Ended) error {
	_, err := t.exec(`INSERT INTO account_ended (account, at, kept) VALUES (?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET at = excluded.at, kept = excluded.kept`, string(of), millis(e.At), string(e.Kept))
	return err
}

func (t *tx) Ended(of chat.AccountID) (e chat.Ended, err error) {
	err = t.row([]any{when{&e.At}, &e.Kept}, "SELECT at, kept FROM account_ended WHERE account = ?", string(of))
	return e, err
}

func (t *tx) MoveSignInsBack(now time.Time) error {
	future := millis(now.Add(clockSlack))
	if _, err := t.exec("UPDATE account_ended SET at = ? WHERE at > ?", millis(now), future); err != nil {
		return err
	}
	_, err := t.exec("UPDATE token SET proven_at = 0 WHERE proven_at > ?", future)
	return err
}

func (t *tx) HasIdentity(issuer string, of chat.AccountID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM identity WHERE account = ? AND issuer = ?)", string(of), issuer)
}

func (t *tx) SeeToken(session chat.SessionID, at time.Time) error {
	_, err := t.exec("UPDATE token SET seen_at = ? WHERE session = ? AND seen_at < ?", millis(at), string(session), millis(at))
	return err
}
