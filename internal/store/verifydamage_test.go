package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/store"
)

// The verification ended with an error at a damaged page of messages or accounts, or could
// not open the database. Now it counts the rows that can be read.
func TestVerifyCountsWhatIsReadable(t *testing.T) {
	whole := large(t)
	rows := make(map[string]int)
	for _, table := range []string{"account", "message", "conversation"} {
		var n int
		if _, err := fmt.Sscan(ask(t, whole, "SELECT count(*) FROM "+table), &n); err != nil {
			t.Fatal(err)
		}
		rows[table] = n
	}
	for _, table := range strings.Fields("account message conversation member inbox notification notice waitingid token chat_group mention application folder_state message_state search_state") {
		all := pagesOf(t, whole, table, "true")
		leaves := pagesOf(t, whole, table, "pagetype IN ('leaf', 'internal')")
		for place, page := range map[string]int64{"root": all[0], "middle": leaves[len(leaves)/2], "last": leaves[len(leaves)-1]} {
			if place != "root" && len(all) == 1 {
				continue
			}
			t.Run(table+"/"+place, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "parley.db")
				copyFile(t, file, whole)
				lose(t, file, page)
				s := open(t, store.Options{Path: file, Damaged: true, Readers: 1})
				report, err := store.Verify(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if report.OK() || !report.Damaged {
					t.Errorf("got no damage:\n%s", report)
				}
				if lines := strings.Count(report.String(), "\n"); lines > 120 {
					t.Errorf("got %d lines:\n%s", lines, report)
				}
				for counted, got := range map[string]int{"account": report.Accounts, "message": report.Messages, "conversation": report.Conversations} {
					want := rows[counted]
					isLost := table == counted || table == "conversation" && counted == "message"
					if !isLost && got != want || isLost && place != "root" && (got < want/2 || got > want) {
						t.Errorf("got %d rows of %s, want %d", got, counted, want)
					}
				}
			})
		}
	}
}

// Texts of the database went to the terminal as they were.
func TestVerifyQuotes(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	damage(t, s.Path(), "UPDATE message SET sender = 'x' || char(27) || '[2J' || char(10) || 'recounted: 0 differences' WHERE id = 1; UPDATE message SET app = CAST(x'ff9b31' AS TEXT) WHERE id = 2")
	s = reopen(t, s)
	report, err := store.Verify(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	text := report.String()
	if strings.Contains(text, "\x1b") || !utf8.ValidString(text) || strings.Contains(text, "\nrecounted: 0") || !strings.Contains(text, `"x\x1b[2J\nrecounted: 0 differences"`) {
		t.Errorf("got %q", text)
	}
}
