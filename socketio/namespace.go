package socketio

import (
	"maps"
	"sync"
	"sync/atomic"
)

// A Namespace is a channel of its own within the connections of a server: its own middleware, events, sockets and rooms
// (Socket.IO protocol, "Connection to a namespace"). Handlers are attached before serving; all methods may be called
// from any goroutine.
//
// Handlers of one connection run one at a time, in the order of its packets. A handler that waits for something calls [Socket.Yield]
// first, and then delays only its own client. The panic of a handler is logged, its event is not acknowledged, and the connection
// stays open.
type Namespace struct {
	server   *Server
	name     string
	handlers atomic.Pointer[handlers]

	mu      sync.RWMutex
	sockets map[*Socket]struct{}
	rooms   map[string]map[*Socket]struct{} // also has sockets that are not connected yet: middleware may join rooms
}

// handlers are copied on change, so that events find theirs without a lock.
type handlers struct {
	middleware   []func(*Socket, *Handshake) error
	onConnect    func(*Socket)
	onDisconnect func(*Socket, Reason)
	events       map[string]eventHandler
	any          func(*Event)
}

type eventHandler struct {
	name string // the key again, so that an event uses it without an allocation
	call func(*Event)
}

func newNamespace(s *Server, name string) *Namespace {
	n := &Namespace{
		server:  s,
		name:    name,
		sockets: make(map[*Socket]struct{}),
		rooms:   make(map[string]map[*Socket]struct{}),
	}
	n.handlers.Store(new(handlers))
	return n
}

// Name returns the name, with the slash.
func (n *Namespace) Name() string { return n.name }

func (n *Namespace) change(f func(*handlers)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	next := *n.handlers.Load()
	f(&next)
	n.handlers.Store(&next)
}

// Use adds middleware. Middleware runs before a CONNECT is answered, in the order of the calls, and refuses the socket by
// returning an error, usually a *ConnectError. A refused socket receives no events, and its events are ignored. Middleware may
// set the value of the socket and let it join rooms, but cannot send.
func (n *Namespace) Use(f func(*Socket, *Handshake) error) {
	n.change(func(h *handlers) { h.middleware = append(h.middleware[:len(h.middleware):len(h.middleware)], f) })
}

// OnConnect sets the handler of new sockets. The answer to CONNECT is sent a few milliseconds before the events that f sends,
// after f has returned. No event of the socket is handled before f returns.
func (n *Namespace) OnConnect(f func(*Socket)) {
	n.change(func(h *handlers) { h.onConnect = f })
}

// OnDisconnect sets the handler of disconnected sockets. It runs once for every connected socket, after its OnConnect and its
// last event. It may run inside the call of Disconnect that caused it.
func (n *Namespace) OnDisconnect(f func(*Socket, Reason)) {
	n.change(func(h *handlers) { h.onDisconnect = f })
}

// On sets the handler of an event.
func (n *Namespace) On(event string, f func(*Event)) {
	n.change(func(h *handlers) {
		h.events = maps.Clone(h.events)
		if h.events == nil {
			h.events = make(map[string]eventHandler)
		}
		h.events[event] = eventHandler{event, f}
	})
}

// OnAny sets the handler of the events that have no handler of their own. Without it they are ignored.
func (n *Namespace) OnAny(f func(*Event)) {
	n.change(func(h *handlers) { h.any = f })
}

// Sockets returns the connected sockets, in no order.
func (n *Namespace) Sockets() []*Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	sockets := make([]*Socket, 0, len(n.sockets))
	for socket := range n.sockets {
		sockets = append(sockets, socket)
	}
	return sockets
}

// Emit sends an event to every connected socket, as Server.Broadcast does.
func (n *Namespace) Emit(event string, args ...any) error {
	m, err := n.NewMessage(event, args...)
	if err != nil {
		return err
	}
	n.server.Broadcast(n.Sockets(), m)
	return nil
}

func (n *Namespace) add(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.state.Load() == stateConnected {
		n.sockets[s] = struct{}{}
	}
}

func (n *Namespace) remove(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.sockets, s)
	for _, room := range s.rooms {
		n.leave(s, room)
	}
	s.rooms = nil
}
