package store

import (
	"strings"
	"time"

	"parley/internal/chat"
)

const inboxColumns = "account, category, last_seq, strong, read_seq, read_strong, silent, listed, top_at, last_at, last_notice, after_message"

func readInbox(scan scanFunc) (i chat.Inbox, err error) {
	err = scan(&i.Account, &i.Category, &i.LastSeq, &i.Strong, &i.ReadSeq, &i.ReadStrong, &i.Silent, &i.Listed,
		when{&i.TopAt}, when{&i.LastAt}, &i.LastNotice, &i.After)
	return i, err
}

func (t *tx) AddNotification(n *chat.Notification, accounts []chat.AccountID) ([]chat.Inbox, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	var receiver any // if there is only one
	if len(accounts) == 1 {
		receiver = string(accounts[0])
	}
	id, err := t.insertID(`INSERT INTO notice (category, type, text, name, url, entity_id, weak, at, checksum, receiver) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(n.Category), n.Type, n.Text, n.Name, n.URL, n.EntityID, flag(n.Weak), millis(n.At), noticeChecksum(n), receiver)
	if err != nil {
		return nil, err
	}
	n.ID = chat.NotificationID(id)
	after, err := t.lastMessage()
	if err != nil {
		return nil, err
	}
	inboxes := make([]chat.Inbox, 0, len(accounts))
	for _, a := range accounts {
		i, err := t.receive(a, *n, after)
		if err != nil {
			return nil, err
		}
		inboxes = append(inboxes, i)
	}
	return inboxes, nil
}

// receive puts the notification into one account's inbox.
func (t *tx) receive(a chat.AccountID, n chat.Notification, after chat.MessageID) (i chat.Inbox, err error) {
	strong := flag(!n.Weak)
	err = t.returning(func(scan scanFunc) (err error) {
		i, err = readInbox(scan)
		return err
	}, `INSERT INTO inbox (`+inboxColumns+`) VALUES (?, ?, 1, ?, 0, 0, 0, 1, 0, ?, ?, ?)
		ON CONFLICT (account, category) DO UPDATE SET last_seq = inbox.last_seq + 1, strong = inbox.strong + excluded.strong,
			listed = 1, last_at = excluded.last_at, last_notice = excluded.last_notice, after_message = excluded.after_message
		RETURNING `+inboxColumns,
		string(a), string(n.Category), strong, millis(n.At), int64(n.ID), int64(after))
	if err != nil {
		return i, err
	}
	_, err = t.exec("INSERT INTO notification (account, category, seq, strong, notice) VALUES (?, ?, ?, ?, ?)",
		string(a), string(n.Category), i.LastSeq, i.Strong, int64(n.ID))
	return i, err
}

func (t *tx) Inbox(a chat.AccountID, c chat.Category) (chat.Inbox, error) {
	return first(t, readInbox, "SELECT "+inboxColumns+" FROM inbox WHERE account = ? AND category = ?", string(a), string(c))
}

func (t *tx) Inboxes(a chat.AccountID) ([]chat.Inbox, error) {
	return list(t, readInbox, "SELECT "+inboxColumns+" FROM inbox WHERE account = ? ORDER BY last_notice DESC, category", string(a))
}

func (t *tx) ReadInbox(a chat.AccountID, c chat.Category, left int64) (chat.Inbox, error) {
	i, err := t.Inbox(a, c)
	if err != nil {
		return i, err
	}
	seq, strong := i.LastSeq, i.Strong
	if left > 0 {
		strong = i.Strong - left
		if strong <= i.ReadStrong {
			return i, nil
		}
		// The cursor goes before the oldest strong one that stays unread.
		seq, err = t.int(`SELECT seq FROM notification WHERE account = ? AND category = ? AND strong <= ? ORDER BY seq DESC LIMIT 1`,
			string(a), string(c), strong)
		if err != nil {
			return i, err
		}
	}
	if seq <= i.ReadSeq {
		return i, nil
	}
	i.ReadSeq, i.ReadStrong = seq, strong
	_, err = t.exec("UPDATE inbox SET read_seq = ?, read_strong = ? WHERE account = ? AND category = ?",
		seq, strong, string(a), string(c))
	return i, err
}

func (t *tx) SetInboxSilent(a chat.AccountID, c chat.Category, silent bool) error {
	_, err := t.exec(`INSERT INTO inbox (`+inboxColumns+`) VALUES (?, ?, 0, 0, 0, 0, ?, 0, 0, 0, 0, 0)
		ON CONFLICT (account, category) DO UPDATE SET silent = excluded.silent`, string(a), string(c), flag(silent))
	return err
}

func (t *tx) SetInboxTop(a chat.AccountID, c chat.Category, at time.Time) error {
	_, err := t.exec(`INSERT INTO inbox (`+inboxColumns+`) VALUES (?, ?, 0, 0, 0, 0, 0, 0, ?, 0, 0, 0)
		ON CONFLICT (account, category) DO UPDATE SET top_at = excluded.top_at`, string(a), string(c), millis(at))
	return err
}

// UnlistInbox does nothing where the account has no such inbox.
func (t *tx) UnlistInbox(a chat.AccountID, c chat.Category) error {
	_, err := t.exec("UPDATE inbox SET listed = 0 WHERE account = ? AND category = ?", string(a), string(c))
	return err
}

const notificationColumns = `n.id, x.account, x.category, x.seq, x.strong, n.type, n.text, n.name, n.url, n.entity_id, n.weak, n.at`

func readNotification(scan scanFunc) (n chat.Notification, err error) {
	err = scan(&n.ID, &n.Account, &n.Category, &n.Seq, &n.Strong, &n.Type, &n.Text, &n.Name, address{&n.URL}, &n.EntityID, &n.Weak, when{&n.At})
	return n, err
}

func (t *tx) LastNotification(a chat.AccountID, c chat.Category) (chat.Notification, error) {
	return first(t, readNotification, "SELECT "+notificationColumns+` FROM notification x JOIN notice n ON n.id = x.notice
		WHERE x.account = ? AND x.category = ? ORDER BY x.seq DESC LIMIT 1`, string(a), string(c))
}

func (t *tx) HasUnread(a chat.AccountID, c chat.Category, types []string) (bool, error) {
	args := []any{string(a), string(c)}
	for _, kind := range types {
		args = append(args, kind)
	}
	return t.bool(`SELECT EXISTS (SELECT 1 FROM inbox i
		JOIN notification x ON x.account = i.account AND x.category = i.category AND x.seq > i.read_seq
		JOIN notice n ON n.id = x.notice
		WHERE i.account = ? AND i.category = ? AND n.type IN (NULL`+strings.Repeat(", ?", len(types))+"))", args...)
}

func (t *tx) Notifications(a chat.AccountID, c chat.Category, before int64, limit int) ([]chat.Notification, error) {
	query := "SELECT " + notificationColumns + ` FROM notification x JOIN notice n ON n.id = x.notice
		WHERE x.account = ? AND x.category = ?`
	args := []any{string(a), string(c)}
	if before > 0 {
		query += " AND x.seq < ?"
		args = append(args, before)
	}
	return list(t, readNotification, query+" ORDER BY x.seq DESC"+limited, append(args, limit)...)
}
