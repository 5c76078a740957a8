package store

import (
	"encoding/json"
	"fmt"

	"parley/internal/chat"
)

const subscriptionColumns = "id, app, url, note, kinds, secrets, created_at, stopped_at, stopped, failures, failing_at, next_at, failure, delivered_at, removed_at"

func readSubscription(scan scanFunc) (s chat.Subscription, err error) {
	var kinds, secrets string
	err = scan(&s.ID, &s.App, &s.URL, &s.Note, &kinds, &secrets, when{&s.CreatedAt}, when{&s.StoppedAt}, &s.Stopped,
		&s.Failures, when{&s.FailingAt}, when{&s.NextAt}, &s.Failure, when{&s.DeliveredAt}, when{&s.RemovedAt})
	if err != nil {
		return s, err
	}
	// The text is not part of the error: it has the secrets.
	if json.Unmarshal([]byte(kinds), &s.Kinds) != nil || json.Unmarshal([]byte(secrets), (*credentials)(&s.Secrets)) != nil {
		return s, fmt.Errorf("store: subscription %s: a column is no JSON list", s.ID)
	}
	return s, nil
}

func (t *tx) CreateSubscription(s chat.Subscription) error {
	values, err := subscriptionValues(s)
	if err != nil {
		return err
	}
	t.cache.subscriptions.drop(struct{}{})
	return t.insert("INSERT INTO subscription ("+subscriptionColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		append([]any{string(s.ID), string(s.App)}, values...)...)
}

// subscriptionValues are those of [subscriptionColumns] behind the application.
func subscriptionValues(s chat.Subscription) ([]any, error) {
	kinds, err := jsonArray(s.Kinds)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(credentials(s.Secrets))
	if err != nil {
		return nil, err
	}
	return []any{
		s.URL, s.Note, kinds, string(secrets), millis(s.CreatedAt), millis(s.StoppedAt), string(s.Stopped),
		int64(s.Failures), millis(s.FailingAt), millis(s.NextAt), s.Failure, millis(s.DeliveredAt), millis(s.RemovedAt),
	}, nil
}

func (t *tx) UpdateSubscription(s chat.Subscription) error {
	values, err := subscriptionValues(s)
	if err != nil {
		return err
	}
	t.cache.subscriptions.drop(struct{}{})
	return t.one(`UPDATE subscription SET url = ?, note = ?, kinds = ?, secrets = ?, created_at = ?, stopped_at = ?, stopped = ?,
		failures = ?, failing_at = ?, next_at = ?, failure = ?, delivered_at = ?, removed_at = ? WHERE id = ?`, append(values, string(s.ID))...)
}

// SetSubscriptionState changes no column that [tx.ActiveSubscriptions] reads, so the cache keeps its entry.
func (t *tx) SetSubscriptionState(s chat.Subscription) error {
	return t.one("UPDATE subscription SET failures = ?, failing_at = ?, next_at = ?, failure = ?, delivered_at = ? WHERE id = ?",
		int64(s.Failures), millis(s.FailingAt), millis(s.NextAt), s.Failure, millis(s.DeliveredAt), string(s.ID))
}

func (t *tx) DeleteSubscription(id chat.SubscriptionID) error {
	t.cache.subscriptions.drop(struct{}{})
	return t.one("DELETE FROM subscription WHERE id = ?", string(id))
}

func (t *tx) Subscription(id chat.SubscriptionID) (chat.Subscription, error) {
	return first(t, readSubscription, "SELECT "+subscriptionColumns+" FROM subscription WHERE id = ?", string(id))
}

func (t *tx) Subscriptions(of chat.AppID) ([]chat.Subscription, error) {
	if of == "" {
		return list(t, readSubscription, "SELECT "+subscriptionColumns+" FROM subscription ORDER BY created_at, id")
	}
	return list(t, readSubscription, "SELECT "+subscriptionColumns+" FROM subscription WHERE app = ? ORDER BY created_at, id", string(of))
}

func (t *tx) ActiveSubscriptions() ([]chat.Subscriber, error) {
	return cached(&t.cache.subscriptions, struct{}{}, func() ([]chat.Subscriber, error) {
		return list(t, readSubscriber, `SELECT id, kinds FROM subscription s WHERE stopped_at = 0 AND removed_at = 0
			AND EXISTS (SELECT 1 FROM application a WHERE a.id = s.app AND a.disabled_at = 0) ORDER BY created_at, id`)
	})
}

func readSubscriber(scan scanFunc) (s chat.Subscriber, err error) {
	var kinds string
	if err = scan(&s.ID, &kinds); err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(kinds), &s.Kinds)
}
