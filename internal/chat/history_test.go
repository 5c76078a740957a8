package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
)

// talk lets alice and bob say five things, the second and fourth with a file.
func talk(w *world) (ids []chat.MessageID) {
	w.t.Helper()
	for i := range 5 {
		w.clock.advance(time.Second)
		d := text(fmt.Sprint("Word ", i))
		if i%2 == 1 {
			d.Type, d.File = chat.TypeFile, json.RawMessage(`{"key":"k"}`)
		}
		from, to := alice, bob
		if i > 2 {
			from, to = bob, alice
		}
		ids = append(ids, must(w.SendMessage(w.ctx, by(from), to, d))(w.t).Message.ID)
	}
	return ids
}

func TestHistory(t *testing.T) {
	w := newWorld(t)
	ids := talk(w)
	at := func(i int) time.Time { return must(w.Message(w.ctx, alice, ids[i]))(t).Message.At }
	for name, c := range map[string]struct {
		q    chat.HistoryQuery
		want string
	}{
		"newest":              {chat.HistoryQuery{}, "4 3 2 1 0"},
		"newest two":          {chat.HistoryQuery{Limit: 2}, "4 3"},
		"newest two, turned":  {chat.HistoryQuery{Limit: 2, OldestFirst: true}, "3 4"},
		"before a time":       {chat.HistoryQuery{BeforeAt: at(2)}, "1 0"},
		"before a time, one":  {chat.HistoryQuery{BeforeAt: at(2), Limit: 1}, "1"},
		"after a time":        {chat.HistoryQuery{AfterAt: at(2), OldestFirst: true}, "3 4"},
		"after a time, one":   {chat.HistoryQuery{AfterAt: at(2), OldestFirst: true, Limit: 1}, "3"},
		"before an id":        {chat.HistoryQuery{BeforeID: ids[3], Limit: 2}, "2 1"},
		"before an id turned": {chat.HistoryQuery{BeforeID: ids[3], Limit: 2, OldestFirst: true}, "1 2"},
		"after an id":         {chat.HistoryQuery{AfterID: ids[0], Limit: 2, OldestFirst: true}, "1 2"},
		"before all":          {chat.HistoryQuery{BeforeID: ids[0]}, ""},
		"after all":           {chat.HistoryQuery{AfterID: ids[4]}, ""},
		"search":              {chat.HistoryQuery{Keyword: "word"}, "4 3 2 1 0"},
		"search, page one":    {chat.HistoryQuery{Keyword: "WORD", Page: 1, Limit: 2}, "4 3"},
		"search, page three":  {chat.HistoryQuery{Keyword: "wor", Page: 3, Limit: 2}, "0"},
		"search, page four":   {chat.HistoryQuery{Keyword: "word", Page: 4, Limit: 2}, ""},
		"search for nothing":  {chat.HistoryQuery{Keyword: "%"}, ""},
		"search for one":      {chat.HistoryQuery{Keyword: "3"}, "3"},
	} {
		ps, err := w.History(w.ctx, bob, user(alice), c.q)
		ok(t, err)
		got := strings.ReplaceAll(strings.Join(texts(ps), " "), "Word ", "")
		same(t, name, got, c.want)
	}
	same(t, "contact, nothing said", w.read(bob, user(carol)), nil)
	same(t, "file-transfer, nothing said", w.read(bob, user(chat.FileTransfer)), nil)
}

