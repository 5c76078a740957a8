package search

import (
	"unicode"
	"unicode/utf8"
)

// MaxWord is the number of characters of a word that are indexed. The rest of a longer
// word is compared, but not indexed.
const MaxWord = 40

// maxParts is the maximum number of parts of a word that are indexed; see [parts].
const maxParts = 4

// Words calls yield for every word of a folded text, including repeated ones:
//
//   - a sequence of letters and digits, and each sequence of its parts: v2 has v2, v, 2; spelled is true
//   - every character and every two neighbours of a sequence in a script without spaces:
//     悬空引 has 悬, 悬空, 空, 空引, 引
//   - every emoji
//   - every one and every two neighbours of a sequence of signs: ?!. has ?, ?!, !, !., .
func Words(folded string, yield func(word string, spelled bool)) {
	for rest := folded; rest != ""; {
		kind, n := run(rest)
		cut := rest[:n]
		rest = rest[n:]
		switch kind {
		case letter:
			yield(shorten(cut), true)
			parts(cut, func(part string) { yield(shorten(part), true) })
		case dense, sign:
			pairs(cut, func(one, two string) {
				yield(one, false)
				if two != "" {
					yield(two, false)
				}
			})
		case symbol:
			for i, r := range cut {
				yield(cut[i:i+utf8.RuneLen(r)], false)
			}
		}
	}
}

// IsSign reports whether a word of [Words] consists of signs.
func IsSign(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return classOf(r) == sign
}

// run returns the class of the first character and the number of bytes up to the first
// character of another class.
func run(s string) (kind class, n int) {
	for i, r := range s {
		c := classOf(r)
		if i == 0 {
			kind = c
		} else if c != kind {
			return kind, i
		}
	}
	return kind, len(s)
}

// parts calls yield for every part of a word, and for every sequence of neighbouring parts except the
// whole word. A part is a longest sequence of digits or of other characters: rc10b has rc, rc10, 10,
// 10b, b. A word with more than maxParts parts, such as a hash, has none.
func parts(word string, yield func(string)) {
	var begins [maxParts + 1]int
	n := 1
	before, at := utf8.DecodeRuneInString(word)
	for i, r := range word[at:] {
		if partBetween(before, r) {
			if n == maxParts {
				return
			}
			begins[n] = at + i
			n++
		}
		before = r
	}
	begins[n] = len(word)
	for from := range n {
		for to := from + 1; to <= n; to++ {
			if to-from < n {
				yield(word[begins[from]:begins[to]])
			}
		}
	}
}

// partBetween reports whether a part of a word ends between two neighbouring characters.
func partBetween(before, r rune) bool {
	return digit(before) != digit(r) && !(r >= utf8.RuneSelf && unicode.IsMark(r))
}

func digit(r rune) bool {
	return '0' <= r && r <= '9' || r >= utf8.RuneSelf && unicode.IsNumber(r)
}

// partAt reports whether a part of a word, and not the word, begins at a place of a folded text.
func partAt(folded string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(folded[:i])
	r, _ := utf8.DecodeRuneInString(folded[i:])
	if !partBetween(before, r) {
		return false
	}
	n := 2
	for from, at := i, before; n <= maxParts; {
		from -= utf8.RuneLen(at)
		r, width := utf8.DecodeLastRuneInString(folded[:from])
		if width == 0 || classOf(r) != letter {
			break
		}
		if partBetween(r, at) {
			n++
		}
		at = r
	}
	for _, next := range folded[i:] {
		if n > maxParts || classOf(next) != letter {
			break
		}
		if partBetween(r, next) {
			n++
		}
		r = next
	}
	return n <= maxParts
}

// pairs calls yield for every character, and for every character together with the next
// one.
func pairs(s string, yield func(one, two string)) {
	for s != "" {
		_, first := utf8.DecodeRuneInString(s)
		if first == len(s) {
			yield(s, "")
			return
		}
		_, second := utf8.DecodeRuneInString(s[first:])
		yield(s[:first], s[:first+second])
		s = s[first:]
	}
}

// shorten cuts a word to MaxWord characters.
func shorten(word string) string {
	if len(word) <= MaxWord {
		return word
	}
	n := 0
	for i := range word {
		if n == MaxWord {
			return word[:i]
		}
		n++
	}
	return word
}
