package socketio

import (
	"encoding/json"
	"sync/atomic"

	"parley/engineio"
)

// An Event is an event of a client (Socket.IO protocol, "Sending and receiving data"). Args, Attachments and the result of
// Values point into a buffer that is reused when the handler returns. Ack may be called later.
type Event struct {
	Socket      *Socket
	Name        string
	Args        []json.RawMessage // valid JSON each; in a binary event with placeholders
	Attachments [][]byte

	id     uint64
	acked  atomic.Bool
	inline [4]json.RawMessage // most events have few arguments: one allocation for both
}

// WantsAck reports whether the client asked for an acknowledgement.
func (e *Event) WantsAck() bool { return e.id != noID }

// Ack acknowledges the event with arguments of the kinds that NewMessage takes, once (ErrAcked after that). It
// may be called from any goroutine; acknowledgements leave in the order of the calls. It does nothing if the client
// wants none, and returns ErrNotConnected if the socket is gone.
func (e *Event) Ack(args ...any) error {
	if !e.WantsAck() {
		return nil
	}
	var one [1]*engineio.Frame
	frames, err := appendPacket(one[:0], typeAck, e.Socket.namespace.name, e.id, "", args)
	if err != nil {
		return err
	}
	if !e.acked.CompareAndSwap(false, true) {
		return ErrAcked
	}
	return e.Socket.send(frames)
}

// Bind decodes argument i into dst as encoding/json does, attachments into fields of the type Binary.
func (e *Event) Bind(i int, dst any) error { return e.Values().Bind(i, dst) }

// Values returns the arguments in the form in which they can be sent on, binary included. Clone keeps them beyond the handler.
func (e *Event) Values() Values { return Values{e.Args, e.Attachments} }
