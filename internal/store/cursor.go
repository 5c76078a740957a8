package store

import (
	"cmp"
	"slices"

	"parley/internal/chat"
)

// unread is the unread count of a member m in a conversation c: the formula of
// [chat.ChatUnread], which is used everywhere. The correction reads only withdrawn
// messages, and only if there are some after the cursor.
const unread = `CASE WHEN m.left_at > 0 THEN 0 ELSE
	(c.counted - m.read_count) - (m.own - m.own_at_read)
	- CASE WHEN c.withdrawn <= m.read_seq THEN 0 ELSE
		(SELECT count(*) FROM message w WHERE w.conversation = c.id AND w.seq > m.read_seq
			AND w.withdrawn_at IS NOT NULL AND w.system = 0 AND w.sender <> m.account) END
	END`

func (t *tx) MarkRead(id chat.ConversationID, a chat.AccountID) (bool, error) {
	c, err := t.conversation(id)
	if err != nil {
		return false, err
	}
	m, err := t.Membership(id, a)
	if err == chat.ErrNoRow || (err == nil && (m.Left() || m.SureSeq >= c.LastSeq)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	moved := m.ReadSeq < c.LastSeq
	m.SureSeq = c.LastSeq
	return moved, t.moveCursor(&c, &m)
}

// moveCursor moves a participant's cursor to the end; SureSeq goes where m has it.
func (t *tx) moveCursor(c *conversation, m *chat.Membership) error {
	m.ReadSeq, m.ReadCount, m.OwnAtRead = c.LastSeq, c.Count, m.Own
	return t.setCursor(c, m)
}

// setCursor writes the cursor of a participant.
func (t *tx) setCursor(c *conversation, m *chat.Membership) error {
	k := memberKey{m.Conversation, m.Account}
	t.cache.members.replace(k, *m)
	unread := hasUnread(c, m)
	t.cache.setUnread(k, unread)
	place := t.takePlace(k)
	delete(t.arrivals, k)
	if t.pending != nil {
		return t.setLater(m, place, &unread)
	}
	if place != 0 {
		return t.one("UPDATE member SET read_seq = ?, sure_seq = ?, read_count = ?, own_at_read = ?, has_unread = ?, place = ? WHERE account = ? AND conversation = ?",
			m.ReadSeq, m.SureSeq, m.ReadCount, m.OwnAtRead, flag(unread), int64(place), string(m.Account), int64(m.Conversation))
	}
	return t.one("UPDATE member SET read_seq = ?, sure_seq = ?, read_count = ?, own_at_read = ?, has_unread = ? WHERE account = ? AND conversation = ?",
		m.ReadSeq, m.SureSeq, m.ReadCount, m.OwnAtRead, flag(unread), string(m.Account), int64(m.Conversation))
}

// setSure writes up to where a participant has certainly read.
func (t *tx) setSure(m *chat.Membership) error {
	t.cache.members.replace(memberKey{m.Conversation, m.Account}, *m)
	if t.pending != nil {
		return t.setLater(m, 0, nil)
	}
	return t.one("UPDATE member SET sure_seq = ? WHERE account = ? AND conversation = ?", m.SureSeq, string(m.Account), int64(m.Conversation))
}

// setOwn writes how many messages a participant has sent.
func (t *tx) setOwn(m *chat.Membership) error {
	k := memberKey{m.Conversation, m.Account}
	t.cache.members.replace(k, *m)
	if t.pending != nil {
		return t.setLater(m, t.takePlace(k), nil)
	}
	if place := t.takePlace(k); place != 0 {
		return t.one("UPDATE member SET own = ?, place = ? WHERE account = ? AND conversation = ?", m.Own, int64(place), string(m.Account), int64(m.Conversation))
	}
	return t.one("UPDATE member SET own = ? WHERE account = ? AND conversation = ?", m.Own, string(m.Account), int64(m.Conversation))
}

// setLater writes the cursor and the number of own messages with the batch. The place is not changed if it is 0, and
// has_unread if it is nil.
func (t *tx) setLater(m *chat.Membership, place chat.MessageID, unread *bool) error {
	if err := t.writable(); err != nil {
		return err
	}
	t.pending.setMember(m, place, unread)
	return nil
}

func (t *tx) ReadByPresence(id chat.ConversationID, viewings []chat.Viewing) (reads []chat.PresenceRead, err error) {
	if len(viewings) == 0 {
		return nil, nil
	}
	c, err := t.conversation(id)
	if err != nil {
		return nil, err
	}
	for _, v := range viewings {
		m, err := t.Membership(id, v.Account)
		if err == chat.ErrNoRow || (err == nil && (m.Left() || m.Marked || m.ReadSeq >= c.LastSeq)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		reads = append(reads, chat.PresenceRead{Account: v.Account, From: m.ReadSeq, To: c.LastSeq})
		if v.Proven {
			m.SureSeq = m.ReadSeq
		}
		if err := t.moveCursor(&c, &m); err != nil {
			return nil, err
		}
	}
	return reads, nil
}

func (t *tx) TakeReadBack(id chat.ConversationID, a chat.AccountID, floor int64) (bool, error) {
	m, err := t.Membership(id, a)
	if err != nil {
		return false, ifThere(err)
	}
	to := max(m.SureSeq, floor)
	if m.Left() || to >= m.ReadSeq {
		return false, nil
	}
	if m.ReadCount, err = t.countedUpTo(id, to); err != nil {
		return false, err
	}
	own, err := t.ownBetween(&m, to, m.ReadSeq)
	if err != nil {
		return false, err
	}
	m.OwnAtRead -= own
	m.ReadSeq, m.SureSeq = to, to
	c, err := t.conversation(id)
	if err != nil {
		return false, err
	}
	return true, t.setCursor(&c, &m)
}

func (t *tx) MarkUnread(id chat.ConversationID, a chat.AccountID, seq int64) error {
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	m, err := t.Membership(id, a)
	if err != nil || m.Left() {
		return ifThere(err)
	}
	if to := max(seq-1, m.JoinSeq, c.removed.seq); to < m.ReadSeq {
		if m.ReadCount, err = t.countedUpTo(id, to); err != nil {
			return err
		}
		own, err := t.ownBetween(&m, to, m.ReadSeq)
		if err != nil {
			return err
		}
		m.OwnAtRead -= own
		m.ReadSeq, m.SureSeq = to, min(m.SureSeq, to)
		if err := t.setCursor(&c, &m); err != nil {
			return err
		}
	}
	return t.setMarked(id, a, true)
}

func (t *tx) setMarked(id chat.ConversationID, a chat.AccountID, marked bool) error {
	return t.setMember(id, a, "UPDATE member SET marked_unread = ? WHERE conversation = ? AND account = ?", flag(marked))
}

// EndMark does nothing where the account has no such chat.
func (t *tx) EndMark(id chat.ConversationID, a chat.AccountID) error {
	return ifThere(t.setMarked(id, a, false))
}

func (t *tx) MarkReadUpTo(id chat.ConversationID, a chat.AccountID, seq int64) error {
	m, err := t.Membership(id, a)
	if err != nil {
		return ifThere(err)
	}
	if m.Left() || seq <= m.SureSeq {
		return nil
	}
	m.SureSeq = seq
	c, err := t.conversation(id)
	if err != nil {
		return err
	}
	if seq == c.LastSeq { // nothing has to be counted
		return t.moveCursor(&c, &m)
	}
	if seq > m.ReadSeq {
		if m.ReadCount, err = t.countedUpTo(id, seq); err != nil {
			return err
		}
		own, err := t.ownBetween(&m, m.ReadSeq, seq)
		if err != nil {
			return err
		}
		m.OwnAtRead += own
		m.ReadSeq = seq
	}
	return t.setCursor(&c, &m)
}

func (t *tx) FirstUnread(id chat.ConversationID, a chat.AccountID) (chat.MessageID, error) {
	m, err := t.Membership(id, a)
	if err != nil {
		return 0, err
	}
	return first(t, func(scan scanFunc) (id chat.MessageID, err error) {
		err = scan(&id)
		return id, err
	}, `SELECT id FROM message WHERE conversation = ? AND seq > ? AND system = 0 AND withdrawn_at IS NULL AND sender <> ?
		ORDER BY seq LIMIT 1`, int64(id), m.ReadSeq, string(a))
}

// ownBetween counts the counting messages of a participant after one seq, up to and
// including another.
func (t *tx) ownBetween(m *chat.Membership, after, to int64) (int64, error) {
	return t.int("SELECT count(*) FROM message WHERE conversation = ? AND seq > ? AND seq <= ? AND sender = ? AND system = 0",
		int64(m.Conversation), after, to, string(m.Account))
}

// countedUpTo returns how many counting messages a conversation has up to a seq.
func (t *tx) countedUpTo(id chat.ConversationID, seq int64) (int64, error) {
	if seq == 0 {
		return 0, nil
	}
	n, err := t.int("SELECT counted FROM message WHERE conversation = ? AND seq <= ? ORDER BY seq DESC LIMIT 1", int64(id), seq)
	if err != chat.ErrNoRow {
		return n, err
	}
	c, err := t.conversation(id)
	return c.removed.count, err
}

func (t *tx) MakeSure(id chat.ConversationID, a chat.AccountID, seq int64) error {
	m, err := t.Membership(id, a)
	if err != nil {
		return ifThere(err)
	}
	if to := min(seq, m.ReadSeq); to > m.SureSeq {
		m.SureSeq = to
		return t.setSure(&m)
	}
	return nil
}

func (t *tx) MarkEverythingRead(a chat.AccountID) (groups []chat.GroupID, err error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	t.cache.dropMemberships(a)
	var moved []chat.ConversationID
	if err := t.returning(func(scan scanFunc) error {
		var id chat.ConversationID
		err := scan(&id)
		moved = append(moved, id)
		return err
	}, `UPDATE member SET read_seq = c.last_seq, sure_seq = c.last_seq, read_count = c.counted, own_at_read = own, has_unread = 0
		FROM conversation c
		WHERE c.id = member.conversation AND member.account = ? AND member.left_at = 0 AND member.sure_seq < c.last_seq
		RETURNING member.conversation`,
		string(a)); err != nil {
		return nil, err
	}
	for _, id := range moved {
		c, err := t.conversation(id)
		if err != nil {
			return nil, err
		}
		if c.Kind == chat.KindGroup {
			groups = append(groups, c.Group)
		}
	}
	if _, err = t.exec("UPDATE member SET reacted = 0, marked_unread = 0 WHERE account = ? AND (reacted <> 0 OR marked_unread <> 0)", string(a)); err != nil {
		return nil, err
	}
	_, err = t.exec(`UPDATE inbox SET read_seq = last_seq, read_strong = strong WHERE account = ? AND read_seq < last_seq`,
		string(a))
	return groups, err
}

// chatUnread is a row of a query with chatUnreadColumns.
type chatUnread struct {
	chat.ChatUnread
	conversation chat.ConversationID
	readSeq      int64
	mentioned    int64
	last         chat.MessageID
}

const chatUnreadColumns = "c.id, c.kind, c.a, c.b, c.group_id, c.last_id, c.mentioned, m.account, m.read_seq, m.push, " + unread

func readChatUnread(scan scanFunc) (u chatUnread, err error) {
	var c conversation
	var of chat.AccountID
	err = scan(&c.ID, &c.Kind, text[chat.AccountID]{&c.A}, text[chat.AccountID]{&c.B}, text[chat.GroupID]{&c.Group},
		&u.last, &u.mentioned, &of, &u.readSeq, &u.Push, &u.Count)
	u.conversation = c.ID
	u.Ref = reference(&c.Conversation, of)
	return u, err
}

// reference names the conversation as an entry of the account's list.
func reference(c *chat.Conversation, of chat.AccountID) chat.ChatRef {
	if c.Kind == chat.KindGroup {
		return chat.ChatRef{Type: chat.SessionGroup, ID: string(c.Group)}
	}
	return chat.ChatRef{Type: chat.SessionUser, ID: string(c.Peer(of))}
}

func (t *tx) ChatUnreads(a chat.AccountID) ([]chat.ChatUnread, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	var rows []chatUnread
	// Direct chats by their index, and all groups.
	for _, those := range [...]struct{ index, condition string }{
		{"member_has_unread", "m.has_unread = 1"},
		{"member_grouped", "m.grouped = 1 AND m.left_at = 0 AND c.counted > m.read_count"},
	} {
		some, err := list(t, readChatUnread, "SELECT "+chatUnreadColumns+" FROM member m"+t.conn.engine.by(those.index)+`JOIN conversation c ON c.id = m.conversation
			WHERE m.account = ? AND `+those.condition+` AND `+unread+" > 0", string(a))
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b chatUnread) int {
		return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(b.conversation, a.conversation))
	})
	var all []chat.ChatUnread
	for i := range rows {
		if err := t.addMention(&rows[i], a); err != nil {
			return nil, err
		}
		all = append(all, rows[i].ChatUnread)
	}
	return all, nil
}

