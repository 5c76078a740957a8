package server

import (
	"net/http"
	"path"
	"regexp"
	"strings"
)

// chatPage is the address of a chat in the web client. If the base path is /chat,
// the beginning of such an address does not tell whether a proxy has removed the
// base path.
var chatPage = regexp.MustCompile(`^/chat/[0-9]+/.`)

// serveBelow serves the addresses below base, which has no slash at the end, as next
// serves those at the root. Requests from which a proxy has removed base are served as
// they are. Paths that are not clean are redirected here, because [http.ServeMux] would
// leave base out and escape the path twice.
func serveBelow(base string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, found := strings.CutPrefix(r.URL.Path, base)
		isBelow := base != "" && found && (rest == "" || rest[0] == '/')
		if isBelow && rest == "" {
			redirectBelow(w, r, base, "/")
			return
		}
		if isBelow && !chatPage.MatchString(r.URL.Path) {
			r = withoutBase(r, base)
		}
		escaped := r.URL.EscapedPath()
		if clean := cleanPath(escaped); clean != escaped && r.Method != http.MethodConnect {
			redirectBelow(w, r, base, clean)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// redirectBelow redirects to a path below base, which is escaped already.
func redirectBelow(w http.ResponseWriter, r *http.Request, base, path string) {
	to := base + path
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, to, http.StatusTemporaryRedirect)
}

func withoutBase(r *http.Request, base string) *http.Request {
	below := *r
	address := *r.URL
	address.Path = strings.TrimPrefix(address.Path, base)
	address.RawPath = strings.TrimPrefix(address.RawPath, base)
	below.URL = &address
	return &below
}

// cleanPath is the path as [http.ServeMux] wants it.
func cleanPath(p string) string {
	clean := path.Clean("/" + p)
	if clean != "/" && strings.HasSuffix(p, "/") {
		clean += "/"
	}
	return clean
}
