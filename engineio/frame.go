package engineio

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"unicode/utf8"
)

// Frame is one message, encoded once and shared by all sessions that get it,
// its WebSocket header included. It is immutable and safe for concurrent use. Text is the same for
// both revisions; a binary one has a variant for revision 3. Polling takes the
// packet out of it and frames it by itself.
type Frame struct {
	wire   []byte // what goes over a WebSocket
	head   uint8  // where the packet begins in wire; text begins with its type
	binary bool
	json   bool // see JSONFrame
	raw    bool // no packet: a control frame or the answer to the handshake
	apart  bool // see Session.SendApart

	forEIO3 atomic.Pointer[Frame]
}

// TextFrame encodes a text message. It must be UTF-8: what is not is replaced by U+FFFD.
// The bytes are copied.
func TextFrame(message []byte) *Frame {
	if !utf8.Valid(message) {
		message = bytes.ToValidUTF8(message, []byte("\uFFFD"))
	}
	return newFrame(opText, packetMessage, message)
}

// JSONFrame is TextFrame for a message whose characters beyond ASCII all stand inside
// JSON strings. Clients of the 1.x generation take such characters for something else when they come by polling, and cannot
// be told from later ones, so in revision 3 polling sends them
// as \u escapes, which everybody reads alike. WebSocket and revision 4 get the message as it is.
func JSONFrame(message []byte) *Frame {
	f := TextFrame(message)
	f.json = true
	return f
}

// BinaryFrame encodes a binary message. The bytes are copied.
func BinaryFrame(message []byte) *Frame {
	f := newFrame(opBinary, 0, message)
	f.binary = true
	return f
}

// Size is what the frame counts in Options.MaxQueue: its bytes and what it takes beside them.
func (f *Frame) Size() int { return len(f.wire) + frameCost }

// packet is the text packet with its type, or the bytes of a binary message.
func (f *Frame) packet() []byte { return f.wire[f.head:] }

// newFrame encodes a WebSocket frame of kind and data; kind 0 stands for none.
func newFrame(opcode byte, kind byte, data []byte) *Frame {
	length := len(data)
	if kind != 0 {
		length++
	}
	wire := make([]byte, 0, maxServerHeader+length)
	wire = appendHeader(wire, opcode, length)
	head := len(wire)
	if kind != 0 {
		wire = append(wire, kind)
	}
	return &Frame{wire: append(wire, data...), head: uint8(head)}
}

// newRawFrame is what leaves a WebSocket without being a packet.
func newRawFrame(wire []byte) *Frame { return &Frame{wire: wire, raw: true} }

// onWebSocket is the frame in the form that a WebSocket of that revision takes.
func (f *Frame) onWebSocket(protocol uint8, base64Only bool) *Frame {
	if !f.binary || protocol != 3 {
		return f
	}
	if base64Only {
		return newFrame(opText, 'b', appendBase64([]byte{packetMessage}, f.packet()))
	}
	if v3 := f.forEIO3.Load(); v3 != nil {
		return v3
	}
	data := f.packet()
	wire := appendHeader(make([]byte, 0, maxServerHeader+1+len(data)), opBinary, 1+len(data))
	wire = append(wire, packetMessage-packetOpen)
	v3 := &Frame{wire: append(wire, data...), binary: true, raw: true}
	f.forEIO3.Store(v3)
	return v3
}

// maxServerHeader is the longest header of an unmasked frame.
const maxServerHeader = 10

// appendHeader appends the header of an unmasked, final frame (RFC 6455,
// section 5.2).
func appendHeader(b []byte, opcode byte, length int) []byte {
	b = append(b, finBit|opcode)
	switch {
	case length <= 125:
		return append(b, byte(length))
	case length <= 0xffff:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(b, 127), uint64(length))
	}
}

func appendBase64(b, data []byte) []byte { return base64.StdEncoding.AppendEncode(b, data) }

// Frames without data of their own are made once.
var (
	closeFrame = newFrame(opText, packetClose, nil)
	pingFrame  = newFrame(opText, packetPing, nil)
	pongFrame  = newFrame(opText, packetPong, nil)
	probePong  = newFrame(opText, packetPong, []byte(probe))
	noopFrame  = newFrame(opText, packetNoop, nil)
)
