package socketio

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio"
)

// Options configure a Server. The zero value means the defaults.
type Options struct {
	// ConnectTimeout is the time after which a connection is closed that is in no namespace, at its beginning or after it has
	// left the last one. Default 45 s.
	ConnectTimeout time.Duration
	// MaxAttachments is the largest number of attachments in a packet of a client, at most 999. Default 10.
	MaxAttachments int
	// MaxAttachmentBytes limits the attachments of one packet of a client together, in bytes. Default 10,000,000.
	MaxAttachmentBytes int
	// MaxArgs is the largest number of arguments of an event or an acknowledgement of a client. Default 1,000.
	MaxArgs int
	// MaxNamespaces is the largest number of namespaces of one connection. Default 16.
	MaxNamespaces int
	// MaxPending is the largest number of connections in no namespace, without those whose CONNECT is being answered. One more
	// closes the oldest of them, so that clients that never send CONNECT cannot keep other clients out. 0 means no limit.
	MaxPending int
	// ReleaseHandshake frees the headers and the query of the first request when a namespace is joined. It saves about a
	// kilobyte for each idle connection. Middleware of a second namespace then gets a Handshake without Query and Header, so
	// use it with a single namespace.
	ReleaseHandshake bool
	// Engine configures the transport. Its Logger is used by this package too.
	Engine engineio.Options
}

func (o *Options) setDefaults() {
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 45 * time.Second
	}
	if o.MaxAttachments <= 0 {
		o.MaxAttachments = 10
	}
	if o.MaxAttachmentBytes <= 0 {
		o.MaxAttachmentBytes = 10_000_000
	}
	if o.MaxArgs <= 0 {
		o.MaxArgs = 1000
	}
	if o.MaxNamespaces <= 0 {
		o.MaxNamespaces = 16
	}
	if o.Engine.Logger == nil {
		o.Engine.Logger = slog.Default()
	}
}

// A Server speaks Socket.IO to the clients whose requests reach it as an http.Handler. All methods may be called from any
// goroutine.
type Server struct {
	options Options
	log     *slog.Logger
	engine  *engineio.Server
	counts  counts
	pending pending

	mu         sync.RWMutex
	namespaces map[string]*Namespace
}

// NewServer returns a server without namespaces. Make them with Of and attach their handlers before serving: events that arrive
// earlier are ignored.
func NewServer(options Options) *Server {
	options.setDefaults()
	s := &Server{
		options:    options,
		log:        options.Engine.Logger,
		namespaces: make(map[string]*Namespace),
	}
	s.pending.max = options.MaxPending
	s.engine = engineio.NewServer(options.Engine, engineHandler{s})
	return s
}

// ServeHTTP serves Engine.IO on every path it is mounted on. On an http.ServeMux register the path with and without its trailing
// slash: a mux that has only "/socket.io/" answers "/socket.io" with a redirect, and clients do not follow redirects.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// ServeForwarded serves a request that another node has passed on; see [engineio.Server.ServeForwarded].
func (s *Server) ServeForwarded(w http.ResponseWriter, r *http.Request) {
	s.engine.ServeForwarded(w, r)
}

// Release asks the client of a connection to leave the node that its requests come through; see [engineio.Server.Release].
func (s *Server) Release(sid string) { s.engine.Release(sid) }

// Of returns the namespace with this name, "/" or "/custom", and makes it if it is new. Clients are refused in
// namespaces that Of never made. It panics if the name has a comma or a question mark, which cannot be in a packet.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	if strings.ContainsAny(name, ",?") {
		panic("socketio: the name of a namespace has neither comma nor question mark: " + name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		n = newNamespace(s, name)
		s.namespaces[name] = n
	}
	return n
}

func (s *Server) namespace(name []byte) *Namespace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.namespaces[string(name)]
}

// Broadcast sends m to those of the sockets that are connected to its namespace. It returns before the message is written and
// never waits for a peer. Broadcasts arrive in the order of the calls; between a Broadcast and an Emit there is no order. They
// also arrive before the end of a connection that is closed after the call, by [Socket.Disconnect] with closeTransport or [Socket.Close].
// The slice is the caller's again when Broadcast returns.
func (s *Server) Broadcast(sockets []*Socket, m *Message) {
	sessions := make([]*engineio.Session, 0, len(sockets))
	for _, socket := range sockets {
		if socket.namespace == m.namespace && socket.connected() {
			sessions = append(sessions, socket.conn.session)
		}
	}
	if len(sessions) > 0 {
		s.engine.Broadcast(sessions, m.frames...)
	}
}

// AwaitBroadcasts returns when at most that many deliveries are queued; a Broadcast to three sockets counts as three. A caller
// that broadcasts continuously must call it in between: the queue has no other limit.
func (s *Server) AwaitBroadcasts(atMost int) { s.engine.AwaitBroadcasts(atMost) }

// StopAccepting refuses new connections. Existing ones continue.
func (s *Server) StopAccepting() { s.engine.StopAccepting() }

// ResumeAccepting accepts new connections again, unless Shutdown was called.
func (s *Server) ResumeAccepting() { s.engine.ResumeAccepting() }

// CloseConnections refuses new connections and closes the existing ones, in such a way that clients reconnect by themselves.
// It returns when every handler of a disconnection has returned, or when ctx ends, with its error.
func (s *Server) CloseConnections(ctx context.Context) error { return s.engine.CloseSessions(ctx) }

// CloseGradually closes the existing connections one after the other, spread over d, in such a way that clients reconnect by
// themselves. Until then they go on as before, and new connections are accepted. See [engineio.Server.CloseGradually].
func (s *Server) CloseGradually(ctx context.Context, d time.Duration) {
	s.engine.CloseGradually(ctx, d)
}

// Shutdown refuses new connections, writes what is queued and closes the existing ones, in such a way that clients
// reconnect by themselves. It returns when they are gone or ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.engine.Shutdown(ctx) }

// Stats contains counters since the start, except Sockets and Pending.
type Stats struct {
	Engine   engineio.Stats
	Sockets  int64  // connected now, in all namespaces
	Pending  int    // connections in no namespace now
	Connects uint64 // sockets that were ever connected
	Refused  uint64 // by middleware or because there is no such namespace
	Events   uint64 // received
	Invalid  uint64 // connections closed for a packet that the protocol does not allow
	Panics   uint64 // of handlers and middleware
}

type counts struct {
	sockets                                    atomic.Int64
	connects, refused, events, invalid, panics atomic.Uint64
}

// Stats returns the counters for a metrics page.
func (s *Server) Stats() Stats {
	return Stats{
		Engine:   s.engine.Stats(),
		Sockets:  s.counts.sockets.Load(),
		Pending:  s.pending.count(),
		Connects: s.counts.connects.Load(),
		Refused:  s.counts.refused.Load(),
		Events:   s.counts.events.Load(),
		Invalid:  s.counts.invalid.Load(),
		Panics:   s.counts.panics.Load(),
	}
}
