package chat_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/chat"
	"parley/internal/search"
	"parley/internal/store"
	"parley/test/postgres"
)

// hits runs a search and tells every hit as "chat: excerpt", with its marks in
// brackets.
func (w *world) hits(who chat.AccountID, q chat.MessageSearch) (got []string) {
	w.t.Helper()
	found := must(w.Search(w.ctx, by(who), q))(w.t)
	for _, h := range found.Hits {
		got = append(got, h.Name+": "+bracketed(h.Excerpt))
	}
	return got
}

// bracketed is only right for excerpts without characters beyond the first plane.
func bracketed(e chat.Excerpt) string {
	var b strings.Builder
	text, last := []rune(e.Text), 0
	for _, m := range e.Marks {
		b.WriteString(string(text[last:m[0]]) + "[" + string(text[m[0]:m[1]]) + "]")
		last = m[1]
	}
	return b.String() + string(text[last:])
}

// indexing runs a test with everything still to be indexed, as far as that is
// so at once after it was said, and with everything in the index.
func indexing(t *testing.T, w *world, test func()) {
	t.Helper()
	test()
	ok(t, w.store.Indexed(w.ctx))
	test()
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	w.say(alice, bob, "检查悬空引用")
	w.say(bob, alice, "the Quarterly report")
	w.sayIn(g, bob, "a report on 引用")
	w.say(carol, bob, "a secret report")
	w.say(alice, chat.FileTransfer, "report to myself")
	must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{Content: chat.Content{
		Type: chat.TypeCard, Card: []byte(`{"title":"Budget","text":"of the report","url":"https://demo.test"}`),
	}}))(t)
	must(w.SendMessage(w.ctx, by(alice), bob, chat.Draft{Content: chat.Content{
		Type: chat.TypeLocation, Location: []byte(`{"lng":1,"lat":2,"title":"Reporters' Café","address":"1 Demo Road"}`),
	}}))(t)
	must(w.SendMessage(w.ctx, by(bob), alice, chat.Draft{Content: chat.Content{
		Type: chat.TypeFile, File: []byte(`{"key":"k","name":"Report 2026.pdf"}`), Text: "here",
	}}))(t)
	must(w.SendMessage(w.ctx, by(bob), alice, chat.Draft{Content: chat.Content{
		Type: chat.TypeVoice, File: []byte(`{"key":"k","name":"report.amr","len":3}`),
	}}))(t)
	gone := w.say(alice, bob, "a report to be withdrawn")
	must(w.WithdrawMessage(w.ctx, by(alice), bob, gone))(t)

	indexing(t, w, func() {
		for _, c := range []struct {
			who  chat.AccountID
			q    chat.MessageSearch
			want []string
		}{
			{alice, chat.MessageSearch{Text: "report", For: chat.SearchMessages}, []string{
				"Bob: [Report]ers' Café 1 Demo Road", "Bob: Budget of the [report]", "File transfer: [report] to myself",
				"Team: a [report] on 引用", "Bob: the Quarterly [report]",
			}},
			{bob, chat.MessageSearch{Text: "secret", For: chat.SearchMessages}, []string{"Carol: a [secret] report"}},
			{alice, chat.MessageSearch{Text: "secret"}, nil},
			{dave, chat.MessageSearch{Text: "report"}, nil},
			{alice, chat.MessageSearch{Text: "引用"}, []string{"Team: a report on [引用]", "Bob: 检查悬空[引用]"}},
			{alice, chat.MessageSearch{Text: "引"}, []string{"Team: a report on [引]用", "Bob: 检查悬空[引]用"}},
			{alice, chat.MessageSearch{Text: "ＱＵＡＲ"}, []string{"Bob: the [Quar]terly report"}},
			{alice, chat.MessageSearch{Text: "report the"}, []string{"Bob: Budget of [the] [report]", "Bob: [the] Quarterly [report]"}},
			{alice, chat.MessageSearch{Text: "2026", For: chat.SearchFiles}, []string{"Bob: Report [2026].pdf here"}},
			{alice, chat.MessageSearch{Text: "report", For: chat.SearchFiles}, []string{"Bob: [Report] 2026.pdf here"}},
			{alice, chat.MessageSearch{Text: "report", Chat: group(g)}, []string{"Team: a [report] on 引用"}},
			{alice, chat.MessageSearch{Text: "report", Chat: user(chat.FileTransfer)}, []string{"File transfer: [report] to myself"}},
			{alice, chat.MessageSearch{Text: "report", Chat: user(carol)}, nil},
			{alice, chat.MessageSearch{Text: "report", From: bob, For: chat.SearchMessages}, []string{"Team: a [report] on 引用", "Bob: the Quarterly [report]"}},
			{alice, chat.MessageSearch{Text: "  "}, nil},
			{alice, chat.MessageSearch{Text: "withdrawn"}, nil},
			{alice, chat.MessageSearch{Text: "added"}, nil}, // the system says so
			{alice, chat.MessageSearch{Text: `"report" OR NEAR(a b) words:*`}, nil},
		} {
			same(t, fmt.Sprintf("%s looks for %+v", c.who, c.q), w.hits(c.who, c.q), c.want)
		}
	})
}

