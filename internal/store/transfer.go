package store

import (
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

func readConversationID(scan scanFunc) (id chat.ConversationID, err error) {
	err = scan(&id)
	return id, err
}

func (t *tx) ConversationsOf(a chat.AccountID, after chat.ConversationID, limit int) ([]chat.ConversationID, error) {
	return list(t, readConversationID, "SELECT conversation FROM member WHERE account = ? AND conversation > ? ORDER BY conversation"+limited,
		string(a), int64(after), limit)
}

func (t *tx) ConversationsWithin(o chat.OrganizationID, after chat.ConversationID, limit int) ([]chat.ConversationID, error) {
	const inside = "EXISTS (SELECT 1 FROM organization_member o WHERE o.organization = ? AND o.account = "
	return list(t, readConversationID, `SELECT c.id FROM conversation c WHERE c.id > ? AND CASE WHEN c.group_id IS NULL
			THEN `+inside+`c.a) AND `+inside+`c.b)
			ELSE EXISTS (SELECT 1 FROM member m JOIN organization_member o ON o.organization = ? AND o.account = m.account
				WHERE m.conversation = c.id AND (m.left_at = 0 OR m.departure = ?)) END
		ORDER BY c.id`+limited, int64(after), string(o), string(o), string(o), int64(chat.DepartureDissolved), limit)
}

func (t *tx) Participants(id chat.ConversationID) ([]chat.Membership, error) {
	return list(t, readMembership, "SELECT "+memberColumns+" FROM member WHERE conversation = ? ORDER BY account", int64(id))
}

func (t *tx) MessagesAfter(id chat.ConversationID, seq int64, limit int) ([]chat.Message, error) {
	return list(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq > ? AND expired = 0 ORDER BY seq"+limited, int64(id), seq, limit)
}

func (t *tx) MentionedBy(id chat.ConversationID, from, to int64) (map[chat.MessageID][]chat.AccountID, error) {
	marked := make(map[chat.MessageID][]chat.AccountID)
	err := t.query(func(scan scanFunc) error {
		var m chat.MessageID
		var a chat.AccountID
		err := scan(&m, text[chat.AccountID]{&a})
		if a == "" {
			a = chat.Everyone
		}
		marked[m] = append(marked[m], a)
		return err
	}, "SELECT message, account FROM mention WHERE conversation = ? AND seq >= ? AND seq <= ? ORDER BY message, account", int64(id), from, to)
	return marked, err
}

func (t *tx) IdentitiesOf(a chat.AccountID) (all []chat.LinkedIdentity, err error) {
	return list(t, func(scan scanFunc) (i chat.LinkedIdentity, err error) {
		err = scan(&i.Issuer, &i.Subject, when{&i.LinkedAt})
		return i, err
	}, "SELECT issuer, subject, linked_at FROM identity WHERE account = ? ORDER BY issuer, subject", string(a))
}

func (t *tx) LastMessageID() (chat.MessageID, error) { return t.lastMessage() }

func (t *tx) Imported(source string, kind chat.ImportKind, externals []string) (map[string]string, error) {
	found := make(map[string]string, len(externals))
	for part := range slices.Chunk(externals, 200) {
		args := []any{source, string(kind)}
		for _, e := range part {
			args = append(args, e)
		}
		if err := t.query(func(scan scanFunc) error {
			var external, own string
			err := scan(&external, &own)
			found[external] = own
			return err
		}, "SELECT external, own FROM imported WHERE source = ? AND kind = ? AND external IN (?"+strings.Repeat(", ?", len(part)-1)+")", args...); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (t *tx) SetImported(source string, kind chat.ImportKind, external, own string) error {
	return t.insert("INSERT INTO imported (source, kind, external, own) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
		source, string(kind), external, own)
}

// AppendPast is AppendMessage for a message that was sent at another time elsewhere. The clock is not followed.
// The time at which it was sent is always kept: in m.SentAt if m.At had to move on.
func (t *tx) AppendPast(m *chat.Message) error {
	sent := m.At.Truncate(time.Millisecond).UTC()
	if err := t.appendAt(m, sent); err != nil {
		return err
	}
	return t.noteImported(m)
}

// noteImported adds the id of a message to the ranges of imported ones.
func (t *tx) noteImported(m *chat.Message) error {
	at := millis(m.Sent())
	n, err := t.exec(`UPDATE imported_ids SET last_id = ?, oldest = CASE WHEN oldest < ? THEN oldest ELSE ? END, newest = CASE WHEN newest > ? THEN newest ELSE ? END
		WHERE last_id = ?`, int64(m.ID), at, at, at, at, int64(m.ID)-1)
	if err != nil || n > 0 {
		return err
	}
	_, err = t.exec("INSERT INTO imported_ids (first_id, last_id, oldest, newest) VALUES (?, ?, ?, ?)", int64(m.ID), int64(m.ID), at, at)
	return err
}

// importedRange is a range of ids of imported messages.
type importedRange struct{ first, last, oldest, newest int64 }

func (t *tx) importedRanges() ([]importedRange, error) {
	return list(t, func(scan scanFunc) (r importedRange, err error) {
		err = scan(&r.first, &r.last, &r.oldest, &r.newest)
		return r, err
	}, "SELECT first_id, last_id, oldest, newest FROM imported_ids ORDER BY first_id")
}

// afterImported returns id, or the first id after the imported messages among which it is.
func afterImported(ranges []importedRange, id int64) int64 {
	for _, r := range ranges {
		if r.first <= id && id <= r.last {
			id = r.last + 1
		}
	}
	return id
}

func (t *tx) AddFormerMember(id chat.ConversationID, a chat.AccountID, at time.Time) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	var g chat.Group
	if c.Group != "" {
		if g, err = t.GroupHead(c.Group); err != nil {
			return err
		}
	}
	t.cache.members.drop(memberKey{id, a})
	err = t.insert(`INSERT INTO member (`+memberColumns+`, grouped) VALUES (?, ?, 0, 1, 0, 0, 0, ?, ?, 0, 0, 0, 0, 0, 0, ?, ?, ?, 0, 0, ?) ON CONFLICT DO NOTHING`,
		string(a), int64(id), millis(at), millis(at), int64(chat.DepartureLeft), g.Name, g.Avatar, flag(c.Kind == chat.KindGroup))
	if err == chat.ErrDuplicate {
		return nil
	}
	return err
}

func (t *tx) ReadPast(id chat.ConversationID, before int64) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	if err := t.settle(); err != nil {
		return err
	}
	t.cache.dropMembers(id)
	_, err = t.exec("UPDATE member SET read_seq = ?, sure_seq = ?, read_count = ?, own_at_read = own, has_unread = 0 WHERE conversation = ? AND left_at = 0 AND read_seq >= ?",
		c.LastSeq, c.LastSeq, c.Count, int64(id), before)
	return err
}
