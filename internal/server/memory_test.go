package server

import (
	"runtime/debug"
	"testing"
)

func TestMemoryIsTrimmedWhenItIsQuietAndWorthIt(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		what      string
		last, now memory
		want      bool
	}{
		{"after a burst", memory{allocated: 500 * mib}, memory{allocated: 500*mib + 1000, objects: 90 * mib, live: 30 * mib}, true},
		{"collected, but kept", memory{allocated: 500 * mib}, memory{allocated: 500 * mib, objects: 30 * mib, live: 30 * mib, free: 60 * mib}, true},
		{"still busy", memory{allocated: 500 * mib}, memory{allocated: 520 * mib, objects: 90 * mib, live: 30 * mib}, false},
		{"trimmed already", memory{allocated: 500 * mib}, memory{allocated: 500 * mib, objects: 30 * mib, live: 30 * mib, free: mib}, false},
		{"little of much", memory{allocated: 5000 * mib}, memory{allocated: 5000 * mib, objects: 1010 * mib, live: 1000 * mib}, false},
		{"a small heap", memory{}, memory{objects: 5 * mib, live: 2 * mib}, false},
	} {
		if got := worthTrimming(c.last, c.now); got != c.want {
			t.Errorf("%s: got %t, want %t", c.what, got, c.want)
		}
	}
}

var ballast [][]byte

func TestReadMemorySeesGarbageAndItsEnd(t *testing.T) {
	before := readMemory()
	for range 64 {
		ballast = append(ballast, make([]byte, 1<<20))
	}
	if got := readMemory(); got.allocated-before.allocated < 64<<20 {
		t.Errorf("allocated: grew by %d, want 64 MiB", got.allocated-before.allocated)
	}
	ballast = nil
	debug.FreeOSMemory()
	after := readMemory()
	if after.free > 32<<20 || after.objects > before.objects+32<<20 {
		t.Errorf("after trimming: %d bytes free, %d in objects (before: %d)", after.free, after.objects, before.objects)
	}
}
