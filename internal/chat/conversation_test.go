package chat_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestCurrentChat(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	left := w.found("left", alice, bob)
	ok(t, w.LeaveGroup(w.ctx, by(bob), left))
	ok(t, w.Befriend(w.ctx, bob, dave))
	w.say(bob, dave, "hello")
	ok(t, w.Unfriend(w.ctx, bob, dave))
	for id, want := range map[string]chat.ChatRef{
		"alice":         user(alice),
		"bob":           user(chat.FileTransfer),
		"file-transfer": user(chat.FileTransfer),
		"dave":          user(dave), // no contact any more, but there is a chat
		string(g):       group(g),
		string(left):    group(left), // its history can be looked at
		"task":          {Type: chat.SessionTask, ID: "task"},
		"nobody":        {},
		"demo":          {}, // an organization is no chat
	} {
		ref, found, err := w.SetCurrentChat(w.ctx, viewer(bob), id)
		ok(t, err)
		if ref != want || found != (want != chat.ChatRef{}) {
			t.Errorf("%s: got %+v, %t, want %+v", id, ref, found, want)
		}
	}
	for what, id := range map[string]string{"stranger": "bob", "group of others": string(g)} {
		ref, found, err := w.SetCurrentChat(w.ctx, viewer(carol), id)
		if what == "stranger" {
			ref, found, err = w.SetCurrentChat(w.ctx, viewer(dave), "alice")
		}
		ok(t, err)
		if found {
			t.Errorf("%s: got %+v, want that there is no such thing", what, ref)
		}
	}
	_, _, err := w.SetCurrentChat(w.ctx, viewer(bob), "")
	refused(t, "nothing", err, "invalid payload: id is required")
	_, _, err = w.SetCurrentChat(w.ctx, viewer(bob), strings.Repeat("x", 129))
	refused(t, "huge", err, "invalid payload: id must be at most 128 bytes")
}

func TestUnreadCounts(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	w.say(alice, bob, "one")
	w.say(alice, bob, "two")
	w.say(carol, bob, "three")
	id := w.sayIn(g, alice, "@bob")
	ok(t, w.ShakeGroup(w.ctx, by(alice), g, []chat.AccountID{bob}, false, id))
	ok(t, w.SetGroupPush(w.ctx, by(bob), g, false))

	counts := must(w.UnreadCounts(w.ctx, bob))(t)
	same(t, "numbers", w.unread(bob), map[string]int64{"alice": 2, "carol": 1, string(g): 1})
	same(t, "total and muted", [2]int64{counts.Total, counts.Muted}, [2]int64{4, 1})
	if len(counts.Groups) != 1 || counts.Groups[0].Push || counts.Groups[0].Mention == nil || counts.Groups[0].Mention.Message != id {
		t.Errorf("got groups %+v, want one muted with a mention by message %d", counts.Groups, id)
	}
	same(t, "nobody", must(w.UnreadCounts(w.ctx, "nobody"))(t), chat.UnreadCounts{})
}

// Own messages never count, whether or not what came before them is read.
func TestOwnMessagesNeverCount(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "one")
	w.say(bob, alice, "answer without reading")
	same(t, "bob", w.unread(bob), map[string]int64{"alice": 1})
	same(t, "alice", w.unread(alice), map[string]int64{"bob": 1})
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	w.say(bob, alice, "more")
	same(t, "bob", w.unread(bob), map[string]int64{})
}

func TestClearUnread(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	w.say(alice, bob, "one")
	w.sayIn(g, alice, "two")
	w.events.take()
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	w.happened(`read bob alice not bob-1`)
	same(t, "unread", w.unread(bob), map[string]int64{string(g): 1})
	ok(t, w.ClearUnread(w.ctx, by(bob), group(g)))
	w.happened(`read bob ` + string(g) + ` not bob-1`)
	same(t, "unread", w.unread(bob), map[string]int64{})
	ok(t, w.ClearUnread(w.ctx, by(bob), user(alice)))
	ok(t, w.ClearUnread(w.ctx, by(bob), user(carol))) // a contact, nothing said
	ok(t, w.ClearUnread(w.ctx, by(bob), user(bob)))
	w.happened(`read bob alice not bob-1`, `read bob carol not bob-1`, `read bob file-transfer not bob-1`)
	same(t, "the other side is not read by it", w.unread(alice), map[string]int64{})

	clear := func(what string, a chat.AccountID, ref chat.ChatRef, want string) {
		t.Helper()
		refused(t, what, w.ClearUnread(w.ctx, by(a), ref), want)
	}
	clear("stranger", bob, user(dave), "not my contract")
	clear("nobody", bob, user("nobody"), "not my contract")
	clear("group of others", carol, group(g), "not in group")
	clear("no group", bob, group("nowhere"), "group not found")
	clear("inbox", bob, chat.ChatRef{Type: chat.SessionTask, ID: "task"}, "invalid payload: type must be 1 or 2")
	clear("no id", bob, user(""), "invalid payload: id is required")
	clear("unknown caller", "nobody", user(bob), "from user not found")
	w.happened()
}

