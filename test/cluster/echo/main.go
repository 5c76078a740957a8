// Command echo runs three Socket.IO servers that pass requests on to each other, behind a balancer that sends each request of a
// session to another node than the one before. test/clients drives it with the real clients. It prints where it
// listens, runs until its standard input ends, and then prints how many requests each node has passed on.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"parley/engineio"
	"parley/internal/forward"
	"parley/socketio"
	"parley/test/cluster/balancer"
)

const (
	nodes    = 3
	secret   = "the secret of the echo"
	stopTime = 10 * time.Second
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "echo:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	front, err := balancer.Roam("127.0.0.1:0")
	if err != nil {
		return err
	}
	defer front.Close()
	peers := &forward.Table{}
	var all []*node
	private, public := map[string]string{}, []string{}
	for i := range nodes {
		n, err := newNode(string(rune('a'+i)), peers)
		if err != nil {
			return err
		}
		defer n.close()
		all = append(all, n)
		private[n.name] = n.private.Addr().String()
		public = append(public, n.public.Addr().String())
	}
	peers.Set(private)
	front.SetNodes(public...)
	to := json.NewEncoder(out)
	if err := to.Encode(map[string]string{"url": "http://" + front.Address(), "path": "/socket.io/"}); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	var forwarded, failed []uint64
	for _, n := range all {
		s := n.forwarder.Stats()
		forwarded, failed = append(forwarded, s.Requests), append(failed, s.Failures)
	}
	return to.Encode(map[string]any{"forwarded": forwarded, "failed": failed})
}

// node is one of the servers.
type node struct {
	name            string
	io              *socketio.Server
	forwarder       *forward.Forwarder
	public, private net.Listener
	servers         [2]*http.Server
	running         sync.WaitGroup
}

func newNode(name string, peers forward.Peers) (*node, error) {
	n := &node{name: name, forwarder: forward.New(forward.Options{Peers: peers, Secret: secret})}
	n.io = socketio.NewServer(socketio.Options{Engine: engineio.Options{
		Node: name, Forward: n.forwarder.Forward, JSONP: true, PingInterval: 300 * time.Millisecond, PingTimeout: 10 * time.Second,
	}})
	n.handle()
	var err error
	if n.public, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if n.private, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	n.servers[0] = &http.Server{Handler: n.io, ReadHeaderTimeout: stopTime}
	n.servers[1] = &http.Server{
		Handler:     &forward.Handler{Secret: secret, Serve: http.HandlerFunc(n.io.ServeForwarded), Release: n.io.Release},
		IdleTimeout: forward.IdleTimeout, ReadHeaderTimeout: stopTime,
	}
	n.running.Go(func() { _ = n.servers[0].Serve(n.public) })
	n.running.Go(func() { _ = n.servers[1].Serve(n.private) })
	return n, nil
}

// handle answers "echo" with its arguments, and "push" with as many events "pushed" as it asks for.
func (n *node) handle() {
	main := n.io.Of("/")
	main.On("echo", func(e *socketio.Event) { _ = e.Ack(e.Values()) })
	main.On("push", func(e *socketio.Event) {
		var number int
		if e.Bind(0, &number) != nil {
			return
		}
		for i := range number {
			_ = e.Socket.Emit("pushed", i)
		}
		_ = e.Ack(number)
	})
}

func (n *node) close() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	_ = n.io.Shutdown(ctx)
	for _, s := range n.servers {
		_ = s.Close()
	}
	n.forwarder.Close()
	n.running.Wait()
}
