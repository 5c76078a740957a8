package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"parley/internal/chat"
)

var updateTests = []test{
	{"a refused function leaves nothing", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		w.say(c.ID, "ann", "kept")
		before := get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(c.ID) })
		w.events = nil

		refusal := errors.New("refused")
		err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			m := chat.Message{Conversation: c.ID, From: "ann", At: w.tick()}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			if _, err := tx.MarkRead(c.ID, "bob"); err != nil {
				return err
			}
			if err := tx.UpdateAccount(chat.Account{ID: "ann", Name: "Another"}); err != nil {
				return err
			}
			if _, err := tx.Account("ann"); err != nil {
				return err
			}
			if err := tx.CreateAccount(person("eve", w.clock)); err != nil {
				return err
			}
			tx.Publish(chat.AllRead{Account: "ann"})
			return refusal
		})
		if err != refusal {
			w.Errorf("got error %v, want the function's own", err)
		}
		same(w, "conversation", get(w, func(tx chat.Tx) (chat.Conversation, error) { return tx.Conversation(c.ID) }), before)
		same(w, "account", get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("ann") }).Name, "Name of ann")
		w.wantUnread(c.ID, "bob", 1)
		w.both(func(tx chat.Tx) error {
			_, err := tx.Account("eve")
			w.wantNoRow(err)
			return nil
		})
		same(w, "events", len(w.events), 0)
	}},

	{"events without a write are published", func(w *world) {
		w.do(func(tx chat.Tx) error {
			tx.Publish(chat.Shaken{From: "a", To: "b"})
			return nil
		})
		same(w, "events", w.events, []chat.Event{chat.Shaken{From: "a", To: "b"}})
		w.see(func(tx chat.Tx) error {
			tx.Publish(chat.Shaken{From: "a", To: "c"})
			return nil
		})
		same(w, "events after a view", len(w.events), 1)
	}},

	{"a panic is the caller's error", func(w *world) {
		w.people("ann")
		panics := func(tx chat.Tx) error { panic("out of its wits") }
		if err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			if err := tx.CreateAccount(person("eve", w.clock)); err != nil {
				return err
			}
			return panics(tx)
		}); err == nil {
			w.Error("update: got no error")
		}
		if err := w.store.View(w.Context(), panics); err == nil {
			w.Error("view: got no error")
		}
		w.both(func(tx chat.Tx) error {
			if _, err := tx.Account("ann"); err != nil {
				return err
			}
			_, err := tx.Account("eve")
			w.wantNoRow(err)
			return nil
		})
	}},

	{"a view cannot write", func(w *world) {
		if err := w.store.View(w.Context(), func(tx chat.Tx) error {
			return tx.CreateAccount(person("eve", w.clock))
		}); err == nil {
			w.Error("got no error")
		}
	}},

	{"a transaction ends with its function", func(w *world) {
		var kept chat.Tx
		w.do(func(tx chat.Tx) error { kept = tx; return nil })
		if err := kept.CreateAccount(person("eve", w.clock)); err == nil {
			w.Error("a write after the end: got no error")
		}
		if _, err := kept.Account("eve"); err == nil || errors.Is(err, chat.ErrNoRow) {
			w.Errorf("a read after the end: got error %v", err)
		}
	}},

	{"an overlooked failure refuses the function", func(w *world) {
		w.people("ann")
		err := w.store.Update(w.Context(), func(tx chat.Tx) error {
			_ = tx.AddToOrganization("org", []chat.AccountID{"ann", "nobody"})
			return nil
		})
		w.wantNoRow(err)
	}},

	{"a view sees one moment", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		w.say(c.ID, "ann", "one")
		w.see(func(tx chat.Tx) error {
			before, err := tx.Conversation(c.ID)
			if err != nil {
				return err
			}
			w.say(c.ID, "ann", "two")
			messages, err := tx.Messages(chat.MessageQuery{Conversation: c.ID, Limit: 10})
			same(w, "messages in the old snapshot", int64(len(messages)), before.LastSeq)
			return err
		})
		same(w, "messages now", len(history(w, chat.MessageQuery{Conversation: c.ID, Limit: 10})), 2)
	}},

	{"order of publishing is order of commits", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		var wg sync.WaitGroup
		const senders, each = 16, 20
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					m := chat.Message{Conversation: c.ID, From: "ann", WaitingID: fmt.Sprint(s, "/", i), At: w.clock}
					err := w.store.Update(context.Background(), func(tx chat.Tx) error {
						if err := tx.AppendMessage(&m); err != nil {
							return err
						}
						if i%5 == 4 {
							return errors.New("refused")
						}
						tx.Publish(chat.MessageSent{Posted: chat.Posted{Message: m}})
						return nil
					})
					if (err != nil) != (i%5 == 4) {
						w.Errorf("message %d: got error %v", i, err)
						return
					}
				}
			})
		}
		wg.Wait()
		same(w, "events", len(w.events), senders*each*4/5)
		for i, e := range w.events {
			m := e.(chat.MessageSent).Message
			if m.Seq != int64(i)+1 {
				w.Fatalf("event %d: got seq %d, want %d", i, m.Seq, i+1)
			}
			if i > 0 && m.ID <= w.events[i-1].(chat.MessageSent).Message.ID {
				w.Fatalf("event %d: got id %d, want a higher one than before", i, m.ID)
			}
		}
	}},

	{"a caller sees what it was told", func(w *world) {
		w.people("ann", "bob")
		c := w.direct("ann", "bob")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					m := chat.Message{Conversation: c.ID, From: "ann", At: w.clock}
					if err := w.store.Update(context.Background(), func(tx chat.Tx) error { return tx.AppendMessage(&m) }); err != nil {
						w.Error(err)
						return
					}
					if err := w.store.View(context.Background(), func(tx chat.Tx) error {
						_, err := tx.Message(m.ID)
						return err
					}); err != nil {
						w.Errorf("message %d, acknowledged: %v", m.ID, err)
						return
					}
				}
			})
		}
		wg.Wait()
	}},

	{"a context that has ended", func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		ran := false
		fn := func(chat.Tx) error { ran = true; return nil }
		if err := w.store.Update(ctx, fn); !errors.Is(err, context.Canceled) {
			w.Errorf("update: got error %v", err)
		}
		if err := w.store.View(ctx, fn); !errors.Is(err, context.Canceled) {
			w.Errorf("view: got error %v", err)
		}
		if ran {
			w.Error("the function ran")
		}
	}},
}
