// Command echo is an Engine.IO server that sends every message back as it came. It is
// an example, and a target for tests of the protocol.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"parley/engineio"
)

// echo sends every message back as it came.
type echo struct{}

// OnOpen frees what the request said, which nobody asks for here.
func (echo) OnOpen(s *engineio.Session) { s.ReleaseHandshake() }

func (echo) OnMessage(s *engineio.Session, data []byte, binary bool) {
	if binary {
		s.Send(engineio.BinaryFrame(data))
	} else {
		s.Send(engineio.TextFrame(data))
	}
}

func (echo) OnClose(*engineio.Session, engineio.CloseReason) {}

// duration is a flag that takes 300ms as well as 300, which are milliseconds.
type duration time.Duration

func (d *duration) String() string { return time.Duration(*d).String() }

func (d *duration) Set(value string) error {
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil {
		*d = duration(time.Duration(ms) * time.Millisecond)
		return nil
	}
	parsed, err := time.ParseDuration(value)
	*d = duration(parsed)
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run() error {
	addr := flag.String("addr", "127.0.0.1:3000", "address to listen on; port 0 takes a free one")
	interval, timeout, connect := duration(25*time.Second), duration(20*time.Second), duration(45*time.Second)
	flag.Var(&interval, "ping-interval", "time between two heartbeats, such as 25s, or milliseconds")
	flag.Var(&timeout, "ping-timeout", "time to answer a heartbeat")
	flag.Var(&connect, "connect-timeout", "has no meaning without namespaces; here so that all examples take the same flags")
	maxPayload := flag.Int("max-payload", 1_000_000, "largest accepted message in bytes")
	flag.Parse()

	engine := engineio.NewServer(engineio.Options{
		PingInterval:   time.Duration(interval),
		PingTimeout:    time.Duration(timeout),
		MaxPayload:     *maxPayload,
		AllowedOrigins: []string{"*"},
	}, echo{})
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())
	server := &http.Server{Handler: engine, ReadHeaderTimeout: 10 * time.Second}

	stopping, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-stopping.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(engine.Shutdown(limit), server.Shutdown(limit))
}
