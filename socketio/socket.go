package socketio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"sync/atomic"

	"parley/engineio"
)

// A Reason is the reason why a socket was disconnected: one of the constants here, or of engineio.CloseReason when the
// connection itself ended.
type Reason string

const (
	// ReasonClient: the client sent DISCONNECT.
	ReasonClient Reason = "client namespace disconnect"
	// ReasonServer: Socket.Disconnect was called.
	ReasonServer Reason = "server namespace disconnect"
)

// The states of a socket, in their order.
const (
	statePending int32 = iota // its middleware runs
	stateConnected
	stateGone
)

// A Socket is a client in a namespace. All methods may be called from any goroutine.
type Socket struct {
	conn      *conn
	namespace *Namespace
	id        string
	state     atomic.Int32 // changed under conn.mu
	acks      *acks        // under conn.mu; nil until the first EmitWithAck
	value     any          // under conn.mu
	rooms     []string     // under namespace.mu
}

// ID returns the socket's id. With revision 4 clients compute it themselves: it is the id of the session in "/" and
// "/custom#" with that id elsewhere. With revision 5 it is a new random id, because the id of the session is a secret of the
// client.
func (s *Socket) ID() string { return s.id }

// Protocol returns the revision of Engine.IO: 3 (Socket.IO revision 4) or 4 (revision 5).
func (s *Socket) Protocol() int { return s.conn.session.Protocol() }

// Namespace returns the namespace the socket is in.
func (s *Socket) Namespace() *Namespace { return s.namespace }

// RemoteAddr returns the address that the first request of the connection came from.
func (s *Socket) RemoteAddr() string { return s.conn.remoteAddr }

// Transport returns "polling" or "websocket".
func (s *Socket) Transport() string { return s.conn.session.Transport() }

// SignsOfLife counts what has come from the client of the connection; see [engineio.Session.SignsOfLife].
func (s *Socket) SignsOfLife() uint64 { return s.conn.session.SignsOfLife() }

// Yield is called by a handler that is going to wait for something, such as a database; see [engineio.Session.Yield].
func (s *Socket) Yield() { s.conn.session.Yield() }

// SetValue stores a value of the caller in the socket.
func (s *Socket) SetValue(v any) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	s.value = v
}

// Value returns the value of the last SetValue, or nil.
func (s *Socket) Value() any {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.value
}

func (s *Socket) connected() bool { return s.state.Load() == stateConnected }

// Emit sends an event with arguments as in NewMessage. It never waits for the client: a client that does not read is
// disconnected when its queue is full. Events that a handler emits are written together when the handler returns.
func (s *Socket) Emit(event string, args ...any) error {
	var one [1]*engineio.Frame
	frames, err := appendPacket(one[:0], typeEvent, s.namespace.name, noID, event, args)
	if err != nil {
		return err
	}
	return s.send(frames)
}

// Send sends a message of the namespace of the socket. For a message of another namespace it returns ErrNotConnected.
func (s *Socket) Send(m *Message) error {
	if m.namespace != s.namespace {
		return ErrNotConnected
	}
	return s.send(m.frames)
}

func (s *Socket) send(frames []*engineio.Frame) error {
	if !s.connected() || !s.conn.session.Send(frames...) {
		return ErrNotConnected
	}
	return nil
}

// acks contains the calls of EmitWithAck that wait for an acknowledgement.
type acks struct {
	next    uint64
	waiting map[uint64]chan Values
}

// EmitWithAck sends an event and waits for the client's acknowledgement, for the end of ctx, or for the socket to be
// disconnected (ErrNotConnected). Do not wait in a handler of the same connection: the acknowledgement is not read before it
// returns.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (Values, error) {
	id, answer := s.expectAck()
	if answer == nil {
		return Values{}, ErrNotConnected
	}
	defer s.takeAck(id)

	var one [1]*engineio.Frame
	frames, err := appendPacket(one[:0], typeEvent, s.namespace.name, id, event, args)
	if err == nil {
		err = s.send(frames)
	}
	if err != nil {
		return Values{}, err
	}
	select {
	case values, ok := <-answer:
		if !ok {
			return Values{}, ErrNotConnected
		}
		return values, nil
	case <-ctx.Done():
		return Values{}, ctx.Err()
	}
}

func (s *Socket) expectAck() (uint64, chan Values) {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if !s.connected() {
		return 0, nil
	}
	if s.acks == nil {
		s.acks = &acks{waiting: make(map[uint64]chan Values)}
	}
	id := s.acks.next
	s.acks.next++
	answer := make(chan Values, 1)
	s.acks.waiting[id] = answer
	return id, answer
}

// takeAck removes and returns the channel for this id, or nil.
func (s *Socket) takeAck(id uint64) chan Values {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if s.acks == nil {
		return nil
	}
	answer := s.acks.waiting[id]
	delete(s.acks.waiting, id)
	return answer
}

// Disconnect removes the socket from its namespace and sends DISCONNECT, after which clients do not reconnect by themselves
// (Socket.IO protocol, "Disconnection from a namespace"). With closeTransport the other sockets of the connection are
// disconnected too, and the connection is closed.
func (s *Socket) Disconnect(closeTransport bool) {
	if closeTransport {
		s.conn.disconnectAll()
	} else {
		s.conn.end(s, ReasonServer, true)
	}
	s.conn.runDeferred()
}

// Close disconnects all sockets of the connection and closes it without sending DISCONNECT. For the client the connection was
// lost, and it reconnects by itself, unlike after [Socket.Disconnect]. Use it for a socket that cannot be served now. After
// Close in middleware, CONNECT is not answered.
func (s *Socket) Close() {
	s.conn.close(Reason(engineio.CloseForced))
	s.conn.session.Close(engineio.CloseForced)
	s.conn.runDeferred()
}

func newID() string {
	var b [15]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
