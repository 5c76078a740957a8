//go:build unix

package store_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
)

// BenchmarkReplies sends a reply to a message that has many, and reads the page of the history with that message.
func BenchmarkReplies(b *testing.B) {
	for _, replies := range []int{0, 100, 10_000} {
		w := newBenchWorld(b, 2)
		root, err := w.service.SendGroupMessage(b.Context(), w.actor(0), w.group, w.draft())
		if err != nil {
			b.Fatal(err)
		}
		reply := func(b *testing.B) {
			b.Helper()
			d := w.draft()
			d.Refer = root.Message.ID
			if _, err := w.service.SendGroupMessage(b.Context(), w.actor(1), w.group, d); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.store.Update(b.Context(), func(tx chat.Tx) error {
			for range replies {
				m := root.Message
				m.ID, m.Refer, m.WaitingID = 0, root.Message.ID, ""
				if err := tx.AppendMessage(&m); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		ref := chat.ChatRef{Type: chat.SessionGroup, ID: string(w.group)}
		b.Run(fmt.Sprint("history-", replies), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.service.HistoryAround(b.Context(), w.ids[0], ref, root.Message.ID, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("thread-", replies), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.service.Replies(b.Context(), w.ids[0], ref, root.Message.ID, 0, 50); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("send-", replies), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reply(b)
			}
		})
	}
}
