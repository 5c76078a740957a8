package chat_test

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestShake(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Shake(w.ctx, by(alice), bob))
	w.happened(`shaken bob by alice`)
	refused(t, "at once again", w.Shake(w.ctx, by(alice), bob), "too many requests")
	ok(t, w.Shake(w.ctx, by(bob), alice)) // the other way is another pair
	ok(t, w.Shake(w.ctx, by(alice), carol))
	w.clock.advance(2999 * time.Millisecond)
	refused(t, "just before the interval ends", w.Shake(w.ctx, by(alice), bob), "too many requests")
	w.clock.advance(time.Millisecond)
	w.events.take()
	ok(t, w.Shake(w.ctx, by(alice), bob))
	w.happened(`shaken bob by alice`)
	w.clock.advance(2 * time.Second)
	refused(t, "two seconds later", w.Shake(w.ctx, by(alice), bob), "too many requests")
	w.clock.advance(2 * time.Second)
	ok(t, w.Shake(w.ctx, by(alice), bob))
	// The limiter forgets in generations, but nobody before their time.
	w.clock.advance(2 * time.Second)
	ok(t, w.Shake(w.ctx, by(alice), carol))
	w.clock.advance(2 * time.Second)
	ok(t, w.Shake(w.ctx, by(alice), bob))
	refused(t, "across generations", w.Shake(w.ctx, by(alice), carol), "too many requests")

	refused(t, "stranger", w.Shake(w.ctx, by(alice), dave), "not my contract")
	refused(t, "nobody", w.Shake(w.ctx, by(alice), "nobody"), "not my contract")
	refused(t, "no id", w.Shake(w.ctx, by(alice), ""), "invalid payload: aid is required")
	refused(t, "unknown caller", w.Shake(w.ctx, by("nobody"), bob), "from user not found")
}

func TestShakeGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, alice, "@bob")
	w.events.take()
	at := func(a chat.AccountID) chat.MessageID {
		for _, c := range must(w.UnreadCounts(w.ctx, a))(t).Groups {
			if c.Mention != nil {
				return c.Mention.Message
			}
		}
		return 0
	}
	// Strangers, nobodies, oneself and repetitions are passed over.
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{bob, dave, "nobody", alice, bob, ""}, false, id))
	w.happened(fmt.Sprintf(`shaken bob all=false by alice message %d`, id))
	same(t, "bob is @-ed by", at(bob), id)
	same(t, "carol is @-ed by", at(carol), 0)
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{bob}, false, id)) // a retry
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{dave}, false, id))
	w.happened(fmt.Sprintf(`shaken bob all=false by alice message %d`, id)) // nobody left of the second

	all := w.sayIn(g, bob, "everybody")
	w.events.take()
	ok(t, w.ShakeGroup(w.ctx, by(bob), g, nil, true, all))
	w.happened(fmt.Sprintf(`shaken  all=true by bob message %d`, all))
	for a, want := range map[chat.AccountID]chat.MessageID{alice: all, bob: id, carol: all} {
		same(t, string(a)+" is @-ed by", at(a), want)
	}
	ok(t, w.ClearUnread(w.ctx, by(carol), group(g)))
	same(t, "after reading", at(carol), 0)
	list := must(w.ChatList(w.ctx, alice, 0, 1))(t)
	if m := list[0].Mentions; len(m) != 1 || m[0].From != bob || !m[0].All {
		t.Errorf("got mentions %+v in the list, want bob's of all", m)
	}
}

func TestShakeGroupRefusals(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxMentions = 2 })
	g := w.found("team", alice, bob, carol)
	other := w.found("other", alice)
	id := w.sayIn(g, bob, "mine")
	elsewhere := w.sayIn(other, alice, "elsewhere")
	gone := w.sayIn(g, bob, "gone")
	must(w.WithdrawGroupMessage(w.ctx, by(bob), g, gone))(t)
	created := must(w.History(w.ctx, alice, group(g), chat.HistoryQuery{OldestFirst: true}))(t)[0].Message.ID
	w.events.take()

	whom := []chat.AccountID{carol}
	shake := func(what string, a chat.AccountID, g chat.GroupID, id chat.MessageID, want string) {
		t.Helper()
		refused(t, what, w.ShakeGroup(w.ctx, by(a), g, whom, false, id), want)
	}
	shake("another's message", alice, g, id, "message not found")
	shake("of another group", alice, g, elsewhere, "message not found")
	shake("no message", bob, g, 999, "message not found")
	shake("withdrawn message", bob, g, gone, "message not found")
	shake("system message", alice, g, created, "message not found")
	shake("stranger", dave, g, id, "not in group")
	shake("no group", bob, "nowhere", id, "group not found")
	shake("no id", bob, "", id, "invalid payload: gid is required")
	shake("unknown caller", "nobody", g, id, "from user not found")
	refused(t, "nobody named", w.ShakeGroup(w.ctx, by(bob), g, nil, false, id), "invalid payload: toUser is required")
	refused(t, "too many named", w.ShakeGroup(w.ctx, by(bob), g, []chat.AccountID{"1", "2", "3"}, false, id), "invalid payload: toUser must name at most 2")
	w.happened()
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	shake("under a ban", bob, g, id, "ban speak")
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	shake("former member", bob, g, id, "removeit")
}
