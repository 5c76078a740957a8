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
	"parley/engineio/origin"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

// defaults serve every page, over JSONP too, because there is nothing to protect.
func defaults() engineio.Options {
	return engineio.Options{AllowedOrigins: append(origin.Loopback(), "*"), JSONP: true}
}

func run(ctx context.Context, args []string) error {
	options := defaults()
	var ignored time.Duration
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:3000", "`address` to listen on; port 0 takes a free one")
	flags.Var(duration{&options.PingInterval}, "ping-interval", "`time` between heartbeats, as 300ms or 300 (default 25s)")
	flags.Var(duration{&options.PingTimeout}, "ping-timeout", "`time` a heartbeat may take (default 20s)")
	flags.Var(duration{&ignored}, "connect-timeout", "no meaning without namespaces; here so that this and the echo of Socket.IO take the same flags")
	flags.IntVar(&options.MaxPayload, "max-payload", 1_000_000, "`bytes` of the largest message")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())
	return serve(ctx, listener, options)
}

// serve runs until ctx ends or listener fails.
func serve(ctx context.Context, listener net.Listener, options engineio.Options) error {
	engine := engineio.NewServer(options, echo{})
	server := &http.Server{Handler: engine, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(engine.Shutdown(ctx), server.Shutdown(ctx))
}

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

// A duration is a flag: a number of milliseconds, or with a unit as in time.ParseDuration.
type duration struct{ value *time.Duration }

func (d duration) String() string { return "" }

func (d duration) Set(s string) error {
	if ms, err := strconv.Atoi(s); err == nil {
		s = strconv.Itoa(ms) + "ms"
	}
	value, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	if value <= 0 {
		return errors.New("must be more than 0")
	}
	*d.value = value
	return nil
}
