//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// login is who a client says it is, and how.
type login struct {
	protocol int // of Engine.IO: 3 or 4
	token    string
	app      string
	at       *server // the node to connect to; nil: the server

	namespaces int // of the connection: the default one, and /n1, /n2 and so on; only with Engine.IO 4
}

// A client is one Socket.IO connection over WebSocket, with no polling before
// it: raw frames on a socket of its own, in the default namespace. Callbacks run
// on the loop's goroutine; the bytes they get are valid until they return.
type client struct {
	loop  *loop
	fd    int
	index int
	login login
	state state

	rest    []byte // the beginning of a frame that has not come whole
	out     []byte // frames for the end of this read, or those that the socket did not take
	blocked bool   // the socket takes nothing at the moment

	secure *tls.Conn // nil: no TLS
	end    *secureEnd

	onBeat    func()
	onConnect func(*client)
	onJoin    func(*client)                        // a further namespace was joined; needed with namespaces
	onEvent   func(c *client, args []byte)         // ["name",…]
	onAck     func(c *client, id int, args []byte) // […]
}

type state int

const (
	waitsUpgrade state = iota // for the answer to the HTTP request
	waitsOpen                 // for the open packet of Engine.IO
	waitsConnect              // for the CONNECT packet of Socket.IO
	connected
	closed
)

// dial starts a connection; onConnect is called when the server has answered
// the CONNECT packet. The index also chooses the address that it comes from,
// because one address has only some 28,000 ports.
func dial(l *loop, s *server, index int, who login) (*client, error) {
	if who.at != nil {
		s = who.at
	}
	if !s.addr.Addr().IsLoopback() {
		return nil, fmt.Errorf("refusing to load %s: not a loopback address", s.addr)
	}
	fd, err := connectFrom(sourceAddress(index), s.addr)
	if err != nil {
		return nil, err
	}
	c := &client{loop: l, fd: fd, index: index, login: who}
	query := fmt.Sprintf("EIO=%d&transport=websocket", who.protocol)
	if who.protocol == 3 { // which has no other place for credentials
		query += "&token=" + who.token + "&app=" + who.app
	}
	c.out = fmt.Appendf(nil, "GET %s?%s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cGFybGV5IGxvYWQgdGVzdA==\r\n\r\n", s.path, query, s.addr)
	if s.tls != nil {
		if err := c.handshake(s.tls); err != nil {
			unix.Close(fd)
			return nil, err
		}
	}
	if err := l.add(fd, c.ready); err != nil {
		unix.Close(fd)
		return nil, err
	}
	c.flush()
	return c, nil
}

// sourceAddress spreads clients over 127.0.0.2 to 127.0.0.251.
func sourceAddress(index int) [4]byte { return [4]byte{127, 0, 0, byte(2 + index%250)} }

func connectFrom(from [4]byte, to netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	// The port is chosen at connect, when the other end is known: otherwise a
	// port could serve one connection of the whole machine only.
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1),
		unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
		unix.Bind(fd, &unix.SockaddrInet4{Addr: from}),
	)
	if err == nil {
		err = unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())})
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		unix.Close(fd)
		return 0, fmt.Errorf("connect to %s: %w", to, err)
	}
	return fd, nil
}

// close ends the connection without a farewell.
func (c *client) close() {
	if c.state == closed {
		return
	}
	c.state = closed
	c.loop.remove(c.fd)
	unix.Close(c.fd)
	c.rest, c.out = nil, nil
}

// queue adds a frame to what leaves in one write when flush is called, which
// happens by itself when a read has been handled.
func (c *client) queue(frame []byte) { c.out = append(c.out, frame...) }

func (c *client) send(frame []byte) {
	c.queue(frame)
	c.flush()
}

