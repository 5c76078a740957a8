package chat_test

import (
	"fmt"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

// BenchmarkSend measures a send from the rule to the commit, with enough senders at once to share commits
// well. One operation is one durable message.
func BenchmarkSend(b *testing.B) {
	w := openWorld(b, store.Options{Path: b.TempDir()})
	b.Cleanup(func() { ok(b, w.store.Close()) })
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "demo", Name: "Demo"}))(b)
	must(w.CreateApplication(w.ctx, "", chat.Application{ID: "web", Key: "web-key", Name: "Web"}))(b)
	const people = 200
	var ids []chat.AccountID
	for i := range people {
		id := chat.AccountID(fmt.Sprintf("u%d", i))
		must(w.CreateAccount(w.ctx, chat.Account{ID: id, Name: string(id)}))(b)
		ids = append(ids, id)
	}
	ok(b, w.AddToOrganization(w.ctx, "demo", ids))
	g := must(w.CreateGroup(w.ctx, host, chat.NewGroup{Name: "all", IsPost: true, Creator: ids[0], Members: ids[1:]}))(b)

	total := 0 // never the same twice: a repeated name would be a retry
	for name, send := range map[string]func(from, n int) error{
		"direct": func(from, n int) error {
			d := text("a message of an ordinary length, as people write them")
			d.WaitingID = fmt.Sprint("d", n)
			_, err := w.SendMessage(w.ctx, by(ids[from]), ids[(from+1)%people], d)
			return err
		},
		"group": func(from, n int) error {
			d := text("a message of an ordinary length, as people write them")
			d.WaitingID = fmt.Sprint("g", n)
			_, err := w.SendGroupMessage(w.ctx, by(ids[from]), g.ID, d)
			return err
		},
	} {
		for _, senders := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/senders=%d", name, senders), func(b *testing.B) {
				b.ReportAllocs()
				sent := make(chan int)
				done := make(chan error)
				for s := range senders {
					go func() {
						var err error
						for n := range sent {
							if err == nil {
								err = send(s, n)
							}
						}
						done <- err
					}()
				}
				for b.Loop() {
					total++
					sent <- total
				}
				close(sent)
				for range senders {
					ok(b, <-done)
				}
			})
			w.events.take()
		}
	}
}
