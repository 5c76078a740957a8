package socketio

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"parley/engineio"
)

// An encoder encodes arguments as the frames of one packet. The header contains the number of attachments, which is known only
// after the arguments are written. So space for the header is left before them.
type encoder struct {
	buf         []byte
	attachments [][]byte
	plain       [][2]int // parts of buf with JSON of the caller, which has no attachment of this packet
	json        *json.Encoder
}

const maxPooled = 64 << 10

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.json = json.NewEncoder(e)
	e.json.SetEscapeHTML(false)
	return e
}}

// appendPacket appends the frames of an event (with its name) or of an acknowledgement (without) to dst.
func appendPacket(dst []*engineio.Frame, kind byte, namespace string, id uint64, event string, args []any) ([]*engineio.Frame, error) {
	e := encoders.Get().(*encoder)
	defer e.release()
	text, err := e.packet(kind, namespace, id, event, args)
	if err != nil {
		return nil, err
	}
	if isASCII(namespace) {
		dst = append(dst, engineio.JSONFrame(text))
	} else {
		dst = append(dst, engineio.TextFrame(text))
	}
	for _, attachment := range e.attachments {
		dst = append(dst, engineio.BinaryFrame(attachment))
	}
	return dst, nil
}

// packet returns the text of a packet, which is valid until release. The attachments stay in e.
func (e *encoder) packet(kind byte, namespace string, id uint64, event string, args []any) ([]byte, error) {
	room := len(namespace) + len("5999-") + len(",18446744073709551615")
	e.buf = slices.Grow(e.buf[:0], room+2)[:room]
	e.buf = append(e.buf, '[')
	if kind == typeEvent {
		if reserved([]byte(event)) {
			return nil, fmt.Errorf("socketio: the event name %q is reserved", event)
		}
		e.string(event)
	}
	for i, arg := range args {
		if err := e.arg(arg); err != nil {
			return nil, fmt.Errorf("socketio: argument %d: %w", i, err)
		}
	}
	e.buf = append(e.buf, ']')
	if err := e.checkPlain(); err != nil {
		return nil, err
	}

	var small [64]byte
	header := appendHeader(small[:0], kind, len(e.attachments), namespace, id)
	start := room - len(header)
	copy(e.buf[start:], header)
	return e.buf[start:], nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (e *encoder) release() {
	clear(e.attachments)
	e.attachments, e.plain = e.attachments[:0], e.plain[:0]
	if cap(e.buf) <= maxPooled {
		encoders.Put(e)
	}
}

// Write appends the output of encoding/json.
func (e *encoder) Write(p []byte) (int, error) {
	e.buf = append(e.buf, p...)
	return len(p), nil
}

// comma separates the next argument from the one before it.
func (e *encoder) comma() {
	if e.buf[len(e.buf)-1] != '[' {
		e.buf = append(e.buf, ',')
	}
}

func (e *encoder) arg(arg any) error {
	switch arg := arg.(type) {
	case Values:
		return e.values(arg)
	case string:
		e.comma()
		e.string(arg)
	case Binary:
		e.comma()
		e.attach(arg)
	case json.RawMessage:
		e.comma()
		return e.raw(arg)
	case bool:
		e.comma()
		e.buf = strconv.AppendBool(e.buf, arg)
	case int:
		e.comma()
		e.buf = strconv.AppendInt(e.buf, int64(arg), 10)
	case int64:
		e.comma()
		e.buf = strconv.AppendInt(e.buf, arg, 10)
	case nil:
		e.comma()
		e.buf = append(e.buf, "null"...)
	default:
		e.comma()
		return e.any(arg)
	}
	return nil
}

// string writes s as JSON. Bytes that are not UTF-8 become U+FFFD, as in encoding/json.
func (e *encoder) string(s string) {
	e.buf = append(e.buf, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				e.buf = append(append(e.buf, s[from:i]...), `\ufffd`...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		e.buf = append(e.buf, s[from:i]...)
		switch c {
		case '"', '\\':
			e.buf = append(e.buf, '\\', c)
		case '\n':
			e.buf = append(e.buf, '\\', 'n')
		case '\r':
			e.buf = append(e.buf, '\\', 'r')
		case '\t':
			e.buf = append(e.buf, '\\', 't')
		default:
			const hex = "0123456789abcdef"
			e.buf = append(e.buf, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	e.buf = append(append(e.buf, s[from:]...), '"')
}

var errNotUTF8 = errors.New("not UTF-8")

// raw checks JSON of the caller and writes it. Invalid JSON would close the connections of all receivers.
func (e *encoder) raw(raw json.RawMessage) error {
	if len(raw) == 0 {
		e.buf = append(e.buf, "null"...)
		return nil
	}
	if err := checkJSON(raw); err != nil {
		return err
	}
	if !utf8.Valid(raw) {
		return errNotUTF8
	}
	start := len(e.buf)
	e.buf = append(e.buf, raw...)
	e.plain = append(e.plain, [2]int{start, len(e.buf)})
	return nil
}

// attach writes the placeholder of the next attachment.
func (e *encoder) attach(b []byte) {
	e.placeholder(len(e.attachments))
	e.attachments = append(e.attachments, b)
}

func (e *encoder) placeholder(num int) {
	e.buf = append(e.buf, `{"_placeholder":true,"num":`...)
	e.buf = strconv.AppendInt(e.buf, int64(num), 10)
	e.buf = append(e.buf, '}')
}

// values writes arguments of a client. Their placeholders get the numbers of their attachments in this packet.
func (e *encoder) values(v Values) error {
	if len(v.Attachments) == 0 {
		for _, arg := range v.Args {
			e.comma()
			if err := e.raw(arg); err != nil {
				return err
			}
		}
		return nil
	}
	offset := len(e.attachments)
	for _, arg := range v.Args {
		e.comma()
		if err := checkJSON(arg); err != nil {
			return err
		}
		found, err := findPlaceholders(arg, len(v.Attachments))
		if err != nil {
			return err
		}
		from := 0
		for _, p := range found {
			e.buf = append(e.buf, arg[from:p.start]...)
			e.placeholder(offset + p.num)
			from = p.end
		}
		e.buf = append(e.buf, arg[from:]...)
	}
	e.attachments = append(e.attachments, v.Attachments...)
	return nil
}

// any writes a value with encoding/json, then replaces the Binary values by placeholders.
func (e *encoder) any(arg any) error {
	start := len(e.buf)
	if err := e.json.Encode(arg); err != nil {
		return err
	}
	e.buf = e.buf[:len(e.buf)-1] // the line feed
	if !bytes.Contains(e.buf[start:], binaryStart) {
		e.plain = append(e.plain, [2]int{start, len(e.buf)})
		return nil
	}
	if found, err := findPlaceholders(e.buf[start:], maxAttachmentsOut); err != nil || len(found) > 0 {
		return errLookalike
	}
	written := bytes.Clone(e.buf[start:])
	e.buf = e.buf[:start]
	for {
		at := bytes.Index(written, binaryStart)
		if at < 0 {
			break
		}
		e.buf = append(e.buf, written[:at]...)
		written = written[at+len(binaryStart):]
		end := bytes.Index(written, binaryEnd)
		decoded, err := base64.StdEncoding.AppendDecode(nil, written[:end])
		if err != nil {
			return err
		}
		e.attach(decoded)
		written = written[end+len(binaryEnd):]
	}
	e.buf = append(e.buf, written...)
	return nil
}

const maxAttachmentsOut = 1000

var (
	errLookalike     = errors.New("socketio: an argument beside an attachment looks like the placeholder of one")
	errTooManyBinary = errors.New("socketio: too many attachments")
)

// checkPlain refuses a binary packet with placeholders that this encoder did not write: the receiver would replace them by an
// attachment, or close its connection because of an unknown number. In a packet without attachments they are ordinary objects.
func (e *encoder) checkPlain() error {
	if len(e.attachments) == 0 {
		return nil
	}
	if len(e.attachments) >= maxAttachmentsOut {
		return errTooManyBinary
	}
	for _, part := range e.plain {
		found, err := findPlaceholders(e.buf[part[0]:part[1]], maxAttachmentsOut)
		if err != nil || len(found) > 0 {
			return errLookalike
		}
	}
	return nil
}
