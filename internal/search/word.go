package search

import "unicode/utf8"

// MaxWord is the number of characters of a word that are indexed. The rest of a longer
// word is compared, but not indexed.
const MaxWord = 40

// Words calls yield for every word of a folded text, including repeated ones:
//
//   - a sequence of letters and digits; spelled is true
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
