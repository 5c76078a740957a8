package server

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// acknowledged returns how many bytes the peer's kernel has acknowledged since the
// connection was accepted; 0 if that cannot be known.
func acknowledged(raw syscall.RawConn) (bytes int64) {
	if raw == nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			bytes = int64(info.Bytes_acked)
		}
	})
	return bytes
}

// writeAtOnce writes as much as the kernel accepts without waiting, and returns how many
// bytes it has accepted. Errors are left to a later write.
func writeAtOnce(raw syscall.RawConn, b []byte) (written int) {
	if raw == nil {
		return 0
	}
	_ = raw.Write(func(fd uintptr) bool {
		if n, err := unix.Write(int(fd), b); err == nil {
			written = n
		}
		return true // do not wait
	})
	return written
}
