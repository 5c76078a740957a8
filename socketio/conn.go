package socketio

import (
	"bytes"
	"container/list"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"parley/engineio"
)

// A conn is a connection with its sockets, one for each namespace that the client has joined.
//
//	client                    conn                            namespace
//	  ── CONNECT ──────────►  connect ──► middleware
//	  ◄───────── CONNECT ───    join  ──► OnConnect
//	  ── EVENT ────────────►  receive ──► On, OnAny
//	  ◄───────────── ACK ───
//	  ── DISCONNECT, close ►  end     ──► OnDisconnect
//
// Handlers of a connection run one at a time, under run. A goroutine of the engine delivers packets. A socket can be
// disconnected by any goroutine; its OnDisconnect is then deferred. The goroutine that holds run calls deferred handlers
// before it releases run; if run is free, the disconnecting goroutine calls them. So OnDisconnect never overlaps with another
// handler and never runs before OnConnect has returned, and only the reader of the same connection waits for a handler.
type conn struct {
	server     *Server
	session    *engineio.Session
	remoteAddr string
	incomplete *incomplete // under run

	run sync.Mutex

	mu       sync.Mutex // after run, before namespace.mu
	first    *Socket    // most connections have one socket
	more     []*Socket
	deferred []func()
	left     []*Namespace // the server has left them; packets that the client sent before it knew are dropped
	timer    *time.Timer  // closes a connection that is in no namespace
	closed   bool
	place    *list.Element // in server.pending, guarded by its lock

	socket Socket // memory of the connection's first socket
}

// An incomplete packet waits for attachments.
type incomplete struct {
	packet packet
	socket *Socket // nil if no handler will receive it
	args   []json.RawMessage
	data   [][]byte
	size   int
}

// engineHandler receives the callbacks of the engine.
type engineHandler struct{ server *Server }

func (h engineHandler) OnOpen(session *engineio.Session) {
	c := &conn{server: h.server, session: session, remoteAddr: session.Handshake().RemoteAddr}
	session.SetValue(c)
	c.run.Lock()
	defer c.unlock()
	if session.Protocol() == 3 {
		// Revision 4: every connection is in the main namespace without a CONNECT.
		_ = c.connect(mainNamespace, nil, nil) // only a second call can fail
	}
	c.armTimer()
}

func (h engineHandler) OnMessage(session *engineio.Session, data []byte, binary bool) {
	c := session.Value().(*conn)
	if !c.run.TryLock() {
		session.Yield()
		c.run.Lock()
	}
	defer c.unlock()
	c.message(data, binary)
}

func (h engineHandler) OnClose(session *engineio.Session, reason engineio.CloseReason) {
	c := session.Value().(*conn)
	c.close(Reason(reason))
	c.runDeferred()
}

func (c *conn) unlock() {
	c.drain()
	c.run.Unlock()
	c.runDeferred() // handlers that another goroutine deferred in between, because run was held
}

// runDeferred calls the deferred handlers unless another goroutine will.
func (c *conn) runDeferred() {
	for c.hasDeferred() && c.run.TryLock() {
		c.drain()
		c.run.Unlock()
	}
}

func (c *conn) hasDeferred() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.deferred) > 0
}

func (c *conn) drain() {
	for {
		c.mu.Lock()
		deferred := c.deferred
		c.deferred = nil
		c.mu.Unlock()
		if len(deferred) == 0 {
			return
		}
		for _, f := range deferred {
			f()
		}
	}
}

// message handles a message of the engine. A packet that violates the protocol closes the connection.
func (c *conn) message(data []byte, binary bool) {
	if c.isClosed() {
		return
	}
	var err error
	if binary {
		err = c.attachment(data)
	} else {
		err = c.packet(data)
	}
	if err != nil {
		c.server.counts.invalid.Add(1)
		c.server.log.Debug("invalid socket.io packet", "protocol", c.session.Protocol(), "error", err)
		c.close(Reason(engineio.CloseParseError))
		c.session.Close(engineio.CloseParseError)
	}
}

var (
	errUnexpected = errors.New("socketio: packet not allowed in this state")
	errTooLarge   = errors.New("socketio: attachments too large")
)

