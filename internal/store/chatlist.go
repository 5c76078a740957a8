package store

import (
	"cmp"
	"fmt"
	"slices"

	"parley/internal/chat"
)

// maxRowMentions bounds the mentions that a row of the chat list carries.
const maxRowMentions = 100

// entry is a place in somebody's chat list: a chat, or where conversation is 0
// an inbox.
type entry struct {
	conversation chat.ConversationID
	grouped      bool // the chat is a group
	category     chat.Category
	onTop        bool
	// The order of arrival: the last message or, of an inbox, the last one before its
	// last notification, and that notification. Both are numbered as they arrive.
	message chat.MessageID
	notice  chat.NotificationID
}

func (t *tx) ChatList(of chat.AccountID, offset, limit int) ([]chat.ChatRow, error) {
	entries, err := t.entries(of, offset, limit)
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, nil
	}
	rows := make([]chat.ChatRow, len(entries))
	chats, err := t.listedChats(of, entries, rows)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if e.conversation == 0 {
			rows[i], err = t.inboxRow(of, e.category)
		} else {
			err = t.completeChat(of, chats[e.conversation])
		}
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// entries returns a page of the list. An index has nearly the order of the direct chats, so maxShift more are read on both sides of
// the page and put in order; see arrival.go. All others are few: groups, inboxes and what is on top. They are put among the
// direct chats, of which so many more are read before the page.
//
// The order is that of arrival, not of times: if the clock was ahead, a chat would stay at
// the top until that time. A chat that the account has left keeps the place of the last
// message that the account can see.
func (t *tx) entries(of chat.AccountID, offset, limit int) ([]entry, error) {
	others, err := t.otherEntries(of)
	if err != nil {
		return nil, err
	}
	start := max(offset-len(others)-maxShift, 0)
	entries, err := list(t, readEntry, `SELECT c.id, 0, c.last_id FROM (
			SELECT conversation, place FROM member WHERE account = ? AND listed = 1 AND grouped = 0 AND top_at = 0
			ORDER BY place DESC, conversation DESC`+limited+` OFFSET ?
		) m JOIN conversation c ON c.id = m.conversation`, string(of), offset+limit+maxShift-start, start)
	if err != nil || start > 0 && len(entries) == 0 { // there are at most offset entries in all
		return nil, err
	}
	entries = append(entries, others...)
	slices.SortFunc(entries, entry.compare)
	entries = entries[min(offset-start, len(entries)):] // the chats that were not read come before the page
	return entries[:min(limit, len(entries))], nil
}

func readEntry(scan scanFunc) (e entry, err error) {
	err = scan(whole[chat.ConversationID]{&e.conversation}, &e.onTop, whole[chat.MessageID]{&e.message})
	return e, err
}

func (e entry) compare(other entry) int {
	return cmp.Or(cmp.Compare(flag(other.onTop), flag(e.onTop)), cmp.Compare(other.message, e.message), cmp.Compare(other.notice, e.notice),
		cmp.Compare(other.conversation, e.conversation))
}

// otherEntries returns the entries of the list that are not in the index of direct chats.
func (t *tx) otherEntries(of chat.AccountID) ([]entry, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	groups, err := list(t, func(scan scanFunc) (entry, error) {
		e, err := readEntry(scan)
		e.grouped = true
		return e, err
	}, `SELECT c.id, m.top_at > 0, CASE WHEN m.left_at > 0 AND m.left_seq < c.last_seq
			THEN COALESCE((SELECT w.id FROM message w WHERE w.conversation = c.id AND w.seq <= m.left_seq ORDER BY w.seq DESC LIMIT 1), c.removed_id) ELSE c.last_id END
		FROM member m`+t.conn.engine.by("member_grouped")+`JOIN conversation c ON c.id = m.conversation WHERE m.account = ? AND m.grouped = 1 AND m.listed = 1`, string(of))
	if err != nil {
		return nil, err
	}
	onTop, err := list(t, readEntry, "SELECT c.id, 1, c.last_id FROM member m"+t.conn.engine.by("member_top")+`JOIN conversation c ON c.id = m.conversation
		WHERE m.account = ? AND m.top_at > 0 AND m.grouped = 0 AND m.listed = 1`, string(of))
	if err != nil {
		return nil, err
	}
	inboxes, err := t.Inboxes(of)
	if err != nil {
		return nil, err
	}
	entries := append(groups, onTop...)
	for _, i := range inboxes {
		if i.Listed {
			entries = append(entries, entry{category: i.Category, onTop: !i.TopAt.IsZero(), message: i.After, notice: i.LastNotice})
		}
	}
	return entries, nil
}

