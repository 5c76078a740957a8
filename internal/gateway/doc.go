// Package gateway receives the requests of sockets: it logs sockets in, decodes requests,
// calls package chat, and sends the acknowledgements.
//
// Every request is one line of a table (requests.go): its name, its class of rate limit,
// and a handler for the decoded payload. The result of the handler is the acknowledgement.
// Other sockets are informed by the events of chat and package delivery, never from here.
//
// The rules are in package chat, the names and shapes in package wire.
package gateway
