package chat_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// A year of messages under a rule of 30 days: what is left is right, and on SQLite the file is small again.
func TestRetentionOfAYear(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		w := openWorld(t, store.Options{Path: t.TempDir()})
		year(t, w)
		defer func() { ok(t, w.store.Close()) }()
		before := fileSize(t, w)
		removeYear(t, w)
		for more := true; more; {
			more = must(w.store.ReturnSpace(w.ctx))(t)
		}
		if after := fileSize(t, w); after > before/3 {
			t.Errorf("the file has %d bytes, and had %d", after, before)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		w := openWorld(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)})
		defer func() { ok(t, w.store.Close()) }()
		year(t, w)
		removeYear(t, w)
	})
}

func noPause(context.Context, chat.RetentionRun) error { return nil }

func noProgress(int64, int64) {}

// previewInParts adds up a preview of which each part has one conversation with messages that will go.
func previewInParts(t *testing.T, w *world, rule chat.RetentionRule) (p chat.RetentionPreview, parts int) {
	t.Helper()
	for from, more := chat.ConversationID(0), true; more; more = from != 0 {
		parts++
		part := must(w.PreviewRetentionPart(w.ctx, host, &rule, from, 1))(t)
		if part.Next != 0 && part.Next <= from || part.Next > part.Last || part.Chats > 1 {
			t.Fatalf("after the conversation %d: %+v", from, part)
		}
		from = part.Next
		p = chat.RetentionPreview{
			Chats: p.Chats + part.Chats, Messages: p.Messages + part.Messages, Files: p.Files + part.Files, Bytes: p.Bytes + part.Bytes, Oldest: p.Oldest,
		}
		if p.Oldest.IsZero() || !part.Oldest.IsZero() && part.Oldest.Before(p.Oldest) {
			p.Oldest = part.Oldest
		}
	}
	return p, parts
}

const yearDays, yearKept = 365, 30

// fileSize closes the database, so that its log is in the file, and opens it again.
func fileSize(t *testing.T, w *world) int64 {
	t.Helper()
	ok(t, w.store.Close())
	w.open(w.place)
	return must(os.Stat(w.store.Path()))(t).Size()
}

func year(t *testing.T, w *world) {
	t.Helper()
	people := []chat.AccountID{"ann", "ben", "cid"}
	for _, a := range people {
		must(w.CreateAccount(w.ctx, chat.Account{ID: a, Name: string(a)}))(t)
	}
	must(w.CreateOrganization(w.ctx, chat.Organization{ID: "demo", Name: "Demo"}))(t)
	ok(t, w.AddToOrganization(w.ctx, "demo", people))
	must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: "team", Name: "team", IsPost: true, Creator: "ann", Members: people[1:]}))(t)
	must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: "archive", Name: "archive", IsPost: true, Creator: "ann", Members: people[1:]}))(t)
	last := chat.MessageID(0)
	for day := range yearDays {
		for n, from := range people {
			d := text(fmt.Sprintf("day%d %s word%d", day, strings.Repeat("lorem ipsum ", 150), 3*day+n))
			d.WaitingID = fmt.Sprint("w", day, from)
			d.Refer = last
			if n == 1 {
				d.File = []byte(fmt.Sprintf(`{"key":"ben/day %d"}`, day))
			}
			last = must(w.SendGroupMessage(w.ctx, by(from), "team", d))(t).Message.ID
			if n == 2 {
				must(w.EditMessage(w.ctx, by(from), group("team"), last, d.Text+" edited"))(t)
				must(w.SetReaction(w.ctx, by("ann"), group("team"), last, "👍", true))(t)
				ok(t, w.store.Update(w.ctx, func(tx chat.Tx) error { // without a notice, which would be counted below
					m, err := tx.Message(last)
					if err == nil {
						_, err = tx.AddPin(m.Conversation, chat.Pin{Message: last, By: "ann", At: w.clock.Now()})
					}
					return err
				}))
			}
		}
		w.say("ann", "ben", fmt.Sprint("to ben ", day))
		w.sayIn("archive", "cid", fmt.Sprint("for ever ", day))
		w.clock.advance(24 * time.Hour)
	}
	ok(t, w.store.Indexed(w.ctx))
	for more := true; more; {
		more = must(w.store.FollowFiles(w.ctx, func(f store.StoredFile) (store.StoredFile, bool) { return f, true }))(t)
	}
}

