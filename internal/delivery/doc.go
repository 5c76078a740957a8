// Package delivery sends the events of the chat as pushes to sockets.
//
// A [Hub] knows the sockets of this node by account, the groups of each account, and the
// current chat of each socket. It takes the events of package chat in commit order, encodes
// each push once for all sockets that get the same bytes, and passes the frame and its
// audience to the transport, which never waits for a peer.
//
//	commit ─► Publish ─► queue ─► publisher ─► audience, frame ─► socketio.Broadcast
//
// Memory is bounded at every arrow: the queue in bytes, the transport in deliveries, the
// buffer of a socket in bytes.
//
// Lock order: the hub's lock, then that of presence. No other lock is taken under the lock
// of the queue. No lock is held while a socket is closed, because closing calls the hub.
//
// Package chat has decided about permissions before the event. Package wire defines the
// shapes of pushes. Events of other nodes also come in through [Hub.Publish].
package delivery
