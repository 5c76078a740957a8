package store

import (
	"encoding/json"
	"fmt"
	"time"

	"parley/internal/chat"
)

const applicationColumns = "id, app_key, name, url, kind, send_ack, muted_pushes, created_at, scopes, organization, secrets, signing_keys, disabled_at, seen_at"

func readApplication(scan scanFunc) (a chat.Application, err error) {
	var muted, scopes, secrets, keys string
	err = scan(&a.ID, &a.Key, &a.Name, address{&a.URL}, &a.Kind, &a.SendAck, &muted, when{&a.CreatedAt},
		&scopes, text[chat.OrganizationID]{&a.Organization}, &secrets, &keys, when{&a.DisabledAt}, when{&a.SeenAt})
	if err != nil {
		return a, err
	}
	for _, column := range []struct {
		text string
		to   any
	}{{muted, &a.MutedPushes}, {scopes, &a.Scopes}, {secrets, (*credentials)(&a.Secrets)}, {keys, (*credentials)(&a.SigningKeys)}} {
		if column.text == "[]" {
			continue
		}
		// The text is not part of the error: it may hold a signing key.
		if json.Unmarshal([]byte(column.text), column.to) != nil {
			return a, fmt.Errorf("store: application %s: a column is no JSON list", a.ID)
		}
	}
	return a, nil
}

// credentials are stored as a JSON array, with their times in milliseconds.
type credentials []chat.Credential

type credential struct {
	Value   string `json:"value"`
	Created int64  `json:"created"`
	Expires int64  `json:"expires"`
}

func (c *credentials) UnmarshalJSON(data []byte) error {
	var rows []credential
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		*c = append(*c, chat.Credential{Value: r.Value, CreatedAt: moment(r.Created), ExpiresAt: moment(r.Expires)})
	}
	return nil
}

func (c credentials) MarshalJSON() ([]byte, error) {
	rows := make([]credential, len(c))
	for i, one := range c {
		rows[i] = credential{Value: one.Value, Created: millis(one.CreatedAt), Expires: millis(one.ExpiresAt)}
	}
	return json.Marshal(rows)
}

// jsonArray is a column with a list; nil is an empty one.
func jsonArray[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// applicationValues are those of [applicationColumns] behind the id, without seen_at, which only SeeApplication changes.
func applicationValues(a chat.Application) ([]any, error) {
	muted, err := jsonArray(a.MutedPushes)
	if err != nil {
		return nil, err
	}
	scopes, err := jsonArray(a.Scopes)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(credentials(a.Secrets))
	if err != nil {
		return nil, err
	}
	keys, err := json.Marshal(credentials(a.SigningKeys))
	if err != nil {
		return nil, err
	}
	return []any{
		a.Key, a.Name, a.URL, string(a.Kind), string(a.SendAck), muted, millis(a.CreatedAt),
		scopes, orNull(a.Organization), string(secrets), string(keys), millis(a.DisabledAt),
	}, nil
}

func (t *tx) CreateApplication(a chat.Application) error {
	values, err := applicationValues(a)
	if err != nil {
		return err
	}
	return t.insert("INSERT INTO application ("+applicationColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING",
		append([]any{string(a.ID)}, values...)...)
}

func (t *tx) UpdateApplication(a chat.Application) error {
	values, err := applicationValues(a)
	if err != nil {
		return err
	}
	t.cache.applications.drop(a.ID)
	t.cache.subscriptions.drop(struct{}{}) // those of a disabled application are not active
	return t.one(`UPDATE application SET app_key = ?, name = ?, url = ?, kind = ?, send_ack = ?, muted_pushes = ?, created_at = ?,
		scopes = ?, organization = ?, secrets = ?, signing_keys = ?, disabled_at = ? WHERE id = ?`, append(values, string(a.ID))...)
}

func (t *tx) SeeApplication(id chat.AppID, at time.Time) error {
	t.cache.applications.drop(id)
	_, err := t.exec("UPDATE application SET seen_at = ? WHERE id = ? AND seen_at < ?", millis(at), string(id), millis(at))
	return err
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
