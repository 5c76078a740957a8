//go:build linux || darwin || freebsd

package blob

import "golang.org/x/sys/unix"

// freeBytes returns what an ordinary user may still write to the file system of
// the folder; -1 when it does not tell.
func freeBytes(folder string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize) //nolint:unconvert // their types differ from system to system
}
