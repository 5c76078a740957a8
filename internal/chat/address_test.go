package chat_test

import (
	"testing"

	"parley/internal/chat"
)

// Cards, files, notifications and pictures took addresses of every scheme, which
// clients then opened: programs on the reader's machine, or their files.
func TestCheckAddress(t *testing.T) {
	for _, address := range []string{
		"https://app.example.test", "http://app.example.test:8080/a?b=c#d", "HTTPS://App.Example.test/", "https://xn--fsqu00a.example/路径",
		"https://[2001:db8::1]:8443/x", "http://192.0.2.1/", "https://example.test/a@b", "https://example.test/?to=javascript:x",
		"/people/7", "/", "/files/a/2026/6/14/x.png?e=1&s=2", "/a:b",
	} {
		if err := chat.CheckAddress("url", address); err != nil {
			t.Errorf("%q: got %v", address, err)
		}
	}
	const scheme, unseen = "must begin with https://, http:// or a slash", "must not contain spaces, control characters or invisible characters"
	for address, want := range map[string]string{
		"":                               scheme,
		"file:///etc/passwd":             scheme,
		"ms-msdt:/id PCWDiagnostic":      unseen,
		"ms-msdt:x":                      scheme,
		"intent://x#Intent;end":          scheme,
		"javascript:alert(1)":            scheme,
		"JaVaScRiPt:alert(1)":            scheme,
		"javascript://https://%0aalert":  scheme,
		"java\nscript:alert(1)":          unseen,
		"\u200bjavascript:alert(1)":      unseen,
		"\u200bhttps://example.test":     unseen,
		"https://\u202eexample.test":     unseen,
		"https://example.test/\u3164x":   unseen,
		"https://example.test/\ufe0fx":   unseen,
		" https://example.test":          unseen,
		"https://example.test/a b":       unseen,
		"https://example.test\x00/":      unseen,
		"https://example.test/\u00a0":    unseen,
		"javascript%3Aalert(1)":          scheme,
		"%6aavascript:alert(1)":          scheme,
		"javascript\uff1aalert(1)":       scheme,
		"https\uff1a//example.test":      scheme,
		"data:text/html,x":               scheme,
		"blob:https://example.test/x":    scheme,
		"vbscript:x":                     scheme,
		"view-source:https://x.test":     scheme,
		"ftp://example.test":             scheme,
		"https:example.test":             scheme,
		"https:/example.test":            scheme,
		"app.example.test":               scheme,
		"a.png":                          scheme,
		"?x":                             scheme,
		"#x":                             scheme,
		"//evil.example":                 "must not begin with two slashes",
		"///evil.example":                "must not begin with two slashes",
		`\\host\share`:                   "must not contain a backslash",
		`/\evil.example`:                 "must not contain a backslash",
		`https:\\evil.example`:           "must not contain a backslash",
		`https://good.test\@evil.test`:   "must not contain a backslash",
		"https://good.test@evil.example": "must not contain a user name",
		"https://a:b@evil.example":       "must not contain a user name",
		"https://":                       "must name a host in ASCII; write an international name in its xn-- form",
		"https:///evil.example":          "must name a host in ASCII; write an international name in its xn-- form",
		"https://例子.example":             "must name a host in ASCII; write an international name in its xn-- form",
		"https://evil。example":           "must name a host in ASCII; write an international name in its xn-- form",
		"https://ｅvil.example":           "must name a host in ASCII; write an international name in its xn-- form",
		"https://example.test:0/":        "must have a port between 1 and 65535",
		"https://example.test:65536/":    "must have a port between 1 and 65535",
		"https://example.test:x/":        "must be a valid address",
		"https://exa%2fmple.test/":       "must be a valid address",
	} {
		err := chat.CheckAddress("url", address)
		if got, want := err, chat.Invalid("url", "%s", want); got == nil || got.Error() != want.Error() {
			t.Errorf("%q: got %v, want %v", address, got, want)
		}
		if chat.IsSafeAddress(address) {
			t.Errorf("%q: is safe", address)
		}
	}
}
