//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

func TestCutFrameReadsWhatAServerSends(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 70_000} {
		payload := strings.Repeat("x", size)
		var frame []byte
		switch {
		case size <= 0xffff:
			frame = serverFrame(nil, payload)
		default:
			frame = append([]byte{0x81, 127, 0, 0, 0, 0, 0, byte(size >> 16), byte(size >> 8), byte(size)}, payload...)
		}
		for cut := range min(len(frame), 200) {
			if _, _, n, err := cutFrame(frame[:cut]); n != 0 || err != nil {
				t.Fatalf("%d bytes of a frame with %d: size %d, error %v, want neither", cut, size, n, err)
			}
		}
		opcode, got, n, err := cutFrame(append(frame, "next"...))
		if err != nil || opcode != opText || string(got) != payload || n != len(frame) {
			t.Errorf("frame with %d bytes: opcode %d, %d bytes, size %d, error %v", size, opcode, len(got), n, err)
		}
	}
}

func TestCutFrameRefuses(t *testing.T) {
	for _, c := range []struct {
		what  string
		frame []byte
		want  error
	}{
		{"a fragment", []byte{0x01, 1, 'x'}, errFragmented},
		{"compression", []byte{0xc1, 1, 'x'}, errFragmented},
		{"a mask", []byte{0x81, 0x81, 0, 0, 0, 0, 'x'}, errMasked},
		{"a length out of range", []byte{0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}, errFrameSize},
	} {
		if _, _, _, err := cutFrame(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
	}
}

func FuzzCutFrame(f *testing.F) {
	f.Add([]byte{0x81, 5, 'h', 'e', 'l', 'l', 'o'})
	f.Add([]byte{0x81, 126, 0, 1, 'x'})
	f.Add([]byte{0x88, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, payload, size, err := cutFrame(b)
		if size < 0 || size > len(b) || len(payload) > size || (err != nil && size != 0) {
			t.Fatalf("size %d and %d bytes of payload of %d, error %v", size, len(payload), len(b), err)
		}
	})
}

func TestMaskedFramesComeBackAsTheyWere(t *testing.T) {
	for _, size := range []int{0, 3, 125, 126, 65_535} {
		want := filler(size)
		got, err := readMasked(bufio.NewReader(bytes.NewReader(textFrame(want))))
		if err != nil || string(got) != want {
			t.Errorf("%d bytes: got %d, error %v", size, len(got), err)
		}
	}
}

func TestClientsRefuseAddressesElsewhere(t *testing.T) {
	s := &server{name: "elsewhere", path: "/"}
	if _, err := dial(nil, s, 0, login{}); err == nil {
		t.Error("no error for an address that is not loopback")
	}
}

func TestTableShowsMediansAndGoals(t *testing.T) {
	table := libraryTable()
	cheap := table.row("cheap", ofNode(0.5))
	dear := table.row("dear", ofNode(0.5))
	alone := table.row("alone", ofNode(0.5))
	for _, v := range []float64{3, 1, 2} {
		cheap.add(ours, v)
		cheap.add(node, 2*v)
		dear.add(ours, v)
		dear.add(node, v)
		alone.add(ours, v)
	}
	var out strings.Builder
	table.print(&out)
	var got [][]string
	for line := range strings.Lines(out.String()) {
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|\n"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		got = append(got, cells)
	}
	for i, want := range []string{"cheap 2 4 0.50 yes", "dear 2 2 1.00 no", "alone 2"} {
		c := got[i+2]
		if s := strings.Join(strings.Fields(strings.Join([]string{c[0], c[1], c[2], c[3], c[6]}, " ")), " "); s != want {
			t.Errorf("row %d: got %q, want %q", i, s, want)
		}
	}
}

func TestNumberKeepsThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0714: "0.071", 0.5: "0.5", 1.005: "1", 6.234: "6.23", 15.55: "15.6", 999.4: "999",
		1234: "1,230", 88_349: "88,300", 1_000_000: "1,000,000",
	} {
		if got := number(v); got != want {
			t.Errorf("number(%v): got %q, want %q", v, got, want)
		}
	}
}

func TestProcReadsThisProcess(t *testing.T) {
	before, err := cpuTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; { // until the clock of the kernel has moved on
		now, err := cpuTime(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if now > before {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatal("a minute of work and no processor time")
		}
	}
	if rss, err := resident(os.Getpid()); err != nil || rss < 1<<20 {
		t.Errorf("resident: got %d, %v", rss, err)
	}
}
