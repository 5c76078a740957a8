package blob

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// A small file may want the time or the memory of a large one.
func TestCostlyPictures(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{Workers: NewWorkers(1, 100*100*8)})
	put := func(key string, data []byte) error {
		_, err := d.Put(t.Context(), NewObject{Key: key, Max: 1 << 20, Picture: true}, bytes.NewReader(data))
		return err
	}
	turned := bytes.TrimSuffix(jpegFile(t, quarters(64, 32), 6), []byte(secret))
	if err := put("once", turned); err != nil {
		t.Fatal(err)
	}
	sos := bytes.LastIndex(turned, []byte{0xff, jpegSOS})
	scan, end := turned[sos:len(turned)-2], turned[len(turned)-2:]
	repeated := func(n int) []byte {
		return append(append(bytes.Clone(turned[:sos]), bytes.Repeat(scan, n)...), end...)
	}
	if err := put("often", repeated(maxScans)); err != nil {
		t.Errorf("%d scans: %v", maxScans, err)
	}
	if err := put("too often", repeated(maxScans+1)); !errors.Is(err, ErrDamaged) {
		t.Errorf("%d scans: got %v, want %v", maxScans+1, err, ErrDamaged)
	}
	// The decoder passes over what stands between a segment and the next marker; for
	// a while that byte ended the count of scans, and the search for what is costly.
	hidden := append(append(bytes.Clone(turned[:sos]), 0), append(bytes.Repeat(scan, maxScans+1), end...)...)
	if _, err := decode(bytes.NewReader(hidden)); !errors.Is(err, ErrDamaged) {
		t.Errorf("scans behind another byte: got %v, want %v", err, ErrDamaged)
	}
	if err := put("large", jpegFile(t, quarters(101, 100), 6)); !errors.Is(err, ErrPixels) {
		t.Errorf("more memory than there is: got %v, want %v", err, ErrPixels)
	}
	if err := put("large, but upright", jpegFile(t, quarters(101, 100), 1)); err != nil {
		t.Errorf("what is not decoded: %v", err)
	}
	progressive := bytes.Replace(turned, []byte{0xff, 0xc0}, []byte{0xff, jpegSOF2}, 1)
	if p, err := inspect(bytes.NewReader(progressive), "image/jpeg", 1e6); err != nil || p.pointBytes != 18 || p.orientation != 6 {
		t.Errorf("progressive: got %+v, %v", p, err)
	}
	hidden = append([]byte{0xff, jpegSOI, 0}, progressive[2:]...)
	if p, err := inspect(bytes.NewReader(hidden), "image/jpeg", 1e6); err != nil || p.pointBytes != 18 {
		t.Errorf("progressive behind another byte: got %+v, %v", p, err)
	}
}

func TestWorkers(t *testing.T) {
	w := NewWorkers(2, 100)
	of := func(bytes int) picture { return picture{width: bytes, height: 1, pointBytes: 1} }
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	take := func(ctx context.Context, bytes int, want error) func() {
		t.Helper()
		release, err := w.acquire(ctx, of(bytes))
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
