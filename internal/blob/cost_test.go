//go:build !race

// The race detector allocates memory of its own, which this test would count.

package blob

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"runtime"
	"strings"
	"testing"
)

// Two pictures of 6320 by 6320 points once took 1.4 GB where 512 MiB were allowed:
// what was counted was less than what the decoders allocate. What a picture is let
// in with covers all that is allocated for it.
func TestCostCoversWhatIsAllocated(t *testing.T) {
	const w, h = 900, 800
	files := map[string][]byte{
		"jpeg":                jpegFile(t, quarters(w, h), 1),
		"jpeg, gray":          zeroJPEG(w, h, false, "\x11"),
		"jpeg, gray, 2 by 2":  zeroJPEG(w, h, false, "\x22"),
		"jpeg, 4:4:4":         zeroJPEG(w, h, false, "\x11\x11\x11"),
		"jpeg, 4:2:0":         zeroJPEG(w, h, false, "\x22\x11\x11"),
		"jpeg, 4:1:0":         zeroJPEG(w, h, false, "\x42\x11\x11"),
		"jpeg, CMYK":          zeroJPEG(w, h, false, "\x11\x11\x11\x11"),
		"jpeg, CMYK, 2 by 2":  zeroJPEG(w, h, false, "\x22\x11\x11\x22"),
		"progressive, gray":   zeroJPEG(w, h, true, "\x11"),
		"progressive, 4:4:4":  zeroJPEG(w, h, true, "\x11\x11\x11"),
		"progressive, 4:2:0":  zeroJPEG(w, h, true, "\x22\x11\x11"),
		"progressive, CMYK":   zeroJPEG(w, h, true, "\x11\x11\x11\x11"),
		"progressive, narrow": zeroJPEG(1, 9000, true, "\x42\x11\x11"),
		"gif":                 zeroGIF(t, w, h, false),
		"gif, interlaced":     zeroGIF(t, w, h, true),
		"webp":                zeroWebP(w, h, false),
		"webp, with a table":  zeroWebP(w, h, true),
	}
	for name, kind := range map[string]struct{ depth, color byte }{
		"1 bit": {1, 3}, "table": {8, 3}, "gray": {8, 0}, "deep gray": {16, 0}, "gray and alpha": {8, 4}, "deep gray and alpha": {16, 4},
		"colours": {8, 2}, "deep colours": {16, 2}, "colours and alpha": {8, 6}, "deep colours and alpha": {16, 6},
	} {
		for _, interlaced := range []bool{false, true} {
			what := fmt.Sprintf("png, %s, interlaced %t", name, interlaced)
			files[what] = zeroPNG(w, h, kind.depth, kind.color, interlaced, kind.color < 4)
		}
	}
	files["png, one row"] = zeroPNG(w*h, 1, 16, 6, false, false)
	files["png, one row, interlaced"] = zeroPNG(w*h, 1, 16, 6, true, false)
	for name, data := range files {
		p, err := inspect(bytes.NewReader(data), sniff(data), w*h)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, points := range []int{avatarPoints, 700} {
			got := allocated(func() {
				m, err := decode(bytes.NewReader(data))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				small := upright(fit(m, points), 6)
				_, encode := encoding(small)
				if err := writePicture(t.TempDir()+"/x", small, encode); err != nil {
					t.Fatal(err)
				}
			})
			if most := p.cost.toScale(points); got > most {
				t.Errorf("%s as %d: %d bytes were allocated, %d are counted", name, points, got, most)
			}
		}
		if sniff(data) != "image/jpeg" {
			continue // only those are turned as a whole
		}
		got := allocated(func() {
			m, err := decode(bytes.NewReader(data))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := writePicture(t.TempDir()+"/x", upright(m, 6), encodeJPEG); err != nil {
				t.Fatal(err)
			}
		})
		if most := p.cost.toTurn(); got > most {
			t.Errorf("%s, turned: %d bytes were allocated, %d are counted", name, got, most)
		}
	}
}

