package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var mailTests = []test{
	{"mail", func(w *world) {
		at := w.tick()
		first := chat.Mail{
			ID: "m1", To: "ann@example.test", Subject: "One", Text: "A line\nand another", CreatedAt: at, NextAt: at, Until: at.Add(time.Hour),
		}
		second := chat.Mail{ID: "m2", To: "bob@example.test", Subject: "Two", CreatedAt: at, NextAt: at.Add(time.Minute), Until: at.Add(time.Hour), Attempts: 1}
		w.do(func(tx chat.Tx) error { return errors.Join(tx.AddMail(second), tx.AddMail(first)) })
		due := func(after time.Duration, limit int) []chat.Mail {
			return get(w, func(tx chat.Tx) ([]chat.Mail, error) {
				return tx.DueMail(at.Add(after), at.Add(after+10*time.Second), at.Add(after+time.Hour), limit)
			})
		}
		same(w, "before", due(-time.Second, 10), nil)
		same(w, "at once", due(0, 10), []chat.Mail{first})
		same(w, "later", due(time.Minute, 10), []chat.Mail{first, second})
		same(w, "one at a time", due(time.Minute, 1), []chat.Mail{first})
		count := func(before, now time.Duration) int {
			return get(w, func(tx chat.Tx) (int, error) { return tx.CountMail(at.Add(before), at.Add(now)) })
		}
		same(w, "count of earlier mail", count(0, 0), 0)
		same(w, "count", count(time.Millisecond, time.Minute), 2)
		same(w, "count when no attempt follows", count(time.Millisecond, time.Hour), 0)
		first.NextAt, first.Attempts = at.Add(2*time.Minute), 1
		w.do(func(tx chat.Tx) error { return tx.PostponeMail("m1", first.NextAt, 1) })
		same(w, "postponed", due(2*time.Minute, 10), []chat.Mail{second, first})
		same(w, "from a clock that was ahead", [][]chat.Mail{due(-9*time.Minute, 10), due(-time.Hour, 10)}, [][]chat.Mail{nil, {second, first}})
		third := chat.Mail{ID: "m3", To: "cid@example.test", CreatedAt: at.Add(time.Hour), NextAt: at.Add(time.Hour), Until: at.Add(2 * time.Hour)}
		w.do(func(tx chat.Tx) error { return tx.AddMail(third) })
		same(w, "not attempted yet", due(-9*time.Minute, 10), []chat.Mail{third})
		w.do(func(tx chat.Tx) error { return tx.DeleteMail("m3") })
		w.do(func(tx chat.Tx) error { return tx.DeleteMail("m2") })
		same(w, "deleted", due(2*time.Minute, 10), []chat.Mail{first})
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.DeleteMail("m2") }))
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.PostponeMail("m2", at, 1) }))
	}},
}
