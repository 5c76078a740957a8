package store

import (
	"time"

	"parley/internal/chat"
)

const unsentColumns = "type, chat, text, refer, note, at"

func readUnsent(scan scanFunc) (u chat.Unsent, err error) {
	err = scan(&u.Ref.Type, &u.Ref.ID, &u.Text, &u.Refer, &u.Note, when{&u.At})
	return u, err
}

func (t *tx) Unsent(a chat.AccountID, ref chat.ChatRef) (chat.Unsent, error) {
	return first(t, readUnsent, "SELECT "+unsentColumns+" FROM unsent WHERE account = ? AND type = ? AND chat = ?", string(a), int64(ref.Type), ref.ID)
}

func (t *tx) UnsentOf(a chat.AccountID) ([]chat.Unsent, error) {
	return list(t, readUnsent, "SELECT "+unsentColumns+" FROM unsent WHERE account = ? AND (text <> '' OR refer <> 0) ORDER BY at DESC, type, chat", string(a))
}

func (t *tx) SetUnsent(a chat.AccountID, u chat.Unsent) error {
	_, err := t.exec(`INSERT INTO unsent (account, `+unsentColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account, type, chat) DO UPDATE SET text = excluded.text, refer = excluded.refer, note = excluded.note, at = excluded.at`,
		string(a), int64(u.Ref.Type), u.Ref.ID, u.Text, int64(u.Refer), u.Note, millis(u.At))
	return err
}

func (t *tx) ForgetUnsent(a chat.AccountID, before time.Time) error {
	_, err := t.exec("DELETE FROM unsent WHERE account = ? AND text = '' AND refer = 0 AND at < ?", string(a), millis(before))
	return err
}
