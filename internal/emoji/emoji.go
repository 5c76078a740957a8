// Package emoji knows which texts are one emoji. Its list is that of the emoji picker of the web client.
package emoji

import (
	_ "embed"
	"strings"
	"sync"
)

// list has the fully-qualified form of every emoji, one a line. `npm run emoji` in web writes it.
//
//go:embed emoji.txt
var list string

// selector asks for the colored form of a character (U+FE0F). Keyboards and clients leave it out at places.
const selector = "\ufe0f"

var known = sync.OnceValue(func() map[string]string {
	lines := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
	all := make(map[string]string, len(lines))
	for _, line := range lines {
		all[strings.ReplaceAll(line, selector, "")] = line
	}
	return all
})

// Normal returns the fully-qualified form (UTS #51, ED-18) of a text that is exactly one emoji, and false
// for any other text. Skin tones and joined sequences are emoji of their own. Texts that differ only in
// variation selectors are the same emoji.
func Normal(text string) (string, bool) {
	form, ok := known()[strings.ReplaceAll(text, selector, "")]
	return form, ok
}
