package socketio

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Values contains arguments of a client: valid JSON, and the attachments of its placeholders. As an argument of Emit or Ack,
// Values are sent as all their arguments, binary included.
type Values struct {
	Args        []json.RawMessage
	Attachments [][]byte
}

// Bind decodes argument i into dst as encoding/json does, attachments into fields of the type Binary.
func (v Values) Bind(i int, dst any) error {
	if i < 0 || i >= len(v.Args) {
		return fmt.Errorf("socketio: bind: no argument %d, there are %d", i, len(v.Args))
	}
	return bind(v.Args[i], v.Attachments, dst)
}

// Clone returns a copy that shares no memory with v.
func (v Values) Clone() Values {
	clone := Values{}
	for _, arg := range v.Args {
		clone.Args = append(clone.Args, bytes.Clone(arg))
	}
	for _, attachment := range v.Attachments {
		clone.Attachments = append(clone.Attachments, bytes.Clone(attachment))
	}
	return clone
}
