//go:build unix

package store_test

import (
	"context"
	"fmt"
	"testing"

	"parley/internal/chat"
)

// BenchmarkReadMarks reads the marks of a group in which everybody has read up to another place, as after a push of each.
func BenchmarkReadMarks(b *testing.B) {
	for _, members := range []int{2, 300, 2000} {
		b.Run(fmt.Sprint(members, "-members"), func(b *testing.B) {
			w := newBenchWorld(b, members)
			for range 50 {
				if _, err := w.service.SendGroupMessage(b.Context(), w.actor(0), w.group, w.draft()); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.store.Update(b.Context(), func(tx chat.Tx) error {
				g, err := tx.GroupHead(w.group)
				for i, a := range w.ids {
					if err == nil {
						err = tx.MarkReadUpTo(g.Conversation, a, int64(i%50+1))
					}
				}
				return err
			}); err != nil {
				b.Fatal(err)
			}
			key := chat.ChatKey{Group: w.group}
			b.ReportAllocs()
			cpu := cpuTime(b)
			for b.Loop() {
				if _, _, err := w.service.ChangedReadMarks(context.Background(), key, w.ids[:1], chat.ReadMarkState{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/1e3/float64(b.N), "cpu-µs/op")
		})
	}
}