func TestReadUpTo(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	one := w.sayIn(g, alice, "one")
	two := w.sayIn(g, alice, "two")
	w.sayIn(g, bob, "own")
	three := w.sayIn(g, carol, "three")
	w.events.take()
	left := func() int64 { return w.unread(bob)[string(g)] }
	place := func(count int64, first chat.MessageID) {
		t.Helper()
		want := chat.UnreadPlace{Count: count, First: first}
		if first != 0 {
			want.FirstAt = must(w.Message(w.ctx, bob, first))(t).Message.At
		}
		same(t, "place", must(w.UnreadPlace(w.ctx, bob, group(g)))(t), want)
	}
	place(3, one)

	ok(t, w.ReadUpTo(w.ctx, by(bob), group(g), one))
	w.happened(fmt.Sprintf("read bob %s up to %d, 2 left up to %d not bob-1", g, one, three))
	same(t, "left", left(), 2)
	place(2, two)
	ok(t, w.ReadUpTo(w.ctx, by(bob), group(g), three))
	w.happened(fmt.Sprintf("read bob %s up to %d, 0 left up to %d not bob-1", g, three, three))
	place(0, 0)
	ok(t, w.ReadUpTo(w.ctx, by(bob), group(g), one)) // never back
	same(t, "left after an older message", left(), 0)

	elsewhere := w.say(alice, bob, "elsewhere")
	refused(t, "a message of another chat", w.ReadUpTo(w.ctx, by(bob), group(g), elsewhere), "message not found")
	refused(t, "no such message", w.ReadUpTo(w.ctx, by(bob), group(g), 1<<40), "message not found")
	refused(t, "never a member", w.ReadUpTo(w.ctx, by(dave), group(g), one), "not in group")
	same(t, "left in the other chat", w.unread(bob)[string(alice)], 1)
}