func removeYear(t *testing.T, w *world) {
	t.Helper()
	must(w.SetRetention(w.ctx, host, chat.RetentionRule{Scope: chat.RetentionGroup, ID: "archive", Days: chat.KeepForever}))(t)
	rule := chat.RetentionRule{Scope: chat.RetentionOrganization, ID: "demo", Days: yearKept}
	const gone = yearDays - yearKept
	want := chat.RetentionPreview{Chats: 2, Messages: 4*gone + 2, Files: gone} // with the messages that the group was made, and who was added
	preview := must(w.PreviewRetention(w.ctx, host, &rule, noProgress))(t)
	want.Oldest, want.Messages = preview.Oldest, preview.Messages
	same(t, "what will go", preview, want)
	inParts, parts := previewInParts(t, w, rule)
	same(t, "what will go, in parts", inParts, preview)
	if parts < 2 {
		t.Errorf("the preview of %d chats has %d parts", preview.Chats, parts)
	}
	interruptedPreview, end := context.WithCancel(w.ctx)
	end()
	if _, err := w.PreviewRetention(interruptedPreview, host, &rule, noProgress); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted preview: got %v", err)
	}
	if preview.Messages < 4*gone || preview.Messages > 4*gone+3 {
		t.Errorf("%d messages will go", preview.Messages)
	}
	must(w.SetRetention(w.ctx, host, rule))(t)
	// It is interrupted again and again, and goes on where it was.
	interrupted := errors.New("interrupted")
	var run chat.RetentionRun
	for err := interrupted; err != nil; {
		left := 3
		run, err = w.RemoveOld(w.ctx, func(context.Context, chat.RetentionRun) error {
			if left--; left == 0 {
				return interrupted
			}
			return nil
		})
		if err != nil && !errors.Is(err, interrupted) {
			t.Fatal(err)
		}
	}
	same(t, "removed", [2]int64{run.Messages, run.Files}, [2]int64{preview.Messages, preview.Files})
	report := must(store.Verify(w.ctx, w.store))(t)
	if !report.OK() {
		t.Errorf("verify:\n%s", report)
	}
	same(t, "unread", w.unread("ben"), map[string]int64{"ann": yearKept, "team": 2 * yearKept, "archive": yearDays})
	team := must(w.History(w.ctx, "ben", group("team"), chat.HistoryQuery{OldestFirst: true, Limit: 200}))(t)
	same(t, "messages of the group", len(team), 3*yearKept)
	if q := team[0].Quote; q == nil || q.Message.Text != "" {
		t.Errorf("the quote of a removed message is %+v", q)
	}
	// A client that has removed messages on its screen goes on from them.
	same(t, "before a removed one", len(must(w.History(w.ctx, "ben", group("team"), chat.HistoryQuery{BeforeID: team[0].Quote.Message.ID}))(t)), 0)
	same(t, "after a removed one", len(must(w.History(w.ctx, "ben", group("team"), chat.HistoryQuery{AfterID: team[0].Quote.Message.ID, Limit: 200}))(t)), 3*yearKept)
	same(t, "kept for ever", len(w.read("ann", group("archive"))), 200)
	files := must(w.store.UnusedFiles(w.ctx, w.clock.Now(), 1000))(t)
	same(t, "files to be removed", len(files), gone)

	// A chat whose messages are all gone keeps its place and shows no text.
	w.clock.advance((yearKept + 1) * 24 * time.Hour)
	w.sayIn("archive", "ann", "the latest")
	before := w.listed("ben")
	must(w.RemoveOld(w.ctx, noPause))(t)
	same(t, "the chat list", w.listed("ben"), before)
	for _, row := range must(w.ChatList(w.ctx, "ben", 0, 10))(t) {
		if empty := row.Ref.ID != "archive"; empty != (row.Last == nil) || row.At.IsZero() {
			t.Errorf("the row %+v", row)
		}
	}
	id := w.say("ben", "ann", "a new one")
	if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
		t.Errorf("verify, with the message %d:\n%s", id, report)
	}
}

// The age of an imported message is its own, also where it is behind younger ones in the log: in a chat that was in use before
// the import. Such messages stayed until the younger ones were removed.
func TestRetentionOfImportedMessages(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		removeImported(t, openWorld(t, store.Options{Path: t.TempDir()}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		removeImported(t, openWorld(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)}))
	})
}

