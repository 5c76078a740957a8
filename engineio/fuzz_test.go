package engineio

import (
	"bytes"
	"slices"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// Seeds are in testdata/fuzz.

// collect decodes a payload, which is overwritten, into copies of its packets.
func collect(decode func([]byte, func(packet) bool) error, body []byte) ([]packet, error) {
	var all []packet
	err := decode(slices.Clone(body), func(p packet) bool {
		p.data = slices.Clone(p.data)
		all = append(all, p)
		return true
	})
	return all, err
}

// reencode makes frames of packets; false if there is one that a server does not send.
func reencode(packets []packet) ([]*Frame, bool) {
	var frames []*Frame
	for _, p := range packets {
		switch {
		case p.binary && p.kind == packetMessage:
			frames = append(frames, BinaryFrame(p.data))
		case p.binary:
			return nil, false
		default:
			frames = append(frames, newFrame(opText, p.kind, p.data))
		}
	}
	return frames, true
}

func samePackets(a, b []packet) bool {
	return slices.EqualFunc(a, b, func(p, q packet) bool {
		return p.kind == q.kind && p.binary == q.binary && bytes.Equal(p.data, q.data)
	})
}

// fuzzPayload checks that what can be decoded survives encoding and decoding.
func fuzzPayload(f *testing.F, decode func([]byte, func(packet) bool) error, encode func([]byte, []*Frame) []byte) {
	f.Fuzz(func(t *testing.T, body []byte) {
		packets, err := collect(decode, body)
		if err != nil {
			return
		}
		frames, ok := reencode(packets)
		if !ok {
			return
		}
		encoded := encode(nil, frames)
		again, err := collect(decode, encoded)
		if err != nil || !samePackets(again, packets) {
			t.Errorf("%q: got %v, %v from its own encoding %q, want %v", body, again, err, encoded, packets)
		}
	})
}

func FuzzPayload4(f *testing.F) { fuzzPayload(f, decodePayload4, appendPayload4) }

func FuzzPayload3(f *testing.F) {
	fuzzPayload(f, decodePayload3, func(b []byte, frames []*Frame) []byte {
		return appendPayload3(b, frames, false)
	})
}

func FuzzPayload3Binary(f *testing.F) { fuzzPayload(f, decodePayload3Binary, appendPayload3Binary) }

func FuzzPacket(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte, isBinary, isV4 bool) {
		protocol := uint8(3)
		if isV4 {
			protocol = 4
		}
		decode := decodeText
		if isBinary {
			decode = decodeBinary
		}
		p, err := decode(protocol, slices.Clone(data))
		if err == nil && (p.kind < packetOpen || p.kind > packetNoop || len(p.data) > len(data)) {
			t.Errorf("%q: got %+v", data, p)
		}
	})
}

func FuzzUTF16(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		want := len(utf16.Encode([]rune(s)))
		if got := utf16Len([]byte(s)); got != want {
			t.Errorf("length of %q: got %d, want %d", s, got, want)
		}
		if size, ok := utf16Prefix([]byte(s), want); !ok || size != len(s) {
			t.Errorf("prefix of %q: got %d, %v, want all", s, size, ok)
		}
		if _, ok := utf16Prefix([]byte(s), want+1); ok {
			t.Errorf("prefix of %q: got one unit more than there is", s)
		}
		doubled := appendDoubled(nil, []byte(s))
		if got, _ := undoubleUTF8(doubled); string(got) != s {
			t.Errorf("undoubled: got %q, want %q", got, s)
		}
	})
}

// wsLog writes down what a decoder finds.
type wsLog struct{ events []string }

func (l *wsLog) wsMessage(binary bool, data []byte) bool {
	kind := "text "
	if binary {
		kind = "binary "
	}
	l.events = append(l.events, kind+string(data))
	return true
}

func (l *wsLog) wsControl(opcode byte, data []byte) bool {
	l.events = append(l.events, string('0'+opcode)+" "+string(data))
	return true
}

// FuzzWebSocket checks that it does not matter how the network cuts a stream, and that
// no message exceeds the limit or, being text, is no UTF-8.
func FuzzWebSocket(f *testing.F) {
	const limit = 300
	run := func(stream []byte, step int) ([]string, uint16) {
		var d wsDecoder
		var log wsLog
		for part := range slices.Chunk(slices.Clone(stream), step) {
			if err := d.feed(part, limit, &log); err != nil {
				return log.events, err.status
			}
		}
		return log.events, 0
	}
	f.Fuzz(func(t *testing.T, stream []byte, step uint8) {
		whole, status := run(stream, max(1, len(stream)))
		parts, partStatus := run(stream, int(step)+1)
		// A bad first byte is found before the rest of its header has come.
		if !slices.Equal(whole, parts) || status != partStatus {
			t.Errorf("in steps of %d: got %q, %d, want %q, %d", int(step)+1, parts, partStatus, whole, status)
		}
		for _, event := range whole {
			if len(event) > limit+len("binary ") {
				t.Errorf("got a message of %d bytes", len(event))
			}
			if event[0] == 't' && !utf8.ValidString(event) {
				t.Errorf("got text %q", event)
			}
		}
	})
}

func FuzzJSONP(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		unescaped := unescapeJSONP(slices.Clone(body))
		if len(unescaped) > len(body) {
			t.Errorf("%q: got %q", body, unescaped)
		}
		script := appendJSONP(nil, "0", bytes.ToValidUTF8(body, nil))
		if bytes.ContainsAny(script, "\n\r\u2028\u2029<") {
			t.Errorf("%q: got %q", body, script)
		}
	})
}
