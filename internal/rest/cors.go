package rest

import "net/http"

// cors adds the headers that let a page of an allowed origin read the answer, and
// answers preflights; true when that was all. Credentials of the browser are
// allowed because nothing here looks at them: the token is wanted in a header
// that a foreign page cannot know.
func (a *api) cors(w http.ResponseWriter, r *http.Request, methods string) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin != "" && a.origins.Allows(origin, r.Host) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Authorization, App, X-Parley-App, Content-Type, X-Requested-With")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}
