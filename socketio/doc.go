// Package socketio is a Socket.IO server: named events with arguments between a browser or program and this process,
// acknowledged in either direction, binary included. Revisions 4 and 5 of the protocol are served side by side on one
// path, so that clients of every generation since 1.0 are in the same conversation: 1.x and 2.x speak revision 4 on Engine.IO
// 3, later ones revision 5 on Engine.IO 4.
//
// A [Server] is an http.Handler with [Namespace]s, which have middleware, handlers and rooms. A [Socket] is a client in a
// namespace. An [Event] is an event that a client sent. A [Message] is an event for many sockets that is encoded once.
//
// # Scope
//
// The package handles packets and their limits, CONNECT with auth or query and its refusal, acknowledgements, attachments, the
// differences between the revisions, and the order of handlers. A client that violates the protocol and a handler that panics
// do not affect other clients. Arguments are checked to be valid JSON and passed on as slices of the packet; they are decoded
// only by [Event.Bind].
//
// Package engineio handles the layers below messages (handshake, transports, heartbeat, queues, Origin check); [Options.Engine]
// configures it. Authentication and permissions are decided by middleware and handlers. Rooms contain sockets of this process
// only: to reach the sockets of other processes, send the event in each process.
//
// # Protocol violations
//
// A packet that the protocol does not allow closes the connection with the reason "parse error": an unknown type, a payload that
// is not the prescribed JSON, an invalid acknowledgement id, too many or too few attachments, a placeholder without its
// attachment, text that is not UTF-8, an event for a namespace that is not joined, or a second CONNECT (except for "/" in
// revision 4, which every connection has joined). Events without a handler and unknown acknowledgements are ignored.
package socketio
