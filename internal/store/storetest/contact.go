package storetest

import "parley/internal/chat"

func names(accounts []chat.Account) (ids []chat.AccountID) {
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	return ids
}

var contactTests = []test{
	{"organizations", func(w *world) {
		w.people("ann", "bob", "cid")
		w.do(func(tx chat.Tx) error {
			return tx.CreateOrganization(chat.Organization{ID: "org2", Name: "Second", CreatedAt: w.clock})
		})
		w.do(func(tx chat.Tx) error { return tx.AddToOrganization("org2", []chat.AccountID{"ann", "ann"}) })
		w.do(func(tx chat.Tx) error { return tx.AddToOrganization("org2", []chat.AccountID{"ann"}) })
		w.do(func(tx chat.Tx) error { return tx.UpdateOrganization(chat.Organization{ID: "org2", Name: "Renamed"}) })
		same(w, "of ann", get(w, func(tx chat.Tx) ([]chat.Organization, error) { return tx.OrganizationsOf("ann") }),
			[]chat.Organization{{ID: "org", Name: "Demo", CreatedAt: w.clock}, {ID: "org2", Name: "Renamed", CreatedAt: w.clock}})
		same(w, "after org", len(get(w, func(tx chat.Tx) ([]chat.Organization, error) { return tx.Organizations("org", 10) })), 1)
		same(w, "members", names(get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.OrganizationMembers("org", "ann", 5) })),
			[]chat.AccountID{"bob", "cid"})
		same(w, "was in", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveFromOrganization("org", "cid") }), true)
		same(w, "was not in", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveFromOrganization("org", "cid") }), false)
		w.do(func(tx chat.Tx) error { return tx.DeleteOrganization("org2") })
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Organization("org2"); return err }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.AddToOrganization("none", []chat.AccountID{"ann"}) }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.DeleteOrganization("none") }))
	}},

	{"relations", func(w *world) {
		w.people("ann", "bob")
		w.do(func(tx chat.Tx) error { return tx.CreateAccount(person("cid", w.clock)) })
		related := func(a, b chat.AccountID) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.RelatedAccounts(a, b) })
		}
		same(w, "colleagues", []bool{related("ann", "bob"), related("bob", "ann"), related("ann", "cid")}, []bool{true, true, false})
		w.do(func(tx chat.Tx) error { return tx.SetFriends("cid", "ann", w.clock) })
		w.do(func(tx chat.Tx) error { return tx.SetFriends("ann", "cid", w.clock) })
		same(w, "friends", []bool{related("ann", "cid"), related("cid", "ann"), related("bob", "cid")}, []bool{true, true, false})
		same(w, "friends of cid", names(get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.Friends("cid", "", 5) })), []chat.AccountID{"ann"})
		are := func(a, b chat.AccountID) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.AreFriends(a, b) })
		}
		same(w, "are friends", []bool{are("ann", "cid"), are("cid", "ann"), are("ann", "bob")}, []bool{true, true, false})
		same(w, "unfriended", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveFriends("ann", "cid") }), true)
		same(w, "again", made(w, func(tx chat.Tx) (bool, error) { return tx.RemoveFriends("ann", "cid") }), false)
		same(w, "no friends any more", related("cid", "ann"), false)
		w.do(func(tx chat.Tx) error { return tx.AddToOrganization("org", []chat.AccountID{"cid"}) })
		same(w, "a new colleague", related("cid", "bob"), true)
		w.do(func(tx chat.Tx) error { _, err := tx.RemoveFromOrganization("org", "bob"); return err })
		same(w, "left", related("cid", "bob"), false)
		w.do(func(tx chat.Tx) error { return tx.DeleteOrganization("org") })
		same(w, "closed", related("cid", "ann"), false)
	}},

	{"roles", func(w *world) {
		w.people("ann", "bob", "cid", "dot")
		w.do(func(tx chat.Tx) error {
			if err := tx.CreateOrganization(chat.Organization{ID: "main", Name: "Main", Main: true, CreatedAt: w.clock}); err != nil {
				return err
			}
			if err := tx.AddToOrganization("main", []chat.AccountID{"ann", "bob"}); err != nil {
				return err
			}
			return tx.SetFriends("dot", "ann", w.clock)
		})
		main := chat.Organization{ID: "main", Name: "Main", Main: true, CreatedAt: w.clock}
		same(w, "main", get(w, func(tx chat.Tx) (chat.Organization, error) { return tx.MainOrganization() }), main)
		role := func(a chat.AccountID, role chat.OrganizationRole) {
			w.do(func(tx chat.Tx) error { return tx.SetOrganizationRole("org", a, role) })
		}
		related := func(a, b chat.AccountID) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.RelatedAccounts(a, b) })
		}
		same(w, "before", []bool{related("ann", "cid"), related("cid", "bob")}, []bool{true, true})
		same(w, "at first", get(w, func(tx chat.Tx) (chat.OrganizationRole, error) { return tx.OrganizationRole("org", "cid") }), chat.OrganizationMember)
		role("cid", chat.OrganizationGuest)
		role("dot", chat.OrganizationGuest)
		role("ann", chat.OrganizationOwner)
		same(w, "of ann", get(w, func(tx chat.Tx) (map[chat.OrganizationID]chat.OrganizationRole, error) { return tx.RolesOf("ann") }),
			map[chat.OrganizationID]chat.OrganizationRole{"main": chat.OrganizationMember, "org": chat.OrganizationOwner})
		same(w, "owners", get(w, func(tx chat.Tx) ([]chat.AccountID, error) { return tx.Owners("org") }), []chat.AccountID{"ann"})
		w.do(func(tx chat.Tx) error {
			ann := person("ann", w.clock)
			ann.Active = false
			return tx.UpdateAccount(ann)
		})
		same(w, "owners that are active", get(w, func(tx chat.Tx) ([]chat.AccountID, error) { return tx.Owners("org") }), nil)
		w.do(func(tx chat.Tx) error { return tx.UpdateAccount(person("ann", w.clock)) })

		// A guest is related to friends alone, in every query.
		same(w, "guests", []bool{related("ann", "cid"), related("cid", "bob"), related("cid", "dot"), related("dot", "ann")}, []bool{false, false, false, true})
		for a, want := range map[chat.AccountID][]chat.AccountID{"ann": {"bob", "dot"}, "bob": {"ann"}, "cid": nil, "dot": {"ann"}} {
			same(w, "contacts of "+string(a), names(get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.Contacts(a, "", 0, 9) })), want)
			for _, text := range []string{"", "name"} {
				for _, of := range []chat.OrganizationID{"", "org"} {
					all := names(get(w, func(tx chat.Tx) ([]chat.Account, error) {
						page, _, err := tx.Directory(a, chat.DirectoryQuery{Query: text, Organization: of, Limit: 9})
						return page, err
					}))
					want := want
					if of != "" { // friends of no such organization are left out
						want = map[chat.AccountID][]chat.AccountID{"ann": {"bob"}, "bob": {"ann"}}[a]
					}
					same(w, "directory of "+string(a)+" "+text+" "+string(of), all, want)
				}
			}
		}
		role("cid", chat.OrganizationMember)
		same(w, "a colleague again", []bool{related("ann", "cid"), related("cid", "dot")}, []bool{true, false})
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.SetOrganizationRole("main", "cid", chat.OrganizationGuest) }))
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.OrganizationRole("main", "cid"); return err }))
		w.do(func(tx chat.Tx) error { main.Main = false; return tx.UpdateOrganization(main) })
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.MainOrganization(); return err }))
	}},

	{"contacts", func(w *world) {
		w.people("ann", "bob", "cid", "dot")
		w.do(func(tx chat.Tx) error {
			dot := person("dot", w.clock)
			dot.Active = false
			if err := tx.UpdateAccount(dot); err != nil {
				return err
			}
			for _, a := range []chat.Account{{ID: "x1", Name: "ÉMILE 100%", Active: true}, {ID: "x2", Name: "A_b", Email: "Q@demo.test", Active: true}, {ID: "x3", Active: true}} {
				if err := tx.CreateAccount(a); err != nil {
					return err
				}
			}
			if err := tx.SetFriends("ann", "x1", w.clock); err != nil {
				return err
			}
			if err := tx.SetFriends("ann", "bob", w.clock); err != nil {
				return err
			}
			return tx.SetFriends("ann", "x2", w.clock)
		})
		for _, c := range []struct {
			query         string
			offset, limit int
			want          []chat.AccountID
		}{
			{"", 0, 10, []chat.AccountID{"x2", "bob", "cid", "x1"}},
			{"", 1, 2, []chat.AccountID{"bob", "cid"}},
			{"émile", 0, 10, []chat.AccountID{"x1"}},
			{"0%", 0, 10, []chat.AccountID{"x1"}},
			{"a_B", 0, 10, []chat.AccountID{"x2"}},
			{"%", 0, 10, []chat.AccountID{"x1"}},
			{`\`, 0, 10, nil},
			{"q@DEMO", 0, 10, []chat.AccountID{"x2"}},
			{"dot", 0, 10, nil},
		} {
			got := names(get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.Contacts("ann", c.query, c.offset, c.limit) }))
			same(w, "contacts with "+c.query, got, c.want)
		}
	}},

	{"friend requests", func(w *world) {
		w.people("ann", "bob", "cid")
		ask := chat.FriendRequest{ID: "r1", From: "ann", To: "bob", Message: "hello", At: w.tick(), ToldAt: w.clock}
		back := chat.FriendRequest{ID: "r2", From: "bob", To: "ann", State: chat.RequestDeclined, At: w.tick(), AnsweredAt: w.clock}
		other := chat.FriendRequest{ID: "r3", From: "ann", To: "cid", At: w.tick()}
		for _, r := range []chat.FriendRequest{ask, back, other} {
			w.do(func(tx chat.Tx) error { return tx.SaveFriendRequest(r) })
		}
		same(w, "by id", get(w, func(tx chat.Tx) (chat.FriendRequest, error) { return tx.FriendRequest("r1") }), ask)
		same(w, "between", get(w, func(tx chat.Tx) (chat.FriendRequest, error) { return tx.FriendRequestBetween("bob", "ann") }), back)
		of := func(a chat.AccountID, offset, limit int) []chat.FriendRequest {
			return get(w, func(tx chat.Tx) ([]chat.FriendRequest, error) { return tx.FriendRequests(a, offset, limit) })
		}
		waiting := func() int {
			return get(w, func(tx chat.Tx) (int, error) { return tx.CountFriendRequests("ann") })
		}
		same(w, "of ann", of("ann", 0, 9), []chat.FriendRequest{other, back, ask})
		same(w, "of ann, a page", of("ann", 1, 1), []chat.FriendRequest{back})
		same(w, "of cid", of("cid", 0, 9), []chat.FriendRequest{other})
		same(w, "waiting", waiting(), 2)
		ask.State, ask.Message, ask.At, ask.AnsweredAt = chat.RequestTakenBack, "", w.tick(), w.tick()
		w.do(func(tx chat.Tx) error { return tx.SaveFriendRequest(ask) })
		same(w, "saved again", get(w, func(tx chat.Tx) (chat.FriendRequest, error) { return tx.FriendRequest("r1") }), ask)
		same(w, "without what was taken back", of("ann", 0, 9), []chat.FriendRequest{other, back})
		same(w, "waiting", waiting(), 1)
		w.both(func(tx chat.Tx) error {
			_, err := tx.FriendRequest("none")
			w.wantNoRow(err)
			_, err = tx.FriendRequestBetween("cid", "ann")
			w.wantNoRow(err)
			return nil
		})
	}},

	{"by email", func(w *world) {
		w.people("ann", "bob")
		w.do(func(tx chat.Tx) error {
			return tx.CreateAccount(chat.Account{ID: "x", Name: "X", Email: "Ann@Demo.test"})
		})
		w.do(func(tx chat.Tx) error { return tx.CreateAccount(chat.Account{ID: "y", Name: "Y"}) })
		by := func(email string) []chat.AccountID {
			return names(get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.AccountsByEmail(email) }))
		}
		same(w, "any case", by("ANN@demo.test"), []chat.AccountID{"ann", "x"})
		same(w, "no part", by("ann"), nil)
		same(w, "no pattern", by("%"), nil)
		same(w, "none", by(""), nil)
	}},
}
