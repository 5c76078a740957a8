//go:build linux

package main

import (
	"encoding/binary"
	"errors"
)

// WebSocket opcodes (RFC 6455, section 5.2).
const (
	opText   = 0x1
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
)

// A client has to mask what it sends (RFC 6455, section 5.3). Which key is of no
// interest here, that the server has to undo it is.
var maskKey = [4]byte{0x9a, 0x3c, 0x51, 0xe7}

// appendFrame appends one masked, unfragmented frame to b.
func appendFrame(b []byte, opcode byte, payload string) []byte {
	b = append(b, 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = append(b, 0x80|127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, maskKey[:]...)
	for i := range len(payload) {
		b = append(b, payload[i]^maskKey[i&3])
	}
	return b
}

// textFrame is one masked text frame.
func textFrame(payload string) []byte { return appendFrame(nil, opText, payload) }

// No server under test sends anything near it.
const maxFrame = 16 << 20

var (
	errFragmented = errors.New("websocket: fragmented or compressed frame")
	errMasked     = errors.New("websocket: masked frame from a server")
	errNotMasked  = errors.New("websocket: frame without a mask from a client")
	errFrameSize  = errors.New("websocket: frame too large")
)

// cutFrame takes the first frame off b. size is 0 while the frame is not there
// whole; otherwise b[size:] is what follows it. The payload is part of b.
func cutFrame(b []byte) (opcode byte, payload []byte, size int, err error) {
	if len(b) < 2 {
		return 0, nil, 0, nil
	}
	if b[0]&0xf0 != 0x80 {
		return 0, nil, 0, errFragmented
	}
	if b[1]&0x80 != 0 {
		return 0, nil, 0, errMasked
	}
	head, length := 2, uint64(b[1])
	switch length {
	case 126:
		if head = 4; len(b) < head {
			return 0, nil, 0, nil
		}
		length = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if head = 10; len(b) < head {
			return 0, nil, 0, nil
		}
		length = binary.BigEndian.Uint64(b[2:])
	}
	if length > maxFrame {
		return 0, nil, 0, errFrameSize
	}
	size = head + int(length)
	if len(b) < size {
		return 0, nil, 0, nil
	}
	return b[0] & 0x0f, b[head:size], size, nil
}

func nativeUint64(b [8]byte) uint64 { return binary.NativeEndian.Uint64(b[:]) }
