package webhook

import (
	"regexp"
	"strings"
)

// Not every client shows markup. The text of a message in Markdown is converted: links and pictures to their words with the address in
// brackets; signs of headings, of bold text and of struck text are removed. Other signs, as those of lists, quotes and code, are
// readable as they are.
var (
	markdownPicture = regexp.MustCompile(`!\[([^\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)`)
	markdownLink    = regexp.MustCompile(`\[([^\]]*)\]\(\s*<?([^()\s<>]*(?:\([^()\s]*\)[^()\s<>]*)*)>?(?:\s+"[^"]*")?\s*\)`)
	markdownHeading = regexp.MustCompile(`(?m)^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$`)
	markdownBold    = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	markdownStrike  = regexp.MustCompile(`~~([^~\n]+)~~`)
	markdownEscape  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+\\-.!|<>~])")
	markupBreak     = regexp.MustCompile(`(?i)<br\s*/?>`)
	markupFont      = regexp.MustCompile(`(?i)</?(?:font|text_tag|b|strong|i|em|u|s|del)(?:\s[^<>]*)?>`)
)

// plainMarkdown returns Markdown as a text. Code between fences is not changed.
func plainMarkdown(words string) string {
	words = strings.ReplaceAll(words, "\r\n", "\n")
	pieces := strings.Split(words, "```")
	for i := range pieces {
		if i%2 == 0 {
			pieces[i] = plainPiece(pieces[i])
		}
	}
	return strings.Join(pieces, "```")
}

func plainPiece(words string) string {
	words = markupBreak.ReplaceAllString(words, "\n")
	words = markupFont.ReplaceAllString(words, "")
	words = replaced(markdownPicture, words, func(m []string) string { return labelled(m[1], m[2]) })
	words = replaced(markdownLink, words, func(m []string) string { return labelled(m[1], unwrapped(m[2])) })
	words = markdownHeading.ReplaceAllString(words, "$1")
	words = markdownBold.ReplaceAllString(words, "$1")
	words = markdownStrike.ReplaceAllString(words, "$1")
	return markdownEscape.ReplaceAllString(words, "$1")
}

// replaced replaces each match by what the function makes of its groups.
func replaced(re *regexp.Regexp, s string, with func(groups []string) string) string {
	return re.ReplaceAllStringFunc(s, func(found string) string { return with(re.FindStringSubmatch(found)) })
}

// split calls between for the text between the matches, and match for the groups of each.
func split(re *regexp.Regexp, s string, between func(string), match func(groups []string)) {
	end := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		between(s[end:at[0]])
		groups := make([]string, len(at)/2)
		for i := range groups {
			if at[2*i] >= 0 {
				groups[i] = s[at[2*i]:at[2*i+1]]
			}
		}
		match(groups)
		end = at[1]
	}
	between(s[end:])
}
