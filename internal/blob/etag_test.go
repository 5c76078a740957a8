package blob

import (
	"bytes"
	"testing"
)

// Computed with Python's hashlib from so many letters a.
func TestEtag(t *testing.T) {
	for n, want := range map[int]string{
		0:         "Fto5o-5ea0sNMlW_75VgGJCv2AcJ",
		1:         "Fob35Df6paf84V0d3Lnq6uo3dme4",
		4<<20 - 1: "Fkyyi3BTN-RIfMk9E8PmmIISCwdQ",
		4 << 20:   "FuwQ-vpd56Izwiom1JHzCIdrQa4_",
		4<<20 + 1: "lieGn00gWdbfwEIHaUpzu4drHeun",
		8 << 20:   "lne6DpQaoBdMk9ZF2gyHXgiAM51E",
		8<<20 + 5: "luWkjIwMcag2LpY5Bey3gEyw29Ol",
	} {
		for _, step := range []int{1 << 20, 1<<20 + 7, 9 << 20} {
			var e Etag
			for data := bytes.Repeat([]byte("a"), n); len(data) > 0; {
				k := min(step, len(data))
				_, _ = e.Write(data[:k])
				data = data[k:]
			}
			if got := e.String(); got != want {
				t.Errorf("%d bytes by %d: got %s, want %s", n, step, got, want)
			}
		}
	}
}
