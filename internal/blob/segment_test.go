package blob

import (
	"bytes"
	"errors"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stripped returns what strip makes of the file.
func stripped(t testing.TB, data []byte, kind string) ([]byte, error) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := strip(f, bytes.NewReader(data), kind); err != nil {
		return nil, err
	}
	out, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func TestStrip(t *testing.T) {
	for _, c := range []struct {
		kind, keeps string
		data        []byte
	}{
		{"image/jpeg", "a profile of colours", jpegFile(t, quarters(20, 10), 1)},
		{"image/png", "gAMA", pngFile(t, quarters(20, 10))},
		{"image/webp", "VP8X", webpFile(t)},
	} {
		t.Run(c.kind, func(t *testing.T) {
			out, err := stripped(t, c.data, c.kind)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(out, []byte(secret)) {
				t.Error("it still tells where it was taken")
			}
			if !bytes.Contains(out, []byte(c.keeps)) {
				t.Errorf("%s is gone", c.keeps)
			}
			before, _, err := image.Decode(bytes.NewReader(c.data))
			if err != nil {
				t.Fatal(err)
			}
			after, _, err := image.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatalf("it cannot be decoded any more: %v", err)
			}
			for y := range before.Bounds().Dy() {
				for x := range before.Bounds().Dx() {
					if got, want := after.At(x, y), before.At(x, y); got != want {
						t.Fatalf("point %d, %d: got %v, want %v", x, y, got, want)
					}
				}
			}
			again, err := stripped(t, out, c.kind)
			if err != nil || !bytes.Equal(again, out) {
				t.Errorf("stripping it again changes it: %v", err)
			}
		})
	}
}

// A JPEG may end inside of any part.
func TestStripOfHalves(t *testing.T) {
	for kind, data := range map[string][]byte{
		"image/jpeg": bytes.TrimSuffix(jpegFile(t, quarters(20, 10), 1), []byte(secret)),
		"image/png":  bytes.TrimSuffix(pngFile(t, quarters(20, 10)), []byte(secret)),
		"image/webp": webpFile(t),
	} {
		for n := range data {
			if _, err := stripped(t, data[:n], kind); !errors.Is(err, ErrDamaged) {
				// A WebP that lacks only what is left out anyway is not refused for it.
				if kind == "image/webp" && err == nil {
					continue
				}
				t.Errorf("%s cut at %d of %d: got %v, want %v", kind, n, len(data), err, ErrDamaged)
			}
		}
	}
}

func FuzzStrip(f *testing.F) {
	for kind, data := range map[string][]byte{
		"image/jpeg": jpegFile(f, quarters(20, 10), 6), "image/png": pngFile(f, quarters(20, 10)), "image/webp": webpFile(f),
	} {
		f.Add(kind, data)
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		if !strings.HasPrefix(kind, "image/") {
			return
		}
		out := &memory{}
		err := strip(out, bytes.NewReader(data), kind)
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("got %v, want %v", err, ErrDamaged)
		}
		if len(out.data) > len(data)+1 {
			t.Fatalf("%d bytes became %d", len(data), len(out.data))
		}
	})
}

func FuzzOrientation(f *testing.F) {
	f.Add(jpegFile(f, quarters(4, 4), 6))
	f.Add(exif(3))
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := readJPEGHead(bytes.NewReader(data)).orientation; o < 1 || o > 8 {
			t.Errorf("got %d", o)
		}
		if err := checkScans(bytes.NewReader(data)); err != nil && !errors.Is(err, ErrDamaged) {
			t.Error(err)
		}
		if o := exifOrientation(data); o < 0 || o > 8 {
			t.Errorf("got %d", o)
		}
	})
}

// memory is a file that is none.
type memory struct {
	data []byte
	at   int
}

func (m *memory) Write(p []byte) (int, error) {
	if need := m.at + len(p); need > len(m.data) {
		m.data = append(m.data, make([]byte, need-len(m.data))...)
	}
	copy(m.data[m.at:], p)
	m.at += len(p)
	return len(p), nil
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	m.at = int(offset)
	if whence == io.SeekEnd {
		m.at += len(m.data)
	}
	return int64(m.at), nil
}
