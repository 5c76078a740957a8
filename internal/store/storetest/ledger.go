package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/chat"
)

// testLedger compares a store with a naive model under random sends, reads,
// withdrawals, mentions, comings, goings and hidings: a list of messages and,
// for each account, the messages that it has read.
func testLedger(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.people()
	runs := 0
	rapid.Check(t, func(r *rapid.T) {
		// Every run has accounts and chats of its own in the one store.
		runs++
		l := newLedger(w, runs)
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			l.step(r)
			l.check(w.store.View)
		}
		l.check(w.store.Update)
		l.checkMemory()
		if t.Failed() {
			r.Fatalf("the store and the model differ")
		}
	})
	if err := w.store.Verify(t.Context()); err != nil {
		t.Errorf("verify: %v", err)
	}
}

// modelMessage is a message as the model knows it.
type modelMessage struct {
	chat.Message
	mentions  []chat.AccountID
	reactions []chat.GivenReaction
}

// modelChat is a conversation as the model knows it.
type modelChat struct {
	id       chat.ConversationID
	isGroup  bool
	messages []*modelMessage
	readers  map[chat.AccountID]map[chat.MessageID]bool // who has read what
	in       map[chat.AccountID]bool
	muted    map[chat.AccountID]bool
	listed   map[chat.AccountID]bool
	reacted  map[chat.AccountID]*modelMessage // own messages with the mark of a reaction
	marked   map[chat.AccountID]bool
	joined   map[chat.AccountID]int64 // the last place before they joined
}

type ledger struct {
	w        *world
	accounts []chat.AccountID
	chats    []*modelChat
	group    chat.GroupID
	waiting  int // the latest waitingid
}

