// Package rest is the HTTP side of the chat: the host API under /v1, by which a
// company's own systems drive it, the client API under /api, and the history
// that clients read.
//
// It converts a request into one call of [chat.Service] and the result into JSON. An
// OpenAPI document describes it (/openapi.json, /openapi.yaml, and /docs for people). Other
// packages push the changes of a call to the sockets after the commit; this package uses
// no sockets.
//
// Package chat decides about permissions. This package has the parts of HTTP: credentials,
// limits of size and time, pages, idempotency keys, problem documents (RFC 9457), and CORS
// for the paths that clients use. The bodies of both APIs are declared beside their
// operations, because the document is generated from them. The rows of the history have the
// form of the pushes and belong to package wire.
package rest

//go:generate go test . -run IsCommitted$ -update
