package engineio

import (
	"bytes"
	"strings"
	"testing"
)

type ignore struct{}

func (ignore) wsMessage(bool, []byte) bool { return true }
func (ignore) wsControl(byte, []byte) bool { return true }

func BenchmarkDecodeWebSocket(b *testing.B) {
	frame := append([]byte{finBit | opText, maskBit | 100, 1, 2, 3, 4}, bytes.Repeat([]byte("4hello "), 100)[:100]...)
	stream := bytes.Repeat(frame, 16)
	var d wsDecoder
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		// Each pass unmasks in place, so the text alternates between two forms, both of them ASCII.
		if err := d.feed(stream, 1<<20, ignore{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPayload(b *testing.B) {
	text := strings.Repeat("a message of some length, 中文 €", 4)
	var frames []*Frame
	for range 16 {
		frames = append(frames, TextFrame([]byte(text)))
	}
	b.Run("encode 4", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = appendPayload4(buf[:0], frames)
		}
	})
	b.Run("encode 3", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = appendPayload3(buf[:0], frames, false)
		}
	})
	use := func(packet) bool { return true }
	b.Run("decode 4", func(b *testing.B) {
		payload := appendPayload4(nil, frames)
		b.ReportAllocs()
		for b.Loop() {
			if err := decodePayload4(payload, use); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode 3", func(b *testing.B) {
		payload := appendPayload3(nil, frames, false)
		b.ReportAllocs()
		for b.Loop() {
			if err := decodePayload3(payload, use); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTextFrame(b *testing.B) {
	message := []byte(`2["message",{"text":"hello, everybody"}]`)
	b.ReportAllocs()
	for b.Loop() {
		TextFrame(message)
	}
}
