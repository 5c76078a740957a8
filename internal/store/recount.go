package store

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"parley/internal/chat"
)

// log is computed from the messages of a conversation alone, without stored counts.
type log struct {
	counting  []int64                     // the number of counting messages up to each place
	visible   []int64                     // of these, those not withdrawn
	own       map[chat.AccountID][]int64  // the places of somebody's counting messages
	ownSeen   map[chat.AccountID][]int64  // of these, those not withdrawn
	messages  map[chat.MessageID]logEntry // those that a mention may name
	last      logEntry
	withdrawn int64
}

type logEntry struct {
	id        chat.MessageID
	seq       int64
	at        int64
	sender    chat.AccountID
	withdrawn bool
}

// upTo returns the number of the sorted places that are not after seq.
func upTo(places []int64, seq int64) int64 {
	return int64(sort.Search(len(places), func(i int) bool { return places[i] > seq }))
}

// after returns the number of counted messages after a place.
func after(counted []int64, seq int64) int64 {
	n := int64(len(counted) - 1)
	return counted[n] - counted[max(0, min(seq, n))]
}

func (v *verifier) conversations() error {
	var conversations []conversation
	if err := v.tx.undamaged("SELECT "+conversationColumns+" FROM conversation WHERE id > ?", "id", func(scan scanFunc) (int64, error) {
		c, err := readConversation(scan)
		conversations = append(conversations, c)
		return int64(c.ID), err
	}, func(err error) error {
		v.uncounted = true
		return v.readable("of conversation", err)
	}); err != nil {
		return err
	}
	for i := range conversations {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		c := &conversations[i]
		before := v.report.Messages
		err := v.conversation(c)
		if err == nil {
			continue
		}
		v.uncounted = true
		if err := v.readable(fmt.Sprint("of conversation ", c.ID), err); err != nil {
			return err
		}
		v.report.Messages = before
		if err := v.countMessages(c); err != nil {
			return err
		}
	}
	return nil
}

// countMessages counts the messages of a damaged conversation that can be read.
func (v *verifier) countMessages(c *conversation) error {
	return v.tx.undamaged("SELECT seq, text FROM message WHERE conversation = ? AND seq > ?", "seq", func(scan scanFunc) (seq int64, err error) {
		var text string
		v.report.Messages++
		err = scan(&seq, &text)
		return seq, err
	}, func(error) error { return nil }, int64(c.ID))
}

func (v *verifier) conversation(c *conversation) error {
	v.report.Conversations++
	row := fmt.Sprint(c.ID)
	mentions, err := v.mentionsOf(c)
	if err != nil {
		return err
	}
	l, err := v.read(c, mentions)
	if err != nil {
		return err
	}
	if end := int64(len(l.counting)); c.LastSeq >= end && c.LastSeq-end < maxMissing && c.LastID != l.last.id {
		v.missing(c, l, c.LastSeq+1, c.Count)
	} else {
		equal(v, "conversation", row, "last_seq", c.LastSeq, l.last.seq)
		equal(v, "conversation", row, "last_id", c.LastID, l.last.id)
		if l.last.at != 0 || c.removed.seq == 0 {
			equal(v, "conversation", row, "last_at", millis(c.LastAt), l.last.at)
		}
	}
	equal(v, "conversation", row, "counted", c.Count, l.counting[len(l.counting)-1])
	equal(v, "conversation", row, "withdrawn", c.Withdrawn, l.withdrawn)

	marks := v.mentions(c, l, mentions)
	members, err := v.members(c, l)
	if err != nil {
		return err
	}
	v.shape(c, members)
	if len(mentions) == 0 {
		return nil
	}
	return v.marks(c, marks, members)
}

