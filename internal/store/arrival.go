package store

import (
	"parley/internal/chat"
)

// A direct chat has two figures in the row of each participant, so that a page of a chat list and the chats with unread
// messages are read from an index, however many chats the account has:
//
//   - place: the order of these numbers is the order of the last messages of the account's direct chats. It is the id of
//     the message with which the chat came before all others, and 0 if there was no message yet. While the chat stays
//     before all others, its messages do not change the number.
//   - has_unread: 1 if counting messages of others follow the cursor, also if all of them were withdrawn.
//
// Groups have neither, because a message would change the rows of all members. An account has few groups, so all of
// them are read.
//
// On PostgreSQL, triggers update both for a node of the version before; see the migration member_list.

// arrival is a message that changes the row of a participant.
type arrival struct {
	place  chat.MessageID
	unread bool
}

// arrive notes what a message in a direct chat changes in the rows of the participants. The
// rows are written at the end of the function, because a participant who looks at the chat reads the message
// in the same function.
func (t *tx) arrive(c *conversation, m *chat.Message) {
	if c.Kind == chat.KindGroup {
		return
	}
	t.arriveFor(c.A, m)
	if c.B != "" {
		t.arriveFor(c.B, m)
	}
}

func (t *tx) arriveFor(a chat.AccountID, m *chat.Message) {
	k := memberKey{m.Conversation, a}
	unread := m.System == chat.NotSystem && a != m.From
	first, known := t.cache.first.get(a)
	if known && first == m.Conversation && (!unread || t.cache.unread.has(k)) {
		return
	}
	t.cache.first.put(a, m.Conversation)
	if unread {
		t.cache.unread.put(k, true)
	}
	if t.arrivals == nil {
		t.arrivals = make(map[memberKey]arrival)
	}
	t.arrivals[k] = arrival{m.ID, unread || t.arrivals[k].unread}
}

// takeArrival returns what another statement writes together with its own change of the row. Its place is 0 if there is nothing.
func (t *tx) takeArrival(k memberKey) arrival {
	a := t.arrivals[k]
	delete(t.arrivals, k)
	return a
}

// settle writes the arrivals. A statement that reads or writes the columns in the rows of several chats needs it before.
func (t *tx) settle() error {
	arrivals := t.arrivals
	t.arrivals = nil
	for k, a := range arrivals {
		if t.pending != nil {
			t.pending.arrive(k, a)
			continue
		}
		query := "UPDATE member SET place = ? WHERE account = ? AND conversation = ?"
		if a.unread {
			query = "UPDATE member SET place = ?, has_unread = 1 WHERE account = ? AND conversation = ?"
		}
		if _, err := t.exec(query, int64(a.place), string(k.account), int64(k.conversation)); err != nil {
			return err
		}
	}
	return nil
}

// hasUnread reports whether counting messages of others follow the cursor of a participant, for the column has_unread.
func hasUnread(c *conversation, m *chat.Membership) bool {
	return c.Kind != chat.KindGroup && !m.Left() && c.Count-m.ReadCount > m.Own-m.OwnAtRead
}
