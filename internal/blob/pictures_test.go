package blob

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// The pictures of these tests are red in their upper left quarter and blue
// elsewhere, so that it shows how they lie.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{B: 200, A: 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{R: 200, A: 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// corner names the red corner of a picture.
func corner(t *testing.T, m image.Image) string {
	t.Helper()
	b := m.Bounds()
	red := func(x, y int) bool {
		r, _, blue, _ := m.At(b.Min.X+x, b.Min.Y+y).RGBA()
		return r > blue
	}
	found := ""
	for name, at := range map[string][2]int{
		"upper left":  {b.Dx() / 4, b.Dy() / 4},
		"upper right": {b.Dx() * 3 / 4, b.Dy() / 4},
		"lower left":  {b.Dx() / 4, b.Dy() * 3 / 4},
		"lower right": {b.Dx() * 3 / 4, b.Dy() * 3 / 4},
	} {
		if red(at[0], at[1]) {
			found += name
		}
	}
	return found
}

const secret = "GPS 52.5200 N 13.4050 E" // what no stripped file may hold

func jpegFile(t testing.TB, m image.Image, orientation int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	var head []byte
	head = append(head, segment(0xe1, exif(orientation))...)
	head = append(head, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x>"+secret+"</x>"))...)
	head = append(head, segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01a profile of colours"))...)
	head = append(head, segment(0xed, []byte("Photoshop 3.0\x00"+secret))...)
	head = append(head, segment(0xfe, []byte(secret))...)
	// Behind the end: what telephones append, a film or a second picture.
	return append(insert(b.Bytes(), 2, head), secret...)
}

func insert(b []byte, at int, what []byte) []byte {
	return append(append(bytes.Clone(b[:at]), what...), b[at:]...)
}

func segment(marker byte, body []byte) []byte {
	out := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return append(out, body...)
}

// exif is a directory of two entries: one that is skipped, and the orientation.
func exif(orientation int) []byte {
	b := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x02")
	b = append(b, 0x01, 0x0f, 0, 2, 0, 0, 0, 4, 'C', 'a', 'm', 0)
	b = append(b, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(orientation), 0, 0)
	return append(b, secret...)
}

func pngFile(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	const afterIHDR = 8 + 25
	extra := append(chunk("tEXt", "Comment\x00"+secret), chunk("gAMA", "\x00\x00\xb1\x8f")...)
	extra = append(extra, chunk("eXIf", secret)...)
	return append(insert(b.Bytes(), afterIHDR, extra), secret...)
}

func chunk(name, body string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(out, name+body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(name+body)))
}

func gifFile(t testing.TB, frames ...*image.RGBA) []byte {
	t.Helper()
	film := &gif.GIF{}
	for _, f := range frames {
		p := image.NewPaletted(f.Bounds(), color.Palette{color.RGBA{R: 200, A: 255}, color.RGBA{B: 200, A: 255}})
		for y := range f.Bounds().Dy() {
			for x := range f.Bounds().Dx() {
				p.Set(x, y, f.At(x, y))
			}
		}
		film.Image, film.Delay = append(film.Image, p), append(film.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, film); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// webpFile is a picture of one point in the extended form, with EXIF and XMP.
func webpFile(t testing.TB) []byte {
	t.Helper()
	simple, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}
	body := append([]byte("WEBP"), riff("VP8X", "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00")...)
	body = append(body, simple[12:]...)
	body = append(body, riff("EXIF", secret)...)
	body = append(body, riff("XMP ", "<x>"+secret+"</x>")...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riff(name, body string) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	out = append(out, body...)
	if len(body)%2 == 1 {
		out = append(out, 0)
	}
	return out
}
