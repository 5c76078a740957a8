package engineio

import (
	"encoding/binary"
	"unicode/utf8"
)

// WebSocket opcodes and bits (RFC 6455, section 5.2).
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa

	finBit  = 0x80
	rsvBits = 0x70
	maskBit = 0x80

	maxControlPayload = 125
	maxClientHeader   = 14
)

// Statuses of close frames (RFC 6455, section 7.4.1); 0 stands for none.
const (
	statusNormal        = 1000
	statusGoingAway     = 1001
	statusProtocolError = 1002
	statusNoStatus      = 1005
	statusAbnormal      = 1006
	statusInvalidData   = 1007
	statusPolicy        = 1008
	statusTooBig        = 1009
	statusInternalError = 1011
)

// frameError describes an invalid frame, with the status to close the WebSocket with.
type frameError struct {
	status uint16
	reason string
}

func (e *frameError) Error() string { return e.reason }

func protocolError(reason string) *frameError {
	return &frameError{status: statusProtocolError, reason: reason}
}

// wsReceiver receives the decoded messages and frames of a wsDecoder. The bytes are valid until
// the call returns. It returns false to stop the decoder.
type wsReceiver interface {
	wsMessage(binary bool, data []byte) bool
	wsControl(opcode byte, data []byte) bool
}

// wsDecoder decodes the bytes of a client into messages and control frames. It keeps no buffer
// between frames. Its copy of an incomplete message grows with the received bytes, not with the
// announced length.
type wsDecoder struct {
	header     [maxClientHeader]byte // an incomplete header
	headerSize uint8

	inPayload bool
	opcode    byte // of the present frame
	final     bool
	mask      [4]byte
	read      int // bytes of its payload so far
	length    int

	messageOpcode byte // of the incomplete message, 0 if there is none
	message       []byte
	control       []byte
}