func removeImported(t *testing.T, w *world) {
	defer func() { ok(t, w.store.Close()) }()
	people := []chat.AccountID{"ann", "ben", "cid"}
	for _, a := range people {
		must(w.CreateAccount(w.ctx, chat.Account{ID: a, Name: string(a)}))(t)
	}
	team := must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: "team", Name: "team", IsPost: true, Creator: "ann", Members: people[1:]}))(t)
	w.sayIn("team", "ann", "the first one here")
	ok(t, w.ClearUnread(w.ctx, by("cid"), group("team")))
	old, recent := w.clock.Now().Add(-90*24*time.Hour), w.clock.Now().Add(-3*24*time.Hour)
	var past []chat.PastMessage
	for n := range 250 {
		p := chat.PastMessage{External: fmt.Sprint("old ", n), Conversation: team.Conversation, From: people[n%3], At: old.Add(time.Duration(n) * time.Minute)}
		p.Type, p.Text = chat.TypeText, fmt.Sprint("lorem ", n)
		switch n {
		case 0:
			p.Type, p.File = chat.TypeFile, []byte(`{"key":"ann/old","size":1000}`)
		case 1: // the file of a recent message as well
			p.Type, p.File = chat.TypeFile, []byte(`{"key":"ben/shared","size":2000}`)
		case 2:
			p.WithdrawnAt = old.Add(time.Hour)
		case 3:
			p.EditedAt, p.Revisions = old.Add(time.Hour), []chat.Revision{{Text: "former", At: p.At}}
			p.Reactions = []chat.GivenReaction{{Emoji: "👍", Account: "ben", At: old.Add(time.Hour)}}
		}
		past = append(past, p)
	}
	for n := range 2 {
		p := chat.PastMessage{External: fmt.Sprint("recent ", n), Conversation: team.Conversation, From: "ben", At: recent.Add(time.Duration(n) * time.Minute), Refer: "old 249"}
		p.Type, p.File = chat.TypeFile, []byte(`{"key":"ben/shared","size":2000}`)
		past = append(past, p)
	}
	same(t, "imported", must(w.ImportMessages(w.ctx, "elsewhere", past))(t), len(past))
	last := w.sayIn("team", "ann", "the last one")
	ok(t, w.store.Indexed(w.ctx))
	for more := true; more; {
		more = must(w.store.FollowFiles(w.ctx, func(f store.StoredFile) (store.StoredFile, bool) { return f, true }))(t)
	}
	around := must(w.HistoryAround(w.ctx, "cid", group("team"), last, 500))(t)
	edited := slices.IndexFunc(around, func(p chat.Posted) bool { return p.Message.Text == "lorem 3" })
	if edited < 0 || len(around[edited].Reactions) != 1 || !around[edited].Message.EditedAt.Equal(old.Add(time.Hour)) {
		t.Fatal("an imported message has not its reaction, or was not edited")
	}
	same(t, "its texts", len(must(w.Revisions(w.ctx, "cid", group("team"), around[edited].Message.ID))(t)), 2)
	// Cid had read the chat before the import, so the imported messages are read as well.
	same(t, "unread", [2]int64{w.unread("ben")["team"], w.unread("cid")["team"]}, [2]int64{1 + 250 - 1 - 83 + 1, 1})

	rule := chat.RetentionRule{Scope: chat.RetentionGroup, ID: "team", Days: 30}
	preview := must(w.PreviewRetention(w.ctx, host, &rule, noProgress))(t)
	same(t, "what will go", preview, chat.RetentionPreview{Chats: 1, Messages: 250, Files: 1, Bytes: 1000, Oldest: past[0].At.UTC()})
	must(w.SetRetention(w.ctx, host, rule))(t)
	run := must(w.RemoveOld(w.ctx, noPause))(t)
	same(t, "removed", [3]int64{run.Messages, run.Files, run.Bytes}, [3]int64{250, 1, 1000})
	check := func() {
		t.Helper()
		if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
			t.Errorf("verify:\n%s", report)
		}
	}
	check()
	same(t, "unread without the removed ones", [2]int64{w.unread("ben")["team"], w.unread("cid")["team"]}, [2]int64{2, 1})
	left := must(w.History(w.ctx, "cid", group("team"), chat.HistoryQuery{OldestFirst: true, Limit: 200}))(t)
	var texts []string
	for _, p := range left {
		if p.Message.System == chat.NotSystem {
			texts = append(texts, p.Message.Text)
		}
	}
	same(t, "what is left", texts, []string{"the first one here", "", "", "the last one"})
	if q := left[len(left)-2].Quote; q == nil || q.Message.Text != "" || q.Message.ID == 0 {
		t.Errorf("the quote of a removed message is %+v", q)
	}
	gone := left[len(left)-2].Quote.Message.ID
	same(t, "after a removed one", len(must(w.History(w.ctx, "cid", group("team"), chat.HistoryQuery{AfterID: gone, Limit: 200}))(t)), 3)
	_, err := w.WithdrawGroupMessage(w.ctx, by("ann"), "team", gone)
	refused(t, "withdraw a removed message", err, "message not found")
	files := must(w.store.UnusedFiles(w.ctx, w.clock.Now(), 10))(t)
	if len(files) != 1 || files[0].Key != "ann/old" {
		t.Errorf("the files to be removed are %+v", files)
	}
	same(t, "imported again", must(w.ImportMessages(w.ctx, "elsewhere", past))(t), 0)
	same(t, "removed twice", must(w.RemoveOld(w.ctx, noPause))(t).Messages, 0)

	// The places of the removed ones go with the message before them. A cursor can be among them.
	w.clock.advance(31 * 24 * time.Hour)
	must(w.SetRetention(w.ctx, host, chat.RetentionRule{Scope: chat.RetentionGroup, ID: "team", Days: 31}))(t)
	newest := w.sayIn("team", "ann", "the newest")
	w.clock.advance(12 * time.Hour)
	run = must(w.RemoveOld(w.ctx, noPause))(t)
	if run.Messages < 4 { // and those about the group
		t.Errorf("%d messages were removed", run.Messages)
	}
	check()
	same(t, "unread at the end", w.unread("ben")["team"], 1)
	left = must(w.History(w.ctx, "cid", group("team"), chat.HistoryQuery{OldestFirst: true, Limit: 200}))(t)
	if len(left) != 1 || left[0].Message.ID != newest || newest <= last {
		t.Errorf("what is left is %+v", left)
	}
}

