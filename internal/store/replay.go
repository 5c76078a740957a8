package store

import (
	"time"

	"parley/internal/chat"
)

// replayKept is how long an answer can be asked for again. Nobody retries a
// request for days.
const replayKept = 48 * time.Hour

func (t *tx) Replay(app chat.AppID, key string) (r chat.Replay, err error) {
	var fingerprint []byte
	err = t.row([]any{&fingerprint, &r.Status, &r.Body, when{&r.At}},
		"SELECT fingerprint, status, body, at FROM replay WHERE app = ? AND idem_key = ?", string(app), key)
	copy(r.Fingerprint[:], fingerprint)
	return r, err
}

// SaveReplay replaces an older answer to the same key, and forgets old ones.
func (t *tx) SaveReplay(app chat.AppID, key string, r chat.Replay) error {
	body := r.Body
	if body == nil {
		body = []byte{} // not NULL
	}
	if _, err := t.exec("DELETE FROM replay WHERE at < ?", millis(r.At.Add(-replayKept))); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO replay (app, idem_key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (app, idem_key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
			body = excluded.body, at = excluded.at`,
		string(app), key, r.Fingerprint[:], r.Status, body, millis(r.At))
	return err
}
