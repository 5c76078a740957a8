//go:build !unix

package engineio

import (
	"errors"
	"syscall"
)

// rawIO: here connections are read with a buffer in hand and written by a
// goroutine.
const rawIO = false

type rawReader struct{ stream []byte }

var errNoRawIO = errors.New("no raw input and output on this system")

func (r *rawReader) read(syscall.RawConn) (*[readSize]byte, int, error) { return nil, 0, errNoRawIO }

func tryWrite(syscall.RawConn, []byte) (int, error) { return 0, errNoRawIO }
