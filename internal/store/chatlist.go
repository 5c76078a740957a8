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
	at           int64
}

func (t *tx) ChatList(of chat.AccountID, offset, limit int) ([]chat.ChatRow, error) {
	entries, err := t.entries(of, offset+limit)
	if err != nil {
		return nil, err
	}
	var rows []chat.ChatRow
	for _, e := range entries[min(offset, len(entries)):] {
		row, err := t.chatRow(of, e)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// entries returns the first n places of the list. The inboxes are few, so that
// the database sorts only the chats.
//
// A chat that somebody has left stays where it was when they left: what goes on
// there is not theirs to see.
func (t *tx) entries(of chat.AccountID, n int) ([]entry, error) {
	entries, err := list(t, func(scan scanFunc) (e entry, err error) {
		err = scan(&e.conversation, &e.onTop, &e.at)
		return e, err
	}, `SELECT c.id, m.top_at > 0 AS on_top, CASE WHEN m.left_at > 0 THEN m.left_at ELSE c.last_at END AS at
		FROM member m JOIN conversation c ON c.id = m.conversation WHERE m.account = ? AND m.listed = 1
		ORDER BY on_top DESC, at DESC, c.id DESC`+limited, string(of), n)
	if err != nil {
		return nil, err
	}
	inboxes, err := t.Inboxes(of)
	if err != nil {
		return nil, err
	}
	for _, i := range inboxes {
		if i.Listed {
			entries = append(entries, entry{category: i.Category, onTop: !i.TopAt.IsZero(), at: millis(i.LastAt)})
		}
	}
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(flag(b.onTop), flag(a.onTop)), cmp.Compare(b.at, a.at))
	})
	return entries[:min(n, len(entries))], nil
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
	row := chat.ChatRow{Ref: reference(&c.Conversation, of), At: c.LastAt, Push: m.Push, Left: m.Left(), TopAt: m.TopAt}
	if row.Unread, err = t.int("SELECT "+unread+` FROM member m JOIN conversation c ON c.id = m.conversation
		WHERE m.account = ? AND m.conversation = ?`, string(of), int64(c.ID)); err != nil {
		return row, err
	}
	last := c.LastSeq
	if m.Left() {
		last, row.At = m.LeftSeq, m.LeftAt
	}
	if row.Last, err = t.postedAt(&c, last, of); err != nil {
		return row, err
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

// postedAt returns the message at a place of the log, nil for place 0.
func (t *tx) postedAt(c *conversation, seq int64, reader chat.AccountID) (*chat.Posted, error) {
	if seq == 0 {
		return nil, nil
	}
	m, err := first(t, readMessage, "SELECT "+messageColumns+" FROM message WHERE conversation = ? AND seq = ?",
		int64(c.ID), seq)
	if err != nil {
		return nil, err
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
		Unread: i.Unread(), Weak: i.WeakUnread(), Silent: i.Silent, Push: !i.Silent,
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
