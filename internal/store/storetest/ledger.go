package storetest

import (
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
	mentions []chat.AccountID
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
	direct := w.direct(l.accounts[0], l.accounts[1])
	group := w.group(l.group, l.accounts...)
	l.chats = []*modelChat{
		newModelChat(direct.ID, false, l.accounts[0], l.accounts[1]),
		newModelChat(group.Conversation, true, l.accounts...),
	}
	return l
}

func newModelChat(id chat.ConversationID, isGroup bool, in ...chat.AccountID) *modelChat {
	c := &modelChat{
		id: id, isGroup: isGroup, readers: make(map[chat.AccountID]map[chat.MessageID]bool),
		in: make(map[chat.AccountID]bool), muted: make(map[chat.AccountID]bool), listed: make(map[chat.AccountID]bool),
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
		"send", "send", "send", "system", "read", "read up to", "present", "all read", "withdraw", "mention", "leave", "join", "mute", "hide",
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
				c.readAll(a)
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.ReadByPresence(c.id, viewings(true, l.accounts...)); return err })
	case "all read":
		then = func() {
			for _, c := range l.chats {
				if c.in[a] {
					c.readAll(a)
				}
			}
		}
		do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead(a); return err })
	case "withdraw", "mention":
		if len(c.messages) == 0 {
			return
		}
		m := rapid.SampledFrom(c.messages).Draw(r, "message")
		if m.System != chat.NotSystem || m.Withdrawn() {
			return
		}
		if action == "withdraw" {
			then = func() { m.WithdrawnAt = at }
			do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, m.From, at) })
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
		then = func() { delete(c.in, a); c.readAll(a) }
		do(func(tx chat.Tx) error { return tx.RemoveMember(c.id, a, at, chat.DepartureLeft) })
	case "join":
		if !c.isGroup || c.in[a] {
			return
		}
		then = func() {
			c.in[a], c.listed[a], c.muted[a] = true, false, false
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
				}
			}
		}
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
