package chat_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestEditMessage(t *testing.T) {
	w := newWorld(t)
	id := w.say(alice, bob, "a mistkae")
	w.say(alice, bob, "another")
	sent := must(w.Message(w.ctx, bob, id))(t).Message
	w.events.take()
	w.clock.advance(time.Hour)

	p := must(w.EditMessage(w.ctx, by(alice), user(bob), id, "a mistake"))(t)
	w.happened(`edited 1 "a mistake" not alice-1`)
	want := sent
	want.Text, want.EditedAt = "a mistake", w.clock.Now()
	same(t, "the answer", p.Message, want)
	same(t, "bob reads", must(w.Message(w.ctx, bob, id))(t).Message, want)
	same(t, "bob's history", w.read(bob, user(alice)), []string{"a mistake", "another"})
	same(t, "bob's unread", w.unread(bob), map[string]int64{"alice": 2})

	for _, indexed := range []bool{false, true} {
		if indexed {
			ok(t, w.store.Indexed(w.ctx))
		}
		find := func(words string) []string {
			return texts(must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{Keyword: words}))(t))
		}
		same(t, "a search for the new word", find("mistake"), []string{"a mistake"})
		same(t, "a search for the former word", find("mistkae"), nil)
	}
	w.clock.advance(time.Hour)
	must(w.EditMessage(w.ctx, by(alice), user(bob), id, "no mistake"))(t)
	w.events.take()
	same(t, "a search after the second edit", texts(must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{Keyword: "no mistake"}))(t)), []string{"no mistake"})
	same(t, "revisions", must(w.Revisions(w.ctx, bob, user(alice), id))(t), []chat.Revision{
		{Text: "a mistkae", At: sent.At}, {Text: "a mistake", At: sent.At.Add(time.Hour)}, {Text: "no mistake", At: sent.At.Add(2 * time.Hour)},
	})
	must(w.EditMessage(w.ctx, by(alice), user(bob), id, "no mistake"))(t)
	w.happened()
	before := must(w.Message(w.ctx, bob, id))(t).Message.EditedAt
	w.clock.advance(-time.Minute)
	p = must(w.EditMessage(w.ctx, by(alice), user(bob), id, "NO mistake"))(t)
	if !p.Message.EditedAt.After(before) {
		t.Errorf("edited at %s while the clock was set back, and before that at %s", p.Message.EditedAt, before)
	}
	must(w.EditMessage(w.ctx, by(alice), user(bob), id, "no mistake"))(t)

	must(w.SendMessage(w.ctx, by(bob), alice, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "right"}, Refer: id}))(t)
	all := must(w.History(w.ctx, alice, user(bob), chat.HistoryQuery{Limit: 1}))(t)
	same(t, "a quote", all[0].Quote.Message.Text, "no mistake")

	gone := w.say(alice, bob, "a secrte")
	must(w.EditMessage(w.ctx, by(alice), user(bob), gone, "a secret"))(t)
	must(w.WithdrawMessage(w.ctx, by(alice), bob, gone))(t)
	same(t, "revisions of a withdrawn message", must(w.Revisions(w.ctx, bob, user(alice), gone))(t), nil)
	if at := must(w.Message(w.ctx, bob, gone))(t).Message.EditedAt; !at.IsZero() {
		t.Errorf("a withdrawn message was edited at %s", at)
	}
	report, err := store.Verify(w.ctx, w.store)
	ok(t, err)
	if len(report.Causes) > 0 {
		t.Errorf("verify: %v", report.Causes)
	}
}

func TestEditMessageRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	old := w.say(alice, bob, "old")
	w.clock.advance(24 * time.Hour)
	mine := w.say(alice, bob, "mine")
	his := w.say(bob, alice, "his")
	others := w.say(bob, carol, "others'")
	inGroup := w.sayIn(g, bob, "in the group")
	gone := w.say(alice, bob, "gone")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, gone))(t)
	card := must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{Content: chat.Content{Type: chat.TypeCard, Text: "t", Card: []byte(`{"title":"T"}`)}}))(t).Message.ID
	announced := must(w.SendSystemMessage(w.ctx, "web", g, "news"))(t).Message.ID
	ok(t, w.BanSpeak(w.ctx, by(alice), g, true))
	w.events.take()

	edit := func(what string, a chat.AccountID, ref chat.ChatRef, id chat.MessageID, text, want string) {
		t.Helper()
		_, err := w.EditMessage(w.ctx, by(a), ref, id, text)
		refused(t, what, err, want)
		w.happened()
	}
	edit("the peer's", alice, user(bob), his, "x", "forbidden")
	edit("withdrawn", alice, user(bob), gone, "x", "forbidden")
	edit("a card", alice, user(bob), card, "x", "forbidden")
	edit("a system message", alice, group(g), announced, "x", "forbidden")
	edit("another chat's", alice, user(bob), others, "x", "message not found")
	edit("while nobody may speak", bob, group(g), inGroup, "x", "ban speak")
	edit("no member", carol, group(g), inGroup, "x", "not in group")
	edit("nothing", alice, user(bob), mine, "", "invalid payload: msg is required")
	w.clock.advance(time.Millisecond)
	edit("too old", alice, user(bob), old, "x", "edit expired")
	ok(t, w.RemoveFromOrganization(w.ctx, "demo", bob))
	w.events.take()
	edit("after the end of the relation", alice, user(bob), mine, "x", "removeit")
	_, err := w.Revisions(w.ctx, dave, user(alice), mine)
	refused(t, "a stranger asks for former texts", err, "not my contract")
}

