// Package rest is the HTTP side of the chat: the host API under /v1, by which a
// company's own systems drive it, the client API under /api, and the history
// that clients read.
//
// It turns a request into one call of [chat.Service] and the result into JSON,
// and says what it does in an OpenAPI document (/openapi.json, /openapi.yaml,
// and for people /docs). Whatever a call changes is pushed to the sockets
// concerned by others, after the commit; this package knows no socket.
//
// Who may do what is decided by chat. Here stand the ways of HTTP: credentials,
// limits of size and time, pages, idempotency keys, problem documents (RFC 9457)
// and, for what clients call, CORS. The bodies of both APIs are declared beside
// their operations, because the document is generated from them; the rows of
// history, which are those of the pushes, belong to package wire.
package rest

//go:generate go test . -run IsCommitted$ -update
