package demo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
)

// picture draws a sun over hills, so that the demo has a picture that is nobody's.
func picture() []byte {
	const width, height = 960, 600
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	mix := func(a, b [3]float64, t float64) color.RGBA {
		at := func(i int) uint8 { return uint8(a[i] + (b[i]-a[i])*t) }
		return color.RGBA{at(0), at(1), at(2), 255}
	}
	for y := range height {
		sky := mix([3]float64{44, 62, 120}, [3]float64{255, 190, 130}, math.Min(1, float64(y)/420))
		for x := range width {
			img.SetRGBA(x, y, sky)
			if math.Hypot(float64(x-620), float64(y-330)) < 80 {
				img.SetRGBA(x, y, color.RGBA{255, 236, 170, 255})
			}
			for i, hill := range []float64{
				390 + 40*math.Sin(float64(x)/130),
				450 + 50*math.Sin(float64(x)/190+2),
				520 + 30*math.Sin(float64(x)/90+4),
			} {
				if float64(y) > hill {
					img.SetRGBA(x, y, mix([3]float64{94, 84, 120}, [3]float64{24, 42, 56}, float64(i)/2))
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil // to memory: it cannot be
	}
	return out.Bytes()
}

// sound is three notes as a WAV file: what stands in for a voice.
func sound() []byte {
	const rate = 8000
	var samples []byte
	for _, pitch := range []float64{392, 494, 587} {
		for i := range rate * 6 / 10 {
			t := float64(i) / rate
			samples = append(samples, uint8(128+90*math.Sin(2*math.Pi*pitch*t)*math.Exp(-4*t)))
		}
	}
	var out bytes.Buffer
	out.WriteString("RIFF")
	_ = binary.Write(&out, binary.LittleEndian, uint32(36+len(samples)))
	out.WriteString("WAVEfmt ")
	for _, field := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate), uint16(1), uint16(8)} {
		_ = binary.Write(&out, binary.LittleEndian, field)
	}
	out.WriteString("data")
	_ = binary.Write(&out, binary.LittleEndian, uint32(len(samples)))
	out.Write(samples)
	return out.Bytes()
}

// soundSeconds is how long sound lasts.
const soundSeconds = 1.8