// allocated returns how many bytes are allocated meanwhile.
func allocated(do func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// zeroJPEG is a JPEG all of whose coefficients are 0, with so many samples of each
// component in a unit.
func zeroJPEG(w, h int, progressive bool, planes string) []byte {
	var b bytes.Buffer
	b.WriteString("\xff\xd8")
	b.Write(segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00"))) // no YCbCr, so that colours are converted
	b.Write(segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)))
	frame := binary.BigEndian.AppendUint16([]byte{8}, uint16(h))
	frame = append(binary.BigEndian.AppendUint16(frame, uint16(w)), byte(len(planes)))
	scan := []byte{byte(len(planes))}
	blocks, units := 0, 0
	for i := range len(planes) {
		frame = append(frame, byte(i+1), planes[i], 0)
		scan = append(scan, byte(i+1), 0)
		blocks += int(planes[i]>>4) * int(planes[i]&15)
	}
	first := planes[0]
	if len(planes) == 1 {
		first, blocks = 0x11, 1
	}
	units = ((w + 8*int(first>>4) - 1) / (8 * int(first>>4))) * ((h + 8*int(first&15) - 1) / (8 * int(first&15)))
	sof, last := byte(0xc0), byte(63)
	if progressive {
		sof, last = jpegSOF2, 0
	}
	b.Write(segment(sof, frame))
	for _, table := range []byte{0x00, 0x10} { // the bit 0 is the symbol 0: no coefficient, end of block
		b.Write(segment(0xc4, append([]byte{table, 1}, make([]byte, 16)...)))
	}
	b.Write(segment(jpegSOS, append(scan, 0, last, 0)))
	b.Write(make([]byte, blocks*units*2/8+8))
	b.WriteString("\xff\xd9")
	return b.Bytes()
}

// zeroPNG is a PNG of zeros.
func zeroPNG(w, h int, depth, kind byte, interlaced, transparent bool) []byte {
	channels := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
	var b, rows bytes.Buffer
	b.WriteString(pngHead)
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	ihdr = append(ihdr, depth, kind, 0, 0, 0)
	passes := [][4]int{{1, 1, 0, 0}} // every so many points, from a point on
	if interlaced {
		ihdr[12] = 1
		passes = [][4]int{{8, 8, 0, 0}, {8, 8, 4, 0}, {4, 8, 0, 4}, {4, 4, 2, 0}, {2, 4, 0, 2}, {2, 2, 1, 0}, {1, 2, 0, 1}}
	}
	b.Write(chunk("IHDR", string(ihdr)))
	if kind == 3 {
		b.Write(chunk("PLTE", "\t\b\a\x06\x05\x04"))
	}
	if transparent {
		b.Write(chunk("tRNS", strings.Repeat("\x00", map[byte]int{0: 2, 2: 6, 3: 1}[kind])))
	}
	z := zlib.NewWriter(&rows)
	for _, p := range passes {
		pw, ph := (w-p[2]+p[0]-1)/p[0], (h-p[3]+p[1]-1)/p[1]
		if pw <= 0 || ph <= 0 {
			continue
		}
		row := make([]byte, 1+(pw*channels*int(depth)+7)/8)
		for range ph {
			_, _ = z.Write(row)
		}
	}
	_ = z.Close()
	b.Write(chunk("IDAT", rows.String()))
	b.Write(chunk("IEND", ""))
	return b.Bytes()
}

func zeroGIF(t *testing.T, w, h int, interlaced bool) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White}), nil); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	if interlaced {
		const head, table = 13, 6
		at := head + table
		if data[10]&0x80 == 0 {
			at = head
		}
		data[bytes.IndexByte(data[at:], 0x2c)+at+9] |= 0x40
	}
	return data
}

// zeroWebP is a lossless WebP in which no point takes a bit.
func zeroWebP(w, h int, table bool) []byte {
	var bits []byte
	put := func(v, n int) {
		for i := range n {
			bits = append(bits, byte(v>>i&1))
		}
	}
	codes := func() { // each of the five has the one symbol 0
		for range 5 {
			put(1, 1) // simple
			put(0, 1) // one symbol
			put(0, 1) // of one bit
			put(0, 1)
		}
	}
	put(0x2f, 8)
	put(w-1, 14)
	put(h-1, 14)
	put(0, 4)
	if table {
		put(1, 1)
		put(3, 2) // colours from a table
		put(1, 8) // of two
		put(0, 1) // no cache of colours
		codes()
	}
	put(0, 1) // no other transform
	put(0, 1) // no cache of colours
	put(0, 1) // one group of codes
	codes()
	body := make([]byte, (len(bits)+7)/8+8)
	for i, bit := range bits {
		body[i/8] |= bit << (i % 8)
	}
	return riff("RIFF", "WEBP"+string(riff("VP8L", string(body))))
}
