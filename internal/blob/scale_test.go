package blob

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
)

func newScaler(t testing.TB, d *Disk, maxPixels int64) *Scaler {
	t.Helper()
	s, err := NewScaler(t.TempDir(), d.Source, maxPixels, NewWorkers(WorkerLimits{Pictures: 2, Memory: 1 << 30}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shown(t testing.TB, f *os.File) (image.Image, []byte) {
	t.Helper()
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m, data
}

func TestScale(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{})
	clear := image.NewNRGBA(image.Rect(0, 0, 1000, 500)) // one sees through it
	for key, c := range map[string]struct {
		data    []byte
		picture bool
	}{
		"photo":   {jpegFile(t, quarters(2000, 1000), 6), false},
		"picture": {jpegFile(t, quarters(2000, 1000), 6), true},
		"small":   {jpegFile(t, quarters(100, 50), 1), true},
		"clear":   {pngFile(t, clear), true},
		"film":    {gifFile(t, quarters(400, 200), quarters(400, 200)), true},
		"webp":    {webpFile(t), false},
		"narrow":  {pngFile(t, quarters(3, 2000)), true},
		"text":    {[]byte("no picture"), false},
		"broken":  {jpegFile(t, quarters(2000, 1000), 1)[:3000], false},
	} {
		if _, err := d.Put(t.Context(), NewObject{Key: key, Max: 1 << 20, Picture: c.picture}, bytes.NewReader(c.data)); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	s := newScaler(t, d, 4_000_000)
	for _, c := range []struct {
		key  string
		size Size
		kind string
		w, h int
		red  string
	}{
		{"photo", Thumb, "image/jpeg", 180, 360, "upper right"},
		{"photo", Preview, "image/jpeg", 800, 1600, "upper right"},
		{"picture", Thumb, "image/jpeg", 180, 360, "upper right"},
		{"small", Thumb, "image/jpeg", 100, 50, "upper left"},
		{"clear", Thumb, "image/png", 360, 180, ""},
		{"film", Thumb, "image/jpeg", 360, 180, "upper left"},
		{"film", Preview, "image/gif", 400, 200, "upper left"},
		{"webp", Preview, "image/jpeg", 1, 1, ""},
		{"narrow", Thumb, "image/jpeg", 1, 360, ""},
	} {
		f, o, err := s.Open(t.Context(), c.key, c.size)
		if err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		m, data := shown(t, f)
		if b := m.Bounds(); o.Type != c.kind || b.Dx() != c.w || b.Dy() != c.h || o.Size != int64(len(data)) {
			t.Errorf("%s as %s: got %s of %v, want %s of %d by %d", c.key, c.size, o.Type, b, c.kind, c.w, c.h)
		}
		if c.red != "" {
			if got := corner(t, m); got != c.red {
				t.Errorf("%s as %s: red is %s, want %s", c.key, c.size, got, c.red)
			}
		}
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s as %s tells where it was taken", c.key, c.size)
		}
	}
	for key, want := range map[string]error{"text": ErrType, "broken": ErrDamaged, "none": ErrNotFound} {
		if _, _, err := s.Open(t.Context(), key, Thumb); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", key, err, want)
		}
	}
	if _, _, err := newScaler(t, d, 1000).Open(t.Context(), "photo", Thumb); !errors.Is(err, ErrPixels) {
		t.Errorf("got %v, want %v", err, ErrPixels)
	}
}

// Many who ask at once wait for one who draws; some of them go away meanwhile.
func TestScaleForMany(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{})
	if _, err := d.Put(t.Context(), NewObject{Key: "k", Max: 1 << 20}, bytes.NewReader(jpegFile(t, quarters(1000, 500), 6))); err != nil {
		t.Fatal(err)
	}
	s := newScaler(t, d, 4_000_000)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			f, _, err := s.Open(t.Context(), "k", Thumb)
			if err != nil {
				t.Error(err)
				return
			}
			shown(t, f)
		})
	}
	wg.Wait()
	if got := filesBelow(t, s.folder); len(got) != 1 {
		t.Errorf("there is %v, want one picture", got)
	}
}

