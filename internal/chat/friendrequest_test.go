package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

func TestFriendRequest(t *testing.T) {
	w := newWorld(t)
	r := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave, Message: "It's me"}))(t)
	w.happened(`notified system "Alice would like to be your friend: It's me": dave silent=false`)
	if r.State != chat.RequestWaiting || r.Sender.ID != alice || r.Receiver.ID != dave || r.Receiver.Email != "" || r.Sender.Email == "" {
		t.Errorf("got request %+v", r)
	}
	n := must(w.Notices(w.ctx, by(dave), "system", 0, 10))(t)[0]
	if n.Type != "friend request" || n.Name != "Alice" || n.EntityID != string(r.ID) || !n.Unread {
		t.Errorf("got notification %+v", n)
	}
	again := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{Email: "DAVE@example.com", Message: "Please"}))(t)
	same(t, "asked twice", again.FriendRequest, r.FriendRequest)
	w.happened()
	for _, a := range []chat.AccountID{alice, dave} {
		same(t, "requests of "+string(a), len(must(w.FriendRequests(w.ctx, by(a), 0, 10))(t)), 1)
	}

	w.clock.advance(time.Minute)
	answered := must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true))(t)
	w.happened(
		`contact alice "Alice" contact=true friend=true to dave`,
		`contact dave "Dave" contact=true friend=true to alice`,
		`notified system "Dave accepted your friend request": alice silent=false`,
	)
	if answered.State != chat.RequestAccepted || !answered.Sender.Friend || !answered.AnsweredAt.Equal(w.clock.Now()) {
		t.Errorf("got answered %+v", answered)
	}
	same(t, "accepted twice", must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true))(t), answered)
	w.happened()
	w.say(alice, dave, "hello")
	_, err := w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{To: alice})
	refused(t, "friends", err, "already exists")
	_, err = w.AnswerFriendRequest(w.ctx, by(dave), r.ID, false)
	refused(t, "declined after all", err, "already exists")

	// A former friend may send a request again.
	ok(t, w.Unfriend(w.ctx, dave, alice))
	w.events.take()
	anew := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave}))(t)
	same(t, "id", anew.ID, r.ID)
	w.happened(`notified system "Alice would like to be your friend": dave silent=false`)
}

func TestCrossingFriendRequests(t *testing.T) {
	w := newWorld(t)
	first := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave}))(t)
	w.events.take()
	crossing := must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{Email: "alice@example.com"}))(t)
	same(t, "id", crossing.ID, first.ID)
	same(t, "state", crossing.State, chat.RequestAccepted)
	w.happened(
		`contact alice "Alice" contact=true friend=true to dave`,
		`contact dave "Dave" contact=true friend=true to alice`,
		`notified system "Dave accepted your friend request": alice silent=false`,
	)
	// A change by the host system answers the waiting request.
	r := must(w.RequestFriend(w.ctx, by(bob), chat.NewFriendRequest{To: dave}))(t)
	ok(t, w.Befriend(w.ctx, dave, bob))
	same(t, "state", must(w.FriendRequests(w.ctx, by(bob), 0, 1))(t)[0].State, chat.RequestAccepted)
	refused(t, "take back", w.TakeBackFriendRequest(w.ctx, by(bob), r.ID), "not found")
}

func TestDeclinedFriendRequest(t *testing.T) {
	w := newWorld(t)
	r := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave}))(t)
	w.events.take()
	declined := must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, false))(t)
	same(t, "state", declined.State, chat.RequestDeclined)
	must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, false))(t) // twice is once
	w.happened()
	_, err := w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true)
	refused(t, "accepted after all", err, "already exists")
	refused(t, "take back", w.TakeBackFriendRequest(w.ctx, by(alice), r.ID), "not found")
	w.clock.advance(24*time.Hour - time.Millisecond)
	_, err = w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave})
	refused(t, "again at once", err, "too many requests")
	w.happened()
	w.clock.advance(time.Millisecond)
	must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave}))(t)
	w.happened(`notified system "Alice would like to be your friend": dave silent=false`)
}

func TestTakeBackFriendRequest(t *testing.T) {
	w := newWorld(t)
	r := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave, Message: "oops"}))(t)
	w.events.take()
	for _, a := range []chat.AccountID{dave, bob} {
		refused(t, "not one's own", w.TakeBackFriendRequest(w.ctx, by(a), r.ID), "not found")
	}
	ok(t, w.TakeBackFriendRequest(w.ctx, by(alice), r.ID))
	refused(t, "twice", w.TakeBackFriendRequest(w.ctx, by(alice), r.ID), "not found")
	_, err := w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true)
	refused(t, "answer", err, "not found")
	for _, a := range []chat.AccountID{alice, dave} {
		same(t, "requests of "+string(a), len(must(w.FriendRequests(w.ctx, by(a), 0, 10))(t)), 0)
	}
	_, err = w.Profile(w.ctx, by(dave), alice)
	refused(t, "a stranger again", err, "account not found")

	// Made again, it does not ring again for a day.
	again := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave, Message: "right"}))(t)
	same(t, "id and message", string(again.ID)+again.Message, string(r.ID)+"right")
	w.happened()
	ok(t, w.TakeBackFriendRequest(w.ctx, by(alice), r.ID))
	w.clock.advance(24 * time.Hour)
	must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave}))(t)
	w.happened(`notified system "Alice would like to be your friend": dave silent=false`)
}

