package socketio

import (
	"encoding/json"
	"errors"
)

// maxDepth is how deep arrays and objects may be nested. It is the limit of encoding/json too, so what passes here can
// be decoded by a handler.
const maxDepth = 10_000

var (
	errSyntax   = errors.New("socketio: invalid JSON")
	errDepth    = errors.New("socketio: JSON nested too deep")
	errTooMany  = errors.New("socketio: too many arguments")
	errNotArray = errors.New("socketio: payload is not an array")
)

// splitArray appends the elements of the JSON array that data holds to dst, as slices of data without the white space
// around them. The whole of data is checked against RFC 8259, so that a slice can be sent on to another client as it is.
func splitArray(data []byte, dst []json.RawMessage, limit int) ([]json.RawMessage, error) {
	i := skipSpace(data, 0)
	if i == len(data) || data[i] != '[' {
		if _, err := scanValue(data, i); err != nil {
			return dst, err
		}
		return dst, errNotArray
	}
	i = skipSpace(data, i+1)
	if i < len(data) && data[i] == ']' {
		return dst, onlySpace(data, i+1)
	}
	for {
		i = skipSpace(data, i)
		end, err := scanValue(data, i)
		if err != nil {
			return dst, err
		}
		if len(dst) == limit {
			return dst, errTooMany
		}
		dst = append(dst, data[i:end:end])
		i = skipSpace(data, end)
		if i == len(data) {
			return dst, errSyntax
		}
		switch data[i] {
		case ',':
			i++
		case ']':
			return dst, onlySpace(data, i+1)
		default:
			return dst, errSyntax
		}
	}
}

// checkJSON reports whether data is exactly one JSON value, with or without white space around it.
func checkJSON(data []byte) error {
	end, err := scanValue(data, skipSpace(data, 0))
	if err != nil {
		return err
	}
	return onlySpace(data, end)
}

func onlySpace(data []byte, i int) error {
	if skipSpace(data, i) != len(data) {
		return errSyntax
	}
	return nil
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// scanValue checks the value that begins at data[i] and returns where it ends. It keeps no stack but one bit for each
// level (object or array), so that nesting costs neither recursion nor memory.
func scanValue(data []byte, i int) (int, error) {
	if i >= len(data) {
		return i, errSyntax
	}
	if c := data[i]; c != '{' && c != '[' {
		return scanScalar(data, i)
	}

	var (
		first   [4]uint64 // 256 levels without an allocation
		objects = first[:]
		depth   = 0
		err     error
	)
	open := func(object bool) error {
		if depth == maxDepth {
			return errDepth
		}
		if depth>>6 == len(objects) {
			objects = append(objects, 0)
		}
		bit := uint64(1) << (depth & 63)
		if object {
			objects[depth>>6] |= bit
		} else {
			objects[depth>>6] &^= bit
		}
		depth++
		return nil
	}
	for {
		// A value begins at i, possibly after white space.
		i = skipSpace(data, i)
		if i >= len(data) {
			return i, errSyntax
		}
		empty := false
		switch data[i] {
		case '{':
			if err = open(true); err != nil {
				return i, err
			}
			i = skipSpace(data, i+1)
			if i < len(data) && data[i] == '}' {
				i++
				depth--
				empty = true
			} else if i, err = scanKey(data, i); err != nil {
				return i, err
			}
		case '[':
			if err = open(false); err != nil {
				return i, err
			}
			i = skipSpace(data, i+1)
			if i < len(data) && data[i] == ']' {
				i++
				depth--
				empty = true
			}
		default:
			if i, err = scanScalar(data, i); err != nil {
				return i, err
			}
			empty = true
		}
		if !empty {
			continue // the first value of what was just opened
		}
		// A value has ended: close what ends with it, up to the next comma.
		for {
			if depth == 0 {
				return i, nil
			}
			object := objects[(depth-1)>>6]&(1<<((depth-1)&63)) != 0
			i = skipSpace(data, i)
			if i >= len(data) {
				return i, errSyntax
			}
			c := data[i]
			i++
			if c == ',' {
				if object {
					if i, err = scanKey(data, skipSpace(data, i)); err != nil {
						return i, err
					}
				}
				break
			}
			if object && c != '}' || !object && c != ']' {
				return i, errSyntax
			}
			depth--
		}
	}
}

// scanKey checks the member name at data[i] and the colon after it.
func scanKey(data []byte, i int) (int, error) {
	if i >= len(data) || data[i] != '"' {
		return i, errSyntax
	}
	i, err := scanString(data, i)
	if err != nil {
		return i, err
	}
	i = skipSpace(data, i)
	if i >= len(data) || data[i] != ':' {
		return i, errSyntax
	}
	return i + 1, nil
}

func scanScalar(data []byte, i int) (int, error) {
	switch c := data[i]; {
	case c == '"':
		return scanString(data, i)
	case c == '-' || c >= '0' && c <= '9':
		return scanNumber(data, i)
	case c == 't':
		return scanWord(data, i, "true")
	case c == 'f':
		return scanWord(data, i, "false")
	case c == 'n':
		return scanWord(data, i, "null")
	}
	return i, errSyntax
}

func scanWord(data []byte, i int, word string) (int, error) {
	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return i, errSyntax
	}
	return i + len(word), nil
}

func scanString(data []byte, i int) (int, error) {
	for i++; i < len(data); i++ {
		c := data[i]
		if plain[c] {
			continue
		}
		if c == '"' {
			return i + 1, nil
		}
		if c != '\\' {
			return i, errSyntax // a control character
		}
		i++
		if i == len(data) {
			return i, errSyntax
		}
		switch data[i] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if len(data)-i < 5 || !isHex(data[i+1]) || !isHex(data[i+2]) || !isHex(data[i+3]) || !isHex(data[i+4]) {
				return i, errSyntax
			}
			i += 4
		default:
			return i, errSyntax
		}
	}
	return i, errSyntax
}

// plain are the bytes that stand for themselves in a string.
var plain = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func scanNumber(data []byte, i int) (int, error) {
	if data[i] == '-' {
		i++
	}
	switch {
	case i == len(data):
		return i, errSyntax
	case data[i] == '0':
		i++
	case data[i] >= '1' && data[i] <= '9':
		i = skipDigits(data, i)
	default:
		return i, errSyntax
	}
	if i < len(data) && data[i] == '.' {
		start := i + 1
		if i = skipDigits(data, start); i == start {
			return i, errSyntax
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		start := i
		if i = skipDigits(data, start); i == start {
			return i, errSyntax
		}
	}
	return i, nil
}

func skipDigits(data []byte, i int) int {
	for i < len(data) && data[i] >= '0' && data[i] <= '9' {
		i++
	}
	return i
}
