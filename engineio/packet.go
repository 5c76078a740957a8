package engineio

import (
	"bytes"
	"encoding/base64"
	"errors"
)

// Packet types (v4 "Protocol"; v3 "Packet") in their text form. A binary packet of revision 3
// has the type as a byte 0–6. A binary packet of revision 4 has no type and is always a message.
const (
	packetOpen    = '0'
	packetClose   = '1'
	packetPing    = '2'
	packetPong    = '3'
	packetMessage = '4'
	packetUpgrade = '5'
	packetNoop    = '6'
)

const probe = "probe"

// packet is one decoded packet. data is a part of the decoded input.
type packet struct {
	kind   byte
	binary bool
	data   []byte
}

var (
	errEmptyPacket = errors.New("empty packet")
	errPacketType  = errors.New("unknown packet type")
	errBase64      = errors.New("invalid base64")
)

// decodeText decodes a packet that arrived as text. Base64 is decoded in place.
func decodeText(protocol uint8, b []byte) (packet, error) {
	if len(b) == 0 {
		return packet{}, errEmptyPacket
	}
	if b[0] == 'b' {
		return decodeBase64(protocol, b[1:])
	}
	if b[0] < packetOpen || b[0] > packetNoop {
		return packet{}, errPacketType
	}
	return packet{kind: b[0], data: b[1:]}, nil
}

// decodeBase64 decodes the text after the "b". In revision 4 this is the data; in revision 3 it is
// the packet type and the data.
func decodeBase64(protocol uint8, b []byte) (packet, error) {
	kind := byte(packetMessage)
	if protocol == 3 {
		if len(b) == 0 {
			return packet{}, errEmptyPacket
		}
		kind, b = b[0], b[1:]
		if kind < packetOpen || kind > packetNoop {
			return packet{}, errPacketType
		}
	}
	encoding := base64.StdEncoding
	if len(b)%4 != 0 && !bytes.HasSuffix(b, []byte("=")) {
		encoding = base64.RawStdEncoding
	}
	n, err := encoding.Decode(b, b)
	if err != nil {
		return packet{}, errBase64
	}
	return packet{kind: kind, binary: true, data: b[:n]}, nil
}

// decodeBinary decodes a packet that arrived as bytes.
func decodeBinary(protocol uint8, b []byte) (packet, error) {
	if protocol == 4 {
		return packet{kind: packetMessage, binary: true, data: b}, nil
	}
	if len(b) == 0 {
		return packet{}, errEmptyPacket
	}
	if b[0] > packetNoop-packetOpen {
		return packet{}, errPacketType
	}
	return packet{kind: packetOpen + b[0], binary: true, data: b[1:]}, nil
}
