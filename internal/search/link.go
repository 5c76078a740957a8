package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// HasLink reports whether a text, as it was written, has an address of the web: one with http://
// or https://, one that begins with www., or a host under a known top-level domain. The web client
// shows these as links. A mail address does not count, and neither does an address with credentials.
func HasLink(text string) bool {
	for i := 0; i < len(text); {
		n := hostLength(text[i:])
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
		} else if isLink(text, i, i+n) {
			return true
		}
		i += n
	}
	return false
}

// hostLength returns the number of bytes at the beginning of a text that a host can have. Letters
// of scripts without spaces between words belong to the sentence around it.
func hostLength(text string) int {
	for i, r := range text {
		if r != '.' && r != '-' && r != '_' && classOf(r) != letter {
			return i
		}
	}
	return len(text)
}

// isLink reports whether the characters between two places of a text are a host, or the scheme of an address.
func isLink(text string, from, to int) bool {
	word, rest := strings.ToLower(text[from:to]), text[to:]
	if word == "http" || word == "https" {
		if address, found := strings.CutPrefix(rest, "://"); found {
			return leads(address)
		}
	}
	if r, n := utf8.DecodeLastRuneInString(text[:from]); n > 0 && (r == '@' || r == '/' || invisible(r)) {
		return false // the end of a mail address, or of an address that is none of the web
	}
	host := strings.Trim(word, ".")
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 || strings.HasPrefix(rest, "@") || strings.Contains(host, "..") {
		return false
	}
	if name, found := strings.CutPrefix(host, "www."); found {
		return strings.Contains(name, ".")
	}
	_, known := publicsuffix.PublicSuffix(host[dot+1:])
	return known && !strings.Contains(host, "_")
}

// leads reports whether a host follows a scheme.
func leads(address string) bool {
	if strings.HasPrefix(address, "[") { // an IPv6 address
		end := strings.IndexByte(address, ']')
		return end > 2 && strings.Trim(address[1:end], "0123456789abcdefABCDEF:.") == ""
	}
	n := strings.IndexFunc(address, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.N, unicode.M)
	})
	if n < 0 {
		n = len(address)
	}
	host := strings.TrimRight(address[:n], ".")
	if first, _ := utf8.DecodeRuneInString(host); host == "" || classOf(first) == dense && !strings.Contains(host, ".") {
		return false
	}
	rest := address[n:]
	if port, found := strings.CutPrefix(rest, ":"); found && port != "" {
		r, _ := utf8.DecodeRuneInString(port)
		return r == '/' || r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsDigit(r)
	}
	r, width := utf8.DecodeRuneInString(rest)
	return width == 0 || r != '@' && !invisible(r)
}
