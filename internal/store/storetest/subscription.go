package storetest

import (
	"errors"
	"fmt"
	"time"

	"parley/internal/chat"
)

func serverApp(id chat.AppID, at time.Time) chat.Application {
	return chat.Application{ID: id, Key: string(id) + "-key", Name: "A system", Kind: chat.AppServer, SendAck: chat.AckErrorFirst, Scopes: []chat.Scope{chat.ScopeRead}, CreatedAt: at}
}

// outgoing returns the ids that receivers get, and the topics.
func outgoing(all []chat.Outgoing) (events []string) {
	for _, o := range all {
		events = append(events, o.Event+" of "+o.Topic)
	}
	return events
}

var subscriptionTests = []test{
	{"subscriptions", func(w *world) {
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.CreateApplication(serverApp("app", at)), tx.CreateApplication(serverApp("other", at)))
		})
		first := chat.Subscription{
			ID: "s1", App: "app", URL: "https://hooks.example.test/a?b=c", Note: "An archive", CreatedAt: at,
			Kinds:   []chat.OutgoingKind{chat.OutgoingMessageSent, chat.OutgoingGroupChanged},
			Secrets: []chat.Credential{{Value: "whsec_b", CreatedAt: at}, {Value: "whsec_a", CreatedAt: at, ExpiresAt: at.Add(time.Hour)}},
		}
		second := chat.Subscription{ID: "s2", App: "other", URL: "https://hooks.example.test", CreatedAt: at.Add(time.Second), Kinds: []chat.OutgoingKind{chat.OutgoingMessageSent}}
		active := func() (ids []chat.SubscriptionID) {
			w.both(func(tx chat.Tx) error {
				all, err := tx.ActiveSubscriptions()
				ids = nil
				for _, a := range all {
					ids = append(ids, a.ID)
				}
				return err
			})
			return ids
		}
		same(w, "none active", active(), nil)
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.CreateSubscription(second), tx.CreateSubscription(first))
		})
		of := func(app chat.AppID) []chat.Subscription {
			return get(w, func(tx chat.Tx) ([]chat.Subscription, error) { return tx.Subscriptions(app) })
		}
		byID := func(id chat.SubscriptionID) chat.Subscription {
			return get(w, func(tx chat.Tx) (chat.Subscription, error) { return tx.Subscription(id) })
		}
		same(w, "all", of(""), []chat.Subscription{first, second})
		same(w, "of an application", of("app"), []chat.Subscription{first})
		same(w, "by id", byID("s1"), first)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Subscription("s3"); return err }))
		same(w, "active", active(), []chat.SubscriptionID{"s1", "s2"})
		same(w, "kinds", get(w, chat.Tx.ActiveSubscriptions)[0], chat.Subscriber{ID: "s1", Kinds: first.Kinds})

		first.URL, first.Note, first.Secrets = "https://other.example.test", "", first.Secrets[:1]
		first.Kinds, first.Stopped, first.StoppedAt = first.Kinds[:1], chat.StopGone, at.Add(time.Minute)
		first.Failures, first.FailingAt, first.NextAt, first.Failure, first.DeliveredAt = 3, at, at.Add(time.Hour), "status 410", at
		w.do(func(tx chat.Tx) error { return tx.UpdateSubscription(first) })
		same(w, "changed", byID("s1"), first)
		same(w, "active, one stopped", active(), []chat.SubscriptionID{"s2"})
		second.Failures, second.FailingAt, second.NextAt, second.Failure, second.DeliveredAt = 1, at, at.Add(time.Minute), "status 500", at
		w.do(func(tx chat.Tx) error { return tx.SetSubscriptionState(second) })
		same(w, "state", byID("s2"), second)
		disabled := serverApp("other", at)
		disabled.DisabledAt = at
		w.do(func(tx chat.Tx) error { return tx.UpdateApplication(disabled) })
		same(w, "active, application disabled", active(), nil)
		w.do(func(tx chat.Tx) error { return tx.UpdateApplication(serverApp("other", at)) })
		same(w, "active, application enabled", active(), []chat.SubscriptionID{"s2"})
		second.RemovedAt = at.Add(time.Hour)
		w.do(func(tx chat.Tx) error { return tx.UpdateSubscription(second) })
		same(w, "active, one removed", active(), nil)
		w.do(func(tx chat.Tx) error { return tx.DeleteSubscription("s2") })
		same(w, "one deleted", of(""), []chat.Subscription{first})
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.DeleteSubscription("s2") }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.UpdateSubscription(second) }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.SetSubscriptionState(second) }))
		// What a failed function has created is not active.
		failed := errors.New("failed")
		third := chat.Subscription{ID: "s3", App: "app", URL: "https://hooks.example.test", CreatedAt: at}
		if err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			return errors.Join(tx.CreateSubscription(third), only(tx.ActiveSubscriptions()), failed)
		}); !errors.Is(err, failed) {
			w.Errorf("a failed function: %v", err)
		}
		same(w, "active after a failed function", active(), nil)
	}},
	{"events for subscriptions", func(w *world) {
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.CreateApplication(serverApp("app", at)),
				tx.CreateSubscription(chat.Subscription{ID: "s1", App: "app", URL: "https://a.example.test", CreatedAt: at}),
				tx.CreateSubscription(chat.Subscription{ID: "s2", App: "app", URL: "https://b.example.test", CreatedAt: at}))
		})
		event := func(s chat.SubscriptionID, name, topic string, after time.Duration) chat.Outgoing {
			return chat.Outgoing{
				Subscription: s, Event: name, Kind: chat.OutgoingMessageSent, Topic: topic, At: at.Add(after), Since: at.Add(after),
				Body: []byte(`{"text":"a zero \u0000, 你好"}`),
			}
		}
		// Also more than the few rows that are sent one by one.
		w.do(func(tx chat.Tx) error {
			for i, topic := range []string{"x", "x", "y", "x", "z", "y"} {
				if err := tx.AddOutgoing(event("s1", fmt.Sprint("e", i+1), topic, time.Duration(i)*time.Minute)); err != nil {
					return err
				}
			}
			return tx.AddOutgoing(event("s2", "e1", "x", 0))
		})
		due := func(s chat.SubscriptionID, after time.Duration, limit int) []chat.Outgoing {
			return get(w, func(tx chat.Tx) ([]chat.Outgoing, error) { return tx.DueOutgoing(s, at.Add(after), limit) })
		}
		count := func(s chat.SubscriptionID, most int) chat.OutgoingCount {
			return get(w, func(tx chat.Tx) (chat.OutgoingCount, error) { return tx.CountOutgoing(s, most) })
		}
		all := due("s1", 0, 10)
		same(w, "due", outgoing(all), []string{"e1 of x", "e2 of x", "e3 of y", "e4 of x", "e5 of z", "e6 of y"})
		same(w, "two of them", outgoing(due("s1", 0, 2)), []string{"e1 of x", "e2 of x"})
		want := event("s1", "e1", "x", 0)
		want.ID = all[0].ID
		same(w, "an event", get(w, func(tx chat.Tx) (chat.Outgoing, error) { return tx.Outgoing(want.ID) }), want)
		same(w, "of the other one", outgoing(due("s2", 0, 10)), []string{"e1 of x"})
		same(w, "count", count("s1", 100), chat.OutgoingCount{Waiting: 6, Oldest: at})
		same(w, "count up to a number", count("s1", 4), chat.OutgoingCount{Waiting: 4, Oldest: at})
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Outgoing(1 << 40); return err }))

		// A topic waits for its event that is not due.
		next := func(s chat.SubscriptionID) time.Time {
			return get(w, func(tx chat.Tx) (time.Time, error) { return tx.NextOutgoing(s) })
		}
		same(w, "nothing is postponed", next("s1"), time.Time{})
		w.do(func(tx chat.Tx) error { return tx.PostponeOutgoing(all[0].ID, at.Add(time.Minute), 1, "status 500") })
		same(w, "one topic waits", outgoing(due("s1", 0, 10)), []string{"e3 of y", "e5 of z", "e6 of y"})
		same(w, "the other one does not", outgoing(due("s2", 0, 10)), []string{"e1 of x"})
		same(w, "due again", len(due("s1", time.Minute, 10)), 6)
		same(w, "when", next("s1"), at.Add(time.Minute))
		want.NextAt, want.Attempts, want.Failure = at.Add(time.Minute), 1, "status 500"
		same(w, "oldest", get(w, func(tx chat.Tx) (chat.Outgoing, error) { return tx.OldestOutgoing("s1") }), want)
		w.do(func(tx chat.Tx) error { return tx.RetryOutgoing("s1") })
		same(w, "all are due", len(due("s1", 0, 10)), 6)

		// Accepted events are removed, those of other subscriptions never.
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.RemoveOutgoing("s2", []chat.OutgoingID{all[1].ID}), tx.RemoveOutgoing("s1", []chat.OutgoingID{all[1].ID, all[2].ID, 1 << 40}), tx.RemoveOutgoing("s1", nil))
		})
		same(w, "some removed", outgoing(due("s1", 0, 10)), []string{"e1 of x", "e4 of x", "e5 of z", "e6 of y"})

		// Those that were given up, and their return.
		dead := func(after chat.OutgoingID, limit int) []chat.Outgoing {
			return get(w, func(tx chat.Tx) ([]chat.Outgoing, error) { return tx.DeadOutgoing("s1", after, limit) })
		}
		end := at.Add(72 * time.Hour)
		w.do(func(tx chat.Tx) error { return tx.GiveUpOutgoing(all[0].ID, end, 9, "status 502") })
		want.DeadAt, want.NextAt, want.Attempts, want.Failure = end, time.Time{}, 9, "status 502"
		same(w, "given up", dead(0, 10), []chat.Outgoing{want})
		same(w, "its topic goes on", outgoing(due("s1", 0, 10)), []string{"e4 of x", "e5 of z", "e6 of y"})
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.PostponeOutgoing(all[0].ID, at, 1, "") }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.GiveUpOutgoing(all[0].ID, at, 1, "") }))
		changed := func(what string, want int64, fn func(tx chat.Tx) (int64, error)) {
			w.Helper()
			var got int64
			w.do(func(tx chat.Tx) (err error) {
				got, err = fn(tx)
				return err
			})
			same(w, what, got, want)
		}
		changed("old ones, one at most", 1, func(tx chat.Tx) (int64, error) { return tx.GiveUpOldOutgoing("s1", at.Add(5*time.Minute), end, 1) })
		changed("old ones", 1, func(tx chat.Tx) (int64, error) { return tx.GiveUpOldOutgoing("s1", at.Add(5*time.Minute), end, 10) })
		same(w, "the rest waits", outgoing(due("s1", 0, 10)), []string{"e6 of y"})
		same(w, "all that were given up", outgoing(dead(0, 10)), []string{"e1 of x", "e4 of x", "e5 of z"})
		same(w, "a page", outgoing(dead(all[0].ID, 1)), []string{"e4 of x"})
		same(w, "count of both", count("s1", 100), chat.OutgoingCount{Waiting: 1, Dead: 3, Oldest: at.Add(5 * time.Minute)})
		w.do(func(tx chat.Tx) error { return tx.ReplayOutgoing(all[3].ID, end) })
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.ReplayOutgoing(all[3].ID, end) }))
		same(w, "one again", outgoing(due("s1", 0, 10)), []string{"e4 of x", "e6 of y"})
		again := due("s1", 0, 1)[0]
		same(w, "as new", []any{again.Attempts, again.Since, again.At, again.DeadAt}, []any{0, end, at.Add(3 * time.Minute), time.Time{}})
		changed("those since a time", 1, func(tx chat.Tx) (int64, error) { return tx.ReplayOutgoingSince("s1", at.Add(4*time.Minute), end, 10) })
		same(w, "some again", outgoing(due("s1", 0, 10)), []string{"e4 of x", "e5 of z", "e6 of y"})
		changed("dead ones, not old enough", 0, func(tx chat.Tx) (int64, error) { return tx.RemoveDeadOutgoing("s1", end, 10) })
		changed("dead ones", 1, func(tx chat.Tx) (int64, error) { return tx.RemoveDeadOutgoing("s1", end.Add(time.Second), 10) })

		w.do(func(tx chat.Tx) error { return tx.GiveUpOutgoing(all[3].ID, end, 1, "") })
		changed("two of a subscription", 2, func(tx chat.Tx) (int64, error) { return tx.RemoveOutgoingOf("s1", 2) })
		changed("the rest of it", 1, func(tx chat.Tx) (int64, error) { return tx.RemoveOutgoingOf("s1", 10) })
		changed("none of it", 0, func(tx chat.Tx) (int64, error) { return tx.RemoveOutgoingOf("s1", 10) })
		same(w, "the other one has its event", outgoing(due("s2", 0, 10)), []string{"e1 of x"})
	}},
	{"kept events", func(w *world) {
		at := w.tick()
		keep := func(tx chat.Tx, name string, to ...chat.SubscriptionID) error {
			return tx.KeepOutgoing(chat.Outgoing{Event: name, Kind: chat.OutgoingMessageSent, Topic: "x", At: at, NextAt: at.Add(time.Second), Body: []byte(`{"a":1}`)}, to)
		}
		has := func() bool { return get(w, chat.Tx.HasKept) }
		take := func(limit int) (names []string) {
			w.do(func(tx chat.Tx) error {
				all, err := tx.TakeKept(limit)
				names = nil
				for _, k := range all {
					names = append(names, fmt.Sprint(k.Event, k.To))
				}
				return err
			})
			return names
		}
		same(w, "none", []any{has(), take(10)}, []any{false, []string(nil)})
		w.do(func(tx chat.Tx) error { return errors.Join(keep(tx, "e1", "s1", "s2"), keep(tx, "e2", "s1")) })
		w.do(func(tx chat.Tx) error { return keep(tx, "e3", "s2") })
		failed := errors.New("failed")
		if err := w.store.Update(w.Context(), func(tx chat.Tx) error { return errors.Join(keep(tx, "e4", "s1"), failed) }); !errors.Is(err, failed) {
			w.Errorf("a failed function: %v", err)
		}
		same(w, "some", has(), true)
		same(w, "one of a commit", take(1), []string{"e1[s1 s2]"})
		same(w, "the rest of it", take(10), []string{"e2[s1]"})
		w.do(func(tx chat.Tx) error { return keep(tx, "e5", "s1") })
		same(w, "the next one", take(10), []string{"e3[s2]"})
		w.do(func(tx chat.Tx) error {
			all, err := tx.TakeKept(10)
			want := []chat.KeptOutgoing{{
				Outgoing: chat.Outgoing{Event: "e5", Kind: chat.OutgoingMessageSent, Topic: "x", At: at, Since: at, NextAt: at.Add(time.Second), Body: []byte(`{"a":1}`)},
				To:       []chat.SubscriptionID{"s1"},
			}}
			same(w, "all of it", all, want)
			return err
		})
		same(w, "none again", []any{has(), take(10)}, []any{false, []string(nil)})
	}},
	{"events in the order of the commits", func(w *world) {
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.CreateApplication(serverApp("app", at)), tx.CreateSubscription(chat.Subscription{ID: "s1", App: "app", URL: "https://a.example.test", CreatedAt: at}))
		})
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		const n = 20
		for _, err := range w.atOnce(n, func(i int) error {
			return w.store.Update(w.Context(), func(tx chat.Tx) error {
				m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: "x"}, Conversation: c.ID, From: "ann", At: at}
				if err := tx.AppendMessage(&m); err != nil {
					return err
				}
				return tx.KeepOutgoing(chat.Outgoing{Event: fmt.Sprintf("%03d", m.Seq), Kind: chat.OutgoingMessageSent, Topic: "x", At: at, Body: []byte("{}")}, []chat.SubscriptionID{"s1"})
			})
		}) {
			if err != nil {
				w.Fatal(err)
			}
		}
		// They were in one commit or in a few.
		for get(w, chat.Tx.HasKept) {
			w.do(func(tx chat.Tx) error {
				kept, err := tx.TakeKept(7)
				for _, k := range kept {
					k.Subscription = "s1"
					err = errors.Join(err, tx.AddOutgoing(k.Outgoing))
				}
				return err
			})
		}
		all := get(w, func(tx chat.Tx) ([]chat.Outgoing, error) { return tx.DueOutgoing("s1", at, 2*n) })
		for i, o := range all {
			if want := fmt.Sprintf("%03d", i+1); o.Event != want {
				w.Errorf("event %d is %s, want %s", i, o.Event, want)
			}
		}
		same(w, "number", len(all), n)
	}},
}

// only returns the error of a call with a result.
func only[T any](_ T, err error) error { return err }
