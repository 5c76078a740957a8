package blob

import (
	"bufio"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
)

// cost is how much memory is allocated for a picture, in bytes: as if nothing of it
// were collected before the picture is done. It is never less than what the
// decoders of the standard library and of x/image allocate; the test measures them.
type cost struct {
	decoding int64 // the picture, and what the decoder needs beside it
	halving  int64 // the picture at half of its size, at a quarter, and so on
	turning  int64 // the whole picture once more, upright
}

// fixed is the cost of a picture of a few points: the decoder's tables, and the
// buffers and the window of the encoder.
const fixed = 2 << 20

// toScale returns the cost of scaling the picture to at most so many points a side.
// The last step draws at most three pictures of 4 bytes a point, and the PNG
// encoder may convert each point, which takes 8 more.
func (c cost) toScale(points int) int64 {
	return fixed + c.decoding + c.halving + 20*int64(points)*int64(points)
}

// toTurn returns the cost of writing the picture upright.
func (c cost) toTurn() int64 { return fixed + c.decoding + c.turning }

// halved is the cost of halving a picture until little of it is left: 4 bytes for
// each point, and 1/4 + 1/16 + … of the points; and two rows of it for each time.
func halved(width, height int) int64 {
	return 4*(area(width, height)/3+1) + 16*int64(width)
}

func area(width, height int) int64 { return int64(width) * int64(height) }

// cost follows image/jpeg. It allocates the planes in whole units, for a
// progressive picture 4 bytes for each coefficient as well, and for colours that
// are not YCbCr a second picture. The colours may be known only at the end.
func (h *jpegHead) cost(width, height int) cost {
	planes := h.planes
	if len(planes) == 0 || planes[0].h == 0 || planes[0].v == 0 {
		planes = []jpegPlane{{1, 1}, {1, 1}, {1, 1}, {1, 1}}
	}
	if len(planes) == 1 {
		planes = []jpegPlane{{1, 1}} // its sampling factors are ignored
	}
	first := planes[0]
	units := int64((width+8*first.h-1)/(8*first.h)) * int64((height+8*first.v-1)/(8*first.v))
	var samples int64
	for _, p := range planes {
		samples += 64 * units * int64(p.h*p.v)
	}
	points := area(width, height)
	c := cost{decoding: samples, halving: halved(width, height), turning: samples}
	if h.progressive {
		c.decoding += 4 * samples
	}
	if len(planes) > 1 {
		c.decoding += 4 * points
		c.turning = 8 * points // as RGBA, and turned
	}
	return c
}

// pngCost follows image/png. Transparency, which a later chunk declares, turns gray
// into colours. An interlaced picture is assembled from passes that are as large
// together. Two rows are buffered, which may be the whole picture.
func pngCost(r io.Reader, c image.Config) cost {
	const ihdr, interlace = 29, 28
	head := make([]byte, ihdr)
	_, err := io.ReadFull(r, head)
	interlaced := err != nil || head[interlace] != 0
	bytes := int64(8)
	if _, paletted := c.ColorModel.(color.Palette); paletted {
		bytes = 1
	} else {
		switch c.ColorModel {
		case color.GrayModel, color.RGBAModel, color.NRGBAModel:
			bytes = 4
		}
	}
	decoding := bytes * (area(c.Width, c.Height) + 2*int64(c.Width))
	if interlaced {
		decoding *= 3
	}
	return cost{decoding: decoding, halving: halved(c.Width, c.Height)}
}

// gifCost follows image/gif: a frame, and a copy with its rows in order.
func gifCost(c image.Config) cost {
	return cost{decoding: 2 * area(c.Width, c.Height), halving: halved(c.Width, c.Height)}
}

const (
	// vp8lTrees bounds what x/image/vp8l allocates for its 2600 groups of codes of at
	// most 4700 nodes, and vp8lTreesPerByte how much of it a byte of the file can
	// ask for.
	vp8lTrees        = 192 << 20
	vp8lTreesPerByte = 400
)

// webpCost follows x/image/webp. A lossy picture takes its planes. A lossless one
// takes its points before and after their colours are looked up in a table, tiles
// of 4 by 4 points for each transform, and the trees of its codes. An alpha channel
// is a lossless picture beside the lossy one.
func webpCost(r io.ReadSeeker, c image.Config) (cost, error) {
	lossless, size, err := webpLossless(r)
	if err != nil {
		return cost{}, err
	}
	points := area(c.Width+15, c.Height+15)
	out := cost{decoding: 2 * points, halving: halved(c.Width, c.Height)}
	if lossless {
		out.decoding += 11*points + min(vp8lTrees, vp8lTreesPerByte*size)
	}
	return out, nil
}

// webpLossless reports whether a part of the picture is lossless: a chunk VP8L or
// ALPH; and the size of the file.
func webpLossless(r io.ReadSeeker) (lossless bool, size int64, err error) {
	if size, err = r.Seek(0, io.SeekEnd); err != nil {
		return false, 0, err
	}
	const head = 12
	if _, err = r.Seek(head, io.SeekStart); err != nil {
		return false, 0, err
	}
	in := bufio.NewReader(r)
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(in, chunk[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return false, size, err
		}
		switch string(chunk[:4]) {
		case "VP8L", "ALPH":
			return true, size, nil
		case "VP8 ":
			return false, size, nil // the decoder looks no further
		}
		n := int64(binary.LittleEndian.Uint32(chunk[4:]))
		if _, err := io.CopyN(io.Discard, in, n+n&1); err != nil {
			return false, size, nil // damaged: there is nothing to decode
		}
	}
}