// packet handles a text message, which the engine has checked to be UTF-8.
func (c *conn) packet(data []byte) error {
	if c.incomplete != nil {
		return errUnexpected // attachments must follow their packet
	}
	options := &c.server.options
	p, err := parsePacket(data, options.MaxAttachments)
	if err != nil {
		return err
	}
	name, query := p.namespace, []byte(nil)
	if c.session.Protocol() == 3 {
		// Revision 4 has a query where revision 5 has a payload: 0/custom?token=abc
		name, query, _ = bytes.Cut(p.namespace, []byte("?"))
	}
	if p.kind == typeConnect {
		auth, err := parseAuth(p.data)
		if err != nil {
			return err
		}
		return c.connect(name, query, auth)
	}

	socket := c.find(name)
	if socket == nil && !c.hasLeft(name) {
		return errUnexpected
	}
	switch p.kind {
	case typeDisconnect:
		if socket != nil {
			c.end(socket, ReasonClient, false)
		}
		return nil
	case typeEvent, typeAck:
		if p.attachments > 0 {
			return c.startIncomplete(p, socket, data)
		}
		return c.receive(&p, socket, nil)
	}
	return errUnexpected // only servers send CONNECT_ERROR
}

// startIncomplete keeps a packet until its attachments have arrived. An invalid packet is refused now, before its attachments
// are buffered.
func (c *conn) startIncomplete(p packet, socket *Socket, data []byte) error {
	data = bytes.Clone(data) // the engine reuses the buffer
	p.data = data[len(data)-len(p.data):]
	p.namespace = nil
	args, err := parseArgs(&p, nil, c.server.options.MaxArgs)
	if err != nil {
		return err
	}
	if p.kind == typeEvent {
		if len(args) == 0 {
			return errPayload
		}
		if _, err := eventName(args[0]); err != nil {
			return err
		}
	}
	c.incomplete = &incomplete{packet: p, socket: socket, args: args}
	return nil
}

func (c *conn) attachment(data []byte) error {
	in := c.incomplete
	if in == nil {
		return errUnexpected
	}
	in.size += len(data)
	if in.size > c.server.options.MaxAttachmentBytes {
		return errTooLarge
	}
	in.data = append(in.data, bytes.Clone(data))
	if len(in.data) < in.packet.attachments {
		return nil
	}
	c.incomplete = nil
	return c.receive(&in.packet, in.socket, in)
}

// receive handles a complete event or acknowledgement, in being nil if it has no attachments.
func (c *conn) receive(p *packet, socket *Socket, in *incomplete) error {
	if p.kind == typeAck {
		return c.receiveAck(p, socket, in)
	}
	e := &Event{Socket: socket, id: noID}
	if p.hasID {
		e.id = p.id
	}
	if in != nil {
		e.Args, e.Attachments = in.args, in.data
	} else {
		args, err := parseArgs(p, e.inline[:0], c.server.options.MaxArgs)
		if err != nil {
			return err
		}
		e.Args = args
	}
	if len(e.Args) == 0 {
		return errPayload
	}
	name, err := eventName(e.Args[0])
	if err != nil {
		return err
	}
	e.Args = e.Args[1:]
	if socket == nil || !socket.connected() {
		return nil
	}
	c.server.counts.events.Add(1)
	h := socket.namespace.handlers.Load()
	if handler, ok := h.events[string(name)]; ok {
		e.Name = handler.name
		c.call(handler.name, func() { handler.call(e) })
	} else if h.any != nil {
		e.Name = string(name)
		c.call("any event", func() { h.any(e) })
	}
	return nil
}

func (c *conn) receiveAck(p *packet, socket *Socket, in *incomplete) error {
	var values Values
	if in != nil {
		values = Values{in.args, in.data}
	} else {
		args, err := parseArgs(p, nil, c.server.options.MaxArgs)
		if err != nil {
			return err
		}
		values.Args = args
	}
	if socket == nil {
		return nil
	}
	// An unknown id is no error: EmitWithAck may have returned when its context ended.
	if answer := socket.takeAck(p.id); answer != nil {
		if in == nil {
			values = values.Clone()
		}
		answer <- values
	}
	return nil
}

// connect handles a CONNECT packet (Socket.IO protocol, "Connection to a namespace").
func (c *conn) connect(name, query []byte, auth json.RawMessage) error {
	if c.find(name) != nil {
		if c.session.Protocol() == 3 && string(name) == "/" {
			return nil // the client is already in "/"
		}
		return errUnexpected
	}
	namespace := c.server.namespace(name)
	if namespace == nil {
		c.refuse(string(name), &ConnectError{Message: "Invalid namespace"})
		return nil
	}
	if c.count() >= c.server.options.MaxNamespaces {
		c.refuse(namespace.name, &ConnectError{Message: "Too many namespaces"})
		return nil
	}

	socket := c.newSocket(namespace)
	h := namespace.handlers.Load()
	if len(h.middleware) > 0 {
		// The client has sent its CONNECT. It is not closed because the answer takes long.
		c.server.pending.leave(c)
		handshake := c.handshake(query, auth)
		for _, middleware := range h.middleware {
			if err := c.callMiddleware(middleware, socket, handshake); err != nil {
				c.end(socket, "", false)
				c.refuse(namespace.name, err)
				c.wait()
				return nil
			}
		}
	}
	if c.server.options.ReleaseHandshake {
		c.session.ReleaseHandshake()
	}
	if !c.join(socket) {
		c.refuse(namespace.name, &ConnectError{Message: "disconnected"})
		c.wait()
		return nil
	}
	if h.onConnect != nil {
		c.call("connect", func() { h.onConnect(socket) })
	}
	return nil
}