// read reads the messages of a conversation in order and checks each.
func (v *verifier) read(c *conversation, mentions []mention) (*log, error) {
	l := &log{
		counting: slices.Repeat([]int64{c.removed.count}, int(c.removed.seq)+1), visible: slices.Repeat([]int64{c.removed.count}, int(c.removed.seq)+1),
		last: logEntry{id: c.removed.id, seq: c.removed.seq},
		own:  make(map[chat.AccountID][]int64), ownSeen: make(map[chat.AccountID][]int64),
		messages: make(map[chat.MessageID]logEntry),
	}
	for _, m := range mentions {
		l.messages[m.message] = logEntry{}
	}
	return l, v.tx.query(func(scan scanFunc) error {
		var e logEntry
		var counted, system, referred int64
		var empty bool
		if err := scan(&e.id, &e.seq, &e.at, &e.sender, &counted, &system, &e.withdrawn, &empty, &referred); err != nil {
			return err
		}
		v.report.Messages++
		place := int64(len(l.counting))
		if e.seq > place && e.seq <= c.LastSeq && e.seq-place <= maxMissing {
			before := counted
			if system == 0 {
				before--
			}
			v.missing(c, l, e.seq, before)
			place = e.seq
		}
		row := fmt.Sprintf("%d in conversation %d", e.id, c.ID)
		equal(v, "message", row, "seq", e.seq, place)
		if place > 1 && e.id <= l.last.id {
			v.differ("message", row, "id", e.id, fmt.Sprint("above ", l.last.id))
		}
		if place > 1 && e.at <= l.last.at {
			v.differ("message", row, "at", e.at, fmt.Sprint("above ", l.last.at))
		}
		if e.withdrawn && !empty {
			v.find("message", row, "it was withdrawn, but what it said is still there")
		}
		equal(v, "message", row, "conversation of the quoted message", referred, int64(c.ID))
		l.add(e, system == 0)
		equal(v, "message", row, "counted", counted, l.counting[place])
		return nil
	}, `SELECT w.id, w.seq, w.at, w.sender, w.counted, w.system, w.withdrawn_at IS NOT NULL,
			w.text = '' AND w.file IS NULL AND w.card IS NULL AND w.location IS NULL,
			COALESCE((SELECT q.conversation FROM message q WHERE q.id = w.refer), w.conversation)
		FROM message w WHERE w.conversation = ? ORDER BY w.seq, w.id`, int64(c.ID))
}

// maxMissing is the number of messages that can be missing at one place. With more, the
// seq itself is taken to be wrong.
const maxMissing = 1_000_000

// missing reports that the messages from the end of the log up to seq are missing, and
// continues as if they were there. Otherwise every later message would be reported, too.
// counted is the number of counting messages that there should be before seq.
func (v *verifier) missing(c *conversation, l *log, seq, counted int64) {
	from := int64(len(l.counting))
	where := fmt.Sprintf("%d, seq %d", c.ID, from)
	if seq-1 > from {
		where += fmt.Sprint(" to ", seq-1)
	}
	v.find("conversation", where, "messages are missing")
	for place := from; place < seq; place++ {
		counting, visible := l.counting[place-1], l.visible[place-1]
		if counting < counted {
			counting++
			visible++
		}
		l.counting, l.visible = append(l.counting, counting), append(l.visible, visible)
	}
	l.last.seq = seq - 1
}

func (l *log) add(e logEntry, counts bool) {
	place := int64(len(l.counting))
	l.last = e
	if _, ok := l.messages[e.id]; ok {
		l.messages[e.id] = e
	}
	if e.withdrawn {
		l.withdrawn = e.seq
	}
	counting, visible := l.counting[place-1], l.visible[place-1]
	if counts {
		counting++
		l.own[e.sender] = append(l.own[e.sender], e.seq)
		if !e.withdrawn {
			visible++
			l.ownSeen[e.sender] = append(l.ownSeen[e.sender], e.seq)
		}
	}
	l.counting, l.visible = append(l.counting, counting), append(l.visible, visible)
}

