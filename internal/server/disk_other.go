//go:build !linux

package server

// diskOf returns zeros: the sizes are not known on this system.
func diskOf(string) (free, total int64) { return 0, 0 }