// A former member of a group read later texts and reactions in the history, in quotes, in the list and in the search.
func TestFormerMembersDoNotSeeLaterChanges(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob, carol)
	first := w.sayIn(g, alice, "giraffe")
	must(w.EditMessage(w.ctx, by(alice), group(g), first, "okapi"))(t)
	last := must(w.SendGroupMessage(w.ctx, by(alice), g, chat.Draft{Content: chat.Content{Type: chat.TypeText, Text: "zebra"}, Refer: first}))(t).Message.ID
	w.react(bob, group(g), last, "👍", true)
	w.clock.advance(time.Minute)
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	w.clock.advance(time.Minute)
	must(w.EditMessage(w.ctx, by(alice), group(g), first, "secret"))(t)
	must(w.EditMessage(w.ctx, by(alice), group(g), last, "secret"))(t)
	w.react(alice, group(g), first, "🎉", true)

	all := must(w.History(w.ctx, carol, group(g), chat.HistoryQuery{Limit: 100}))(t)
	var shown []string
	for _, p := range all {
		if p.Message.System == chat.NotSystem {
			line := fmt.Sprintf("%s %t %d", p.Message.Text, !p.Message.EditedAt.IsZero(), len(p.Reactions))
			if p.Quote != nil {
				line += " > " + p.Quote.Message.Text
			}
			shown = append(shown, line)
		}
	}
	slices.Sort(shown)
	same(t, "carol reads", shown, []string{"okapi true 0", "zebra false 0 > okapi"})
	same(t, "carol's revisions", len(must(w.Revisions(w.ctx, carol, group(g), first))(t)), 2)
	same(t, "alice's revisions", len(must(w.Revisions(w.ctx, alice, group(g), first))(t)), 3)
	same(t, "who has reacted", len(must(w.Reactors(w.ctx, carol, group(g), last, "👍", 0, 10))(t)), 0)
	for _, row := range must(w.ChatList(w.ctx, carol, 0, 10))(t) {
		if row.Last != nil && row.Last.Message.Text == "secret" {
			t.Error("carol's list has the later text")
		}
	}
	exported := func(reader chat.AccountID) (lines []string) {
		conversation := must(w.Message(w.ctx, alice, first))(t).Message.Conversation
		for _, m := range must(w.ExportedMessages(w.ctx, conversation, 0, last, reader))(t) {
			if m.System == chat.NotSystem {
				lines = append(lines, fmt.Sprintf("%s %t %d %d", m.Text, !m.EditedAt.IsZero(), len(m.Revisions), len(m.Reactions)))
			}
		}
		return lines
	}
	same(t, "an export of carol", exported(carol), []string{"okapi true 1 0", "zebra false 0 0"})
	same(t, "an export of bob", exported(bob), []string{"secret true 2 1", "secret true 1 1"})
	same(t, "an export of all", exported(""), exported(bob))
	ok(t, w.store.Indexed(w.ctx))
	same(t, "carol finds in the chat", len(must(w.History(w.ctx, carol, group(g), chat.HistoryQuery{Keyword: "secret"}))(t)), 0)
	same(t, "carol finds", len(must(w.Search(w.ctx, by(carol), chat.MessageSearch{Text: "secret"}))(t).Hits), 0)
	same(t, "bob finds", len(must(w.Search(w.ctx, by(bob), chat.MessageSearch{Text: "secret"}))(t).Hits), 2)
}

// A message to oneself can be edited at any age.
func TestEditInChatWithOneself(t *testing.T) {
	w := newWorld(t)
	id := must(w.SendMessage(w.ctx, by(alice), chat.FileTransfer, text("note")))(t).Message.ID
	w.clock.advance(1000 * time.Hour)
	must(w.EditMessage(w.ctx, by(alice), user(chat.FileTransfer), id, "a better note"))(t)
	same(t, "the note", w.read(alice, user(chat.FileTransfer)), []string{"a better note"})
}

func TestRevisionsForTheAuthorOnly(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.HideRevisions = true })
	id := w.say(alice, bob, "one")
	must(w.EditMessage(w.ctx, by(alice), user(bob), id, "two"))(t)
	_, err := w.Revisions(w.ctx, bob, user(alice), id)
	refused(t, "bob", err, "forbidden")
	for reader, want := range map[chat.AccountID]int{bob: 0, alice: 1, "": 1} {
		conversation := must(w.Message(w.ctx, bob, id))(t).Message.Conversation
		exported := must(w.ExportedMessages(w.ctx, conversation, 0, id, reader))(t)
		same(t, fmt.Sprintf("former texts in an export of %q", reader), len(exported[0].Revisions), want)
	}
	if got := len(must(w.Revisions(w.ctx, alice, user(bob), id))(t)); got != 2 {
		t.Errorf("alice: got %d texts, want 2", got)
	}
}

// Words that the indexer has read before an edit must not get into the index after it.
func TestEditWhileIndexing(t *testing.T) {
	w := newWorld(t)
	for i := range 200 {
		id := w.say(alice, bob, fmt.Sprintf("former%d", i))
		must(w.EditMessage(w.ctx, by(alice), user(bob), id, fmt.Sprintf("present%d", i)))(t)
	}
	ok(t, w.store.Indexed(w.ctx))
	report, err := store.Verify(w.ctx, w.store)
	ok(t, err)
	if len(report.Causes) > 0 {
		t.Errorf("verify: %v", report.Causes)
	}
	same(t, "a search for a former word", texts(must(w.History(w.ctx, bob, user(alice), chat.HistoryQuery{Keyword: "former"}))(t)), nil)
}
