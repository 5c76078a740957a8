//go:build linux

package main

import (
	"bufio"
	"crypto/tls"
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

// compareChat is compare for servers with people in them: ours, and the peers, which keep everything in memory.
func (b *bench) compareChat(accounts int, measure func(s *server, people []person) error, rows ...*row) error {
	return b.compareChats(b.startChat, b.takingAll(b.startNode), b.takingAll(b.startBun), accounts, measure, rows...)
}

// compareChatTLS is compareChat over TLS.
func (b *bench) compareChatTLS(accounts int, measure func(s *server, people []person) error, rows ...*row) error {
	return b.compareChats(b.startChatTLS, b.takingAll(b.startNodeTLS), b.takingAll(b.startBunTLS), accounts, measure, rows...)
}

func (b *bench) compareChats(own, onNode, onBun chatStarter, accounts int, measure func(s *server, people []person) error, rows ...*row) error {
	var people []person
	plain := func(start chatStarter) starter {
		return func() (s *server, err error) {
			s, people, err = start(accounts)
			return s, err
		}
	}
	starters, err := b.withPeers(plain(own), plain(onNode), plain(onBun))
	if err != nil {
		return err
	}
	return b.compare(starters, func(s *server) error { return measure(s, people) }, rows...)
}

// takingAll is for a server that lets everybody log in with any name.
func (b *bench) takingAll(start starter) chatStarter {
	return func(accounts int) (*server, []person, error) {
		people := make([]person, accounts)
		for i := range people {
			name := fmt.Sprintf("person-%05d", i)
			people[i] = person{account: name, token: name}
		}
		s, err := start()
		return s, people, err
	}
}

// startChat serves a database that has the people in it. The first call for a
// number of people makes it.
func (b *bench) startChat(accounts int) (*server, []person, error) {
	d, err := b.seededPeople(accounts)
	if err != nil {
		return nil, nil, err
	}
	s, err := b.startParley(d.folder)
	return s, d.people, err
}

// startChatTLS is startChat with TLS.
func (b *bench) startChatTLS(accounts int) (*server, []person, error) {
	d, err := b.seededPeople(accounts)
	if err != nil {
		return nil, nil, err
	}
	bin, err := b.build("./cmd/parley")
	if err != nil {
		return nil, nil, err
	}
	s, err := b.serveTLS(oursTLS, bin, d.folder, b.certificate.client,
		"PARLEY_TLS_CERTIFICATE="+b.certificate.cert, "PARLEY_TLS_KEY="+b.certificate.key)
	return s, d.people, err
}

func (b *bench) seededPeople(accounts int) (d seeded, err error) {
	d, ok := b.seeds[accounts]
	if !ok {
		if d, err = b.seed(accounts, 0); err == nil {
			b.seeds[accounts] = d
		}
	}
	return d, err
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
	return b.serveTLS(name, bin, folder, nil, env...)
}

// serveTLS is serve with TLS, for which the options ask; clients is the configuration of its clients.
func (b *bench) serveTLS(name, bin, folder string, clients *tls.Config, env ...string) (*server, error) {
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
	s.addr, s.tls = addr, clients
	for !isReady(addr, clients) {
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

// isReady asks a server, over TLS if there is a configuration for it.
func isReady(addr netip.AddrPort, secure *tls.Config) bool {
	conn, err := net.DialTimeout("tcp4", addr.String(), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	if secure != nil {
		conn = tls.Client(conn, secure)
	}
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
