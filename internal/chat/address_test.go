package chat_test

import (
	"net/url"
	"strings"
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
		// Dots and slashes have a meaning of their own only in the path.
		"/a/", "/a%20b/%E4%B8%AD", "/.well-known/x", "/...", "/a..b", "/a;b", "/..a;b", "/100%25", "/search?q=a//b/../%2F", "/#//x/../%0a", "https://example.test/a/../b//c%2Fd",
	} {
		if err := chat.CheckAddress("url", address); err != nil {
			t.Errorf("%q: got %v", address, err)
		}
	}
	const scheme, unseen = "must begin with https://, http:// or a slash", "must not contain spaces, control characters or invisible characters"
	// Browsers read /.//evil.example as //evil.example, an address of another server.
	const dots, slashes = "must not contain . or .. as a part of its path", "must not contain two slashes in a row"
	const encoded = "must not contain an encoded slash or backslash"
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
		"/.//evil.example":               dots,
		"/..//evil.example":              dots,
		"/./x":                           dots,
		"/x/.":                           dots,
		"/files/../x":                    dots,
		"/files/..":                      dots,
		"/..?a":                          dots,
		"/.#a":                           dots,
		"/%2e//evil.example":             dots,
		"/%2E%2e/x":                      dots,
		"/.%2E/x":                        dots,
		"/a//evil.example":               slashes,
		"/a//":                           slashes,
		"/%2F/evil.example":              encoded,
		"/%2f%2fevil.example":            encoded,
		"/..%2fx":                        encoded,
		"/%5Cevil.example":               encoded,
		"/..%5c..%5cx":                   encoded,
		`/.\\evil.example`:               "must not contain a backslash",
		"/\t/evil.example":               unseen,
		"/.\n//evil.example":             unseen,
		"/a/..;/b":                       dots,
		"/.;x=1/b":                       dots,
		"/%2e%2e;/b":                     dots,
		"/..%3b/b":                       dots,
		"/a/%c0%ae%c0%ae/b":              "must be UTF-8 when it is decoded",
		"/%ff":                           "must be UTF-8 when it is decoded",
		"/%252e%252e/x":                  "must not be encoded twice",
		"/a%252fb":                       "must not be encoded twice",
		"/%09/evil.example":              "must not contain control characters",
		"/%00":                           "must not contain control characters",
		"/100%":                          "must be a valid address",
		"/%zz":                           "must be a valid address",
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

// A key went into the path of a signed address as it was: ../../x led out of /files/,
// and what stood behind a question mark was not signed.
func TestCheckFileKey(t *testing.T) {
	for _, key := range []string{
		"", "k", "0198c0de-0000-7000-8000-000000000001/2026/6/14/x1.png", "a/my report.pdf", "中文/报告.pdf", "100%.png", "a%20b", ".hidden", "a..b", `a"b`,
	} {
		if err := chat.CheckFileKey("file.key", key); err != nil {
			t.Errorf("%q: got %v", key, err)
		}
	}
	const dots, slashes = "must not contain . or .. as a part of its path", "must not contain two slashes in a row"
	const marks = "must not contain a question mark, a number sign or a backslash"
	const encoded = "must not contain an encoded slash or backslash"
	const unseen = "must not contain control characters or invisible characters"
	for key, want := range map[string]string{
		"../../x":        dots,
		"a/./b":          dots,
		"a/..":           dots,
		".":              dots,
		"%2e%2E/x":       dots,
		"//x":            slashes,
		"/x":             slashes,
		"a//b":           slashes,
		"a%2Fb":          encoded,
		"..%5cx":         encoded,
		"a?e=1":          marks,
		"a#b":            marks,
		`..\x`:           marks,
		"a\x00b":         unseen,
		"a\nb":           unseen,
		"a\u202egnp.exe": unseen,
		"a/..;/b":        dots,
		"%c0%ae/b":       "must be UTF-8 when it is decoded",
		"%252e/b":        "must not be encoded twice",
		"a%0db":          "must not contain control characters",
	} {
		err := chat.CheckFileKey("file.key", key)
		if got, want := err, chat.Invalid("file.key", "%s", want); got == nil || got.Error() != want.Error() {
			t.Errorf("%q: got %v, want %v", key, got, want)
		}
		if chat.IsSafeFileKey(key) {
			t.Errorf("%q: is safe", key)
		}
	}
}

// FuzzCheckAddress compares the rule with net/url, which resolves addresses as
// browsers do: an own path that is taken leads to this server, to that very path.
func FuzzCheckAddress(f *testing.F) {
	for _, address := range []string{
		"/people/7", "/.//host", "/..//host", "/%2e//host", "/files/../x", "/%2E%2e/x", `/.\host`, "/\t/host", "/a%2f..%2fb", "/a?b=//c#d", "https://x.test/a", "/%",
	} {
		f.Add(address)
	}
	here := &url.URL{Scheme: "https", Host: "here.test", Path: "/"}
	f.Fuzz(func(t *testing.T, address string) {
		if chat.CheckAddress("url", address) == nil && strings.HasPrefix(address, "/") {
			path, _, _ := strings.Cut(address, "#")
			path, _, _ = strings.Cut(path, "?")
			want, err := url.PathUnescape(path)
			if err != nil {
				t.Fatalf("%q: %v", address, err)
			}
			to, err := here.Parse(path)
			if err != nil || to.Host != here.Host || to.Path != want {
				t.Errorf("%q leads to %v, error %v", address, to, err)
			}
		}
		if chat.CheckFileKey("file.key", address) == nil && address != "" {
			path := (&url.URL{Path: "/files/" + address}).EscapedPath()
			to, err := here.Parse(path + "?e=1")
			if err != nil || to.Host != here.Host || to.Path != "/files/"+address || to.RawQuery != "e=1" {
				t.Errorf("key %q leads to %v, error %v", address, to, err)
			}
		}
	})
}
