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
	cost          cost
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
	p := picture{width: c.Width, height: c.Height, orientation: 1}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return picture{}, err
	}
	switch t {
	case "image/jpeg":
		head := readJPEGHead(r)
		p.orientation, p.cost = head.orientation, head.cost(c.Width, c.Height)
	case "image/png":
		p.cost = pngCost(r, c)
	case "image/gif":
		p.cost = gifCost(c)
	case "image/webp":
		p.cost, err = webpCost(r, c)
	}
	return p, err
}

// maxScans is how many passes over the picture a JPEG may want. Cameras and
// programs write one to a dozen; thousands fit into a small file, and each takes
// the time of all points.
const maxScans = 64

// decode returns the picture as it is stored. Its first frame stands for a film.
func decode(r io.ReadSeeker) (image.Image, error) {
	if err := checkScans(r); err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	m, _, err := image.Decode(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return m, nil
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
	m, err := decode(r)
	if err != nil {
		return err
	}
	m = upright(m, p.orientation)
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

// square returns the middle of the picture with so many points on each side. It and
// [fit] treat both sides alike, so that a picture is turned upright after them,
// when there is little of it left.
func square(m image.Image, side int) image.Image {
	b := m.Bounds()
	n := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-n)/2, b.Min.Y+(b.Dy()-n)/2
	return scale(m, image.Rect(x, y, x+n, y+n), side, side)
}

// scale draws a part of the picture with w by h points. What is much larger is
// halved until it is not: that is the average of all points, and needs neither the
// time nor the memory of a kernel over all of them.
func scale(m image.Image, from image.Rectangle, w, h int) image.Image {
	for from.Dx() >= 2*w && from.Dy() >= 2*h && from.Dx() > 1 && from.Dy() > 1 {
		m = halve(m, from)
		from = m.Bounds()
	}
	var out draw.Image = image.NewNRGBA(image.Rect(0, 0, w, h))
	if opaque(m) {
		out = image.NewRGBA(image.Rect(0, 0, w, h)) // as fast as it gets
	}
	draw.ApproxBiLinear.Scale(out, out.Bounds(), m, from, draw.Src, nil)
	return out
}

// halve returns a part of the picture with half of its width and height.
func halve(m image.Image, from image.Rectangle) image.Image {
	w, h := from.Dx()/2, from.Dy()/2
	switch m := m.(type) {
	case *image.YCbCr:
		if out := halveYCbCr(m, from, w, h); out != nil {
			return out
		}
	case *image.Gray:
		out := image.NewGray(image.Rect(0, 0, w, h))
		halvePlane(out.Pix, out.Stride, m.Pix[m.PixOffset(from.Min.X, from.Min.Y):], m.Stride, w, h, 1)
		return out
	case *image.RGBA:
		out := image.NewRGBA(image.Rect(0, 0, w, h))
		halvePlane(out.Pix, out.Stride, m.Pix[m.PixOffset(from.Min.X, from.Min.Y):], m.Stride, w, h, 4)
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	rows := image.NewRGBA(image.Rect(0, 0, 2*w, 2)) // not all of it at once: that would take more memory than decoding it
	for y := range h {
		drawRows(rows, m, image.Pt(from.Min.X, from.Min.Y+2*y))
		halvePlane(out.Pix[y*out.Stride:], out.Stride, rows.Pix, rows.Stride, w, 1, 4)
	}
	return out
}

// drawRows copies rows of a picture, from a point on.
func drawRows(rows *image.RGBA, m image.Image, from image.Point) {
	p, ok := m.(*image.Paletted)
	if !ok || len(p.Palette) == 0 {
		draw.Draw(rows, rows.Bounds(), m, from, draw.Src)
		return
	}
	var colors [256][4]byte // draw.Draw would look each point up and convert it
	for i, c := range p.Palette[:min(len(p.Palette), 256)] {
		r, g, b, a := c.RGBA()
		colors[i] = [4]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8), byte(a >> 8)}
	}
	for y := range rows.Rect.Dy() {
		row := rows.Pix[y*rows.Stride:]
		for x, i := range p.Pix[p.PixOffset(from.X, from.Y+y):][:rows.Rect.Dx()] {
			copy(row[4*x:], colors[i][:])
		}
	}
}

// halveYCbCr takes the colours of a picture that has them at half of its size
// already as they are; nil for the rarer kinds.
func halveYCbCr(m *image.YCbCr, from image.Rectangle, w, h int) image.Image {
	coarse := m.SubsampleRatio == image.YCbCrSubsampleRatio420 && from.Min.X%2 == 0 && from.Min.Y%2 == 0
	if !coarse && m.SubsampleRatio != image.YCbCrSubsampleRatio444 {
		return nil
	}
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio444)
	halvePlane(out.Y, out.YStride, m.Y[m.YOffset(from.Min.X, from.Min.Y):], m.YStride, w, h, 1)
	at := m.COffset(from.Min.X, from.Min.Y)
	for _, p := range []struct{ to, from []byte }{{out.Cb, m.Cb[at:]}, {out.Cr, m.Cr[at:]}} {
		if !coarse {
			halvePlane(p.to, out.CStride, p.from, m.CStride, w, h, 1)
			continue
		}
		for y := range h {
			copy(p.to[y*out.CStride:][:w], p.from[y*m.CStride:])
		}
	}
	return out
}

// halvePlane writes the average of each four points, of so many bytes each.
func halvePlane(to []byte, toStride int, from []byte, fromStride, w, h, bytes int) {
	for y := range h {
		row := to[y*toStride:][: w*bytes : w*bytes]
		upper := from[2*y*fromStride:][:2*w*bytes]
		lower := from[(2*y+1)*fromStride:][:2*w*bytes]
		if bytes == 1 {
			for x := range row {
				row[x] = byte((uint(upper[2*x]) + uint(upper[2*x+1]) + uint(lower[2*x]) + uint(lower[2*x+1]) + 2) / 4)
			}
			continue
		}
		for x := range row {
			i := x/bytes*2*bytes + x%bytes
			row[x] = byte((uint(upper[i]) + uint(upper[i+bytes]) + uint(lower[i]) + uint(lower[i+bytes]) + 2) / 4)
		}
	}
}
