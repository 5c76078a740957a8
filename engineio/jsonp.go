package engineio

import (
	"fmt"
	"unicode/utf8"
)

// validJSONP reports whether index is a valid index of ___eio[…]. Only digits are valid, because
// the answer is a script that runs in the page.
func validJSONP(index string) bool {
	if index == "" || len(index) > 9 {
		return false
	}
	for _, c := range []byte(index) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendJSONP appends the script that calls the callback with a payload (v3 "JSONP").
func appendJSONP(b []byte, index string, payload []byte) []byte {
	b = append(b, "___eio["...)
	b = append(b, index...)
	b = append(b, `]("`...)
	for len(payload) > 0 {
		r, size := utf8.DecodeRune(payload)
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		// Control characters, characters that end a line in a script, and characters that can end a script element.
		case r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '<':
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, payload[:size]...)
		}
		payload = payload[size:]
	}
	return append(b, `");`...)
}

// unescapeJSONP decodes line feeds, which forms do not preserve: the client sends a line feed as
// \n, and \n as \\n. It overwrites b.
func unescapeJSONP(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] != '\\':
			out = append(out, b[i])
		case i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'n':
			out = append(out, '\\', 'n')
			i += 2
		case i+1 < len(b) && b[i+1] == 'n':
			out = append(out, '\n')
			i++
		default:
			out = append(out, '\\')
		}
	}
	return out
}
