package wire

import (
	"bytes"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// errSyntax is the error for a payload that is not JSON. It names no field, because the
// field cannot be known for certain.
var errSyntax = errors.New("not JSON")

// errDepth is the error for values with more than [MaxDepth] levels.
var errDepth = errors.New("nested too deeply")

// kind is the type of a JSON value, which its first byte determines.
type kind byte

const (
	kindNull   kind = 'n'
	kindBool   kind = 't'
	kindNumber kind = '0'
	kindString kind = '"'
	kindObject kind = '{'
	kindArray  kind = '['
)

// scanner reads JSON text once, from left to right, without building a tree.
// The caller has checked that the text is valid UTF-8.
type scanner struct {
	data []byte
	pos  int
}

// kind skips white space and returns the kind of the next value.
func (s *scanner) kind() (kind, error) {
	s.space()
	if s.pos >= len(s.data) {
		return 0, errSyntax
	}
	switch c := s.data[s.pos]; {
	case c == '"' || c == '{' || c == '[' || c == 'n':
		return kind(c), nil
	case c == 't' || c == 'f':
		return kindBool, nil
	case c == '-' || '0' <= c && c <= '9':
		return kindNumber, nil
	}
	return 0, errSyntax
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// take skips white space and then the byte c, if it is there.
func (s *scanner) take(c byte) bool {
	s.space()
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// end reports whether only white space is left.
func (s *scanner) end() bool {
	s.space()
	return s.pos == len(s.data)
}

// literal reads null, true or false.
func (s *scanner) literal(text string) error {
	if !bytes.HasPrefix(s.data[s.pos:], []byte(text)) {
		return errSyntax
	}
	s.pos += len(text)
	return nil
}

// boolean reads true or false.
func (s *scanner) boolean() (bool, error) {
	if s.data[s.pos] == 't' {
		return true, s.literal("true")
	}
	return false, s.literal("false")
}

// number reads a number and returns its text.
func (s *scanner) number() ([]byte, error) {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	switch {
	case s.pos < len(s.data) && s.data[s.pos] == '0':
		s.pos++
	case !s.digits():
		return nil, errSyntax
	}
	if s.pos < len(s.data) && s.data[s.pos] == '.' {
		s.pos++
		if !s.digits() {
			return nil, errSyntax
		}
	}
	if s.pos < len(s.data) && (s.data[s.pos] == 'e' || s.data[s.pos] == 'E') {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if !s.digits() {
			return nil, errSyntax
		}
	}
	return s.data[start:s.pos], nil
}

func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		s.pos++
	}
	return s.pos > start
}

// rawString reads a string and returns the text between its quotes, and whether it contains
// escapes.
func (s *scanner) rawString() (raw []byte, escaped bool, err error) {
	s.pos++
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			raw = s.data[start:s.pos]
			s.pos++
			return raw, escaped, nil
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, false, err
			}
		case c < ' ':
			return nil, false, errSyntax
		default:
			s.pos++
		}
	}
	return nil, false, errSyntax
}

func (s *scanner) escape() error {
	if s.pos+1 >= len(s.data) {
		return errSyntax
	}
	switch s.data[s.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.pos += 2
		return nil
	case 'u':
		if s.pos+6 > len(s.data) {
			return errSyntax
		}
		if _, ok := hex4(s.data[s.pos+2 : s.pos+6]); !ok {
			return errSyntax
		}
		s.pos += 6
		return nil
	}
	return errSyntax
}

// str reads a string and decodes it.
func (s *scanner) str() (string, error) {
	raw, escaped, err := s.rawString()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw), nil
	}
	return string(unescape(raw)), nil
}

// unescape decodes the escapes of a string that rawString has checked. An unpaired
// surrogate is not valid Unicode and becomes U+FFFD.
func unescape(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '\\' {
			next := bytes.IndexByte(raw[i:], '\\')
			if next < 0 {
				return append(out, raw[i:]...)
			}
			out = append(out, raw[i:i+next]...)
			i += next
			continue
		}
		switch e := raw[i+1]; e {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(raw[i+2 : i+6])
			i += 6
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
					low, _ = hex4(raw[i+2 : i+6])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
			continue
		default:
			out = append(out, e)
		}
		i += 2
	}
	return out
}

func hex4(b []byte) (rune, bool) {
	var r rune
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// object calls field for each key, with the scanner at the key's value, which
// field must read. The key is valid during the call only.
func (s *scanner) object(depth int, field func(key []byte) error) error {
	if depth > MaxDepth {
		return errDepth
	}
	s.pos++
	if s.take('}') {
		return nil
	}
	for {
		s.space()
		if s.pos >= len(s.data) || s.data[s.pos] != '"' {
			return errSyntax
		}
		key, escaped, err := s.rawString()
		if err != nil {
			return err
		}
		if escaped {
			key = unescape(key)
		}
		if !s.take(':') {
			return errSyntax
		}
		if err := field(key); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return errSyntax
		}
	}
}

// array calls element for each element, with the scanner at its value, which
// element must read.
func (s *scanner) array(depth int, element func(i int) error) error {
	if depth > MaxDepth {
		return errDepth
	}
	s.pos++
	if s.take(']') {
		return nil
	}
	for i := 0; ; i++ {
		if err := element(i); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return errSyntax
		}
	}
}

// skip skips a value of any kind and checks that it is JSON.
func (s *scanner) skip(depth int) error {
	k, err := s.kind()
	if err != nil {
		return err
	}
	switch k {
	case kindNull:
		return s.literal("null")
	case kindBool:
		_, err = s.boolean()
	case kindNumber:
		_, err = s.number()
	case kindString:
		_, _, err = s.rawString()
	case kindObject:
		return s.object(depth, func([]byte) error { return s.skip(depth + 1) })
	case kindArray:
		return s.array(depth, func(int) error { return s.skip(depth + 1) })
	}
	return err
}
