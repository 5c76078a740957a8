package search

import (
	"strings"
	"unicode/utf8"
)

// term is a part of a query: a text without white space, or a phrase in quotation marks.
type term struct {
	parts  []string // the words of a phrase; one for any other term
	phrase bool
}

// quotes maps the quotation marks that begin a phrase to those that end it. Straight ones
// begin and end a phrase only next to white space, because 5" is a size.
var quotes = map[rune]string{'"': `"`, '“': "”“", '„': "“”", '「': "」", '『': "』", '«': "»"}

// allQuotes has all quotation marks, those that begin and those that end a phrase.
const allQuotes = `"“”„「」『』«»`

// unquoted removes the quotation marks without a counterpart around a word. A straight one
// after a digit stays, because 5" is a size, and so does a word of quotation marks alone.
func unquoted(word string) string {
	bare := strings.TrimLeft(word, allQuotes)
	if bare == "" {
		return word
	}
	trimmed := strings.TrimRight(bare, allQuotes)
	if last := trimmed[len(trimmed)-1]; '0' <= last && last <= '9' {
		return bare
	}
	return trimmed
}

// terms parses the text that a person typed. Quotation marks without a counterpart do not
// count.
func terms(typed string) (all []term) {
	s := Fold(typed)
	plain := func(s string) {
		for _, word := range strings.Fields(s) {
			all = append(all, term{parts: []string{unquoted(word)}})
		}
	}
	done := 0
	for i, r := range s {
		if i < done || quotes[r] == "" {
			continue
		}
		begin := i + utf8.RuneLen(r)
		end, next := phraseEnd(s, i, begin, r)
		if end < 0 {
			continue
		}
		if parts := strings.Fields(s[begin:end]); len(parts) > 0 {
			plain(s[done:i])
			all = append(all, term{parts, true})
			done = next
		}
	}
	plain(s[done:])
	return all
}

// phraseEnd returns the end of the phrase that begins with the quotation mark at a place,
// and the end of its closing mark. It returns -1 if no phrase begins there.
func phraseEnd(s string, mark, begin int, r rune) (end, next int) {
	if r != '"' {
		n := strings.IndexAny(s[begin:], quotes[r])
		if n < 0 {
			return -1, -1
		}
		_, width := utf8.DecodeRuneInString(s[begin+n:])
		return begin + n, begin + n + width
	}
	if mark > 0 && !spaceBefore(s, mark) {
		return -1, -1
	}
	for i := begin; i < len(s); i++ {
		if s[i] == '"' && (i+1 == len(s) || spaceAt(s, i+1)) {
			return i, i + 1
		}
	}
	return -1, -1
}

// find returns the next occurrence of the term in the text, from a place on; begin is -1
// if there is none. The words of a phrase may have any white space between them. open: the
// term may end in the middle of a word.
func (t term) find(folded string, from int, open bool) (begin, end int) {
	first, _ := utf8.DecodeRuneInString(t.parts[0])
	last, _ := utf8.DecodeLastRuneInString(t.parts[len(t.parts)-1])
	mustBegin, mustEnd := classOf(first) == letter, !open && classOf(last) == letter
	for from <= len(folded) {
		i := strings.Index(folded[from:], t.parts[0])
		if i < 0 {
			break
		}
		begin = from + i
		end = t.follow(folded, begin+len(t.parts[0]))
		if end >= 0 && !(mustBegin && letterBefore(folded, begin) && !partAt(folded, begin)) &&
			!(mustEnd && letterAt(folded, end) && !partAt(folded, end)) {
			return begin, end
		}
		_, n := utf8.DecodeRuneInString(folded[begin:])
		from = begin + n
	}
	return -1, -1
}

// follow returns the end of the words after the first one, or -1.
func (t term) follow(folded string, end int) int {
	for _, part := range t.parts[1:] {
		behind := end
		for spaceAt(folded, behind) {
			_, n := utf8.DecodeRuneInString(folded[behind:])
			behind += n
		}
		if behind == end || !strings.HasPrefix(folded[behind:], part) {
			return -1
		}
		end = behind + len(part)
	}
	return end
}

func letterBefore(s string, i int) bool {
	r, n := utf8.DecodeLastRuneInString(s[:i])
	return n > 0 && classOf(r) == letter
}

func letterAt(s string, i int) bool {
	r, n := utf8.DecodeRuneInString(s[i:])
	return n > 0 && classOf(r) == letter
}

func spaceBefore(s string, i int) bool {
	r, n := utf8.DecodeLastRuneInString(s[:i])
	return n > 0 && classOf(r) == space
}

func spaceAt(s string, i int) bool {
	r, n := utf8.DecodeRuneInString(s[i:])
	return n > 0 && classOf(r) == space
}
