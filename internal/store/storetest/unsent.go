package storetest

import (
	"time"

	"parley/internal/chat"
)

var unsentTests = []test{
	{"texts that are not sent", func(w *world) {
		w.people("ann", "bob")
		ref := func(kind chat.SessionType, id string) chat.ChatRef { return chat.ChatRef{Type: kind, ID: id} }
		set := func(a chat.AccountID, u chat.Unsent) {
			w.Helper()
			w.do(func(tx chat.Tx) error { return tx.SetUnsent(a, u) })
		}
		of := func(a chat.AccountID) []chat.Unsent {
			w.Helper()
			return get(w, func(tx chat.Tx) ([]chat.Unsent, error) { return tx.UnsentOf(a) })
		}
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error {
			_, err := tx.Unsent("ann", ref(chat.SessionUser, "bob"))
			return err
		}))
		toBob := chat.Unsent{Ref: ref(chat.SessionUser, "bob"), Text: "half \x00 a sen", Refer: 7, Note: "a note", At: w.tick()}
		toGroup := chat.Unsent{Ref: ref(chat.SessionGroup, "bob"), Text: "all", At: w.tick()}
		empty := chat.Unsent{Ref: ref(chat.SessionUser, string(chat.FileTransfer)), At: w.tick()}
		answer := chat.Unsent{Ref: ref(chat.SessionGroup, "g"), Refer: 8, At: w.tick()}
		for _, u := range []chat.Unsent{toBob, toGroup, empty, answer} {
			set("ann", u)
		}
		same(w, "the newest first, without empty ones", of("ann"), []chat.Unsent{answer, toGroup, toBob})
		same(w, "of somebody else", of("bob"), nil)
		same(w, "one", get(w, func(tx chat.Tx) (chat.Unsent, error) { return tx.Unsent("ann", empty.Ref) }), empty)
		toBob = chat.Unsent{Ref: toBob.Ref, At: w.tick()}
		set("ann", toBob)
		same(w, "emptied", get(w, func(tx chat.Tx) (chat.Unsent, error) { return tx.Unsent("ann", toBob.Ref) }), toBob)

		w.do(func(tx chat.Tx) error { return tx.ForgetUnsent("ann", toBob.At) })
		same(w, "empty and not old", get(w, func(tx chat.Tx) (chat.Unsent, error) { return tx.Unsent("ann", toBob.Ref) }), toBob)
		w.wantNoRow(w.store.View(w.Context(), func(tx chat.Tx) error {
			_, err := tx.Unsent("ann", empty.Ref)
			return err
		}))
		w.do(func(tx chat.Tx) error { return tx.ForgetUnsent("ann", w.clock.Add(time.Hour)) })
		same(w, "texts are never old", of("ann"), []chat.Unsent{answer, toGroup})
		w.do(func(tx chat.Tx) error { return tx.RemoveTraces(chat.Account{ID: "ann"}) })
		same(w, "after an erasure", of("ann"), nil)
	}},
}
