//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests start this program as the server of floor.go, too.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == floorServerArg {
		fmt.Fprintln(os.Stderr, serveFloor(os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

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
	for _, size := range []int{0, 3, 4, 125, 126, 65_535} {
		want := filler(size)
		frame := textFrame(want)
		for cut := range min(len(frame), 200) {
			if _, n, err := cutMasked(bytes.Clone(frame[:cut])); n != 0 || err != nil {
				t.Fatalf("%d bytes of a frame with %d: size %d, error %v, want neither", cut, size, n, err)
			}
		}
		got, n, err := cutMasked(append(bytes.Clone(frame), "next"...))
		if err != nil || string(got) != want || n != len(frame) {
			t.Errorf("%d bytes: got %d, size %d, error %v", size, len(got), n, err)
		}
	}
	if _, _, err := cutMasked([]byte{0x81, 1, 'x', 0, 0, 0, 0}); !errors.Is(err, errNotMasked) {
		t.Errorf("a frame without a mask: got %v", err)
	}
}

func TestClientsRefuseAddressesElsewhere(t *testing.T) {
	s := &server{name: "elsewhere", path: "/"}
	if _, err := dial(nil, s, 0, login{}); err == nil {
		t.Error("no error for an address that is not loopback")
	}
}

// printed returns the cells of a table as it is printed, the line below the head left out.
func printed(table *table) (cells [][]string, below string) {
	var out strings.Builder
	table.print(&out)
	for line := range strings.Lines(out.String()) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "|")
		if !isRow {
			below += line
			continue
		}
		if strings.HasPrefix(line, "-") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.TrimSuffix(line, "|"), "|") {
			row = append(row, strings.TrimSpace(cell))
		}
		cells = append(cells, row)
	}
	return cells, below
}

func TestTableShowsMediansAndGoals(t *testing.T) {
	table := peersTable()
	cheap := table.row("cheap", ofBun(0.5), timesFloor(1.5))
	dear := table.row("dear", ofBun(0.5), timesFloor(1.5))
	alone := table.row("alone", ofBun(0.5))
	table.row("without a goal", goal{}).add(ours, 7)
	for _, v := range []float64{3, 1, 2} {
		cheap.add(ours, v)
		cheap.add(node, 8*v)
		cheap.add(bun, 4*v)
		cheap.add(floor, v/2)
		dear.add(ours, v)
		dear.add(bun, v)
		alone.add(ours, v)
	}
	got, below := printed(table)
	want := [][]string{
		{"figure", node, bun, ours, floor, "parley / Node", "parley / Bun", "parley / floor", "goal", "met"},
		{"cheap", "16", "8", "2", "1", "0.12", "0.25", "2.00", "≤ 0.5 of Bun, ≤ 1.5 of the floor", "yes, no"},
		{"dear", "", "2", "2", "", "", "1.00", "", "≤ 0.5 of Bun, ≤ 1.5 of the floor", "no, –"},
		{"alone", "", "", "2", "", "", "", "", "≤ 0.5 of Bun", ""},
		{"without a goal", "", "", "7", "", "", "", "", "", ""},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if below != "" {
		t.Errorf("below the table: got %q", below)
	}
}

func TestTableTellsWhatFailedAndWhatTheGeneratorLimited(t *testing.T) {
	table := peersTable()
	r := table.row("rate", ofBun(0.5))
	for _, v := range []int{10, 30, 20} {
		m := measured{n: v, wall: time.Second, cpu: used{server: 500 * time.Millisecond}}
		if v >= 20 {
			m.cpu.own = 950 * time.Millisecond
		}
		r.addOf(ours, m.perSecond(), m)
	}
	r.add(bun, 1)
	r.fail(bun)
	got, below := printed(table)
	want := [][]string{
		{"figure", bun, ours, "parley / Bun", "goal", "met"}, // nothing is known of the others
		{"rate", "failed", "20" + limitedMark, "", "≤ 0.5 of Bun", ""},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if !strings.HasPrefix(below, limitedMark) {
		t.Errorf("below the table: got %q", below)
	}
	busy := measured{n: 1, wall: time.Second, cpu: used{server: time.Second, own: time.Second}}
	if busy.generatorLimits() {
		t.Error("a server at its limit: the generator is said to limit it")
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
