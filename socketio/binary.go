package socketio

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Binary is an argument, or a part of one at any depth, that travels as an attachment of its packet instead of as JSON
// (Socket.IO protocol, "Packet encoding": BINARY_EVENT, BINARY_ACK). Clients receive a Buffer, an ArrayBuffer or a Blob. Emit
// and Ack send the Binary values of their arguments as attachments; Bind decodes attachments into Binary values.
//
// Only this package uses its JSON form, which differs between processes: do not store it.
type Binary []byte

// While encoding/json works on an argument, a Binary inside is written as {"<binaryName>":"<base64>"}. The name is random,
// so that no client can send JSON that is taken for it.
var (
	binaryName  = "binary " + rand.Text()
	binaryStart = []byte(`{"` + binaryName + `":"`)
	binaryEnd   = []byte(`"}`)
)

var errNotBinary = errors.New("socketio: not binary")

// MarshalJSON is for the encoder of this package.
func (b Binary) MarshalJSON() ([]byte, error) {
	return appendBinary(nil, b), nil
}

// UnmarshalJSON is for Bind. It accepts only an attachment or null.
func (b *Binary) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*b = nil
		return nil
	}
	encoded, ok := bytes.CutPrefix(data, binaryStart)
	if ok {
		encoded, ok = bytes.CutSuffix(encoded, binaryEnd)
	}
	if !ok {
		return errNotBinary
	}
	decoded, err := base64.StdEncoding.AppendDecode(nil, encoded)
	if err != nil {
		return errNotBinary
	}
	*b = decoded
	return nil
}

func appendBinary(dst []byte, b []byte) []byte {
	dst = append(dst, binaryStart...)
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, binaryEnd...)
}

// inlineBinaries returns raw with every placeholder replaced by the JSON form of Binary.
func inlineBinaries(raw json.RawMessage, attachments [][]byte) (json.RawMessage, error) {
	found, err := findPlaceholders(raw, len(attachments))
	if err != nil || len(found) == 0 {
		return raw, err
	}
	var out []byte
	from := 0
	for _, p := range found {
		out = append(out, raw[from:p.start]...)
		out = appendBinary(out, attachments[p.num])
		from = p.end
	}
	return append(out, raw[from:]...), nil
}

// bind decodes raw with its attachments into dst.
func bind(raw json.RawMessage, attachments [][]byte, dst any) error {
	if len(attachments) > 0 {
		var err error
		if raw, err = inlineBinaries(raw, attachments); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(raw, dst); err != nil {
		return fmt.Errorf("socketio: bind: %w", err)
	}
	if untyped, ok := dst.(*any); ok && len(attachments) > 0 {
		*untyped = restoreBinaries(*untyped)
	}
	return nil
}

// restoreBinaries replaces the JSON forms of Binary in a value that was decoded without a type.
func restoreBinaries(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = restoreBinaries(v[i])
		}
	case map[string]any:
		if encoded, ok := v[binaryName].(string); ok {
			decoded, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil {
				return Binary(decoded)
			}
		}
		for name := range v {
			v[name] = restoreBinaries(v[name])
		}
	}
	return v
}
