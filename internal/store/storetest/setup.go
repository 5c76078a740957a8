package storetest

import (
	"errors"

	"parley/internal/chat"
)

var setUpTests = []test{
	{"settings", func(w *world) {
		settings := func(tx chat.Tx) ([]chat.Setting, error) { return tx.Settings() }
		same(w, "no settings", get(w, settings), nil)
		w.do(func(tx chat.Tx) error {
			return errors.Join(tx.SetSetting(chat.Setting{Name: "b", Value: "1"}), tx.SetSetting(chat.Setting{Name: "a", Value: "2"}))
		})
		w.do(func(tx chat.Tx) error { return tx.SetSetting(chat.Setting{Name: "b", Value: ""}) })
		same(w, "settings", get(w, settings), []chat.Setting{{Name: "a", Value: "2"}, {Name: "b"}})
		w.do(func(tx chat.Tx) error { return errors.Join(tx.RemoveSetting("a"), tx.RemoveSetting("none")) })
		same(w, "settings without a", get(w, settings), []chat.Setting{{Name: "b"}})
	}},

	// The secret of an earlier start ends with the next one, unless it is that of a node that runs.
	{"secrets", func(w *world) {
		has := func(n byte) bool {
			return get(w, func(tx chat.Tx) (bool, error) { return tx.HasSetUpSecret([32]byte{n}) })
		}
		add := func(n byte) {
			w.do(func(tx chat.Tx) error { return tx.AddSetUpSecret([32]byte{n}, "", w.tick()) })
		}
		add(1)
		same(w, "first", has(1), true)
		add(2)
		same(w, "first after the second", has(1), false)
		same(w, "second", has(2), true)
		w.do(func(tx chat.Tx) error { return tx.RemoveSetUpSecrets() })
		same(w, "removed", has(2), false)
	}},
}
