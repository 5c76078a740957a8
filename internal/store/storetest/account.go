package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var accountTests = []test{
	{"applications", func(w *world) {
		app := chat.Application{
			ID: "app1", Key: "key1", Name: "Web", URL: "http://127.0.0.1/", Kind: chat.AppWeb,
			SendAck: chat.AckErrorFirst, MutedPushes: []string{"new history", "new session"}, CreatedAt: w.tick(),
			Scopes: []chat.Scope{chat.ScopeRead, chat.ScopeTokens}, Organization: "org1",
			Secrets: []chat.Credential{
				{Value: "a hash", CreatedAt: w.tick()},
				{Value: "an older hash", CreatedAt: w.tick(), ExpiresAt: w.tick()},
			},
			SigningKeys: []chat.Credential{{Value: `a key with "quotes"`, CreatedAt: w.tick()}},
		}
		w.do(func(tx chat.Tx) error {
			return tx.CreateOrganization(chat.Organization{ID: "org1", CreatedAt: w.tick()})
		})
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(app) })
		same(w, "by id", get(w, func(tx chat.Tx) (chat.Application, error) { return tx.Application("app1") }), app)
		same(w, "by key", get(w, func(tx chat.Tx) (chat.Application, error) { return tx.ApplicationByKey("key1") }), app)

		for _, taken := range []chat.Application{{ID: "app1", Key: "other"}, {ID: "other", Key: "key1"}} {
			err := w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.CreateApplication(taken) })
			if !errors.Is(err, chat.ErrDuplicate) {
				w.Errorf("taken id or key: got error %v", err)
			}
		}
		app.Key, app.MutedPushes, app.Scopes, app.Organization, app.SigningKeys, app.DisabledAt = "key2", nil, nil, "", nil, w.tick()
		w.do(func(tx chat.Tx) error { return tx.UpdateApplication(app) })
		same(w, "updated", get(w, func(tx chat.Tx) (chat.Application, error) { return tx.Application("app1") }), app)
		app.SeenAt = w.tick()
		w.do(func(tx chat.Tx) error { return tx.SeeApplication("app1", app.SeenAt) })
		w.do(func(tx chat.Tx) error { return tx.SeeApplication("app1", app.SeenAt.Add(-time.Minute)) }) // of a slower node
		w.do(func(tx chat.Tx) error { return tx.SeeApplication("app9", app.SeenAt) })
		same(w, "seen", get(w, func(tx chat.Tx) (chat.Application, error) { return tx.Application("app1") }), app)
		before := app
		before.SeenAt = time.Time{}
		w.do(func(tx chat.Tx) error { return tx.UpdateApplication(before) })
		same(w, "updated by one that has read it before the use", get(w, func(tx chat.Tx) (chat.Application, error) { return tx.Application("app1") }), app)
		w.both(func(tx chat.Tx) error {
			_, err := tx.ApplicationByKey("key1")
			w.wantNoRow(err)
			_, err = tx.Application("app9")
			w.wantNoRow(err)
			return nil
		})
		second := chat.Application{ID: "app0", Key: "k", CreatedAt: w.tick()}
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(second) })
		same(w, "all", get(w, chat.Tx.Applications), []chat.Application{app, second})
		err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			second.Key = "key2"
			return tx.UpdateApplication(second)
		})
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("update to a taken key: got error %v", err)
		}
	}},

	// The rule for paths was made stricter without a change of the rows: an address that is
	// encoded twice was still served.
	{"addresses that are refused now", func(w *world) {
		const refused, good = "/%252e%252e/x", "/avatars/x.png"
		for _, stored := range []string{refused, "javascript:alert(1)", "/a/..;/b", good} {
			want := ""
			if stored == good {
				want = good
			}
			id := chat.AccountID("a" + stored)
			g, app := chat.Group{ID: chat.GroupID("g" + stored), Creator: id, Avatar: stored}, chat.Application{ID: chat.AppID(id), Key: string(id), URL: stored}
			w.do(func(tx chat.Tx) error { return tx.CreateAccount(chat.Account{ID: id, Name: "A", Avatar: stored}) })
			w.do(func(tx chat.Tx) error { return tx.CreateApplication(app) })
			w.do(func(tx chat.Tx) (err error) { g, err = tx.CreateGroup(g); return err })
			w.do(func(tx chat.Tx) error {
				return tx.AddMembers(g.Conversation, []chat.AccountID{id}, chat.RoleMember, w.tick())
			})
			w.do(func(tx chat.Tx) error {
				_, err := tx.AddNotification(&chat.Notification{Category: "post", URL: stored, At: w.tick()}, []chat.AccountID{id})
				return err
			})
			w.both(func(tx chat.Tx) error {
				a, err := tx.Account(id)
				same(w, stored+": account", a.Avatar, want)
				members, err2 := tx.Members(g.Conversation, "", 0)
				same(w, stored+": member", members[0].Account.Avatar, want)
				p, err3 := tx.Application(app.ID)
				same(w, stored+": application", p.URL, want)
				group, err4 := tx.Group(g.ID)
				same(w, stored+": group", group.Avatar, want)
				n, err5 := tx.LastNotification(id, "post")
				same(w, stored+": notification", n.URL, want)
				return errors.Join(err, err2, err3, err4, err5)
			})
			w.do(func(tx chat.Tx) error { return tx.RemoveAllMembers(g.Conversation, w.tick()) })
			m := get(w, func(tx chat.Tx) (chat.Membership, error) { return tx.Membership(g.Conversation, id) })
			same(w, stored+": group of a former member", m.LeftAvatar, want)
		}
	}},

	{"accounts", func(w *world) {
		w.people("ann", "bob", "cid")
		ann := person("ann", w.clock)
		same(w, "one", get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("ann") }), ann)
		ann.Name, ann.Active, ann.Language, ann.TimeZone = "Ann of 悬空", false, "en", ""
		w.do(func(tx chat.Tx) error { return tx.UpdateAccount(ann) })
		same(w, "some", get(w, func(tx chat.Tx) ([]chat.Account, error) {
			return tx.Accounts([]chat.AccountID{"cid", "nobody", "ann"})
		}), []chat.Account{person("cid", w.clock), ann})
		same(w, "page", get(w, func(tx chat.Tx) ([]chat.Account, error) { return tx.AccountPage("ann", 1) }),
			[]chat.Account{person("bob", w.clock)})
		err := w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.CreateAccount(ann) })
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("taken id: got error %v", err)
		}
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.UpdateAccount(chat.Account{ID: "nobody"}) }))
	}},

	{"tokens", func(w *world) {
		w.people("ann")
		at := w.tick()
		one := chat.Token{Session: "s1", Hash: [32]byte{1}, Account: "ann", Label: "laptop", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}
		two := chat.Token{Session: "s2", Hash: [32]byte{2}, Account: "ann", CreatedAt: at.Add(time.Second)}
		w.do(func(tx chat.Tx) error { return errors.Join(tx.CreateToken(one), tx.CreateToken(two)) })
		same(w, "by hash", get(w, func(tx chat.Tx) (chat.Token, error) { return tx.TokenByHash(one.Hash) }), one)
		w.do(func(tx chat.Tx) error { return tx.RevokeToken("s1", at.Add(time.Minute)) })
		w.do(func(tx chat.Tx) error { return tx.RevokeToken("s1", at.Add(2*time.Minute)) })
		one.RevokedAt = at.Add(time.Minute)
		same(w, "revoked once", get(w, func(tx chat.Tx) (chat.Token, error) { return tx.TokenBySession("s1") }), one)
		same(w, "all", get(w, func(tx chat.Tx) ([]chat.Token, error) { return tx.Tokens("ann") }), []chat.Token{two, one})
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.TokenByHash([32]byte{9}); return err }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.RevokeToken("s9", at) }))
	}},

	{"revoked web tokens", func(w *world) {
		w.people("ann")
		at := w.tick()
		revoked := func(id chat.SessionID) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.JWTRevoked(id) })
		}
		w.do(func(tx chat.Tx) error { return tx.RevokeJWT("j1", "ann", at, at.Add(time.Hour)) })
		w.do(func(tx chat.Tx) error { return tx.RevokeJWT("j1", "ann", at, at.Add(time.Hour)) })
		w.do(func(tx chat.Tx) error { return tx.RevokeJWT("j2", "", at, time.Time{}) })
		same(w, "revoked", []bool{revoked("j1"), revoked("j2"), revoked("j3")}, []bool{true, true, false})
		w.do(func(tx chat.Tx) error { return tx.RevokeJWT("j4", "ann", at.Add(2*time.Hour), at.Add(3*time.Hour)) })
		same(w, "the expired one is forgotten", []bool{revoked("j1"), revoked("j2"), revoked("j4")}, []bool{false, true, true})
	}},

	{"answers to repeated requests", func(w *world) {
		at := w.tick()
		w.do(func(tx chat.Tx) error { return tx.CreateApplication(chat.Application{ID: "app", Key: "k"}) })
		r := chat.Replay{Fingerprint: [32]byte{7}, Status: 201, Body: []byte(`{"id":1}`), At: at}
		replay := func(key string) (chat.Replay, error) {
			var r chat.Replay
			err := w.store.View(w.Context(), func(tx chat.Tx) (err error) { r, err = tx.Replay("app", key); return err })
			return r, err
		}
		_, err := replay("k1")
		w.wantNoRow(err)
		w.do(func(tx chat.Tx) error {
			return tx.SaveReplay("app", "k1", chat.Replay{Fingerprint: r.Fingerprint, At: at})
		})
		w.do(func(tx chat.Tx) error { return tx.SaveReplay("app", "k1", r) })
		got, err := replay("k1")
		if err != nil {
			w.Error(err)
		}
		same(w, "the later answer", got, r)
		w.do(func(tx chat.Tx) error { return tx.SaveReplay("app", "k2", chat.Replay{At: at.Add(72 * time.Hour)}) })
		_, err = replay("k1")
		w.wantNoRow(err)
	}},
}