func (c *conn) newSocket(n *Namespace) *Socket {
	socket := &c.socket
	if socket.conn != nil {
		socket = new(Socket) // the first one is or was in use, and may still be referenced
	}
	socket.conn, socket.namespace = c, n
	switch {
	case c.session.Protocol() != 3:
		socket.id = newID()
	case n.name == "/":
		socket.id = c.session.ID()
	default:
		socket.id = n.name + "#" + c.session.ID()
	}
	return socket
}

func (c *conn) handshake(query []byte, auth json.RawMessage) *Handshake {
	h := &Handshake{RemoteAddr: c.remoteAddr, Protocol: c.session.Protocol()}
	if c.session.Protocol() != 3 {
		h.Auth = bytes.Clone(auth)
	}
	if len(query) > 0 {
		h.NamespaceQuery, _ = url.ParseQuery(string(query)) // invalid pairs are ignored, as in net/http
	}
	if first := c.session.Handshake(); first != nil {
		h.Query, h.Header = first.Query, first.Header
		h.Host, h.Path, h.Secure, h.Time = first.Host, first.Path, first.Secure, first.Time
	}
	return h
}

// join answers CONNECT and adds the socket to the namespace. It returns false if the socket was disconnected in the meantime.
func (c *conn) join(s *Socket) bool {
	c.mu.Lock()
	if s.state.Load() != statePending || c.closed {
		c.mu.Unlock()
		return false
	}
	// Under the lock, so that no packet is sent before the answer or between the answer and the new state. While a message
	// is handled, the answer is only queued.
	c.session.SendApart(c.connectFrame(s))
	s.state.Store(stateConnected)
	if c.first == nil {
		c.first = s
	} else {
		c.more = append(c.more, s)
	}
	c.left = slices.DeleteFunc(c.left, func(n *Namespace) bool { return n == s.namespace })
	c.stopTimer()
	c.mu.Unlock()

	s.namespace.add(s)
	c.server.counts.sockets.Add(1)
	c.server.counts.connects.Add(1)
	return true
}

func (c *conn) connectFrame(s *Socket) *engineio.Frame {
	b := appendHeader(make([]byte, 0, 64), typeConnect, 0, s.namespace.name, noID)
	if c.session.Protocol() != 3 {
		b = append(b, `{"sid":"`...)
		b = append(b, s.id...)
		b = append(b, `"}`...)
	}
	return engineio.TextFrame(b)
}

// refuse sends CONNECT_ERROR. In revision 4 it is called ERROR and has only a text.
func (c *conn) refuse(namespace string, err error) {
	c.server.counts.refused.Add(1)
	var refusal *ConnectError
	if !errors.As(err, &refusal) {
		c.server.log.Error("socket.io middleware failed", "namespace", namespace, "error", err)
		refusal = &ConnectError{Message: "internal error"}
	}
	var payload any = refusal.Message
	if c.session.Protocol() != 3 {
		payload = struct {
			Message string `json:"message"`
			Data    any    `json:"data,omitempty"`
		}{refusal.Message, refusal.Data}
	}
	b, err := json.Marshal(payload)
	if err != nil {
		c.server.log.Error("socket.io refusal cannot be encoded", "namespace", namespace, "error", err)
		b = []byte(`{"message":"internal error"}`)
	}
	c.session.Send(engineio.TextFrame(append(appendHeader(nil, typeConnectError, 0, namespace, noID), b...)))
}

// end removes a socket from its namespace and calls OnDisconnect once if it was connected. reason is empty for a refused socket.
func (c *conn) end(s *Socket, reason Reason, tell bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(s, reason, tell)
}