// A rule that was removed by mistake went on removing the messages of the chat in which the run was.
func TestRetentionStopsWithTheRule(t *testing.T) {
	w := openWorld(t, store.Options{Path: t.TempDir()})
	defer func() { ok(t, w.store.Close()) }()
	for _, a := range []chat.AccountID{"ann", "ben"} {
		must(w.CreateAccount(w.ctx, chat.Account{ID: a, Name: string(a)}))(t)
	}
	must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: "team", Name: "team", IsPost: true, Creator: "ann", Members: []chat.AccountID{"ben"}}))(t)
	for n := range 350 {
		w.sayIn("team", "ann", fmt.Sprint("word ", n))
	}
	w.clock.advance(48 * time.Hour)
	rule := chat.RetentionRule{Scope: chat.RetentionGroup, ID: "team", Days: 1}
	must(w.SetRetention(w.ctx, host, rule))(t)
	pauses := 0
	run := must(w.RemoveOld(w.ctx, func(context.Context, chat.RetentionRun) error {
		if pauses++; pauses == 3 { // after the cursors, and two hundred messages
			rule.Days = chat.NoRetention
			must(w.SetRetention(w.ctx, host, rule))(t)
		}
		return nil
	}))(t)
	same(t, "removed before", run.Messages, 200)
	if run.Runs() {
		t.Errorf("the run goes on: %+v", run)
	}
	if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
		t.Errorf("verify:\n%s", report)
	}
}

// An erased person is in no organization. The groups that the person has made, and the chats with the person, follow the rules
// of the others in them. They were kept for ever.
func TestRetentionAfterAnErasure(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		removeAfterErasure(t, openWorld(t, store.Options{Path: t.TempDir()}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		removeAfterErasure(t, openWorld(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)}))
	})
}

