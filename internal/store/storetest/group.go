package storetest

import (
	"errors"

	"parley/internal/chat"
)

var groupTests = []test{
	{"create and change", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob")
		want := chat.Group{
			ID: "g", Conversation: g.Conversation, Name: "Group g", IsPost: true, Creator: "ann", Members: 2,
			Admins: []chat.AccountID{"ann"}, CreatedAt: w.clock,
		}
		same(w, "created", g, want)
		same(w, "conversation", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(g.Conversation) }),
			chat.Conversation{ID: g.Conversation, Kind: chat.KindGroup, Group: "g"})

		g.Name, g.Avatar, g.Announcement, g.IsPost, g.Banned, g.MembersInvite, g.Creator = "N", "/p", "A", false, true, true, "bob"
		g.DissolvedAt = w.tick()
		w.do(func(tx chat.Tx) error { return tx.UpdateGroup(g) })
		same(w, "changed", get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") }), g)
		head := g
		head.Members, head.Admins = 0, nil
		same(w, "head", get(w, func(tx chat.Tx) (chat.Group, error) { return tx.GroupHead("g") }), head)

		err := w.store.Update(w.Context(), func(tx chat.Tx) error { _, err := tx.CreateGroup(chat.Group{ID: "g", Creator: "ann"}); return err })
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("taken id: got error %v", err)
		}
		w.both(func(tx chat.Tx) error {
			_, err := tx.Group("none")
			w.wantNoRow(err)
			_, err = tx.GroupHead("none")
			w.wantNoRow(err)
			return nil
		})
	}},

	{"roles", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "bob", "ann", "cid")
		admins := func() []chat.AccountID {
			return get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") }).Admins
		}
		w.do(func(tx chat.Tx) error { return tx.SetRole(g.Conversation, "ann", chat.RoleAdmin) })
		same(w, "the creator first", admins(), []chat.AccountID{"bob", "ann"})
		w.do(func(tx chat.Tx) error { return tx.SetRole(g.Conversation, "bob", chat.RoleMember) })
		same(w, "no more", admins(), []chat.AccountID{"ann"})
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "ann", w.tick(), chat.DepartureLeft) })
		same(w, "left", admins(), nil)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.SetRole(g.Conversation, "nobody", chat.RoleAdmin) }))
	}},

	{"leaving and coming back", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		w.say(g.Conversation, "ann", "1")
		w.say(g.Conversation, "bob", "2")
		w.do(func(tx chat.Tx) error { return tx.SetPush(g.Conversation, "bob", false) })
		w.do(func(tx chat.Tx) error { return tx.SetTop(g.Conversation, "bob", w.tick()) })
		left := w.tick()
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "bob", left, chat.DepartureLeft) })
		w.say(g.Conversation, "ann", "3")
		m := get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(g.Conversation, "bob") })
		same(w, "former member", []any{m.LeftAt, m.LeftSeq, m.LeftName, m.LeftAvatar, m.Listed, m.Left()}, []any{left, int64(2), g.Name, g.Avatar, true, true})
		w.wantUnread(g.Conversation, "bob", 0)
		same(w, "count", get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") }).Members, 2)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "bob", w.tick(), chat.DepartureLeft) }))
		same(w, "cursor of a former member", made(w, func(tx chat.Tx) (bool, error) { return tx.MarkRead(g.Conversation, "bob") }), false)

		back := w.tick()
		w.do(func(tx chat.Tx) error {
			return tx.AddMembers(g.Conversation, []chat.AccountID{"bob", "cid", "bob"}, chat.RoleMember, back)
		})
		same(w, "back", get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(g.Conversation, "bob") }),
			chat.Membership{Account: "bob", Conversation: g.Conversation, Push: true, JoinSeq: 3, JoinedAt: back, ReadSeq: 3, SureSeq: 3, ReadCount: 3, Own: 1, OwnAtRead: 1})
		same(w, "count", get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") }).Members, 3)
		w.say(g.Conversation, "ann", "4")
		w.wantUnread(g.Conversation, "bob", 1)
		w.wantUnread(g.Conversation, "cid", 4)
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error {
			return tx.AddMembers(g.Conversation, []chat.AccountID{"nobody"}, chat.RoleMember, back)
		}))
	}},

	{"everybody out", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		w.say(g.Conversation, "ann", "1")
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "cid", w.tick(), chat.DepartureLeft) })
		w.do(func(tx chat.Tx) error { return tx.RemoveAllMembers(g.Conversation, w.tick()) })
		after := get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") })
		same(w, "group", []any{after.Members, after.Admins}, []any{0, []chat.AccountID(nil)})
		same(w, "members", get(w, func(tx chat.Tx) ([]chat.GroupMember, error) { return tx.Members(g.Conversation, "", 0) }), nil)
		w.wantUnread(g.Conversation, "bob", 0)
	}},

	{"faces", func(w *world) {
		w.people("ann", "bob", "cid", "dan")
		g, h := w.group("g", "dan", "cid", "bob", "ann"), w.group("h", "bob", "ann")
		w.group("not mine", "bob", "cid")
		left, dissolved := w.group("left", "bob", "ann"), w.group("dissolved", "ann", "bob")
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(left.Conversation, "ann", w.tick(), chat.DepartureLeft) })
		w.do(func(tx chat.Tx) error { return tx.RemoveAllMembers(dissolved.Conversation, w.tick()) })
		faces := func(limit int, groups ...chat.GroupID) map[chat.GroupID][]chat.AccountID {
			all := map[chat.GroupID][]chat.AccountID{}
			for id, accounts := range get(w, func(tx chat.Tx) (map[chat.GroupID][]chat.Account, error) { return tx.GroupFaces("ann", groups, limit) }) {
				for _, a := range accounts {
					same(w, "the account", a, get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account(a.ID) }))
					all[id] = append(all[id], a.ID)
				}
			}
			return all
		}
		none := map[chat.GroupID][]chat.AccountID{}
		same(w, "none asked for", faces(3), none)
		same(w, "others", faces(3, "not mine", "left", "dissolved", "none"), none)
		same(w, "the first ones", faces(3, "h", "none", "g"), map[chat.GroupID][]chat.AccountID{"g": {"ann", "bob", "cid"}, "h": {"ann", "bob"}})
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "bob", w.tick(), chat.DepartureLeft) })
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(h.Conversation, "bob", w.tick(), chat.DepartureLeft) })
		same(w, "without former members", faces(3, "g", "h", "left", "none", "g"), map[chat.GroupID][]chat.AccountID{"g": {"ann", "cid", "dan"}, "h": {"ann"}})
	}},

	{"members and groups", func(w *world) {
		w.people("ann", "bob", "cid")
		g := w.group("g", "ann", "bob", "cid")
		at := w.clock
		w.group("h", "bob")
		w.direct("ann", "bob")
		w.do(func(tx chat.Tx) error { return tx.SetPush(g.Conversation, "bob", false) })
		account := func(id chat.AccountID) chat.Account {
			return get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account(id) })
		}
		all := []chat.GroupMember{
			{Account: account("ann"), Role: chat.RoleAdmin, Push: true, JoinedAt: at},
			{Account: account("bob"), JoinedAt: at},
			{Account: account("cid"), Push: true, JoinedAt: at},
		}
		members := func(after chat.AccountID, limit int) []chat.GroupMember {
			return get(w, func(tx chat.Tx) ([]chat.GroupMember, error) { return tx.Members(g.Conversation, after, limit) })
		}
		same(w, "all", members("", 0), all)
		same(w, "a page", members("ann", 1), all[1:2])
		same(w, "groups of bob", get(w, func(tx chat.Tx) ([]chat.GroupSubscription, error) { return tx.GroupsOf("bob") }),
			[]chat.GroupSubscription{{Group: "g", Push: false}, {Group: "h", Push: true}})
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(g.Conversation, "bob", w.tick(), chat.DepartureLeft) })
		same(w, "without bob", members("", 0), []chat.GroupMember{all[0], all[2]})
		same(w, "groups of bob", get(w, func(tx chat.Tx) ([]chat.GroupSubscription, error) { return tx.GroupsOf("bob") }),
			[]chat.GroupSubscription{{Group: "h", Push: true}})
	}},

	{"own groups and members by name", func(w *world) {
		w.people("ann", "bob", "cid")
		at := w.clock
		for id, name := range map[chat.GroupID]string{"g": "beta", "h": "Alpha 100%", "i": "ÉTÉ", "j": "left"} {
			g := w.group(id, "ann", "bob", "cid")
			g.Name = name
			w.do(func(tx chat.Tx) error { return tx.UpdateGroup(g) })
		}
		w.direct("ann", "bob")
		g := get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") })
		j := get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("j") })
		w.do(func(tx chat.Tx) error { return tx.SetPush(g.Conversation, "bob", false) })
		w.do(func(tx chat.Tx) error { return tx.SetRole(g.Conversation, "bob", chat.RoleAdmin) })
		w.do(func(tx chat.Tx) error { return tx.RemoveMember(j.Conversation, "bob", w.tick(), chat.DepartureLeft) })
		owns := func(query string, offset, limit int) (ids []chat.GroupID) {
			for _, g := range get(w, func(tx chat.Tx) ([]chat.OwnGroup, error) { return tx.OwnGroups("bob", query, offset, limit) }) {
				ids = append(ids, g.ID)
			}
			return ids
		}
		same(w, "all", owns("", 0, 9), []chat.GroupID{"h", "g", "i"})
		same(w, "a page", owns("", 1, 1), []chat.GroupID{"g"})
		same(w, "percent", owns("%", 0, 9), []chat.GroupID{"h"})
		same(w, "case", owns("été", 0, 9), []chat.GroupID{"i"})
		own := get(w, func(tx chat.Tx) ([]chat.OwnGroup, error) { return tx.OwnGroups("bob", "beta", 0, 9) })
		want := get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") })
		want.Admins = nil
		same(w, "one", own, []chat.OwnGroup{{Group: want, Role: chat.RoleAdmin}})

		common := func(a, b chat.AccountID, limit int) (ids []chat.GroupID) {
			for _, g := range get(w, func(tx chat.Tx) ([]chat.Group, error) { return tx.GroupsInCommon(a, b, limit) }) {
				ids = append(ids, g.ID)
				head := get(w, func(tx chat.Tx) (chat.Group, error) { return tx.GroupHead(g.ID) })
				same(w, "head", g, head)
			}
			return ids
		}
		same(w, "in common", common("ann", "bob", 9), []chat.GroupID{"h", "g", "i"})
		same(w, "limited", common("bob", "ann", 2), []chat.GroupID{"h", "g"})
		same(w, "of three", common("ann", "cid", 9), []chat.GroupID{"h", "g", "i", "j"})
		same(w, "nobody", common("ann", "nobody", 9), nil)

		names := func(query string, offset, limit int) (ids []chat.AccountID) {
			for _, m := range get(w, func(tx chat.Tx) ([]chat.GroupMember, error) {
				knowsAddress := func(id chat.AccountID) (bool, error) { return id == "bob", nil }
				return tx.FindMembers(&g, query, knowsAddress, offset, limit)
			}) {
				ids = append(ids, m.Account.ID)
			}
			return ids
		}
		w.do(func(tx chat.Tx) error {
			return tx.UpdateAccount(chat.Account{ID: "ann", Name: "zoe_1", Active: true, CreatedAt: at})
		})
		same(w, "members", names("", 0, 9), []chat.AccountID{"ann", "bob", "cid"})
		same(w, "members, a page", names("", 1, 1), []chat.AccountID{"bob"})
		same(w, "members, underscore", names("_", 0, 9), []chat.AccountID{"ann"})
		// A reader who could ask for any address would learn those of strangers, letter by letter.
		same(w, "members, by an unknown address", names("cid@demo.test", 0, 9), []chat.AccountID(nil))
		same(w, "members, by a known address", names("bob@demo.test", 0, 9), []chat.AccountID{"bob"})
		g.Creator = "cid"
		same(w, "another creator", names("", 0, 9), []chat.AccountID{"cid", "bob", "ann"})
	}},
}
