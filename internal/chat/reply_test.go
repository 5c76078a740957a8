package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func answer(words string, to chat.MessageID) chat.Draft {
	d := text(words)
	d.Refer = to
	return d
}

func (w *world) reply(from, to chat.AccountID, words string, id chat.MessageID) chat.MessageID {
	w.t.Helper()
	return must(w.SendMessage(w.ctx, by(from), to, answer(words, id)))(w.t).Message.ID
}

func (w *world) replyIn(g chat.GroupID, from chat.AccountID, words string, id chat.MessageID) chat.MessageID {
	w.t.Helper()
	return must(w.SendGroupMessage(w.ctx, by(from), g, answer(words, id)))(w.t).Message.ID
}

// thread returns a message and its replies as a reader sees them: the number of replies, and their texts.
func (w *world) thread(reader chat.AccountID, ref chat.ChatRef, id chat.MessageID) (all []string) {
	w.t.Helper()
	t := must(w.Replies(w.ctx, reader, ref, id, 0, 0))(w.t)
	all = append(all, fmt.Sprint(t.Message.Replies))
	for _, r := range t.Replies {
		all = append(all, r.Message.Text)
	}
	history := must(w.History(w.ctx, reader, ref, chat.HistoryQuery{Limit: 50}))(w.t)
	i := slices.IndexFunc(history, func(p chat.Posted) bool { return p.Message.ID == id })
	if got := history[i].Replies; got != t.Message.Replies {
		w.t.Errorf("in the history of %s %d has %d replies, with its thread %d", reader, id, got, t.Message.Replies)
	}
	return all
}

func TestReplies(t *testing.T) {
	w := newWorld(t)
	root := w.say(alice, bob, "the plan")
	same(t, "none", w.thread(bob, user(alice), root), []string{"0"})
	w.events.take()
	first := w.reply(bob, alice, "good", root)
	changed := func(id chat.MessageID, n int) string { return fmt.Sprintf("replies to %d of alice: %d", id, n) }
	if got := w.events.take(); !slices.ContainsFunc(got, func(e chat.Event) bool { return describe(e) == changed(root, 1) }) {
		t.Errorf("got %v, want the number of replies", got)
	}
	second := w.reply(alice, bob, "thanks", root)
	deeper := w.reply(bob, alice, "welcome", second)
	want := []string{"2", "good", "thanks"}
	same(t, "alice", w.thread(alice, user(bob), root), want)
	same(t, "bob", w.thread(bob, user(alice), root), want)
	same(t, "a reply to a reply", w.thread(bob, user(alice), second), []string{"1", "welcome"})
	same(t, "they count", w.unread(alice), map[string]int64{"bob": 2})

	// Pages, from the end.
	page := must(w.Replies(w.ctx, bob, user(alice), root, 0, 1))(t)
	same(t, "the last page", page.Replies[0].Message.ID, second)
	page = must(w.Replies(w.ctx, bob, user(alice), root, second, 1))(t)
	same(t, "the page before", page.Replies[0].Message.ID, first)
	page = must(w.Replies(w.ctx, bob, user(alice), root, first, 1))(t)
	same(t, "nothing before", len(page.Replies), 0)

	must(w.EditMessage(w.ctx, by(bob), user(alice), first, "very good"))(t)
	same(t, "edited", w.thread(alice, user(bob), root), []string{"2", "very good", "thanks"})

	// The retry of a reply is no other one.
	d := answer("once", root)
	d.WaitingID = "w"
	once := must(w.SendMessage(w.ctx, by(bob), alice, d))(t)
	w.events.take()
	again := must(w.SendMessage(w.ctx, by(bob), alice, d))(t)
	same(t, "a retry", again.Message.ID, once.Message.ID)
	w.happened()

	// A withdrawn reply is none. It is still where a page begins.
	w.events.take()
	must(w.WithdrawMessage(w.ctx, by(bob), alice, first))(t)
	w.happened(fmt.Sprintf("withdrawn %d by bob not bob-1", first), changed(root, 2))
	must(w.WithdrawMessage(w.ctx, by(bob), alice, first))(t)
	w.happened()
	must(w.WithdrawMessage(w.ctx, by(bob), alice, once.Message.ID))(t)
	same(t, "after the withdrawals", w.thread(alice, user(bob), root), []string{"1", "thanks"})
	same(t, "before a withdrawn one", len(must(w.Replies(w.ctx, bob, user(alice), root, first, 0))(t).Replies), 0)

	// A withdrawn message keeps its replies.
	must(w.WithdrawMessage(w.ctx, by(alice), bob, root))(t)
	same(t, "withdrawn", w.thread(bob, user(alice), root), []string{"1", "thanks"})
	w.events.take()
	w.reply(bob, alice, "what was it?", root)
	same(t, "answered after that", w.thread(bob, user(alice), root), []string{"2", "thanks", "what was it?"})

	own := w.say(alice, alice, "note")
	w.events.take()
	w.reply(alice, alice, "more", own)
	if e, is := w.events.take()[1].(chat.RepliesChanged); !is || e.Peer != chat.FileTransfer || e.Count != 1 {
		t.Errorf("with oneself: got %+v", e)
	}
	same(t, "with oneself", w.thread(alice, user(chat.FileTransfer), own), []string{"1", "more"})

	for what, c := range map[string]struct {
		reader     chat.AccountID
		ref        chat.ChatRef
		id, before chat.MessageID
		want       string
	}{
		"of another chat":     {carol, user(bob), root, 0, "message not found"},
		"a stranger":          {dave, user(alice), root, 0, "not my contract"},
		"no message":          {alice, user(bob), 999, 0, "message not found"},
		"before no message":   {alice, user(bob), root, 999, "message not found"},
		"before another chat": {alice, user(bob), root, own, "message not found"},
		"no group":            {alice, group("nowhere"), root, 0, "group not found"},
	} {
		_, err := w.Replies(w.ctx, c.reader, c.ref, c.id, c.before, 0)
		refused(t, what, err, c.want)
	}
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	same(t, "after the end of the relation", w.thread(alice, user(bob), second), []string{"1", "welcome"})
	same(t, "the deepest", w.thread(bob, user(alice), deeper), []string{"0"})
	report := must(store.Verify(w.ctx, w.store))(t)
	if !report.OK() {
		t.Errorf("Verify:\n%v", report)
	}
}

func TestRepliesInAGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	root := w.sayIn(g, bob, "lunch?")
	first := w.replyIn(g, carol, "at one", root)
	second := w.replyIn(g, bob, "maybe", root)
	w.clock.advance(time.Minute)
	ok(t, w.LeaveGroup(w.ctx, by(carol), g))
	w.clock.advance(time.Minute)
	must(w.EditMessage(w.ctx, by(bob), group(g), second, "surely"))(t)
	w.events.take()
	w.replyIn(g, alice, "at two", root)
	events := w.events.take()
	same(t, "told", describe(events[1]), fmt.Sprintf("replies to %d of bob: 3", root))
	if e := events[1].(chat.RepliesChanged); e.Group != g || e.Peer != "" {
		t.Errorf("told %+v, want the group", e)
	}
	same(t, "bob", w.thread(bob, group(g), root), []string{"3", "at one", "surely", "at two"})

	// A former member sees the replies from before the end of the membership, with the texts that they had.
	same(t, "carol", w.thread(carol, group(g), root), []string{"2", "at one", "maybe"})
	later := w.sayIn(g, bob, "later")
	_, err := w.Replies(w.ctx, carol, group(g), later, 0, 0)
	refused(t, "a message that carol may not read", err, "message not found")
	_, err = w.Replies(w.ctx, dave, group(g), root, 0, 0)
	refused(t, "a stranger", err, "not in group")
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	same(t, "after its end", w.thread(bob, group(g), root), []string{"3", "at one", "surely", "at two"})
	same(t, "carol after its end", w.thread(carol, group(g), root), []string{"2", "at one", "maybe"})
	page := must(w.Replies(w.ctx, carol, group(g), root, first, 0))(t)
	same(t, "before the first one", len(page.Replies), 0)
}

// TestErasedReplies: the messages of an erased person are withdrawn, so their replies do not count any more.
func TestErasedReplies(t *testing.T) {
	w := newWorld(t)
	root := w.say(alice, bob, "the plan")
	w.reply(bob, alice, "good", root)
	w.reply(alice, bob, "thanks", root)
	must(w.Erase(w.ctx, host, bob, "Bob"))(t)
	for {
		e := must(w.ContinueErasure(w.ctx, bob))(t)
		if !e.Ended.IsZero() {
			break
		}
	}
	same(t, "after the erasure", w.thread(alice, user(bob), root), []string{"1", "thanks"})
}
