package engineio

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// A payload contains the packets of one polling request or response. There are three forms:
//
//	revision 4           packet \x1e packet …           binary as b<base64>
//	revision 3, text     <length>:<packet>…             length in UTF-16 units, binary as b4<base64>
//	revision 3, binary   00|01 <digits> ff <packet>…    length in bytes, one byte 0–9 a digit

const recordSeparator = 0x1e

var (
	errNotUTF8       = errors.New("text is not UTF-8")
	errLength        = errors.New("invalid length in payload")
	errEmptyPayload  = errors.New("empty payload")
	errPayloadHeader = errors.New("invalid header in binary payload")
)

// decodePayload4 calls use with the packets of a payload of revision 4, in order, until it
// returns false (v4 "Packet encoding, HTTP long-polling"). Base64 is decoded in place.
func decodePayload4(body []byte, use func(packet) bool) error {
	if !utf8.Valid(body) {
		return errNotUTF8
	}
	for {
		record, rest, more := bytes.Cut(body, []byte{recordSeparator})
		p, err := decodeText(4, record)
		if err != nil {
			return err
		}
		if !use(p) || !more {
			return nil
		}
		body = rest
	}
}

// maxLengthDigits prevents an overflow of lengths. Their limits are checked before.
const maxLengthDigits = 12

// decodePayload3 is decodePayload4 for the text form of revision 3
// (v3 "Payload").
func decodePayload3(body []byte, use func(packet) bool) error {
	if len(body) == 0 {
		return errEmptyPayload
	}
	if !utf8.Valid(body) {
		return errNotUTF8
	}
	for len(body) > 0 {
		colon := bytes.IndexByte(body[:min(len(body), maxLengthDigits+1)], ':')
		if colon < 1 {
			return errLength
		}
		units := 0
		for _, digit := range body[:colon] {
			if digit < '0' || digit > '9' {
				return errLength
			}
			units = units*10 + int(digit-'0')
		}
		body = body[colon+1:]
		size, ok := utf16Prefix(body, units)
		if !ok {
			return errLength
		}
		p, err := decodeText(3, body[:size])
		if err != nil {
			return err
		}
		if !use(p) {
			return nil
		}
		body = body[size:]
	}
	return nil
}

// undoubleUTF8 decodes text of polling clients of the 1.x generation without binary XHR, which send each byte of the UTF-8
// text as a character. Text of other clients has this form only by a similar mistake, see Session.undouble. undoubleUTF8
// reports whether the text had this form.
func undoubleUTF8(b []byte) (_ []byte, doubled bool) {
	wide := false
	for i := 0; i < len(b); i++ {
		if b[i] < utf8.RuneSelf {
			continue
		}
		// Only U+0080–U+00FF: two bytes, of which the first is C2 or C3.
		if b[i] != 0xc2 && b[i] != 0xc3 {
			return b, false
		}
		wide = true
		i++
	}
	if !wide {
		return b, false
	}
	single := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c >= utf8.RuneSelf {
			i++
			c = c<<6 | b[i]&0x3f
		}
		single = append(single, c)
	}
	if !utf8.Valid(single) {
		return b, false
	}
	return single, true
}

// decodePayload3Binary is decodePayload3 for the binary form.
func decodePayload3Binary(body []byte, use func(packet) bool) error {
	if len(body) == 0 {
		return errEmptyPayload
	}
	for len(body) > 0 {
		isBinary := body[0] == 1
		if body[0] > 1 {
			return errPayloadHeader
		}
		end := bytes.IndexByte(body[:min(len(body), maxLengthDigits+2)], 0xff)
		if end < 2 {
			return errPayloadHeader
		}
		size := 0
		for _, digit := range body[1:end] {
			if digit > 9 {
				return errLength
			}
			size = size*10 + int(digit)
		}
		body = body[end+1:]
		if size > len(body) {
			return errLength
		}
		var p packet
		var err error
		switch {
		case isBinary:
			p, err = decodeBinary(3, body[:size])
		case !utf8.Valid(body[:size]):
			err = errNotUTF8
		default:
			p, err = decodeText(3, body[:size])
		}
		if err != nil {
			return err
		}
		if !use(p) {
			return nil
		}
		body = body[size:]
	}
	return nil
}

