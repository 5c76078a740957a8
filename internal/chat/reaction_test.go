package chat_test

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/chat"
)

func (w *world) react(a chat.AccountID, ref chat.ChatRef, id chat.MessageID, emoji string, on bool) []chat.Reaction {
	w.t.Helper()
	all, err := w.SetReaction(w.ctx, by(a), ref, id, emoji, on)
	ok(w.t, err)
	return all
}

// reacted returns the reactions of a message in a reader's history.
func (w *world) reacted(reader chat.AccountID, ref chat.ChatRef, id chat.MessageID) []chat.Reaction {
	w.t.Helper()
	all, err := w.HistoryAround(w.ctx, reader, ref, id, 1)
	ok(w.t, err)
	return all[0].Reactions
}

// mark returns the reaction that a chat list shows, in a line.
func (w *world) mark(a chat.AccountID, ref chat.ChatRef) string {
	w.t.Helper()
	rows, err := w.ChatList(w.ctx, a, 0, 100)
	ok(w.t, err)
	for _, row := range rows {
		if row.Ref == ref && row.Reacted != nil {
			return fmt.Sprintf("%s %s %d", row.Reacted.Emoji, row.Reacted.By.Name, row.Reacted.Message)
		}
	}
	return ""
}

func TestSetReaction(t *testing.T) {
	w := newWorld(t)
	id := w.say(alice, bob, "hello")
	w.events.take()
	first := func(names ...string) (all []chat.ReportName) {
		for _, n := range names {
			all = append(all, chat.ReportName{ID: map[string]chat.AccountID{"Alice": alice, "Bob": bob}[n], Name: n})
		}
		return all
	}

	same(t, "bob's answer", w.react(bob, user(alice), id, "👍", true), []chat.Reaction{{Emoji: "👍", Count: 1, Mine: true, First: first("Bob")}})
	w.happened(`reaction 👍 true by bob to 1 of alice, now 1, marked not bob-1`)
	w.react(bob, user(alice), id, "👍", true)
	w.happened() // once per emoji, account and message
	w.clock.advance(time.Millisecond)
	w.react(alice, user(bob), id, "👍", true)
	w.happened(`reaction 👍 true by alice to 1 of alice, now 2 not alice-1`)
	w.react(bob, user(alice), id, "👍🏽", true)
	w.events.take()
	want := []chat.Reaction{{Emoji: "👍", Count: 2, Mine: true, First: first("Bob", "Alice")}, {Emoji: "👍🏽", Count: 1, First: first("Bob")}}
	same(t, "alice reads", w.reacted(alice, user(bob), id), want)
	want[1].Mine = true
	same(t, "bob reads", w.reacted(bob, user(alice), id), want)
	same(t, "nothing is unread by it", w.unread(alice), map[string]int64{})

	reactors, err := w.Reactors(w.ctx, alice, user(bob), id, "👍", 1, 10)
	ok(t, err)
	if len(reactors) != 1 || reactors[0].Account.ID != alice {
		t.Errorf("the second account: got %+v, want alice", reactors)
	}

	w.react(bob, user(alice), id, "👍", false)
	w.happened(`reaction 👍 false by bob to 1 of alice, now 1 not bob-1`)
	w.react(bob, user(alice), id, "👍", false)
	w.happened()
	w.react(alice, user(bob), id, "👍", false)
	w.happened(`reaction 👍 false by alice to 1 of alice, now 0 not alice-1`)

	must(w.WithdrawMessage(w.ctx, by(alice), bob, id))(t)
	same(t, "of a withdrawn message", w.reacted(bob, user(alice), id), nil)
	_, err = w.SetReaction(w.ctx, by(bob), user(alice), id, "👍", true)
	refused(t, "to a withdrawn message", err, "forbidden")
}

func TestSetReactionInGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob, carol)
	id := w.sayIn(g, bob, "hello")
	w.events.take()
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	w.events.take()
	w.react(carol, group(g), id, "🎉", true) // although nobody may speak
	w.happened(fmt.Sprintf(`reaction 🎉 true by carol to %d of bob, now 1, marked not carol-1`, id))
	same(t, "bob's list", w.mark(bob, group(g)), fmt.Sprintf("🎉 Carol %d", id))
	same(t, "alice's list", w.mark(alice, group(g)), "")
	w.react(bob, group(g), id, "🎉", true)
	same(t, "bob's own reaction marks nothing", w.mark(bob, group(g)), fmt.Sprintf("🎉 Carol %d", id))
	w.react(carol, group(g), id, "🎉", false)
	same(t, "after its removal", w.mark(bob, group(g)), "")
	w.react(carol, group(g), id, "🎉", true)
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	same(t, "after bob has read", w.mark(bob, group(g)), "")
	w.react(alice, group(g), id, "🎉", true)
	same(t, "a new one", w.mark(bob, group(g)), fmt.Sprintf("🎉 Alice %d", id))
	ok(t, w.ClearAllUnread(w.ctx, by(bob)))
	same(t, "after bob has read everything", w.mark(bob, group(g)), "")
}

// An author who looks at the chat sees the reaction there.
func TestReactionToOneWhoLooks(t *testing.T) {
	w := newWorld(t)
	id := w.say(alice, bob, "hello")
	w.looks.set(alice, user(bob))
	w.events.take()
	w.react(bob, user(alice), id, "👍", true)
	w.happened(fmt.Sprintf(`reaction 👍 true by bob to %d of alice, now 1 not bob-1`, id))
	same(t, "alice's list", w.mark(alice, user(bob)), "")
}

func TestSetReactionRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	inGroup := w.sayIn(g, bob, "hello")
	id := w.say(alice, bob, "hello")
	others := w.say(bob, carol, "hello")
	announced := must(w.SendSystemMessage(w.ctx, "web", g, "news"))(t).Message.ID
	w.events.take()

	react := func(what string, a chat.AccountID, ref chat.ChatRef, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.SetReaction(w.ctx, by(a), ref, id, "👍", true)
		refused(t, what, err, want)
	}
	react("another chat's message", alice, user(bob), others, "message not found")
	react("a group's message", alice, user(bob), inGroup, "message not found")
	react("no message", alice, user(bob), 999, "message not found")
	react("a stranger", dave, user(alice), id, "not my contract")
	react("no member", carol, group(g), inGroup, "not in group")
	react("no group", carol, group("none"), inGroup, "group not found")
	react("a system message", bob, group(g), announced, "forbidden")
	react("unknown caller", "nobody", user(alice), id, "from user not found")
	react("an inbox", alice, chat.ChatRef{Type: chat.SessionTask, ID: "task"}, id, "invalid payload: type must be 1 or 2")
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	react("after the end of the relation", alice, user(bob), id, "removeit")
	ok(t, w.AddToOrganization(w.ctx, "demo", []chat.AccountID{bob}))
	w.events.take()

	for i := range chat.MaxReactions {
		w.react(bob, user(alice), id, fmt.Sprintf("emoji %d", i), true)
	}
	w.events.take()
	react("one too many", alice, user(bob), id, "too many reactions")
	w.happened()
	w.react(alice, user(bob), id, "emoji 7", true) // one that is there
	_, err := w.Reactors(w.ctx, dave, user(alice), id, "emoji 7", 0, 10)
	refused(t, "a stranger asks who", err, "not my contract")
}
