// Package origin decides which web pages may talk to a server, by the origin
// that the browser names (RFC 6454) and by its fetch metadata. All handlers of a
// server that answer pages ask the same policy, so that a page may do the same
// everywhere.
package origin

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Standing is what the page behind a request may do.
type Standing uint8

const (
	// Refused is the standing of a page that may not talk to the server.
	Refused Standing = iota
	// Stranger is the standing of a page that is served without credentials: cookies,
	// which the browser adds to its requests by itself, must be ignored.
	Stranger
	// Trusted is the standing of the server's own pages, of pages whose origin is
	// listed, and of programs that are no browser.
	Trusted
)

// Policy is a list of allowed origins. The zero value allows the pages of the
// server's own host alone. It is safe for concurrent use.
type Policy struct {
	any      bool
	exact    map[string]bool
	patterns []pattern
}

// pattern is an origin with a * for a part of the host, for the port, or for both.
type pattern struct {
	scheme         string
	host           string // where the host has no *
	prefix, suffix string // of the host, around one or more labels
	anyHost        bool
	anyPort        bool
	port           string
}

// Loopback returns the entries that allow the pages of this machine, on every port.
func Loopback() []string {
	var entries []string
	for _, scheme := range []string{"http", "https"} {
		for _, host := range []string{"localhost", "*.localhost", "127.0.0.1", "[::1]"} {
			entries = append(entries, scheme+"://"+host+":*")
		}
	}
	return entries
}

