package chat

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// maxMarks bounds the combining marks on one character. No language writes as many in a name; towers of them cover
// the lines above and below.
const maxMarks = 10

// cleanName returns a name as it is stored: in normalization form C and without white space around it, so that names that
// look the same are the same. It refuses a name that
//
//  1. is empty, or has no character that can be seen;
//  2. has a character that cannot be seen, or one that breaks the line or turns the direction of writing: with it a
//     name can look like another one, or like text that is not part of it;
//  3. begins with a combining mark, which would join the text before the name, or has too many of them in a row;
//  4. has more than Options.MaxNameLength UTF-16 units.
func (s *Service) cleanName(field, name string) (string, error) {
	name, err := s.cleanLabel(field, name)
	if err == nil && name == "" {
		err = invalidFor(field, ReasonRequired, "is required")
	}
	return name, err
}

// cleanLabel is [Service.cleanName] for a name that may be empty.
func (s *Service) cleanLabel(field, name string) (string, error) {
	if err := checkText(field, name); err != nil {
		return "", err
	}
	refused := func(reason string, args ...any) (string, error) {
		return "", invalidFor(field, ReasonCharacters, fmt.Sprintf(reason, args...))
	}
	name = oneSpelling(name)
	if name == "" {
		return "", nil
	}
	runes := []rune(name)
	marks := 0
	for i, r := range runes {
		if !mayStand(runes, i) {
			return refused("must be one line that can be read, without %U", r)
		}
		if !unicode.IsMark(r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return refused("must have at most %d combining marks on one character", maxMarks)
		}
	}
	switch {
	case unicode.IsMark(runes[0]):
		return refused("must not begin with a combining mark, %U", runes[0])
	case !strings.ContainsFunc(name, visible):
		return refused("must have a character that can be seen")
	}
	return name, checkLength(field, name, s.opts.MaxNameLength)
}

// oneSpelling returns the name in normalization form C, with one ordinary space for each run of spaces, none around it, and
// without the variation selectors that choose between the shapes of one letter.
func oneSpelling(name string) string {
	var out strings.Builder
	space := false
	for _, r := range norm.NFC.String(strings.TrimSpace(name)) {
		switch {
		case unicode.Is(unicode.Variation_Selector, r) && r != textSelector && r != emojiSelector:
			continue
		case unicode.Is(unicode.Zs, r):
			if !space {
				out.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		out.WriteRune(r)
	}
	return norm.NFC.String(strings.TrimSpace(out.String())) // a selector may have kept two characters apart
}

// PlainText removes from a text the characters that [Service.cleanName] refuses in a name. It is for
// names for which nobody can be asked for a better one, such as those of files and devices.
func PlainText(text string) string {
	text = norm.NFC.String(strings.TrimSpace(strings.ToValidUTF8(text, "")))
	runes := []rune(text)
	var out []rune
	marks := 0
	for i, r := range runes {
		if unicode.IsMark(r) {
			marks++
		} else {
			marks = 0
		}
		if mayStand(runes, i) && marks <= maxMarks && (marks == 0 || len(out) > 0) {
			out = append(out, r)
		}
	}
	text = strings.TrimSpace(string(out))
	if !strings.ContainsFunc(text, visible) {
		return ""
	}
	return text
}

// mayStand reports whether the character at i may be part of a name. Characters without a shape of their own are allowed
// where a script or an emoji needs them: joiners, variation selectors, and the tags of flags.
func mayStand(name []rune, i int) bool {
	r, before, after := name[i], rune(0), rune(0)
	if i > 0 {
		before = name[i-1]
	}
	if i+1 < len(name) {
		after = name[i+1]
	}
	switch {
	case r == zeroWidthJoiner && (isEmoji(before) || before == emojiSelector):
		return isEmoji(after)
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return joinerFits(name, i)
	case r == mongolianVowelSeparator:
		return unicode.Is(unicode.Mongolian, before) && unicode.Is(unicode.Mongolian, after)
	case r == textSelector, r == emojiSelector:
		return hasVariants(before) || isKeycap(before) && after == enclosingKeycap
	case unicode.Is(unicode.Variation_Selector, r):
		return false
	case isTag(r):
		return inFlag(name, i)
	case r == objectReplacement, isBlank(r):
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // formally a format character, but it is drawn
		return true
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point,
		unicode.Other_Default_Ignorable_Code_Point) // the last: fillers that stand for letters and are blank
}

const (
	zeroWidthNonJoiner      = '\u200c'
	zeroWidthJoiner         = '\u200d'
	mongolianVowelSeparator = '\u180e'
	textSelector            = '\ufe0e'
	emojiSelector           = '\ufe0f'
	enclosingKeycap         = '\u20e3'
	objectReplacement       = '\ufffc'
	blackFlag               = '\U0001f3f4'
	cancelTag               = '\U000e007f'
)

// joinerProfile has the rules for joiners of RFC 5892, appendix A.1 and A.2.
var joinerProfile = precis.NewFreeform()

// joinerFits reports whether the joiner at i changes how its neighbours are written: after a virama, or, for a non-joiner,
// between two letters that would join. The neighbours are the letters on both sides and the marks on them.
func joinerFits(name []rune, i int) bool {
	first, end := max(i-1, 0), i+1
	for first > 0 && unicode.IsMark(name[first]) {
		first--
	}
	for end < len(name) && unicode.IsMark(name[end]) {
		end++
	}
	_, err := joinerProfile.String(string(name[first:min(end+1, len(name))]))
	return err == nil
}

// isBlank reports whether the character counts as a letter or symbol and is drawn as nothing.
func isBlank(r rune) bool {
	switch r {
	case '\u2800', '\U00013441', '\U00013442', '\U00016fe4', '\U0001d159': // Braille, Egyptian, Khitan, musical
		return true
	}
	return false
}

// isEmoji reports whether the character can be part of an emoji that a joiner makes of several.
func isEmoji(r rune) bool {
	return unicode.Is(unicode.So, r) || inEmojiBlocks(r) || '\u2190' <= r && r <= '\u21ff'
}

// inEmojiBlocks covers emoji that are newer than Go's tables, and the modifiers of skin colour.
func inEmojiBlocks(r rune) bool { return '\U0001f000' <= r && r <= '\U0001faff' }

// hasVariants reports whether there may be two pictures of the symbol, one as text and one as emoji.
func hasVariants(r rune) bool {
	switch r {
	case '\u203c', '\u2049', '\u2139', '\u3030', '\u303d':
		return true
	}
	return unicode.Is(unicode.So, r) || inEmojiBlocks(r) || r > '\u2000' && unicode.Is(unicode.Sm, r)
}

func isKeycap(r rune) bool { return '0' <= r && r <= '9' || r == '#' || r == '*' }

func isTag(r rune) bool { return '\U000e0020' <= r && r <= cancelTag }

// inFlag reports whether the tag at i is of the flag of a region: a black flag, up to six tags of letters and digits, and
// the end. Anywhere else tags hide a text.
func inFlag(name []rune, i int) bool {
	first, end := i, i
	for first > 0 && isTag(name[first-1]) {
		first--
	}
	for end < len(name) && isTag(name[end]) && name[end] != cancelTag {
		letter := name[end] - '\U000e0000'
		if (letter < 'a' || letter > 'z') && (letter < '0' || letter > '9') {
			return false
		}
		end++
	}
	return first > 0 && name[first-1] == blackFlag && end < len(name) && name[end] == cancelTag && end-first <= 6
}

// visible reports whether the character alone leaves a mark on the screen.
func visible(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) || inEmojiBlocks(r)
}
