package chat_test

import (
	"testing"

	"parley/internal/chat"
)

func TestMuteDirect(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "one")
	w.events.take()
	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, false))
	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, false))
	w.happened(`push bob of alice false`, `push bob of alice false`)
	w.say(carol, bob, "two")
	counts := must(w.UnreadCounts(w.ctx, bob))(t)
	same(t, "numbers", w.unread(bob), map[string]int64{"alice": 1, "carol": 1})
	same(t, "total and muted", [2]int64{counts.Total, counts.Muted}, [2]int64{2, 1})
	same(t, "totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 2, Muted: 1})
	for _, row := range must(w.ChatList(w.ctx, bob, 0, 10))(t) {
		same(t, "push of "+row.Ref.ID, row.Push, row.Ref.ID == "carol")
	}
	same(t, "the other side", must(w.ChatList(w.ctx, alice, 0, 10))(t)[0].Push, true)

	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, true))
	counts = must(w.UnreadCounts(w.ctx, bob))(t)
	same(t, "total and muted", [2]int64{counts.Total, counts.Muted}, [2]int64{2, 0})
}

// A muted chat stays muted when it is removed from the list, and its next message says so to a client that does not know the chat.
func TestMutedChatComesBackMuted(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "one")
	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, false))
	ok(t, w.RemoveSession(w.ctx, by(bob), user(alice)))
	w.events.take()
	w.say(alice, bob, "two")
	w.happened(`sent from alice "two" to bob not alice-1 gained bob muted bob`)
}

// A chat can be muted before anything is said in it.
func TestMuteBeforeTheFirstMessage(t *testing.T) {
	w := newWorld(t)
	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, true))
	ok(t, w.SetDirectPush(w.ctx, by(bob), alice, false))
	same(t, "list", len(must(w.ChatList(w.ctx, bob, 0, 10))(t)), 0)
	w.events.take()
	w.say(alice, bob, "one")
	w.happened(`sent from alice "one" to bob not alice-1 gained alice,bob muted bob`)
	same(t, "muted", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 1, Muted: 1})
}

func TestMuteDirectIsRefused(t *testing.T) {
	w := newWorld(t)
	mute := func(a, peer chat.AccountID) error { return w.SetDirectPush(w.ctx, by(a), peer, false) }
	refused(t, "stranger", mute(bob, dave), "not my contract")
	refused(t, "nobody", mute(bob, "nobody"), "not my contract")
	refused(t, "own chat", mute(bob, chat.FileTransfer), "invalid payload: aid must be another account")
	refused(t, "oneself", mute(bob, bob), "invalid payload: aid must be another account")
	refused(t, "empty", mute(bob, ""), "invalid payload: aid is required")
	ok(t, w.Befriend(w.ctx, bob, dave))
	w.say(dave, bob, "hello")
	ok(t, w.Unfriend(w.ctx, bob, dave))
	ok(t, mute(bob, dave)) // the chat is still in the list
}
