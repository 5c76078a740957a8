//go:build linux

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// The columns of the comparison with subscriptions.
const (
	unsubscribed = "without"
	subscribed   = "with three"
	subscribers  = 3
)

// outgoing measures sends while three systems get every message, beside the same without them. The receivers answer at once.
func (b *bench) outgoing() error {
	t := b.addTable(&table{title: "Outgoing webhooks, on SQLite", columns: []string{unsubscribed, subscribed}, ratios: []ratio{{subscribed, unsubscribed}}})
	var arrived atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived.Add(1)
	}))
	defer receiver.Close()
	bin, err := b.build("./cmd/parley")
	if err != nil {
		return err
	}
	compare := func(people int, measure func(s *server, people []person) error) error {
		plain, err := b.seed(people, 0)
		if err != nil {
			return err
		}
		watched, err := b.seed(people, 0)
		if err != nil {
			return err
		}
		if err := subscribe(watched.folder, receiver.URL); err != nil {
			return err
		}
		start := func(name string, d seeded) starter {
			return func() (*server, error) { return b.serve(name, bin, d.folder, "PARLEY_OUTGOING_NETWORKS=127.0.0.0/8") }
		}
		of := map[string]seeded{unsubscribed: plain, subscribed: watched}
		return b.compare([]starter{start(unsubscribed, plain), start(subscribed, watched)}, func(s *server) error { return measure(s, of[s.name].people) })
	}

	p50 := t.row("durable send, 5,000 a second paced: p50 ms", goal{})
	p99 := t.row("durable send, 5,000 a second paced: p99 ms", goal{})
	posts := t.row("durable send, 5,000 a second paced: events posted a second", goal{})
	err = compare(pacedPeople, func(s *server, people []person) error {
		before, began := arrived.Load(), time.Now()
		r, err := b.pacedRun(s, people, pacedRate)
		if err != nil {
			return err
		}
		posted := float64(arrived.Load()-before) / time.Since(began).Seconds()
		b.note("sends, paced · %s: p50 %s, p99 %s, %s, %.0f events posted a second", s.name, r.ack.p50, r.ack.p99, r.measured, posted)
		p50.add(s.name, milliseconds(r.ack.p50))
		p99.add(s.name, milliseconds(r.ack.p99))
		posts.add(s.name, posted)
		return nil
	})
	if err != nil {
		return err
	}
	rate := t.row("durable send, saturated, delivered to one peer: a second", atLeastTimes(subscribed, unsubscribed, 0.85))
	return compare(fullPeople, func(s *server, people []person) error {
		before := arrived.Load()
		m, err := b.saturatedRun(s, people)
		if err != nil {
			return err
		}
		b.note("sends, saturated · %s: %s, %d events posted", s.name, m.measured, arrived.Load()-before)
		rate.add(s.name, m.perSecond())
		return nil
	})
}

// subscribe makes subscriptions to all messages in a database that nobody serves.
func subscribe(folder, url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{Path: folder})
	if err != nil {
		return err
	}
	defer db.Close()
	rules := chat.New(db, nil, nil, chat.Options{}, nil)
	app, err := rules.CreateApplication(ctx, "", chat.Application{Key: "archive", Name: "Archive", Kind: chat.AppServer})
	if err != nil {
		return err
	}
	for range subscribers {
		if _, err := rules.CreateSubscription(ctx, chat.Subscription{App: app.ID, URL: url, Kinds: []chat.OutgoingKind{chat.OutgoingMessageSent}}); err != nil {
			return err
		}
	}
	return nil
}
