//go:build unix

package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// benchWorld is a service on a store: accounts of one organization, a direct
// chat of each with the next, and a group of all.
type benchWorld struct {
	store   *store.Store
	service *chat.Service
	ids     []chat.AccountID
	group   chat.GroupID
	waiting atomic.Int64
}

func newBenchWorld(b *testing.B, accounts int) *benchWorld {
	b.Helper()
	ctx := b.Context()
	w := &benchWorld{store: open(b, store.Options{Path: b.TempDir()})}
	w.service = chat.New(w.store, nil, nil, chat.Options{}, slog.New(slog.DiscardHandler))
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	_, err := w.service.CreateOrganization(ctx, chat.Organization{ID: "0b8fb1d4-0000-7000-8000-0000000000aa", Name: "Demo"})
	must(err)
	for i := range accounts {
		w.ids = append(w.ids, chat.AccountID(fmt.Sprintf("0b8fb1d4-0000-7000-8000-%012d", i)))
	}
	must(w.store.Update(ctx, func(tx chat.Tx) error {
		for i, id := range w.ids {
			if err := tx.CreateAccount(chat.Account{ID: id, Name: fmt.Sprint("Account ", i), Active: true}); err != nil {
				return err
			}
		}
		return tx.AddToOrganization("0b8fb1d4-0000-7000-8000-0000000000aa", w.ids)
	}))
	_, err = w.service.CreateApplication(ctx, "", chat.Application{ID: "0b8fb1d4-0000-7000-8000-0000000000ab", Key: "key", Name: "Web", URL: "http://127.0.0.1", Kind: chat.AppWeb})
	must(err)
	g, err := w.service.CreateGroup(ctx, chat.Actor{}, chat.NewGroup{Name: "All", IsPost: true, Creator: w.ids[0], Members: w.ids})
	must(err)
	w.group = g.ID
	return w
}

func (w *benchWorld) draft() chat.Draft {
	return chat.Draft{
		Content:   chat.Content{Type: chat.TypeText, Text: "a message of an ordinary length, some sixty bytes of text"},
		WaitingID: fmt.Sprint("w", w.waiting.Add(1)),
	}
}

func (w *benchWorld) actor(i int) chat.Actor {
	return chat.Actor{Account: w.ids[i%len(w.ids)], App: "0b8fb1d4-0000-7000-8000-0000000000ab", Socket: "socket"}
}

// saturate runs send from many goroutines, as waiting clients do, and reports
// CPU beside the wall clock: the machine has other things to do.
func saturate(b *testing.B, senders int, send func(ctx context.Context, sender int) error) {
	b.Helper()
	b.ReportAllocs()
	var next atomic.Int64
	var wg sync.WaitGroup
	started, cpu := time.Now(), cpuTime(b)
	b.ResetTimer()
	for s := range senders {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if err := send(context.Background(), s); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(started).Seconds(), "sends/s")
	b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/1e3/float64(b.N), "cpu-µs/op")
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkSendMessage(b *testing.B) {
	for _, senders := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(senders, "-senders"), func(b *testing.B) {
			w := newBenchWorld(b, 300)
			saturate(b, senders, func(ctx context.Context, s int) error {
				_, err := w.service.SendMessage(ctx, w.actor(s), w.ids[(s+1)%len(w.ids)], w.draft())
				return err
			})
		})
	}
}

func BenchmarkSendGroupMessage(b *testing.B) {
	for _, members := range []int{10, 3000} {
		b.Run(fmt.Sprint(members, "-members"), func(b *testing.B) {
			w := newBenchWorld(b, members)
			saturate(b, 256, func(ctx context.Context, s int) error {
				_, err := w.service.SendGroupMessage(ctx, w.actor(s), w.group, w.draft())
				return err
			})
		})
	}
}

// BenchmarkReadByPresence sends to a group while all of its members look at it, so
// that each message moves every cursor but the sender's.
func BenchmarkReadByPresence(b *testing.B) {
	w := newBenchWorld(b, 300)
	presence := chat.NewPresence()
	w.service = chat.New(w.store, presence, nil, chat.Options{}, slog.New(slog.DiscardHandler))
	var signs atomic.Uint64 // of all clients: every read is proven by the time of the next
	for _, id := range w.ids {
		viewer := presence.Join(id, chat.SocketID(id), time.Now(), func() uint64 { return signs.Add(1) })
		presence.Look(viewer, chat.ChatRef{Type: chat.SessionGroup, ID: string(w.group)})
	}
	saturate(b, 64, func(ctx context.Context, s int) error {
		_, err := w.service.SendGroupMessage(ctx, w.actor(s), w.group, w.draft())
		return err
	})
}

// BenchmarkEmptyUpdate is what a turn through the queue costs.
func BenchmarkEmptyUpdate(b *testing.B) {
	s := open(b, store.Options{Path: b.TempDir()})
	saturate(b, 256, func(ctx context.Context, _ int) error {
		return s.Update(ctx, func(chat.Tx) error { return nil })
	})
}

// BenchmarkReads looks at an account in many chats, each with a message.
func BenchmarkReads(b *testing.B) {
	const chats = 5000
	w := newBenchWorld(b, chats+1)
	me := w.ids[0]
	for from := 1; from <= chats; from += 500 {
		if err := w.store.Update(b.Context(), func(tx chat.Tx) error {
			for _, id := range w.ids[from : from+500] {
				c, err := tx.CreateDirectConversation(me, id, time.Now())
				if err != nil {
					return err
				}
				if err := tx.AppendMessage(&chat.Message{Conversation: c.ID, From: id, At: time.Now()}); err != nil {
					return err
				}
				if _, err := tx.List(c.ID); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	read := func(name string, read func(chat.Tx) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			cpu := cpuTime(b)
			for b.Loop() {
				if err := w.store.View(b.Context(), read); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/1e3/float64(b.N), "cpu-µs/op")
		})
	}
	read("ChatList", func(tx chat.Tx) error { _, err := tx.ChatList(me, 0, 30); return err })
	read("ChatUnreads/all-unread", func(tx chat.Tx) error { _, err := tx.ChatUnreads(me); return err })
	if err := w.store.Update(b.Context(), func(tx chat.Tx) error { _, err := tx.MarkEverythingRead(me); return err }); err != nil {
		b.Fatal(err)
	}
	read("ChatUnreads/none-unread", func(tx chat.Tx) error { _, err := tx.ChatUnreads(me); return err })
	read("Membership", func(tx chat.Tx) error { _, err := tx.Membership(1, me); return err })
}

// BenchmarkOpen opens a database with many messages.
func BenchmarkOpen(b *testing.B) {
	w := newBenchWorld(b, 10)
	g, err := w.service.Group(b.Context(), w.group)
	if err != nil {
		b.Fatal(err)
	}
	const messages = 200_000
	for range messages / 5000 {
		if err := w.store.Update(b.Context(), func(tx chat.Tx) error {
			for range 5000 {
				m := chat.Message{Conversation: g.Conversation, From: w.ids[0], At: time.Now(), Content: w.draft().Content}
				if err := tx.AppendMessage(&m); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	path := w.store.Path()
	if err := w.store.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s, err := store.Open(b.Context(), store.Options{Path: path})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Probe(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