func (t *tx) ChatUnread(id chat.ConversationID, a chat.AccountID) (chat.ChatUnread, error) {
	if u, ok := t.rememberedUnread(id, a); ok {
		return u, nil
	}
	u, err := first(t, readChatUnread, "SELECT "+chatUnreadColumns+` FROM member m JOIN conversation c ON c.id = m.conversation
		WHERE m.account = ? AND m.conversation = ?`, string(a), int64(id))
	if err != nil {
		return chat.ChatUnread{}, err
	}
	err = t.addMention(&u, a)
	return u.ChatUnread, err
}

// rememberedUnread is ChatUnread without a query, if both rows are remembered and neither
// withdrawn messages nor mentions follow the cursor. The formula is the same.
func (t *tx) rememberedUnread(id chat.ConversationID, a chat.AccountID) (u chat.ChatUnread, ok bool) {
	c, known := t.cache.conversations.get(id)
	m, member := t.cache.members.get(memberKey{id, a})
	if !known || !member || c.Withdrawn > m.ReadSeq || c.mentioned > m.ReadSeq {
		return chat.ChatUnread{}, false
	}
	u = chat.ChatUnread{Ref: reference(&c.Conversation, a), Push: m.Push}
	if !m.Left() {
		u.Count = (c.Count - m.ReadCount) - (m.Own - m.OwnAtRead)
	}
	return u, true
}

func (t *tx) addMention(u *chatUnread, a chat.AccountID) error {
	if u.mentioned <= u.readSeq {
		return nil
	}
	latest, err := t.mentions(u.conversation, a, u.readSeq, 1)
	if err == nil && len(latest) > 0 {
		u.Mention = &latest[0]
	}
	return err
}
