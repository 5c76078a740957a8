package chat_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestMarkUnread(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	first := w.sayIn(g, alice, "one")
	second := w.sayIn(g, alice, "@bob two")
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{bob}, false, second))
	w.sayIn(g, bob, "my own")
	last := w.sayIn(g, alice, "three")
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	same(t, "read", w.unread(bob), nil)
	w.events.take()

	marked := must(w.MarkUnread(w.ctx, by(bob), group(g), second))(t)
	w.happened(fmt.Sprintf("marked unread bob %s from %d to %d: 2 not bob-1", g, second, last))
	same(t, "its figure", marked.Unread.Count, 2)
	same(t, "unread", w.unread(bob), map[string]int64{string(g): 2})
	if m := marked.Unread.Mention; m == nil || m.Message != second {
		t.Errorf("mention: got %+v, want the one by message %d", m, second)
	}
	same(t, "first unread", must(w.UnreadPlace(w.ctx, bob, group(g)))(t), chat.UnreadPlace{Count: 2, First: second, FirstAt: must(w.Message(w.ctx, bob, second))(t).Message.At})
	same(t, "nobody else's", w.unread(alice), map[string]int64{string(g): 1})

	// From a later one nothing is read, and from an earlier one more is unread.
	must(w.MarkUnread(w.ctx, by(bob), group(g), last))(t)
	same(t, "unread", w.unread(bob), map[string]int64{string(g): 2})
	must(w.MarkUnread(w.ctx, by(bob), group(g), first))(t)
	same(t, "unread", w.unread(bob), map[string]int64{string(g): 3})
	ok(t, w.ReadUpTo(w.ctx, by(bob), group(g), second))
	same(t, "unread", w.unread(bob), map[string]int64{string(g): 1})
	report := must(store.Verify(w.ctx, w.store))(t)
	if !report.OK() {
		t.Errorf("Verify:\n%v", report)
	}
}

// A message that arrived in the open chat read everything that had just been marked as unread.
func TestMarkedChatIsNotReadByLooking(t *testing.T) {
	w := newWorld(t)
	d := w.looks.device(bob, "1")
	look := func() {
		t.Helper()
		_, found, err := w.LookAt(w.ctx, d.Viewer, "session of bob", "alice")
		ok(t, err)
		same(t, "looks", found, true)
	}
	first := w.say(alice, bob, "one")
	look()
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	must(w.MarkUnread(w.ctx, by(bob), user(alice), first))(t)
	w.say(alice, bob, "two")
	same(t, "unread", w.unread(bob), map[string]int64{"alice": 2})

	// A client that opens the chat anew looks at it again.
	look()
	w.say(alice, bob, "three")
	same(t, "unread", w.unread(bob), nil)
}

// Reads that were certain before a mark still counted as certain after it, so messages stayed read although they had been
// sent to a dead connection.
func TestMarkUnreadEndsWhatWasCertain(t *testing.T) {
	for _, away := range []bool{false, true} {
		w := newWorld(t)
		d := w.looks.device(bob, "1")
		first := w.say(alice, bob, "one")
		w.looks.Look(d.Viewer, user(alice))
		ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
		second := w.say(alice, bob, "two")
		w.say(alice, bob, "three")
		d.signs++ // both are certain now
		if away { // and this waits for the database
			w.looks.Look(d.Viewer, chat.ChatRef{})
			w.looks.Look(d.Viewer, user(alice))
		}
		must(w.MarkUnread(w.ctx, by(bob), user(alice), first))(t)
		ok(t, w.ReadUpTo(w.ctx, by(bob), user(alice), second))
		w.say(alice, bob, "four")
		same(t, "unread", w.unread(bob), nil)
		ok(t, w.KeepProven(w.ctx))
		ok(t, w.LoseViewer(w.ctx, d.Viewer))
		same(t, "unread after the loss", w.unread(bob), map[string]int64{"alice": 2})
	}
}

func TestMarkUnreadIsRefused(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	inGroup := w.sayIn(g, alice, "one")
	direct := w.say(alice, bob, "two")
	mark := func(what string, a chat.AccountID, ref chat.ChatRef, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.MarkUnread(w.ctx, by(a), ref, id)
		refused(t, what, err, want)
	}
	mark("message of another chat", bob, user(alice), inGroup, "message not found")
	mark("no message", bob, group(g), 999, "message not found")
	mark("nothing said", bob, user(carol), direct, "message not found")
	mark("stranger", bob, user(dave), direct, "not my contract")
	mark("group of others", dave, group(g), inGroup, "not in group")
	mark("no group", bob, group("nowhere"), inGroup, "group not found")
	mark("inbox", bob, chat.ChatRef{Type: chat.SessionTask, ID: "task"}, 1, "invalid payload: type must be 1 or 2")
	ok(t, w.RemoveSession(w.ctx, by(bob), user(alice)))
	mark("not in the list", bob, user(alice), direct, "invalid payload: id is not in the chat list")
	ok(t, w.LeaveGroup(w.ctx, by(carol), g))
	mark("former member", carol, group(g), inGroup, "removeit")
}

// A mark makes no message unread that is older than the membership.
func TestMarkUnreadFromBeforeJoining(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	before := w.sayIn(g, alice, "before")
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{carol}))(t)
	w.sayIn(g, alice, "after")
	ok(t, w.ClearUnread(w.ctx, by(carol), group(g)))
	same(t, "figure", must(w.MarkUnread(w.ctx, by(carol), group(g), before))(t).Unread.Count, 1)
}
