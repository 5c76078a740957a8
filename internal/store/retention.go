package store

import (
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
)

// removed describes the messages at the beginning of a conversation that were removed.
type removed struct {
	seq   int64          // of the last one
	id    chat.MessageID // of the last one
	count int64          // how many of them counted
}

const retentionColumns = "scope, id, days, set_at"

func readRetention(scan scanFunc) (r chat.RetentionRule, err error) {
	err = scan(&r.Scope, &r.ID, &r.Days, when{&r.SetAt})
	return r, err
}

func (t *tx) RetentionRules() ([]chat.RetentionRule, error) {
	return list(t, readRetention, "SELECT "+retentionColumns+" FROM retention ORDER BY scope DESC, id")
}

func (t *tx) RetentionRule(scope chat.RetentionScope, id string) (chat.RetentionRule, error) {
	return first(t, readRetention, "SELECT "+retentionColumns+" FROM retention WHERE scope = ? AND id = ?", string(scope), id)
}

func (t *tx) SetRetention(r chat.RetentionRule) error {
	_, err := t.exec(`INSERT INTO retention (scope, id, days, set_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (scope, id) DO UPDATE SET days = excluded.days, set_at = excluded.set_at`, string(r.Scope), r.ID, int64(r.Days), millis(r.SetAt))
	return err
}

func (t *tx) RemoveRetention(scope chat.RetentionScope, id string) error {
	_, err := t.exec("DELETE FROM retention WHERE scope = ? AND id = ?", string(scope), id)
	return err
}

func (t *tx) RetentionRun() (r chat.RetentionRun, err error) {
	err = t.row([]any{when{&r.Began}, when{&r.Ended}, &r.Done, &r.Messages, &r.Files, &r.Bytes}, "SELECT began, ended, conversation, messages, files, bytes FROM retention_state")
	if err == nil {
		r.Conversations, err = t.int("SELECT COALESCE(max(id), 0) FROM conversation")
	}
	return r, err
}

func (t *tx) SetRetentionRun(r chat.RetentionRun) error {
	_, err := t.exec("UPDATE retention_state SET began = ?, ended = ?, conversation = ?, messages = ?, files = ?, bytes = ?",
		millis(r.Began), millis(r.Ended), int64(r.Done), r.Messages, r.Files, r.Bytes)
	return err
}

// retentionPart is how many conversations are looked at with one query.
const retentionPart = 500

// daysOf is the rule for a conversation c: the number of days, 0 for ever, NULL without a rule. Its own rule goes
// before those of organizations, of which the longest counts. A group belongs to the organizations of its creator, and
// a direct chat to those that both are in. An erased person is in none: then the conversation belongs to those of the
// others in it, and to the main one if they are in none, too. rule is a table of rules.
const daysOf = `COALESCE((SELECT r.days FROM rule r WHERE r.scope = 'group' AND r.id = c.group_id), CASE
	WHEN EXISTS (SELECT 1 FROM erasure e WHERE e.account IN (c.a, c.b) OR e.account = (SELECT g.creator FROM chat_group g WHERE g.id = c.group_id))
	THEN (SELECT ` + longest + ` FROM rule r JOIN organization x ON x.id = r.id WHERE r.scope = 'organization'
			AND (EXISTS (SELECT 1 FROM ` + others + ` AND o.organization = r.id) OR x.main = 1 AND NOT EXISTS (SELECT 1 FROM ` + others + `)))
	WHEN c.kind = 2
	THEN (SELECT ` + longest + ` FROM chat_group g JOIN organization_member o ON o.account = g.creator
			JOIN rule r ON r.scope = 'organization' AND r.id = o.organization WHERE g.id = c.group_id)
	ELSE (SELECT ` + longest + ` FROM organization_member o
			JOIN organization_member p ON p.organization = o.organization AND p.account = c.b
			JOIN rule r ON r.scope = 'organization' AND r.id = o.organization WHERE o.account = c.a) END)`

const longest = "CASE WHEN min(r.days) = 0 THEN 0 ELSE max(r.days) END"

// others are the organizations of the members of a conversation c, or of those when it was dissolved.
const others = `member m JOIN organization_member o ON o.account = m.account WHERE m.conversation = c.id AND (m.left_at = 0 OR m.departure = 3)`

