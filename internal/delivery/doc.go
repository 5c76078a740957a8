// Package delivery brings what has happened to the sockets that may hear of it.
//
// A [Hub] knows the sockets of this node by account, the groups each account is
// in, and which chat each socket looks at. It takes chat's events in commit
// order, encodes each push once for all who get the same bytes, and hands
// the frame and its audience to the transport, which never waits for a peer.
//
//	commit ─► Publish ─► queue ─► publisher ─► audience, frame ─► socketio.Broadcast
//
// Memory is bounded at every arrow: what waits in the queue in bytes, what waits
// in the transport in deliveries, what waits for one socket in bytes again.
//
// Locks: the queue's, then none; the hub's, then the presence's. No lock is held
// while a socket is closed, because closing calls back into the hub.
//
// Who is allowed to do what was decided by chat before the event; what a push
// looks like is wire's. What happens on other nodes comes in through
// [Hub.Publish] like everything else, whoever carries it.
package delivery
