// Command target is the library under load: package socketio with the handlers
// of peers/handlers.js and nothing else. The load generator builds and starts it.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"parley/engineio/rawio"
	"parley/socketio"
)

// namespaces are as many as the load generator joins on one connection, the default one included.
const namespaces = 128

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "target:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	debug.SetGCPercent(200) // as the chat server has it by default
	server := socketio.NewServer(socketio.Options{ReleaseHandshake: true, MaxNamespaces: namespaces})
	handle(server.Of("/"))
	for i := 1; i < namespaces; i++ {
		server.Of("/n" + strconv.Itoa(i)).Use(authenticate)
	}
	// Heartbeats find dead connections; TCP need not look for them too.
	sockets := net.ListenConfig{KeepAlive: -1}
	listener, err := sockets.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if certificate := os.Getenv("LOAD_TLS_CERT"); certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, os.Getenv("LOAD_TLS_KEY"))
		if err != nil {
			return err
		}
		listener = tls.NewListener(lowered{listener}, &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}})
	}
	web := &http.Server{Handler: server}
	go func() {
		<-ctx.Done()
		web.Close()
	}()
	fmt.Printf("listening %s\n", listener.Addr())
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return server.Shutdown(ctx)
}

// lowered has TLS connections read and written as the chat server does.
type lowered struct{ net.Listener }

func (l lowered) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &rawio.Lower{Conn: conn}, nil
}

func authenticate(s *socketio.Socket, h *socketio.Handshake) error {
	auth := struct{ Token string }{h.Query.Get("token")}
	if len(h.Auth) > 0 {
		if err := json.Unmarshal(h.Auth, &auth); err != nil {
			return &socketio.ConnectError{Message: "invalid auth"}
		}
	}
	if auth.Token == "" {
		return &socketio.ConnectError{Message: "token required"}
	}
	s.SetValue(auth.Token)
	return nil
}

func handle(root *socketio.Namespace) {
	root.Use(authenticate)
	root.OnConnect(func(s *socketio.Socket) {
		s.Join("account:" + s.Value().(string))
	})
	root.On("echo", func(e *socketio.Event) {
		e.Ack(e.Args[0])
	})
	root.On("join", func(e *socketio.Event) {
		var room string
		if e.Bind(0, &room) == nil {
			e.Socket.Join(room)
		}
		e.Ack()
	})
	root.On("broadcast", func(e *socketio.Event) {
		root.To("room").Emit("message", e.Args[0])
	})
}
