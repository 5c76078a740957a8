package origin_test

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"parley/engineio/origin"
)

// from is a request that a page of the origin makes to the host; site is its
// Sec-Fetch-Site. "" sends no such header.
func from(page, site, host string) *http.Request {
	r := &http.Request{Host: host, Header: http.Header{}, URL: &url.URL{}}
	if page != "" {
		r.Header.Set("Origin", page)
	}
	if site != "" {
		r.Header.Set("Sec-Fetch-Site", site)
	}
	return r
}

func TestPolicy(t *testing.T) {
	const host = "chat.example.test"
	tests := []struct {
		allowed []string
		origin  string
		want    origin.Standing
	}{
		{nil, "http://chat.example.test", origin.Trusted},
		{nil, "https://CHAT.example.test:443", origin.Trusted},
		{nil, "https://chat.example.test.", origin.Trusted},
		{nil, "https://chat.example.test:8443", origin.Refused},
		{nil, "https://chat.example.test.evil.test", origin.Refused},
		{nil, "https://evil.test/chat.example.test", origin.Refused},
		{nil, "https://evil.test@chat.example.test", origin.Refused},
		{nil, "null", origin.Refused},
		{nil, "chat.example.test", origin.Refused},
		// Every page in a sandboxed frame is "null": the list cannot trust it.
		{[]string{"null"}, "null", origin.Refused},
		{[]string{"*"}, "null", origin.Stranger},
		{[]string{"*"}, "https://other.test", origin.Stranger},
		{[]string{"*"}, "https://chat.example.test", origin.Trusted},
		{[]string{"*", "https://other.test"}, "https://other.test", origin.Trusted},
		{[]string{"https://other.test"}, "http://chat.example.test", origin.Trusted},
		{[]string{"https://Other.test/"}, "https://other.test", origin.Trusted},
		{[]string{"https://other.test:443"}, "https://other.test", origin.Trusted},
		{[]string{"https://other.test"}, "https://other.test.", origin.Trusted},
		{[]string{"https://other.test"}, "http://other.test", origin.Refused},
		{[]string{"https://other.test"}, "https://other.test:8443", origin.Refused},
		{[]string{"https://other.test:8443"}, "https://other.test:8443", origin.Trusted},
		{[]string{"https://other.test:8443"}, "https://other.test", origin.Refused},
		{[]string{"https://*.other.test"}, "https://a.B.other.test", origin.Trusted},
		{[]string{"https://*.other.test"}, "https://other.test", origin.Refused},
		{[]string{"https://*.other.test"}, "https://.other.test", origin.Refused},
		{[]string{"https://*.other.test"}, "https://a.other.test:8443", origin.Refused},
		{[]string{"https://*.other.test"}, "https://evil.test/.other.test", origin.Refused},
		{[]string{"https://*.other.test"}, "https://evil.test:1@x.other.test", origin.Refused},
		{[]string{"https://*.other.test:8443"}, "https://a.other.test:8443", origin.Trusted},
		{[]string{"https://*.other.test:8443"}, "https://a.other.test", origin.Refused},
		{[]string{"https://shop-*.other.test"}, "https://shop-7.other.test", origin.Trusted},
		{[]string{"https://shop-*.other.test"}, "https://7.other.test", origin.Refused},
		{[]string{"http://localhost:*"}, "http://localhost:5173", origin.Trusted},
		{[]string{"http://localhost:*"}, "http://localhost", origin.Trusted},
		{[]string{"http://localhost:*"}, "http://localhost.evil.test:5173", origin.Refused},
		{[]string{"http://[0:0:0:0:0:0:0:1]:8080"}, "http://[::1]:8080", origin.Trusted},
		{[]string{"capacitor://localhost"}, "capacitor://localhost", origin.Trusted},
		{[]string{"file://"}, "file://", origin.Trusted},
		{origin.Loopback(), "http://127.0.0.1:3000", origin.Trusted},
		{origin.Loopback(), "http://[::1]:3000", origin.Trusted},
		{origin.Loopback(), "https://app.localhost", origin.Trusted},
		{origin.Loopback(), "http://127.0.0.1.evil.test:3000", origin.Refused},
		{origin.Loopback(), "http://192.0.2.7:3000", origin.Refused},
	}
	for _, tt := range tests {
		p := origin.New(tt.allowed)
		if got := p.Standing(from(tt.origin, "", host)); got != tt.want {
			t.Errorf("%v: %q: got %d, want %d", tt.allowed, tt.origin, got, tt.want)
		}
	}
	var own origin.Policy
	if own.Standing(from("https://chat.example.test", "", host)) != origin.Trusted ||
		own.Standing(from("https://other.test", "", host)) != origin.Refused {
		t.Error("the zero policy does not allow just the own host")
	}
}

func TestOwnHost(t *testing.T) {
	var own origin.Policy
	for _, tt := range []struct {
		origin, host string
		want         origin.Standing
	}{
		{"http://[::1]", "[::1]:80", origin.Trusted},
		{"http://[::1]:8080", "[::1]:8080", origin.Trusted},
		{"http://[::1]:8080", "[::1]", origin.Refused},
		{"https://chat.example.test", "chat.example.test:80", origin.Trusted}, // TLS ends before the proxy
		{"https://chat.example.test:8443", "chat.example.test:8443", origin.Trusted},
		// A proxy that passes nginx's $host on has lost the port.
		{"https://chat.example.test:8443", "chat.example.test", origin.Refused},
		{"https://chat.example.test", "Chat.Example.test.", origin.Trusted},
		{"https://chat.example.test", "", origin.Refused},
	} {
		if got := own.Standing(from(tt.origin, "", tt.host)); got != tt.want {
			t.Errorf("%s at %q: got %d, want %d", tt.origin, tt.host, got, tt.want)
		}
	}
}

