package server

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// newPage returns what answers a browser that came to the bare address. The page
// tries the first of the paths that sockets connect to.
func newPage(paths []string) (http.HandlerFunc, error) {
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, paths[0]); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	return func(w http.ResponseWriter, _ *http.Request) { servePage(w, page.Bytes()) }, nil
}

func servePage(w http.ResponseWriter, page []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(page)
}
