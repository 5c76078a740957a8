package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var emailChangeTests = []test{
	{"change of e-mail", func(w *world) {
		w.people("ann", "bob", "cid")
		at := w.tick()
		change := func(hash byte) (chat.EmailChange, error) {
			var c chat.EmailChange
			err := w.store.View(w.Context(), func(tx chat.Tx) (err error) {
				c, err = tx.EmailChange([32]byte{hash})
				return err
			})
			return c, err
		}
		want := func(hash byte, want chat.EmailChange) {
			w.Helper()
			got, err := change(hash)
			if err != nil {
				w.Fatal(err)
			}
			same(w, "change", got, want)
		}
		first := chat.EmailChange{Account: "ann", Hash: [32]byte{1}, Email: "first@example.test", Session: "s1", ExpiresAt: at.Add(time.Hour)}
		bobs := chat.EmailChange{Account: "bob", Hash: [32]byte{2}, Email: "first@example.test", ExpiresAt: at.Add(time.Minute)}
		w.do(func(tx chat.Tx) error { return errors.Join(tx.SetEmailChange(first, at), tx.SetEmailChange(bobs, at)) })
		want(1, first)
		want(2, bobs)

		second := chat.EmailChange{Account: "ann", Hash: [32]byte{3}, Email: "second@example.test", Session: "s2", ExpiresAt: at.Add(2 * time.Hour)}
		w.do(func(tx chat.Tx) error { return tx.SetEmailChange(second, at) })
		want(3, second)
		_, err := change(1)
		w.wantNoRow(err) // the second one has replaced it

		cids := chat.EmailChange{Account: "cid", Hash: [32]byte{4}, Email: "cid@example.test", ExpiresAt: at.Add(2 * time.Hour)}
		w.do(func(tx chat.Tx) error { return tx.SetEmailChange(cids, at.Add(time.Minute)) })
		_, err = change(2)
		w.wantNoRow(err) // it had expired

		for range 2 { // without one, nothing happens
			w.do(func(tx chat.Tx) error { return tx.DeleteEmailChange("ann") })
			_, err = change(3)
			w.wantNoRow(err)
		}
		want(4, cids)
	}},

	{"own e-mail", func(w *world) {
		w.people("ann", "bob")
		own := func() (got [2]bool) {
			for i, a := range []chat.AccountID{"ann", "bob"} {
				got[i] = get(w, func(tx chat.Tx) (bool, error) { return tx.OwnEmail(a) })
			}
			return got
		}
		same(w, "at first", own(), [2]bool{})
		for range 2 {
			w.do(func(tx chat.Tx) error { return tx.SetOwnEmail("ann", true) })
			same(w, "set", own(), [2]bool{true, false})
		}
		for range 2 {
			w.do(func(tx chat.Tx) error { return tx.SetOwnEmail("ann", false) })
			same(w, "given", own(), [2]bool{})
		}
	}},
}