// Anybody between can put a page at http://, which is not the page at https://.
func TestOwnHostOverTLS(t *testing.T) {
	var own origin.Policy
	for page, want := range map[string]origin.Standing{"https://chat.example.test": origin.Trusted, "http://chat.example.test": origin.Refused} {
		behind, direct := from(page, "", "chat.example.test"), from(page, "", "chat.example.test")
		behind.URL.Scheme = "https"
		direct.TLS = &tls.ConnectionState{}
		if got := own.Standing(behind); got != want {
			t.Errorf("%s, TLS to a proxy: got %d, want %d", page, got, want)
		}
		if got := own.Standing(direct); got != want {
			t.Errorf("%s, TLS to the server: got %d, want %d", page, got, want)
		}
	}
}

// An element like <script> sends no Origin, so that once a foreign page could
// open a session with the user's cookie. Sec-Fetch-Site gives it away.
func TestFetchMetadata(t *testing.T) {
	const host, own, other = "chat.example.test", "https://chat.example.test", "https://other.test"
	for _, tt := range []struct {
		allowed      []string
		origin, site string
		want         origin.Standing
	}{
		{nil, "", "", origin.Trusted}, // a program
		{nil, "", "none", origin.Trusted},
		{nil, "", "same-origin", origin.Trusted},
		{nil, "", "same-site", origin.Stranger},
		{nil, "", "cross-site", origin.Stranger},
		{nil, "", "something-new", origin.Stranger},
		{[]string{"*"}, "", "cross-site", origin.Stranger},
		{[]string{other}, "", "cross-site", origin.Stranger}, // which page it is, is not known
		{nil, own, "same-origin", origin.Trusted},
		// The same name by another scheme or port, where a proxy has lost the difference.
		{nil, own, "same-site", origin.Refused},
		{nil, own, "cross-site", origin.Refused},
		{[]string{"*"}, own, "cross-site", origin.Stranger},
		{[]string{other}, other, "cross-site", origin.Trusted},
		{[]string{own}, own, "same-site", origin.Trusted},
		{nil, other, "same-origin", origin.Refused},
	} {
		p := origin.New(tt.allowed)
		if got := p.Standing(from(tt.origin, tt.site, host)); got != tt.want {
			t.Errorf("%v: %q, %q: got %d, want %d", tt.allowed, tt.origin, tt.site, got, tt.want)
		}
	}
	twice := from(own, "", host)
	twice.Header.Add("Origin", own)
	if got := new(origin.Policy).Standing(twice); got != origin.Refused {
		t.Errorf("two origins: got %d, want refused", got)
	}
}

// Credentials are for listed origins: never together with "*".
func TestAllow(t *testing.T) {
	type headers struct{ origin, credentials string }
	for _, tt := range []struct {
		allowed []string
		origin  string
		want    headers
	}{
		{nil, "https://chat.example.test", headers{"https://chat.example.test", "true"}},
		{nil, "https://other.test", headers{}},
		{nil, "", headers{}},
		{[]string{"*"}, "", headers{"*", ""}},
		{[]string{"*"}, "https://other.test", headers{"*", ""}},
		{[]string{"*"}, "null", headers{"*", ""}},
		{[]string{"*", "https://other.test"}, "https://other.test", headers{"https://other.test", "true"}},
	} {
		p, h := origin.New(tt.allowed), http.Header{}
		p.Allow(h, from(tt.origin, "", "chat.example.test"))
		got := headers{h.Get("Access-Control-Allow-Origin"), h.Get("Access-Control-Allow-Credentials")}
		if got != tt.want || !slices.Equal(h["Vary"], []string{"Origin"}) {
			t.Errorf("%v: %q: got %+v, Vary %v, want %+v", tt.allowed, tt.origin, got, h["Vary"], tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	for entry, ok := range map[string]bool{
		"*":                              true,
		"https://chat.example.test":      true,
		"https://chat.example.test:8443": true,
		"https://chat.example.test/":     true,
		"https://*.example.test":         true,
		"https://*.example.test:*":       true,
		"http://localhost:*":             true,
		"http://[::1]:*":                 true,
		"capacitor://localhost":          true,
		"file://":                        true,
		"null":                           false,
		"chat.example.test":              false,
		"https://chat.example.test/chat": false,
		"https://user@chat.example.test": false,
		"https://*":                      false,
		"https://*:*":                    false,
		"https://chat.*":                 false,
		"https://chat-*":                 false,
		"https://*.*.example.test":       false,
		"*://chat.example.test":          false,
	} {
		if err := origin.Check(entry); (err == nil) != ok {
			t.Errorf("%q: got %v, want ok %t", entry, err, ok)
		}
	}
}

// A page that is trusted as one of the own host or of a listed one is on that host
// for another parser, too.
func FuzzStanding(f *testing.F) {
	for _, seed := range []string{
		"https://chat.example.test", "https://chat.example.test.:443", "https://a.listed.test:8443", "null", "http://[::1]:80",
		"https://evil.test:1@x.listed.test", "https://evil.test/.listed.test", "https://chat.example.test:443:80",
	} {
		f.Add(seed)
	}
	p := origin.New([]string{"https://*.listed.test:8443"})
	f.Fuzz(func(t *testing.T, page string) {
		if page == "" || p.Standing(from(page, "", "chat.example.test")) != origin.Trusted {
			return
		}
		u, err := url.Parse(page)
		if err != nil {
			return // no origin that a browser sends
		}
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if host != "chat.example.test" && !strings.HasSuffix(host, ".listed.test") {
			t.Errorf("%q is trusted, and is on %q", page, host)
		}
	})
}