// members recounts the cursors and the unread messages of a conversation.
func (v *verifier) members(c *conversation, l *log) (map[chat.AccountID]chat.Membership, error) {
	members := make(map[chat.AccountID]chat.Membership)
	marked := make(map[chat.AccountID]bool) // has_unread
	err := v.tx.query(func(scan scanFunc) error {
		var has bool
		m, err := readMembership(func(dest ...any) error { return scan(append(dest, &has)...) })
		members[m.Account], marked[m.Account] = m, has
		return err
	}, "SELECT "+memberColumns+", has_unread FROM member WHERE conversation = ?", int64(c.ID))
	if err != nil {
		return nil, err
	}
	v.report.Members += len(members)
	for _, a := range slices.Sorted(maps.Keys(members)) { // the same report each time
		m := members[a]
		row := fmt.Sprintf("conversation %d, account %s", c.ID, a)
		end := int64(len(l.counting) - 1)
		for what, seq := range map[string]int64{"read_seq": m.ReadSeq, "sure_seq": m.SureSeq, "join_seq": m.JoinSeq, "left_seq": m.LeftSeq} {
			if seq < 0 || seq > end {
				v.differ("member", row, what, seq, fmt.Sprint("0 to ", end))
			}
		}
		if m.ReadSeq >= c.removed.seq && m.ReadSeq <= end {
			equal(v, "member", row, "read_count", m.ReadCount, l.counting[m.ReadSeq])
		}
		if m.ReadSeq < c.removed.seq && !m.Left() {
			v.differ("member", row, "read_seq", m.ReadSeq, fmt.Sprint("at least that of the last message that was removed, ", c.removed.seq))
		}
		if m.SureSeq > m.ReadSeq {
			v.differ("member", row, "sure_seq", m.SureSeq, fmt.Sprint("at most read_seq, ", m.ReadSeq))
		}
		if m.JoinSeq > m.SureSeq && !m.Left() {
			v.differ("member", row, "join_seq", m.JoinSeq, fmt.Sprint("at most sure_seq, ", m.SureSeq))
		}
		v.standing(c, row, m)
		equal(v, "member", row, "own", m.Own, int64(len(l.own[a])))
		equal(v, "member", row, "own_at_read", m.OwnAtRead, upTo(l.own[a], m.ReadSeq))
		equal(v, "member", row, "has_unread", marked[a], hasUnread(c, &m))
		if m.Left() {
			equal(v, "member", row, "read_seq", m.ReadSeq, m.LeftSeq)
			equal(v, "member", row, "role", m.Role, chat.RoleMember)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(l.own)) {
		if _, ok := members[a]; !ok {
			v.find("member", fmt.Sprintf("conversation %d, account %s", c.ID, a), "the row is missing, but there are messages of this account")
		}
	}
	return members, v.unreads(c, l, members)
}

// standing checks the role of a participant, and how the membership ended.
func (v *verifier) standing(c *conversation, row string, m chat.Membership) {
	if m.Role != chat.RoleMember && (m.Role != chat.RoleAdmin || c.Kind != chat.KindGroup) {
		v.differ("member", row, "role", m.Role, "0, or 1 in a group")
	}
	if m.Marked && m.Left() {
		v.differ("member", row, "marked_unread", 1, "0 after the end")
	}
	if c.Kind != chat.KindGroup && m.Left() {
		v.differ("member", row, "left_at", millis(m.LeftAt), 0)
	}
	if m.Departure < 0 || m.Departure > chat.DepartureDissolved || m.Departure != 0 && !m.Left() {
		v.differ("member", row, "departure", m.Departure, "0, or 1 to 3 after the end")
	}
}

// unreads compares the store's unread counts of a conversation.
func (v *verifier) unreads(c *conversation, l *log, members map[chat.AccountID]chat.Membership) error {
	return v.tx.query(func(scan scanFunc) error {
		var a chat.AccountID
		var got, want int64
		if err := scan(&a, &got); err != nil {
			return err
		}
		if m := members[a]; !m.Left() {
			own := l.ownSeen[a]
			want = after(l.visible, m.ReadSeq) - (int64(len(own)) - upTo(own, m.ReadSeq))
		}
		equal(v, "member", fmt.Sprintf("conversation %d, account %s", c.ID, a), "unread", got, want)
		if want > 0 {
			sum := v.totals[a]
			sum.chats++
			sum.unread += want
			if m := members[a]; !m.Push {
				sum.muted += want
			}
			v.totals[a] = sum
		}
		return nil
	}, "SELECT m.account, "+unread+" FROM member m JOIN conversation c ON c.id = m.conversation WHERE m.conversation = ?", int64(c.ID))
}

// shape checks the participants of a direct chat, or of a chat with oneself.
func (v *verifier) shape(c *conversation, members map[chat.AccountID]chat.Membership) {
	row := fmt.Sprint(c.ID)
	takesPart := func(a chat.AccountID) {
		if _, ok := members[a]; !ok {
			v.find("conversation", row+", account "+string(a), "this participant has no row of member")
		}
	}
	switch c.Kind {
	case chat.KindGroup:
		equal(v, "conversation", row, "accounts", string(c.A+c.B), "")
		if c.Group == "" {
			v.find("conversation", row, "it is that of a group, and names none")
		}
	case chat.KindDirect:
		if c.A >= c.B {
			v.find("conversation", row, "its accounts a and b are in the wrong order")
		}
		equal(v, "conversation", row, "participants", len(members), 2)
		takesPart(c.A)
		takesPart(c.B)
	case chat.KindSelf:
		equal(v, "conversation", row, "participants", len(members), 1)
		takesPart(c.A)
	default:
		v.differ("conversation", row, "kind", c.Kind, "1, 2 or 3")
	}
}

// mention is a row of that table.
type mention struct {
	account chat.AccountID // empty: everyone
	seq     int64
	message chat.MessageID
}

func (v *verifier) mentionsOf(c *conversation) ([]mention, error) {
	return list(v.tx, func(scan scanFunc) (m mention, err error) {
		err = scan(text[chat.AccountID]{&m.account}, &m.seq, &m.message)
		return m, err
	}, "SELECT account, seq, message FROM mention WHERE conversation = ? ORDER BY seq", int64(c.ID))
}

// mentions checks the marks of a conversation, and returns the messages that
// mark each account, oldest first.
func (v *verifier) mentions(c *conversation, l *log, mentions []mention) map[chat.AccountID][]logEntry {
	marks := make(map[chat.AccountID][]logEntry)
	for _, m := range mentions {
		v.report.Mentions++
		row := fmt.Sprintf("conversation %d, account %q, message %d", c.ID, m.account, m.message)
		e := l.messages[m.message]
		equal(v, "mention", row, "seq", m.seq, e.seq)
		if e.withdrawn {
			v.find("mention", row, "its message was withdrawn")
		}
		if m.seq > c.mentioned {
			v.differ("conversation", fmt.Sprint(c.ID), "mentioned", c.mentioned, fmt.Sprint("at least ", m.seq))
		}
		marks[m.account] = append(marks[m.account], e)
	}
	return marks
}

// marks compares the latest mention that the store shows to each participant.
func (v *verifier) marks(c *conversation, marks map[chat.AccountID][]logEntry, members map[chat.AccountID]chat.Membership) error {
	for _, a := range slices.Sorted(maps.Keys(marks)) {
		if _, ok := members[a]; !ok && a != "" {
			v.differ("mention", fmt.Sprintf("conversation %d", c.ID), "account", a, "a participant")
		}
	}
	for _, a := range slices.Sorted(maps.Keys(members)) {
		m := members[a]
		var want chat.MessageID
		for _, list := range [...][]logEntry{marks[a], marks[""]} {
			for _, e := range list {
				if e.seq > m.ReadSeq && e.sender != a && !e.withdrawn {
					want = max(want, e.id)
				}
			}
		}
		u, err := v.tx.ChatUnread(c.ID, a)
		if err != nil {
			return err
		}
		var got chat.MessageID
		if u.Mention != nil {
			got = u.Mention.Message
		}
		equal(v, "member", fmt.Sprintf("conversation %d, account %s", c.ID, a), "latest mention", got, want)
	}
	return nil
}
