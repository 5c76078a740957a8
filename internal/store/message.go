package store

import (
	"encoding/json"
	"slices"
	"time"

	"parley/internal/chat"
)

const messageColumns = `id, conversation, seq, counted, system, report, type, text, file, card, location, sender, app, refer, waitingid,
	at, sent_at, former_at, withdrawn_at, withdrawn_by, edited_at`

func readMessage(scan scanFunc) (chat.Message, error) {
	var r messageReader
	err := r.read(scan)
	return r.m, err
}

// messageReader reads messages one after the other into m.
type messageReader struct {
	m      chat.Message
	report []byte
	dest   []any
}

func (r *messageReader) read(scan scanFunc) error {
	m := &r.m
	if r.dest == nil {
		r.dest = []any{
			whole[chat.MessageID]{&m.ID},
			whole[chat.ConversationID]{&m.Conversation},
			whole[int64]{&m.Seq},
			whole[int64]{&m.Count},
			&m.System,
			text[[]byte]{&r.report},
			&m.Type, &m.Text,
			text[json.RawMessage]{&m.File},
			text[json.RawMessage]{&m.Card},
			text[json.RawMessage]{&m.Location},
			text[chat.AccountID]{&m.From},
			text[chat.AppID]{&m.App},
			whole[chat.MessageID]{&m.Refer},
			text[string]{&m.WaitingID},
			when{&m.At},
			when{&m.SentAt},
			when{&m.FormerAt},
			when{&m.WithdrawnAt},
			text[chat.AccountID]{&m.WithdrawnBy},
			when{&m.EditedAt},
		}
	}
	err := scan(r.dest...)
	m.Report = nil
	if err == nil && r.report != nil {
		m.Report = new(chat.Report)
		err = json.Unmarshal(r.report, m.Report)
	}
	return err
}

// eachMessage calls each for every message of a query with messageColumns.
func (t *tx) eachMessage(each func(*chat.Message) error, query string, args ...any) error {
	var r messageReader
	return t.query(func(scan scanFunc) error {
		if err := r.read(scan); err != nil {
			return err
		}
		return each(&r.m)
	}, query, args...)
}

