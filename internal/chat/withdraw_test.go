package chat_test

import (
	"encoding/json"
	"runtime"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestWithdrawMessage(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "one")
	r := must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{
		Content:   chat.Content{Type: chat.TypeFile, Text: "two", File: json.RawMessage(`{"key":"k"}`)},
		WaitingID: "w2",
	}))(t)
	w.say(alice, bob, "three")
	w.events.take()

	p := must(w.WithdrawMessage(w.ctx, by(alice), bob, r.Message.ID))(t)
	w.happened(`withdrawn 2 by alice not alice-1`)
	if p.Message.ID != r.Message.ID || p.Message.WaitingID != "w2" || p.Peer != bob || !p.Message.At.Equal(r.Message.At) {
		t.Errorf("place, id and names are not kept: %+v", p)
	}
	same(t, "content", p.Message.Content, chat.Content{Type: chat.TypeFile})
	same(t, "stored message", must(w.Message(w.ctx, alice, r.Message.ID))(t), p)
	same(t, "bob reads", w.read(bob, user(alice)), []string{"one", "(withdrawn)", "three"})
	same(t, "bob's unread", w.unread(bob), map[string]int64{"alice": 2})
	same(t, "search finds no withdrawn text", texts(must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{Keyword: "two"}))(t)), nil)

	again := must(w.WithdrawMessage(w.ctx, by(alice), bob, r.Message.ID))(t)
	w.happened()
	same(t, "twice", again, p)
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	w.say(alice, bob, "four")
	same(t, "bob's unread", w.unread(bob), map[string]int64{"alice": 1})
}

func TestWithdrawMessageRefusals(t *testing.T) {
	w := newWorld(t)
	old := w.say(alice, bob, "old")
	w.clock.advance(5 * time.Minute)
	mine := w.say(alice, bob, "mine")
	his := w.say(bob, alice, "his")
	elsewhere := w.say(alice, carol, "elsewhere")
	others := w.say(bob, carol, "others'")
	w.events.take()

	withdraw := func(what string, a, to chat.AccountID, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.WithdrawMessage(w.ctx, by(a), to, id)
		refused(t, what, err, want)
	}
	withdraw("the peer's", alice, bob, his, "forbidden")
	withdraw("in another chat", alice, bob, elsewhere, "message not found")
	withdraw("in a chat of others", alice, bob, others, "message not found")
	withdraw("no message", alice, bob, 999, "message not found")
	withdraw("a contact, nothing said", dave, "nobody", mine, "not my contract")
	withdraw("no peer", alice, "", mine, "invalid payload: touser is required")
	withdraw("unknown caller", "nobody", bob, mine, "from user not found")
	w.happened()

	// Exactly as old as may be; a moment later it is too late.
	must(w.WithdrawMessage(w.ctx, by(alice), bob, old))(t)
	w.clock.advance(5*time.Minute + time.Millisecond)
	withdraw("too old", alice, bob, mine, "withdraw expired")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, old))(t) // a retry, however late
	same(t, "bob reads", w.read(bob, user(alice)), []string{"(withdrawn)", "mine", "his"})
}

func TestWithdrawAfterTheRelationEnded(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, alice, dave))
	id := w.say(alice, dave, "secret")
	ok(t, w.Unfriend(w.ctx, alice, dave))
	must(w.WithdrawMessage(w.ctx, by(alice), dave, id))(t)
	same(t, "dave reads", w.read(dave, user(alice)), []string{"(withdrawn)"})
}

func TestWithdrawGroupMessage(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	id := w.sayIn(g, bob, "@carol look")
	ok(t, w.ShakeGroup(w.ctx, by(bob), g, []chat.AccountID{carol}, false, id))
	mentions := func() (n int) {
		for _, c := range must(w.UnreadCounts(w.ctx, carol))(t).Groups {
			if c.Mention != nil {
				n++
			}
		}
		return n
	}
	w.sayIn(g, alice, "hm")
	same(t, "mentions", mentions(), 1)
	w.events.take()
	p := must(w.WithdrawGroupMessage(w.ctx, by(bob), g, id))(t)
	w.happened(`withdrawn 2 by bob not bob-1`)
	if p.Group == nil || p.Group.ID != g || p.Message.WithdrawnBy != bob {
		t.Errorf("got %+v", p)
	}
	same(t, "mentions", mentions(), 0)
	same(t, "unread", w.unread(carol), map[string]int64{string(g): 1})

	// An administrator: anybody's, at any age.
	id = w.sayIn(g, carol, "rude")
	w.clock.advance(24 * time.Hour)
	_, err := w.WithdrawGroupMessage(w.ctx, by(bob), g, id)
	refused(t, "another's", err, "forbidden")
	_, err = w.WithdrawGroupMessage(w.ctx, by(carol), g, id)
	refused(t, "too old", err, "withdraw expired")
	w.events.take()
	must(w.WithdrawGroupMessage(w.ctx, by(alice), g, id))(t)
	w.happened(`withdrawn 4 by alice not alice-1`)
	id = w.sayIn(g, bob, "rude too")
	w.events.take()
	must(w.WithdrawGroupMessage(w.ctx, host, g, id))(t)
	w.happened(`withdrawn 5 by alice`)
}

func TestWithdrawGroupMessageRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	other := w.found("other", alice, dave)
	created := must(w.History(w.ctx, alice, group(g), chat.HistoryQuery{}))(t)[0].Message.ID
	id := w.sayIn(g, carol, "hello")
	elsewhere := w.sayIn(other, alice, "elsewhere")
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))

	withdraw := func(what string, a chat.AccountID, g chat.GroupID, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.WithdrawGroupMessage(w.ctx, by(a), g, id)
		refused(t, what, err, want)
	}
	withdraw("system message", alice, g, created, "forbidden")
	withdraw("of another group", alice, g, elsewhere, "message not found")
	withdraw("no message", alice, g, 999, "message not found")
	withdraw("stranger", dave, g, id, "not in group")
	withdraw("former member", carol, g, id, "removeit")
	withdraw("no group", alice, "nowhere", id, "group not found")
	withdraw("no id", alice, "", id, "invalid payload: group is required")
}

func TestHearVoice(t *testing.T) {
	w := newWorld(t)
	voice := must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{
		Content: chat.Content{Type: chat.TypeVoice, File: json.RawMessage(`{"key":"v","len":3}`)},
	}))(t).Message.ID
	words := w.say(alice, bob, "words")
	w.events.take()
	ok(t, w.HearVoice(w.ctx, by(bob), voice))
	w.happened(`heard bob 1 not bob-1`)
	ok(t, w.HearVoice(w.ctx, by(bob), voice))
	w.happened()
	if p := must(w.Message(w.ctx, bob, voice))(t); !p.Heard {
		t.Error("bob's history does not show it as heard")
	}
	if p := must(w.Message(w.ctx, alice, voice))(t); p.Heard {
		t.Error("alice's history shows it as heard")
	}
	refused(t, "no voice", w.HearVoice(w.ctx, by(bob), words), "invalid payload: messageId must be a voice message's")
	refused(t, "of others", w.HearVoice(w.ctx, by(carol), voice), "message not found")
	refused(t, "no message", w.HearVoice(w.ctx, by(bob), 999), "message not found")
	refused(t, "unknown caller", w.HearVoice(w.ctx, by("nobody"), voice), "from user not found")
}

// A clock that was two days ahead left a chat in the future: for two days nothing
// said there was ever too old to be withdrawn, everything said there showed a
// time in the future, and the chat stayed on top of the list. With the first message
// after the clock was set right, times are in the past. They still increase, and a
// client reads on from a time that it has seen before.
func TestClockSetBack(t *testing.T) {
	const days = 48 * time.Hour
	w := newWorld(t)
	w.clock.advance(days)
	ahead := must(w.SendMessage(w.ctx, by(alice), bob, text("ahead")))(t).Message
	ok(t, w.Shake(w.ctx, by(alice), bob))
	w.clock.advance(-days)
	now := w.clock.Now()

	m := must(w.SendMessage(w.ctx, by(alice), bob, text("right")))(t).Message
	same(t, "sent", m.Sent(), now)
	same(t, "place", m.At, now)
	stored := must(w.Message(w.ctx, bob, m.ID))(t).Message
	same(t, "stored", [2]time.Time{stored.Sent(), stored.At}, [2]time.Time{m.Sent(), m.At})
	page := must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{BeforeAt: m.At}))(t)
	same(t, "before its time", texts(page), []string{"ahead"})
	if moved := page[0].Message; !moved.At.Before(now) || !moved.Sent().Equal(moved.At) {
		t.Errorf("the message of the future: got place %v, sent %v, want both before %v", moved.At, moved.Sent(), now)
	}
	page = must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{BeforeAt: ahead.At}))(t)
	same(t, "before its former time", texts(page), nil)
	page = must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{AfterAt: ahead.At, OldestFirst: true}))(t)
	same(t, "after its former time", texts(page), []string{"right"})

	_, err := w.WithdrawMessage(w.ctx, by(alice), bob, ahead.ID)
	refused(t, "sent in the future", err, "withdraw expired")
	w.clock.advance(5 * time.Minute)
	must(w.WithdrawMessage(w.ctx, by(alice), bob, m.ID))(t)
	m = must(w.SendMessage(w.ctx, by(alice), bob, text("old")))(t).Message
	w.clock.advance(5*time.Minute + time.Millisecond)
	_, err = w.WithdrawMessage(w.ctx, by(alice), bob, m.ID)
	refused(t, "too old", err, "withdraw expired")
	ok(t, w.Shake(w.ctx, by(alice), bob))

	// When the clock comes there again, nothing is in its way.
	w.clock.advance(days)
	m = must(w.SendMessage(w.ctx, by(alice), bob, text("later")))(t).Message
	same(t, "later", [2]time.Time{m.Sent(), m.At}, [2]time.Time{w.clock.Now(), w.clock.Now()})
}

// A message had the time at which its request came. A request that had waited longer
// than others for its turn looked as if the clock had been set back: messages that had
// been stored meanwhile got earlier times and could no longer be withdrawn.
func TestClockOfARequestThatWaited(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, bob, dave))
	first := must(w.SendMessage(w.ctx, by(bob), dave, text("first")))(t).Message

	sent := make(chan chat.Message, 1)
	other := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "meanwhile"}, Conversation: first.Conversation, From: bob}
	ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error {
		go func() {
			r, err := w.SendMessage(w.ctx, by(alice), bob, text("waited"))
			if err != nil {
				t.Errorf("SendMessage: %v", err)
			}
			sent <- r.Message
		}()
		for w.store.Waiting() == 0 {
			runtime.Gosched()
		}
		w.clock.advance(time.Minute)
		other.At = w.clock.Now()
		return tx.AppendMessage(&other)
	}))
	same(t, "time of the message that waited", (<-sent).At, w.clock.Now())
	same(t, "time of the other message", must(w.Message(w.ctx, dave, other.ID))(t).Message.At, w.clock.Now())
	must(w.WithdrawMessage(w.ctx, by(bob), dave, other.ID))(t)
}
