// Package rest is the HTTP side of the chat: the host API under /v1, with which a
// company's own systems drive it, the client API under /api, the history that clients
// read, and files.
//
// Each of them is a package of its own with its own callers and credentials: host, client,
// history and files. They share package endpoint, and never import each other. This package
// puts them on one router, with one OpenAPI document (/openapi.json, /openapi.yaml, and /docs
// for people).
//
// An operation converts a request into one call of [chat.Service] and the result into JSON.
// Other packages push the changes of a call to the sockets after the commit; these packages use
// no sockets. Package chat decides about permissions. The bodies of both APIs are declared beside
// their operations, because the document is generated from them. The rows of the history have the
// form of the pushes and belong to package wire.
package rest

//go:generate go test . -run IsCommitted$ -update
