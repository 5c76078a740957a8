package store

import (
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

// accountParts returns parameters for lists of accounts. All lists are of the same length, with repetitions at the end, so that there is one statement.
func accountParts(ids []chat.AccountID) (parts [][]any) {
	const many = 100
	for part := range slices.Chunk(ids, many) {
		args := make([]any, many)
		for i := range args {
			args[i] = string(part[min(i, len(part)-1)])
		}
		parts = append(parts, args)
	}
	return parts
}

// oneOf is a condition with the parameters of [accountParts].
func oneOf(column string, args []any) string {
	return column + " IN (?" + strings.Repeat(", ?", len(args)-1) + ")"
}

func (t *tx) ContactsAmong(of chat.AccountID, ids []chat.AccountID) ([]chat.AccountID, error) {
	return t.amongAccounts(ids, func(args []any) ([]chat.AccountID, error) {
		query := "SELECT p.id FROM account p WHERE " + oneOf("p.id", args) + " AND p.active = 1 AND (p.id = ? OR " + related("p.id") + ")"
		return list(t, readString[chat.AccountID], query, append(args, string(of), string(of), string(of))...)
	})
}

func (t *tx) KeptStatuses(ids []chat.AccountID) (map[chat.AccountID]chat.KeptStatus, error) {
	type row struct {
		account chat.AccountID
		chat.KeptStatus
	}
	all := make(map[chat.AccountID]chat.KeptStatus)
	for _, args := range accountParts(ids) {
		found, err := list(t, func(scan scanFunc) (r row, err error) {
			err = scan(&r.account, &r.Emoji, &r.Text, &r.Quiet, when{&r.Ends}, when{&r.SeenAt})
			return r, err
		}, "SELECT account, emoji, text, quiet, ends_at, seen_at FROM availability WHERE "+oneOf("account", args), args...)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			all[r.account] = r.KeptStatus
		}
	}
	return all, nil
}

func (t *tx) SetStatus(a chat.AccountID, st chat.Status) error {
	_, err := t.exec(`INSERT INTO availability (account, emoji, text, quiet, ends_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET emoji = excluded.emoji, text = excluded.text, quiet = excluded.quiet, ends_at = excluded.ends_at`,
		string(a), st.Emoji, st.Text, flag(st.Quiet), millis(st.Ends))
	return err
}

func (t *tx) SeeAccount(a chat.AccountID, at time.Time) error {
	// The account may have been erased, or never stored: the time is of the past.
	_, err := t.exec(`INSERT INTO availability (account, seen_at) SELECT id, CAST(? AS BIGINT) FROM account WHERE id = ? AND active = 1
		ON CONFLICT (account) DO UPDATE SET seen_at = excluded.seen_at WHERE availability.seen_at < excluded.seen_at`, millis(at), string(a))
	return err
}

func (t *tx) ForgetSeen(a chat.AccountID) error {
	_, err := t.exec("UPDATE availability SET seen_at = 0 WHERE account = ? AND seen_at <> 0", string(a))
	return err
}
