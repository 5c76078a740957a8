package socketio

import "parley/engineio"

// A Message is an event that is ready to be sent: encoded once, immutable, the same for the sockets of both revisions of
// the protocol. It belongs to the namespace that made it.
type Message struct {
	namespace *Namespace
	frames    []*engineio.Frame
}

// NewMessage encodes an event. An argument may be anything that encoding/json takes, json.RawMessage, Binary at any depth, or
// Values. The error says which argument cannot be encoded, or that the name is reserved.
func (n *Namespace) NewMessage(event string, args ...any) (*Message, error) {
	frames, err := appendPacket(nil, typeEvent, n.name, noID, event, args)
	if err != nil {
		return nil, err
	}
	return &Message{namespace: n, frames: frames}, nil
}

// Size is what the message takes in the queue of a session, in bytes.
func (m *Message) Size() int {
	size := 0
	for _, frame := range m.frames {
		size += frame.Size()
	}
	return size
}
