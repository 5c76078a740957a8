package storetest

import (
	"time"

	"parley/internal/chat"
)

var webhookTests = []test{
	{"webhooks", func(w *world) {
		w.people("ann", "bob")
		g := w.group("g", "ann", "bob")
		w.group("h", "ann")
		at := w.tick()
		bot := chat.Account{ID: "bot", Name: "Alerts", Avatar: "/a/bot.png", Bot: true, CreatedAt: at}
		h := chat.Webhook{ID: "hook", Hash: [32]byte{1}, Group: "g", Account: "bot", Creator: "ann", CreatedAt: at}
		w.do(func(tx chat.Tx) error {
			if err := tx.CreateAccount(bot); err != nil {
				return err
			}
			if err := tx.AddFormerMember(g.Conversation, "bot", at); err != nil {
				return err
			}
			return tx.CreateWebhook(h)
		})
		same(w, "the bot", get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("bot") }), bot)
		byID := func() chat.Webhook {
			return get(w, func(tx chat.Tx) (chat.Webhook, error) { return tx.Webhook("hook") })
		}
		of := func(g chat.GroupID) []chat.Webhook {
			return get(w, func(tx chat.Tx) ([]chat.Webhook, error) { return tx.Webhooks(g) })
		}
		same(w, "by id", byID(), h)
		same(w, "by hash", get(w, func(tx chat.Tx) (chat.Webhook, error) { return tx.WebhookByHash([32]byte{1}) }), h)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.WebhookByHash([32]byte{9}); return err }))
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Webhook("other"); return err }))
		same(w, "of another group", of("h"), nil)

		// Messages of the bot are unread for all members, and the bot is not a member.
		w.say(g.Conversation, "ann", "quiet so far")
		w.say(g.Conversation, "bot", "the disk is full")
		w.say(g.Conversation, "bot", "it is still full")
		same(w, "unread of ann", w.unread(g.Conversation, "ann"), 2)
		same(w, "unread of bob", w.unread(g.Conversation, "bob"), 3)
		same(w, "unread of the bot", w.unread(g.Conversation, "bot"), 0)
		same(w, "members", get(w, func(tx chat.Tx) (chat.Group, error) { return tx.Group("g") }).Members, 2)
		same(w, "groups of the bot", get(w, func(tx chat.Tx) ([]chat.GroupSubscription, error) { return tx.GroupsOf("bot") }), nil)
		for _, find := range []chat.FindPeople{{In: "org", Limit: 10}, {In: "org", Query: "alerts", Limit: 10}} {
			for _, p := range get(w, func(tx chat.Tx) ([]chat.PersonRow, error) { return tx.People(find) }) {
				if p.ID == "bot" {
					w.Errorf("the people of the administration include the bot, asked for %+v", find)
				}
			}
		}
		same(w, "counted people", get(w, func(tx chat.Tx) (chat.PeopleCount, error) { return tx.CountPeople("org") }), chat.PeopleCount{Active: 2})

		h.Hash, h.Secret, h.UsedAt = [32]byte{2}, "secret", at.Add(time.Minute)
		w.do(func(tx chat.Tx) error {
			if err := tx.UpdateWebhook(h); err != nil {
				return err
			}
			return tx.UseWebhook("hook", h.UsedAt)
		})
		same(w, "changed", of("g"), []chat.Webhook{h})
		w.do(func(tx chat.Tx) error { return tx.RemoveWebhook("hook") })
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.RemoveWebhook("hook") }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.UpdateWebhook(h) }))
		w.do(func(tx chat.Tx) error { return tx.CreateWebhook(h) })
		w.do(func(tx chat.Tx) error { return tx.RemoveWebhooks("h") })
		same(w, "of a group, others removed", of("g"), []chat.Webhook{h})
		w.do(func(tx chat.Tx) error { return tx.RemoveWebhooks("g") })
		same(w, "of a group without", of("g"), nil)
		// The messages and their sender stay.
		same(w, "unread of bob, webhook removed", w.unread(g.Conversation, "bob"), 3)
	}},
}
