package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"parley/internal/config"
	"parley/internal/forward"
)

// forwarding exchanges the requests of sockets with other nodes: requests of other nodes' sessions are passed on, and
// requests that other nodes pass on arrive at a private listener. The public listener of the other node has already checked the
// origin of the page, the address of the client and its deadlines. So the private listener has no limits of connections, and
// the reader of its answers is a node.
type forwarding struct {
	node      string
	address   string // at which the other nodes reach the listener
	peers     forward.Table
	forwarder *forward.Forwarder

	listener    net.Listener
	tls         *tls.Config // nil: none
	connections *connections
	http        *http.Server
}

// releaseTime is how long the other nodes may take to release the sessions that come through a node that stops.
const releaseTime = 3 * time.Second

// newForwarding opens the private listener; nil without the option cluster.listen.
func newForwarding(ctx context.Context, s *Server) (*forwarding, error) {
	c := s.config
	if c.Cluster.Listen == "" {
		return nil, nil //nolint:nilnil // most servers are alone
	}
	f := &forwarding{node: newNode(), address: c.Cluster.Address}
	if c.Cluster.TLSCert != "" {
		var err error
		if f.tls, err = forward.TLS(c.Cluster.TLSCert, c.Cluster.TLSKey, c.Cluster.TLSCA); err != nil {
			return nil, fmt.Errorf("cluster.tls-cert: %w", err)
		}
	}
	var err error
	if f.listener, err = listen(ctx, "cluster.listen", c.Cluster.Listen); err != nil {
		return nil, err
	}
	if f.address == "" {
		f.address = ownAddress(c.Cluster.Listen, f.listener.Addr())
	}
	f.forwarder = forward.New(forward.Options{
		Peers: &f.peers, Secret: string(c.Cluster.Secret), TLS: f.tls, WriteTimeout: c.Socket.WriteTimeout, Logger: s.log,
	})
	return f, nil
}

// newNode returns a name that no other process has or had.
func newNode() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// ownAddress is the host of the option with the port that was bound, which may have been chosen by the system.
func ownAddress(option string, bound net.Addr) string {
	host, port, _ := net.SplitHostPort(option)
	if tcp, ok := bound.(*net.TCPAddr); ok {
		port = fmt.Sprint(tcp.Port)
	}
	return net.JoinHostPort(host, port)
}

// build makes the server of the private listener. It serves the paths of the sockets.
func (f *forwarding) build(s *Server) {
	mux := http.NewServeMux()
	for _, path := range s.config.Socket.Paths {
		mux.HandleFunc(path, s.io.ServeForwarded)
		mux.HandleFunc(strings.TrimSuffix(path, "/"), s.io.ServeForwarded)
	}
	f.http = s.newHTTP(&forward.Handler{Secret: string(s.config.Cluster.Secret), Serve: mux, Release: s.io.Release})
	f.http.IdleTimeout = forward.IdleTimeout
	unlimited := s.config
	unlimited.HTTP = config.HTTP{StallTimeout: s.config.HTTP.StallTimeout}
	f.connections = newConnections(unlimited)
	f.connections.install(f.http)
}

// limited returns the listener for the HTTP server. With TLS, the certificate of a node is checked before its requests are read.
func (f *forwarding) limited() net.Listener {
	l := f.listener
	if f.tls != nil {
		l = tls.NewListener(l, f.tls)
	}
	return f.connections.limit(l)
}

// release ends the forwarding for clients that are connected to this node and have their sessions on others. The answers
// to their polls close their connections, so that they come back through another node.
func (f *forwarding) release(ctx context.Context, public *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, releaseTime)
	defer cancel()
	public.SetKeepAlivesEnabled(false)
	f.forwarder.Release(ctx)
}

// close closes the connections of other nodes and of forwarded clients at once.
func (f *forwarding) close() {
	if f.http != nil {
		_ = f.http.Close()
	}
	_ = f.listener.Close() // the HTTP server may have closed it already
	f.forwarder.Close()
}

// Node returns the name of this process among several nodes and the address at which the others reach it; "" if it
// is alone.
func (s *Server) Node() (name, address string) {
	if s.forwarding == nil {
		return "", ""
	}
	return s.forwarding.node, s.forwarding.address
}

// SetNodes tells the server the addresses of all nodes by their names.
func (s *Server) SetNodes(addresses map[string]string) {
	if s.forwarding != nil {
		s.forwarding.peers.Set(addresses)
	}
}
