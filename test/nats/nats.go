// Package nats runs a NATS server within the process of a test, on loopback. Only tests
// import it: the server is not part of parley.
package nats

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"parley/test/port"
)

// Server is a NATS server that can be stopped and started again on the same port.
type Server struct {
	options server.Options
	server  *server.Server
}

// Start runs a server until the test ends. The functions change its options.
func Start(t testing.TB, change ...func(*server.Options)) *Server {
	t.Helper()
	free, err := port.Free()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{options: server.Options{Host: "127.0.0.1", Port: free, NoLog: true, NoSigs: true}}
	for _, f := range change {
		f(&s.options)
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Run starts the server again after Stop.
func (s *Server) Run() error {
	options := s.options // the server changes them
	var err error
	if s.server, err = server.NewServer(&options); err != nil {
		return err
	}
	s.server.Start()
	if !s.server.ReadyForConnections(30 * time.Second) {
		s.Stop()
		return fmt.Errorf("the NATS server on port %d does not accept connections", s.options.Port)
	}
	return nil
}

// Stop ends the server and all its connections.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// Address is host and port of the server.
func (s *Server) Address() string { return fmt.Sprintf("127.0.0.1:%d", s.options.Port) }

// URL is the address for clients.
func (s *Server) URL() string { return "nats://" + s.Address() }
