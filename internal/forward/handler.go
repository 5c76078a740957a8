package forward

import (
	"bufio"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
)

// Handler serves the private listener of a node: requests that other nodes forward go to Serve, after the secret has been
// checked, with the address and the scheme of the client.
type Handler struct {
	// Secret is what the other nodes must know; "" if the listener itself admits only nodes, by mutual TLS.
	Secret string
	// Serve serves a request of a session. It is engineio.Server.ServeForwarded, behind the paths of the clients.
	Serve http.Handler
	// Release is called for each session whose client is to leave the node that its requests come through.
	Release func(sid string)
}

// maxReleased limits the body of a request to release sessions, in bytes.
const maxReleased = 1 << 20

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.Secret != "" && !isSame(h.Secret, r.Header.Get(headerSecret)) {
		w.WriteHeader(refused)
		return
	}
	if r.URL.Path == releasePath {
		h.release(w, r)
		return
	}
	r.RemoteAddr = r.Header.Get(headerClient)
	if r.Header.Get(headerScheme) == "https" {
		r.URL.Scheme = "https"
	}
	for _, name := range []string{headerSecret, headerClient, headerScheme} {
		r.Header.Del(name)
	}
	h.Serve.ServeHTTP(w, r)
}

func (h *Handler) release(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	lines := bufio.NewScanner(http.MaxBytesReader(w, r.Body, maxReleased))
	for lines.Scan() {
		h.Release(lines.Text())
	}
	w.WriteHeader(http.StatusNoContent)
}

// isSame compares in a time that does not depend on where the texts differ.
func isSame(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