// endLocked reports whether the socket was connected.
func (c *conn) endLocked(s *Socket, reason Reason, tell bool) bool {
	before := s.state.Swap(stateGone)
	if before == stateGone {
		return false
	}
	if s.acks != nil {
		for _, answer := range s.acks.waiting {
			close(answer)
		}
		s.acks = nil
	}
	s.namespace.remove(s)
	if before != stateConnected {
		return false
	}
	if c.first == s {
		c.first = nil
	} else {
		c.more = slices.DeleteFunc(c.more, func(other *Socket) bool { return other == s })
	}
	if tell {
		// Under the lock like the answer to CONNECT: a later CONNECT is answered after this packet.
		c.session.Send(disconnectFrame(s))
		c.left = append(c.left, s.namespace)
	}
	c.armTimerLocked()
	c.server.counts.sockets.Add(-1)
	c.deferred = append(c.deferred, func() {
		if f := s.namespace.handlers.Load().onDisconnect; f != nil {
			c.call("disconnect", func() { f(s, reason) })
		}
	})
	return true
}

func disconnectFrame(s *Socket) *engineio.Frame {
	return engineio.TextFrame(appendHeader(nil, typeDisconnect, 0, s.namespace.name, noID))
}

// disconnectAll ends every socket with a DISCONNECT, after which clients do not reconnect by themselves, and closes the connection.
func (c *conn) disconnectAll() {
	c.mu.Lock()
	c.closed = true
	c.stopTimer()
	var last []*engineio.Frame
	for _, s := range c.socketsLocked() {
		if c.endLocked(s, ReasonServer, false) {
			last = append(last, disconnectFrame(s))
		}
	}
	c.mu.Unlock()
	// Queued broadcasts are sent before these packets: the client would ignore them afterwards.
	c.session.Close(engineio.CloseForced, last...)
}

// close ends every socket because the connection has ended or will end.
func (c *conn) close(reason Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.stopTimer()
	for _, s := range c.socketsLocked() {
		c.endLocked(s, reason, false)
	}
}

func (c *conn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *conn) find(name []byte) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first != nil && c.first.namespace.name == string(name) {
		return c.first
	}
	for _, s := range c.more {
		if s.namespace.name == string(name) {
			return s
		}
	}
	return nil
}

func (c *conn) hasLeft(name []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.left, func(n *Namespace) bool { return n.name == string(name) })
}

func (c *conn) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.socketsLocked())
}

func (c *conn) socketsLocked() []*Socket {
	var sockets []*Socket
	if c.first != nil {
		sockets = append(sockets, c.first)
	}
	return append(sockets, c.more...)
}

// armTimer closes a connection that is in no namespace after ConnectTimeout. Only such connections have a timer.
func (c *conn) armTimer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armTimerLocked()
}

func (c *conn) armTimerLocked() {
	if c.first != nil || len(c.more) > 0 || c.closed {
		return
	}
	c.stopTimer()
	c.timer = time.AfterFunc(c.server.options.ConnectTimeout, c.expire)
	c.waitLocked()
}

// wait adds the connection to the pending ones unless it is in a namespace.
func (c *conn) wait() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil && len(c.more) == 0 && !c.closed {
		c.waitLocked()
	}
}

func (c *conn) waitLocked() {
	if oldest := c.server.pending.enter(c); oldest != nil {
		oldest.session.Close(engineio.CloseCrowded) // its OnClose runs in another goroutine and does the rest
	}
}

func (c *conn) stopTimer() {
	c.server.pending.leave(c)
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

func (c *conn) expire() {
	c.mu.Lock()
	idle := c.first == nil && len(c.more) == 0 && !c.closed && c.timer != nil
	if idle {
		c.closed = true
		c.timer = nil
	}
	c.mu.Unlock()
	if idle {
		c.session.Close(engineio.CloseForced)
	}
}

// call runs a handler. It recovers from a panic and logs it; the connection stays open.
func (c *conn) call(what string, f func()) {
	defer c.recover(what)
	f()
}

func (c *conn) callMiddleware(f func(*Socket, *Handshake) error, s *Socket, h *Handshake) (err error) {
	err = errPanicked
	defer c.recover("middleware")
	return f(s, h)
}

var errPanicked = &ConnectError{Message: "internal error"}

func (c *conn) recover(what string) {
	v := recover()
	if v == nil {
		return
	}
	c.server.counts.panics.Add(1)
	// The value of a panic may contain data of a client, which must not be logged. An error of the runtime contains
	// none.
	text := fmt.Sprintf("%T", v)
	if err, ok := v.(runtime.Error); ok {
		text = err.Error()
	}
	c.server.log.Error("socket.io handler panicked", "handler", what, "panic", text, "stack", string(debug.Stack()))
}