func TestClearAllUnread(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	w.say(alice, bob, "one")
	w.sayIn(g, alice, "two")
	w.notify("task", bob)
	same(t, "totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 3})
	w.events.take()
	ok(t, w.ClearAllUnread(w.ctx, by(bob)))
	w.happened(`all read bob`)
	same(t, "totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{})
	refused(t, "unknown caller", w.ClearAllUnread(w.ctx, by("nobody")), "from user not found")
}

func TestRemoveSession(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "one")
	ok(t, w.SetSticky(w.ctx, by(bob), user(alice), true))
	w.notify("task", bob)
	w.events.take()

	ok(t, w.RemoveSession(w.ctx, by(bob), user(alice)))
	w.happened(`removed bob 1 alice`)
	same(t, "unread", w.unread(bob), map[string]int64{})
	same(t, "list", w.listed(bob), []string{"task"})
	same(t, "alice keeps it", w.listed(alice), []string{"bob"})
	same(t, "nothing is deleted", w.read(bob, user(alice)), []string{"one"})
	w.say(alice, bob, "two")
	w.happened(`sent from alice "two" to bob not alice-1 gained bob`)
	same(t, "unread", w.unread(bob), map[string]int64{"alice": 1})
	if row := must(w.ChatList(w.ctx, bob, 0, 1))(t)[0]; !row.TopAt.IsZero() {
		t.Errorf("the chat is on top again: %+v", row)
	}

	// For an inbox the type says which, whatever the id.
	ok(t, w.SetSticky(w.ctx, by(bob), chat.ChatRef{Type: chat.SessionTask}, true))
	w.events.take()
	ok(t, w.RemoveSession(w.ctx, by(bob), chat.ChatRef{Type: chat.SessionTask, ID: "42"}))
	w.happened(`removed bob 6 task`)
	same(t, "list", w.listed(bob), []string{"alice"})
	same(t, "totals", must(w.UnreadTotals(w.ctx, bob))(t), chat.UnreadTotals{Count: 1})
	ok(t, w.RemoveSession(w.ctx, by(bob), user(carol)))
	ok(t, w.RemoveSession(w.ctx, by(bob), chat.ChatRef{Type: chat.SessionPublic, ID: "news"}))
	ok(t, w.RemoveSession(w.ctx, by(bob), chat.ChatRef{Type: chat.SessionHR}))
	w.happened(`removed bob 1 carol`, `removed bob 100 news`, `removed bob 8 hr`)

	g := w.found("team", alice, carol)
	remove := func(what string, ref chat.ChatRef, want string) {
		t.Helper()
		refused(t, what, w.RemoveSession(w.ctx, by(bob), ref), want)
	}
	remove("stranger", user(dave), "not my contract")
	remove("group of others", group(g), "not in group")
	remove("no group", group("nowhere"), "group not found")
	remove("no type", chat.ChatRef{ID: "alice"}, "invalid payload: type must be 1 to 10 or 100")
	remove("unknown type", chat.ChatRef{Type: 11, ID: "alice"}, "invalid payload: type must be 1 to 10 or 100")
	remove("no id", user(""), "invalid payload: id is required")
	w.happened()

	w.clock.advance(time.Second)
	w.notify("task", bob)
	if row := must(w.ChatList(w.ctx, bob, 0, 9))(t)[0]; row.Ref.ID != "task" || !row.TopAt.IsZero() || row.Unread != 1 {
		t.Errorf("the inbox after something new: got %+v", row)
	}
}

func TestSticky(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxTop = 2 })
	g := w.found("team", alice, bob)
	w.say(alice, bob, "one")
	w.clock.advance(time.Second)
	w.say(carol, bob, "two")
	w.clock.advance(time.Second)
	w.notify("task", bob)
	w.events.take()
	same(t, "list", w.listed(bob), []string{"task", "carol", "alice", string(g)})

	ok(t, w.SetSticky(w.ctx, by(bob), group(g), true))
	ok(t, w.SetSticky(w.ctx, by(bob), chat.ChatRef{Type: chat.SessionTask}, true))
	w.happened(`sticky bob `+string(g)+` true`, `sticky bob task true`)
	same(t, "list", w.listed(bob), []string{"task", string(g), "carol", "alice"})
	ok(t, w.SetSticky(w.ctx, by(bob), group(g), true)) // twice is once
	w.happened(`sticky bob ` + string(g) + ` true`)

	refused(t, "a third", w.SetSticky(w.ctx, by(bob), user(alice), true), "invalid payload: isTop must not be set for more than 2 chats")
	ok(t, w.SetSticky(w.ctx, by(bob), group(g), false))
	w.happened(`sticky bob ` + string(g) + ` false`)
	ok(t, w.SetSticky(w.ctx, by(bob), user(alice), true))
	same(t, "list", w.listed(bob), []string{"task", "alice", "carol", string(g)})
	refused(t, "another's list is another", w.SetSticky(w.ctx, by(bob), user(carol), true), "invalid payload: isTop must not be set for more than 2 chats")
	ok(t, w.SetSticky(w.ctx, by(alice), user(bob), true))

	refused(t, "not in the list", w.SetSticky(w.ctx, by(alice), user(carol), true), "invalid payload: value is not in the chat list")
	refused(t, "empty inbox", w.SetSticky(w.ctx, by(alice), chat.ChatRef{Type: chat.SessionHR}, true), "invalid payload: value is not in the chat list")
	refused(t, "stranger", w.SetSticky(w.ctx, by(bob), user(dave), true), "not my contract")
	refused(t, "group of others", w.SetSticky(w.ctx, by(carol), group(g), true), "not in group")
	for _, no := range []chat.SessionType{0, 11, chat.SessionPublic} {
		refused(t, fmt.Sprint("type ", no), w.SetSticky(w.ctx, by(bob), chat.ChatRef{Type: no, ID: "alice"}, true), "invalid payload: type must be 1 to 10")
	}
	w.events.take()
	ok(t, w.SetSticky(w.ctx, by(alice), user(carol), false)) // not on top, not in the list: so be it
	ok(t, w.SetSticky(w.ctx, by(alice), chat.ChatRef{Type: chat.SessionHR}, false))
	w.happened(`sticky alice carol false`, `sticky alice hr false`)
}

