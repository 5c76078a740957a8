// Package socketio is a Socket.IO server: named events with arguments between a browser or program and this process,
// acknowledged in either direction, binary included. Revisions 4 and 5 of the protocol are served side by side on one
// path, so that clients of every generation since 1.0 are in the same conversation: 1.x and 2.x speak revision 4 on Engine.IO
// 3, later ones revision 5 on Engine.IO 4.
//
// A [Server] is an http.Handler with [Namespace]s, which have middleware, handlers and rooms. A [Socket] is a client in
// a namespace, an [Event] what it said. What goes to many is encoded once, as a [Message].
//
// # What it takes care of
//
// Packets and their limits, CONNECT with auth or query and its refusal, acknowledgements, attachments, the differences between
// the revisions, the order of handlers, and that a client which breaks the protocol or a handler that panics harms
// nobody else. Arguments are checked to be valid JSON and handed on as slices of the packet: nothing is decoded that no handler asks
// for.
//
// # What it leaves to others
//
// Everything below messages (handshake, transports, heartbeat, queues, Origin check) is package engineio, configured
// by [Options.Engine]. Who a client is and what it may do is for middleware and handlers. Rooms are of this process: to reach
// the sockets of other processes, carry the event there and send it there.
//
// # What a client does wrong
//
// A packet that the protocol does not allow closes the connection with the reason "parse error": an unknown type, a payload that is not
// the prescribed JSON, an invalid acknowledgement id, too many or too few attachments, a placeholder without its attachment, text that
// is not UTF-8, an event for a namespace that is not joined, a second CONNECT (but in revision 4 one for "/", where everybody is
// at once). Events without a handler and acknowledgements that nobody waits for are ignored.
package socketio
