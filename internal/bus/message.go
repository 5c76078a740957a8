package bus

import (
	"errors"
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// A message on the wire is a version byte and a map in CBOR. The rules for changes are
// those of the encoding of events.
const messageVersion = 1

type wireMessage struct {
	Number  int64  `cbor:"1,keyasint"`
	Node    string `cbor:"2,keyasint"`
	At      int64  `cbor:"3,keyasint"` // milliseconds since 1970
	Body    []byte `cbor:"4,keyasint,omitempty"`
	Missing bool   `cbor:"5,keyasint,omitempty"`
}

var errForeign = errors.New("bus: message of another version")

func encodeMessage(m Message) ([]byte, error) {
	data, err := cbor.Marshal(wireMessage{m.Number, m.Node, m.At.UnixMilli(), m.Body, m.Missing})
	if err != nil {
		return nil, fmt.Errorf("bus: encode a message: %w", err)
	}
	data = append([]byte{messageVersion}, data...)
	if laterMessage != nil {
		return laterMessage(data), nil
	}
	return data, nil
}

func decodeMessage(data []byte) (Message, error) {
	if len(data) == 0 || data[0] != messageVersion {
		return Message{}, errForeign
	}
	var w wireMessage
	if err := decoder.Unmarshal(data[1:], &w); err != nil {
		return Message{}, fmt.Errorf("bus: decode a message: %w", err)
	}
	return Message{Commit: Commit{Number: w.Number, Node: w.Node, At: time.UnixMilli(w.At), Body: w.Body}, Missing: w.Missing}, nil
}
