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
	var rows []chat.ChatRow
	for _, e := range entries {
		row, err := t.chatRow(of, e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// entries returns a page of the list. The database puts only the chats in order;
// the inboxes are few and are put among those of the page, of which so many more
// are read before it.
//
// The order is that of arrival, not of times: if the clock was ahead, a chat would stay at
// the top until that time. A chat that the account has left keeps the place of the last
// message that the account can see.
func (t *tx) entries(of chat.AccountID, offset, limit int) ([]entry, error) {
	inboxes, err := t.inboxEntries(of)
	if err != nil {
		return nil, err
	}
	start := max(offset-len(inboxes), 0)
	skip := offset - start
	entries, err := list(t, func(scan scanFunc) (e entry, err error) {
		err = scan(&e.conversation, &e.onTop, &e.message)
		return e, err
	}, `SELECT c.id, m.top_at > 0 AS on_top, CASE WHEN m.left_at > 0 AND m.left_seq < c.last_seq
			THEN COALESCE((SELECT w.id FROM message w WHERE w.conversation = c.id AND w.seq <= m.left_seq ORDER BY w.seq DESC LIMIT 1), c.removed_id) ELSE c.last_id END AS message
		FROM member m JOIN conversation c ON c.id = m.conversation WHERE m.account = ? AND m.listed = 1
		ORDER BY on_top DESC, message DESC, c.id DESC`+limited+" OFFSET ?", string(of), skip+limit, start)
	if err != nil {
		return nil, err
	}
	if start > 0 {
		if len(entries) == 0 {
			return nil, nil // there are at most offset entries in all
		}
		// Inboxes before the first of these chats are on earlier pages.
		inboxes = slices.DeleteFunc(inboxes, func(i entry) bool {
			before := i.compare(entries[0]) < 0
			if before {
				skip--
			}
			return before
		})
	}
	entries = append(entries, inboxes...)
	slices.SortStableFunc(entries, entry.compare)
	entries = entries[min(skip, len(entries)):]
	return entries[:min(limit, len(entries))], nil
}

func (e entry) compare(other entry) int {
	return cmp.Or(cmp.Compare(flag(other.onTop), flag(e.onTop)), cmp.Compare(other.message, e.message), cmp.Compare(other.notice, e.notice))
}

// inboxEntries returns the inboxes in the list.
func (t *tx) inboxEntries(of chat.AccountID) (entries []entry, err error) {
	inboxes, err := t.Inboxes(of)
	for _, i := range inboxes {
		if i.Listed {
			entries = append(entries, entry{category: i.Category, onTop: !i.TopAt.IsZero(), message: i.After, notice: i.LastNotice})
		}
	}
	return entries, err
}

func (t *tx) chatRow(of chat.AccountID, e entry) (chat.ChatRow, error) {
	if e.conversation == 0 {
		return t.inboxRow(of, e.category)
	}
	c, err := t.conversation(e.conversation)
	if err != nil {
		return chat.ChatRow{}, err
	}
	m, err := t.Membership(e.conversation, of)
	if err != nil {
		return chat.ChatRow{}, err
	}
	row := chat.ChatRow{Ref: reference(&c.Conversation, of), Push: m.Push, Left: m.Left(), Departure: m.Departure, TopAt: m.TopAt}
	if row.Unread, err = t.int("SELECT "+unread+` FROM member m JOIN conversation c ON c.id = m.conversation
		WHERE m.account = ? AND m.conversation = ?`, string(of), int64(c.ID)); err != nil {
		return row, err
	}
	last := c.LastSeq
	if m.Left() {
		last = m.LeftSeq
	}
	if row.Last, err = t.postedAt(&c, last, of); err != nil {
		return row, err
	}
	row.LastID = e.message
	switch {
	case row.Last != nil:
		row.At = row.Last.Message.At
	case m.Left():
		row.At = m.LeftAt
	default:
		row.At = c.LastAt
	}
	if m.Reacted != 0 {
		if row.Reacted, err = t.reactionMark(of, m.Reacted); err != nil {
			return row, err
		}
	}
	if !m.Left() && c.mentioned > m.ReadSeq {
		if row.Mentions, err = t.mentions(c.ID, of, m.ReadSeq, maxRowMentions); err != nil {
			return row, err
		}
	}
	switch c.Kind {
	case chat.KindGroup:
		g, err := t.GroupHead(c.Group)
		if err != nil {
			return row, err
		}
		row.Name, row.Avatar, row.IsPost = g.Name, g.Avatar, g.IsPost
	case chat.KindSelf:
		row.Name = string(chat.FileTransfer)
	default:
		peer, err := t.Account(c.Peer(of))
		if err != nil {
			return row, err
		}
		row.Name, row.Avatar = peer.Name, peer.Avatar
	}
	return row, nil
}

// postedAt returns the message at a place of the log, or the one before it if that one
// was lost; nil if there is none.
func (t *tx) postedAt(c *conversation, seq int64, reader chat.AccountID) (*chat.Posted, error) {
	if seq == 0 {
		return nil, nil
	}
	m, err := first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq <= ? AND expired = 0 ORDER BY seq DESC LIMIT 1",
		int64(c.ID), seq)
	if err != nil {
		return nil, ifThere(err)
	}
	p := &chat.Posted{Message: m}
	return p, t.complete(p, reader)
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
