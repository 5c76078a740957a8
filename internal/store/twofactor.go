package store

import (
	"time"

	"parley/internal/chat"
)

func (t *tx) TwoFactor(of chat.AccountID) (f chat.TwoFactor, err error) {
	f.Account = of
	err = t.row([]any{&f.Secret, &f.Pending, when{&f.OnAt}, &f.Step, &f.Failures, when{&f.FailedAt}},
		"SELECT secret, pending, on_at, step, failures, failed_at FROM two_factor WHERE account = ?", string(of))
	return f, err
}

func (t *tx) SaveTwoFactor(f chat.TwoFactor) error {
	_, err := t.exec(`INSERT INTO two_factor (account, secret, pending, on_at, step, failures, failed_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, pending = excluded.pending, on_at = excluded.on_at,
		step = excluded.step, failures = excluded.failures, failed_at = excluded.failed_at`,
		string(f.Account), f.Secret, f.Pending, millis(f.OnAt), f.Step, f.Failures, millis(f.FailedAt))
	return err
}

func (t *tx) WrongCodes(of chat.AccountID, source [32]byte) (w chat.WrongCodes, err error) {
	err = t.row([]any{&w.Failures, when{&w.FailedAt}}, "SELECT failures, failed_at FROM two_factor_failure WHERE account = ? AND source = ?", string(of), source[:])
	return w, err
}

func (t *tx) SaveWrongCodes(of chat.AccountID, source [32]byte, w chat.WrongCodes, forget time.Time) error {
	if _, err := t.exec("DELETE FROM two_factor_failure WHERE account = ? AND (source = ? OR failed_at < ?)", string(of), source[:], millis(forget)); err != nil {
		return err
	}
	if w.Failures == 0 {
		return nil
	}
	return t.insert("INSERT INTO two_factor_failure (account, source, failures, failed_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(of), source[:], w.Failures, millis(w.FailedAt))
}

func (t *tx) DeleteTwoFactor(of chat.AccountID) error {
	for _, query := range []string{"DELETE FROM recovery_code WHERE account = ?", "DELETE FROM two_factor_failure WHERE account = ?"} {
		if _, err := t.exec(query, string(of)); err != nil {
			return err
		}
	}
	_, err := t.exec("DELETE FROM two_factor WHERE account = ?", string(of))
	return err
}

func (t *tx) SetRecoveryCodes(of chat.AccountID, hashes [][32]byte) error {
	if _, err := t.exec("DELETE FROM recovery_code WHERE account = ?", string(of)); err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := t.insert("INSERT INTO recovery_code (account, hash) VALUES (?, ?) ON CONFLICT DO NOTHING", string(of), hash[:]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) UseRecoveryCode(of chat.AccountID, hash [32]byte) (bool, error) {
	n, err := t.exec("DELETE FROM recovery_code WHERE account = ? AND hash = ?", string(of), hash[:])
	return n > 0, err
}

func (t *tx) CountRecoveryCodes(of chat.AccountID) (n int, err error) {
	err = t.row([]any{&n}, "SELECT count(*) FROM recovery_code WHERE account = ?", string(of))
	return n, err
}

func (t *tx) CreateTicket(k chat.Ticket, now time.Time) error {
	if _, err := t.exec("DELETE FROM signin_ticket WHERE expires_at <= ?", millis(now)); err != nil {
		return err
	}
	return t.insert("INSERT INTO signin_ticket (hash, account, method, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		k.Hash[:], string(k.Account), k.Method, millis(k.ExpiresAt))
}

func (t *tx) Ticket(hash [32]byte) (k chat.Ticket, err error) {
	k.Hash = hash
	err = t.row([]any{&k.Account, &k.Method, when{&k.ExpiresAt}}, "SELECT account, method, expires_at FROM signin_ticket WHERE hash = ?", hash[:])
	return k, err
}

func (t *tx) DeleteTicket(hash [32]byte) error {
	return t.one("DELETE FROM signin_ticket WHERE hash = ?", hash[:])
}

func (t *tx) DeleteTickets(of chat.AccountID) error {
	_, err := t.exec("DELETE FROM signin_ticket WHERE account = ?", string(of))
	return err
}