// listMessages returns at most limit messages.
func (t *tx) listMessages(limit int, query string, args ...any) ([]chat.Message, error) {
	var all []chat.Message
	err := t.eachMessage(func(m *chat.Message) error {
		if all == nil {
			all = make([]chat.Message, 0, min(limit, 128))
		}
		all = append(all, *m)
		return nil
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// maxAhead is how far the time of a message may be ahead of the clock before the time of
// the clock is stored as well. Messages of the same millisecond get times one millisecond
// apart, so a busy conversation is always a little ahead.
const maxAhead = time.Second

// AppendMessage returns chat.ErrDuplicate when the sender has used the
// waitingid before, and chat.ErrNoRow when a counting message's sender is no
// participant: their own messages could not be told from unread ones. It looks
// up every row that the message names: the table checks only its quote.
func (t *tx) AppendMessage(m *chat.Message) error {
	now := m.At.Truncate(time.Millisecond).UTC()
	if err := t.followClock(now); err != nil {
		return err
	}
	return t.appendAt(m, now)
}

// appendAt is AppendMessage for a message that was sent at a time, whatever the clock says.
func (t *tx) appendAt(m *chat.Message, now time.Time) error {
	c, err := t.conversation(m.Conversation)
	if err != nil {
		return err
	}
	at := now
	if !at.After(c.LastAt) {
		at = c.LastAt.Add(time.Millisecond)
	}
	if m.SentAt = (time.Time{}); at.Sub(now) > maxAhead {
		m.SentAt = now
	}
	m.At, m.Seq, m.Count = at, c.LastSeq+1, c.Count
	counts := m.System == chat.NotSystem
	var sender chat.Membership
	if counts {
		m.Count++
		if sender, err = t.Membership(c.ID, m.From); err != nil {
			return err
		}
	} else if _, err := t.Account(m.From); err != nil {
		return err
	}
	if m.App != "" {
		if _, err := t.Application(m.App); err != nil {
			return err
		}
	}
	if err := t.insertMessage(m); err != nil {
		return err
	}
	c.LastSeq, c.Count, c.LastAt, c.LastID = m.Seq, m.Count, m.At, m.ID
	if err := t.setCounters(&c); err != nil {
		return err
	}
	t.arrive(&c, m)
	if !counts {
		return nil
	}
	sender.Own++
	return t.setOwn(&sender)
}

// setCounters writes what a message changes in its conversation.
func (t *tx) setCounters(c *conversation) error {
	t.cache.conversations.replace(c.ID, *c)
	if t.pending != nil {
		if err := t.writable(); err != nil {
			return err
		}
		t.pending.conversations[c.ID] = *c
		return nil
	}
	return t.one("UPDATE conversation SET last_seq = ?, counted = ?, last_at = ?, last_id = ? WHERE id = ?",
		c.LastSeq, c.Count, millis(c.LastAt), int64(c.LastID), int64(c.ID))
}

func (t *tx) insertMessage(m *chat.Message) error {
	last, err := t.lastMessage()
	if err != nil {
		return err
	}
	id := last + 1
	if m.WaitingID != "" {
		if err := t.takeWaitingID(m.From, m.WaitingID, id); err != nil {
			return err
		}
	}
	m.ID = id
	if t.pending != nil && m.Report == nil {
		if err := t.writable(); err != nil {
			m.ID = 0
			return err
		}
		t.pending.messages = append(t.pending.messages, *m)
		t.cache.last.replace(struct{}{}, id)
		return nil
	}
	var refer, sent, report any
	if m.Refer != 0 {
		refer = int64(m.Refer)
	}
	if !m.SentAt.IsZero() {
		sent = millis(m.SentAt)
	}
	if m.Report != nil {
		encoded, err := json.Marshal(m.Report)
		if err != nil {
			return err
		}
		report = string(encoded)
	}
	_, err = t.exec(`INSERT INTO message (id, conversation, seq, counted, system, report, type, text, file, card, location, sender, app,
			refer, waitingid, at, sent_at, checksum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(id), int64(m.Conversation), m.Seq, m.Count, int64(m.System), report, int64(m.Type), m.Text,
		orNullBytes(m.File), orNullBytes(m.Card), orNullBytes(m.Location),
		string(m.From), orNull(m.App), refer, orNull(m.WaitingID), millis(m.At), sent, messageChecksum(m))
	if err != nil {
		m.ID = 0
		return err
	}
	t.cache.last.replace(struct{}{}, id)
	return nil
}

// lastMessage returns the highest id that was given out, also to a message that was lost.
// The one writer counts the ids itself: a message's waitingid is stored before the message.
func (t *tx) lastMessage() (chat.MessageID, error) {
	return cached(&t.cache.last, struct{}{}, func() (chat.MessageID, error) {
		id, err := t.int(lastMessageQuery)
		return chat.MessageID(id), err
	})
}

const lastMessageQuery = "SELECT COALESCE(max(x.id), 0) FROM (SELECT max(id) AS id FROM message UNION ALL SELECT last_lost FROM message_state) x"

// keepIDs makes sure that new messages get ids above last.
func (t *tx) keepIDs(last chat.MessageID) error {
	_, err := t.exec("UPDATE message_state SET last_lost = ? WHERE last_lost < ? AND NOT EXISTS (SELECT 1 FROM message WHERE id >= ?)",
		int64(last), int64(last), int64(last))
	return err
}

func (t *tx) Message(id chat.MessageID) (chat.Message, error) {
	return first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE id = ? AND expired = 0", int64(id))
}

// WithdrawMessage changes nothing when the message was withdrawn before.
func (t *tx) WithdrawMessage(id chat.MessageID, by chat.AccountID, at time.Time) error {
	m, err := t.Message(id)
	if err != nil || m.Withdrawn() {
		return err
	}
	left := m
	left.Content = chat.Content{Type: m.Type}
	left.WithdrawnBy, left.WithdrawnAt, left.EditedAt = by, at, time.Time{}
	if _, err := t.exec(`UPDATE message SET text = '', file = NULL, card = NULL, location = NULL, edited_at = NULL, withdrawn_at = ?, withdrawn_by = ?,
			checksum = CASE WHEN checksum IS NULL THEN checksum ELSE ? END
		WHERE id = ?`, millis(at), orNull(by), messageChecksum(&left), int64(id)); err != nil {
		return err
	}
	for _, query := range []string{"DELETE FROM mention WHERE message = ?", "DELETE FROM reaction WHERE message = ?", "DELETE FROM revision WHERE message = ?", "DELETE FROM pin WHERE message = ?"} {
		if _, err := t.exec(query, int64(id)); err != nil {
			return err
		}
	}
	if err := t.unindex(id); err != nil {
		return err
	}
	if err := t.releaseFile(&m, at); err != nil {
		return err
	}
	t.cache.conversations.drop(m.Conversation)
	_, err = t.exec("UPDATE conversation SET withdrawn = ? WHERE id = ? AND withdrawn < ?", m.Seq, int64(m.Conversation), m.Seq)
	return err
}

func (t *tx) SetHeard(a chat.AccountID, id chat.MessageID, at time.Time) (bool, error) {
	n, err := t.exec("INSERT INTO heard (account, message, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		string(a), int64(id), millis(at))
	return n > 0, err
}

func (t *tx) heard(a chat.AccountID, id chat.MessageID) (bool, error) {
	return t.bool("SELECT EXISTS (SELECT 1 FROM heard WHERE account = ? AND message = ?)", string(a), int64(id))
}

func (t *tx) Messages(q chat.MessageQuery) ([]chat.Message, error) {
	stretch, err := t.stretch(q)
	if err != nil || q.Limit <= 0 {
		return nil, err
	}
	if q.Keyword != "" {
		return t.withKeyword(q, stretch)
	}
	query := "SELECT " + messageColumns + " FROM message WHERE conversation = ? AND seq >= ? AND seq <= ? AND expired = 0"
	if q.FilesOnly {
		query += " AND file IS NOT NULL"
	}
	if stretch.upward {
		query += " ORDER BY seq" + limited
	} else {
		query += " ORDER BY seq DESC" + limited
	}
	messages, err := t.listMessages(q.Limit, query, int64(q.Conversation), stretch.from, stretch.to, q.Limit)
	if stretch.upward != q.OldestFirst {
		slices.Reverse(messages)
	}
	return messages, err
}

// withKeyword searches a stretch that begins with the conversation.
func (t *tx) withKeyword(q chat.MessageQuery, within stretch) ([]chat.Message, error) {
	found, err := t.FindMessages("", chat.FindMessages{
		Text: q.Keyword, Conversation: q.Conversation, UntilSeq: within.to, Skip: q.Offset, Limit: q.Limit,
	})
	if q.OldestFirst {
		slices.Reverse(found.Messages)
	}
	return found.Messages, err
}

// stretch is the range of a conversation's log that a query asks for, and the
// end from which it is read.
type stretch struct {
	from, to int64
	upward   bool
}

func (t *tx) stretch(q chat.MessageQuery) (s stretch, err error) {
	c, err := t.conversation(q.Conversation)
	if err != nil {
		return s, err
	}
	s = stretch{from: 1, to: c.LastSeq}
	switch {
	case q.BeforeID != 0:
		s.to, err = t.seqOf(q.Conversation, q.BeforeID)
		s.to--
	case q.AfterID != 0:
		s.upward = true
		s.from, err = t.seqOf(q.Conversation, q.AfterID)
		s.from++
	case !q.BeforeAt.IsZero():
		s.to, _, err = t.seqFrom(&c, q.BeforeAt)
		s.to--
	case !q.AfterAt.IsZero():
		s.upward = true
		var found bool
		if s.from, found, err = t.seqFrom(&c, q.AfterAt); found {
			s.from++
		}
	}
	if q.UntilSeq > 0 {
		s.to = min(s.to, q.UntilSeq)
	}
	return s, err
}

// seqOf returns the seq of a message of the conversation, or chat.ErrNoRow.
// For one that was removed because of its age, it is the place of the last one that was.
func (t *tx) seqOf(id chat.ConversationID, m chat.MessageID) (int64, error) {
	seq, err := t.int("SELECT seq FROM message WHERE id = ? AND conversation = ?", int64(m), int64(id))
	if err != chat.ErrNoRow {
		return seq, err
	}
	c, err := t.conversation(id)
	if err == nil && m > c.removed.id {
		err = chat.ErrNoRow
	}
	return c.removed.seq, err
}

// seqFrom returns the seq of the first message at or after the time, or one past the end.
// found reports whether a message has exactly this time; it can be the former time of a
// message that moved back. Times increase with seq, so a binary search needs no index on
// the time.
func (t *tx) seqFrom(c *conversation, at time.Time) (seq int64, found bool, err error) {
	want := millis(at)
	whole := at.Truncate(time.Millisecond).Equal(at)
	if !whole {
		want++
	}
	low, high := int64(1), c.LastSeq+1
	for low < high {
		middle := (low + high) / 2
		// The next message after middle, because messages can be lost. If none follows, all
		// places from middle on are empty.
		var seq, got int64
		err := t.row([]any{&seq, &got}, "SELECT seq, at FROM message WHERE conversation = ? AND seq >= ? ORDER BY seq LIMIT 1", int64(c.ID), middle)
		if err != nil && err != chat.ErrNoRow {
			return 0, false, err
		}
		found = found || err == nil && got == want
		if err == nil && got < want {
			low = seq + 1
		} else {
			high = middle
		}
	}
	if found || !whole {
		return low, found && whole, nil
	}
	// Not max(seq), for which SQLite reads the conversation backwards instead of the
	// index message_former.
	former, err := t.int("SELECT seq FROM message WHERE conversation = ? AND former_at = ? ORDER BY id DESC LIMIT 1", int64(c.ID), want)
	if err == chat.ErrNoRow {
		return low, false, nil
	}
	return former, err == nil, err
}
