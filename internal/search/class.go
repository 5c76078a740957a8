package search

import (
	"unicode"
	"unicode/utf8"
)

// class is what a character is for the words of a text.
type class uint8

const (
	space  class = iota // white space: in no word
	letter              // letters, digits, marks of scripts that put spaces between words
	dense               // letters of scripts that put none: any two neighbours may be a word
	symbol              // emoji and the like: each is a word
	sign                // punctuation and everything else: any two neighbours may be a word
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
			return letter
		}
		if unicode.IsSpace(r) {
			return space
		}
		return sign
	case 0x4E00 <= r && r <= 0x9FFF: // most of what is written in Chinese
		return dense
	case unicode.In(r, spaceless...):
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return dense
		}
	}
	switch {
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
		return letter
	case unicode.Is(unicode.So, r), 0x1F3FB <= r && r <= 0x1F3FF: // the colours of skin are modifiers
		return symbol
	case unicode.IsSpace(r):
		return space
	}
	return sign
}

// spaceless are the scripts whose words are not told apart by spaces. Korean has
// spaces, but its endings grow onto the words.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	// The mark that lengthens a vowel belongs to both Japanese scripts, and so to none.
	{R16: []unicode.Range16{{Lo: 0x30FC, Hi: 0x30FC, Stride: 1}}},
}
