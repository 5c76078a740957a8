//go:build !linux

package server

import "syscall"

func acknowledged(syscall.RawConn) int64 { return 0 }

// writeAtOnce writes as much as the kernel accepts without waiting, where this is
// supported, and returns how many bytes it has accepted.
func writeAtOnce(syscall.RawConn, []byte) int { return 0 }
