package rest

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"parley/internal/rest/admin"
	"parley/internal/rest/client"
	"parley/internal/rest/endpoint"
	"parley/internal/rest/openapi"
)

// Document returns the OpenAPI 3.1 document of the API with these options, as YAML.
func Document(opts Options) ([]byte, error) {
	return build(opts, nil).Document().YAML()
}

// TypeScript returns the client API as types for the web client.
func TypeScript() []byte {
	return openapi.TypeScript(build(Options{}, nil).Document(), client.Tag, "ClientApi", "The client API")
}

// AdminTypeScript returns the administration API as types for the web client.
func AdminTypeScript() []byte {
	return openapi.TypeScript(build(Options{}, nil).Document(), admin.Tag, "AdminApi", "The administration API")
}

// version is the version of the host API. Changes of /v1 are compatible with its callers.
const version = "1.0"

func documentInfo() *huma.Info {
	return &huma.Info{
		Title:   "parley",
		Version: version,
		Description: "The host API, with which a company's own systems control the chat, and the HTTP requests of clients. " +
			"Changes are pushed to the sockets concerned; the operations name the pushes. " +
			"Calls under /v1 are for applications of kind server, and each operation names the scope that the application must have. " +
			"Errors are problem documents (RFC 9457): `detail` describes the problem, `errors` names the fields. " +
			"Every POST under /v1 accepts an `Idempotency-Key`. Lists come in pages: send the `next` of one page as `after` to get the following one.",
	}
}

// serveDocument serves the document for programs and for people. Each form is rendered
// once, at its first request, so that it costs the start neither time nor memory.
func serveDocument(r *endpoint.Router) {
	doc := r.Document()
	rendered := func(render func() ([]byte, error)) func() []byte {
		return sync.OnceValue(func() []byte {
			body, err := render()
			if err != nil {
				panic("rest: " + err.Error()) // impossible: the operations are part of the program
			}
			return body
		})
	}
	for path, file := range map[string]struct {
		kind string
		body func() []byte
	}{
		"/openapi.json": {"application/openapi+json", rendered(func() ([]byte, error) { return json.Marshal(doc) })},
		"/openapi.yaml": {"application/openapi+yaml", rendered(doc.YAML)},
		"/docs":         {"text/html; charset=utf-8", rendered(func() ([]byte, error) { return openapi.Page(doc) })},
	} {
		r.Handle("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", file.kind)
			h.Set("Cache-Control", "no-cache")
			h.Set("Content-Security-Policy", openapi.Policy)
			h.Set("X-Frame-Options", "DENY")
			_, _ = w.Write(file.body()) // the reader has closed the connection
		})
	}
}