// listedChat is a chat of a page of the list.
type listedChat struct {
	chat.Conversation // its ID is 0 as long as nothing was found
	row               *chat.ChatRow
	readSeq           int64
	visible           int64          // no message after this place can be seen
	mentioned         bool           // there may be mentions after the cursor
	reacted           chat.MessageID // see [chat.Membership]; 0: none
}

const listedColumns = "c.id, c.last_at, m.push, m.top_at, m.left_at, m.departure, m.read_seq, " +
	"CASE WHEN m.left_at > 0 THEN m.left_seq ELSE c.last_seq END, m.left_at = 0 AND c.mentioned > m.read_seq, m.reacted, " + unread

func (l *listedChat) fields() []any {
	return []any{
		whole[chat.ConversationID]{&l.ID},
		when{&l.LastAt},
		&l.row.Push,
		when{&l.row.TopAt},
		when{&l.row.At},
		&l.row.Departure,
		whole[int64]{&l.readSeq},
		whole[int64]{&l.visible},
		&l.mentioned,
		whole[chat.MessageID]{&l.reacted},
		whole[int64]{&l.row.Unread},
	}
}

// listedChats reads the chats of a page into its rows, with a few queries for all of them.
func (t *tx) listedChats(of chat.AccountID, entries []entry, rows []chat.ChatRow) (map[chat.ConversationID]*listedChat, error) {
	var direct, groups, messages []int64
	all := make(map[chat.ConversationID]*listedChat, len(entries))
	chats := make([]listedChat, len(entries))
	for i, e := range entries {
		switch id := int64(e.conversation); {
		case id == 0:
			continue
		case e.grouped:
			groups = append(groups, id)
		default:
			direct = append(direct, id)
		}
		messages = append(messages, int64(e.message))
		chats[i].row = &rows[i]
		rows[i].LastID = e.message
		all[e.conversation] = &chats[i]
	}
	if err := t.readDirect(of, direct, all); err != nil {
		return nil, err
	}
	if err := t.readGroups(of, groups, all); err != nil {
		return nil, err
	}
	if len(messages) == 0 {
		return all, nil
	}
	authors := make(map[chat.AccountID]bool)
	last := make([]chat.Posted, 0, len(messages))
	if err := t.eachMessage(func(m *chat.Message) error {
		if l := all[m.Conversation]; l != nil && m.Seq <= l.visible {
			last = append(last, chat.Posted{Message: *m})
			l.row.Last = &last[len(last)-1]
			authors[m.From] = true
		}
		return nil
	}, "SELECT "+messageColumns+" FROM message WHERE "+t.conn.engine.among("id")+" AND expired = 0", t.conn.engine.keys(messages)); err != nil {
		return nil, err
	}
	if err := t.markReactions(of, all, authors); err != nil {
		return nil, err
	}
	return all, t.readAccounts(authors)
}

// markReactions sets the reactions that the rows show, and adds their accounts, whose names are still missing.
func (t *tx) markReactions(of chat.AccountID, all map[chat.ConversationID]*listedChat, accounts map[chat.AccountID]bool) error {
	var reacted []int64
	for _, l := range all {
		if l.reacted != 0 {
			reacted = append(reacted, int64(l.reacted))
		}
	}
	marks, err := t.reactionMarks(of, reacted)
	if err != nil || len(marks) == 0 {
		return err
	}
	for _, l := range all {
		if mark := marks[l.reacted]; mark != nil {
			l.row.Reacted = mark
			accounts[mark.By.ID] = true
		}
	}
	return nil
}

// add completes what was read of a chat and adds it.
func (l *listedChat) add(of chat.AccountID, all map[chat.ConversationID]*listedChat) {
	to := all[l.ID]
	row := to.row
	l.row.LastID = row.LastID
	if l.row.Left = !l.row.At.IsZero(); !l.row.Left {
		l.row.At = l.LastAt
	}
	l.row.Ref = reference(&l.Conversation, of)
	*row = *l.row
	*to = *l
	to.row = row
}

// readDirect reads the rows of direct chats, and remembers the other accounts.
func (t *tx) readDirect(of chat.AccountID, ids []int64, all map[chat.ConversationID]*listedChat) error {
	if len(ids) == 0 {
		return nil
	}
	l := listedChat{row: new(chat.ChatRow)}
	var a chat.Account
	var isRelated bool
	dest := append(append(l.fields(), &isRelated), accountFields(&a)...)
	return t.query(func(scan scanFunc) error {
		if err := scan(dest...); err != nil {
			return err
		}
		l.Kind, l.A, l.B, l.row.Name, l.row.Avatar = chat.KindDirect, of, a.ID, a.Name, a.Avatar
		if a.ID == of {
			l.Kind, l.B, l.row.Name, l.row.Avatar = chat.KindSelf, "", string(chat.FileTransfer), ""
		}
		l.add(of, all)
		t.cache.accounts.put(a.ID, a)
		t.cache.related.put(newPair(of, a.ID), isRelated)
		return nil
	}, "SELECT "+listedColumns+", "+related("p.id")+", "+accountOf+" FROM "+t.conn.engine.rowsOf()+` JOIN conversation c ON c.id = m.conversation
		JOIN account p ON p.id = CASE WHEN c.a = m.account THEN c.b ELSE c.a END
		WHERE m.grouped = 0`, string(of), string(of), t.conn.engine.keys(ids), string(of))
}