func TestSearchWithFilters(t *testing.T) {
	searchesWithFilters(t, store.Options{Path: t.TempDir()})
}

func TestSearchWithFiltersOnPostgreSQL(t *testing.T) {
	searchesWithFilters(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)})
}

// searchesWithFilters is one table for both databases. The first letters of the results are those of the messages.
func searchesWithFilters(t *testing.T, place store.Options) {
	t.Helper()
	w := newWorldIn(t, place)
	g := w.found("Team", alice, bob, carol)
	at := map[string]time.Time{}
	send := func(name string, from, to chat.AccountID, c chat.Content) {
		t.Helper()
		w.clock.advance(48 * time.Hour)
		var r chat.Receipt
		if to == "" {
			r = must(w.SendGroupMessage(w.ctx, by(from), g, chat.Draft{Content: c}))(t)
		} else {
			r = must(w.SendMessage(w.ctx, by(from), to, chat.Draft{Content: c}))(t)
		}
		at[name] = r.Message.At
	}
	says := func(words string) chat.Content { return chat.Content{Type: chat.TypeText, Text: words} }
	file := func(kind chat.MessageType, name, words string) chat.Content {
		return chat.Content{Type: kind, Text: words, File: fmt.Appendf(nil, `{"key":"k","name":%q}`, name)}
	}
	send("a", alice, bob, says("a plan in https://docs.example.com/guide?x=foo_bar"))
	send("b", bob, alice, file(chat.TypeImage, "b-plan.png", "seen at example.org"))
	send("c", bob, alice, file(chat.TypeVoice, "c.amr", ""))
	send("d", alice, "", file(chat.TypeFile, "d-plan-v2.1.0.pdf", ""))
	send("e", carol, "", says("e PLT-3699 is the plan of ann.berg@mail.example.com"))
	send("f", bob, "", chat.Content{Type: chat.TypeCard, Card: []byte(`{"title":"f plan","text":"","url":"https://demo.test"}`)})
	send("g", carol, bob, says("g plan, not for alice: https://example.com"))
	send("h", bob, alice, chat.Content{Type: chat.TypeLocation, Location: []byte(`{"lng":1,"lat":2,"title":"h plan"}`)})
	send("i", bob, alice, file(chat.TypeVideo, "i.mp4", "the plan 计划 !?"))
	withdrawn := w.say(bob, alice, "j plan https://example.com")
	must(w.WithdrawMessage(w.ctx, by(bob), alice, withdrawn))(t)

	image, voice, video := []chat.MessageType{chat.TypeImage}, []chat.MessageType{chat.TypeVoice}, chat.TypeVideo
	indexing(t, w, func() {
		for i, c := range []struct {
			q    chat.MessageSearch
			want string
		}{
			{chat.MessageSearch{}, ""},
			{chat.MessageSearch{Text: "plan"}, "ihfedba"},
			{chat.MessageSearch{Text: "plan", For: chat.SearchMessages}, "ihfea"},
			{chat.MessageSearch{Text: "plan", For: chat.SearchFiles}, "idb"},
			{chat.MessageSearch{From: bob}, "ihfcb"},
			{chat.MessageSearch{From: bob, Text: "plan"}, "ihfb"},
			{chat.MessageSearch{From: dave}, ""},
			{chat.MessageSearch{Chat: group(g)}, "fed"},
			{chat.MessageSearch{Chat: user(bob)}, "ihcba"},
			{chat.MessageSearch{Chat: user(bob), For: chat.SearchFiles}, "ib"},
			{chat.MessageSearch{Chat: user(bob), From: alice}, "a"},
			{chat.MessageSearch{Chat: user(carol)}, ""},
			{chat.MessageSearch{Kinds: image}, "b"},
			{chat.MessageSearch{Kinds: image, For: chat.SearchFiles}, "b"},
			{chat.MessageSearch{Kinds: image, For: chat.SearchMessages}, "b"},
			{chat.MessageSearch{Kinds: image, Text: "plan", For: chat.SearchMessages}, ""}, // the name is not a text
			{chat.MessageSearch{Kinds: voice}, "c"},
			{chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeText}}, "ea"},
			{chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeCard, chat.TypeLocation, video}}, "ihf"},
			{chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeText, video}, For: chat.SearchFiles}, "i"},
			{chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeFile}, Chat: group(g)}, "d"},
			{chat.MessageSearch{Kinds: []chat.MessageType{chat.TypeFile}, Chat: user(bob)}, ""},
			{chat.MessageSearch{Link: true}, "fba"},
			{chat.MessageSearch{Link: true, Text: "plan"}, "fba"},
			{chat.MessageSearch{Link: true, From: bob}, "fb"},
			{chat.MessageSearch{Link: true, Chat: group(g)}, "f"},
			{chat.MessageSearch{Link: true, Kinds: []chat.MessageType{chat.TypeText}}, "a"},
			{chat.MessageSearch{Since: at["f"]}, "ihf"},
			{chat.MessageSearch{Until: at["c"]}, "ba"},
			{chat.MessageSearch{Since: at["b"], Until: at["f"]}, "edcb"},
			{chat.MessageSearch{Since: at["b"], Until: at["f"], Chat: user(bob)}, "cb"},
			{chat.MessageSearch{Since: at["b"], Until: at["h"], Chat: group(g), Text: "plan"}, "fed"},
			{chat.MessageSearch{Since: at["i"].Add(time.Millisecond)}, ""},
			{chat.MessageSearch{Since: at["i"].Add(time.Millisecond), Chat: user(bob)}, ""},
			{chat.MessageSearch{Until: at["a"], Chat: user(bob)}, ""},
			{chat.MessageSearch{Text: "!?"}, "i"},
			{chat.MessageSearch{Text: "!?", Kinds: image}, ""},
			{chat.MessageSearch{Text: "计划", Kinds: []chat.MessageType{video}}, "i"},
			{chat.MessageSearch{Text: "\u200b", From: bob}, ""}, // invisible, but not empty
			{chat.MessageSearch{Text: " ", From: carol}, "e"},
			{chat.MessageSearch{Text: "3699"}, "e"},
			{chat.MessageSearch{Text: "plt"}, "e"},
			{chat.MessageSearch{Text: `"PLT-3699"`}, "e"},
			{chat.MessageSearch{Text: "berg@mail"}, "e"},
			{chat.MessageSearch{Text: "ann.berg@mail.example.com"}, "e"},
			{chat.MessageSearch{Text: "2.1"}, "d"},
			{chat.MessageSearch{Text: "v2"}, "d"},
			{chat.MessageSearch{Text: "1.0 pdf"}, "d"},
			{chat.MessageSearch{Text: "foo_bar"}, "a"},
			{chat.MessageSearch{Text: "bar"}, "a"},
			{chat.MessageSearch{Text: "docs.example"}, "a"},
			{chat.MessageSearch{Text: "guide?x="}, "a"},
			{chat.MessageSearch{Text: "https://docs.example.com/guide?x=foo_bar", From: alice}, "a"},
			{chat.MessageSearch{Text: "oo_bar"}, ""},
		} {
			for _, limit := range []int{1, 100} {
				q, got, pages := c.q, "", 0
				q.Limit = limit
				for {
					found := must(w.Search(w.ctx, by(alice), q))(t)
					for _, h := range found.Hits {
						for name, sent := range at {
							if sent.Equal(h.Message.At) {
								got += name
							}
						}
					}
					if pages++; found.Next == 0 || pages > 20 {
						break
					}
					q.Before = found.Next
				}
				same(t, fmt.Sprintf("%d: alice looks for %+v", i, q), got, c.want)
			}
		}
	})
	same(t, "an image without a text", w.hits(alice, chat.MessageSearch{From: alice, Chat: group(g), For: chat.SearchMessages}), []string{"Team: d-plan-v2.1.0.pdf"})

	// A former member finds what was sent before.
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, carol))
	send("k", bob, "", says("k plan"))
	indexing(t, w, func() {
		same(t, "carol in the group", w.hits(carol, chat.MessageSearch{Chat: group(g), Since: at["e"]}),
			[]string{"Team: f plan", "Team: e PLT-3699 is the plan of ann.berg@mail.example.com"})
		same(t, "carol anywhere", w.hits(carol, chat.MessageSearch{Since: at["f"], Kinds: []chat.MessageType{chat.TypeText, chat.TypeCard}}),
			[]string{"Bob: g plan, not for alice: https://example.com", "Team: f plan"})
	})
}

