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

// Read fails on this system.
func (r *Reader) Read(syscall.RawConn) (*Buffer, int, error) { return nil, 0, errUnsupported }

// TryWrite fails on this system.
func TryWrite(syscall.RawConn, []byte) (int, error) { return 0, errUnsupported }
