package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Excerpt is a part of a text with the matches of a query.
type Excerpt struct {
	Text  string
	Marks [][2]int // begin and end of each match, in UTF-16 units of Text, in order
}

// The maximum number of characters of an excerpt before the first match, and in total.
const (
	excerptBefore = 24
	excerptLength = 120
)

// maxJoined limits the length of a sequence that counts as one character, so that an
// excerpt stays short.
const maxJoined = 16

// piece is a part of a text that is folded separately and never cut.
type piece struct {
	from, to int // of the text
	folded   int // its beginning in the folded text
	marked   bool
}

// Excerpt returns the part of a text around the first match, on one line: white space
// becomes one space, and "…" marks omitted text. Sequences that are read as one character
// are not cut.
func (q Query) Excerpt(text string) Excerpt {
	pieces, folded := cut(text)
	first := q.mark(pieces, folded)
	from, to := window(text, pieces, first)

	var b strings.Builder
	var e Excerpt
	units, inMark, space := 0, false, true
	write := func(s string) {
		b.WriteString(s)
		for _, r := range s {
			units += utf16.RuneLen(r)
		}
	}
	if from > 0 {
		write("…")
	}
	for _, p := range pieces[from:to] {
		s := text[p.from:p.to]
		if strings.TrimSpace(s) == "" {
			if space {
				continue
			}
			s, space = " ", true
		} else {
			space = false
		}
		if p.marked != inMark {
			inMark = p.marked
			if inMark {
				e.Marks = append(e.Marks, [2]int{units, units})
			}
		}
		write(strings.ToValidUTF8(s, "\uFFFD"))
		if inMark {
			e.Marks[len(e.Marks)-1][1] = units
		}
	}
	if to < len(pieces) {
		write("…")
	}
	e.Text = b.String()
	return e
}

// cut divides the text into pieces and folds it.
func cut(text string) (pieces []piece, folded string) {
	var b strings.Builder
	for from := 0; from < len(text); {
		to := from + 1
		if text[from] >= utf8.RuneSelf || to < len(text) && text[to] >= utf8.RuneSelf {
			to = from + max(norm.NFKC.NextBoundaryInString(text[from:], true), 1)
		}
		pieces = append(pieces, piece{from: from, to: to, folded: b.Len()})
		b.WriteString(Fold(text[from:to]))
		from = to
	}
	return pieces, b.String()
}

// mark marks the pieces with matches and returns the first one, or 0. Matches that overlap
// or touch become one mark.
func (q Query) mark(pieces []piece, folded string) (first int) {
	first = len(pieces)
	for i, term := range q.terms {
		for from := 0; ; {
			begin, end := term.find(folded, from, q.open(i))
			if begin < 0 {
				break
			}
			from = end
			// The last piece that begins at or before the match contains its beginning.
			at, _ := slices.BinarySearchFunc(pieces, begin+1, func(p piece, at int) int { return cmp.Compare(p.folded, at) })
			at--
			first = min(first, at)
			for ; at < len(pieces) && pieces[at].folded < end; at++ {
				pieces[at].marked = true
			}
		}
	}
	if first == len(pieces) {
		return 0
	}
	return first
}

// window chooses the pieces to show.
func window(text string, pieces []piece, first int) (from, to int) {
	from = max(first-excerptBefore, 0)
	if len(pieces) <= excerptLength {
		from = 0
	}
	to = min(from+excerptLength, len(pieces))
	if to == len(pieces) {
		from = max(min(from, to-excerptLength), 0)
	}
	for n := 0; n < maxJoined && from > 0 && from < len(pieces) && joined(text, pieces[from]); n++ {
		from--
	}
	for n := 0; n < maxJoined && to < len(pieces) && joined(text, pieces[to]); n++ {
		to++
	}
	return from, to
}

// joined reports whether the piece is read as one character together with the previous
// one: marks, joiners, skin tones, the second half of a flag.
func joined(text string, p piece) bool {
	r, _ := utf8.DecodeRuneInString(text[p.from:])
	before, _ := utf8.DecodeLastRuneInString(text[:p.from])
	const joiner = 0x200D
	return unicode.IsMark(r) || invisible(r) || before == joiner || 0x1F3FB <= r && r <= 0x1F3FF ||
		flagHalf(r) && flagHalf(before)
}

func flagHalf(r rune) bool { return 0x1F1E6 <= r && r <= 0x1F1FF }