func TestFriendRequestRefusals(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxFriendRequests = 2 })
	must(w.CreateAccount(w.ctx, chat.Account{ID: "gone", Name: "Gone", Email: "gone@example.com"}))(t)
	must(w.UpdateAccount(w.ctx, "gone", chat.AccountPatch{Active: new(false)}))(t)
	must(w.CreateAccount(w.ctx, chat.Account{ID: "erin", Name: "Erin", Email: "Erin@example.com"}))(t)
	w.events.take()
	ask := func(who chat.AccountID, n chat.NewFriendRequest, want string) {
		t.Helper()
		_, err := w.RequestFriend(w.ctx, by(who), n)
		refused(t, fmt.Sprintf("%s: %+v", who, n), err, want)
	}
	ask(dave, chat.NewFriendRequest{}, "invalid payload: to is required")
	ask(dave, chat.NewFriendRequest{To: alice, Email: "alice@example.com"}, "invalid payload: email must not be given beside to")
	ask(dave, chat.NewFriendRequest{To: dave}, "invalid payload: to must be somebody else")
	ask(dave, chat.NewFriendRequest{Email: "dave@example.com"}, "invalid payload: email must be somebody else's")
	ask(dave, chat.NewFriendRequest{To: "nobody"}, "account not found")
	ask(dave, chat.NewFriendRequest{Email: "alice"}, "account not found") // the whole address
	ask(dave, chat.NewFriendRequest{Email: "%"}, "account not found")
	ask(dave, chat.NewFriendRequest{To: "gone"}, "account not found")
	ask(dave, chat.NewFriendRequest{Email: "gone@example.com"}, "account not found")
	ask(dave, chat.NewFriendRequest{To: chat.AccountID(strings.Repeat("x", 129))}, "invalid payload: to must be at most 128 bytes")
	ask(dave, chat.NewFriendRequest{Email: strings.Repeat("x", 255)}, "invalid payload: email must be at most 254 bytes")
	ask(dave, chat.NewFriendRequest{To: alice, Message: strings.Repeat("x", 201)}, "invalid payload: message must be at most 200 characters")
	ask("nobody", chat.NewFriendRequest{To: alice}, "from user not found")
	w.happened()

	r := must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{To: alice}))(t)
	must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{To: bob}))(t)
	ask(dave, chat.NewFriendRequest{To: carol}, "invalid payload: to must not be asked while 2 others have not answered")
	_, err := w.AnswerFriendRequest(w.ctx, by(bob), r.ID, true)
	refused(t, "somebody else's", err, "not found")
	_, err = w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true)
	refused(t, "one's own", err, "not found")
	_, err = w.AnswerFriendRequest(w.ctx, by(alice), "none", true)
	refused(t, "none", err, "not found")
	_, err = w.AnswerFriendRequest(w.ctx, by(alice), "", true)
	refused(t, "no id", err, "invalid payload: request is required")
	must(w.AnswerFriendRequest(w.ctx, by(alice), r.ID, false))(t)
	must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{To: carol}))(t)
	_, err = w.FriendRequests(w.ctx, by(dave), -1, 1)
	refused(t, "offset", err, "invalid payload: offset must not be negative")

	w.clock.advance(time.Second)
	must(w.RequestFriend(w.ctx, by(bob), chat.NewFriendRequest{To: "dave"}))(t) // answers Dave's
	must(w.RequestFriend(w.ctx, by(dave), chat.NewFriendRequest{Email: "erin@example.com"}))(t)
	var order []string
	for _, r := range must(w.FriendRequests(w.ctx, by(dave), 0, 2))(t) {
		order = append(order, string(r.To))
	}
	same(t, "newest first", order[0], "erin")
}

func TestFriendRequestWordsInChinese(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.Settings.Language = "zh" })
	r := must(w.RequestFriend(w.ctx, by(alice), chat.NewFriendRequest{To: dave, Message: "我是爱丽丝"}))(t)
	must(w.AnswerFriendRequest(w.ctx, by(dave), r.ID, true))(t)
	must(w.RequestFriend(w.ctx, by(bob), chat.NewFriendRequest{To: dave}))(t)
	same(t, "asked", must(w.Notices(w.ctx, by(dave), "system", 0, 10))(t)[1].Text, "Alice请求添加你为好友：我是爱丽丝")
	same(t, "asked without a word", must(w.Notices(w.ctx, by(dave), "system", 0, 10))(t)[0].Text, "Bob请求添加你为好友")
	same(t, "accepted", must(w.Notices(w.ctx, by(alice), "system", 0, 10))(t)[0].Text, "Dave通过了你的好友申请")
}

func TestNotices(t *testing.T) {
	w := newWorld(t)
	same(t, "nothing has come", must(w.Notices(w.ctx, by(bob), "task", 0, 10))(t), nil)
	for _, words := range []string{"one", "two", "three"} {
		_, _, err := w.Notify(w.ctx, chat.NewNotification{Category: "task", Type: "x", Text: words, Accounts: []chat.AccountID{bob}})
		ok(t, err)
	}
	ok(t, w.ClearNotification(w.ctx, by(bob), "task", 1, true))
	list := func(before int64, limit int) (all []string) {
		t.Helper()
		for _, n := range must(w.Notices(w.ctx, by(bob), "task", before, limit))(t) {
			all = append(all, fmt.Sprintf("%s unread=%t", n.Text, n.Unread))
		}
		return all
	}
	same(t, "newest", list(0, 2), []string{"three unread=true", "two unread=false"})
	same(t, "before", list(2, 2), []string{"one unread=false"})
	_, err := w.Notices(w.ctx, by(bob), "gossip", 0, 1)
	refused(t, "gossip", err, "invalid payload: category must be the name of an inbox")
	_, err = w.Notices(w.ctx, host, "task", 0, 1)
	refused(t, "nobody's", err, "from user not found")
}