func newLedger(w *world, run int) *ledger {
	l := &ledger{w: w, group: chat.GroupID(fmt.Sprint("g", run))}
	for _, name := range []string{"ann", "bob", "cid"} {
		l.accounts = append(l.accounts, chat.AccountID(fmt.Sprint(name, run)))
	}
	w.do(func(tx chat.Tx) error {
		for _, id := range l.accounts {
			if err := tx.CreateAccount(person(id, w.clock)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, pair := range [...][2]int{{0, 1}, {0, 2}, {1, 2}} {
		a, b := l.accounts[pair[0]], l.accounts[pair[1]]
		l.chats = append(l.chats, newModelChat(w.direct(a, b).ID, false, a, b))
	}
	group := w.group(l.group, l.accounts...)
	l.chats = append(l.chats, newModelChat(group.Conversation, true, l.accounts...))
	return l
}

func newModelChat(id chat.ConversationID, isGroup bool, in ...chat.AccountID) *modelChat {
	c := &modelChat{
		id: id, isGroup: isGroup, readers: make(map[chat.AccountID]map[chat.MessageID]bool),
		in: make(map[chat.AccountID]bool), muted: make(map[chat.AccountID]bool), listed: make(map[chat.AccountID]bool),
		reacted: make(map[chat.AccountID]*modelMessage),
		marked:  make(map[chat.AccountID]bool), joined: make(map[chat.AccountID]int64),
	}
	for _, a := range in {
		c.in[a], c.readers[a] = true, make(map[chat.MessageID]bool)
	}
	return c
}

func (c *modelChat) readAll(a chat.AccountID) {
	for _, m := range c.messages {
		c.readers[a][m.ID] = true
	}
}

// unread counts one by one.
func (c *modelChat) unread(a chat.AccountID) (n int64) {
	for _, m := range c.messages {
		if c.in[a] && !c.readers[a][m.ID] && m.From != a && m.System == chat.NotSystem && !m.Withdrawn() {
			n++
		}
	}
	return n
}

// last returns the last message, an empty one if there is none.
func (c *modelChat) last() *modelMessage {
	if len(c.messages) == 0 {
		return new(modelMessage)
	}
	return c.messages[len(c.messages)-1]
}

// mark returns the reaction that the account's row of the chat shows, an empty one if there is none.
func (c *modelChat) mark(a chat.AccountID) (latest chat.GivenReaction) {
	if m := c.reacted[a]; m != nil {
		for _, r := range m.reactions {
			if r.Account != a {
				latest = r
			}
		}
	}
	return latest
}

func (c *modelChat) mention(a chat.AccountID) (latest chat.MessageID) {
	for _, m := range c.messages {
		if !c.readers[a][m.ID] && m.From != a && !m.Withdrawn() && (slices.Contains(m.mentions, a) || slices.Contains(m.mentions, chat.Everyone)) {
			latest = m.ID
		}
	}
	return latest
}

var errRefused = errors.New("refused by the test")

// step does one thing to the store and to the model. One in eight is refused
// at its end, and must have left no trace.
func (l *ledger) step(r *rapid.T) {
	c := rapid.SampledFrom(l.chats).Draw(r, "chat")
	a := rapid.SampledFrom(l.accounts).Draw(r, "account")
	refused := rapid.IntRange(0, 7).Draw(r, "refused") == 0
	w := l.w
	at := w.tick()
	var then func() // what the model learns
	do := func(fn func(chat.Tx) error) {
		err := w.store.Update(context.Background(), func(tx chat.Tx) error {
			if err := fn(tx); err != nil || !refused {
				return err
			}
			return errRefused
		})
		switch {
		case refused && err == errRefused:
		case refused || err != nil:
			w.Errorf("update: %v", err)
		case then != nil:
			then()
		}
	}

	switch action := rapid.SampledFrom([]string{
		"send", "send", "send", "system", "read", "read up to", "present", "all read", "withdraw", "mention", "edit", "react", "no reaction", "leave", "join", "mute", "hide", "mark unread", "end mark",
	}).Draw(r, "action"); action {
	case "send", "system":
		if !c.in[a] {
			return
		}
		m := &modelMessage{Message: chat.Message{Conversation: c.id, From: a, At: at}}
		if action == "system" {
			m.System = chat.SystemOther
		} else {
			l.waiting++
			m.WaitingID = fmt.Sprint(l.waiting)
		}
		then = func() {
			c.messages = append(c.messages, m)
			for a := range c.in {
				c.listed[a] = true
			}
		}
		do(func(tx chat.Tx) error {
			if err := tx.AppendMessage(&m.Message); err != nil {
				return err
			}
			_, err := tx.List(c.id)
			return err
		})
	case "read":
		then = func() {
			if c.in[a] {
				c.readAll(a)
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.MarkRead(c.id, a); return err })
	case "read up to":
		if len(c.messages) == 0 {
			return
		}
		last := rapid.SampledFrom(c.messages).Draw(r, "message")
		then = func() {
			for _, m := range c.messages {
				if c.in[a] && m.Seq <= last.Seq {
					c.readers[a][m.ID] = true
				}
			}
		}
		do(func(tx chat.Tx) error { return tx.MarkReadUpTo(c.id, a, last.Seq) })
	case "present":
		then = func() {
			for a := range c.in {
				if !c.marked[a] {
					c.readAll(a)
				}
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.ReadByPresence(c.id, viewings(true, l.accounts...)); return err })
	case "all read":
		then = func() {
			for _, c := range l.chats {
				if c.in[a] {
					c.readAll(a)
					c.marked[a] = false
				}
				delete(c.reacted, a)
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead(a); return err })
	case "mark unread":
		if len(c.messages) == 0 {
			return
		}
		first := rapid.SampledFrom(c.messages).Draw(r, "message")
		then = func() {
			if !c.in[a] {
				return
			}
			c.marked[a] = true
			for _, m := range c.messages {
				if m.Seq >= first.Seq && m.Seq > c.joined[a] {
					delete(c.readers[a], m.ID)
				}
			}
		}
		do(func(tx chat.Tx) error { return tx.MarkUnread(c.id, a, first.Seq) })
	case "end mark":
		then = func() { c.marked[a] = false }
		do(func(tx chat.Tx) error { return tx.EndMark(c.id, a) })
	case "withdraw", "mention", "edit", "react", "no reaction":
		if len(c.messages) == 0 {
			return
		}
		m := rapid.SampledFrom(c.messages).Draw(r, "message")
		if m.System != chat.NotSystem || m.Withdrawn() {
			return
		}
		switch action {
		case "withdraw":
			then = func() { m.WithdrawnAt, m.Text, m.EditedAt, m.reactions = at, "", time.Time{}, nil }
			do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, m.From, at) })
			return
		case "edit":
			text := fmt.Sprint("edited ", at)
			then = func() { m.Text, m.EditedAt = text, at }
			do(func(tx chat.Tx) error { return tx.EditMessage(m.ID, text, at) })
			return
		case "react", "no reaction":
			l.react(c, m, chat.GivenReaction{Message: m.ID, Emoji: rapid.SampledFrom([]string{"👍", "🎉"}).Draw(r, "emoji"), Account: a, At: at}, action == "react", &then, do)
			return
		}
		who := rapid.SampledFrom(append(l.accounts, chat.Everyone)).Draw(r, "who")
		if _, ever := c.readers[who]; !ever && who != chat.Everyone {
			return
		}
		then = func() { m.mentions = append(m.mentions, who) }
		do(func(tx chat.Tx) error { return tx.AddMentions(c.id, m.ID, m.Seq, []chat.AccountID{who}) })
	case "leave":
		if !c.isGroup || !c.in[a] {
			return
		}
		then = func() { delete(c.in, a); delete(c.reacted, a); c.readAll(a); c.marked[a] = false }
		do(func(tx chat.Tx) error { return tx.RemoveMember(c.id, a, at, chat.DepartureLeft) })
	case "join":
		if !c.isGroup || c.in[a] {
			return
		}
		then = func() {
			c.in[a], c.listed[a], c.muted[a], c.joined[a] = true, false, false, int64(len(c.messages))
			c.readAll(a)
		}
		do(func(tx chat.Tx) error { return tx.AddMembers(c.id, []chat.AccountID{a}, chat.RoleMember, at) })
	case "mute":
		if _, ever := c.readers[a]; !ever {
			return
		}
		muted := !c.muted[a]
		then = func() { c.muted[a] = muted }
		do(func(tx chat.Tx) error { return tx.SetPush(c.id, a, !muted) })
	case "hide":
		then = func() {
			if c.in[a] {
				c.readAll(a)
			}
			c.listed[a] = false
		}
		do(func(tx chat.Tx) error {
			if _, err := tx.MarkRead(c.id, a); err != nil {
				return err
			}
			return tx.Unlist(c.id, a)
		})
	}
}

// react puts a reaction on a message, with a mark for the author, or removes it.
func (l *ledger) react(c *modelChat, m *modelMessage, r chat.GivenReaction, on bool, then *func(), do func(func(chat.Tx) error)) {
	i := slices.IndexFunc(m.reactions, func(o chat.GivenReaction) bool { return o.Account == r.Account && o.Emoji == r.Emoji })
	if !on {
		*then = func() {
			if i >= 0 {
				m.reactions = slices.Delete(m.reactions, i, i+1)
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.RemoveReaction(m.ID, r.Emoji, r.Account); return err })
		return
	}
	marks := r.Account != m.From && c.in[m.From]
	*then = func() {
		if i < 0 {
			m.reactions = append(m.reactions, r)
		}
		if marks {
			c.reacted[m.From] = m
		}
	}
	do(func(tx chat.Tx) error {
		if _, err := tx.AddReaction(m.ID, r.Emoji, r.Account, r.At); err != nil || !marks {
			return err
		}
		return tx.SetReacted(c.id, m.From, m.ID)
	})
}

// check asks the store what the model says: with a reader's eyes after every
// step, and at the end with the writer's, whose memory must agree.
func (l *ledger) check(run func(context.Context, func(chat.Tx) error) error) {
	if err := run(context.Background(), l.compare); err != nil {
		l.w.Errorf("check: %v", err)
	}
}

// checkMemory compares what the writer remembers with what is stored.
func (l *ledger) checkMemory() {
	for _, c := range l.chats {
		get(l.w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(c.id) })
		for a := range c.readers {
			get(l.w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(c.id, a) })
		}
	}
	get(l.w, func(tx chat.Tx) (chat.Group, error) { return tx.Group(l.group) })
}

