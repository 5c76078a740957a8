package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// A placeholder is the object {"_placeholder":true,"num":N}, which stands for the N-th attachment in the JSON of a binary
// packet (Socket.IO protocol, "Packet encoding"). Receivers look for it after parsing, so the order of the members, white
// space and escapes in the names do not matter, and of members with the same name the last one counts.
type placeholder struct {
	start, end int // where the object is in the JSON
	num        int
}

var errPlaceholder = errors.New("socketio: placeholder without an attachment")

// findPlaceholders lists the placeholders in data, which must be valid JSON, in the order they stand there. A number that
// does not name one of the attachments is an error.
func findPlaceholders(data []byte, attachments int) ([]placeholder, error) {
	if !mayHoldPlaceholder(data) {
		return nil, nil
	}
	var (
		found []placeholder
		stack []container
	)
	for i := 0; i < len(data); {
		switch c := data[i]; c {
		case '{', '[':
			stack = append(stack, container{start: i, array: c == '['})
			i++
		case '}', ']':
			o := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			i++
			if o.is {
				num, ok := smallNumber(o.number)
				if !ok || num >= attachments {
					return nil, errPlaceholder
				}
				// The whole object is replaced, with all its other members.
				for len(found) > 0 && found[len(found)-1].start > o.start {
					found = found[:len(found)-1]
				}
				found = append(found, placeholder{start: o.start, end: i, num: num})
			}
			if len(stack) > 0 {
				stack[len(stack)-1].setValue(data[o.start:i])
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			i++
		default:
			end, err := scanScalar(data, i)
			if err != nil {
				return nil, err
			}
			if len(stack) > 0 {
				top := &stack[len(stack)-1]
				if next := skipSpace(data, end); c == '"' && !top.array && next < len(data) && data[next] == ':' {
					name := plainName(data[i:end])
					top.nameIs, top.nameNum = name == "_placeholder", name == "num"
				} else {
					top.setValue(data[i:end])
				}
			}
			i = end
		}
	}
	return found, nil
}

// A container is an object or array that is being read by findPlaceholders.
type container struct {
	start   int
	array   bool
	is      bool   // has "_placeholder": true
	number  []byte // the value of "num"
	nameIs  bool   // the member being read is "_placeholder"
	nameNum bool   // the member being read is "num"
}

func (c *container) setValue(value []byte) {
	switch {
	case c.nameIs:
		c.is = string(value) == "true"
	case c.nameNum:
		c.number = value
	}
	c.nameIs, c.nameNum = false, false
}

func mayHoldPlaceholder(data []byte) bool {
	return bytes.Contains(data, []byte("_placeholder")) || bytes.Contains(data, []byte(`\u`))
}

// smallNumber reads a whole number of at most three digits; no packet has more attachments than that.
func smallNumber(raw []byte) (int, bool) {
	if len(raw) == 0 || len(raw) > 3 {
		return 0, false
	}
	n, err := strconv.Atoi(string(raw))
	return n, err == nil && n >= 0
}

// plainName returns the member name in the quotes, its escapes resolved.
func plainName(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var name string
	_ = json.Unmarshal(quoted, &name) // checked before: it is a valid string
	return name
}
