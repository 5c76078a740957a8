// Command echo is a Socket.IO server that says what it hears: a first program, and a target for anybody's
// protocol tests. In the namespaces "/" and "/custom" it emits "auth" with the auth object of the handshake to each new socket (for a
// client of revision 4, the query of the namespace), answers "message" with "message-back" and acknowledges "message-with-ack", both
// with the arguments they came with.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"parley/engineio"
	"parley/engineio/origin"
	"parley/socketio"
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
func defaults() socketio.Options {
	return socketio.Options{Engine: engineio.Options{AllowedOrigins: append(origin.Loopback(), "*"), JSONP: true}}
}

func run(ctx context.Context, args []string) error {
	options := defaults()
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:3000", "`address` to listen on")
	flags.Var(duration{&options.Engine.PingInterval}, "ping-interval", "`time` between heartbeats, as 300ms or 300 (default 25s)")
	flags.Var(duration{&options.Engine.PingTimeout}, "ping-timeout", "`time` a heartbeat may take (default 20s)")
	flags.Var(duration{&options.ConnectTimeout}, "connect-timeout", "`time` to join a namespace (default 45s)")
	flags.IntVar(&options.Engine.MaxPayload, "max-payload", 1_000_000, "`bytes` of the largest message")
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
	fmt.Printf("listening on http://%s/socket.io/\n", listener.Addr())
	return serve(ctx, listener, options)
}

// serve runs until ctx ends or listener fails.
func serve(ctx context.Context, listener net.Listener, options socketio.Options) error {
	io := socketio.NewServer(options)
	echo(io.Of("/"))
	echo(io.Of("/custom"))

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/socket.io", io) // the mux would answer it with a redirect, which clients do not follow
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return errors.Join(io.Shutdown(ctx), server.Shutdown(ctx))
}

func echo(n *socketio.Namespace) {
	n.Use(func(s *socketio.Socket, h *socketio.Handshake) error {
		auth := h.Auth
		if h.Protocol == 3 && h.NamespaceQuery != nil {
			auth, _ = json.Marshal(queryObject(h.NamespaceQuery)) // strings can always be encoded
		}
		s.SetValue(auth)
		return nil
	})
	n.OnConnect(func(s *socketio.Socket) {
		auth := s.Value().(json.RawMessage)
		if auth == nil {
			auth = json.RawMessage("{}")
		}
		_ = s.Emit("auth", auth) // fails if the client has gone already
	})
	n.On("message", func(e *socketio.Event) { _ = e.Socket.Emit("message-back", e.Values()) })
	n.On("message-with-ack", func(e *socketio.Event) { _ = e.Ack(e.Values()) })
}

// queryObject has a name that is there once as a string, others as a list.
func queryObject(query url.Values) map[string]any {
	object := make(map[string]any, len(query))
	for name, values := range query {
		if len(values) == 1 {
			object[name] = values[0]
		} else {
			object[name] = values
		}
	}
	return object
}

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
