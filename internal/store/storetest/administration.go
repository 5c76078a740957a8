package storetest

import (
	"time"

	"parley/internal/chat"
)

var administrationTests = []test{
	{"people of the administration", func(w *world) {
		w.people("ann", "bob", "cid")
		w.do(func(tx chat.Tx) error {
			for _, a := range []chat.Account{{ID: "z1", Name: "张三", Email: "san@demo.test", Active: true, CreatedAt: w.clock}, {ID: "z2", Name: "Zoe", CreatedAt: w.clock}} {
				if err := tx.CreateAccount(a); err != nil {
					return err
				}
			}
			if err := tx.SetOrganizationRole("org", "bob", chat.OrganizationGuest); err != nil {
				return err
			}
			if err := tx.SetOrganizationRole("org", "cid", chat.OrganizationOwner); err != nil {
				return err
			}
			if err := tx.SetAccountDetail("ann", chat.Detail{Title: "x"}); err != nil {
				return err
			}
			return tx.SetAccountDetail("ann", chat.Detail{Title: "Baker", Department: "Oven", Phone: "7"})
		})
		ids := func(q chat.FindPeople) (ids []chat.AccountID) {
			q.In = "org"
			if q.Limit == 0 {
				q.Limit = 10
			}
			for _, p := range get(w, func(tx chat.Tx) ([]chat.PersonRow, error) { return tx.People(q) }) {
				ids = append(ids, p.ID)
			}
			return ids
		}
		same(w, "all", ids(chat.FindPeople{}), []chat.AccountID{"ann", "bob", "cid", "z1", "z2"})
		same(w, "a page", ids(chat.FindPeople{After: "bob", Limit: 2}), []chat.AccountID{"cid", "z1"})
		same(w, "pinyin", ids(chat.FindPeople{Query: "zhangsan"}), []chat.AccountID{"z1"})
		same(w, "behind candidates", ids(chat.FindPeople{Query: "zo", Limit: 1}), []chat.AccountID{"z2"})
		same(w, "only candidates", ids(chat.FindPeople{Query: "ze", Limit: 1}), []chat.AccountID(nil))
		same(w, "address", ids(chat.FindPeople{Query: "cid@demo"}), []chat.AccountID{"cid"})
		same(w, "guests", ids(chat.FindPeople{Role: chat.OrganizationGuest}), []chat.AccountID{"bob"})
		same(w, "inactive", ids(chat.FindPeople{Active: new(false)}), []chat.AccountID{"z2"})
		ann := get(w, func(tx chat.Tx) ([]chat.PersonRow, error) { return tx.People(chat.FindPeople{In: "org", Limit: 1}) })
		same(w, "ann", ann, []chat.PersonRow{{Account: person("ann", ann[0].CreatedAt), Detail: chat.Detail{Title: "Baker", Department: "Oven", Phone: "7"}, Role: chat.OrganizationMember}})
		same(w, "detail", get(w, func(tx chat.Tx) (chat.Detail, error) { return tx.AccountDetail("ann") }), ann[0].Detail)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.AccountDetail("bob"); return err }))
		same(w, "numbers", get(w, func(tx chat.Tx) (chat.PeopleCount, error) { return tx.CountPeople("org") }),
			chat.PeopleCount{Active: 4, Inactive: 1, Guests: 1, Administrators: 1})
	}},

	{"groups of the administration", func(w *world) {
		w.people("ann", "bob", "cid")
		one, two := w.group("g1", "ann", "bob"), w.group("g2", "bob", "ann")
		w.group("g3", "cid")
		w.say(one.Conversation, "ann", "one")
		w.say(one.Conversation, "bob", "two")
		w.do(func(tx chat.Tx) error {
			ann := person("ann", w.clock)
			ann.Active = false
			if err := tx.UpdateAccount(ann); err != nil {
				return err
			}
			two.DissolvedAt = w.clock
			return tx.UpdateGroup(two)
		})
		find := func(q chat.FindGroups) []chat.GroupRow {
			if q.Limit == 0 {
				q.Limit = 10
			}
			return get(w, func(tx chat.Tx) ([]chat.GroupRow, error) { return tx.Groups(q) })
		}
		ids := func(q chat.FindGroups) (ids []chat.GroupID) {
			for _, g := range find(q) {
				ids = append(ids, g.ID)
			}
			return ids
		}
		same(w, "open ones", ids(chat.FindGroups{}), []chat.GroupID{"g3", "g1"})
		same(w, "all", ids(chat.FindGroups{Dissolved: true}), []chat.GroupID{"g3", "g2", "g1"})
		same(w, "a page", ids(chat.FindGroups{Dissolved: true, Limit: 1}), []chat.GroupID{"g3"})
		same(w, "the next", ids(chat.FindGroups{Dissolved: true, AfterAt: two.CreatedAt, After: "g2"}), []chat.GroupID{"g1"})
		same(w, "by name", ids(chat.FindGroups{Query: "group g1"}), []chat.GroupID{"g1"})
		same(w, "without an owner", ids(chat.FindGroups{Ownerless: true}), []chat.GroupID{"g1"})
		g := find(chat.FindGroups{Ownerless: true})[0]
		same(w, "g1", []any{g.Name, g.CreatorName, g.CreatorActive, g.Messages, g.LastAt.IsZero(), g.Members}, []any{"Group g1", "Name of ann", false, int64(2), false, 2})
		same(w, "numbers", get(w, func(tx chat.Tx) (chat.GroupCount, error) { return tx.CountGroups() }), chat.GroupCount{Open: 2, Ownerless: 1})
		same(w, "of ann", get(w, func(tx chat.Tx) ([]chat.GroupID, error) { return tx.GroupsCreatedBy("ann") }), []chat.GroupID{"g1"})
		same(w, "of bob", get(w, func(tx chat.Tx) ([]chat.GroupID, error) { return tx.GroupsCreatedBy("bob") }), nil)
	}},

	{"figures of a day", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g1", "ann", "bob")
		day := func(from, to time.Time) chat.DayCount {
			return get(w, func(tx chat.Tx) (chat.DayCount, error) { return tx.CountDay(from, to) })
		}
		same(w, "before the first message", day(w.clock.Add(-time.Hour), w.clock.Add(time.Hour)), chat.DayCount{})
		var at []time.Time
		for i := range 20 {
			m := chat.Message{Conversation: g.Conversation, From: []chat.AccountID{"ann", "bob"}[i%2], At: w.tick(), Content: chat.Content{Type: chat.TypeText, Text: "x"}}
			if i == 5 {
				m.Content = chat.Content{Type: chat.TypeFile, File: []byte(`{"url":"/f"}`)}
			}
			at = append(at, w.post(m).At)
		}
		same(w, "all", day(at[0], at[19].Add(time.Second)), chat.DayCount{Messages: 20, People: 2})
		same(w, "from one to another", day(at[3], at[6]), chat.DayCount{Messages: 3, People: 2})
		same(w, "one of them", day(at[4], at[5]), chat.DayCount{Messages: 1, People: 1})
		same(w, "after the last", day(at[19].Add(time.Second), at[19].Add(time.Hour)), chat.DayCount{})
	}},

	{"log-ins of the administration", func(w *world) {
		w.people("ann", "bob")
		w.do(func(tx chat.Tx) error {
			return tx.CreateApplication(chat.Application{ID: "web", Key: "k", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst, CreatedAt: w.clock})
		})
		for i, t := range []chat.Token{
			{Session: "s1", Account: "ann", App: "web"},
			{Session: "s2", Account: "bob", Label: "100% mine", ExpiresAt: w.clock.Add(time.Minute)},
			{Session: "s3", Account: "ann", Label: "Firefox, Linux", SeenAt: w.clock.Add(time.Second)},
			{Session: "s4", Account: "ann"},
		} {
			t.Hash[0], t.CreatedAt = byte(i+1), w.tick()
			w.do(func(tx chat.Tx) error { return tx.CreateToken(t) })
		}
		w.do(func(tx chat.Tx) error { return tx.RevokeToken("s4", w.clock) })
		w.do(func(tx chat.Tx) error { return tx.SeeToken("s1", w.clock) })
		seen := w.clock
		live := func(q chat.FindTokens) (ids []chat.SessionID) {
			if q.Limit == 0 {
				q.Limit = 10
			}
			if q.Now.IsZero() {
				q.Now = w.clock
			}
			for _, t := range get(w, func(tx chat.Tx) ([]chat.Token, error) { return tx.LiveTokens(q) }) {
				ids = append(ids, t.Session)
			}
			return ids
		}
		same(w, "now", live(chat.FindTokens{}), []chat.SessionID{"s3", "s2", "s1"})
		same(w, "later", live(chat.FindTokens{Now: w.clock.Add(time.Hour)}), []chat.SessionID{"s3", "s1"})
		s3 := get(w, func(tx chat.Tx) (chat.Token, error) { return tx.TokenBySession("s3") })
		same(w, "the next", live(chat.FindTokens{Before: s3.CreatedAt, After: "s3", Limit: 1}), []chat.SessionID{"s2"})
		same(w, "of a person", live(chat.FindTokens{Account: "ann"}), []chat.SessionID{"s3", "s1"})
		same(w, "the next of a person", live(chat.FindTokens{Account: "ann", Before: s3.CreatedAt, After: "s3"}), []chat.SessionID{"s1"})
		same(w, "of an application", live(chat.FindTokens{App: "web"}), []chat.SessionID{"s1"})
		same(w, "of a device", live(chat.FindTokens{Label: "FIRE"}), []chat.SessionID{"s3"})
		same(w, "a sign of patterns is a letter", live(chat.FindTokens{Label: "%"}), []chat.SessionID{"s2"})
		same(w, "used since", live(chat.FindTokens{SeenSince: seen}), []chat.SessionID{"s1"})
		same(w, "not used since", live(chat.FindTokens{SeenBefore: seen}), []chat.SessionID{"s3", "s2"})
		same(w, "all of these", live(chat.FindTokens{Account: "ann", App: "web", SeenSince: seen}), []chat.SessionID{"s1"})
		same(w, "none", live(chat.FindTokens{Account: "bob", App: "web"}), []chat.SessionID(nil))
		same(w, "last seen", get(w, func(tx chat.Tx) (time.Time, error) { return tx.LastSeen("ann") }).Equal(seen), true)
		same(w, "never", get(w, func(tx chat.Tx) (time.Time, error) { return tx.LastSeen("bob") }).IsZero(), true)
	}},
}