func (t *tx) Expired(after chat.ConversationID, now time.Time, instead *chat.RetentionRule) (found []chat.Expired, next chat.ConversationID, err error) {
	rule, args := "SELECT scope, id, days FROM retention", []any{}
	if instead != nil {
		rule += " WHERE NOT (scope = ? AND id = ?)"
		args = append(args, string(instead.Scope), instead.ID)
		if instead.Days != chat.NoRetention {
			rule += " UNION ALL SELECT CAST(? AS ctext), CAST(? AS ctext), CAST(? AS BIGINT)"
			args = append(args, string(instead.Scope), instead.ID, int64(instead.Days))
		}
	}
	last := int64(0)
	const day = int64(24 * time.Hour / time.Millisecond)
	err = t.query(func(scan scanFunc) error {
		var e chat.Expired
		var days, first, behind *int64
		if err := scan(&e.Conversation, &days, &first, &behind); err != nil {
			return err
		}
		last = int64(e.Conversation)
		if days == nil || *days == 0 || first == nil {
			return nil
		}
		if before := millis(now) - *days*day; *first < before || behind != nil && *behind < before {
			e.Before = moment(before)
			found = append(found, e)
		}
		return nil
	}, "WITH rule AS ("+rule+") SELECT c.id, "+daysOf+`, (SELECT COALESCE(m.sent_at, m.at) FROM message m WHERE m.conversation = c.id ORDER BY m.seq LIMIT 1),
			(SELECT min(m.sent_at) FROM message m WHERE m.conversation = c.id AND m.sent_at IS NOT NULL AND m.expired = 0)
		FROM conversation c WHERE c.id > ? ORDER BY c.id`+limited, append(args, int64(after), retentionPart)...)
	return found, chat.ConversationID(last), err
}

func (t *tx) ExpiredUpTo(id chat.ConversationID, before time.Time) (chat.Message, error) {
	c, err := t.conversation(id)
	if err != nil {
		return chat.Message{}, err
	}
	seq, _, err := t.seqFrom(&c, before)
	if err != nil {
		return chat.Message{}, err
	}
	// Messages follow that were sent earlier than their place says.
	seq, err = t.int("SELECT seq FROM message WHERE conversation = ? AND seq >= ? AND expired = 0 AND (sent_at IS NULL OR sent_at >= ?) ORDER BY seq LIMIT 1",
		int64(id), seq, millis(before))
	if err == chat.ErrNoRow {
		seq, err = c.LastSeq+1, nil
	}
	if err != nil {
		return chat.Message{}, err
	}
	return first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq < ? ORDER BY seq DESC LIMIT 1", int64(id), seq)
}

func (t *tx) CountExpired(id chat.ConversationID, upTo int64, before time.Time) (n chat.ExpiredCount, err error) {
	// A UNION, because each part has an index.
	const these = `SELECT id, COALESCE(sent_at, at) AS sent FROM message WHERE conversation = ? AND seq <= ? AND expired = 0
		UNION SELECT id, sent_at FROM message WHERE conversation = ? AND sent_at IS NOT NULL AND expired = 0 AND sent_at < ?`
	args := []any{int64(id), upTo, int64(id), millis(before)}
	if err = t.row([]any{&n.Messages, when{&n.Oldest}}, "SELECT count(*), COALESCE(min(x.sent), 0) FROM ("+these+") x", args...); err != nil {
		return n, err
	}
	// A file that another message names as well stays.
	err = t.row([]any{&n.Files, &n.Bytes}, `WITH these AS (`+these+`) SELECT count(*), COALESCE(sum(f.size), 0) FROM stored_file f
		WHERE f.file_key IN (SELECT u.file_key FROM file_use u JOIN these x ON x.id = u.message)
		AND NOT EXISTS (SELECT 1 FROM file_use o WHERE o.file_key = f.file_key AND o.message NOT IN (SELECT id FROM these))`, args...)
	return n, err
}

// ReadExpired sets cursors of participants to a message that is going to be removed, so that it
// and those before it no longer count. See [chat.RetentionTx].
func (t *tx) ReadExpired(id chat.ConversationID, upTo int64, limit int) (behind []chat.AccountID, more bool, err error) {
	members, err := list(t, readMembership, "SELECT "+memberColumns+` FROM member WHERE conversation = ? AND left_at = 0 AND sure_seq < ?
		ORDER BY account`+limited, int64(id), upTo, limit)
	if err != nil || len(members) == 0 {
		return nil, false, err
	}
	c, err := t.conversation(id)
	if err != nil {
		return nil, false, err
	}
	counted, err := t.countedUpTo(id, upTo)
	if err != nil {
		return nil, false, err
	}
	for _, m := range members {
		m.SureSeq = upTo
		if m.ReadSeq >= upTo {
			if err := t.setSure(&m); err != nil {
				return nil, false, err
			}
			continue
		}
		if m.OwnAtRead < m.Own {
			own, err := t.ownBetween(&m, m.ReadSeq, upTo)
			if err != nil {
				return nil, false, err
			}
			m.OwnAtRead += own
		}
		m.ReadSeq, m.ReadCount = upTo, counted
		if err := t.setCursor(&c, &m); err != nil {
			return nil, false, err
		}
		behind = append(behind, m.Account)
	}
	return behind, len(members) == limit, nil
}