// Originals that were fetched from a storage service once filled the disk while
// their pictures waited. So many of one uploader are open at the same time.
func TestOpenOriginalsAreBounded(t *testing.T) {
	opened, most := make(chan struct{}, 100), openFor/2
	source := func(context.Context, string) (*os.File, Object, error) {
		opened <- struct{}{}
		return nil, Object{}, ErrNotFound
	}
	w := NewWorkers(WorkerLimits{Pictures: 1, PerOwner: 1, Waiting: 1, Memory: 1 << 20})
	s, err := NewScaler(t.TempDir(), source, 1000, w)
	if err != nil {
		t.Fatal(err)
	}
	var held []func()
	for range most {
		done, err := w.open(t.Context(), "ann/x")
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, done)
	}
	waiting := make(chan error)
	go func() {
		_, _, err := s.Open(t.Context(), "ann/y", Thumb)
		waiting <- err
	}()
	for w.opened.Waiting() == 0 {
		runtime.Gosched()
	}
	if _, _, err := s.Open(t.Context(), "ann/z", Thumb); !errors.Is(err, ErrBusy) {
		t.Errorf("one more that waits: got %v, want %v", err, ErrBusy)
	}
	if len(opened) != 0 {
		t.Error("an original was opened beyond the bound")
	}
	if _, _, err := s.Open(t.Context(), "bob/x", Thumb); !errors.Is(err, ErrNotFound) || len(opened) != 1 {
		t.Errorf("another uploader's: got %v, want it looked for", err)
	}
	for _, done := range held {
		done()
	}
	if err := <-waiting; !errors.Is(err, ErrNotFound) {
		t.Errorf("after its turn: got %v, want it looked for", err)
	}
}

func TestAvatars(t *testing.T) {
	d := openDisk(t, t.TempDir(), DiskOptions{})
	for key, data := range map[string][]byte{"photo": jpegFile(t, quarters(600, 300), 6), "clear": pngFile(t, image.NewNRGBA(image.Rect(0, 0, 9, 9))), "text": []byte("no picture")} {
		if _, err := d.Put(t.Context(), NewObject{Key: key, Max: 1 << 20}, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := NewAvatars(t.TempDir(), d.Source, 4_000_000, NewWorkers(WorkerLimits{Pictures: 1, Memory: 1 << 30}))
	if err != nil {
		t.Fatal(err)
	}
	for key, kind := range map[string]string{"photo": "image/jpeg", "clear": "image/png"} {
		name, err := a.Make(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		f, o, err := a.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		m, data := shown(t, f)
		if b := m.Bounds(); b.Dx() != 256 || b.Dy() != 256 || o.Type != kind || bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s: got %s of %v", key, o.Type, b)
		}
		// Setting the same picture again and again filled the disk.
		if again, err := a.Make(t.Context(), key); err != nil || again != name {
			t.Errorf("%s again: got %s, %v, want %s", key, again, err, name)
		}
	}
	for key, want := range map[string]error{"text": ErrType, "none": ErrNotFound} {
		if _, err := a.Make(t.Context(), key); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", key, err, want)
		}
	}
	for _, name := range []string{"", "x", "../../etc/passwd", "0123456789abcdef0123456789abcdef.html", "0123456789abcdef0123456789abcdef.png"} {
		if _, _, err := a.Open(name); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: got %v, want %v", name, err, ErrNotFound)
		}
	}
}

func BenchmarkScale(b *testing.B) {
	photo := jpegFile(b, quarters(4000, 3000), 6)
	for _, size := range []Size{Thumb, Preview} {
		b.Run(string(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, err := decode(bytes.NewReader(photo))
				if err != nil {
					b.Fatal(err)
				}
				upright(fit(m, size.Points()), 6)
			}
		})
	}
}
