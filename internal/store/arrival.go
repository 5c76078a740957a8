package store

import (
	"parley/internal/chat"
)

// A direct chat has two figures in the row of each participant, so that a page of a chat list and the chats with unread
// messages are read from an index, however many chats the account has:
//
//   - place: the id of a message of the chat, 0 if there is none. Sorted by place, a chat of the account is at most
//     maxShift positions away from where its last message puts it. So a page is found by reading that many more chats on both
//     sides, and most messages do not change a place.
//   - has_unread: 1 if counting messages of others follow the cursor, also if all of them were withdrawn.
//
// Groups have neither, because a message would change the rows of all members. An account has few groups, so all of
// them are read.
//
// The writer divides the messages of an account into epochs. An epoch begins with a message and ends when it has messages of
// maxShift+1 chats. The first message of a chat in an epoch sets its place, and the further ones do not. Consider the last
// message of a chat that did not set its place, in an epoch that began with message b:
//
//   - The chats that come before it by place alone have a place after b, so they have messages in this epoch.
//   - The chats that come before it by the last message alone: take the latest of all messages of chats that do this to one
//     chat x, and its epoch. Its chat's place is after the begin of the epoch and before the place of x. The last messages of
//     the others are after the last one of x, so they are in this epoch, too.
//
// In both cases they are at most maxShift. That holds for several nodes, each with its own epochs, because a node also counts the
// chats of the messages of other nodes. A writer that does not know the epoch of an account begins a new one.

// maxShift is how far a direct chat can be from its position. Tests make it smaller.
var maxShift = 63

// epoch is the present one of an account.
type epoch struct {
	begin chat.MessageID // its first message
	chats int            // that have messages in it; a chat that was forgotten counts again
}

// mark is what the writer knows about the row of a participant of a direct chat. A mark can be missing, but not wrong.
type mark struct {
	epoch  chat.MessageID // the begin of the latest epoch of the account in which the chat was counted
	placed bool           // the place is not before this begin
	unread bool           // has_unread is set
}

// arrival is what messages change in the row of a participant.
type arrival struct {
	place  chat.MessageID // 0: no change
	unread bool           // has_unread becomes 1
}

// and returns both changes as one, of which b is the later.
func (a arrival) and(b arrival) arrival {
	return arrival{max(a.place, b.place), a.unread || b.unread}
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
	known, _ := t.cache.marks.get(k)
	e := t.cache.count(k, known, m.ID)
	next := mark{e.begin, true, known.unread || m.System == chat.NotSystem && a != m.From}
	if next == known {
		return
	}
	t.cache.marks.put(k, next)
	change := arrival{unread: next.unread && !known.unread}
	if !known.placed || known.epoch != e.begin {
		change.place = m.ID
	}
	if t.arrivals == nil {
		t.arrivals = make(map[memberKey]arrival)
	}
	t.arrivals[k] = t.arrivals[k].and(change)
}

// count counts a chat with a new message in the epoch of a participant, and returns the epoch, which may be a new one.
func (c *cache) count(k memberKey, known mark, id chat.MessageID) epoch {
	e, ok := c.epochs.get(k.account)
	if ok && known.epoch == e.begin {
		return e
	}
	if !ok || e.chats > maxShift {
		e = epoch{begin: id}
	}
	e.chats++
	c.epochs.put(k.account, e)
	return e
}

// takePlace returns the place that another statement writes together with its own change of the row; 0: there is none.
func (t *tx) takePlace(k memberKey) chat.MessageID {
	a := t.arrivals[k]
	if a.unread {
		t.arrivals[k] = arrival{unread: true}
	} else {
		delete(t.arrivals, k)
	}
	return a.place
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
		if err := t.setArrival(k, a); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) setArrival(k memberKey, a arrival) (err error) {
	switch {
	case a.place == 0:
		_, err = t.exec("UPDATE member SET has_unread = 1 WHERE account = ? AND conversation = ?", string(k.account), int64(k.conversation))
	case a.unread:
		_, err = t.exec("UPDATE member SET place = ?, has_unread = 1 WHERE account = ? AND conversation = ?", int64(a.place), string(k.account), int64(k.conversation))
	default:
		_, err = t.exec("UPDATE member SET place = ? WHERE account = ? AND conversation = ?", int64(a.place), string(k.account), int64(k.conversation))
	}
	return err
}

// hasUnread reports whether counting messages of others follow the cursor of a participant, for the column has_unread.
func hasUnread(c *conversation, m *chat.Membership) bool {
	return c.Kind != chat.KindGroup && !m.Left() && c.Count-m.ReadCount > m.Own-m.OwnAtRead
}

// setUnread takes in the value of has_unread that is being written.
func (c *cache) setUnread(k memberKey, unread bool) {
	if known, _ := c.marks.get(k); known.unread != unread {
		known.unread = unread
		c.marks.put(k, known)
	}
}

// arriveElsewhere takes in that another node may have stored a message in a conversation, of which it does not say the participants.
func (c *cache) arriveElsewhere(id chat.ConversationID) {
	v, ok := c.conversations.get(id)
	switch {
	case !ok: // it may be a chat of any account
		c.epochs.clear()
	case v.Kind != chat.KindGroup:
		c.countElsewhere(id, v.A, v.B)
	}
}

// countElsewhere counts a direct chat in which another node has stored a message.
func (c *cache) countElsewhere(id chat.ConversationID, participants ...chat.AccountID) {
	for _, a := range participants {
		e, ok := c.epochs.get(a)
		k := memberKey{id, a}
		known, _ := c.marks.get(k)
		switch {
		case !ok || known.epoch == e.begin:
		case e.chats > maxShift:
			c.epochs.forget(a)
		default:
			e.chats++
			c.epochs.put(a, e)
			c.marks.put(k, mark{epoch: e.begin, unread: known.unread})
		}
	}
}
