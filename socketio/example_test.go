package socketio_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"parley/socketio"
	"parley/socketio/socketiotest"
)

// start serves io and connects a client to it. In a browser the client would be
//
//	const socket = io("http://127.0.0.1:8080", { auth: { name: "Ada" } })
func start(io *socketio.Server, eio int, auth any) (client *socketiotest.Client, stop func(), err error) {
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.Handle("/socket.io", io)
	server := httptest.NewServer(mux)
	stop = func() {
		_ = io.Shutdown(context.Background())
		server.Close()
	}
	client, err = socketiotest.Connect(context.Background(), socketiotest.Options{
		URL: server.URL, Path: "/socket.io/", EIO: eio, Transport: "websocket", Auth: auth,
	})
	return client, stop, err
}

// A server that adds: clients of every generation emit "add" with two numbers and get the sum as acknowledgement.
func Example() {
	io := socketio.NewServer(socketio.Options{})
	io.Of("/").On("add", func(e *socketio.Event) {
		var a, b int
		if e.Bind(0, &a) != nil || e.Bind(1, &b) != nil {
			_ = e.Ack(map[string]string{"error": "two numbers, please"})
			return
		}
		_ = e.Ack(a + b)
	})

	for _, eio := range []int{3, 4} {
		client, stop, err := start(io, eio, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer stop()
		sum, err := client.Request(context.Background(), "add", 40, 2)
		fmt.Printf("%s %v\n", sum, err)
		refusal, err := client.Request(context.Background(), "add", "x")
		fmt.Printf("%s %v\n", refusal, err)
	}
	// Output:
	// [42] <nil>
	// [{"error":"two numbers, please"}] <nil>
	// [42] <nil>
	// [{"error":"two numbers, please"}] <nil>
}

// Middleware decides who may connect, and remembers who it is.
func ExampleNamespace_Use() {
	io := socketio.NewServer(socketio.Options{})
	main := io.Of("/")
	main.Use(func(s *socketio.Socket, h *socketio.Handshake) error {
		if !strings.Contains(string(h.Auth), `"Ada"`) {
			return &socketio.ConnectError{Message: "who are you?"}
		}
		s.SetValue("Ada")
		return nil
	})
	main.OnConnect(func(s *socketio.Socket) { _ = s.Emit("welcome", s.Value()) })

	client, stop, err := start(io, 4, map[string]string{"name": "Ada"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	welcome, err := client.Take(context.Background(), nil)
	fmt.Printf("%s %s %v\n", welcome.Name, welcome.Args, err)

	_, stop, err = start(io, 4, nil)
	defer stop()
	fmt.Println(err)
	// Output:
	// welcome ["Ada"] <nil>
	// refused: who are you?
}

// A broadcast is encoded once.
func ExampleNamespace_To() {
	io := socketio.NewServer(socketio.Options{})
	main := io.Of("/")
	main.On("join", func(e *socketio.Event) {
		var room string
		if e.Bind(0, &room) == nil {
			e.Socket.Join(room)
			_ = e.Ack()
		}
	})

	client, stop, err := start(io, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	if _, err := client.Request(context.Background(), "join", "news"); err != nil {
		fmt.Println(err)
	}
	if err := main.To("news", "sports").Emit("headline", "Sun rises in the east"); err != nil {
		fmt.Println(err)
	}
	headline, err := client.Take(context.Background(), nil)
	fmt.Printf("%s %s %v\n", headline.Name, headline.Args, err)
	// Output: headline ["Sun rises in the east"] <nil>
}
