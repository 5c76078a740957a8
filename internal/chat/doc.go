// Package chat contains the rules of the chat: permissions, the effects of requests,
// and refusals.
//
// A [Service] is the only entry point. Each of its methods runs one transaction on a
// [Store]. When the transaction is durable, its [Event]s are published in the order
// of the commits. The package contains no sockets, HTTP, JSON names or SQL. Those
// belong to the packages gateway, rest, wire and store, which all import this one.
// It imports no other package of this module.
package chat
