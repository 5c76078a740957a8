package chat_test

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func (w *world) pin(a chat.AccountID, ref chat.ChatRef, id chat.MessageID, on bool) {
	w.t.Helper()
	must(w.SetPin(w.ctx, by(a), ref, id, on))(w.t)
	w.clock.advance(time.Millisecond)
}

// pins returns the pinned messages of a chat as a reader sees them.
func (w *world) pins(a chat.AccountID, ref chat.ChatRef) (all []string) {
	w.t.Helper()
	for _, p := range must(w.PinnedMessages(w.ctx, a, ref))(w.t) {
		all = append(all, fmt.Sprintf("%s of %s by %s", p.Message.Text, p.From.ID, p.By.ID))
	}
	return all
}

func TestSetPin(t *testing.T) {
	w := newWorld(t)
	one, two := w.say(alice, bob, "one"), w.say(bob, alice, "two")
	w.events.take()
	w.pin(bob, user(alice), one, true)
	w.happened(
		fmt.Sprintf("pinned %d by bob true count=1 not bob-1", one),
		`system 4 from bob to alice`,
	)
	w.pin(alice, user(bob), one, true)
	w.happened() // it is pinned
	w.pin(alice, user(bob), two, true)
	w.events.take()
	want := []string{"two of bob by alice", "one of alice by bob"}
	same(t, "alice", w.pins(alice, user(bob)), want)
	same(t, "bob", w.pins(bob, user(alice)), want)
	same(t, "nothing counts", w.unread(alice), map[string]int64{"bob": 1})

	history := must(w.History(w.ctx, alice, user(bob), chat.HistoryQuery{Limit: 10}))(t)
	pinned := map[chat.MessageID]bool{}
	for _, p := range history {
		if p.Pinned {
			pinned[p.Message.ID] = true
		}
		if r := p.Message.Report; p.Message.System != chat.NotSystem && (r == nil || r.Kind != chat.ReportPinned || r.Message != one && r.Message != two) {
			t.Errorf("report: got %+v", r)
		}
	}
	same(t, "in the history", pinned, map[chat.MessageID]bool{one: true, two: true})

	must(w.EditMessage(w.ctx, by(alice), user(bob), one, "one, better"))(t)
	same(t, "with its present text", w.pins(bob, user(alice))[1], "one, better of alice by bob")
	w.events.take()
	w.pin(bob, user(alice), two, false)
	w.happened(fmt.Sprintf("pinned %d by bob false count=1 not bob-1", two))
	w.pin(bob, user(alice), two, false)
	w.happened()
	must(w.WithdrawMessage(w.ctx, by(alice), bob, one))(t)
	same(t, "after a withdrawal", w.pins(bob, user(alice)), nil)

	own := w.say(alice, alice, "note")
	w.pin(alice, user(chat.FileTransfer), own, true)
	same(t, "own devices", w.pins(alice, user(chat.FileTransfer)), []string{"note of alice by alice"})
	report := must(store.Verify(w.ctx, w.store))(t)
	if !report.OK() {
		t.Errorf("Verify:\n%v", report)
	}
}

func TestPinsOfAGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, bob, "rules")
	_, err := w.SetPin(w.ctx, by(bob), group(g), id, true)
	refused(t, "a member", err, "forbidden")
	w.pin(alice, group(g), id, true)
	same(t, "bob", w.pins(bob, group(g)), []string{"rules of bob by alice"})
	_, err = w.SetPin(w.ctx, by(bob), group(g), id, false)
	refused(t, "a member ends it", err, "forbidden")

	// Former members see no pins, neither in the list nor in the history. After the end of the group its last members do.
	ok(t, w.LeaveGroup(w.ctx, by(carol), g))
	same(t, "carol", w.pins(carol, group(g)), nil)
	for _, p := range must(w.History(w.ctx, carol, group(g), chat.HistoryQuery{Limit: 10}))(t) {
		if p.Pinned {
			t.Errorf("carol sees that %d is pinned", p.Message.ID)
		}
	}
	conversation := must(w.Message(w.ctx, alice, id))(t).Message.Conversation
	exported := func(reader chat.AccountID) (n int) {
		for _, m := range must(w.ExportedMessages(w.ctx, conversation, 0, 1<<40, reader))(t) {
			if m.Pin != nil {
				n++
			}
		}
		return n
	}
	same(t, "exported", []int{exported(""), exported(alice), exported(carol)}, []int{1, 1, 0})
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	same(t, "after its end", w.pins(bob, group(g)), []string{"rules of bob by alice"})
	_, err = w.SetPin(w.ctx, by(alice), group(g), id, false)
	refused(t, "after its end", err, "group not found")
}

func TestSetPinIsRefused(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxPins = 2 })
	one, two, three := w.say(alice, bob, "one"), w.say(alice, bob, "two"), w.say(alice, bob, "three")
	gone := w.say(alice, bob, "gone")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, gone))(t)
	pin := func(what string, a chat.AccountID, ref chat.ChatRef, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.SetPin(w.ctx, by(a), ref, id, true)
		refused(t, what, err, want)
	}
	pin("withdrawn", alice, user(bob), gone, "forbidden")
	w.pin(alice, user(bob), one, true)
	announced := must(w.LastMessage(w.ctx))(t)
	pin("a system message", alice, user(bob), announced, "forbidden")
	_, err := w.WithdrawMessage(w.ctx, by(alice), bob, announced)
	refused(t, "withdrawing the system message", err, "forbidden")
	w.pin(alice, user(bob), two, true)
	pin("too many", alice, user(bob), three, "too many pins")
	w.pin(bob, user(alice), one, false)
	w.pin(alice, user(bob), three, true)
	pin("of another chat", carol, user(bob), one, "message not found")
	pin("a stranger", dave, user(bob), one, "not my contract")
	_, err = w.PinnedMessages(w.ctx, dave, user(bob))
	refused(t, "a stranger reads", err, "not my contract")
	same(t, "nothing said", w.pins(carol, user(bob)), nil)
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	pin("after the end of the relation", alice, user(bob), one, "removeit")
}
