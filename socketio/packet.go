package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

// The types of packets (Socket.IO protocol v5, "Exchange protocol"; v4 calls the fifth ERROR). An encoded packet is
//
//	<type>[<number of attachments>-][<namespace>,][<acknowledgement id>][JSON]
//
// and the attachments of a binary packet follow it as binary messages, in order, with nothing in between.
const (
	typeConnect      = '0'
	typeDisconnect   = '1'
	typeEvent        = '2'
	typeAck          = '3'
	typeConnectError = '4'
	typeBinaryEvent  = '5'
	typeBinaryAck    = '6'
)

// A packet is a parsed packet. Its slices are parts of the message.
type packet struct {
	kind        byte // typeEvent and typeAck for binary ones too
	attachments int
	namespace   []byte // as written, with the query that revision 4 may put there; "/" if absent
	id          uint64
	hasID       bool
	data        []byte // JSON, unchecked; empty if absent
}

var (
	errType        = errors.New("socketio: unknown packet type")
	errAttachments = errors.New("socketio: invalid number of attachments")
	errID          = errors.New("socketio: invalid acknowledgement id")
	errPayload     = errors.New("socketio: invalid payload")
)

var mainNamespace = []byte("/")

// parsePacket splits an encoded packet. parseArgs and parseAuth check its payload.
func parsePacket(message []byte, maxAttachments int) (packet, error) {
	if len(message) == 0 || message[0] < typeConnect || message[0] > typeBinaryAck {
		return packet{}, errType
	}
	p := packet{kind: message[0], namespace: mainNamespace}
	rest := message[1:]

	if p.kind == typeBinaryEvent || p.kind == typeBinaryAck {
		digits := skipDigits(rest, 0)
		if digits == len(rest) || rest[digits] != '-' {
			return packet{}, errAttachments
		}
		n, ok := smallNumber(rest[:digits])
		if !ok || n < 1 || n > maxAttachments {
			return packet{}, errAttachments
		}
		p.attachments = n
		p.kind -= typeBinaryEvent - typeEvent
		rest = rest[digits+1:]
	}

	if len(rest) > 0 && rest[0] == '/' {
		if comma := bytes.IndexByte(rest, ','); comma >= 0 {
			p.namespace, rest = rest[:comma], rest[comma+1:]
		} else {
			p.namespace, rest = rest, nil
		}
	}

	if digits := skipDigits(rest, 0); digits > 0 {
		id, ok := parseID(rest[:digits])
		if !ok {
			return packet{}, errID
		}
		p.id, p.hasID, rest = id, true, rest[digits:]
	}
	p.data = rest

	return p, p.check()
}

// check refuses combinations that the tables of the protocol do not have.
func (p *packet) check() error {
	switch p.kind {
	case typeConnect:
		if p.hasID {
			return errID
		}
	case typeDisconnect:
		if p.hasID || len(p.data) > 0 {
			return errPayload
		}
	case typeAck:
		if !p.hasID {
			return errID
		}
		fallthrough
	case typeEvent:
		if len(p.data) == 0 {
			return errPayload
		}
	}
	return nil
}

// parseID reads digits as an acknowledgement id. JavaScript holds whole numbers exactly up to 2^53 only.
func parseID(digits []byte) (uint64, bool) {
	if len(digits) > 16 {
		return 0, false
	}
	var id uint64
	for _, c := range digits {
		id = id*10 + uint64(c-'0')
	}
	return id, id <= 1<<53
}

// parseAuth checks the payload of a CONNECT packet: an object, or nothing.
func parseAuth(data []byte) (json.RawMessage, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if err := checkJSON(data); err != nil {
		return nil, err
	}
	data = bytes.TrimSpace(data)
	if data[0] != '{' {
		return nil, errPayload
	}
	return data, nil
}

// parseArgs splits the payload of an event or acknowledgement and checks that every placeholder has its attachment.
func parseArgs(p *packet, dst []json.RawMessage, limit int) ([]json.RawMessage, error) {
	args, err := splitArray(p.data, dst, limit)
	if err != nil {
		return nil, err
	}
	if p.attachments > 0 {
		if _, err := findPlaceholders(p.data, p.attachments); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// reserved contains the event names that the libraries use themselves. A packet with one of them is invalid.
func reserved(event []byte) bool {
	switch string(event) {
	case "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener":
		return true
	}
	return false
}

// eventName returns the name of an event, the first element of its payload: the content of a string, or the text of a number
// (in JavaScript the name of an event can be 1). The result may be a slice of arg.
func eventName(arg json.RawMessage) ([]byte, error) {
	switch c := arg[0]; {
	case c == '"' && bytes.IndexByte(arg, '\\') < 0:
		arg = arg[1 : len(arg)-1]
	case c == '"':
		arg = []byte(plainName(arg))
	case c == '-' || c >= '0' && c <= '9':
		return arg, nil
	default:
		return nil, errPayload
	}
	if reserved(arg) {
		return nil, errPayload
	}
	return arg, nil
}

// appendHeader appends the part of an encoded packet before the JSON. The id is left out if it is noID.
func appendHeader(dst []byte, kind byte, attachments int, namespace string, id uint64) []byte {
	if attachments > 0 {
		switch kind {
		case typeEvent:
			kind = typeBinaryEvent
		case typeAck:
			kind = typeBinaryAck
		}
		dst = append(dst, kind)
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	} else {
		dst = append(dst, kind)
	}
	if namespace != "/" {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	if id != noID {
		dst = strconv.AppendUint(dst, id, 10)
	}
	return dst
}

const noID = math.MaxUint64
