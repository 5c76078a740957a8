package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/search"
	"parley/internal/store"
	"parley/test/postgres"
)

// Nothing that can be typed is a mistake, or more than what it says.
func FuzzFindMessages(f *testing.F) {
	texts := []string{
		"检查悬空引用", "the Quarterly report", `"report" OR NEAR(a b)`, "words: x* ^y -z", "100% _sure_", "a\u0301 ａ Ａ", "👍🏽 👩‍👩‍👧", "'; DROP TABLE message; --",
		"AND", "not\x00me", "\ue0001", "\ue003ann", "what?!", "really !? …", "\ue005\ue13f", "“「？！」”",
	}
	s := open(f, store.Options{Path: f.TempDir()})
	var c chat.Conversation
	err := s.Update(f.Context(), func(tx chat.Tx) (err error) {
		for _, a := range []chat.AccountID{"ann", "bob"} {
			if err := tx.CreateAccount(chat.Account{ID: a}); err != nil {
				return err
			}
		}
		if c, err = tx.CreateDirectConversation("ann", "bob", time.Time{}); err != nil {
			return err
		}
		for _, text := range texts {
			m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: text}, Conversation: c.ID, From: "ann"}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Indexed(f.Context()); err != nil {
		f.Fatal(err)
	}
	for _, text := range append(texts, `"`, `""`, "*", "words:report", "re*", "(", ")", "{a b}:c", "a AND b", "NOT", "^rep", "+", "\\", "%", "\x00") {
		f.Add(text, byte(0))
		f.Add(text, byte(3))
	}
	f.Fuzz(func(t *testing.T, typed string, how byte) {
		q := chat.FindMessages{Text: typed, For: chat.SearchFor(how % 3), Limit: 100, Excerpts: true}
		if how%2 == 1 {
			q.Conversation = c.ID
		}
		var want, got []string
		for _, text := range texts {
			if q.For != chat.SearchFiles && search.Parse(typed).Match(search.Fold(text)) {
				want = append(want, text)
			}
		}
		slices.Reverse(want)
		err := s.Search(t.Context(), func(tx chat.Tx) error {
			found, err := tx.FindMessages("bob", q)
			for _, m := range found.Messages {
				got = append(got, m.Text)
			}
			if len(found.Excerpts) != len(found.Messages) {
				return fmt.Errorf("%d excerpts of %d messages", len(found.Excerpts), len(found.Messages))
			}
			return err
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q: got %q, %v, want %q", typed, got, err, want)
		}
	})
}

// A store that is opened again goes on where the index was, and takes what was
// said before there was one into it.
func TestIndexGoesOn(t *testing.T) {
	folder := t.TempDir()
	s := open(t, store.Options{Path: folder})
	fill(t, s)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, before := range []string{
		"SELECT 1",
		// Of an earlier version.
		"UPDATE search_state SET indexed = 0, format = 3; DELETE FROM search_word",
		"UPDATE search_state SET indexed = 0, format = 0; DELETE FROM search_word; UPDATE account SET place = '', find = ''; UPDATE organization_member SET place = ''",
	} {
		damage(t, s.Path(), before)
		again := open(t, store.Options{Path: folder})
		if err := again.Indexed(t.Context()); err != nil {
			t.Fatal(err)
		}
		report, err := store.Verify(t.Context(), again)
		if err != nil || !report.OK() {
			t.Errorf("after %q: %v\n%s", before, err, report)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// An index of the version before is replaced while the server serves. Until then, searches read the texts, and
// find each message once.
func TestEarlierIndexIsReplaced(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { earlierIndexIsReplaced(t, store.Options{Path: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		earlierIndexIsReplaced(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)})
	})
}

func earlierIndexIsReplaced(t *testing.T, place store.Options) {
	s := open(t, place)
	svc := chatOn(s)
	for _, a := range []chat.AccountID{"ann", "ben"} {
		if _, err := svc.CreateAccount(t.Context(), chat.Account{ID: a, Name: string(a)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Update(t.Context(), func(tx chat.Tx) error { return tx.SetFriends("ann", "ben", time.Now()) }); err != nil {
		t.Fatal(err)
	}
	var want []chat.MessageID
	for i := range 30 {
		want = append(want, say(t, svc, "ann", "ben", fmt.Sprintf("version v%d.1", i)))
	}
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone := want[3]
	earlier := store.EarlierIndex(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, place)
	svc = chatOn(s)
	if _, err := svc.WithdrawMessage(t.Context(), chat.Actor{Account: "ann"}, "ben", gone); err != nil {
		t.Fatal(err)
	}
	want = slices.DeleteFunc(want, func(id chat.MessageID) bool { return id == gone })
	slices.Reverse(want)
	find := func(when, typed string, want []chat.MessageID) {
		t.Helper()
		hits, err := svc.Search(t.Context(), chat.Actor{Account: "ben"}, chat.MessageSearch{Text: typed, Limit: 100})
		var got []chat.MessageID
		for _, h := range hits.Hits {
			got = append(got, h.Message.ID)
		}
		if err != nil || hits.Partial || !slices.Equal(got, want) {
			t.Errorf("%s, %q: got %v, %+v, want %v", when, typed, got, err, want)
		}
	}
	find("after the start", "version", want)
	find("after the start", "oldword", nil)
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if earlier(s) {
		t.Error("an entry of the earlier index is left")
	}
	find("later", "version", want)
	find("later", "29.1", want[:1])
	report, err := store.Verify(t.Context(), s)
	if err != nil || !report.OK() {
		t.Errorf("verify: %v\n%s", err, report)
	}
}

// A database that is read in parts finds the same, wherever a part ends.
func TestSearchInParts(t *testing.T) {
	store.SearchSmallParts(t)
	s := open(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)})
	var c [2]chat.Conversation
	var texts []string
	if err := s.Update(t.Context(), func(tx chat.Tx) (err error) {
		for _, a := range []chat.AccountID{"ann", "bob", "cal"} {
			if err := tx.CreateAccount(chat.Account{ID: a}); err != nil {
				return err
			}
		}
		for i, other := range []chat.AccountID{"bob", "cal"} {
			if c[i], err = tx.CreateDirectConversation("ann", other, time.Time{}); err != nil {
				return err
			}
		}
		for i := range 200 {
			m := chat.Message{Content: chat.Content{Type: chat.TypeText, Text: fmt.Sprint("text ", i)}, Conversation: c[i%2].ID, From: "ann"}
			if i%40 == 7 {
				m.Text += " rare"
			}
			if err := tx.AppendMessage(&m); err != nil {
				return err
			}
			texts = append(texts, m.Text)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(texts)
	compare := func() {
		t.Helper()
		for _, q := range []chat.FindMessages{
			{Text: "text", Limit: 3},
			{Text: "rare", Limit: 2},
			{Text: "rare", Limit: 100},
			{Text: "text", Limit: 7, Conversation: c[1].ID},
			{Text: "rare", Limit: 2, Conversation: c[1].ID},
			{AnyText: true, Limit: 9, Conversation: c[1].ID},
			{AnyText: true, Limit: 30, Conversation: c[1].ID, UntilSeq: 50},
			{AnyText: true, Limit: 50, From: "ann"},
			{Text: "none", Limit: 3},
		} {
			var want, got []string
			for i, text := range texts {
				mine := q.Conversation == 0 || i%2 == 0 && (q.UntilSeq == 0 || (len(texts)-i+1)/2 <= int(q.UntilSeq))
				if mine && (q.AnyText || search.Parse(q.Text).Match(text)) {
					want = append(want, text)
				}
			}
			what := fmt.Sprintf("%+v", q)
			for more := true; more; more = q.Before != 0 {
				if err := s.Search(t.Context(), func(tx chat.Tx) error {
					found, err := tx.FindMessages("ann", q)
					for _, m := range found.Messages {
						got = append(got, m.Text)
					}
					q.Before = found.Next
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
	}
	compare()
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	compare()
}

// A rebuild of the index of a large database said nothing for minutes, as did the check of a large file.
func TestLongWorkIsTold(t *testing.T) {
	store.TellMuch(t)
	folder := t.TempDir()
	s := open(t, store.Options{Path: folder})
	fill(t, s)
	send(t, s, 2000)
	store.IndexAnew(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s = open(t, store.Options{Path: folder, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err := s.Indexed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if said := log.String(); !strings.Contains(said, `msg="building the search index" message=`) || strings.Count(said, `msg="the search index is complete"`) != 1 {
		t.Errorf("the index: got\n%s", said)
	}

	told := make(chan struct{}, 1000)
	said, err := store.TellingOn(func() { told <- struct{}{} }, func() (string, error) {
		<-told
		<-told
		return "ok", nil
	})
	if said != "ok" || err != nil {
		t.Errorf("the check: got %q, %v", said, err)
	}
}
