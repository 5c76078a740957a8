package store

import (
	"encoding/binary"
	"errors"

	"parley/internal/chat"
)

// The column touched of the commit log tells the caches of other nodes what a commit has
// changed. Applied in the order of the commits, it keeps them exact. It is a version and
// then one record after the other, each a kind and its fields: numbers as varints, and texts
// with their length before them.
//
// A row that most messages change is described by its new values, so that nodes that send
// to the same conversations need not read it again. A node whose cache has no entry for the
// row adds none. For any other row, the key is enough: its entry is dropped.
const touchedVersion = 1

// The kinds of records. Those that concern several rows come first.
const (
	touchedMembers       byte = iota + 1 // of a conversation
	touchedMemberships                   // of an account
	touchedAllRelated                    // no fields
	touchedApplication                   // id
	touchedAccount                       // id
	touchedGroup                         // id
	touchedConversation                  // id
	touchedMember                        // conversation, account
	touchedRelated                       // two accounts
	touchedListed                        // conversation
	touchedLast                          // no fields
	newConversation                      // id, last_seq, counted, last_at, last_id, mentioned
	newMember                            // conversation, account, read_seq, sure_seq, read_count, own, own_at_read
	newLast                              // id of the last message
	touchedDirect                        // a direct chat with a new message: conversation, its accounts; with oneself the second one is empty
	touchedSubscriptions                 // no fields
)

// laterChanges adds what a later version may add. It is nil outside of tests; see later.go.
var laterChanges func(*touchedWriter)

// changes returns what was dropped and replaced since the last commit; nil: nothing.
func (c *cache) changes() []byte {
	w := touchedWriter{b: []byte{touchedVersion}}
	for _, id := range c.dropped.conversations {
		w.kind(touchedMembers).number(int64(id))
	}
	for _, a := range c.dropped.accounts {
		w.kind(touchedMemberships).text(string(a))
	}
	if c.dropped.related {
		w.kind(touchedAllRelated)
	}
	for id := range c.applications.changed {
		w.kind(touchedApplication).text(string(id))
	}
	for id := range c.accounts.changed {
		w.kind(touchedAccount).text(string(id))
	}
	for id := range c.groups.changed {
		w.kind(touchedGroup).text(string(id))
	}
	for p := range c.related.changed {
		w.kind(touchedRelated).text(string(p.a)).text(string(p.b))
	}
	for id := range c.listed.changed {
		w.kind(touchedListed).number(int64(id))
	}
	if len(c.subscriptions.changed) > 0 {
		w.kind(touchedSubscriptions)
	}
	c.conversationChanges(&w)
	c.memberChanges(&w)
	if len(c.last.changed) > 0 {
		if last, ok := c.last.get(struct{}{}); ok {
			w.kind(newLast).number(int64(last))
		} else { // by a function that failed, perhaps after another one
			w.kind(touchedLast)
		}
	}
	if len(w.b) == 1 {
		return nil
	}
	if laterChanges != nil {
		laterChanges(&w)
	}
	return w.b
}

func (c *cache) conversationChanges(w *touchedWriter) {
	for id, how := range c.conversations.changed {
		v, ok := c.conversations.get(id)
		if !ok || how == rowDropped {
			w.kind(touchedConversation).number(int64(id))
			continue
		}
		w.kind(newConversation).number(int64(id))
		w.number(v.LastSeq).number(v.Count).number(millis(v.LastAt)).number(int64(v.LastID)).number(v.mentioned)
		if v.Kind != chat.KindGroup {
			w.kind(touchedDirect).number(int64(id)).text(string(v.A)).text(string(v.B))
		}
	}
}

func (c *cache) memberChanges(w *touchedWriter) {
	for k, how := range c.members.changed {
		m, ok := c.members.get(k)
		if !ok || how == rowDropped {
			w.kind(touchedMember).number(int64(k.conversation)).text(string(k.account))
			continue
		}
		w.kind(newMember).number(int64(k.conversation)).text(string(k.account))
		w.number(m.ReadSeq).number(m.SureSeq).number(m.ReadCount).number(m.Own).number(m.OwnAtRead)
	}
}

