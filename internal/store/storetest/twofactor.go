package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var twoFactorTests = []test{
	{"two-factor", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.TwoFactor("ann"); return err }))
		for _, want := range []chat.TwoFactor{
			{Account: "ann", Pending: "AAAA"},
			{Account: "ann", Secret: "AAAA", OnAt: at, Step: 58000000, WrongCodes: chat.WrongCodes{Failures: 3, FailedAt: at.Add(time.Minute)}},
		} {
			w.do(func(tx chat.Tx) error { return tx.SaveTwoFactor(want) })
			same(w, "two-factor", get(w, func(tx chat.Tx) (chat.TwoFactor, error) { return tx.TwoFactor("ann") }), want)
		}
		w.do(func(tx chat.Tx) error { return tx.SetRecoveryCodes("ann", [][32]byte{{1}}) })
		w.do(func(tx chat.Tx) error { return tx.DeleteTwoFactor("ann") })
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.TwoFactor("ann"); return err }))
		same(w, "recovery codes", get(w, func(tx chat.Tx) (int, error) { return tx.CountRecoveryCodes("ann") }), 0)
		w.do(func(tx chat.Tx) error { return tx.DeleteTwoFactor("bob") })
	}},

	{"wrong codes", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		of := func(a chat.AccountID, n byte) chat.WrongCodes {
			return get(w, func(tx chat.Tx) (c chat.WrongCodes, err error) {
				c, err = tx.WrongCodes(a, [32]byte{n})
				if errors.Is(err, chat.ErrNoRow) {
					err = nil
				}
				return c, err
			})
		}
		save := func(a chat.AccountID, n byte, failures int, after time.Duration, forget time.Time) chat.WrongCodes {
			c := chat.WrongCodes{Failures: failures, FailedAt: at.Add(after)}
			w.do(func(tx chat.Tx) error { return tx.SaveWrongCodes(a, [32]byte{n}, c, forget) })
			return c
		}
		save("ann", 1, 1, 0, at)
		same(w, "saved again", save("ann", 1, 2, time.Second, at), of("ann", 1))
		save("ann", 2, 1, 0, at)
		bobs := save("bob", 1, 7, 0, at)
		same(w, "none", of("bob", 2), chat.WrongCodes{})
		third := save("ann", 3, 1, time.Hour, at.Add(time.Second))
		same(w, "forgotten", of("ann", 2), chat.WrongCodes{})
		save("ann", 1, 0, time.Hour, at)
		same(w, "right", of("ann", 1), chat.WrongCodes{})
		same(w, "the others", []chat.WrongCodes{of("ann", 3), of("bob", 1)}, []chat.WrongCodes{third, bobs})
		w.do(func(tx chat.Tx) error { return tx.DeleteTwoFactor("ann") })
		same(w, "off", []chat.WrongCodes{of("ann", 3), of("bob", 1)}, []chat.WrongCodes{{}, bobs})
	}},

	{"recovery codes", func(w *world) {
		w.people("ann", "bob")
		use := func(a chat.AccountID, n byte) (used bool) {
			w.do(func(tx chat.Tx) (err error) {
				used, err = tx.UseRecoveryCode(a, [32]byte{n})
				return err
			})
			return used
		}
		count := func(a chat.AccountID) int {
			return get(w, func(tx chat.Tx) (int, error) { return tx.CountRecoveryCodes(a) })
		}
		w.do(func(tx chat.Tx) error { return tx.SetRecoveryCodes("ann", [][32]byte{{1}, {2}, {3}}) })
		w.do(func(tx chat.Tx) error { return tx.SetRecoveryCodes("bob", [][32]byte{{1}}) })
		same(w, "another one's", use("bob", 2), false)
		same(w, "used", use("ann", 1), true)
		same(w, "used again", use("ann", 1), false)
		same(w, "left", []int{count("ann"), count("bob")}, []int{2, 1})
		w.do(func(tx chat.Tx) error { return tx.SetRecoveryCodes("ann", [][32]byte{{4}}) })
		same(w, "replaced", use("ann", 2), false)
		same(w, "new", use("ann", 4), true)
	}},

	{"tickets", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		ticket := func(n byte) (k chat.Ticket, err error) {
			err = w.store.View(w.Context(), func(tx chat.Tx) (err error) {
				k, err = tx.Ticket([32]byte{n})
				return err
			})
			return k, err
		}
		add := func(n byte, a chat.AccountID, life time.Duration, now time.Time) chat.Ticket {
			k := chat.Ticket{Hash: [32]byte{n}, Account: a, Method: "password", ExpiresAt: at.Add(life)}
			w.do(func(tx chat.Tx) error { return tx.CreateTicket(k, now) })
			return k
		}
		want := add(1, "ann", time.Minute, at)
		got, err := ticket(1)
		if err != nil {
			w.Fatal(err)
		}
		same(w, "ticket", got, want)
		add(2, "ann", time.Hour, at.Add(time.Minute))
		add(3, "bob", time.Hour, at.Add(time.Minute))
		_, err = ticket(1)
		w.wantNoRow(err) // it had expired
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.DeleteTicket([32]byte{1}) }))
		w.do(func(tx chat.Tx) error { return tx.DeleteTickets("ann") })
		_, err = ticket(2)
		w.wantNoRow(err)
		w.do(func(tx chat.Tx) error { return tx.DeleteTicket([32]byte{3}) })
		_, err = ticket(3)
		w.wantNoRow(err)
	}},
}
