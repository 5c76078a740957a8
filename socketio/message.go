package socketio

import "parley/engineio"

// A Message is an encoded event. It is immutable, and can be sent to sockets of both revisions of the protocol in the namespace
// that made it.
type Message struct {
	namespace *Namespace
	frames    []*engineio.Frame
}

// NewMessage encodes an event. An argument is any value that encoding/json accepts, json.RawMessage, Binary at any depth, or
// Values. The error names the argument that cannot be encoded, or says that the name is reserved.
func (n *Namespace) NewMessage(event string, args ...any) (*Message, error) {
	frames, err := appendPacket(nil, typeEvent, n.name, noID, event, args)
	if err != nil {
		return nil, err
	}
	return &Message{namespace: n, frames: frames}, nil
}

// Size returns the bytes that the message counts in the queue of a session.
func (m *Message) Size() int {
	size := 0
	for _, frame := range m.frames {
		size += frame.Size()
	}
	return size
}
