package endpoint

import (
	"net/http"

	"parley/engineio/origin"
)

// cors adds the headers with which a page of an allowed origin can read the answer. It
// answers preflights itself and then returns true. Credentials of the browser are allowed
// because they are ignored: the token must be in a header, and a page of another site does
// not know the token.
func (r *Router) cors(w http.ResponseWriter, req *http.Request, methods string) bool {
	h := w.Header()
	standing := r.origins.Allow(h, req)
	if standing == origin.Refused && r.OriginRefused != nil {
		r.OriginRefused(req)
	}
	if req.Method != http.MethodOptions || req.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if standing != origin.Refused {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Authorization, App, X-Parley-App, Content-Type, Idempotency-Key, X-Requested-With")
		h.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}
