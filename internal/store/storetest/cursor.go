package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var cursorTests = []test{
	{"readers", func(w *world) {
		w.people("ann", "bob", "cid", "dan")
		g := w.group("g", "ann", "bob", "cid")
		first := w.say(g.Conversation, "ann", "one")
		w.announce(g.Conversation, "ann")
		w.do(func(tx chat.Tx) error {
			return tx.AddMembers(g.Conversation, []chat.AccountID{"dan"}, chat.RoleMember, w.tick())
		})
		last := w.say(g.Conversation, "bob", "two")
		w.do(func(tx chat.Tx) error { return tx.MarkReadUpTo(g.Conversation, "cid", first.Seq) })
		cursors := func() []chat.Cursors {
			return get(w, func(tx chat.Tx) ([]chat.Cursors, error) { return tx.ReadCursors(g.Conversation) })
		}
		same(w, "cursors", cursors(), []chat.Cursors{
			{Joined: 0, Read: 0, Count: 2}, {Joined: 0, Read: first.Seq, Count: 1}, {Joined: last.Seq - 1, Read: last.Seq - 1, Count: 1},
		})
		readers := func(author chat.AccountID, m chat.Message, read bool, offset, limit int) (ids []chat.AccountID) {
			for _, a := range get(w, func(tx chat.Tx) ([]chat.Account, error) {
				return tx.Readers(g.Conversation, author, m.Seq, read, offset, limit)
			}) {
				ids = append(ids, a.ID)
			}
			return ids
		}
		same(w, "who has read the first", readers("ann", first, true, 0, 9), []chat.AccountID{"cid"})
		same(w, "who has not", readers("ann", first, false, 0, 9), []chat.AccountID{"bob"})
		same(w, "who has not read the last", readers("bob", last, false, 0, 9), []chat.AccountID{"ann", "cid", "dan"})
		same(w, "a page of them", readers("bob", last, false, 1, 1), []chat.AccountID{"cid"})

		places := func(from, to int64, limit int) []chat.MessagePlace {
			return get(w, func(tx chat.Tx) ([]chat.MessagePlace, error) { return tx.MarkedPlaces(g.Conversation, from, to, limit) })
		}
		newest := chat.MessagePlace{ID: last.ID, Seq: last.Seq, From: "bob"}
		same(w, "places", places(1, 99, 9), []chat.MessagePlace{newest, {ID: first.ID, Seq: first.Seq, From: "ann"}})
		same(w, "the newest", places(1, 99, 1), []chat.MessagePlace{newest})
		same(w, "none", places(first.Seq+1, last.Seq-1, 9), nil)
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(last.ID, "bob", w.tick()) })
		same(w, "without the withdrawn one", len(places(1, 99, 9)), 1)

		hides := func(a chat.AccountID) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.HidesReading(a) })
		}
		set := func(a chat.AccountID, change func(*chat.Account)) {
			w.do(func(tx chat.Tx) error {
				account, err := tx.Account(a)
				change(&account)
				return errors.Join(err, tx.UpdateAccount(account))
			})
		}
		same(w, "hidden", []bool{hides("bob"), hides("nobody")}, []bool{false, true})
		set("bob", func(a *chat.Account) { a.HidesReading = true })
		set("dan", func(a *chat.Account) { a.Active = false })
		same(w, "hidden", []bool{hides("ann"), hides("bob"), hides("dan")}, []bool{false, true, true})
		same(w, "without both", cursors(), []chat.Cursors{{Joined: 0, Read: 0, Count: 1}, {Joined: 0, Read: first.Seq, Count: 1}})
		w.do(func(tx chat.Tx) error {
			other := chat.Organization{ID: "other", Name: "Other", CreatedAt: w.clock, HidesReading: true}
			return errors.Join(tx.CreateOrganization(other), tx.AddToOrganization("other", []chat.AccountID{"cid"}))
		})
		same(w, "an organization", get(w, func(tx chat.Tx) ([]chat.Organization, error) { return tx.OrganizationsOf("cid") })[1].HidesReading, true)
		same(w, "hidden", []bool{hides("ann"), hides("cid")}, []bool{false, true})
		same(w, "without that of the organization", cursors(), []chat.Cursors{{Joined: 0, Read: 0, Count: 1}})
		same(w, "who has read", readers("ann", first, true, 0, 9), nil)
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "ann", w.tick(), chat.DepartureLeft) })
		same(w, "without a former member", cursors(), nil)

		same(w, "groups with a moved cursor", made(w, func(tx chat.Tx) ([]chat.GroupID, error) { return tx.MarkEverythingRead("cid") }), []chat.GroupID{"g"})
		same(w, "none", made(w, func(tx chat.Tx) ([]chat.GroupID, error) { return tx.MarkEverythingRead("cid") }), nil)
	}},

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
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "cid", w.tick(), chat.DepartureLeft) })
		w.say(g.Conversation, "ann", "2")
		same(w, "moved", w.present(g.Conversation, true, "dot", "cid", "bob", "ann"),
			[]chat.PresenceRead{{Account: "bob", To: 2}, {Account: "ann", To: 2}})
		same(w, "again", w.present(g.Conversation, true, "bob"), nil)
		w.wantUnread(g.Conversation, "bob", 0)
	}},

	{"messages are marked as unread", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob")
		c := g.Conversation
		mark := func(what string, a chat.AccountID, seq, unread int64) {
			w.Helper()
			w.do(func(tx chat.Tx) error { return tx.MarkUnread(c, a, seq) })
			u := get(w, func(tx chat.Tx) (chat.ChatUnread, error) { return tx.ChatUnread(c, a) })
			same(w, what, u.Count, unread)
		}
		marked := func(a chat.AccountID) bool {
			return get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(c, a) }).Marked
		}
		w.say(c, "ann", "1")
		w.say(c, "bob", "2")
		w.announce(c, "ann")
		gone := w.say(c, "ann", "4")
		w.say(c, "ann", "5")
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(gone.ID, "ann", w.tick()) })
		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(c, "bob"); return err })
		mark("from the last one", "bob", 5, 1)
		mark("from an own one", "bob", 2, 1)
		mark("from a later one: it stays", "bob", 5, 1)
		mark("from the first", "bob", 1, 2)
		same(w, "marked", []bool{marked("bob"), marked("ann")}, []bool{true, false})

		// Presence does not read it until the mark has ended.
		w.say(c, "ann", "6")
		same(w, "read by presence", w.present(c, true, "bob"), nil)
		w.wantUnread(c, "bob", 3)
		w.do(func(tx chat.Tx) error { return tx.MarkReadUpTo(c, "bob", 5) })
		w.wantUnread(c, "bob", 1)
		w.do(func(tx chat.Tx) error { return tx.EndMark(c, "bob") })
		same(w, "read by presence", w.present(c, true, "bob"), []chat.PresenceRead{{Account: "bob", From: 5, To: 6}})
		w.wantUnread(c, "bob", 0)

		// Everything read ends it, too.
		mark("again", "bob", 6, 1)
		w.do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("bob"); return err })
		w.wantUnread(c, "bob", 0)
		same(w, "marked", marked("bob"), false)

		// Messages from before somebody joined stay read, and the end of a membership ends the mark.
		w.do(func(tx chat.Tx) error {
			return tx.AddMembers(c, []chat.AccountID{"cid"}, chat.RoleMember, w.tick())
		})
		w.say(c, "ann", "7")
		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(c, "cid"); return err })
		mark("from before the joining", "cid", 1, 1)
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(c, "cid", w.tick(), chat.DepartureLeft) })
		mark("after leaving", "cid", 1, 0)
		same(w, "marked", marked("cid"), false)
		w.do(func(tx chat.Tx) error { return tx.MarkUnread(c, "nobody", 1) })
	}},

	{"what presence has read is taken back", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g", "ann", "bob")
		c := g.Conversation
		back := func(what string, floor int64, moved bool, unread int64) {
			w.Helper()
			same(w, what, made(w, func(tx chat.Tx) (bool, error) { return tx.TakeReadBack(c, "bob", floor) }), moved)
			w.wantUnread(c, "bob", unread)
		}
		back("nothing said", 0, false, 0)
		w.say(c, "ann", "1")
		w.present(c, true, "bob")
		w.say(c, "bob", "2") // own messages never count, on whatever side of the cursor
		w.say(c, "ann", "3")
		w.present(c, false, "bob") // still not proven: it goes back behind both
		w.wantUnread(c, "bob", 0)
		back("all of it", 0, true, 2)
		back("twice", 0, false, 2)

		w.present(c, true, "bob")
		back("down to a floor", 2, true, 1)
		w.present(c, true, "bob")
		w.say(c, "ann", "4")
		w.present(c, true, "bob") // proven up to 3
		back("the part that is not proven", 0, true, 1)

		w.do(func(tx chat.Tx) error { _, err := tx.MarkRead(c, "bob"); return err })
		back("what was read otherwise", 0, false, 0)
		w.say(c, "ann", "5")
		w.present(c, true, "bob")
		same(w, "read again", made(w, func(tx chat.Tx) (bool, error) { return tx.MarkRead(c, "bob") }), false)
		back("what was read otherwise later", 0, false, 0)
		w.say(c, "ann", "6")
		w.present(c, true, "bob")
		w.do(func(tx chat.Tx) error { return tx.MakeSure(c, "bob", 99) })
		back("what became certain", 0, false, 0)
		w.say(c, "ann", "7")
		w.present(c, true, "bob")
		w.do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("bob"); return err })
		back("everything read", 0, false, 0)
		w.say(c, "ann", "8")
		w.present(c, true, "bob")
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(c, "bob", w.tick(), chat.DepartureLeft) })
		back("of a former member", 0, false, 0)
	}},

	{"read up to a message", func(w *world) {
		w.people("ann", "bob")
		c := w.group("g", "ann", "bob").Conversation
		upTo := func(m chat.Message) {
			w.do(func(tx chat.Tx) error { return tx.MarkReadUpTo(c, "bob", m.Seq) })
		}
		unread := func(n int64, first chat.MessageID) {
			w.Helper()
			w.wantUnread(c, "bob", n)
			got, err := chat.MessageID(0), error(nil)
			w.do(func(tx chat.Tx) error { got, err = tx.FirstUnread(c, "bob"); return nil })
			same(w, "first unread", got, first)
			same(w, "none is unread", err == chat.ErrNoRow, first == 0)
		}
		unread(0, 0)
		one := w.say(c, "ann", "1")
		w.say(c, "bob", "own")
		w.announce(c, "ann")
		two, three := w.say(c, "ann", "2"), w.say(c, "ann", "3")
		unread(3, one.ID)
		upTo(one)
		unread(2, two.ID) // neither the own message nor the announcement
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(two.ID, "ann", w.tick()) })
		unread(1, three.ID)
		upTo(three)
		unread(0, 0)
		upTo(one) // never back
		unread(0, 0)

		four := w.say(c, "ann", "4")
		w.say(c, "bob", "own")
		w.say(c, "ann", "5")
		w.present(c, false, "bob")
		upTo(four) // the cursor is further, this part of it becomes certain
		unread(0, 0)
		same(w, "taken back", made(w, func(tx chat.Tx) (bool, error) { return tx.TakeReadBack(c, "bob", 0) }), true)
		w.wantUnread(c, "bob", 1)
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(c, "bob", w.tick(), chat.DepartureLeft) })
		upTo(four)
		w.do(func(tx chat.Tx) error { return tx.MarkReadUpTo(c, "nobody", 1) })
	}},

	{"current chats of sockets", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		one := chat.CurrentChat{ID: "s1", Session: "a", Account: "ann", Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, At: at}
		two := chat.CurrentChat{ID: "s2", Session: "b", Account: "bob", Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}, At: at.Add(time.Second)}
		for _, c := range []chat.CurrentChat{two, one} {
			w.do(func(tx chat.Tx) error { return tx.SetCurrentChat(c) })
		}
		all := func(limit int) []chat.CurrentChat {
			return get(w, func(tx chat.Tx) ([]chat.CurrentChat, error) { return tx.CurrentChats(limit) })
		}
		same(w, "oldest first", all(9), []chat.CurrentChat{one, two})
		same(w, "the latest", all(1), []chat.CurrentChat{two})
		one.Ref.ID, one.At = "file-transfer", at.Add(time.Minute)
		w.do(func(tx chat.Tx) error { return tx.SetCurrentChat(one) })
		same(w, "changed", all(9), []chat.CurrentChat{two, one})
		w.do(func(tx chat.Tx) error { return tx.ClearCurrentChats([]chat.SocketID{"s2", "s3"}) })
		same(w, "cleared", all(9), []chat.CurrentChat{one})
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
		w.do(func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("bob"); return err })
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

// present reads a conversation for accounts that look at it.
func (w *world) present(c chat.ConversationID, proven bool, accounts ...chat.AccountID) []chat.PresenceRead {
	w.Helper()
	return made(w, func(tx chat.Tx) ([]chat.PresenceRead, error) {
		return tx.ReadByPresence(c, viewings(proven, accounts...))
	})
}

func viewings(proven bool, accounts ...chat.AccountID) (all []chat.Viewing) {
	for _, a := range accounts {
		all = append(all, chat.Viewing{Account: a, Proven: proven})
	}
	return all
}
