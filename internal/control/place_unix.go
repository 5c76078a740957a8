//go:build unix

package control

import (
	"io/fs"
	"syscall"
)

func identity(info fs.FileInfo) (device, inode uint64, known bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return uint64(s.Dev), uint64(s.Ino), true //nolint:unconvert // their types differ among systems
}