func TestOperate(t *testing.T) {
	w := newWorld(t)
	ok(t, w.Operate(w.ctx, by(alice), json.RawMessage(`{"any": [1]}`)))
	w.happened(`operated alice {"any": [1]} not alice-1`)
	refused(t, "unknown caller", w.Operate(w.ctx, by("nobody"), json.RawMessage(`{}`)), "from user not found")
}

func TestChatList(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	for i := range 3 {
		w.say(alice, bob, fmt.Sprint("message ", i))
	}
	ok(t, w.Befriend(w.ctx, bob, dave))
	w.clock.advance(time.Second)
	w.say(dave, bob, "hi")
	ok(t, w.Unfriend(w.ctx, bob, dave))

	rows := must(w.ChatList(w.ctx, bob, 0, 2))(t)
	if len(rows) != 2 {
		t.Fatalf("got %d rows, want 2", len(rows))
	}
	first, second := rows[0], rows[1]
	if first.Ref != user(dave) || first.Name != "Dave" || first.IsContact || first.Unread != 1 || first.Last.Message.Text != "hi" {
		t.Errorf("got first row %+v", first)
	}
	if second.Ref != user(alice) || second.Name != "Alice" || !second.IsContact || second.Unread != 3 || second.Last.Message.Text != "message 2" {
		t.Errorf("got second row %+v", second)
	}
	rows = must(w.ChatList(w.ctx, bob, 2, 2))(t)
	if len(rows) != 1 || rows[0].Ref != group(g) || rows[0].Name != "team" || !rows[0].IsPost || !rows[0].Push || !rows[0].IsContact {
		t.Errorf("got third row %+v", rows)
	}
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	must(w.UpdateAccount(w.ctx, alice, chat.AccountPatch{Active: new(false)}))(t)
	for _, row := range must(w.ChatList(w.ctx, bob, 0, 9))(t) {
		if row.IsContact {
			t.Errorf("nobody is there any more, got row %+v", row)
		}
	}
	same(t, "behind the end", len(must(w.ChatList(w.ctx, bob, 3, 2))(t)), 0)
	_, err := w.ChatList(w.ctx, bob, -1, 2)
	refused(t, "negative", err, "invalid payload: pageIndex must be a positive number")
}

// The list went by times: a chat and an inbox from while the clock was two days ahead
// stayed on top for two days, and clients showed a time in the future.
func TestChatListAfterAWrongClock(t *testing.T) {
	const days = 48 * time.Hour
	w := newWorld(t)
	ok(t, w.Befriend(w.ctx, bob, dave))
	w.say(carol, bob, "long before")
	w.clock.advance(days)
	w.say(alice, bob, "ahead")
	w.notify("task", bob)
	w.clock.advance(-days)
	shown := func(want ...string) {
		t.Helper()
		rows := must(w.ChatList(w.ctx, bob, 0, 9))(t)
		same(t, "list", refIDs(rows), want)
		for _, row := range rows {
			if row.At.After(w.clock.Now()) {
				t.Errorf("%s: got %v, which is in the future", row.Ref.ID, row.At)
			}
		}
		for i := range rows {
			same(t, "page of one row", refIDs(must(w.ChatList(w.ctx, bob, i, 1))(t)), want[i:i+1])
		}
	}
	ok(t, w.FollowClock(w.ctx)) // as at a start
	shown("task", "alice", "carol")
	w.say(dave, bob, "right")
	shown("dave", "task", "alice", "carol")
	w.notify("post", bob)
	w.clock.advance(time.Second)
	w.say(carol, bob, "later")
	shown("carol", "post", "dave", "task", "alice")
	var unread []chat.Category
	for _, i := range must(w.InboxUnread(w.ctx, bob))(t) {
		unread = append(unread, i.Inbox.Category)
	}
	same(t, "inbox unread", unread, []chat.Category{"post", "task"})
	if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
		t.Errorf("got report:\n%s", report)
	}
}

func refIDs(rows []chat.ChatRow) (ids []string) {
	for _, row := range rows {
		ids = append(ids, row.Ref.ID)
	}
	return ids
}

// notify puts one notification into the accounts' inboxes.
func (w *world) notify(c chat.Category, accounts ...chat.AccountID) {
	w.t.Helper()
	_, _, err := w.Notify(w.ctx, chat.NewNotification{Category: c, Type: "0", Text: "news", Accounts: accounts})
	ok(w.t, err)
}
