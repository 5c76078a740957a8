package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the text in the form for comparisons: without differences of case, width
// and composition ("Ａ" is "a", "①" is "1"), and without invisible characters such as
// zero-width ones. Folding parts that are cut at [norm.Form.NextBoundaryInString] has the
// same result.
func Fold(s string) string {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf && !('A' <= s[i] && s[i] <= 'Z') {
		i++
	}
	if i == len(s) {
		return s
	}
	return strings.Map(foldRune, norm.NFKC.String(s))
}

func foldRune(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case 0x2E80 <= r && r < 0xA640: // CJK has no case
		return r
	case invisible(r):
		return -1
	}
	// Converted to a capital first, so that both small sigmas become the same letter.
	return unicode.ToLower(unicode.ToUpper(r))
}

// invisible reports whether a reader cannot see the character: soft hyphens, joiners,
// direction marks, variation selectors.
func invisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x34F, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x2064, 0x2066 <= r && r <= 0x206F, 0xFE00 <= r && r <= 0xFE0F, r == 0xFEFF:
		return true
	}
	return false
}

// decompose returns the first character of the decomposition of a character.
func decompose(r rune) rune {
	first, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	return first
}
