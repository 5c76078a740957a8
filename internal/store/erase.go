package store

import (
	"encoding/json"

	"parley/internal/chat"
)

const erasureColumns = "account, began, ended, name, conversation, seq, notice, done, total"

func readErasure(scan scanFunc) (e chat.Erasure, err error) {
	err = scan(&e.Account, when{&e.Began}, when{&e.Ended}, &e.Name, &e.Conversation, &e.Seq, &e.Notice, &e.Done, &e.Total)
	return e, err
}

func (t *tx) Erasure(a chat.AccountID) (chat.Erasure, error) {
	return first(t, readErasure, "SELECT "+erasureColumns+" FROM erasure WHERE account = ?", string(a))
}

func (t *tx) Erasures() ([]chat.Erasure, error) {
	return list(t, readErasure, "SELECT "+erasureColumns+" FROM erasure WHERE ended = 0 ORDER BY began, account")
}

func (t *tx) SaveErasure(e chat.Erasure) error {
	_, err := t.exec(`INSERT INTO erasure (`+erasureColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account) DO UPDATE SET ended = excluded.ended, name = excluded.name, conversation = excluded.conversation, seq = excluded.seq,
			notice = excluded.notice, done = excluded.done`,
		string(e.Account), millis(e.Began), millis(e.Ended), e.Name, int64(e.Conversation), e.Seq, int64(e.Notice), e.Done, e.Total)
	return err
}

func (t *tx) CountOwn(a chat.AccountID) (int64, error) {
	return t.int("SELECT COALESCE(sum(own), 0) FROM member WHERE account = ?", string(a))
}

func (t *tx) RemoveUnconfirmedMail(a chat.AccountID) error {
	_, err := t.exec(`DELETE FROM mail WHERE recipient IN (SELECT email FROM email_change WHERE account = ?)
		AND NOT EXISTS (SELECT 1 FROM account o WHERE lower(o.email) = lower(mail.recipient) AND o.id <> ?)`, string(a), string(a))
	return err
}

// RemoveTraces removes the rows about an account that no other row refers to.
func (t *tx) RemoveTraces(a chat.Account) error {
	t.cache.dropRelated()
	for _, query := range []string{
		"DELETE FROM token WHERE account = ?",
		"DELETE FROM password WHERE account = ?",
		"DELETE FROM identity WHERE account = ?",
		"DELETE FROM two_factor WHERE account = ?",
		"DELETE FROM two_factor_failure WHERE account = ?",
		"DELETE FROM recovery_code WHERE account = ?",
		"DELETE FROM signin_ticket WHERE account = ?",
		"DELETE FROM signin_code WHERE account = ?",
		"DELETE FROM email_change WHERE account = ?",
		"DELETE FROM own_email WHERE account = ?",
		"DELETE FROM account_detail WHERE account = ?",
		"DELETE FROM organization_member WHERE account = ?",
		"DELETE FROM friendship WHERE account = ?",
		"DELETE FROM friendship WHERE friend = ?",
		"DELETE FROM friend_request WHERE sender = ?",
		"DELETE FROM friend_request WHERE receiver = ?",
		"DELETE FROM heard WHERE account = ?",
		"DELETE FROM unsent WHERE account = ?",
		"DELETE FROM availability WHERE account = ?",
		"DELETE FROM notification WHERE account = ?",
		"DELETE FROM inbox WHERE account = ?",
		// Uploads that no message names are removed at once, without upload.unused-after.
		"UPDATE stored_file SET remove_at = 1 WHERE owner = ? AND remove_at > 1",
	} {
		if _, err := t.exec(query, string(a.ID)); err != nil {
			return err
		}
	}
	if a.Email == "" {
		return nil
	}
	if _, err := t.exec("DELETE FROM mail WHERE recipient = ?", a.Email); err != nil {
		return err
	}
	_, err := t.exec("UPDATE invitation SET email = '' WHERE lower(email) = lower(?)", a.Email)
	return err
}

func (t *tx) OwnMessages(id chat.ConversationID, a chat.AccountID, after int64, limit int) ([]chat.Message, error) {
	return list(t, readMessage, "SELECT "+messageColumns+` FROM message WHERE conversation = ? AND seq > ? AND sender = ? AND system = 0 AND withdrawn_at IS NULL
		ORDER BY seq`+limited, int64(id), after, string(a), limit)
}

func (t *tx) MessagesNaming(id chat.ConversationID, a chat.AccountID, name string, after int64, limit int) ([]chat.Message, error) {
	quoted, err := json.Marshal(string(a))
	if err != nil {
		return nil, err
	}
	return list(t, readMessage, "SELECT "+messageColumns+` FROM message m WHERE conversation = ? AND seq > ? AND withdrawn_at IS NULL
			AND (system <> 0 AND (sender = ? OR report LIKE ? OR system = ?)
				OR system = 0 AND sender <> ? AND (EXISTS (SELECT 1 FROM mention x WHERE x.conversation = m.conversation AND x.account = ? AND x.seq = m.seq)
					OR (replace(text, ?, '') <> text OR edited_at IS NOT NULL AND EXISTS (SELECT 1 FROM revision r WHERE r.message = m.id AND replace(r.text, ?, '') <> r.text))
						AND NOT EXISTS (SELECT 1 FROM mention x WHERE x.conversation = m.conversation AND x.seq = m.seq)))
		ORDER BY seq`+limited, int64(id), after, string(a), "%"+string(quoted)+"%", int(chat.SystemRenamed), string(a), string(a), "@"+name, "@"+name, limit)
}

// ReplaceText stores the text, the report and EditedAt of a message.
func (t *tx) ReplaceText(m *chat.Message) error {
	before, err := t.Message(m.ID)
	if err != nil {
		return err
	}
	mentions, err := t.mentionsOf(m.ID)
	if err != nil {
		return err
	}
	old := mentioningChecksum(&before, mentions)
	earlier := earlierChecksum(&before)
	after := before
	after.Text, after.Report, after.EditedAt = m.Text, m.Report, m.EditedAt
	var report any
	if after.Report != nil {
		encoded, err := json.Marshal(after.Report)
		if err != nil {
			return err
		}
		report = string(encoded)
	}
	if _, err := t.exec(`UPDATE message SET text = ?, report = ?, edited_at = ?, checksum = CASE WHEN checksum = ? THEN ? WHEN checksum = ? THEN ? ELSE checksum END WHERE id = ?`,
		after.Text, report, orNullTime(after.EditedAt), old, mentioningChecksum(&after, mentions), earlier, earlierChecksum(&after), int64(m.ID)); err != nil {
		return err
	}
	return t.indexAgain(m.ID)
}

// indexAgain replaces the words of a message in the index.
func (t *tx) indexAgain(id chat.MessageID) error {
	indexed, err := t.indexed()
	if err != nil {
		return err
	}
	if int64(id) > indexed {
		// The indexer may have read the former words already.
		_, err := t.exec("UPDATE search_state SET replaced = replaced + 1")
		return err
	}
	if err := t.unindex(id); err != nil {
		return err
	}
	entries, err := (&indexer{known: map[string]struct{}{}}).read(t, int64(id)-1, int64(id))
	if err != nil {
		return err
	}
	if err := t.insertEntries(entries); err != nil {
		return err
	}
	for _, e := range entries {
		if err := t.addWords(e.fresh); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) RenameLeft(id chat.ConversationID, former, name string) error {
	t.cache.dropMembers(id)
	_, err := t.exec("UPDATE member SET left_name = replace(left_name, ?, ?) WHERE conversation = ? AND left_name <> ''", former, name, int64(id))
	return err
}

func (t *tx) RenameNotices(former, name string, texts map[string]string, after chat.NotificationID, limit int) (last chat.NotificationID, err error) {
	return t.changeNotices(func(n *chat.Notification) error {
		n.Name = name
		text, made := texts[n.Type]
		if !made || n.Category != "system" {
			return nil
		}
		// The request of somebody else with the same name is still there.
		other, err := t.bool("SELECT EXISTS (SELECT 1 FROM friend_request WHERE id = ?)", n.EntityID)
		if !other {
			n.Text = text
		}
		return err
	}, "name = ? AND id > ?", limit, former, int64(after))
}

func (t *tx) EmptyNotices(a chat.AccountID, limit int) (bool, error) {
	last, err := t.changeNotices(func(n *chat.Notification) error {
		n.Text, n.Name, n.URL, n.EntityID = "", "", "", ""
		return nil
	},
		"receiver = ? AND (text <> '' OR name <> '' OR url <> '' OR entity_id <> '')", limit, string(a))
	return last > 0, err
}

// changeNotices changes the first notices that fulfil a condition, and returns the last one.
func (t *tx) changeNotices(change func(*chat.Notification) error, condition string, limit int, args ...any) (last chat.NotificationID, err error) {
	type row struct {
		chat.Notification
		sum *int64
	}
	all, err := list(t, func(scan scanFunc) (r row, err error) {
		err = scan(&r.ID, &r.Category, &r.Type, &r.Text, &r.Name, &r.URL, &r.EntityID, &r.Weak, &r.sum)
		return r, err
	}, "SELECT id, category, type, text, name, url, entity_id, weak, checksum FROM notice WHERE "+condition+" ORDER BY id"+limited, append(args, limit)...)
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		last = r.ID
		old := noticeChecksum(&r.Notification)
		if err := change(&r.Notification); err != nil {
			return 0, err
		}
		if _, err := t.exec("UPDATE notice SET text = ?, name = ?, url = ?, entity_id = ?, checksum = CASE WHEN checksum = ? THEN ? ELSE checksum END WHERE id = ?",
			r.Text, r.Name, r.URL, r.EntityID, old, noticeChecksum(&r.Notification), int64(r.ID)); err != nil {
			return 0, err
		}
	}
	return last, nil
}

// ScrubAudit removes everything but ids from the entries of an account. The details of an entry about somebody else stay,
// because they are data of the other person.
func (t *tx) ScrubAudit(a chat.AccountID, limit int) (int, error) {
	n, err := t.exec(`UPDATE audit SET address = '', agent = '' WHERE id IN
		(SELECT id FROM audit WHERE actor = ? AND actor <> '' AND (address <> '' OR agent <> '') ORDER BY id`+limited+")", string(a), limit)
	if err != nil {
		return 0, err
	}
	m, err := t.exec(`UPDATE audit SET detail = '' WHERE id IN
		(SELECT id FROM audit WHERE target = ? AND target <> '' AND target_type = 'account' AND detail <> '' ORDER BY id`+limited+")", string(a), limit)
	if err != nil {
		return 0, err
	}
	// Nobody was signed in, as with a refused sign-in: it was probably the person.
	o, err := t.exec(`UPDATE audit SET address = '', agent = '' WHERE id IN
		(SELECT id FROM audit WHERE target = ? AND target <> '' AND target_type = 'account' AND actor = '' AND app = '' AND address <> '' ORDER BY id`+limited+")", string(a), limit)
	return int(n + m + o), err
}