func (c *client) flush() {
	if c.blocked || c.state == closed {
		return
	}
	out := &c.out
	if c.secure != nil {
		if err := c.encrypt(); err != nil {
			c.fail(fmt.Errorf("write: %w", err))
			return
		}
		out = &c.end.out
	}
	if len(*out) == 0 {
		return
	}
	// The socket does not block, so Go's scheduler need not know.
	n, errno := rawWrite(c.fd, *out)
	if errno != 0 {
		if errno != unix.EAGAIN && errno != unix.EINTR {
			c.fail(fmt.Errorf("write: %w", errno))
			return
		}
		n = 0
	}
	*out = append((*out)[:0], (*out)[n:]...)
	if len(*out) > 0 {
		c.blocked = true
		c.loop.wantWrite(c.fd, true)
	}
}

func (c *client) fail(err error) {
	if c.state == closed {
		return
	}
	c.close()
	c.loop.fail(fmt.Errorf("client %d: %w", c.index, err))
}

func (c *client) ready(events uint32) {
	if events&unix.EPOLLOUT != 0 {
		c.blocked = false
		c.loop.wantWrite(c.fd, false)
		c.flush()
	}
	if c.state == closed || events&^unix.EPOLLOUT == 0 {
		return
	}
	n, errno := rawRead(c.fd, c.loop.buf)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return
	case errno != 0:
		c.fail(fmt.Errorf("read: %w", errno))
		return
	case n == 0:
		c.fail(errors.New("the server closed the connection"))
		return
	}
	handle := c.handle
	if c.secure != nil {
		handle = c.decrypt
	}
	if err := handle(c.loop.buf[:n]); err != nil {
		c.fail(err)
		return
	}
	c.flush()
}

func (c *client) handle(b []byte) error {
	if len(c.rest) > 0 {
		b = append(c.rest, b...)
		c.rest = nil
	}
	if c.state == waitsUpgrade {
		head, tail, whole := bytes.Cut(b, []byte("\r\n\r\n"))
		if !whole {
			c.rest = bytes.Clone(b)
			return nil
		}
		if line, _, _ := bytes.Cut(head, []byte("\r\n")); !bytes.HasPrefix(line, []byte("HTTP/1.1 101 ")) {
			return fmt.Errorf("the handshake was answered with %q", line)
		}
		c.state = waitsOpen
		b = tail
	}
	for c.state != closed {
		opcode, payload, size, err := cutFrame(b)
		if err != nil {
			return err
		}
		if size == 0 {
			break
		}
		b = b[size:]
		if err := c.frame(opcode, payload); err != nil {
			return err
		}
	}
	if len(b) > 0 && c.state != closed {
		c.rest = bytes.Clone(b)
	}
	return nil
}

var pongFrame = textFrame("3")

func (c *client) frame(opcode byte, payload []byte) error {
	switch opcode {
	case opText:
	case opClose:
		return fmt.Errorf("the server closed with %q", payload)
	default:
		return fmt.Errorf("frame with opcode %d", opcode)
	}
	if len(payload) == 0 {
		return errors.New("empty packet")
	}
	switch payload[0] {
	case '0':
		return c.opened()
	case '2':
		c.queue(pongFrame)
		c.beat()
		return nil
	case '3': // the answer to an own ping
		c.beat()
		return nil
	case '6': // noop
		return nil
	case '4':
		return c.packet(payload[1:])
	default:
		return fmt.Errorf("unexpected engine.io packet %.40q", payload)
	}
}

// beat counts a heartbeat, in whichever direction the protocol has it.
func (c *client) beat() {
	if c.onBeat != nil {
		c.onBeat()
	}
}

func (c *client) opened() error {
	if c.state != waitsOpen {
		return errors.New("a second open packet")
	}
	c.state = waitsConnect
	if c.login.protocol == 4 {
		auth := fmt.Sprintf(`{"token":%q,"app":%q}`, c.login.token, c.login.app)
		c.queue(textFrame("40" + auth))
		for i := 1; i < c.login.namespaces; i++ {
			c.queue(textFrame(fmt.Sprintf("40/n%d,%s", i, auth)))
		}
	}
	return nil
}

