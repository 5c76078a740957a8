// Package engineio is an Engine.IO server: sessions of messages between a
// browser or program and this process, over WebSocket, over HTTP long-polling,
// or over polling that is upgraded to WebSocket. Revisions 3 and 4 of the
// protocol are served side by side on one path, chosen by the client's EIO
// query parameter; the rest of the package's user sees no difference.
//
// A [Server] is an http.Handler. It tells a [Handler] of sessions that open,
// of their messages and of their end; a [Session] is where answers go. Messages
// that go to many are encoded once, as a [Frame], and handed to
// [Server.Broadcast].
//
// # What it takes care of
//
// Handshake, heartbeat in both directions, payload encodings (UTF-16 lengths,
// base64 and binary), JSONP, WebSocket framing, the upgrade, CORS and the Origin
// check, limits of what comes in and of what waits to go out, close reasons.
//
// # Several servers
//
// Servers that share an address need no sticky sessions: with [Options.Node] and [Options.Forward] a request of a session
// that another server has is passed on to it, which serves it with [Server.ServeForwarded].
//
// # What it leaves to others
//
// What a message means: it knows no JSON beyond its own open packet, no
// namespaces, no acknowledgements; package socketio adds those. Who may connect:
// a layer above refuses a session by sending what its own protocol prescribes
// and closing it. Slow request headers: set ReadHeaderTimeout (and MaxHeaderBytes)
// on the http.Server; what is slow after the headers is limited here, by
// [Options.WriteTimeout]: a body that stops or trickles, also one of a request that is
// refused, and an answer that is not taken. A poll is exempt from the ReadTimeout and
// WriteTimeout of the http.Server. Sessions live in one process: several of them
// behind a load balancer need stickiness for polling ([Options.Cookie]).
//
// # Costs
//
// An idle WebSocket session on Linux without TLS has no goroutine, no buffer and no timer. Elsewhere, and with
// [Options.Goroutines], it is one goroutine parked in the network poller, without a buffer.
// Heartbeats of all sessions come from one timing wheel. What is
// sent is written at once by whoever sends it, without blocking; only what the
// socket does not take is queued, up to a limit. The loop writes it when the socket accepts more, or without a loop a writer
// goroutine, which exists only then.
//
// # Loops
//
// A loop (rawio.Loop) reads many sockets by epoll, one loop for every two processors. One goroutine at a time leads it: it takes
// all sockets that are ready and handles them one after the other, with a read, the callbacks and a write for each. A
// socket has one read in each round, so a client that sends without end delays others only for that. Before a callback waits, it calls
// [Session.Yield]: another goroutine then leads, beginning with the rest of the round, and the first one only finishes its
// own socket. For callbacks that do not call it, a timer does so after one to two milliseconds. The goroutines that
// have handed over are kept for a few seconds, with their stacks. The epoll instance waits in the network poller of Go, so it
// blocks no thread. All reads, writes and the close of a socket happen under the lock of its session, so that a descriptor
// that is used again is never mistaken for another. Connections with TLS, those that are no sockets and other systems keep the
// goroutine for each, and both ways call the same code for what has been read.
package engineio
