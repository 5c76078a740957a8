//go:build linux

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"parley/test/certificate"
)

// The columns of the table of TLS.
const (
	oursTLS = "parley, TLS"
	nodeTLS = "Node, TLS"
	bunTLS  = "Bun, TLS"
)

// encrypted measures requests and idle connections over TLS, beside the same without it, and beside the peers with TLS.
func (b *bench) encrypted() error {
	if err := b.makeCertificate(); err != nil {
		return err
	}
	t := b.addTable(&table{
		title: "TLS, library alone", columns: []string{nodeTLS, bunTLS, ours, oursTLS},
		ratios: []ratio{{oursTLS, ours}, {oursTLS, nodeTLS}, {oursTLS, bunTLS}},
	})
	secure, err := b.withPeers(b.startTargetTLS, b.startNodeTLS, b.startBunTLS)
	if err != nil {
		return err
	}
	starters := append([]starter{b.startTarget}, secure...)
	for _, kind := range ackKinds {
		what := fmt.Sprintf("request with ack over TLS, %d clients, %s", ackClients, kind.what)
		if !b.wants(what) {
			continue
		}
		rate, cost := t.row(what+": a second"), t.row(what+": CPU s per 100,000")
		err := b.compareApart(starters, func(s *server) error {
			m, err := b.ackRun(s, kind.inFlight, kind.atOnce)
			if err != nil {
				return err
			}
			b.note("%s · %s: %s", what, s.name, m)
			rate.addOf(s.name, m.perSecond(), m)
			cost.addOf(s.name, 100_000*m.each().Seconds(), m)
			return nil
		}, rate, cost)
		if err != nil {
			return err
		}
	}
	n := idleConnections
	if b.quick {
		n /= 10
	}
	what := fmt.Sprintf("%s idle connections over TLS", number(float64(n)))
	if !b.wants(what) {
		return nil
	}
	memory, connect := t.row(what+": resident KiB each"), t.row("connection with CONNECT over TLS: CPU ms each")
	beat := t.row("heartbeat of an idle connection over TLS: CPU µs each")
	return b.compare(starters, func(s *server) error {
		r, err := b.idleBeatingRun(s, n, b.anyone)
		if err != nil {
			return err
		}
		b.note("%s · %s: %s; connection %s, heartbeat %s", what, s.name, number(r.kib), r.logIn, r.heartbeat)
		memory.add(s.name, r.kib)
		connect.add(s.name, milliseconds(r.logIn))
		beat.add(s.name, microseconds(r.heartbeat))
		return nil
	}, memory, connect, beat)
}

// certificateFiles are the files for servers with TLS, and what their clients trust.
type certificateFiles struct {
	cert, key string
	client    *tls.Config
}

func (b *bench) makeCertificate() error {
	pair := certificate.SelfSigned(certificate.Options{Names: []string{"load.example.test"}, Validity: 24 * time.Hour})
	b.certificate = certificateFiles{
		cert: filepath.Join(b.tmp, "cert.pem"), key: filepath.Join(b.tmp, "key.pem"),
		client: &tls.Config{RootCAs: pair.Pool(), ServerName: "load.example.test"},
	}
	return pair.Write(b.certificate.cert, b.certificate.key)
}

// withCertificate has a server speak TLS.
func (b *bench) withCertificate(cmd *exec.Cmd) *exec.Cmd {
	cmd.Env = append(cmd.Environ(), "LOAD_TLS_CERT="+b.certificate.cert, "LOAD_TLS_KEY="+b.certificate.key)
	return cmd
}

func (b *bench) startTargetTLS() (*server, error) {
	bin, err := b.build("./test/load/target")
	if err != nil {
		return nil, err
	}
	return b.trusted(start(oursTLS, b.withCertificate(b.profiled(exec.Command(bin), "library-tls"))))
}

func (b *bench) trusted(s *server, err error) (*server, error) {
	if err == nil {
		s.tls = b.certificate.client
	}
	return s, err
}

// secureEnd is the connection below the TLS of a client: a socket that blocks during the handshake, and buffers of the loop
// afterwards.
type secureEnd struct {
	net.Conn
	fd       int
	isLooped bool
	in       []byte // what has arrived
	out      []byte // what the socket has not taken
}

// errNothing is an error that passes, so that crypto/tls can be read again.
var errNothing net.Error = nothing{}

type nothing struct{}

func (nothing) Error() string   { return "nothing has arrived" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

func (e *secureEnd) Read(b []byte) (int, error) {
	if !e.isLooped {
		n, err := unix.Read(e.fd, b)
		if err == nil && n == 0 {
			err = errors.New("the server closed the connection")
		}
		return max(n, 0), err
	}
	if len(e.in) == 0 {
		return 0, errNothing
	}
	n := copy(b, e.in)
	e.in = e.in[n:]
	return n, nil
}

func (e *secureEnd) Write(b []byte) (int, error) {
	if e.isLooped {
		e.out = append(e.out, b...)
		return len(b), nil
	}
	written := 0
	for written < len(b) {
		n, err := unix.Write(e.fd, b[written:])
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

func (e *secureEnd) SetDeadline(time.Time) error      { return nil }
func (e *secureEnd) SetReadDeadline(time.Time) error  { return nil }
func (e *secureEnd) SetWriteDeadline(time.Time) error { return nil }
func (e *secureEnd) Close() error                     { return nil }

// handshake makes the socket of a client one with TLS. The loop waits for it; the server has a process of its own.
func (c *client) handshake(config *tls.Config) error {
	end := &secureEnd{fd: c.fd}
	if err := unix.SetNonblock(c.fd, false); err != nil {
		return err
	}
	c.secure, c.end = tls.Client(end, config), end
	if err := c.secure.Handshake(); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	end.isLooped = true
	return unix.SetNonblock(c.fd, true)
}

// encrypt moves the bytes of the client to those that the socket gets.
func (c *client) encrypt() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.secure.Write(c.out)
	c.out = c.out[:0]
	return err
}

// decrypt handles what has arrived.
func (c *client) decrypt(b []byte) error {
	c.end.in = b
	for c.state != closed {
		n, err := c.secure.Read(c.loop.plain)
		if errors.Is(err, errNothing) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.handle(c.loop.plain[:n]); err != nil {
			return err
		}
	}
	return nil
}
