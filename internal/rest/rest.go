package rest

import (
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/admin"
	"parley/internal/rest/client"
	"parley/internal/rest/endpoint"
	"parley/internal/rest/files"
	"parley/internal/rest/history"
	"parley/internal/rest/host"
	"parley/internal/rest/webhook"
)

// Options tune the HTTP side: those for all audiences, and those of each. Zero values get the
// defaults that their packages name.
type Options struct {
	endpoint.Options
	Admin   admin.Options
	Client  client.Options // without Links and Keeps, which are those of Files
	History history.Options
	Webhook webhook.Options
	// Files is where uploads and downloads are; nil: there are none.
	Files *files.Store
}

// New returns a handler for /v1, /api, /docs, /openapi.json, /openapi.yaml, the
// history endpoints, files and /hooks. Every other path is answered with 404, every other method
// with 405, as problem documents. It is safe for concurrent use.
func New(opts Options, svc *chat.Service) http.Handler {
	r := build(opts, svc)
	serveDocument(r)
	return r
}

func build(opts Options, svc *chat.Service) *endpoint.Router {
	r := endpoint.NewRouter(opts.Options, documentInfo(), svc)
	if opts.Files != nil {
		opts.Client.Links, opts.Client.Keeps = opts.Files.Links, opts.Files.Keeps
	}
	host.Add(r)
	history.Add(r, opts.History)
	admin.Add(r, opts.Admin) // before the client API, whose paths begin in the same way
	client.Add(r, opts.Client)
	files.Add(r, opts.Files)
	webhook.Add(r, opts.Webhook)
	return r
}
