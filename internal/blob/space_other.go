//go:build !linux && !darwin && !freebsd && !windows

package blob

// freeBytes is not told on this system.
func freeBytes(string) int64 { return -1 }
