//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"time"
)

// A chatStarter starts a server that so many people can log in to.
type chatStarter func(accounts int) (*server, []person, error)

// compareChat is compare for servers with people in them.
func (b *bench) compareChat(accounts int, measure func(s *server, people []person) error) error {
	var people []person
	var starters []starter
	for _, start := range b.chats() {
		starters = append(starters, func() (s *server, err error) {
			s, people, err = start(accounts)
			return s, err
		})
	}
	return b.compare(starters, func(s *server) error { return measure(s, people) })
}

func (b *bench) chats() []chatStarter {
	if _, err := exec.LookPath("node"); err != nil {
		return []chatStarter{b.startChat}
	}
	return []chatStarter{b.startChat, b.startNodeChat}
}

// startNodeChat takes everybody at their word.
func (b *bench) startNodeChat(accounts int) (*server, []person, error) {
	people := make([]person, accounts)
	for i := range people {
		name := fmt.Sprintf("person-%05d", i)
		people[i] = person{account: name, token: name}
	}
	s, err := b.startNode()
	return s, people, err
}

// startChat serves a database that has the people in it. The first call for a
// number of people makes it.
func (b *bench) startChat(accounts int) (*server, []person, error) {
	d, ok := b.seeds[accounts]
	if !ok {
		var err error
		if d, err = b.seed(accounts, 0); err != nil {
			return nil, nil, err
		}
		b.seeds[accounts] = d
	}
	s, err := b.startParley(d.folder)
	return s, d.people, err
}

// startParley starts the chat server on a folder as its defaults have it, except
// that nobody's rate is limited. It returns when the server is ready.
func (b *bench) startParley(folder string) (*server, error) {
	bin, err := b.build("./cmd/parley")
	if err != nil {
		return nil, err
	}
	return b.serve(ours, bin, folder)
}

// serve is startParley for a given program, with options as NAME=value.
func (b *bench) serve(name, bin, folder string, env ...string) (*server, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	serve := exec.Command(bin, "serve", "--listen", addr.String(), "--data", folder,
		"--metrics.listen=", "--log.level=warn", "--rate.send=0", "--rate.request=0")
	serve.Env = append(os.Environ(), env...)
	s, err := spawn(name, b.profiled(serve, "chat"))
	if err != nil {
		return nil, err
	}
	s.addr = addr
	for !isReady(addr) {
		select {
		case <-s.exited:
			return nil, fmt.Errorf("parley serve ended at once%s", s.lastWords())
		case <-time.After(time.Millisecond):
		}
		if time.Since(began) > 30*time.Second {
			s.stop()
			return nil, fmt.Errorf("parley serve was not ready in time%s", s.lastWords())
		}
	}
	s.took = time.Since(began)
	return s, nil
}

// freeAddress is a port that nobody listens on at the moment.
func freeAddress() (netip.AddrPort, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return netip.ParseAddrPort(l.Addr().String())
}

func isReady(addr netip.AddrPort) bool {
	conn, err := net.DialTimeout("tcp4", addr.String(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprintf(conn, "GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", addr)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// folder is a new one for a server's data.
func (b *bench) folder() (string, error) { return os.MkdirTemp(b.tmp, "data-") }