// feed decodes b, which it unmasks in place.
func (d *wsDecoder) feed(b []byte, maxPayload int, to wsReceiver) *frameError {
	for len(b) > 0 {
		if !d.inPayload {
			n, err := d.readHeader(b, maxPayload)
			if err != nil {
				return err
			}
			b = b[n:]
			if !d.inPayload {
				return nil // the header is incomplete
			}
		}
		chunk := b[:min(d.length-d.read, len(b))]
		b = b[len(chunk):]
		unmask(chunk, d.mask, d.read)
		d.read += len(chunk)
		more, err := d.payload(chunk, to)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// payload decodes the next part of the payload, which may be empty. more is false if the receiver
// has stopped the decoder.
func (d *wsDecoder) payload(chunk []byte, to wsReceiver) (more bool, err *frameError) {
	complete := d.read == d.length
	d.inPayload = !complete
	if d.opcode >= opClose {
		if complete && len(d.control) == 0 {
			return to.wsControl(d.opcode, chunk), nil
		}
		d.control = append(d.control, chunk...)
		if !complete {
			return true, nil
		}
		data := d.control
		d.control = nil
		return to.wsControl(d.opcode, data), nil
	}
	data := chunk
	if !complete || !d.final || len(d.message) > 0 {
		d.keep(chunk)
		data = d.message
	}
	if !complete || !d.final {
		return true, nil
	}
	isText := d.messageOpcode == opText
	d.messageOpcode, d.message = 0, nil
	if isText && !utf8.Valid(data) {
		return false, &frameError{status: statusInvalidData, reason: "text message is not UTF-8"}
	}
	return to.wsMessage(!isText, data), nil
}

// exactBelow is the largest remaining length for which a message gets a buffer of its exact size at once.
const exactBelow = 4 << 10

func (d *wsDecoder) keep(chunk []byte) {
	if rest := d.length - d.read + len(chunk); cap(d.message)-len(d.message) < rest && rest <= exactBelow {
		grown := make([]byte, len(d.message), len(d.message)+rest)
		copy(grown, d.message)
		d.message = grown
	}
	d.message = append(d.message, chunk...)
}

// readHeader reads and checks a header at the start of b, or the rest of a header that an earlier
// read began. n is the number of bytes of b that belong to it.
func (d *wsDecoder) readHeader(b []byte, maxPayload int) (n int, err *frameError) {
	before := int(d.headerSize)
	h := b
	if before > 0 {
		n = copy(d.header[before:], b)
		h = d.header[:before+n]
	}
	size := headerLength(h)
	if len(h) < size {
		if before == 0 {
			n = copy(d.header[:], b)
		}
		d.headerSize = uint8(before + n)
		// The first bytes are checked at once, so that an invalid frame is refused early.
		return n, d.checkStart(h)
	}
	d.headerSize = 0
	if err := d.checkStart(h); err != nil {
		return 0, err
	}
	length := uint64(h[1] &^ maskBit)
	switch length {
	case 126:
		length = uint64(binary.BigEndian.Uint16(h[2:]))
		if length <= 125 {
			return 0, protocolError("length is not minimal")
		}
	case 127:
		length = binary.BigEndian.Uint64(h[2:])
		if length <= 0xffff || length>>63 != 0 {
			return 0, protocolError("length is not minimal or out of range")
		}
	}
	d.opcode, d.final = h[0]&0x0f, h[0]&finBit != 0
	if d.opcode < opClose {
		if length > uint64(max(0, maxPayload-len(d.message))) {
			return 0, &frameError{status: statusTooBig, reason: "message too large"}
		}
		if d.opcode != opContinuation {
			d.messageOpcode = d.opcode
		}
	}
	copy(d.mask[:], h[size-4:size])
	d.length, d.read, d.inPayload = int(length), 0, true
	return size - before, nil
}

// headerLength returns the size of the header that begins with h, as far as h determines it.
func headerLength(h []byte) int {
	if len(h) < 2 {
		return 2
	}
	switch h[1] &^ maskBit {
	case 126:
		return 2 + 2 + 4
	case 127:
		return 2 + 8 + 4
	default:
		return 2 + 4
	}
}

// checkStart checks the first two bytes of a header, or only the first if h has no more.
func (d *wsDecoder) checkStart(h []byte) *frameError {
	if h[0]&rsvBits != 0 {
		return protocolError("reserved bit is set")
	}
	opcode, final := h[0]&0x0f, h[0]&finBit != 0
	switch opcode {
	case opContinuation:
		if d.messageOpcode == 0 {
			return protocolError("continuation of nothing")
		}
	case opText, opBinary:
		if d.messageOpcode != 0 {
			return protocolError("message inside a fragmented message")
		}
	case opClose, opPing, opPong:
		if !final {
			return protocolError("fragmented control frame")
		}
	default:
		return protocolError("reserved opcode")
	}
	if len(h) < 2 {
		return nil
	}
	if h[1]&maskBit == 0 {
		return protocolError("frame is not masked")
	}
	if opcode >= opClose && h[1]&^maskBit > maxControlPayload {
		return protocolError("control frame too long")
	}
	return nil
}

// unmask applies mask to b. offset is the position of b in the payload (RFC 6455, section 5.3).
func unmask(b []byte, mask [4]byte, offset int) {
	var turned [8]byte
	for i := range turned {
		turned[i] = mask[(offset+i)&3]
	}
	word := binary.NativeEndian.Uint64(turned[:])
	for len(b) >= 8 {
		binary.NativeEndian.PutUint64(b, binary.NativeEndian.Uint64(b)^word)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= turned[i]
	}
}

// closeStatus checks the payload of a close frame and returns the status to
// answer with (RFC 6455, sections 5.5.1 and 7.4).
func closeStatus(payload []byte) uint16 {
	if len(payload) == 0 {
		return 0
	}
	if len(payload) == 1 {
		return statusProtocolError
	}
	status := binary.BigEndian.Uint16(payload)
	switch {
	case status >= 3000 && status <= 4999:
	case status < statusNormal, status > 1014, status == 1004, status == statusNoStatus, status == statusAbnormal:
		return statusProtocolError
	}
	if !utf8.Valid(payload[2:]) {
		return statusInvalidData
	}
	return status
}

// newCloseFrame returns a close frame with that status, or without one if it is 0.
func newCloseFrame(status uint16) *Frame {
	var payload []byte
	if status != 0 {
		payload = binary.BigEndian.AppendUint16(nil, status)
	}
	return newControlFrame(opClose, payload)
}

func newControlFrame(opcode byte, payload []byte) *Frame {
	f := newFrame(opcode, 0, payload)
	f.raw = true
	return f
}
