package search

import (
	"strings"
	"unicode/utf8"
)

// maxAsked bounds the words that an index is asked for. A text must match the
// others all the same.
const maxAsked = 24

// Query is what somebody looks for. A text matches when it has all the terms,
// anywhere and in any order. A term is what stands between white space in what
// was typed; a text has it when it has the same characters in the same order,
// folded, and
//
//   - letters at the beginning of the term begin a word of the text;
//   - letters at its end also end one, except in the last term, which may still
//     be being typed.
//
// So "repo" finds report and not depot-report's middle, and 空引 finds 悬空引用.
type Query struct{ terms []string }

// Parse reads what was typed. There is nothing that a query cannot hold, and
// nothing in it has a meaning other than itself.
func Parse(typed string) Query {
	return Query{strings.Fields(Fold(typed))}
}

// Empty reports whether nothing is looked for. An empty query matches nothing.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Asked is what an index is asked for.
type Asked struct {
	Words []string // a text that matches has all of these
	Begin string   // and a word that begins with this, if it is not empty
}

// Words returns the words, in the sense of [Words], that every matching text has.
// Only the empty query has none.
func (q Query) Words() (a Asked) {
	asked := map[string]bool{}
	add := func(w string) {
		if !asked[w] && len(a.Words) < maxAsked {
			asked[w] = true
			a.Words = append(a.Words, w)
		}
	}
	for i, term := range q.terms {
		last := i == len(q.terms)-1
		for rest := term; rest != ""; {
			kind, n := run(rest)
			cut := rest[:n]
			rest = rest[n:]
			switch kind {
			case letter:
				short := shorten(cut)
				if last && rest == "" && utf8.RuneCountInString(short) < MaxWord {
					a.Begin = short
				} else {
					add(short)
				}
			case dense, sign:
				whole := cut
				pairs(cut, func(one, two string) {
					switch {
					case two != "":
						add(two)
					case one == whole:
						add(one)
					}
				})
			case symbol:
				for i, r := range cut {
					add(cut[i : i+utf8.RuneLen(r)])
				}
			}
		}
	}
	return a
}

// Match reports whether a folded text matches.
func (q Query) Match(folded string) bool {
	for i, term := range q.terms {
		if at, _ := find(folded, term, 0, i == len(q.terms)-1); at < 0 {
			return false
		}
	}
	return len(q.terms) > 0
}

// find returns where the term stands in the text next, from a place on; begin
// is -1 when it does not.
func find(folded, term string, from int, open bool) (begin, end int) {
	first, _ := utf8.DecodeRuneInString(term)
	last, _ := utf8.DecodeLastRuneInString(term)
	mustBegin, mustEnd := classOf(first) == letter, !open && classOf(last) == letter
	for from <= len(folded) {
		i := strings.Index(folded[from:], term)
		if i < 0 {
			break
		}
		begin, end = from+i, from+i+len(term)
		if !(mustBegin && letterBefore(folded, begin)) && !(mustEnd && letterAt(folded, end)) {
			return begin, end
		}
		_, n := utf8.DecodeRuneInString(folded[begin:])
		from = begin + n
	}
	return -1, -1
}

func letterBefore(s string, i int) bool {
	r, n := utf8.DecodeLastRuneInString(s[:i])
	return n > 0 && classOf(r) == letter
}

func letterAt(s string, i int) bool {
	r, n := utf8.DecodeRuneInString(s[i:])
	return n > 0 && classOf(r) == letter
}