func TestSearchRefusals(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice)
	for _, c := range []struct {
		who  chat.AccountID
		q    chat.MessageSearch
		want string
	}{
		{"nobody", chat.MessageSearch{Text: "x"}, "from user not found"},
		{alice, chat.MessageSearch{Text: strings.Repeat("x", 201)}, "invalid payload: query must be at most 200 characters"},
		{alice, chat.MessageSearch{Text: "\xff"}, "invalid payload: query must be valid UTF-8"},
		{alice, chat.MessageSearch{Text: "x", From: chat.AccountID(strings.Repeat("x", 200))}, "invalid payload: from must be at most 128 bytes"},
		{alice, chat.MessageSearch{Text: "x", Chat: chat.ChatRef{Type: chat.SessionTask, ID: "task"}}, "invalid payload: type must be 1 or 2"},
		{alice, chat.MessageSearch{Text: "x", Kinds: []chat.MessageType{8}}, "invalid payload: kind must be 1 to 7"},
		{alice, chat.MessageSearch{Text: "x", Kinds: []chat.MessageType{chat.TypeVoice}, For: chat.SearchFiles}, "invalid payload: kind must be image, file or video in a search for files"},
		{alice, chat.MessageSearch{Text: "x", Since: time.UnixMilli(5), Until: time.UnixMilli(5)}, "invalid payload: until must be after since"},
		{alice, chat.MessageSearch{Chat: user(dave)}, "not my contract"},
		{alice, chat.MessageSearch{Text: "x", Chat: user(dave)}, "not my contract"},
		{alice, chat.MessageSearch{Text: "x", Chat: group("none")}, "group not found"},
		{bob, chat.MessageSearch{Text: "x", Chat: group(g)}, "not in group"},
	} {
		_, err := w.Search(w.ctx, by(c.who), c.q)
		refused(t, fmt.Sprintf("%s looks for %.40q in %v", c.who, c.q.Text, c.q.Chat), err, c.want)
	}
}

