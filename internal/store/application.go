package store

import (
	"encoding/json"
	"fmt"

	"parley/internal/chat"
)

const applicationColumns = "id, app_key, secret, name, url, kind, send_ack, muted_pushes, created_at"

func readApplication(scan scanFunc) (a chat.Application, err error) {
	var muted string
	err = scan(&a.ID, &a.Key, &a.Secret, &a.Name, &a.URL, &a.Kind, &a.SendAck, &muted, when{&a.CreatedAt})
	if err == nil && muted != "[]" {
		if err = json.Unmarshal([]byte(muted), &a.MutedPushes); err != nil {
			err = fmt.Errorf("store: application %s: muted pushes: %w", a.ID, err)
		}
	}
	return a, err
}

func mutedPushes(a chat.Application) (string, error) {
	if len(a.MutedPushes) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(a.MutedPushes)
	return string(b), err
}

func (t *tx) CreateApplication(a chat.Application) error {
	muted, err := mutedPushes(a)
	if err != nil {
		return err
	}
	return t.insert("INSERT INTO application ("+applicationColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		string(a.ID), a.Key, a.Secret, a.Name, a.URL, string(a.Kind), string(a.SendAck), muted, millis(a.CreatedAt))
}

func (t *tx) UpdateApplication(a chat.Application) error {
	muted, err := mutedPushes(a)
	if err != nil {
		return err
	}
	t.cache.applications.drop(a.ID)
	return t.one(`UPDATE application SET app_key = ?, secret = ?, name = ?, url = ?, kind = ?, send_ack = ?, muted_pushes = ?
		WHERE id = ?`,
		a.Key, a.Secret, a.Name, a.URL, string(a.Kind), string(a.SendAck), muted, string(a.ID))
}

func (t *tx) Application(id chat.AppID) (chat.Application, error) {
	return cached(&t.cache.applications, id, func() (chat.Application, error) {
		return first(t, readApplication, "SELECT "+applicationColumns+" FROM application WHERE id = ?", string(id))
	})
}

func (t *tx) ApplicationByKey(key string) (chat.Application, error) {
	return first(t, readApplication, "SELECT "+applicationColumns+" FROM application WHERE app_key = ?", key)
}

func (t *tx) Applications() ([]chat.Application, error) {
	return list(t, readApplication, "SELECT "+applicationColumns+" FROM application ORDER BY created_at, id")
}
