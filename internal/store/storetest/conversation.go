package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var conversationTests = []test{
	{"direct", func(w *world) {
		w.people("ann", "bob")
		w.both(func(tx chat.Tx) error {
			_, err := tx.DirectConversation("ann", "bob")
			w.wantNoRow(err)
			return nil
		})
		c := w.direct("bob", "ann")
		same(w, "created", c, chat.Conversation{ID: c.ID, Kind: chat.KindDirect, A: "ann", B: "bob"})
		same(w, "from ann", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.DirectConversation("ann", "bob") }), c)
		same(w, "from bob", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.DirectConversation("bob", "ann") }), c)
		same(w, "by id", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(c.ID) }), c)
		same(w, "membership", get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(c.ID, "ann") }),
			chat.Membership{Account: "ann", Conversation: c.ID, Push: true, JoinedAt: w.clock})
		err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			_, err := tx.CreateDirectConversation("ann", "bob", w.tick())
			return err
		})
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("a second one: got error %v", err)
		}
	}},

	{"with oneself", func(w *world) {
		w.people("ann")
		c := w.direct("ann", "ann")
		same(w, "created", c, chat.Conversation{ID: c.ID, Kind: chat.KindSelf, A: "ann"})
		same(w, "found", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.DirectConversation("ann", "ann") }), c)
		w.say(c.ID, "ann", "to my other device")
		w.wantUnread(c.ID, "ann", 0)
		rows := get(w, func(tx chat.Tx) ([]chat.ChatRow, error) { return tx.ChatList("ann", 0, 10) })
		same(w, "rows", len(rows), 1)
		same(w, "reference", rows[0].Ref, chat.ChatRef{Type: chat.SessionUser, ID: string(chat.FileTransfer)})
	}},

	{"listing", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		gained := func() []chat.AccountID {
			return made(w, func(tx chat.Tx) ([]chat.AccountID, error) { return tx.List(g.Conversation) })
		}
		same(w, "at first", gained(), []chat.AccountID{"ann", "bob", "cid"})
		same(w, "again", gained(), nil)
		w.do(func(tx chat.Tx) error { return tx.Unlist(g.Conversation, "bob") })
		same(w, "after Unlist", gained(), []chat.AccountID{"bob"})
		w.do(func(tx chat.Tx) error { return tx.Unlist(g.Conversation, "cid") })
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "cid", w.tick(), chat.DepartureLeft) })
		same(w, "not for former members", gained(), nil)
		w.do(func(tx chat.Tx) error {
			return tx.AddMembers(g.Conversation, []chat.AccountID{"cid"}, chat.RoleMember, w.tick())
		})
		same(w, "back again", gained(), []chat.AccountID{"cid"})
		w.do(func(tx chat.Tx) error { return tx.Unlist(g.Conversation, "nobody") })
	}},

	{"on top and muted", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		w.say(c.ID, "ann", "x")
		at := w.tick()
		count := func() int { return get(w, func(tx chat.Tx) (int, error) { return tx.CountTop("ann") }) }
		w.do(func(tx chat.Tx) error { return tx.SetTop(c.ID, "ann", at) })
		w.do(func(tx chat.Tx) error { return tx.SetInboxTop("ann", "task", at) })
		w.do(func(tx chat.Tx) error { return tx.SetPush(c.ID, "ann", false) })
		m := get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(c.ID, "ann") })
		same(w, "set", []any{m.TopAt, m.Push, count()}, []any{at, false, 2})
		w.do(func(tx chat.Tx) error { return tx.SetTop(c.ID, "ann", time.Time{}) })
		same(w, "one left", count(), 1)
		w.do(func(tx chat.Tx) error { return tx.SetTop(c.ID, "nobody", at) })
	}},
}
