package storetest

import "parley/internal/chat"

var cursorTests = []test{
	{"own messages never count", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		w.say(c.ID, "ann", "1")
		w.say(c.ID, "bob", "2")
		w.say(c.ID, "ann", "3")
		w.wantUnread(c.ID, "ann", 1)
		w.wantUnread(c.ID, "bob", 2)
		same(w, "moved", made(w, func(tx chat.Tx) (bool, error) { return tx.MarkRead(c.ID, "bob") }), true)
		same(w, "again", made(w, func(tx chat.Tx) (bool, error) { return tx.MarkRead(c.ID, "bob") }), false)
		same(w, "a stranger", made(w, func(tx chat.Tx) (bool, error) { return tx.MarkRead(c.ID, "nobody") }), false)
		w.wantUnread(c.ID, "bob", 0)
		w.say(c.ID, "bob", "4")
		w.wantUnread(c.ID, "bob", 0)
		w.wantUnread(c.ID, "ann", 2)
	}},

	{"system messages never count", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g", "ann", "bob")
		w.announce(g.Conversation, "ann")
		w.say(g.Conversation, "ann", "1")
		w.announce(g.Conversation, "ann")
		w.wantUnread(g.Conversation, "bob", 1)
		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(g.Conversation, "bob"); return err })
		w.announce(g.Conversation, "bob")
		w.wantUnread(g.Conversation, "bob", 0)
		w.wantUnread(g.Conversation, "ann", 0)
	}},

	{"withdrawn messages do not count", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		read := w.say(c.ID, "ann", "read")
		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(c.ID, "bob"); return err })
		one, two := w.say(c.ID, "ann", "1"), w.say(c.ID, "ann", "2")
		own := w.say(c.ID, "bob", "own")
		w.wantUnread(c.ID, "bob", 2)
		withdraw := func(m chat.Message) {
			w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, m.From, w.tick()) })
		}
		withdraw(one)
		w.wantUnread(c.ID, "bob", 1)
		withdraw(read)
		withdraw(own)
		w.wantUnread(c.ID, "bob", 1)
		w.wantUnread(c.ID, "ann", 0)
		withdraw(two)
		w.wantUnread(c.ID, "bob", 0)
		w.say(c.ID, "ann", "3")
		w.wantUnread(c.ID, "bob", 1)
	}},

	{"present ones have read", func(w *world) {
		w.people("ann", "bob", "cid", "dot")
		g := w.group("g", "ann", "bob", "cid")
		w.say(g.Conversation, "ann", "1")
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "cid", w.tick()) })
		w.say(g.Conversation, "ann", "2")
		same(w, "moved", made(w, func(tx chat.Tx) ([]chat.AccountID, error) {
			return tx.MarkReadAll(g.Conversation, []chat.AccountID{"dot", "cid", "bob", "ann"})
		}), []chat.AccountID{"bob", "ann"})
		same(w, "again", made(w, func(tx chat.Tx) ([]chat.AccountID, error) {
			return tx.MarkReadAll(g.Conversation, []chat.AccountID{"bob"})
		}), nil)
		w.wantUnread(g.Conversation, "bob", 0)
	}},

	{"everything read", func(w *world) {
		w.people("ann", "bob")
		c, g := w.direct("ann", "bob"), w.group("g", "ann", "bob")
		w.say(c.ID, "ann", "1")
		w.say(g.Conversation, "ann", "2")
		w.say(g.Conversation, "bob", "3")
		w.do(func(tx chat.Tx) error {
			_, err := tx.AddNotification(&chat.Notification{Category: "task", At: w.tick()}, []chat.AccountID{"bob", "ann"})
			return err
		})
		w.do(func(tx chat.Tx) error { return tx.MarkEverythingRead("bob") })
		same(w, "chats", get(w, func(tx chat.Tx) ([]chat.ChatUnread, error) { return tx.ChatUnreads("bob") }), nil)
		inbox := get(w, func(tx chat.Tx) (chat.Inbox, error) { return tx.Inbox("bob", "task") })
		same(w, "inbox", inbox.Unread(), 0)
		w.wantUnread(g.Conversation, "ann", 1)
		w.say(g.Conversation, "bob", "4")
		w.say(g.Conversation, "ann", "5")
		w.wantUnread(g.Conversation, "bob", 1)
	}},

	{"a list of counts", func(w *world) {
		w.people("ann", "bob", "cid")
		c, g := w.direct("ann", "bob"), w.group("g", "ann", "bob", "cid")
		quiet := w.direct("bob", "cid")
		w.say(g.Conversation, "cid", "1")
		w.say(c.ID, "ann", "2")
		w.say(quiet.ID, "bob", "own")
		w.do(func(tx chat.Tx) error { return tx.SetPush(g.Conversation, "bob", false) })
		same(w, "newest first", get(w, func(tx chat.Tx) ([]chat.ChatUnread, error) { return tx.ChatUnreads("bob") }), []chat.ChatUnread{
			{Ref: chat.ChatRef{Type: chat.SessionUser, ID: "ann"}, Count: 1, Push: true},
			{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "g"}, Count: 1, Push: false},
		})
	}},

	{"mentions", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		mention := func(m chat.Message, who ...chat.AccountID) {
			w.do(func(tx chat.Tx) error { return tx.AddMentions(g.Conversation, m.ID, m.Seq, who) })
		}
		latest := func(a chat.AccountID) *chat.Mention {
			return get(w, func(tx chat.Tx) (chat.ChatUnread, error) { return tx.ChatUnread(g.Conversation, a) }).Mention
		}
		one, two := w.say(g.Conversation, "ann", "1"), w.say(g.Conversation, "cid", "2")
		same(w, "none", latest("bob"), nil)
		mention(one, "bob")
		mention(one, "bob")
		same(w, "by ann", latest("bob"), &chat.Mention{Message: one.ID, At: one.At, From: "ann"})
		mention(two, chat.Everyone)
		mention(two, chat.Everyone)
		all := &chat.Mention{Message: two.ID, At: two.At, From: "cid", All: true}
		same(w, "everyone", latest("bob"), all)
		same(w, "not by oneself", latest("cid"), nil)
		mention(two, "bob")
		rows := get(w, func(tx chat.Tx) ([]chat.ChatRow, error) { return tx.ChatList("bob", 0, 10) })
		same(w, "in the list", rows[0].Mentions, []chat.Mention{{Message: two.ID, At: two.At, From: "cid"}, {Message: one.ID, At: one.At, From: "ann"}})
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(two.ID, "cid", w.tick()) })
		same(w, "withdrawn", latest("bob").Message, one.ID)
		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(g.Conversation, "bob"); return err })
		same(w, "read", latest("bob"), nil)
	}},
}
