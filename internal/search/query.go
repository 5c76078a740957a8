package search

import "unicode/utf8"

// maxAsked is the maximum number of words for which the index is asked. A text must match
// the others as well.
const maxAsked = 24

// Query is a query for messages. A text matches if it has all terms, anywhere and in any
// order. A term is a part of the typed text between white space, or a phrase in quotation
// marks. A text has a term if it contains the same characters in the same order, folded, and
//
//   - letters at the beginning of the term begin a word of the text, or a part of one;
//   - letters at the end of the term end a word or a part, except in the last term, which may
//     be incomplete. A phrase is always complete.
//
// A word of letters and digits has parts of letters and parts of digits, unless there are more than
// four of them. So repo finds report but not prepone, 2.1 finds
// v2.1.0, and 空引 finds 悬空引用.
type Query struct{ terms []term }

// Parse parses the text that a person typed. Every text is a valid query. Only pairs of
// quotation marks have a special meaning.
func Parse(typed string) Query { return Query{terms(typed)} }

// open reports whether a term may be incomplete.
func (q Query) open(i int) bool { return i == len(q.terms)-1 && !q.terms[i].phrase }

// Empty reports whether the query has no terms. An empty query matches nothing.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Asked is a request to the index.
type Asked struct {
	Words []string // every matching text has all of them
	Begin string   // every matching text has a word with this beginning; may be empty
}

// Words returns words of [Words] that every matching text has. Only the empty query has
// none.
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
