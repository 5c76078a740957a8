package storetest

import (
	"errors"
	"time"

	"parley/internal/chat"
)

var signInTests = []test{
	{"ended", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Ended("ann"); return err }))
		for _, want := range []chat.Ended{{At: at, Kept: "s1"}, {At: at.Add(time.Minute)}} {
			w.do(func(tx chat.Tx) error { return tx.SetEnded("ann", want) })
			same(w, "ended", get(w, func(tx chat.Tx) (chat.Ended, error) { return tx.Ended("ann") }), want)
		}
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Ended("bob"); return err }))
	}},

	{"sign-ins while the clock was ahead", func(w *world) {
		w.people("ann", "bob")
		now := w.tick()
		ahead := now.Add(48 * time.Hour)
		w.do(func(tx chat.Tx) error {
			return errors.Join(
				tx.SetEnded("ann", chat.Ended{At: ahead, Kept: "s1"}), tx.SetEnded("bob", chat.Ended{At: now.Add(time.Second)}),
				tx.CreateToken(chat.Token{Session: "s1", Hash: [32]byte{1}, Account: "ann", CreatedAt: ahead, ProvenAt: ahead}),
				tx.CreateToken(chat.Token{Session: "s2", Hash: [32]byte{2}, Account: "bob", CreatedAt: now, ProvenAt: now.Add(time.Second)}),
				tx.MoveTimesBack(now))
		})
		ended := func(a chat.AccountID) chat.Ended {
			return get(w, func(tx chat.Tx) (chat.Ended, error) { return tx.Ended(a) })
		}
		proven := func(s chat.SessionID) time.Time {
			return get(w, func(tx chat.Tx) (chat.Token, error) { return tx.TokenBySession(s) }).ProvenAt
		}
		same(w, "ended", []chat.Ended{ended("ann"), ended("bob")}, []chat.Ended{{At: now, Kept: "s1"}, {At: now.Add(time.Second)}})
		same(w, "proven", []time.Time{proven("s1"), proven("s2")}, []time.Time{{}, now.Add(time.Second)})
	}},

	{"unlinked identities", func(w *world) {
		w.people("ann", "bob")
		made := get(w, func(tx chat.Tx) (chat.Account, error) { return tx.Account("ann") }).CreatedAt
		w.do(func(tx chat.Tx) error {
			return errors.Join(
				tx.LinkIdentity("https://a", "1", "ann", made), tx.LinkIdentity("https://a", "2", "ann", made.Add(time.Second)),
				tx.LinkIdentity("https://a", "3", "bob", made.Add(time.Hour)))
		})
		w.do(func(tx chat.Tx) error { return tx.UnlinkIdentities("ann") })
		same(w, "made with", get(w, func(tx chat.Tx) (chat.AccountID, error) { return tx.AccountByIdentity("https://a", "1") }), chat.AccountID("ann"))
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.AccountByIdentity("https://a", "2"); return err }))
		same(w, "another one's", get(w, func(tx chat.Tx) (chat.AccountID, error) { return tx.AccountByIdentity("https://a", "3") }), chat.AccountID("bob"))
	}},

	{"codes", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		once := chat.SignInCode{Hash: [32]byte{1}, Account: "ann", ExpiresAt: at.Add(time.Minute)}
		often := chat.SignInCode{Hash: [32]byte{2}, Account: "bob", Reusable: true, Vouched: true, ExpiresAt: at.Add(time.Hour)}
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.CreateSignInCode(once, at), tx.CreateSignInCode(often, at))
		})
		code := func(hash byte) (chat.SignInCode, error) {
			var c chat.SignInCode
			err := w.store.View(w.Context(), func(tx chat.Tx) (err error) {
				c, err = tx.SignInCode([32]byte{hash})
				return err
			})
			return c, err
		}
		for hash, want := range map[byte]chat.SignInCode{1: once, 2: often} {
			got, err := code(hash)
			if err != nil {
				w.Fatal(err)
			}
			same(w, "code", got, want)
		}
		w.wantNoRow(w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.DeleteSignInCode([32]byte{9}) }))
		w.do(func(tx chat.Tx) error {
			return tx.CreateSignInCode(chat.SignInCode{Hash: [32]byte{3}, Account: "ann", ExpiresAt: at.Add(time.Hour)}, at.Add(time.Minute))
		})
		_, err := code(1)
		w.wantNoRow(err) // it had expired
		w.do(func(tx chat.Tx) error { return tx.DeleteSignInCode([32]byte{2}) })
		_, err = code(2)
		w.wantNoRow(err)
		w.do(func(tx chat.Tx) error { return tx.DeleteSignInCodes("ann") })
		_, err = code(3)
		w.wantNoRow(err)
	}},

	{"passwords", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		password := func(a chat.AccountID) string {
			return get(w, func(tx chat.Tx) (string, error) { return tx.Password(a) })
		}
		w.do(func(tx chat.Tx) error { return tx.SetPassword("ann", "first", at) })
		same(w, "set", password("ann"), "first")
		w.do(func(tx chat.Tx) error { return tx.SetPassword("ann", "second", at) })
		same(w, "set again", password("ann"), "second")
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Password("bob"); return err }))
		for _, want := range []bool{true, false} {
			var removed bool
			w.do(func(tx chat.Tx) (err error) {
				removed, err = tx.RemovePassword("ann")
				return err
			})
			same(w, "removed", removed, want)
		}
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.Password("ann"); return err }))
	}},

	{"identities", func(w *world) {
		w.people("ann", "bob")
		at := w.tick()
		w.do(func(tx chat.Tx) error { return tx.LinkIdentity("https://a", "1", "ann", at) })
		w.do(func(tx chat.Tx) error { return tx.LinkIdentity("https://b", "1", "bob", at) })
		err := w.store.Update(w.Context(), func(tx chat.Tx) error { return tx.LinkIdentity("https://a", "1", "bob", at) })
		if !errors.Is(err, chat.ErrDuplicate) {
			w.Errorf("taken identity: got error %v", err)
		}
		same(w, "whose", get(w, func(tx chat.Tx) (chat.AccountID, error) { return tx.AccountByIdentity("https://a", "1") }), chat.AccountID("ann"))
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error { _, err := tx.AccountByIdentity("https://a", "2"); return err }))
		for issuer, want := range map[string]bool{"https://a": true, "https://b": false} {
			same(w, "ann at "+issuer, get(w, func(tx chat.Tx) (bool, error) { return tx.HasIdentity(issuer, "ann") }), want)
		}
	}},

	{"use of tokens", func(w *world) {
		w.people("ann")
		at := w.tick()
		w.do(func(tx chat.Tx) error {
			return tx.CreateToken(chat.Token{Session: "s1", Hash: [32]byte{1}, Account: "ann", CreatedAt: at})
		})
		for _, moved := range []time.Duration{time.Minute, -time.Minute} {
			w.do(func(tx chat.Tx) error { return tx.SeeToken("s1", at.Add(moved)) })
			seen := get(w, func(tx chat.Tx) (chat.Token, error) { return tx.TokenBySession("s1") }).SeenAt
			same(w, "seen, never earlier", seen, at.Add(time.Minute))
		}
		w.do(func(tx chat.Tx) error { return tx.SeeToken("none", at) })
	}},
}