// packet handles one packet of Socket.IO.
func (c *client) packet(p []byte) error {
	if len(p) == 0 {
		return errors.New("empty socket.io packet")
	}
	switch p[0] {
	case '0':
		if c.login.namespaces > 1 && bytes.HasPrefix(p[1:], []byte("/")) {
			c.onJoin(c)
			return nil
		}
		if c.state != waitsConnect {
			return errors.New("an unexpected CONNECT")
		}
		c.state = connected
		if c.onConnect != nil {
			c.onConnect(c)
		}
		return nil
	case '2':
		if c.onEvent != nil {
			c.onEvent(c, p[1:])
		}
		return nil
	case '3':
		id, n := leadingInt(p[1:])
		if n == 0 || c.onAck == nil {
			return fmt.Errorf("unexpected ack %.40q", p)
		}
		c.onAck(c, id, p[1+n:])
		return nil
	case '1':
		return errors.New("the server disconnected")
	case '4':
		return fmt.Errorf("refused: %s", p[1:])
	default:
		return fmt.Errorf("unexpected socket.io packet %.40q", p)
	}
}

// leadingInt reads the decimal digits that b begins with; n says how many.
func leadingInt(b []byte) (v, n int) {
	for n < len(b) && n < 18 && b[n] >= '0' && b[n] <= '9' {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}

// A crowd is the clients of one run.
type crowd struct {
	loop    *loop
	clients []*client
	stop    func() // the heartbeat of Engine.IO 3
	beats   int    // heartbeats of all of them
}

// Node's backlog is 511, and a connection that finds it full waits for a second.
const dialAtOnce = 64

// connectAll connects n clients, some at a time, and returns when all of them
// are connected. who names the login of each.
func connectAll(l *loop, s *server, n int, who func(i int) login, limit time.Duration) (*crowd, error) {
	g := &crowd{loop: l, clients: make([]*client, 0, n)}
	there := 0
	var next func() error
	next = func() error {
		c, err := dial(l, s, len(g.clients), who(len(g.clients)))
		if err != nil {
			return err
		}
		g.clients = append(g.clients, c)
		c.onBeat = func() { g.beats++ }
		c.onConnect = func(*client) {
			if there++; len(g.clients) < n {
				if err := next(); err != nil {
					l.fail(err)
				}
			}
		}
		return nil
	}
	for range min(n, dialAtOnce) {
		if err := next(); err != nil {
			g.close()
			return nil, err
		}
	}
	if s.tls != nil {
		limit *= 6 // one handshake at a time
	}
	if err := l.runUntil(limit, func() bool { return there == n }); err != nil {
		g.close()
		return nil, fmt.Errorf("connecting to %s (%d of %d there): %w", s.name, there, n, err)
	}
	return g, g.heartbeat()
}

// heartbeat sends the pings that a client of Engine.IO 3 owes the server.
func (g *crowd) heartbeat() error {
	ping := textFrame("2")
	stop, err := g.loop.every(20*time.Second, func(int) {
		for _, c := range g.clients {
			if c.login.protocol == 3 {
				c.send(ping)
			}
		}
	})
	g.stop = stop
	return err
}

func (g *crowd) close() {
	if g.stop != nil {
		g.stop()
	}
	for _, c := range g.clients {
		c.close()
	}
}

// ask sends one request from every client and waits for all acks.
func (g *crowd) ask(event, arg string, limit time.Duration) error {
	frame := textFrame(fmt.Sprintf(`420[%q,%s]`, event, arg))
	answered := 0
	for _, c := range g.clients {
		c.onAck = func(*client, int, []byte) { answered++ }
		c.send(frame)
	}
	err := g.loop.runUntil(limit, func() bool { return answered == len(g.clients) })
	if err != nil {
		return fmt.Errorf("%s (%d of %d answered): %w", event, answered, len(g.clients), err)
	}
	return nil
}

// filler is text of n bytes, as a message would have it.
func filler(n int) string {
	return strings.Repeat("a plain sentence of a chat, and one more; ", n/42+1)[:n]
}
