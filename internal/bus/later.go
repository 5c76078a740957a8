//go:build parley_later

package bus

import "github.com/fxamacker/cbor/v2"

// In a build with this tag, the process sends what a later version may send: events of unknown
// types, unknown fields in all events, and unknown fields in messages. Such a node runs beside nodes of this
// version in test/cluster.
func init() {
	laterEvents = func(data []byte) []byte {
		unknown := map[string]any{"Deep": []any{1, map[string]any{"x": "y"}}}
		out := addPair([]byte{encodingVersion}, "Applauded", unknown)
		for rest := data[1:]; len(rest) > 0; {
			var name string
			var fields map[string]cbor.RawMessage
			rest = must(cbor.UnmarshalFirst(rest, &name))
			rest = must(cbor.UnmarshalFirst(rest, &fields))
			fields["Later"] = must(cbor.Marshal(unknown))
			out = addPair(out, name, fields)
		}
		return addPair(out, "Counted", 17)
	}
	laterMessage = func(data []byte) []byte {
		var fields map[int]cbor.RawMessage
		_ = must(cbor.UnmarshalFirst(data[1:], &fields))
		fields[99] = must(cbor.Marshal("later"))
		return append([]byte{messageVersion}, must(cbor.Marshal(fields))...)
	}
}

func addPair(out []byte, name string, event any) []byte {
	return append(append(out, must(cbor.Marshal(name))...), must(cbor.Marshal(event))...)
}