func (l *ledger) compare(tx chat.Tx) error {
	for _, a := range l.accounts {
		counts, err := tx.ChatUnreads(a)
		if err != nil {
			return err
		}
		rows, err := tx.ChatList(a, 0, 10)
		if err != nil {
			return err
		}
		var sum, want int64
		for _, u := range counts {
			sum += u.Count
		}
		listed := 0
		var order []chat.MessageID // the last messages of the chats that the account has not left
		for _, c := range l.chats {
			want += c.unread(a)
			if c.listed[a] {
				listed++
			}
			if _, ever := c.readers[a]; !ever {
				continue
			}
			u, err := tx.ChatUnread(c.id, a)
			if err != nil {
				return err
			}
			same(l.w, fmt.Sprintf("unread of %s in %d", a, c.id), u.Count, c.unread(a))
			same(l.w, fmt.Sprintf("push of %s in %d", a, c.id), u.Push, !c.muted[a])
			var mention chat.MessageID
			if u.Mention != nil {
				mention = u.Mention.Message
			}
			if c.in[a] {
				same(l.w, fmt.Sprintf("mention of %s in %d", a, c.id), mention, c.mention(a))
			}
			for _, row := range rows {
				if row.Ref == u.Ref {
					same(l.w, fmt.Sprintf("unread of %s in the list, %d", a, c.id), row.Unread, u.Count)
					l.compareRow(c, a, row)
				}
			}
			if c.listed[a] && c.in[a] {
				order = append(order, c.last().ID)
			}
		}
		slices.SortFunc(order, func(a, b chat.MessageID) int { return cmp.Compare(b, a) })
		var got []chat.MessageID
		for _, row := range rows {
			if !row.Left {
				got = append(got, row.LastID)
			}
		}
		same(l.w, fmt.Sprintf("order of %s", a), got, order)
		same(l.w, fmt.Sprintf("sum of %s", a), sum, want)
		same(l.w, fmt.Sprintf("rows of %s", a), len(rows), listed)
	}
	for _, c := range l.chats {
		got, err := tx.Messages(chat.MessageQuery{Conversation: c.id, Limit: 1000, OldestFirst: true})
		if err != nil {
			return err
		}
		same(l.w, fmt.Sprintf("length of %d", c.id), len(got), len(c.messages))
		for i := range min(len(got), len(c.messages)) {
			same(l.w, "message id", got[i].ID, c.messages[i].ID)
			same(l.w, "message time", got[i].At.Sub(c.messages[i].At), time.Duration(0))
		}
	}
	return nil
}

// compareRow compares the last message and the reaction of a row of the chat list.
func (l *ledger) compareRow(c *modelChat, a chat.AccountID, row chat.ChatRow) {
	if c.in[a] && row.Last != nil {
		last := c.last()
		same(l.w, fmt.Sprintf("last text of %d", c.id), row.Last.Message.Text, last.Text)
		same(l.w, fmt.Sprintf("last text of %d edited", c.id), row.Last.Message.EditedAt, last.EditedAt)
		same(l.w, fmt.Sprintf("last text of %d withdrawn", c.id), row.Last.Message.Withdrawn(), last.Withdrawn())
	}
	var got chat.GivenReaction
	if m := row.Reacted; m != nil {
		got = chat.GivenReaction{Message: m.Message, Emoji: m.Emoji, Account: m.By.ID, At: m.At}
		same(l.w, "name of the reaction", m.By.Name, "Name of "+string(m.By.ID))
	}
	same(l.w, fmt.Sprintf("reaction in the row of %s, %d", a, c.id), got, c.mark(a))
}
