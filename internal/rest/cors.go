package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// origins says which web origins may read history.
type origins struct {
	any     bool
	exact   []string
	pattern []*url.URL // "https://*.example.test"
}

func newOrigins(allowed []string) origins {
	var o origins
	for _, s := range allowed {
		s = strings.ToLower(strings.TrimSuffix(s, "/"))
		switch scheme, host, found := strings.Cut(s, "://*."); {
		case s == "*":
			o.any = true
		case found:
			o.pattern = append(o.pattern, &url.URL{Scheme: scheme, Host: "." + host})
		default:
			o.exact = append(o.exact, s)
		}
	}
	return o
}

func (o origins) allow(origin string) bool {
	origin = strings.ToLower(origin)
	if o.any || slices.Contains(o.exact, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && slices.ContainsFunc(o.pattern, func(p *url.URL) bool {
		return u.Scheme == p.Scheme && strings.HasSuffix(u.Host, p.Host) && u.User == nil && u.Path == ""
	})
}

// cors adds the headers that let a page of an allowed origin read the answer, and
// answers preflights; true when that was all. Credentials of the browser are
// allowed because nothing here looks at them: history wants a header that a
// foreign page cannot know.
func (a *api) cors(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin != "" && a.origins.allow(origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD")
		h.Set("Access-Control-Allow-Headers", "Authorization, App, Content-Type, X-Requested-With")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}
