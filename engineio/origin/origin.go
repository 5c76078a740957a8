// Package origin decides which web pages may talk to a server, by the origin
// that the browser names (RFC 6454). Whoever answers pages asks the same policy,
// so that no page may do one thing and not the other. Which headers tell the
// browser so is the caller's.
package origin

import (
	"net"
	"net/url"
	"strings"
)

// Policy is a list of allowed origins. The zero value allows the pages of the
// server's own host alone. It is safe for concurrent use.
type Policy struct {
	any      bool
	exact    map[string]bool
	patterns []pattern
}

// pattern is "prefix*suffix", where * is one or more labels of a host.
type pattern struct{ prefix, suffix string }

// New returns the policy that allows these origins, beside those of the same
// host: "https://chat.example" exactly, "https://*.example.test" for every host below
// example.test, "*" for all. Upper and lower case are the same.
func New(allowed []string) Policy {
	p := Policy{exact: make(map[string]bool)}
	for _, origin := range allowed {
		origin = strings.ToLower(strings.TrimSuffix(origin, "/"))
		prefix, suffix, isPattern := strings.Cut(origin, "*")
		switch {
		case origin == "*":
			p.any = true
		case isPattern:
			p.patterns = append(p.patterns, pattern{prefix, suffix})
		default:
			p.exact[origin] = true
		}
	}
	return p
}

// Any reports whether every page is allowed.
func (p *Policy) Any() bool { return p.any }

// Allows reports whether a page of the origin may talk to the server that the
// request calls host (its Host header).
func (p *Policy) Allows(origin, host string) bool {
	if p.any {
		return true
	}
	lower := strings.ToLower(origin)
	if p.exact[lower] {
		return true
	}
	for _, pattern := range p.patterns {
		if pattern.fits(lower) {
			return true
		}
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && withoutDefaultPort(u.Host) == withoutDefaultPort(host)
}

func (p pattern) fits(origin string) bool {
	rest, ok := strings.CutPrefix(origin, p.prefix)
	if !ok {
		return false
	}
	labels, ok := strings.CutSuffix(rest, p.suffix)
	return ok && labels != "" && !strings.ContainsAny(labels, "/:@")
}

// withoutDefaultPort: whether the page came by TLS is not known behind a proxy,
// so both default ports count as none.
func withoutDefaultPort(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return strings.ToLower(hostport)
	}
	if port == "80" || port == "443" {
		return strings.ToLower(host)
	}
	return strings.ToLower(hostport)
}
