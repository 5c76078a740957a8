package socketio

import "slices"

// Join adds the socket to rooms. It does nothing if the socket is disconnected; a disconnected socket is in no rooms.
func (s *Socket) Join(rooms ...string) {
	n := s.namespace
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.state.Load() == stateGone {
		return // remove has run or waits for the lock; a later room would never be left
	}
	for _, room := range rooms {
		members := n.rooms[room]
		if _, ok := members[s]; ok {
			continue
		}
		if members == nil {
			members = make(map[*Socket]struct{})
			n.rooms[room] = members
		}
		members[s] = struct{}{}
		s.rooms = append(s.rooms, room)
	}
}

// Leave removes the socket from rooms.
func (s *Socket) Leave(rooms ...string) {
	n := s.namespace
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, room := range rooms {
		if i := slices.Index(s.rooms, room); i >= 0 {
			s.rooms = slices.Delete(s.rooms, i, i+1)
			n.leave(s, room)
		}
	}
}

// leave is Leave. The caller holds the lock.
func (n *Namespace) leave(s *Socket, room string) {
	members := n.rooms[room]
	delete(members, s)
	if len(members) == 0 {
		delete(n.rooms, room)
	}
}

// Rooms returns the rooms the socket is in, in the order in which it joined them.
func (s *Socket) Rooms() []string {
	s.namespace.mu.RLock()
	defer s.namespace.mu.RUnlock()
	return slices.Clone(s.rooms)
}

// An Operator selects the sockets of a namespace that are in any of its rooms (all, if no room is named), without the excepted
// ones. It is a value: each method returns a new one.
type Operator struct {
	namespace   *Namespace
	rooms       []string
	exceptRooms []string
	except      *Socket
}

// To selects the sockets in any of the rooms.
func (n *Namespace) To(rooms ...string) *Operator {
	return &Operator{namespace: n, rooms: rooms}
}

// To selects the sockets in any of the rooms, without s itself. Without rooms it selects all other sockets of the namespace.
func (s *Socket) To(rooms ...string) *Operator {
	return &Operator{namespace: s.namespace, rooms: rooms, except: s}
}

// Except leaves out the sockets in any of the rooms.
func (o *Operator) Except(rooms ...string) *Operator {
	other := *o
	other.exceptRooms = append(slices.Clip(o.exceptRooms), rooms...)
	return &other
}

// Sockets returns the selected sockets that are connected, each once, in no order.
func (o *Operator) Sockets() []*Socket {
	n := o.namespace
	n.mu.RLock()
	defer n.mu.RUnlock()

	if len(o.rooms) == 0 {
		return o.choose(nil, n.sockets)
	}
	var chosen []*Socket
	for i, room := range o.rooms {
		from := len(chosen)
		chosen = o.choose(chosen, n.rooms[room])
		if i == 0 {
			continue
		}
		// A socket that is also in an earlier room is already selected.
		kept := slices.DeleteFunc(chosen[from:], func(s *Socket) bool { return n.inAny(s, o.rooms[:i]) })
		chosen = chosen[:from+len(kept)]
	}
	return chosen
}

func (o *Operator) choose(chosen []*Socket, from map[*Socket]struct{}) []*Socket {
	chosen = slices.Grow(chosen, len(from))
	for s := range from {
		if s != o.except && s.connected() && !o.namespace.inAny(s, o.exceptRooms) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func (n *Namespace) inAny(s *Socket, rooms []string) bool {
	for _, room := range rooms {
		if _, ok := n.rooms[room][s]; ok {
			return true
		}
	}
	return false
}

// Emit sends an event to the selected sockets, as Server.Broadcast does.
func (o *Operator) Emit(event string, args ...any) error {
	m, err := o.namespace.NewMessage(event, args...)
	if err != nil {
		return err
	}
	o.Send(m)
	return nil
}

// Send sends a message of the same namespace to the selected sockets, as Server.Broadcast does.
func (o *Operator) Send(m *Message) { o.namespace.server.Broadcast(o.Sockets(), m) }
