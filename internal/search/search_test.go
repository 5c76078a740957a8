package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"parley/internal/search"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		typed, text string
		want        bool
	}{
		{"悬空", "检查悬空引用", true},
		{"空引", "检查悬空引用", true},
		{"悬引", "检查悬空引用", false},
		{"用", "检查悬空引用", true},
		{"検", "检查悬空引用", false},
		{"repo", "the Report is done", true},
		{"port", "the Report is done", false},
		{"repo done", "the Report is done", false}, // only the last one may still be typed
		{"report don", "the Report is done", true},
		{"done report", "the Report is done", true},
		{"ＲＥＰＯＲＴ", "report", true},
		{"report", "ｒｅｐｏｒｔ", true},
		{"café", "CAFE\u0301", true},
		{"cafe", "café", false},
		{"iphone手机", "新iPhone手机壳", true},
		{"v2.1", "parley v2.1.0", true},
		{"2.1", "parley v2.1.0", true},
		{"2.1.0", "parley v2.1.0", true},
		{"v2", "parley v2.1.0", true},
		{"1.0 parley", "parley v2.1.0", true},
		{"12.1", "parley v2.1.0", false},
		{"2.1", "parley v12.1.0", false},
		{"2.1", "parley 12.1", false},
		{"1.0-rc1", "v2.1.0-rc1", true},
		{"rc out", "v2.1.0-rc1 is out", true},
		{`"2.1.0"`, "v2.1.0rc1", true},
		{"10 mb", "10MB", true},
		{"rc10 x", "x rc10b", true},
		{"c10 x", "x rc10b", false},
		{"10b", "rc10b", true},
		{"3699", "see PLT-3699", true},
		{"plt", "see PLT-3699", true},
		{"PLT-3699", "see PLT-3699.", true},
		{"plt-36", "see PLT-3699.", true},
		{`"PLT-3699"`, "see PLT-3699.", true},
		{"PLT-3699", "see PLT-36990 PLT 3699", true}, // the last one may still be typed
		{`"PLT-3699"`, "see PLT-36990 PLT 3699", false},
		{"3699", "see PLT3699", true},
		{"699", "see PLT-3699", false},
		{"foo_bar", "call foo_bar(1)", true},
		{"bar", "call foo_bar(1)", true},
		{"_bar", "call foo_bar(1)", true},
		{"foo_", "call foo_bar(1)", true},
		{"foo bar", "call foo_bar(1)", true},
		{"oo_bar", "call foo_bar(1)", false},
		{"https://docs.example.com/guide/set-up?ref=42&x=a_b#top", "see https://docs.example.com/guide/set-up?ref=42&x=a_b#top", true},
		{"docs.example.com", "see https://docs.example.com/guide/set-up?ref=42", true},
		{"example.com/guide", "见https://docs.example.com/guide/set-up?ref=42。", true},
		{"example", "https://docs.example.com/guide/set-up?ref=42", true},
		{"set-up ref", "https://docs.example.com/guide/set-up?ref=42", true},
		{"up?ref=42", "https://docs.example.com/guide/set-up?ref=42", true},
		{"xample.com", "https://docs.example.com/guide", false},
		{"ann.berg@mail.example.com", "Ann <Ann.Berg@mail.example.com>", true},
		{"berg@mail", "Ann <Ann.Berg@mail.example.com>", true},
		{"berg", "Ann <Ann.Berg@mail.example.com>", true},
		{"@mail.example", "Ann <Ann.Berg@mail.example.com>", true},
		{"mail.example.com ann", "Ann <Ann.Berg@mail.example.com>", true},
		{"1f", "3e1f2a9c", false}, // a hash has no parts
		{"3e1f", "3e1f2a9c", true},
		{"100%", "it is 100% sure", true},
		{"%", "it is 100% sure", true},
		{"0%", "it is 100% sure", false},
		{"c++", "written in C++", true},
		{"👍", "well done 👍🏽", true},
		{"❤", "I ❤\ufe0f it", true},
		{"かな", "ひらかなとカナ", true},
		{"데이", "데이터를 보냈다", true},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"straße", "STRASSE", false}, // letters stay letters
		{`"a" OR b*`, `say "a" OR b*`, true},
		{"NEAR", "far", false},
		// A phrase in quotation marks was looked for with its marks, and nothing was found.
		{`"exact phrase"`, "an exact phrase here", true},
		{`"exact phrase"`, "an exact\n  phrase, here", true},
		{`"exact phrase"`, "phrase exact", false},
		{`"exact phrase"`, "exact new phrase", false},
		{`"exact phrase"`, "exactphrase", false},
		{`"exact phrase"`, "exact phrases", false},
		{`"exact phrase"`, "inexact phrase", false},
		{`"EXACT  Phrase"`, "exact phrase", true},
		{`"exact phrase" he`, "an exact phrase here", true},
		{`he "exact phrase"`, "an exact phrase here", false},
		{`"exact"`, "exactly", false},
		{`"a b" "c d"`, "c d, a b", true},
		{`"a b" "c d"`, "c a b d", false},
		{`"to be" or`, "to be sure or to be not", true},
		{`"a a b"`, "a a a b", true},
		{"“exact phrase”", "an exact phrase here", true},
		{"“exact phrase”", "phrase exact", false},
		{"„exact phrase“", "an exact phrase here", true},
		{"«exact phrase»", "an exact phrase here", true},
		{"「悬空 引用」", "检查悬空 引用", true},
		{"「悬空 引用」", "检查悬空引用", false},
		{"『悬空引用』", "检查悬空引用", true},
		{"查“悬空引用”了", "了，检查悬空引用", true},
		{"查“悬空引用”了", "了，检查悬空的引用", false},
		{"＂exact phrase＂", "an exact phrase", true},
		{`"say ＂hi＂"`, `say "hi" to`, true},
		// A lone quotation mark was looked for as a character, and nothing was found.
		{`"fox`, "the quick fox", true},
		{`fox"`, "the quick fox", true},
		{`"exact phrase`, "an exact phrase", true},
		{`"exact phrase`, "phrase, exact", true},
		{`"exact phrase`, `an "exact phrase"`, true},
		{`exact phrase"`, "an exact phrase", true},
		{"“exact", "exact", true},
		{"”exact“", "exact", true},
		{`5" or 6"`, `6" or 5"`, true},
		{`5" or 6"`, "5 or 6", false},
		{`""`, `say ""`, true},
		{`""`, "say", false},
		{`" "`, `"`, true},
		{`"!?"`, "what!?", true},
		{"", "anything", false},
		{" \u3000", "anything", false},
		{strings.Repeat("x", 60), strings.Repeat("x", 60), true},
		{strings.Repeat("x", 60), strings.Repeat("x", 50), false},
	} {
		if got := search.Parse(c.typed).Match(search.Fold(c.text)); got != c.want {
			t.Errorf("%q in %q: got %t, want %t", c.typed, c.text, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	var got []string
	search.Words(search.Fold("悬空引 用, iPhone15 🎉👍 "+strings.Repeat("é", 50)), func(w string, _ bool) { got = append(got, w) })
	want := []string{"悬", "悬空", "空", "空引", "引", "用", ",", "iphone15", "iphone", "15", "🎉", "👍", strings.Repeat("é", search.MaxWord)}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParts(t *testing.T) {
	for word, want := range map[string][]string{
		"rc10b":            {"rc10b", "rc", "rc10", "10", "10b", "b"},
		"v2":               {"v2", "v", "2"},
		"a1b2":             {"a1b2", "a", "a1", "a1b", "1", "1b", "1b2", "b", "b2", "2"},
		"a1b2c":            {"a1b2c"},
		"é2":               {"é2", "é", "2"},
		"2\u0334":          {"2\u0334"},
		"plain":            {"plain"},
		"2026":             {"2026"},
		"v2悬":              {"v2", "v", "2", "悬"},
		"\u0663m":          {"\u0663m", "\u0663", "m"},
		"a" + longNumber:   {"a" + longNumber[1:], "a", longNumber},
		longNumber + "1ab": {longNumber, longNumber, "ab"},
	} {
		var got []string
		search.Words(word, func(w string, _ bool) { got = append(got, w) })
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

var longNumber = strings.Repeat("7", search.MaxWord)

func TestHasLink(t *testing.T) {
	for text, want := range map[string]bool{
		"see https://example.com/a，然后":       true,
		"HTTP://EXAMPLE.COM":                 true,
		"看https://例子.测试/路径":                  true,
		"链接:https://example.com":             true,
		"http://wiki/a":                      true,
		"http://localhost:3000然后":            true,
		"http://[::1]:8080/a":                true,
		"[docs](https://example.com/a)text":  true,
		"www.example.com":                    true,
		"见example.com，然后":                    true,
		"chat.example.github.io":             true,
		"ann@example.test, then example.org": true,
		"":                                   false,
		"www.":                               false,
		"https://":                           false,
		"https:// example":                   false,
		"https://后面是域名":                      false,
		"https://user:secret@example.com/":   false,
		"https://user@example.com/":          false,
		"https://exam\u200bple.com/":         false,
		"javascript:alert(1)":                false,
		"ftp://example.com/a":                false,
		"ann.berg@example.com":               false,
		"v1.2.3, e.g. at 10.30":              false,
		"call foo_bar.com()":                 false,
		"main.go":                            false,
		"a..com":                             false,
		"\xff.\xff":                          false,
	} {
		if got := search.HasLink(text); got != want {
			t.Errorf("%q: got %t, want %t", text, got, want)
		}
	}
}

func TestAsked(t *testing.T) {
	for typed, want := range map[string]search.Asked{
		"悬空引用":                  {Words: []string{"悬空", "空引", "引用"}},
		"悬":                     {Words: []string{"悬"}},
		"the repo":              {Words: []string{"the"}, Begin: "repo"},
		"the repo.":             {Words: []string{"the", "repo", "."}},
		`re "the repo"`:         {Words: []string{"re", "the", "repo"}},
		`"悬空 引用" re`:            {Words: []string{"悬空", "引用"}, Begin: "re"},
		"%_*":                   {Words: []string{"%_", "_*"}},
		"!? ！":                  {Words: []string{"!?", "!"}},
		"\x00\ue000":            {Words: []string{"\x00\ue000"}},
		strings.Repeat("x", 50): {Words: []string{strings.Repeat("x", search.MaxWord)}},
	} {
		got := search.Parse(typed).Words()
		if !slices.Equal(got.Words, want.Words) || got.Begin != want.Begin {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// alphabet is small, so that queries and texts meet, and nasty.
var alphabet = []rune("ab1A .,%*\"'()-:^空引用悬かガｶﾞハ가각👍🏽🇩🇪\u200d\ufe0fé\u0301\u0308Σσς①㎏ก็ß“”「」\x00\u034f\ufffd")

// Every text that matches has what the index is asked for.
func TestMatchingTextsHaveTheWords(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom(alphabet), 1, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		text := search.Fold(rapid.StringOfN(rapid.SampledFrom(alphabet), 0, 24, -1).Draw(t, "text"))
		q := search.Parse(strings.Join(rapid.SliceOfN(word, 0, 3).Draw(t, "typed"), " "))
		checkWords(t, q, text)
		from := rapid.IntRange(0, len(text)).Draw(t, "from")
		to := rapid.IntRange(from, len(text)).Draw(t, "to")
		checkWords(t, search.Parse(`"`+text[from:to]+`"`), text)
	})
}

func checkWords(t interface{ Fatalf(string, ...any) }, q search.Query, text string) {
	if !q.Match(text) {
		return
	}
	has, begins := map[string]bool{}, []string{}
	search.Words(text, func(w string, spelled bool) {
		has[w] = true
		if spelled {
			begins = append(begins, w)
		}
	})
	asked := q.Words()
	for _, w := range asked.Words {
		if !has[w] {
			t.Fatalf("%+v matches %q, which has no word %q", q, text, w)
		}
	}
	if asked.Begin != "" && !slices.ContainsFunc(begins, func(w string) bool { return strings.HasPrefix(w, asked.Begin) }) {
		t.Fatalf("%+v matches %q, where no word begins with %q", q, text, asked.Begin)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("检查悬空引用 the Report", "空引 rep")
	f.Add("a\u200d\u0301 👩‍👩‍👧 \xff", "\xff")
	f.Add("flags 🇩🇪🇫🇷🇩🇪", "🇪")
	f.Fuzz(func(t *testing.T, text, typed string) {
		q := search.Parse(typed)
		checkWords(t, q, search.Fold(text))
		if q.Match(search.Fold(text)) && !q.Match(search.Fold(strings.ToUpper(text))) && isASCII(text) {
			t.Fatalf("%q matches %q only in small letters", typed, text)
		}
		checkExcerpt(t, q.Excerpt(text))
		if search.HasLink(text) && !strings.ContainsAny(text, ".:") {
			t.Fatalf("%q has no link", text)
		}
		n := search.NewName(text, typed)
		search.ParsePerson(typed).Match(n.Find)
		if n.Place == "" || n.Initial == "" || search.PlaceInitial(n.Place) != n.Initial {
			t.Fatalf("no place for %q: %+v", text, n)
		}
		search.Words(search.Fold(text), func(w string, _ bool) {
			if !search.IsSign(w) && strings.ContainsAny(w, "\"*\x00") || strings.ContainsFunc(w, unicode.IsSpace) || w == "" {
				t.Fatalf("%q is no word", w)
			}
		})
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func checkExcerpt(t interface{ Fatalf(string, ...any) }, e search.Excerpt) {
	if !utf8.ValidString(e.Text) {
		t.Fatalf("%q is no text", e.Text)
	}
	units := utf16.Encode([]rune(e.Text))
	last := 0
	for _, m := range e.Marks {
		if m[0] < last || m[1] <= m[0] || m[1] > len(units) {
			t.Fatalf("marks %v in %q", e.Marks, e.Text)
		}
		for _, at := range m {
			if at > 0 && at < len(units) && utf16.IsSurrogate(rune(units[at-1])) && units[at-1] < 0xDC00 {
				t.Fatalf("mark %v in the middle of a character of %q", m, e.Text)
			}
		}
		last = m[1]
	}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("很长的话", 50)
	for _, c := range []struct {
		typed, text, want string // marked with []
	}{
		{"空引", "检查悬空引用", "检查悬[空引]用"},
		{"the", "The other the\n\n then", "[The] other [the] [the]n"},
		{"done rep", "done: Reports", "[done]: [Rep]orts"},
		{"kg", "5 ㎏", "5 [㎏]"},
		{"cafe\u0301", "a café", "a [café]"},
		{"👍", "👍🏽 ok", "[👍]🏽 ok"},
		{"目标", long + "目标" + long, "…" + strings.Repeat("很长的话", 6) + "[目标]" + strings.Repeat("很长的话", 23) + "很长…"},
		{"nothing", "some text", "some text"},
	} {
		e := search.Parse(c.typed).Excerpt(c.text)
		checkExcerpt(t, e)
		if got := marked(e); got != c.want {
			t.Errorf("%q in %.40q: got %q, want %q", c.typed, c.text, got, c.want)
		}
	}
	// A flag is two characters, a family seven, and neither is ever halved.
	for n := range 130 {
		e := search.Parse("x").Excerpt(strings.Repeat("a", n) + strings.Repeat("🇩🇪", 6) + strings.Repeat("👩‍👩‍👧", 5) + strings.Repeat("b", 140))
		if s := strings.TrimSuffix(e.Text, "…"); strings.Count(s, "🇩")+strings.Count(s, "🇪") != 2*strings.Count(s, "🇩🇪") || strings.Count(s, "👧")*3 != strings.Count(s, "👩")+strings.Count(s, "👧") {
			t.Fatalf("cut apart: %q", s)
		}
	}
}

func marked(e search.Excerpt) string {
	units := utf16.Encode([]rune(e.Text))
	var b strings.Builder
	last := 0
	for _, m := range e.Marks {
		b.WriteString(string(utf16.Decode(units[last:m[0]])) + "[" + string(utf16.Decode(units[m[0]:m[1]])) + "]")
		last = m[1]
	}
	return b.String() + string(utf16.Decode(units[last:]))
}

func TestNames(t *testing.T) {
	names := []string{"42", "阿明", "Émile", "Alice Chen", "曾国藩", "张三", "张三丰", "章子怡", "Zoë", "Ågot", "ガンダム", "单雄信", "Борис", "🎉"}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(search.NewName(a).Place, search.NewName(b).Place)
	})
	var got []string
	for _, n := range names {
		got = append(got, search.Initial(n)+" "+n)
	}
	want := []string{"A 阿明", "A Ågot", "A Alice Chen", "E Émile", "S 单雄信", "Z 曾国藩", "Z 张三", "Z 张三丰", "Z 章子怡", "Z Zoë", "# 42", "# Борис", "# ガンダム", "# 🎉"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPerson(t *testing.T) {
	for _, c := range []struct {
		typed, name, email string
		want               bool
	}{
		{"zs", "张三", "", true},
		{"zhangsan", "张三", "", true},
		{"zhangs", "张三", "", true},
		{"zhsan", "张三", "", true},
		{"san", "张三", "", true},
		{"hang", "张三", "", false},
		{"zsf", "张三", "", false},
		{"zhang san", "张三", "", true},
		{"三", "张三", "", true},
		{"ZS", "张三", "", true},
		{"zengguofan", "曾国藩", "", true},
		{"ceng", "曾国藩", "", true},
		{"ac", "Alice Chen", "", true},
		{"lice", "Alice Chen", "", true},
		{"chen alice", "Alice Chen", "", true},
		{`"alice chen"`, "Alice Chen", "", true},
		{"「alice  chen」", "Alice Chen", "", true},
		{`"chen alice"`, "Alice Chen", "", false},
		{`"lice chen"`, "Alice Chen", "", false},
		{`"zhang san"`, "张三", "", true},
		{`"zs"`, "张三", "", false},
		{`"张三"`, "张三丰", "", true},
		{`"q@demo.test"`, "A", "Q@Demo.test", true},
		{`"alice`, "Alice", "", true},
		{"emile", "Émile", "", true},
		{"q@demo", "A", "Q@Demo.test", true},
		{"a_b", "A_b", "", true},
		{"%", "100%", "", true},
		{"%", "100", "", false},
		{"", "anybody", "", true},
	} {
		if got := search.ParsePerson(c.typed).Match(search.NewName(c.name, c.email).Find); got != c.want {
			t.Errorf("%q for %q <%s>: got %t, want %t", c.typed, c.name, c.email, got, c.want)
		}
		if c.want && !liked(search.ParsePerson(c.typed), search.NewName(c.name, c.email).Find) {
			t.Errorf("%q for %q <%s>: the patterns leave the name out", c.typed, c.name, c.email)
		}
	}
	if liked(search.ParsePerson("zsf"), search.NewName("张三").Find) {
		t.Error("a name that has not all letters is a candidate")
	}
}

// liked reports whether the text has all patterns of the query.
func liked(who search.Person, find string) bool {
	for _, pattern := range who.Patterns() {
		rest := find
		for piece := range strings.SplitSeq(pattern, "%") {
			_, after, found := strings.Cut(rest, piece)
			if !found {
				return false
			}
			rest = after
		}
	}
	return true
}

// The patterns leave nobody out who matches.
func FuzzPatterns(f *testing.F) {
	for _, s := range [][2]string{{"zhs", "张三"}, {`"a b" ü`, "Ü A b"}, {"%_", "100%_"}, {"ив", "Иван Иванов"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, typed, name string) {
		who, find := search.ParsePerson(typed), search.NewName(name, "someone@example.test").Find
		if who.Match(find) && !liked(who, find) {
			t.Errorf("%q matches %q, and the patterns %q leave it out", typed, find, who.Patterns())
		}
	})
}

func BenchmarkWords(b *testing.B) {
	const text = "明天下午三点在会议室讨论新版本的发布计划, please bring the quarterly report"
	b.ReportAllocs()
	for b.Loop() {
		search.Words(search.Fold(text), func(string, bool) {})
	}
}

func BenchmarkMatch(b *testing.B) {
	folded := search.Fold("明天下午三点在会议室讨论新版本的发布计划, please bring the quarterly report")
	q := search.Parse("发布计划 rep")
	b.ReportAllocs()
	for b.Loop() {
		if !q.Match(folded) {
			b.Fatal("no match")
		}
	}
}

func BenchmarkNewName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		search.NewName("张三丰", "zhang@demo.test")
	}
}