// A former member finds the messages from before leaving, and all messages after coming back.
func TestSearchAfterLeaving(t *testing.T) {
	w := newWorld(t)
	g := w.found("Team", alice, bob)
	w.sayIn(g, alice, "word one")
	ok(t, w.RemoveGroupMember(w.ctx, by(alice), g, bob))
	w.sayIn(g, alice, "word two")
	indexing(t, w, func() {
		same(t, "gone", w.hits(bob, chat.MessageSearch{Text: "word"}), []string{"Team: [word] one"})
		same(t, "gone, in the group", w.hits(bob, chat.MessageSearch{Text: "word", Chat: group(g)}), []string{"Team: [word] one"})
	})
	must(w.AddGroupMembers(w.ctx, by(alice), g, []chat.AccountID{bob}))(t)
	same(t, "back", w.hits(bob, chat.MessageSearch{Text: "word"}), []string{"Team: [word] two", "Team: [word] one"})
}

// A search that is out of time says so, and nothing is amiss afterwards.
func TestSearchOutOfTime(t *testing.T) {
	w := newWorld(t, func(o *chat.Options) { o.SearchTime = 1 })
	w.say(alice, bob, "word")
	found := must(w.Search(w.ctx, by(alice), chat.MessageSearch{Text: "word"}))(t)
	same(t, "partial", found.Partial, true)
	same(t, "hits", len(found.Hits), 0)
	same(t, "the history has its own time", texts(must(w.History(w.ctx, alice, user(bob), chat.HistoryQuery{Keyword: "word"}))(t)), []string{"word"})
}