func removeAfterErasure(t *testing.T, w *world) {
	defer func() { ok(t, w.store.Close()) }()
	for _, a := range []chat.AccountID{"ann", "ben", "cid", "dan"} {
		must(w.CreateAccount(w.ctx, chat.Account{ID: a, Name: string(a)}))(t)
	}
	for id, people := range map[chat.OrganizationID][]chat.AccountID{"demo": {"ann", "ben", "cid"}, "other": {"dan"}} {
		must(w.CreateOrganization(w.ctx, chat.Organization{ID: id, Name: string(id)}))(t)
		ok(t, w.AddToOrganization(w.ctx, id, people))
	}
	main := must(w.AdminAccess(w.ctx, host))(t).Organization.ID
	for id, members := range map[chat.GroupID][]chat.AccountID{"team": {"ben"}, "elsewhere": {"dan"}, "alone": nil} {
		must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: id, Name: string(id), IsPost: true, Creator: "ann", Members: members}))(t)
		w.sayIn(id, "ann", "of Ann")
	}
	w.say("ann", "ben", "of Ann")
	w.say("ben", "ann", "of Ben")
	w.sayIn("team", "ben", "of Ben")
	w.sayIn("elsewhere", "dan", "of Dan")
	w.clock.advance(40 * 24 * time.Hour)
	must(w.Erase(w.ctx, host, "ann", "ann"))(t)
	for must(w.ContinueErasure(w.ctx, "ann"))(t).Ended.IsZero() {
	}
	chats := func(o chat.OrganizationID) int64 {
		rule := chat.RetentionRule{Scope: chat.RetentionOrganization, ID: string(o), Days: 30}
		return must(w.PreviewRetention(w.ctx, host, &rule, noProgress))(t).Chats
	}
	want := map[chat.OrganizationID]int64{"demo": 2, "other": 1} // the team and the chat with Ben; elsewhere
	want[main]++                                                 // alone
	same(t, "chats with messages that will go", map[chat.OrganizationID]int64{"demo": chats("demo"), "other": chats("other")}, want)
	must(w.SetRetention(w.ctx, host, chat.RetentionRule{Scope: chat.RetentionOrganization, ID: "demo", Days: 30}))(t)
	must(w.RemoveOld(w.ctx, noPause))(t)
	same(t, "the team", len(w.read("ben", group("team"))), 0)
	same(t, "the chat with Ann", len(w.read("ben", user("ann"))), 0)
	if len(w.read("dan", group("elsewhere"))) == 0 {
		t.Error("the messages of an organization without a rule were removed")
	}
	if report := must(store.Verify(w.ctx, w.store))(t); !report.OK() {
		t.Errorf("verify:\n%s", report)
	}
}

// With a stolen session of an administrator, a rule of one day removed the messages of all people.
func TestRetentionNeedsAProof(t *testing.T) {
	for name, place := range map[string]func() store.Options{
		"SQLite":     func() store.Options { return store.Options{Path: t.TempDir()} },
		"PostgreSQL": func() store.Options { return store.Options{Database: postgres.Start(t, "fsync=off").Create(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorldIn(t, place())
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", alice, chat.OrganizationOwner))
			ok(t, w.SetOrganizationRole(w.ctx, host, "demo", bob, chat.OrganizationAdministrator))
			must(w.CreateGroup(w.ctx, host, chat.NewGroup{ID: "team", Name: "team", IsPost: true, Creator: alice}))(t)
			old := map[chat.AccountID]context.Context{alice: w.fresh(alice), bob: w.fresh(bob)}
			w.clock.advance(11 * time.Minute)
			rules := []chat.RetentionRule{
				{Scope: chat.RetentionOrganization, ID: "demo", Days: 1}, {Scope: chat.RetentionGroup, ID: "team", Days: 1}, {Scope: chat.RetentionGroup, ID: "team", Days: chat.NoRetention},
			}
			for who, ctx := range old {
				for _, r := range rules {
					_, err := w.SetRetention(ctx, by(who), r)
					refused(t, fmt.Sprint(who, " ", r.Scope, " ", r.Days), err, "sign in again")
				}
				must(w.PreviewRetention(ctx, by(who), &rules[0], noProgress))(t)
			}
			left, _, err := w.Retention(w.ctx, host)
			ok(t, err)
			same(t, "rules", len(left), 0)

			must(w.SetRetention(w.fresh(bob), by(bob), rules[0]))(t)
			must(w.SetRetention(w.ctx, host, rules[1]))(t) // the operator has no session
			left, _, err = w.Retention(w.ctx, host)
			ok(t, err)
			same(t, "rules", len(left), 2)
		})
	}
}
