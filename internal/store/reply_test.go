package store_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// TestReplyPlans lets both databases say how they count and list the replies to messages: from the index.
func TestReplyPlans(t *testing.T) {
	for name, place := range map[string]func(*testing.T) store.Options{
		"SQLite": func(t *testing.T) store.Options { return store.Options{Path: t.TempDir(), Readers: 1} },
		"PostgreSQL": func(t *testing.T) store.Options {
			return store.Options{Database: postgres.Start(t, "fsync=off").Create(t), Readers: 1}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, place(t))
			at := time.UnixMilli(1_000_000)
			var ids []chat.MessageID
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
				var quoted chat.MessageID
				for _, id := range []chat.ConversationID{c.ID, g.Conversation, g.Conversation, g.Conversation} {
					m := chat.Message{Conversation: id, From: "peer", At: at, Refer: quoted, Content: chat.Content{Type: chat.TypeText, Text: strings.Repeat("text ", 12)}}
					if err := tx.AppendMessage(&m); err != nil {
						return err
					}
					ids = append(ids, m.ID)
					if id == g.Conversation {
						quoted = m.ID
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			store.Multiply(t, s, "peer", 10_000)
			plans := store.Plans(t, s, func(tx chat.Tx) error {
				for _, some := range [][]chat.MessageID{ids[:1], ids} { // each has a statement of its own
					if _, err := tx.CountReplies(some, 0); err != nil {
						return err
					}
				}
				_, err := tx.Replies(ids[0], 1<<40, 20)
				return err
			})
			if len(plans) != 3 {
				t.Errorf("got %d statements, want 3", len(plans))
			}
			for query, plan := range plans {
				t.Logf("%s\n%s", query, plan)
				if !strings.Contains(plan, "message_refer") {
					t.Errorf("%s\nis not read by message_refer:\n%s", query, plan)
				}
			}
		})
	}
}