// More groups than the index is asked for by name.
func TestSearchInManyGroups(t *testing.T) {
	w := newWorld(t)
	var last chat.GroupID
	for i := range 205 {
		last = w.found(fmt.Sprint("Group ", i), alice, bob)
		if i%50 == 0 {
			w.sayIn(last, alice, fmt.Sprint("word ", i))
		}
	}
	other := w.found("Theirs", bob, carol)
	w.sayIn(other, bob, "word of others")
	w.say(alice, chat.FileTransfer, "word for me")
	ok(t, w.LeaveGroup(w.ctx, by(alice), last))
	w.sayIn(last, bob, "word behind my back")
	indexing(t, w, func() {
		same(t, "word", w.hits(alice, chat.MessageSearch{Text: "word"}), []string{
			"File transfer: [word] for me", "Group 200: [word] 200", "Group 150: [word] 150", "Group 100: [word] 100", "Group 50: [word] 50", "Group 0: [word] 0",
		})
	})
}

// told is a message as the oracle remembers it.
type told struct {
	id        chat.MessageID
	chat      chat.ChatRef // a group, or the one who did not send it
	from      chat.AccountID
	text      string
	file      string
	at        time.Time
	withdrawn bool
}

// TestSearchFindsWhatAScanFinds compares every search with a walk over everything
// that was said. The database keeps what earlier checks have said, in chats that
// are not the caller's.
func TestSearchFindsWhatAScanFinds(t *testing.T) {
	findsWhatAScanFinds(t, store.Options{Path: t.TempDir()})
}

func TestSearchFindsWhatAScanFindsOnPostgreSQL(t *testing.T) {
	findsWhatAScanFinds(t, store.Options{Database: postgres.Start(t, "fsync=off").Create(t)})
}

func findsWhatAScanFinds(t *testing.T, place store.Options) {
	t.Helper()
	w := newWorldIn(t, place)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		s := &searchModel{world: w, left: map[chat.AccountID]chat.MessageID{}}
		s.begin(run)
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"悬空引用", "空引", "report", "repo", "Report's", "r2", "x.org", "v2.1b", "引", "👍", "a%b", "ｒｅｐｏｒｔ", "e\u0301", "!?!", "？", "\ue003u"}), 1, 4)
		queries := rapid.SampledFrom([]string{"悬空", "引", "用 re", "rep", "report r", "👍", "%", "a%b", "r", "é", ",", "!?", "'", "\ue003", "悬空引用", "port", "引用 悬", "'s", `"`, "report*", "", "", "2", "2.1 x", "x.org"})
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0:
				s.withdraw(rapid.IntRange(0, max(len(s.told)-1, 0)).Draw(rt, "which"))
			case 1:
				s.toggle(rapid.IntRange(1, 2).Draw(rt, "who"))
			case 2:
				ok(t, w.store.Indexed(w.ctx))
			default:
				s.say(rapid.IntRange(0, 2).Draw(rt, "from"), rapid.IntRange(0, 3).Draw(rt, "to"),
					strings.Join(words.Draw(rt, "words"), rapid.SampledFrom([]string{" ", "", ", "}).Draw(rt, "between")),
					rapid.SampledFrom([]string{"", "", "悬空.pdf", "report 引.doc"}).Draw(rt, "file"))
			}
		}
		for range 4 {
			s.compare(rt, rapid.IntRange(0, 2).Draw(rt, "caller"), chat.MessageSearch{
				Text:  queries.Draw(rt, "query"),
				For:   chat.SearchFor(rapid.IntRange(0, 2).Draw(rt, "for")),
				From:  rapid.SampledFrom([]chat.AccountID{"", "", s.people[1]}).Draw(rt, "by"),
				Chat:  rapid.SampledFrom([]chat.ChatRef{{}, {}, group(s.group)}).Draw(rt, "in"),
				Kinds: rapid.SampledFrom([][]chat.MessageType{nil, nil, {chat.TypeText}, {chat.TypeFile}, {chat.TypeText, chat.TypeFile}}).Draw(rt, "kinds"),
				Link:  rapid.SampledFrom([]bool{false, false, true}).Draw(rt, "link"),
				Limit: rapid.IntRange(1, 3).Draw(rt, "limit"),
			})
		}
	})
}

type searchModel struct {
	*world
	people []chat.AccountID // the first is alone with the others outside of the group, too
	group  chat.GroupID
	told   []told
	left   map[chat.AccountID]chat.MessageID // the last message before
}

func (s *searchModel) begin(run int) {
	s.t.Helper()
	for i := range 3 {
		id := chat.AccountID(fmt.Sprintf("p%d-%d", run, i))
		must(s.CreateAccount(s.ctx, chat.Account{ID: id, Name: string(id)}))(s.t)
		s.people = append(s.people, id)
	}
	ok(s.t, s.AddToOrganization(s.ctx, "demo", s.people))
	s.group = s.found("Group", s.people...)
}

