package store_test

import (
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

// One account's click once made the writer look up everybody again.
func TestWriterForgetsOnlyWhatChanged(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	var direct, team chat.ConversationID
	do := func(fn func(chat.Tx) error) {
		t.Helper()
		if err := s.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	do(func(tx chat.Tx) error {
		for _, a := range []chat.AccountID{"ann", "bob"} {
			if err := tx.CreateAccount(chat.Account{ID: a}); err != nil {
				return err
			}
		}
		c, err := tx.CreateDirectConversation("ann", "bob", time.Time{})
		if err != nil {
			return err
		}
		g, err := tx.CreateGroup(chat.Group{ID: "team", Creator: "ann"})
		if err != nil {
			return err
		}
		direct, team = c.ID, g.Conversation
		return tx.AddMembers(team, []chat.AccountID{"ann", "bob"}, chat.RoleMember, time.Time{})
	})
	type place struct {
		conversation chat.ConversationID
		account      chat.AccountID
	}
	all := []place{{direct, "ann"}, {direct, "bob"}, {team, "ann"}, {team, "bob"}}
	for name, tt := range map[string]struct {
		change  func(chat.Tx) error
		forgets func(place) bool
	}{
		"everything read": {
			func(tx chat.Tx) error { _, err := tx.MarkEverythingRead("ann"); return err },
			func(p place) bool { return p.account == "ann" },
		},
		"a group is dissolved": {
			func(tx chat.Tx) error { return tx.RemoveAllMembers(team, time.Time{}) },
			func(p place) bool { return p.conversation == team },
		},
	} {
		do(func(tx chat.Tx) error {
			for _, p := range all {
				if _, err := tx.Membership(p.conversation, p.account); err != nil {
					return err
				}
			}
			return nil
		})
		do(tt.change)
		do(func(tx chat.Tx) error {
			for _, p := range all {
				if got, want := store.Remembers(tx, p.conversation, p.account), !tt.forgets(p); got != want {
					t.Errorf("%s: %v is remembered: got %t, want %t", name, p, got, want)
				}
			}
			return nil
		})
	}
}