// RemoveMessages removes the first messages of a conversation up to a place, at most
// maxRemoved, with everything that belongs to them. The cursors must not be before that place; see ReadExpired.
func (t *tx) RemoveMessages(id chat.ConversationID, upTo int64, now time.Time) (n chat.RemovedMessages, err error) {
	c, err := t.conversation(id)
	if err != nil {
		return n, err
	}
	messages, err := list(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq <= ? ORDER BY seq"+limited,
		int64(id), upTo, maxRemoved)
	if err != nil || len(messages) == 0 {
		return n, err
	}
	last := messages[len(messages)-1]
	n.More = last.Seq < upTo && len(messages) == maxRemoved
	if n.Messages, err = t.int("SELECT count(*) FROM message WHERE conversation = ? AND seq <= ? AND expired = 0", int64(id), last.Seq); err != nil {
		return n, err
	}
	own := make(map[chat.AccountID][]int64) // the places of somebody's counting messages
	for i := range messages {
		m := &messages[i]
		if m.System == chat.NotSystem {
			own[m.From] = append(own[m.From], m.Seq)
		}
		if err := t.removeFile(m, now, &n); err != nil {
			return n, err
		}
	}
	if err := t.forgetWaitingIDs(messages); err != nil {
		return n, err
	}
	const these = "(SELECT id FROM message WHERE conversation = ? AND seq <= ?)"
	index := t.conn.engine.index()
	indexed := "DELETE FROM message_index WHERE " + index.key + " IN " + these
	if !index.leftovers {
		indexed += " AND " + index.key + " <= (SELECT indexed FROM search_state)"
	}
	for _, statement := range []string{
		"DELETE FROM mention WHERE message IN " + these,
		"DELETE FROM heard WHERE message IN " + these,
		"DELETE FROM reaction WHERE message IN " + these,
		"DELETE FROM revision WHERE message IN " + these,
		"DELETE FROM pin WHERE message IN " + these,
		indexed,
		"DELETE FROM message WHERE conversation = ? AND seq <= ?",
	} {
		if _, err := t.exec(statement, int64(id), last.Seq); err != nil {
			return n, err
		}
	}
	for a, places := range own {
		// The cursor of a former member stays where it was, and an import can add own messages after it.
		m, err := t.Membership(id, a)
		if err == chat.ErrNoRow {
			continue // the database has lost it
		}
		if err != nil {
			return n, err
		}
		atRead := 0
		for _, seq := range places {
			if seq <= m.ReadSeq {
				atRead++
			}
		}
		if _, err := t.exec("UPDATE member SET own = own - ?, own_at_read = own_at_read - ? WHERE account = ? AND conversation = ?",
			len(places), atRead, string(a), int64(id)); err != nil {
			return n, err
		}
	}
	t.cache.dropMembers(id)
	t.cache.conversations.drop(c.ID)
	if _, err := t.exec(`UPDATE conversation SET removed_seq = ?, removed_id = ?, removed_count = ?,
			withdrawn = CASE WHEN withdrawn <= ? THEN 0 ELSE withdrawn END WHERE id = ?`,
		last.Seq, int64(last.ID), last.Count, last.Seq, int64(id)); err != nil {
		return n, err
	}
	// No later message gets the id of one of these.
	return n, t.keepIDs(last.ID)
}

// ExpireMessages takes the content away from messages that are behind younger ones and hides them. For the unread counts
// they are withdrawn messages. See [chat.RetentionTx].
func (t *tx) ExpireMessages(id chat.ConversationID, before, now time.Time) (n chat.RemovedMessages, last int64, err error) {
	messages, err := list(t, readMessage, "SELECT "+messageColumns+` FROM message WHERE conversation = ? AND sent_at IS NOT NULL AND expired = 0 AND sent_at < ?
		ORDER BY sent_at, seq`+limited, int64(id), millis(before), maxRemoved)
	if err != nil || len(messages) == 0 {
		return n, 0, err
	}
	n.More = len(messages) == maxRemoved
	n.Messages = int64(len(messages))
	for i := range messages {
		m := &messages[i]
		last = max(last, m.Seq)
		if err := t.expire(m, now); err != nil {
			return n, 0, err
		}
		if err := t.removeFile(m, now, &n); err != nil {
			return n, 0, err
		}
	}
	t.cache.conversations.drop(id)
	_, err = t.exec("UPDATE conversation SET withdrawn = ? WHERE id = ? AND withdrawn < ?", last, int64(id), last)
	return n, last, err
}

