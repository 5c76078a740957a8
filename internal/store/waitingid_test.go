package store_test

import (
	"errors"
	"fmt"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

// TestWaitingNamesCollide has the names of two waitingids point to the message of
// a third one, as if their hashes were the same.
func TestWaitingNamesCollide(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	damage(t, s.Path(), fmt.Sprintf("INSERT INTO waitingid VALUES (%d, 3), (%d, 3)",
		store.WaitingName("ann", "mine"), store.WaitingName("bob", "mine")))
	for _, from := range []chat.AccountID{"ann", "bob"} {
		m := chat.Message{Conversation: 1, From: from, WaitingID: "mine"}
		if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.AppendMessage(&m) }); err != nil {
			t.Fatal(err)
		}
		again := chat.Message{Conversation: 1, From: from, WaitingID: "mine"}
		err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.AppendMessage(&again) })
		if !errors.Is(err, chat.ErrDuplicate) {
			t.Errorf("%s, the second time: got error %v", from, err)
		}
		if err := s.View(t.Context(), func(tx chat.Tx) error {
			found, err := tx.MessageByWaitingID(from, "mine")
			if found.ID != m.ID {
				t.Errorf("%s: found message %d, want %d", from, found.ID, m.ID)
			}
			_, unknown := tx.MessageByWaitingID(from, "theirs")
			if !errors.Is(unknown, chat.ErrNoRow) {
				t.Errorf("%s, unknown: got error %v", from, unknown)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	}
}