// say says something: to another one, or for 3 in the group.
func (s *searchModel) say(from, to int, words, file string) {
	s.t.Helper()
	sender := s.people[from]
	d := text(words)
	if file != "" {
		d.Type, d.File = chat.TypeFile, []byte(fmt.Sprintf(`{"key":"k","name":%q}`, file))
	}
	m := told{from: sender, text: words, file: file}
	var r chat.Receipt
	var err error
	if to == 3 {
		m.chat = group(s.group)
		if r, err = s.SendGroupMessage(s.ctx, by(sender), s.group, d); err != nil {
			refused(s.t, "say in the group", err, "removeit")
			return
		}
	} else {
		m.chat = user(s.people[to])
		r = must(s.SendMessage(s.ctx, by(sender), s.people[to], d))(s.t)
	}
	m.id, m.at = r.Message.ID, r.Message.At
	s.told = append(s.told, m)
}

func (s *searchModel) withdraw(i int) {
	s.t.Helper()
	if i >= len(s.told) || s.told[i].withdrawn {
		return
	}
	m := &s.told[i]
	if _, gone := s.left[m.from]; gone && m.chat.Type == chat.SessionGroup {
		return
	}
	var err error
	if m.chat.Type == chat.SessionGroup {
		_, err = s.WithdrawGroupMessage(s.ctx, by(m.from), s.group, m.id)
	} else {
		_, err = s.WithdrawMessage(s.ctx, by(m.from), chat.AccountID(m.chat.ID), m.id)
	}
	ok(s.t, err)
	m.withdrawn = true
}

// toggle takes somebody out of the group, or in again.
func (s *searchModel) toggle(i int) {
	s.t.Helper()
	who, creator := s.people[i], s.people[0]
	if _, gone := s.left[who]; gone {
		must(s.AddGroupMembers(s.ctx, by(creator), s.group, []chat.AccountID{who}))(s.t)
		delete(s.left, who)
		return
	}
	ok(s.t, s.RemoveGroupMember(s.ctx, by(creator), s.group, who))
	s.left[who] = 0
	if len(s.told) > 0 {
		s.left[who] = s.told[len(s.told)-1].id
	}
}

// compare reads all pages of a search and compares them with a scan.
func (s *searchModel) compare(t *rapid.T, caller int, q chat.MessageSearch) {
	who := s.people[caller]
	if q.For == chat.SearchFiles && q.ExcludesFiles() {
		q.Kinds = nil // it would be refused
	}
	var want []chat.MessageID
	for _, m := range s.told {
		if s.sees(who, m) && s.fits(m, q) {
			want = append(want, m.id)
		}
	}
	slices.SortFunc(want, func(a, b chat.MessageID) int { return cmp.Compare(b, a) })
	var got []chat.MessageID
	for {
		found, err := s.Search(s.ctx, by(who), q)
		if err != nil || found.Partial {
			t.Fatalf("search: %+v, %v", found, err)
		}
		for _, h := range found.Hits {
			got = append(got, h.Message.ID)
		}
		if q.Before = found.Next; q.Before == 0 {
			break
		}
		if len(found.Hits) != q.Limit {
			t.Fatalf("got %d hits and a next page, want %d", len(found.Hits), q.Limit)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s looks for %+v: got %v, want %v of %+v", who, q, got, want, s.told)
	}
}

func (s *searchModel) sees(who chat.AccountID, m told) bool {
	if m.withdrawn {
		return false
	}
	if m.chat.Type == chat.SessionUser {
		return m.from == who || m.chat.ID == string(who)
	}
	last, gone := s.left[who]
	return !gone || m.id <= last
}

func (s *searchModel) fits(m told, q chat.MessageSearch) bool {
	if q.From != "" && m.from != q.From || q.Chat != (chat.ChatRef{}) && m.chat != q.Chat {
		return false
	}
	kind := chat.TypeText
	if m.file != "" {
		kind = chat.TypeFile
	}
	text := m.text
	switch {
	case q.Text == "" && !q.Restricted(), q.For == chat.SearchFiles && m.file == "", q.Link && !search.HasLink(m.text),
		len(q.Kinds) > 0 && !slices.Contains(q.Kinds, kind):
		return false
	case q.Text == "":
		return true
	case q.For != chat.SearchMessages && m.file != "":
		text = m.file + "\n" + m.text
	}
	return search.Parse(q.Text).Match(search.Fold(text))
}