// Of returns the origin of an address, "" if it has none.
func Of(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// New returns the policy that allows these origins, beside those of the same
// host: "https://chat.example" exactly, "https://*.example.test" for every host below
// example.test, "http://localhost:*" for every port, "*" for all. Upper and lower
// case are the same, and a default port is the same as none. Pages that only "*"
// allows are strangers. An entry that [Check] refuses allows nothing.
func New(allowed []string) Policy {
	p := Policy{exact: make(map[string]bool)}
	for _, entry := range allowed {
		switch {
		case Check(entry) != nil:
		case entry == "*":
			p.any = true
		case strings.Contains(entry, "*"):
			p.patterns = append(p.patterns, newPattern(entry))
		default:
			p.exact[canonical(entry)] = true
		}
	}
	return p
}

// Check reports what is wrong with an entry of a list of allowed origins.
func Check(entry string) error {
	if entry == "*" {
		return nil
	}
	scheme, rest, found := strings.Cut(entry, "://")
	if !found || !isScheme(scheme) {
		return fmt.Errorf("%q is no origin; write it like https://chat.example.test", entry)
	}
	if strings.ContainsAny(strings.TrimSuffix(rest, "/"), "/?#@\\ ") {
		return fmt.Errorf("%q is more than an origin; write scheme, host and port alone, like https://chat.example.test:8443", entry)
	}
	host, _ := splitPort(strings.TrimSuffix(rest, "/"))
	before, after, hasStar := strings.Cut(host, "*")
	switch {
	case strings.Contains(after, "*"):
		return fmt.Errorf("%q has two * in the host, where one may be", entry)
	case hasStar && before == "" && after == "":
		return fmt.Errorf("%q allows every host; write * if that is meant", entry)
	case hasStar && !strings.Contains(after, "."):
		// Anybody can register a name that such a pattern fits.
		return fmt.Errorf("%q leaves the domain open; a domain must follow the *, like https://*.example.test", entry)
	}
	return nil
}

func newPattern(entry string) pattern {
	scheme, host, port := split(entry)
	p := pattern{scheme: scheme, host: host, port: port, anyPort: port == "*"}
	p.prefix, p.suffix, p.anyHost = strings.Cut(host, "*")
	return p
}

func (p *pattern) fits(scheme, host, port string) bool {
	if scheme != p.scheme || !p.anyPort && port != p.port {
		return false
	}
	if !p.anyHost {
		return host == p.host
	}
	rest, ok := strings.CutPrefix(host, p.prefix)
	if !ok {
		return false
	}
	labels, ok := strings.CutSuffix(rest, p.suffix)
	return ok && labels != ""
}

// Allow returns the standing of the page behind the request, and adds the headers
// that let a page read the answer if it may (CORS).
func (p *Policy) Allow(h http.Header, r *http.Request) Standing {
	standing := p.Standing(r)
	h.Add("Vary", "Origin")
	page := r.Header.Get("Origin")
	switch {
	case standing == Refused:
	case page == "" && !p.any:
	case page == "" || standing == Stranger:
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		// Clients of the 1.x and 2.x generations send credentials, with which "*"
		// is not accepted.
		h.Set("Access-Control-Allow-Origin", page)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	return standing
}

// Standing returns what the page behind the request may do. Browsers name the
// origin of a page in every request of a script that is not a plain GET within
// the same origin, and in every WebSocket. Elements like <script> send no Origin:
// there Sec-Fetch-Site tells whether the element is on a page of the same origin.
// Programs that are no browser send neither.
func (p *Policy) Standing(r *http.Request) Standing {
	site := r.Header.Get("Sec-Fetch-Site")
	isOwnSite := site == "" || site == "same-origin" || site == "none" // none: the user typed the address
	origins := r.Header["Origin"]
	switch {
	case len(origins) == 0 || len(origins) == 1 && origins[0] == "":
		if isOwnSite {
			return Trusted
		}
		return Stranger
	case len(origins) > 1:
		return Refused // no browser sends this
	case p.lists(origins[0]), isOwnSite && isOwn(origins[0], r):
		return Trusted
	case p.any:
		return Stranger
	default:
		return Refused
	}
}

// lists reports whether the origin is an entry of the list or fits one; "*" does
// not count.
func (p *Policy) lists(origin string) bool {
	if isMalformed(origin) {
		return false
	}
	if p.exact[canonical(origin)] {
		return true
	}
	scheme, host, port := split(origin)
	for i := range p.patterns {
		if p.patterns[i].fits(scheme, host, port) {
			return true
		}
	}
	return false
}

// IsSecure reports whether the client sent the request over TLS: to this process, or
// to a proxy for which an earlier handler has set the scheme of the URL to "https".
func IsSecure(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }

// isOwn reports whether the origin names the host that the request was sent to. A
// proxy may speak TLS to the browser and plain HTTP to the server. Where that is not
// known both schemes are allowed, and both default ports count as none.
func isOwn(origin string, r *http.Request) bool {
	if isMalformed(origin) || r.Host == "" {
		return false
	}
	scheme, host, port := split(origin)
	if IsSecure(r) && scheme != "https" {
		return false
	}
	ownHost, ownPort := splitHost(r.Host)
	return host == ownHost && withoutDefault(port) == withoutDefault(ownPort)
}

// isMalformed reports whether the text is not an origin. "null" is not: browsers
// send it for pages without an origin.
func isMalformed(origin string) bool {
	scheme, rest, found := strings.Cut(origin, "://")
	return !found || !isScheme(scheme) || strings.ContainsAny(rest, "/?#@\\* ")
}

// isScheme reports whether it may stand before "://" (RFC 3986, section 3.1).
func isScheme(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.'
	})
}

// canonical is the form in which equal origins are equal strings.
func canonical(origin string) string {
	scheme, host, port := split(origin)
	if port != "" {
		port = ":" + port
	}
	return scheme + "://" + host + port
}

// split takes an origin apart; port is "" for the scheme's default.
func split(origin string) (scheme, host, port string) {
	scheme, rest, _ := strings.Cut(strings.ToLower(origin), "://")
	host, port = splitHost(strings.TrimSuffix(rest, "/"))
	if scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		port = ""
	}
	return scheme, host, port
}

// splitHost takes a host and its port apart. The host comes back in lower case,
// without a trailing dot, an IPv6 address in its shortest form.
func splitHost(hostport string) (host, port string) {
	host, port = splitPort(strings.ToLower(hostport))
	if address, ok := strings.CutPrefix(host, "["); ok {
		if ip, err := netip.ParseAddr(strings.TrimSuffix(address, "]")); err == nil {
			return "[" + ip.String() + "]", port
		}
		return host, port
	}
	return strings.TrimSuffix(host, "."), port
}

func splitPort(hostport string) (host, port string) {
	colon := strings.LastIndexByte(hostport, ':')
	if colon < 0 || colon < strings.LastIndexByte(hostport, ']') {
		return hostport, ""
	}
	return hostport[:colon], hostport[colon+1:]
}

func withoutDefault(port string) string {
	if port == "80" || port == "443" {
		return ""
	}
	return port
}