func TestHistoryRefusals(t *testing.T) {
	w := newWorld(t)
	ids := talk(w)
	g := w.found("team", alice, bob)
	inGroup := w.sayIn(g, alice, "inside")
	inbox := chat.ChatRef{Type: chat.SessionTask, ID: "task"}

	history := func(what string, a chat.AccountID, ref chat.ChatRef, q chat.HistoryQuery, want string) {
		t.Helper()
		_, err := w.History(w.ctx, a, ref, q)
		refused(t, what, err, want)
	}
	history("stranger", alice, user(dave), chat.HistoryQuery{}, "not my contract")
	history("nobody", alice, user("nobody"), chat.HistoryQuery{}, "not my contract")
	history("group of others", carol, group(g), chat.HistoryQuery{}, "not in group")
	history("no group", carol, group("nowhere"), chat.HistoryQuery{}, "group not found")
	history("inbox", alice, inbox, chat.HistoryQuery{}, "invalid payload: type must be 1 or 2")
	history("no id", alice, user(""), chat.HistoryQuery{}, "invalid payload: id is required")
	history("two bounds", alice, user(bob), chat.HistoryQuery{BeforeID: 1, AfterAt: time.Now()}, "invalid payload: sinceid must not stand beside sincetime")
	history("bound in another chat", alice, user(bob), chat.HistoryQuery{BeforeID: inGroup}, "message not found")
	history("bound nowhere", alice, user(bob), chat.HistoryQuery{AfterID: 999}, "message not found")
	history("page below zero", alice, user(bob), chat.HistoryQuery{Keyword: "x", Page: -1}, "invalid payload: page must be a positive number")
	history("huge keyword", alice, user(bob), chat.HistoryQuery{Keyword: strings.Repeat("x", 201)}, "invalid payload: keyword must be at most 200 characters")

	around := func(what string, a chat.AccountID, ref chat.ChatRef, id chat.MessageID, want string) {
		t.Helper()
		_, err := w.HistoryAround(w.ctx, a, ref, id, 3)
		refused(t, what, err, want)
		for dir := range 3 {
			_, err = w.FilesAround(w.ctx, a, ref, id, dir, 3)
			refused(t, fmt.Sprint(what, ", files ", dir), err, want)
		}
	}
	around("of another chat", alice, user(bob), inGroup, "message not found")
	around("of others", carol, user(bob), ids[0], "message not found")
	around("stranger", dave, user(bob), ids[0], "not my contract")
	around("group of others", carol, group(g), inGroup, "not in group")
	around("no message", alice, user(bob), 999, "message not found")
	_, err := w.FilesAround(w.ctx, alice, user(bob), ids[0], 3, 3)
	refused(t, "direction", err, "invalid payload: type must be 0, 1 or 2")
	for what, who := range map[string]chat.AccountID{"colleague": carol, "stranger": dave, "nobody": "nobody"} {
		_, err := w.Message(w.ctx, who, ids[0])
		refused(t, what, err, "message not found")
	}
	_, err = w.Message(w.ctx, alice, 999)
	refused(t, "no message", err, "message not found")
}

func TestHistoryAround(t *testing.T) {
	w := newWorld(t)
	ids := talk(w)
	for name, c := range map[string]struct {
		id   chat.MessageID
		size int
		want string
	}{
		"in the middle": {ids[2], 3, "1 2 3"},
		"even":          {ids[2], 4, "0 1 2 3"},
		"alone":         {ids[2], 1, "2"},
		"at the start":  {ids[0], 3, "0 1"},
		"at the end":    {ids[4], 3, "3 4"},
		"more than all": {ids[2], 21, "0 1 2 3 4"},
		"default size":  {ids[2], 0, "0 1 2 3 4"},
	} {
		ps, err := w.HistoryAround(w.ctx, alice, user(bob), c.id, c.size)
		ok(t, err)
		same(t, name, strings.ReplaceAll(strings.Join(texts(ps), " "), "Word ", ""), c.want)
	}
}

func TestFilesAround(t *testing.T) {
	w := newWorld(t)
	ids := talk(w)
	ids = append(ids, talk(w)...) // files are 1, 3, 6 and 8
	for name, c := range map[string]struct {
		id        chat.MessageID
		dir, size int
		want      []chat.MessageID
	}{
		"around":              {ids[3], chat.FilesOnBothSides, 3, []chat.MessageID{ids[1], ids[3], ids[6]}},
		"around a text":       {ids[4], chat.FilesOnBothSides, 20, []chat.MessageID{ids[1], ids[3], ids[6], ids[8]}},
		"before, anchor last": {ids[6], chat.FilesBefore, 2, []chat.MessageID{ids[3], ids[6]}},
		"after, no anchor":    {ids[3], chat.FilesAfter, 20, []chat.MessageID{ids[6], ids[8]}},
		"after, one":          {ids[3], chat.FilesAfter, 1, []chat.MessageID{ids[6]}},
		"after the last":      {ids[8], chat.FilesAfter, 20, nil},
	} {
		var got []chat.MessageID
		for _, p := range must(w.FilesAround(w.ctx, bob, user(alice), c.id, c.dir, c.size))(t) {
			got = append(got, p.Message.ID)
		}
		same(t, name, got, c.want)
	}
	must(w.WithdrawMessage(w.ctx, by(bob), alice, ids[8]))(t)
	same(t, "a withdrawn file is none", len(must(w.FilesAround(w.ctx, bob, user(alice), ids[6], chat.FilesAfter, 20))(t)), 0)
}