// errTouched is returned for changes that this version does not know.
var errTouched = errors.New("store: the changes of another node cannot be read")

// repair applies the changes of another node. After an error, the cache must be cleared.
func (c *cache) repair(changes []byte) error {
	if len(changes) == 0 {
		return nil
	}
	r := touchedReader{b: changes}
	if r.kind() != touchedVersion {
		return errTouched
	}
	for len(r.b) > 0 && !r.failed {
		c.apply(&r)
	}
	if r.failed {
		return errTouched
	}
	return nil
}

// apply applies one record.
func (c *cache) apply(r *touchedReader) {
	switch r.kind() {
	case touchedMembers:
		c.forgetMembers(chat.ConversationID(r.number()))
	case touchedMemberships:
		c.forgetMemberships(chat.AccountID(r.text()))
	case touchedAllRelated:
		c.related.clear()
	case touchedApplication:
		c.applications.forget(chat.AppID(r.text()))
	case touchedAccount:
		c.accounts.forget(chat.AccountID(r.text()))
	case touchedGroup:
		id := chat.GroupID(r.text())
		c.groups.forget(id)
		c.heads.forget(id)
	case touchedConversation:
		id := chat.ConversationID(r.number())
		c.arriveElsewhere(id)
		c.conversations.forget(id)
	case touchedMember:
		k := r.member()
		c.members.forget(k)
		c.setUnread(k, false)
	case touchedRelated:
		c.related.forget(pair{chat.AccountID(r.text()), chat.AccountID(r.text())})
	case touchedListed:
		c.listed.forget(chat.ConversationID(r.number()))
	case touchedLast:
		c.last.forget(struct{}{})
	case touchedSubscriptions:
		c.subscriptions.forget(struct{}{})
	case newConversation:
		id := chat.ConversationID(r.number())
		seq, count, at, last, mentioned := r.number(), r.number(), moment(r.number()), chat.MessageID(r.number()), r.number()
		c.conversations.repair(id, func(v *conversation) {
			v.LastSeq, v.Count, v.LastAt, v.LastID, v.mentioned = seq, count, at, last, mentioned
		})
	case newMember:
		k := r.member()
		c.setUnread(k, false)
		read, sure, count, own, ownAt := r.number(), r.number(), r.number(), r.number(), r.number()
		c.members.repair(k, func(m *chat.Membership) {
			m.ReadSeq, m.SureSeq, m.ReadCount, m.Own, m.OwnAtRead = read, sure, count, own, ownAt
		})
	case newLast:
		last := chat.MessageID(r.number())
		c.last.repair(struct{}{}, func(v *chat.MessageID) { *v = last })
	case touchedDirect:
		c.countElsewhere(chat.ConversationID(r.number()), chat.AccountID(r.text()), chat.AccountID(r.text()))
	default:
		r.failed = true
	}
}

// touchedWriter adds to an encoding.
type touchedWriter struct{ b []byte }

func (w *touchedWriter) kind(k byte) *touchedWriter {
	w.b = append(w.b, k)
	return w
}

func (w *touchedWriter) number(n int64) *touchedWriter {
	w.b = binary.AppendVarint(w.b, n)
	return w
}

func (w *touchedWriter) text(s string) *touchedWriter {
	w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
	return w
}

// touchedReader reads from the front of an encoding. After a failure, every result is zero.
type touchedReader struct {
	b      []byte
	failed bool
}

func (r *touchedReader) kind() byte {
	if r.failed || len(r.b) == 0 {
		r.failed = true
		return 0
	}
	k := r.b[0]
	r.b = r.b[1:]
	return k
}

func (r *touchedReader) number() int64 {
	v, n := binary.Varint(r.b)
	if r.failed || n <= 0 {
		r.failed = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *touchedReader) text() string {
	size, n := binary.Uvarint(r.b)
	if r.failed || n <= 0 || size > uint64(len(r.b)-n) {
		r.failed = true
		return ""
	}
	s := string(r.b[n : n+int(size)])
	r.b = r.b[n+int(size):]
	return s
}

func (r *touchedReader) member() memberKey {
	return memberKey{chat.ConversationID(r.number()), chat.AccountID(r.text())}
}