func (t *tx) expire(m *chat.Message, now time.Time) error {
	left := *m
	left.Content, left.Report, left.EditedAt = chat.Content{Type: m.Type}, nil, time.Time{}
	if !left.Withdrawn() {
		left.WithdrawnAt = now.Truncate(time.Millisecond)
	}
	if _, err := t.exec(`UPDATE message SET expired = 1, text = '', file = NULL, card = NULL, location = NULL, report = NULL, edited_at = NULL, withdrawn_at = ?,
			checksum = CASE WHEN checksum IS NULL THEN checksum ELSE ? END
		WHERE id = ?`, millis(left.WithdrawnAt), messageChecksum(&left), int64(m.ID)); err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM mention WHERE message = ?", "DELETE FROM heard WHERE message = ?", "DELETE FROM reaction WHERE message = ?", "DELETE FROM revision WHERE message = ?",
		"DELETE FROM pin WHERE message = ?",
	} {
		if _, err := t.exec(statement, int64(m.ID)); err != nil {
			return err
		}
	}
	return t.unindex(m.ID)
}

func (t *tx) Behind(id chat.ConversationID, seq int64, after chat.AccountID, limit int) ([]chat.AccountID, error) {
	return list(t, readString[chat.AccountID], "SELECT account FROM member WHERE conversation = ? AND left_at = 0 AND read_seq < ? AND account > ? ORDER BY account"+limited,
		int64(id), seq, string(after), limit)
}

// maxRemoved is the maximum number of messages that one transaction removes. It takes a few milliseconds.
const maxRemoved = 100

// forgetWaitingIDs removes the waitingids of messages, of which there are at most maxRemoved. Names that
// have moved on because theirs was taken move back.
func (t *tx) forgetWaitingIDs(messages []chat.Message) error {
	names, ids := make([]any, 0, maxRemoved), make([]any, 0, maxRemoved)
	for _, m := range messages {
		if m.WaitingID != "" {
			names, ids = append(names, waitingName(m.From, m.WaitingID)), append(ids, int64(m.ID))
		}
	}
	if len(names) == 0 {
		return nil
	}
	fill := func(some []any) []any { // so that there is one statement
		return append(slices.Clone(some), slices.Repeat([]any{some[0]}, maxRemoved-len(some))...)
	}
	in := "(?" + strings.Repeat(", ?", maxRemoved-1) + ")"
	n, err := t.exec("DELETE FROM waitingid WHERE name IN "+in+" AND message IN "+in, append(fill(names), fill(ids)...)...)
	if err != nil {
		return err
	}
	after := make([]any, len(names))
	for i, name := range names {
		after[i] = name.(int64) + 1
	}
	moved, err := t.bool("SELECT EXISTS (SELECT 1 FROM waitingid WHERE name IN "+in+")", fill(after)...)
	if err != nil || n == int64(len(names)) && !moved {
		return err
	}
	for i := range names {
		if err := t.forgetWaitingID(names[i].(int64), ids[i].(int64)); err != nil {
			return err
		}
	}
	return nil
}

// forgetWaitingID removes one waitingid and takes the names after it once more, because a search for them
// ends at the first free name.
func (t *tx) forgetWaitingID(name, message int64) error {
	if _, err := t.exec("DELETE FROM waitingid WHERE name = ? AND message = ?", name, message); err != nil {
		return err
	}
	for next := name + 1; ; next++ {
		m, err := t.waiting(next)
		if err == chat.ErrNoRow {
			id, err := t.int("SELECT message FROM waitingid WHERE name = ?", next)
			if err == chat.ErrNoRow {
				return nil
			}
			if err != nil {
				return err
			}
			if id == message {
				if _, err := t.exec("DELETE FROM waitingid WHERE name = ?", next); err != nil {
					return err
				}
			}
			continue
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM waitingid WHERE name = ?", next); err != nil {
			return err
		}
		if int64(m.ID) == message {
			continue
		}
		if err := t.takeWaitingID(m.From, m.WaitingID, m.ID); err != nil {
			return err
		}
	}
}