// A former member reads what was said until they left, by whatever way.
func TestFormerMemberReadsUpToTheEnd(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	before := w.sayIn(g, alice, "before")
	ok(t, w.LeaveGroup(w.ctx, by(bob), g))
	after := w.sayIn(g, alice, "after")

	want := []string{"(1) Alice created the group with Bob", "before"}
	same(t, "all", w.read(bob, group(g)), want)
	same(t, "after an id", texts(must(w.History(w.ctx, bob, group(g), chat.HistoryQuery{AfterID: before}))(t)), nil)
	same(t, "newest", texts(must(w.History(w.ctx, bob, group(g), chat.HistoryQuery{Limit: 1}))(t)), want[1:])
	same(t, "search", texts(must(w.History(w.ctx, bob, group(g), chat.HistoryQuery{Keyword: "after"}))(t)), nil)
	same(t, "around", texts(must(w.HistoryAround(w.ctx, bob, group(g), before, 21))(t)), want)
	_, err := w.HistoryAround(w.ctx, bob, group(g), after, 21)
	refused(t, "around what came later", err, "message not found")
	_, err = w.Message(w.ctx, bob, after)
	refused(t, "what came later", err, "message not found")
	ok(t, func() error { _, err := w.Message(w.ctx, bob, before); return err }())
}

// Former members saw the new name and picture of a group that was renamed after they had
// left it: in the chat list, in the history and in the search.
func TestFormerMemberSeesNoNewNameOfTheGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob, carol)
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Avatar: new("/old.png")}))(t)
	id := w.sayIn(g, alice, "hello")
	ok(t, w.LeaveGroup(w.ctx, by(bob), g))
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("Layoffs in May"), Avatar: new("/new.png"), Announcement: new("secret"), Banned: new(true)}))(t)

	shown := func(what string, who chat.AccountID, name, avatar string) {
		t.Helper()
		want := name + " " + avatar
		for _, row := range must(w.ChatList(w.ctx, who, 0, 9))(t) {
			same(t, what+": row", row.Name+" "+row.Avatar, want)
			same(t, what+": last message", row.Last.Group.Name+" "+row.Last.Group.Avatar, want)
		}
		history := must(w.History(w.ctx, who, group(g), chat.HistoryQuery{}))(t)
		history = append(history, must(w.HistoryAround(w.ctx, who, group(g), id, 3))(t)...)
		history = append(history, must(w.Message(w.ctx, who, id))(t))
		for _, p := range history {
			same(t, what+": history", p.Group.Name+" "+p.Group.Avatar, want)
			if who == bob {
				same(t, what+": other fields", *p.Group, chat.Group{ID: g, Conversation: p.Message.Conversation, Name: name, Avatar: avatar, IsPost: true})
			}
		}
		hits := must(w.Search(w.ctx, by(who), chat.MessageSearch{Text: "hello"}))(t).Hits
		same(t, what+": hits", len(hits), 1)
		for _, h := range hits {
			same(t, what+": hit", h.Name+" "+h.Avatar, want)
		}
	}
	shown("member", carol, "Layoffs in May", "/new.png")
	shown("former member", bob, "team", "/old.png")
	ok(t, w.DissolveGroup(w.ctx, by(alice), g))
	shown("member until the end", carol, "Layoffs in May", "/new.png")
	shown("former member after the end", bob, "team", "/old.png")
}

// A member who comes back sees the group as it is.
func TestReturnedMemberSeesTheNewNameOfTheGroup(t *testing.T) {
	w := newWorld(t)
	g := w.found("team", alice, bob)
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	must(w.UpdateGroup(w.ctx, by(alice), g, chat.GroupPatch{Name: new("renamed")}))(t)
	same(t, "removed", must(w.ChatList(w.ctx, bob, 0, 9))(t)[0].Name, "team")
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{bob}))(t)
	same(t, "back", must(w.ChatList(w.ctx, bob, 0, 9))(t)[0].Name, "renamed")
}

func TestPagesAreBounded(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.MaxPage = 3 })
	talk(w)
	same(t, "history", len(must(w.History(w.ctx, alice, user(bob), chat.HistoryQuery{Limit: 1000000}))(t)), 3)
	same(t, "accounts", len(must(w.Accounts(w.ctx, "", 1000000))(t)), 3)
	same(t, "around", len(must(w.HistoryAround(w.ctx, alice, user(bob), 3, 1000000))(t)), 3)
}

// searches counts the searches of a store.
type searches struct {
	chat.Store
	n int
}

func (s *searches) Search(ctx context.Context, fn func(chat.Tx) error) error {
	s.n++
	return s.Store.Search(ctx, fn)
}

// A request that may read a whole chat must not delay requests that read one page.
func TestKeywordIsASearch(t *testing.T) {
	w := newWorld(t)
	w.say(alice, bob, "needle")
	counted := &searches{Store: w.store}
	svc := chat.New(counted, w.looks.Presence, fakeJWT{}, chat.Options{}, nil)
	for keyword, want := range map[string]int{"": 0, "needle": 1} {
		counted.n = 0
		found := must(svc.History(w.ctx, alice, user(bob), chat.HistoryQuery{Keyword: keyword}))(t)
		same(t, "found "+keyword, texts(found), []string{"needle"})
		same(t, "searches for "+keyword, counted.n, want)
	}
}
