package blob

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func openDisk(t testing.TB, folder string, opts DiskOptions) *Disk {
	t.Helper()
	d, err := OpenDisk(folder, opts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func any1(string) bool { return true }

func read(t testing.TB, d *Disk, key string) string {
	t.Helper()
	f, o, err := d.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(text)) != o.Size {
		t.Errorf("got %d bytes, want %d", len(text), o.Size)
	}
	return string(text)
}

// filesBelow lists what a folder holds, without the directories.
func filesBelow(t testing.TB, folder string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPut(t *testing.T) {
	folder := t.TempDir()
	now := time.Date(2026, 6, 4, 12, 0, 0, 0, time.UTC)
	d := openDisk(t, folder, DiskOptions{Now: func() time.Time { return now }})
	n := NewObject{Key: "a1/2026/6/4/x", Name: `C:\docs\report.txt`, Max: 5}
	o, err := d.Put(t.Context(), n, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	want := Object{Key: n.Key, Hash: "Fqr0xh3cxeii2r7eDztILNmuqUNN", Name: "report.txt", Type: "text/plain", Size: 5, StoredAt: now}
	if diff := cmp.Diff(o, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if got := read(t, d, n.Key); got != "hello" {
		t.Errorf("got %q", got)
	}

	for name, c := range map[string]struct {
		n    NewObject
		text string
		want error
	}{
		"other content":            {n, "howdy", ErrExists},
		"too large":                {NewObject{Key: "k", Max: 4}, "hello", ErrTooLarge},
		"said to be too large":     {NewObject{Key: "k", Max: 4, Size: 5}, "", ErrTooLarge},
		"a type that is not taken": {NewObject{Key: "k", Max: 5, Permits: func(t string) bool { return t != "text/plain" }}, "hello", ErrType},
		"no picture":               {NewObject{Key: "k", Max: 99, Picture: true}, "<html>hello</html>", ErrType},
		"a page as a picture":      {NewObject{Key: "k.png", Max: 99, Picture: true, Permits: any1}, "<!DOCTYPE html><script>alert(1)</script>", ErrType},
		"a drawing":                {NewObject{Key: "k.svg", Max: 999, Picture: true, Permits: any1}, `<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`, ErrType},
		"half a picture":           {NewObject{Key: "k", Max: 99, Picture: true}, "\x89PNG\r\n\x1a\n\x00", ErrDamaged},
	} {
		if _, err := d.Put(t.Context(), c.n, strings.NewReader(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if got := filesBelow(t, filepath.Join(folder, "uploads")); len(got) != 0 {
		t.Errorf("refused uploads have left %v", got)
	}
	if again, err := d.Put(t.Context(), n, strings.NewReader("hello")); err != nil || again != o {
		t.Errorf("the same again: got %v, %v, want %v", again, err, o)
	}
	if _, err := d.Stat("k"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want %v", err, ErrNotFound)
	}
}

// No key becomes a path: whatever it is, its file is where all are.
func TestKeysAreNoPaths(t *testing.T) {
	parent := t.TempDir()
	folder := filepath.Join(parent, "data")
	d := openDisk(t, folder, DiskOptions{})
	for _, key := range []string{"../escaped", "a/../../escaped", "/etc/escaped", `..\escaped`, "a\x00b", "CON", strings.Repeat("k", 700), "", "a/b", "A/B"} {
		if _, err := d.Put(t.Context(), NewObject{Key: key, Max: 999}, strings.NewReader(key)); err != nil {
			t.Errorf("%q: %v", key, err)
		}
		if got := read(t, d, key); got != key {
			t.Errorf("%q: got %q", key, got)
		}
	}
	for _, name := range filesBelow(t, parent) {
		if !strings.HasPrefix(name, filepath.Join(folder, "objects")) || strings.Contains(name, "escaped") {
			t.Errorf("there is %s", name)
		}
	}
}

// An error of the reader is returned as such, and no file is left.
func TestPutOfABrokenConnection(t *testing.T) {
	folder := t.TempDir()
	d := openDisk(t, folder, DiskOptions{})
	broken := errors.New("broken")
	for _, n := range []int{0, 10, 5000, 100_000} {
		r := io.MultiReader(strings.NewReader(strings.Repeat("x", n)), &failing{broken})
		if _, err := d.Put(t.Context(), NewObject{Key: "k", Max: 1 << 20}, r); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: got %v, want %v", n, err, broken)
		}
	}
	if got := filesBelow(t, folder); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Put(cancelled, NewObject{Key: "k", Max: 1 << 30}, io.LimitReader(zeros{}, 100<<20)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestDiskFull(t *testing.T) {
	if freeBytes(t.TempDir()) < 0 {
		t.Log("this system does not tell how much is free: nothing is refused")
		return
	}
	d := openDisk(t, t.TempDir(), DiskOptions{MinFree: 1 << 60})
	if _, err := d.Put(t.Context(), NewObject{Key: "k", Max: 9}, strings.NewReader("x")); !errors.Is(err, ErrSpace) {
		t.Errorf("got %v, want %v", err, ErrSpace)
	}
	if _, err := d.Begin("a", "k", time.Now().Add(time.Hour)); !errors.Is(err, ErrSpace) {
		t.Errorf("got %v, want %v", err, ErrSpace)
	}
	most := freeBytes(d.uploads)
	d = openDisk(t, t.TempDir(), DiskOptions{MinFree: 1})
	if _, err := d.Put(t.Context(), NewObject{Key: "k", Max: 2 * most, Size: 2 * most}, strings.NewReader("x")); !errors.Is(err, ErrSpace) {
		t.Errorf("said to be larger than the disk: got %v, want %v", err, ErrSpace)
	}
}

// Of many that write the same key at the same time one wins, and everybody with the
// same content is told the same.
func TestPutOfOneKeyByMany(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{})
	var wg sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		wg.Go(func() {
			text := []string{"first", "other"}[i%2]
			_, results[i] = d.Put(t.Context(), NewObject{Key: "k", Max: 9}, strings.NewReader(text))
		})
	}
	wg.Wait()
	stored := read(t, d, "k")
	for i, err := range results {
		if mine := []string{"first", "other"}[i%2]; mine == stored && err != nil || mine != stored && !errors.Is(err, ErrExists) {
			t.Errorf("%s where %s is: got %v", mine, stored, err)
		}
	}
}

// A process that is killed leaves what it was writing; the next one removes it.
func TestOpenSweeps(t *testing.T) {
	folder := t.TempDir()
	openDisk(t, folder, DiskOptions{})
	left := filepath.Join(folder, "uploads", "new-123")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "data"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	openDisk(t, folder, DiskOptions{})
	if got := filesBelow(t, folder); len(got) != 0 {
		t.Errorf("there is %v", got)
	}
}

func TestPictures(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{})
	for orientation := 1; orientation <= 8; orientation++ {
		// The place of the red corner in the stored picture.
		want := [...]string{"", "upper left", "upper right", "lower right", "lower left", "upper left", "upper right", "lower right", "lower left"}[orientation]
		key := "jpeg" + string(rune('0'+orientation))
		o, err := d.Put(t.Context(), NewObject{Key: key, Max: 1 << 20, Picture: true}, bytes.NewReader(jpegFile(t, quarters(64, 32), orientation)))
		if err != nil {
			t.Fatal(err)
		}
		w, h := 64, 32
		if orientation >= 5 {
			w, h = 32, 64
		}
		if o.Width != w || o.Height != h || o.Type != "image/jpeg" || !o.Picture {
			t.Errorf("orientation %d: got %d by %d %s, want %d by %d", orientation, o.Width, o.Height, o.Type, w, h)
		}
		stored := read(t, d, key)
		if strings.Contains(stored, secret) {
			t.Errorf("orientation %d: it tells where it was taken", orientation)
		}
		if !strings.Contains(stored, "a profile of colours") {
			t.Errorf("orientation %d: the profile of colours is gone", orientation)
		}
		m, _, err := image.Decode(strings.NewReader(stored))
		if err != nil {
			t.Fatal(err)
		}
		if got := corner(t, m); got != want || m.Bounds().Dx() != w {
			t.Errorf("orientation %d: red is %s of %v, want %s", orientation, got, m.Bounds(), want)
		}
		var etag Etag
		_, _ = etag.Write([]byte(stored))
		if got := etag.String(); got != o.Hash {
			t.Errorf("orientation %d: got hash %s, want %s", orientation, o.Hash, got)
		}
	}

	film := gifFile(t, quarters(20, 10), quarters(20, 10))
	if _, err := d.Put(t.Context(), NewObject{Key: "gif", Max: 1 << 20, Picture: true}, bytes.NewReader(film)); err != nil {
		t.Fatal(err)
	}
	if got := read(t, d, "gif"); got != string(film) {
		t.Error("a film was changed")
	}
	// Sent as a file, a picture stays as it is, but what it is can be seen.
	photo := jpegFile(t, quarters(64, 32), 6)
	o, err := d.Put(t.Context(), NewObject{Key: "file", Max: 1 << 20}, bytes.NewReader(photo))
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, d, "file"); got != string(photo) || o.Picture || o.Width != 32 || o.Height != 64 {
		t.Errorf("a file was changed, or has the wrong size: %+v", o)
	}
}

// A small file that claims many points is refused before one of them is decoded.
func TestTooManyPoints(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{MaxPixels: 100})
	for name, data := range map[string][]byte{"png": pngFile(t, quarters(11, 10)), "jpeg": jpegFile(t, quarters(101, 1), 1)} {
		if _, err := d.Put(t.Context(), NewObject{Key: name, Max: 1 << 20, Picture: true}, bytes.NewReader(data)); !errors.Is(err, ErrPixels) {
			t.Errorf("%s: got %v, want %v", name, err, ErrPixels)
		}
		if o, err := d.Put(t.Context(), NewObject{Key: name, Max: 1 << 20}, bytes.NewReader(data)); err != nil || o.Width != 0 {
			t.Errorf("%s as a file: got %+v, %v", name, o, err)
		}
	}
	bomb := pngFile(t, quarters(4, 4))
	copy(bomb[16:], "\x7f\xff\xff\xff\x7f\xff\xff\xff") // width and height
	if _, err := d.Put(t.Context(), NewObject{Key: "bomb", Max: 1 << 20, Picture: true}, bytes.NewReader(bomb)); err == nil {
		t.Error("a bomb was taken")
	}
}
