package engineio

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// originPolicy decides which pages may connect (v3 "XHR": CORS must be
// supported). It holds for WebSockets too, which browsers let any page open.
type originPolicy struct {
	any      bool
	exact    map[string]bool
	patterns []originPattern
}

// originPattern is "prefix*suffix", where * is one or more labels of a host.
type originPattern struct{ prefix, suffix string }

func newOriginPolicy(allowed []string) originPolicy {
	p := originPolicy{exact: make(map[string]bool)}
	for _, origin := range allowed {
		origin = strings.ToLower(strings.TrimSuffix(origin, "/"))
		prefix, suffix, isPattern := strings.Cut(origin, "*")
		switch {
		case origin == "*":
			p.any = true
		case isPattern:
			p.patterns = append(p.patterns, originPattern{prefix, suffix})
		default:
			p.exact[origin] = true
		}
	}
	return p
}

func (p *originPolicy) allows(origin, host string) bool {
	if p.any {
		return true
	}
	lower := strings.ToLower(origin)
	if p.exact[lower] {
		return true
	}
	for _, pattern := range p.patterns {
		rest, ok := strings.CutPrefix(lower, pattern.prefix)
		if !ok {
			continue
		}
		labels, ok := strings.CutSuffix(rest, pattern.suffix)
		if ok && labels != "" && !strings.ContainsAny(labels, "/:@") {
			return true
		}
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && withoutDefaultPort(u.Host) == withoutDefaultPort(host)
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

// apply sets the headers that let the page read the answer; false if it may not connect.
func (p *originPolicy) apply(h http.Header, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		if p.any {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Add("Vary", "Origin")
		}
		return true
	}
	if !p.allows(origin, r.Host) {
		return false
	}
	// Clients of the 1.x and 2.x generations send credentials, with which "*"
	// is not accepted.
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Add("Vary", "Origin")
	return true
}

// preflight answers an OPTIONS request whose origin is allowed.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
	if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" && len(wanted) <= maxRequestHeaders {
		h.Set("Access-Control-Allow-Headers", wanted)
		h.Add("Vary", "Access-Control-Request-Headers")
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

const maxRequestHeaders = 1 << 10
