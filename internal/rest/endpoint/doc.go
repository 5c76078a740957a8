// Package endpoint is what the audiences of the HTTP side have in common: one router and one
// OpenAPI document, problem documents (RFC 9457), credentials in headers, limits of size, time
// and rate, idempotency keys, and CORS.
//
// An [Audience] is a group of callers with their own addresses and credentials: host systems,
// clients, administrators, readers of the history. Each has a package, which adds itself to the [Router] and
// then registers its operations. This package knows no audience.
package endpoint
