package engineio

import (
	"net/http"

	"parley/engineio/origin"
)

// originPolicy tells browsers which pages may connect (v3 "XHR": CORS must be
// supported). It holds for WebSockets too, which browsers let any page open.
type originPolicy struct{ origin.Policy }

func newOriginPolicy(allowed []string) originPolicy { return originPolicy{origin.New(allowed)} }

// apply sets the headers that let the page read the answer; false if it may not connect.
func (p *originPolicy) apply(h http.Header, r *http.Request) bool {
	page := r.Header.Get("Origin")
	if page == "" {
		if p.Any() {
			h.Set("Access-Control-Allow-Origin", "*")
			h.Add("Vary", "Origin")
		}
		return true
	}
	if !p.Allows(page, r.Host) {
		return false
	}
	// Clients of the 1.x and 2.x generations send credentials, with which "*"
	// is not accepted.
	h.Set("Access-Control-Allow-Origin", page)
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
