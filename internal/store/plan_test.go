package store_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// TestListPlans lets both databases say how they read the list and the unread counts of an account with many chats: from
// indexes, without reading a whole table or putting all chats in order.
func TestListPlans(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		// It does not count rows, so a few are enough.
		s := open(t, store.Options{Path: t.TempDir(), Readers: 1})
		plans := listPlans(t, s)
		wantPlans(t, plans, "SEARCH reaction USING PRIMARY KEY (message=?)", "USING COVERING INDEX member_list (account=?)", "USING INDEX member_has_unread (account=?)", "USING INDEX member_top (account=?)", "USING INDEX member_grouped (account=?)")
		for query, plan := range plans {
			for line := range strings.Lines(plan) {
				// m is the page, x and json_each are its ids, and r are the reactions that it shows.
				table, found := strings.CutPrefix(line, "SCAN ")
				if found && table != "m\n" && table != "r\n" && !strings.HasPrefix(table, "(subquery") && !strings.HasPrefix(table, "x ") && !strings.HasPrefix(table, "json_each ") {
					t.Errorf("%s\nreads a whole table:\n%s", query, plan)
				}
			}
			if strings.Contains(query, "member") && strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s\nputs chats in order:\n%s", query, plan)
			}
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		s := open(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t), Readers: 1})
		plans := listPlans(t, s)
		wantPlans(t, plans, "member_list", "member_has_unread", "member_top", "member_grouped")
		for query, plan := range plans {
			for _, table := range []string{"member", "conversation", "message", "account"} {
				if strings.Contains(plan, "Seq Scan on "+table+" ") {
					t.Errorf("%s\nreads the whole table %s:\n%s", query, table, plan)
				}
			}
			if strings.Contains(plan, "(conversation = ANY") {
				t.Errorf("%s\nreads all chats of the account:\n%s", query, plan)
			}
			if strings.Contains(query, "member") && strings.Contains(plan, "Sort") {
				t.Errorf("%s\nputs chats in order:\n%s", query, plan)
			}
		}
	})
}

func wantPlans(t *testing.T, plans map[string]string, wanted ...string) {
	t.Helper()
	var all strings.Builder
	for query, plan := range plans {
		t.Logf("%s\n%s", query, plan)
		all.WriteString(plan)
	}
	for _, want := range wanted {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no query is read by %s", want)
		}
	}
}

// listPlans returns the plans for an account that has, on PostgreSQL, 10,000 chats, and is in a group.
func listPlans(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	at := time.UnixMilli(1_000_000)
	if err := s.Update(t.Context(), func(tx chat.Tx) error {
		for _, id := range []chat.AccountID{"me", "peer"} {
			if err := tx.CreateAccount(chat.Account{ID: id, Name: string(id), Active: true, CreatedAt: at}); err != nil {
				return err
			}
		}
		c, err := tx.CreateDirectConversation("me", "peer", at)
		if err != nil {
			return err
		}
		g, err := tx.CreateGroup(chat.Group{ID: "g", Name: "Group", Creator: "me", CreatedAt: at})
		if err != nil {
			return err
		}
		if err := tx.AddMembers(g.Conversation, []chat.AccountID{"me", "peer"}, chat.RoleMember, at); err != nil {
			return err
		}
		for _, id := range []chat.ConversationID{c.ID, g.Conversation} {
			if _, err := tx.List(id); err != nil {
				return err
			}
			m := chat.Message{Conversation: id, From: "peer", At: at, Content: chat.Content{Type: chat.TypeText, Text: strings.Repeat("text ", 12)}}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			if _, err := tx.AddReaction(m.ID, "👍", "peer", at); err != nil {
				return err
			}
			if err := tx.SetReacted(id, "me", m.ID); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	store.Multiply(t, s, "peer", 10_000)
	return store.Plans(t, s, func(tx chat.Tx) error {
		if _, err := tx.ChatList("me", 0, 100); err != nil {
			return err
		}
		_, err := tx.ChatUnreads("me")
		return err
	})
}
