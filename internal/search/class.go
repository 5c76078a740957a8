package search

import (
	"unicode"
	"unicode/utf8"
)

// class is the class of a character, which decides how texts are divided into words.
type class uint8

const (
	space  class = iota // white space: part of no word
	letter              // letters, digits and marks of scripts with spaces between words
	dense               // letters of scripts without spaces: any two neighbours may be a word
	symbol              // emoji and similar symbols: each one is a word
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
	case 0x4E00 <= r && r <= 0x9FFF: // most Chinese characters in use
		return dense
	case unicode.In(r, spaceless...):
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return dense
		}
	}
	switch {
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
		return letter
	case unicode.Is(unicode.So, r), 0x1F3FB <= r && r <= 0x1F3FF: // skin tones are modifiers
		return symbol
	case unicode.IsSpace(r):
		return space
	}
	return sign
}

// spaceless are the scripts without spaces between words. Korean has spaces, but its
// endings are attached to the words.
var spaceless = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Yi,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	// Unicode assigns the mark for long vowels to no script, because both Japanese scripts use it.
	{R16: []unicode.Range16{{Lo: 0x30FC, Hi: 0x30FC, Stride: 1}}},
}