// utf16Prefix returns the number of bytes of the UTF-8 text b that are its first units UTF-16
// units. It returns false if b is shorter or the limit splits a character.
func utf16Prefix(b []byte, units int) (size int, ok bool) {
	for units > 0 {
		if size >= len(b) {
			return 0, false
		}
		// The first byte determines the length of the character. Characters of four bytes
		// have two units.
		switch c := b[size]; {
		case c < utf8.RuneSelf:
			size, units = size+1, units-1
		case c < 0xe0:
			size, units = size+2, units-1
		case c < 0xf0:
			size, units = size+3, units-1
		default:
			size, units = size+4, units-2
		}
	}
	return size, units == 0
}

// utf16Len returns the length of the UTF-8 text b in UTF-16 units.
func utf16Len(b []byte) int {
	n := 0
	for _, c := range b {
		// Count the first byte of each character, twice for characters of four bytes.
		if c&0xc0 != 0x80 {
			n++
		}
		if c >= 0xf0 {
			n++
		}
	}
	return n
}

// appendPayload4 appends the payload of frames in revision 4.
func appendPayload4(b []byte, frames []*Frame) []byte {
	for i, f := range frames {
		if i > 0 {
			b = append(b, recordSeparator)
		}
		if f.binary {
			b = appendBase64(append(b, 'b'), f.packet())
		} else {
			b = append(b, f.packet()...)
		}
	}
	return b
}

// appendPayload3 appends the text form of the payload in revision 3. double is true for clients
// that encode UTF-8 twice.
func appendPayload3(b []byte, frames []*Frame, double bool) []byte {
	var scratch []byte
	for _, f := range frames {
		p := f.packet()
		switch {
		case f.binary:
			scratch = appendBase64(append(scratch[:0], 'b', packetMessage), p)
			p = scratch
		case f.json && !isASCII(p):
			scratch = appendASCII(scratch[:0], p)
			p = scratch
		case double:
			scratch = appendDoubled(scratch[:0], p)
			p = scratch
		}
		b = strconv.AppendInt(b, int64(utf16Len(p)), 10)
		b = append(b, ':')
		b = append(b, p...)
	}
	return b
}

// appendPayload3Binary appends the binary form of the payload in revision 3.
func appendPayload3Binary(b []byte, frames []*Frame) []byte {
	for _, f := range frames {
		p := f.packet()
		header, size := byte(0), len(p)
		if f.binary {
			header, size = 1, 1+len(p)
		}
		b = append(b, header)
		first := len(b)
		b = strconv.AppendInt(b, int64(size), 10)
		for i := first; i < len(b); i++ {
			b[i] -= '0'
		}
		b = append(b, 0xff)
		if f.binary {
			b = append(b, packetMessage-packetOpen)
		}
		b = append(b, p...)
	}
	return b
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendASCII appends the UTF-8 text b with JSON escapes for all characters outside ASCII.
func appendASCII(dst, b []byte) []byte {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		switch {
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		case r < 0x10000:
			dst = appendEscape(dst, uint16(r))
		default:
			r -= 0x10000
			dst = appendEscape(dst, 0xd800|uint16(r>>10))
			dst = appendEscape(dst, 0xdc00|uint16(r&0x3ff))
		}
	}
	return dst
}

func appendEscape(b []byte, unit uint16) []byte {
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', hex[unit>>12], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
}

// appendDoubled appends each byte of b as one character, see undoubleUTF8.
func appendDoubled(dst, b []byte) []byte {
	for _, c := range b {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst
}
