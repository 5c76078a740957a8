//go:build !unix

package rawio

import (
	"errors"
	"syscall"
)

// Supported reports whether this system can do it.
const Supported = false

// A Reader waits for a socket without holding a buffer.
type Reader struct{}

var errUnsupported = errors.New("no raw input and output on this system")

// read fails on this system.
func (r *Reader) read(syscall.RawConn) (*Buffer, int, error) { return nil, 0, errUnsupported }

// tryWrite fails on this system.
func tryWrite(syscall.RawConn, []byte) (int, error) { return 0, errUnsupported }
