package store

import (
	"time"

	"parley/internal/chat"
)

const webhookColumns = "id, hash, group_id, account, secret, creator, created_at, used_at"

func readWebhook(scan scanFunc) (h chat.Webhook, err error) {
	var hash []byte
	err = scan(&h.ID, &hash, &h.Group, &h.Account, &h.Secret, text[chat.AccountID]{&h.Creator}, when{&h.CreatedAt}, when{&h.UsedAt})
	copy(h.Hash[:], hash)
	return h, err
}

func (t *tx) CreateWebhook(h chat.Webhook) error {
	return t.insert("INSERT INTO webhook ("+webhookColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(h.ID), h.Hash[:], string(h.Group), string(h.Account), h.Secret, orNull(h.Creator), millis(h.CreatedAt), millis(h.UsedAt))
}

func (t *tx) UpdateWebhook(h chat.Webhook) error {
	return t.one("UPDATE webhook SET hash = ?, secret = ? WHERE id = ?", h.Hash[:], h.Secret, string(h.ID))
}

func (t *tx) UseWebhook(id chat.WebhookID, at time.Time) error {
	return t.one("UPDATE webhook SET used_at = ? WHERE id = ?", millis(at), string(id))
}

func (t *tx) RemoveWebhook(id chat.WebhookID) error {
	return t.one("DELETE FROM webhook WHERE id = ?", string(id))
}

func (t *tx) RemoveWebhooks(g chat.GroupID) error {
	_, err := t.exec("DELETE FROM webhook WHERE group_id = ?", string(g))
	return err
}

func (t *tx) Webhook(id chat.WebhookID) (chat.Webhook, error) {
	return first(t, readWebhook, "SELECT "+webhookColumns+" FROM webhook WHERE id = ?", string(id))
}

func (t *tx) WebhookByHash(hash [32]byte) (chat.Webhook, error) {
	return first(t, readWebhook, "SELECT "+webhookColumns+" FROM webhook WHERE hash = ?", hash[:])
}

func (t *tx) Webhooks(g chat.GroupID) ([]chat.Webhook, error) {
	return list(t, readWebhook, "SELECT "+webhookColumns+" FROM webhook WHERE group_id = ? ORDER BY created_at, id", string(g))
}

// bots checks the accounts of webhooks, and the webhooks.
func (v *verifier) bots() error {
	for _, c := range []struct{ table, what, query string }{
		{"account", "it is a bot, but active", "SELECT id FROM account WHERE bot = 1 AND active = 1"},
		{"account", "it is a bot, but has an e-mail address", "SELECT id FROM account WHERE bot = 1 AND email <> ''"},
		{"account", "it is a bot, but in an organization", "SELECT id FROM account a WHERE bot = 1 AND EXISTS (SELECT 1 FROM organization_member o WHERE o.account = a.id)"},
		{"account", "it is a bot, but a member of a group", "SELECT id FROM account a WHERE bot = 1 AND EXISTS (SELECT 1 FROM member m WHERE m.account = a.id AND m.left_at = 0)"},
		{"webhook", "its account is not a bot", "SELECT h.id FROM webhook h JOIN account a ON a.id = h.account WHERE a.bot = 0"},
		{"webhook", "its account has no row of member in the group", `SELECT h.id FROM webhook h JOIN conversation c ON c.group_id = h.group_id
			WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.conversation = c.id AND m.account = h.account)`},
	} {
		err := v.tx.query(func(scan scanFunc) error {
			row, err := readString[string](scan)
			v.find(c.table, row, c.what)
			return err
		}, c.query)
		if err := v.readable("of "+c.table, err); err != nil {
			return err
		}
	}
	return nil
}
