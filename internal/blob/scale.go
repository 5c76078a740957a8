package blob

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/singleflight"
)

// Size is one of the sizes in which pictures are shown.
type Size string

// The sizes: no side is longer than so many points.
const (
	Thumb   Size = "thumb"   // 360
	Preview Size = "preview" // 1600
)

// Points returns the longest side; 0 for a size that does not exist.
func (s Size) Points() int {
	switch s {
	case Thumb:
		return 360
	case Preview:
		return 1600
	}
	return 0
}

// Source opens the original of a picture, or returns [ErrNotFound]. Of the object
// at least Type is set, and Picture when it may be shown as it is.
type Source func(ctx context.Context, key string) (*os.File, Object, error)

// Source opens files of the disk.
func (d *Disk) Source(_ context.Context, key string) (*os.File, Object, error) { return d.Open(key) }

// Scaler makes pictures smaller, upright and free of what they tell beside the
// picture, when they are first asked for, and keeps them in a folder of its own: it may
// be emptied at any time. Pictures that are asked for by many at once are made once. Safe for concurrent use.
type Scaler struct {
	folder    string
	source    Source
	maxPixels int64
	workers   *Workers
	making    singleflight.Group
}

// NewScaler returns a scaler that keeps its pictures in the folder.
func NewScaler(folder string, source Source, maxPixels int64, workers *Workers) (*Scaler, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Scaler{folder: folder, source: source, maxPixels: maxPixels, workers: workers}, nil
}

// Open opens the picture in that size. It refuses with [ErrNotFound], and with
// [ErrType], [ErrDamaged] or [ErrPixels] what it cannot or will not draw.
func (s *Scaler) Open(ctx context.Context, key string, size Size) (*os.File, Object, error) {
	for {
		if f, o, err := s.cached(key, size); err == nil {
			return f, o, nil
		}
		made := s.making.DoChan(string(size)+" "+key, func() (any, error) { return s.make(ctx, key, size) })
		select {
		case m := <-made:
			if m.Shared && errors.Is(m.Err, context.Canceled) && ctx.Err() == nil {
				continue // the request that made it for all was cancelled
			}
			if m.Err != nil {
				return nil, Object{}, m.Err
			}
			if m.Val == true {
				return s.source(ctx, key)
			}
		case <-ctx.Done():
			return nil, Object{}, fmt.Errorf("blob: %w", ctx.Err())
		}
	}
}

// cached opens what was made before.
func (s *Scaler) cached(key string, size Size) (*os.File, Object, error) {
	for _, ext := range []string{"jpeg", "png"} {
		f, err := os.Open(s.name(key, size, ext))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, Object{}, fmt.Errorf("blob: %w", err)
		}
		info, err := f.Stat()
		if err != nil {
			_ = f.Close()
			return nil, Object{}, fmt.Errorf("blob: %w", err)
		}
		return f, Object{Key: key, Type: "image/" + ext, Size: info.Size(), Picture: true, StoredAt: info.ModTime()}, nil
	}
	return nil, Object{}, ErrNotFound
}

func (s *Scaler) name(key string, size Size, ext string) string {
	digits := keyDigits(key)
	return filepath.Join(s.folder, digits[:2], digits[2:]+"-"+string(size)+"."+ext)
}

// make writes the picture in that size; true when the original serves as it is. It
// runs on a goroutine of its own, so a panic of a decoder must end here.
func (s *Scaler) make(ctx context.Context, key string, size Size) (original bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("blob: panic in a decoder: %v", v)
		}
	}()
	done, err := s.workers.open(ctx, key)
	if err != nil {
		return false, err
	}
	defer done()
	f, o, err := s.source(ctx, key)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if !pictures[o.Type] {
		return false, fmt.Errorf("%w: no picture", ErrType)
	}
	p, err := inspect(f, o.Type, s.maxPixels)
	if err != nil {
		return false, err
	}
	film := o.Type == "image/gif" && size == Preview
	small := o.Picture && o.Type != "image/gif" && p.orientation == 1 && max(p.width, p.height) <= size.Points()
	if film || small {
		return true, nil
	}
	release, err := s.workers.acquire(ctx, key, p.cost.toScale(size.Points()))
	if err != nil {
		return false, err
	}
	defer release()
	m, err := decode(f)
	if err != nil {
		return false, err
	}
	return false, s.keep(key, size, upright(fit(m, size.Points()), p.orientation))
}

// keep writes the picture beside and renames it, so that nobody reads half of it.
func (s *Scaler) keep(key string, size Size, m image.Image) error {
	ext, encode := encoding(m)
	name := s.name(key, size, ext)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return spaceOr(err)
	}
	return writePicture(name, m, encode)
}

// encoding returns how a small picture is written: as a JPEG, or as a PNG where
// something shines through it.
func encoding(m image.Image) (ext string, encode func(io.Writer, image.Image) error) {
	if opaque(m) {
		return "jpeg", encodeJPEG
	}
	return "png", png.Encode
}

func encodeJPEG(w io.Writer, m image.Image) error {
	return jpeg.Encode(w, m, &jpeg.Options{Quality: qualityScaled})
}

func writePicture(name string, m image.Image, encode func(io.Writer, image.Image) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), "new-")
	if err != nil {
		return spaceOr(err)
	}
	out := bufio.NewWriterSize(f, 64<<10)
	err = errors.Join(encode(out, m), out.Flush(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return spaceOr(err)
	}
	return nil
}

// Remove removes what was made of a picture.
func (s *Scaler) Remove(key string) error {
	var failed error
	for _, size := range []Size{Thumb, Preview} {
		for _, ext := range []string{"jpeg", "png"} {
			if err := os.Remove(s.name(key, size, ext)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				failed = errors.Join(failed, fmt.Errorf("blob: %w", err))
			}
		}
	}
	return failed
}
