package search

import "unicode/utf8"

// maxAsked bounds the words that an index is asked for. A text must match the
// others all the same.
const maxAsked = 24

// Query is what somebody looks for. A text matches when it has all the terms,
// anywhere and in any order. A term is what stands between white space in what
// was typed, or a phrase in quotation marks; a text has it when it has the same
// characters in the same order, folded, and
//
//   - letters at the beginning of the term begin a word of the text;
//   - letters at its end also end one, except in the last term, which may still
//     be being typed. A phrase is complete.
//
// So repo finds report and not depot-report's middle, and 空引 finds 悬空引用.
type Query struct{ terms []term }

// Parse reads what was typed. There is nothing that a query cannot hold, and
// nothing but a pair of quotation marks has a meaning other than itself.
func Parse(typed string) Query { return Query{terms(typed)} }

// open reports whether a term may still be being typed.
func (q Query) open(i int) bool { return i == len(q.terms)-1 && !q.terms[i].phrase }

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
		for _, part := range term.parts {
			words(part, q.open(i), add, &a.Begin)
		}
	}
	return a
}

// words adds the words of a part of a query. If the part is open, letters at its end
// are the beginning of a word.
func words(part string, open bool, add func(string), begin *string) {
	for rest := part; rest != ""; {
		kind, n := run(rest)
		cut := rest[:n]
		rest = rest[n:]
		switch kind {
		case letter:
			short := shorten(cut)
			if open && rest == "" && utf8.RuneCountInString(short) < MaxWord {
				*begin = short
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

// Match reports whether a folded text matches.
func (q Query) Match(folded string) bool {
	for i, term := range q.terms {
		if at, _ := term.find(folded, 0, q.open(i)); at < 0 {
			return false
		}
	}
	return len(q.terms) > 0
}
