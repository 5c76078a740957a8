// Package chat holds the rules of the conversation: who may do what, what
// happens when they do, and what is refused.
//
// A [Service] is the only way in. Each of its methods runs one transaction on a
// [Store] and, when that transaction is durable, its [Event]s are published in
// the order of the commits. The package knows nothing of sockets, HTTP, JSON
// names or SQL; those belong to the gateway, rest, wire and store packages,
// which all import this one. It imports none of ours.
package chat