// readGroups reads the rows of groups, and remembers the groups.
func (t *tx) readGroups(of chat.AccountID, ids []int64, all map[chat.ConversationID]*listedChat) error {
	if len(ids) == 0 {
		return nil
	}
	l := listedChat{row: new(chat.ChatRow)}
	var g chat.Group
	dest := append(l.fields(), groupFields(&g)...)
	return t.query(func(scan scanFunc) error {
		if err := scan(dest...); err != nil {
			return err
		}
		g.Members = 0 // as in GroupHead
		l.Kind, l.Group, l.row.Name, l.row.Avatar, l.row.IsPost = chat.KindGroup, g.ID, g.Name, g.Avatar, g.IsPost
		l.add(of, all)
		t.cache.heads.put(g.ID, g)
		return nil
	}, "SELECT "+listedColumns+", "+groupColumns+" FROM "+t.conn.engine.rowsOf()+` JOIN conversation c ON c.id = m.conversation JOIN chat_group g ON g.id = c.group_id
		WHERE m.grouped = 1`, t.conn.engine.keys(ids), string(of))
}

// readAccounts reads accounts that are not remembered yet, in one query.
func (t *tx) readAccounts(all map[chat.AccountID]bool) error {
	var ids []string
	for a := range all {
		if !t.cache.accounts.has(a) {
			ids = append(ids, string(a))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return t.query(func(scan scanFunc) error {
		a, err := readAccount(scan)
		t.cache.accounts.put(a.ID, a)
		return err
	}, "SELECT "+accountColumns+" FROM account WHERE "+t.conn.engine.among("id"), t.conn.engine.names(ids))
}

// completeChat completes the row of a chat.
func (t *tx) completeChat(of chat.AccountID, l *listedChat) (err error) {
	row := l.row
	switch {
	case l.ID == 0:
		return chat.ErrNoRow // the other account or the group is missing
	case row.Last != nil:
		err = t.completeIn(&l.Conversation, row.Last, of)
	default:
		row.Last, err = t.postedAt(&l.Conversation, l.visible, of)
	}
	if err != nil {
		return err
	}
	if row.Last != nil {
		row.At = row.Last.Message.At
	}
	if row.Reacted != nil {
		by, err := t.Account(row.Reacted.By.ID)
		if err != nil {
			return err
		}
		row.Reacted.By.Name = by.Name
	}
	if l.mentioned {
		row.Mentions, err = t.mentions(l.ID, of, l.readSeq, maxRowMentions)
	}
	return err
}

// postedAt returns the message at a place of the log, or the one before it if that one
// was lost; nil if there is none.
func (t *tx) postedAt(c *chat.Conversation, seq int64, reader chat.AccountID) (*chat.Posted, error) {
	if seq == 0 {
		return nil, nil
	}
	m, err := first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq <= ? AND expired = 0 ORDER BY seq DESC LIMIT 1",
		int64(c.ID), seq)
	if err != nil {
		return nil, ifThere(err)
	}
	p := &chat.Posted{Message: m}
	return p, t.completeIn(c, p, reader)
}

func (t *tx) inboxRow(of chat.AccountID, c chat.Category) (chat.ChatRow, error) {
	i, err := t.Inbox(of, c)
	if err != nil {
		return chat.ChatRow{}, err
	}
	info, ok := chat.CategoryByName(c)
	if !ok {
		return chat.ChatRow{}, fmt.Errorf("store: unknown category %q", c)
	}
	row := chat.ChatRow{
		Ref: chat.ChatRef{Type: info.Session, ID: string(c)}, Name: string(c), At: i.LastAt, TopAt: i.TopAt,
		After: i.After, Unread: i.Unread(), Weak: i.WeakUnread(), Silent: i.Silent, Push: !i.Silent,
	}
	n, err := t.LastNotification(of, c)
	if err == chat.ErrNoRow {
		return row, nil
	}
	if err != nil {
		return row, err
	}
	row.Notice = &n
	return row, nil
}
