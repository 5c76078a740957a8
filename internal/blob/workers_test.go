package blob

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"
)

// A small file may want the time or the memory of a large one.
func TestCostlyPictures(t *testing.T) {
	turned := func(w, h int) int64 {
		p, err := inspect(bytes.NewReader(jpegFile(t, quarters(w, h), 6)), "image/jpeg", 1e6)
		if err != nil {
			t.Fatal(err)
		}
		return p.cost.toTurn()
	}
	d := openDisk(t, t.TempDir(), DiskOptions{Workers: NewWorkers(WorkerLimits{Pictures: 1, Memory: turned(100, 100)})})
	put := func(key string, data []byte) error {
		_, err := d.Put(t.Context(), NewObject{Key: key, Max: 1 << 20, Picture: true}, bytes.NewReader(data))
		return err
	}
	sideways := bytes.TrimSuffix(jpegFile(t, quarters(64, 32), 6), []byte(secret))
	if err := put("once", sideways); err != nil {
		t.Fatal(err)
	}
	sos := bytes.LastIndex(sideways, []byte{0xff, jpegSOS})
	scan, end := sideways[sos:len(sideways)-2], sideways[len(sideways)-2:]
	repeated := func(n int) []byte {
		return append(append(bytes.Clone(sideways[:sos]), bytes.Repeat(scan, n)...), end...)
	}
	if err := put("often", repeated(maxScans)); err != nil {
		t.Errorf("%d scans: %v", maxScans, err)
	}
	if err := put("too often", repeated(maxScans+1)); !errors.Is(err, ErrDamaged) {
		t.Errorf("%d scans: got %v, want %v", maxScans+1, err, ErrDamaged)
	}
	// The decoder passes over what stands between a segment and the next marker; for
	// a while that byte ended the count of scans, and the search for what is costly.
	hidden := append(append(bytes.Clone(sideways[:sos]), 0), append(bytes.Repeat(scan, maxScans+1), end...)...)
	if _, err := decode(bytes.NewReader(hidden)); !errors.Is(err, ErrDamaged) {
		t.Errorf("scans behind another byte: got %v, want %v", err, ErrDamaged)
	}
	if err := put("large", jpegFile(t, quarters(101, 100), 6)); !errors.Is(err, ErrPixels) {
		t.Errorf("more memory than there is: got %v, want %v", err, ErrPixels)
	}
	if err := put("large, but upright", jpegFile(t, quarters(101, 100), 1)); err != nil {
		t.Errorf("what is not decoded: %v", err)
	}
	plain, err := inspect(bytes.NewReader(sideways), "image/jpeg", 1e6)
	if err != nil {
		t.Fatal(err)
	}
	progressive := bytes.Replace(sideways, []byte{0xff, 0xc0}, []byte{0xff, jpegSOF2}, 1)
	for what, data := range map[string][]byte{
		"progressive": progressive, "progressive behind another byte": append([]byte{0xff, jpegSOI, 0}, progressive[2:]...),
	} {
		if p, err := inspect(bytes.NewReader(data), "image/jpeg", 1e6); err != nil || p.cost.decoding <= plain.cost.decoding {
			t.Errorf("%s: got %+v, %v, want more than %+v", what, p.cost, err, plain.cost)
		}
	}
}

func TestWorkers(t *testing.T) {
	w := NewWorkers(WorkerLimits{Pictures: 2, Memory: 100})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	take := func(ctx context.Context, bytes int64, want error) func() {
		t.Helper()
		release, err := w.acquire(ctx, "ann/x", bytes)
		if !errors.Is(err, want) {
			t.Fatalf("%d bytes: got %v, want %v", bytes, err, want)
		}
		return release
	}
	take(t.Context(), 101, ErrPixels)
	one := take(t.Context(), 60, nil)
	take(gone, 60, context.Canceled) // there is no memory
	two := take(t.Context(), 20, nil)
	take(gone, 20, context.Canceled) // there is no turn
	one()
	take(t.Context(), 60, nil)()
	two()
	take(t.Context(), 100, nil)()
}

// The memory of finished pictures counts until it has been collected; a picture
// that needs it has it collected.
func TestWorkersCollectWhatIsNeeded(t *testing.T) {
	w := NewWorkers(WorkerLimits{Pictures: 2, Memory: 800})
	take := func(bytes int64) func() {
		release, err := w.acquire(t.Context(), "ann/x", bytes)
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	take(60)()
	if w.garbage != 60 {
		t.Errorf("garbage: got %d, want the 60 of a small picture", w.garbage)
	}
	take(60)()
	if w.garbage != 0 {
		t.Errorf("garbage: got %d, want none of much", w.garbage)
	}
	take(60)()
	one := take(100) // beside the 60
	large := make(chan func())
	go func() { large <- take(800) }()
	for w.waits() == 0 {
		runtime.Gosched()
	}
	one()
	(<-large)()
}

func (w *Workers) waits() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting
}

// One account's forty pictures once kept everybody else's waiting for the last of
// them.
func TestWorkersServeUploadersInTurn(t *testing.T) {
	w := NewWorkers(WorkerLimits{Pictures: 2, PerOwner: 1, Waiting: 1, Memory: 100})
	first, err := w.acquire(t.Context(), "flood/1", 1)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan func())
	go func() {
		release, err := w.acquire(t.Context(), "flood/2", 1)
		if err != nil {
			t.Error(err)
		}
		second <- release
	}()
	for w.turns.Waiting() == 0 {
		runtime.Gosched()
	}
	if _, err := w.acquire(t.Context(), "flood/3", 1); !errors.Is(err, ErrBusy) {
		t.Errorf("a third picture of one account: got %v, want %v", err, ErrBusy)
	}
	other, err := w.acquire(t.Context(), "other/1", 1)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-second:
		t.Error("two pictures of one account are drawn at the same time")
	default:
	}
	first()
	(<-second)()
	other()
}
