package engineio

import "net/http"

// forbid answers a page whose origin may not connect.
func (srv *Server) forbid(w http.ResponseWriter, r *http.Request) {
	srv.stats.refused.Add(1)
	refusal := *errForbidden
	if srv.options.OriginRefused != nil {
		if remedy := srv.options.OriginRefused(r); remedy != "" {
			refusal.Message += ": " + remedy
		}
	}
	srv.refuse(w, &refusal)
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
