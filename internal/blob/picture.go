package blob

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // so that image.Decode knows it
	"image/jpeg"
	"io"
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise
)

// JPEGs are written with these qualities: what replaces an original, and what is
// only shown.
const (
	qualityOriginal = 92
	qualityScaled   = 82
)

// picture is what the head of a picture tells.
type picture struct {
	width, height int // as it is stored
	orientation   int
}

// shown returns width and height as the picture is seen.
func (p picture) shown() (w, h int) {
	if turns(p.orientation) {
		return p.height, p.width
	}
	return p.width, p.height
}

// inspect reads the head of a picture of the type, before a pixel of it is
// decoded: a small file may claim a size that fills the memory. It refuses with
// [ErrDamaged] and [ErrPixels]. The reader is left anywhere.
func inspect(r io.ReadSeeker, t string, maxPixels int64) (picture, error) {
	c, format, err := image.DecodeConfig(bufio.NewReader(r))
	if err != nil || "image/"+format != t || c.Width <= 0 || c.Height <= 0 {
		return picture{}, ErrDamaged
	}
	if int64(c.Width)*int64(c.Height) > maxPixels {
		return picture{}, fmt.Errorf("%w: %d by %d, %d are taken", ErrPixels, c.Width, c.Height, maxPixels)
	}
	p := picture{c.Width, c.Height, 1}
	if t == "image/jpeg" {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return picture{}, err
		}
		p.orientation = orientation(r)
	}
	return p, nil
}

// decode returns the picture upright. Its first frame stands for a film.
func decode(r io.ReadSeeker, orientation int) (image.Image, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, _, err := image.Decode(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return upright(m, orientation), nil
}

// clean writes the picture without what it tells beside the picture, and upright. A JPEG
// that lies on its side is decoded and coded anew, with its colour profile;
// nothing else loses anything.
func clean(w *os.File, r io.ReadSeeker, t string, p picture) error {
	if t != "image/jpeg" || p.orientation == 1 {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return err
		}
		out := bufio.NewWriterSize(w, 64<<10)
		if t == "image/webp" {
			return strip(w, r, t)
		}
		return errors.Join(strip(out, r, t), out.Flush())
	}
	m, err := decode(r, p.orientation)
	if err != nil {
		return err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var profile []byte
	if err := stripJPEG(io.Discard, bufio.NewReader(r), &profile); err != nil {
		return err
	}
	out := bufio.NewWriterSize(&behindStart{w: w, insert: profile}, 64<<10)
	return errors.Join(jpeg.Encode(out, m, &jpeg.Options{Quality: qualityOriginal}), out.Flush())
}

// behindStart writes insert behind the first two bytes of what passes, which in a
// JPEG announce it.
type behindStart struct {
	w      io.Writer
	insert []byte
	past   int
}

func (b *behindStart) Write(p []byte) (int, error) {
	n := 0
	if b.past < 2 {
		head := p[:min(len(p), 2-b.past)]
		n, err := b.w.Write(head)
		b.past += n
		if err != nil || b.past < 2 {
			return n, err
		}
		if _, err := b.w.Write(b.insert); err != nil {
			return n, err
		}
		m, err := b.w.Write(p[n:])
		return n + m, err
	}
	m, err := b.w.Write(p)
	return n + m, err
}

// fit returns the picture no wider and no higher than most; a smaller one as it is.
func fit(m image.Image, most int) image.Image {
	b := m.Bounds()
	w, h := fitSize(b.Dx(), b.Dy(), most)
	if w == b.Dx() && h == b.Dy() {
		return m
	}
	return scale(m, b, w, h)
}

func fitSize(w, h, most int) (int, int) {
	if w <= most && h <= most {
		return w, h
	}
	if w >= h {
		return most, max(h*most/w, 1)
	}
	return max(w*most/h, 1), most
}

// square returns the middle of the picture with so many points on each side.
func square(m image.Image, side int) image.Image {
	b := m.Bounds()
	n := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-n)/2, b.Min.Y+(b.Dy()-n)/2
	return scale(m, image.Rect(x, y, x+n, y+n), side, side)
}

func scale(m image.Image, from image.Rectangle, w, h int) image.Image {
	var out draw.Image = image.NewNRGBA(image.Rect(0, 0, w, h))
	if opaque(m) {
		out = image.NewRGBA(image.Rect(0, 0, w, h)) // as fast as it gets
	}
	draw.BiLinear.Scale(out, out.Bounds(), m, from, draw.Src, nil)
	return out
}
