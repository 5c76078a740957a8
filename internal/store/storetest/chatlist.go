package storetest

import (
	"fmt"
	"slices"

	"parley/internal/chat"
)

func (w *world) chatList(of chat.AccountID, offset, limit int) []chat.ChatRow {
	w.Helper()
	return get(w, func(tx chat.Tx) ([]chat.ChatRow, error) { return tx.ChatList(of, offset, limit) })
}

func refs(rows []chat.ChatRow) (all []string) {
	for _, r := range rows {
		all = append(all, r.Ref.ID)
	}
	return all
}

var chatListTests = []test{
	{"order and pages", func(w *world) {
		w.people("ann", "bob", "cid", "dot")
		bob, cid, dot := w.direct("ann", "bob"), w.direct("ann", "cid"), w.direct("ann", "dot")
		g := w.group("g", "bob", "ann")
		w.direct("ann", "ann") // nothing was said: not listed
		w.say(bob.ID, "ann", "1")
		w.say(cid.ID, "ann", "2")
		w.notify("3", false, "ann")
		w.say(g.Conversation, "bob", "4")
		w.say(dot.ID, "ann", "5")
		same(w, "recent first", refs(w.chatList("ann", 0, 10)), []string{"dot", "g", "task", "cid", "bob"})
		same(w, "second page", refs(w.chatList("ann", 2, 2)), []string{"task", "cid"})
		same(w, "beyond", w.chatList("ann", 5, 2), nil)
		w.do(func(tx chat.Tx) error { return tx.SetTop(bob.ID, "ann", w.tick()) })
		w.do(func(tx chat.Tx) error { return tx.SetInboxTop("ann", "task", w.tick()) })
		same(w, "top first", refs(w.chatList("ann", 0, 10)), []string{"task", "bob", "dot", "g", "cid"})
		w.do(func(tx chat.Tx) error { return tx.Unlist(g.Conversation, "ann") })
		w.do(func(tx chat.Tx) error { return tx.UnlistInbox("ann", "task") })
		same(w, "taken off", refs(w.chatList("ann", 0, 10)), []string{"bob", "dot", "cid"})
		w.say(g.Conversation, "bob", "6")
		same(w, "back", refs(w.chatList("ann", 0, 10)), []string{"bob", "g", "dot", "cid"})
	}},

	// The own message of the reader once lost the mark that the other one's had left in the same transaction.
	{"messages of both in one transaction", func(w *world) {
		w.people("ann", "bob", "cid")
		bob, cid := w.direct("ann", "bob"), w.direct("ann", "cid")
		w.say(cid.ID, "cid", "1")
		w.do(func(tx chat.Tx) error {
			for _, from := range []chat.AccountID{"bob", "ann", "bob"} {
				if err := tx.AppendMessage(&chat.Message{Conversation: bob.ID, From: from, At: w.tick()}); err != nil {
					return err
				}
			}
			_, err := tx.List(bob.ID)
			return err
		})
		same(w, "order", refs(w.chatList("ann", 0, 10)), []string{"bob", "cid"})
		counts := get(w, func(tx chat.Tx) ([]chat.ChatUnread, error) { return tx.ChatUnreads("ann") })
		same(w, "chats with unread messages", len(counts), 2)
		same(w, "unread", counts[0].Count, int64(2))
		if err := w.store.Verify(w.Context()); err != nil {
			w.Errorf("verify: %v", err)
		}
	}},

	{"an edit, a reaction and a withdrawal", func(w *world) {
		w.people("ann", "bob", "cid")
		bob, cid := w.direct("ann", "bob"), w.direct("ann", "cid")
		m := w.say(bob.ID, "ann", "first")
		w.say(cid.ID, "cid", "later")
		row := func() chat.ChatRow {
			rows := w.chatList("ann", 0, 10)
			same(w, "order", refs(rows), []string{"cid", "bob"})
			same(w, "second page", w.chatList("ann", 1, 1), rows[1:])
			return rows[1]
		}
		before := row()
		w.do(func(tx chat.Tx) error {
			// Together with a message in a chat that has its place already.
			if err := tx.AppendMessage(&chat.Message{Conversation: cid.ID, From: "cid", At: w.tick()}); err != nil {
				return err
			}
			return tx.EditMessage(m.ID, "second", w.tick())
		})
		after := row()
		same(w, "text", after.Last.Message.Text, "second")
		same(w, "place and time", []any{after.LastID, after.At, after.Unread}, []any{before.LastID, before.At, before.Unread})
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			if _, err := tx.AddReaction(m.ID, "👍", "bob", at); err != nil {
				return err
			}
			return tx.SetReacted(bob.ID, "ann", m.ID)
		})
		same(w, "reaction", row().Reacted, &chat.ReactionMark{Message: m.ID, Emoji: "👍", By: chat.ReportName{ID: "bob", Name: "Name of bob"}, At: at})
		same(w, "of the other one", w.chatList("bob", 0, 10)[0].Reacted, nil)
		counts := get(w, func(tx chat.Tx) ([]chat.ChatUnread, error) { return tx.ChatUnreads("ann") })
		same(w, "chats with unread messages", len(counts), 1)
		w.do(func(tx chat.Tx) error { return tx.WithdrawMessage(m.ID, "ann", w.tick()) })
		left := row()
		same(w, "withdrawn", []any{left.Last.Message.Text, left.Last.Message.Withdrawn(), left.LastID}, []any{"", true, before.LastID})
		same(w, "its reaction", left.Reacted, nil)
	}},

	{"pages of every size", func(w *world) {
		w.people("ann", "bob")
		for i, c := range []chat.Category{"task", "post", "hr", "system"} {
			for range i {
				g := w.group(chat.GroupID(fmt.Sprint("g", i, len(w.chatList("ann", 0, 99)))), "bob", "ann")
				w.say(g.Conversation, "bob", "hello")
			}
			w.do(func(tx chat.Tx) error {
				_, err := tx.AddNotification(&chat.Notification{Category: c, Type: "1", Text: "n", At: w.tick()}, []chat.AccountID{"ann"})
				return err
			})
		}
		w.do(func(tx chat.Tx) error { return tx.SetInboxTop("ann", "hr", w.tick()) })
		all := refs(w.chatList("ann", 0, 99))
		same(w, "entries", len(all), 10)
		for limit := 1; limit <= 4; limit++ {
			for offset := range 12 {
				want := all[min(offset, len(all)):min(offset+limit, len(all))]
				if got := refs(w.chatList("ann", offset, limit)); !slices.Equal(got, want) {
					w.Errorf("%d from %d: got %v, want %v of %v", limit, offset, got, want, all)
				}
			}
		}
	}},

	{"rows", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		g := w.group("g", "bob", "ann")
		direct := w.say(c.ID, "bob", "hello")
		inGroup := w.say(g.Conversation, "bob", "all")
		w.notify("n", false, "ann")
		w.notify("weak", true, "ann")
		w.do(func(tx chat.Tx) error { return tx.SetPush(g.Conversation, "ann", false) })
		rows := w.chatList("ann", 0, 10)
		posted := func(m chat.Message) *chat.Posted {
			return &get(w, func(tx chat.Tx) ([]chat.Posted, error) { return tx.Posted("ann", []chat.Message{m}) })[0]
		}
		notice := get(w, func(tx chat.Tx) (chat.Notification, error) { return tx.LastNotification("ann", "task") })
		same(w, "rows", rows, []chat.ChatRow{
			{Ref: chat.ChatRef{Type: chat.SessionTask, ID: "task"}, Name: "task", Notice: &notice, At: notice.At, After: inGroup.ID, Unread: 1, Weak: 1, Push: true},
			{Ref: chat.ChatRef{Type: chat.SessionGroup, ID: "g"}, Name: "Group g", Last: posted(inGroup), LastID: inGroup.ID, At: inGroup.At, Unread: 1, IsPost: true},
			{
				Ref: chat.ChatRef{Type: chat.SessionUser, ID: "bob"}, Name: "Name of bob", Avatar: "/a/bob.png", Last: posted(direct), LastID: direct.ID, At: direct.At,
				Unread: 1, Push: true,
			},
		})
		w.do(func(tx chat.Tx) error { return tx.SetInboxSilent("ann", "task", true) })
		rows = w.chatList("ann", 0, 10)
		same(w, "changed", []bool{rows[0].Silent, rows[0].Push}, []bool{true, false})
	}},

	{"a former member sees the past alone", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g", "ann", "bob")
		seen := w.say(g.Conversation, "ann", "before")
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "bob", w.tick(), chat.DepartureLeft) })
		w.say(g.Conversation, "ann", "after")
		row := w.chatList("bob", 0, 10)[0]
		same(w, "row", []any{row.Last.Message.ID, row.At, row.Left, row.Unread}, []any{seen.ID, seen.At, true, int64(0)})
	}},
}
