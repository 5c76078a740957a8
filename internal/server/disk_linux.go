package server

import "syscall"

// diskOf returns the free and all bytes of the file system of a folder, or zeros.
func diskOf(folder string) (free, total int64) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0
	}
	block := int64(s.Bsize) //nolint:unconvert // its type depends on the processor
	return int64(s.Bavail) * block, int64(s.Blocks) * block
}
