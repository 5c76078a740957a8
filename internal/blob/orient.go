package blob

import (
	"bufio"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"io"
)

// jpegHead holds the facts from the segments before the first scan of a JPEG.
type jpegHead struct {
	orientation int // how the camera was held: 1 upright, 2 to 8 as EXIF counts mirrors and turns
	progressive bool
	planes      []jpegPlane // as far as they are known
}

// jpegPlane holds the sampling factors of a component: its points in each unit of
// the picture.
type jpegPlane struct{ h, v int }

// readJPEGHead reads the head of a JPEG. A head that it cannot read counts as
// upright and as the costlier kind, because the decoder may be able to read it.
func readJPEGHead(r io.Reader) (head jpegHead) {
	head.orientation = 1
	in := bufio.NewReader(r)
	if b, err := in.Peek(2); err != nil || b[0] != 0xff || b[1] != jpegSOI {
		return head
	}
	_, _ = in.Discard(2)
	for {
		marker, err := nextMarker(in, false)
		if err != nil {
			head.progressive = true
			return head
		}
		if marker == jpegSOS || marker == jpegEOI {
			return head
		}
		head.progressive = head.progressive || marker == jpegSOF2
		if marker == jpegTEM || marker >= jpegRST0 && marker <= jpegRST7 {
			continue
		}
		var size [2]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			head.progressive = true
			return head
		}
		n := int(binary.BigEndian.Uint16(size[:])) - 2
		if n < 0 {
			head.progressive = true
			return head
		}
		exif, frame := marker == jpegAPP1 && head.orientation == 1, marker >= jpegSOF0 && marker <= jpegSOF2
		if !exif && !frame {
			if _, err := in.Discard(n); err != nil {
				return head
			}
			continue
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			return head
		}
		if frame {
			head.planes = jpegPlanes(body)
		} else if o := exifOrientation(body); o != 0 {
			head.orientation = o
		}
	}
}

// jpegPlanes reads the components of a frame header (ITU-T T.81, B.2.2).
func jpegPlanes(frame []byte) (all []jpegPlane) {
	const head, each = 6, 3
	for b := frame[min(head, len(frame)):]; len(b) >= each; b = b[each:] {
		all = append(all, jpegPlane{int(b[1] >> 4), int(b[1] & 15)})
	}
	return all
}

// exifOrientation looks the tag Orientation up in the first directory of an EXIF
// segment, which is a TIFF file behind six bytes; 0 when it is not there.
func exifOrientation(b []byte) int {
	const head = "Exif\x00\x00"
	if len(b) < len(head)+8 || string(b[:len(head)]) != head {
		return 0
	}
	b = b[len(head):]
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 0
	}
	b = b[at:]
	const entry, tag, short = 12, 0x0112, 3
	for n := int(order.Uint16(b)); n > 0; n-- {
		if b = b[min(len(b), 2):]; len(b) < entry {
			return 0
		}
		if order.Uint16(b) == tag && order.Uint16(b[2:]) == short {
			if o := int(order.Uint16(b[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 0
		}
		b = b[entry-2:]
	}
	return 0
}

// turns reports whether the orientation exchanges width and height.
func turns(orientation int) bool { return orientation >= 5 }

// upright returns the picture as it was seen. A JPEG's own planes are turned each
// by itself, which needs a third of the memory of its colours.
func upright(m image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return m
	}
	switch m := m.(type) {
	case *image.YCbCr:
		if out := uprightYCbCr(m, orientation); out != nil {
			return out
		}
	case *image.Gray:
		b := m.Bounds()
		out := image.NewGray(turned(b, orientation))
		turnPlane(out.Pix, out.Stride, m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, b.Dx(), b.Dy(), orientation)
		return out
	}
	b := m.Bounds()
	whole, ok := m.(*image.RGBA)
	if !ok {
		whole = image.NewRGBA(b)
		draw.Draw(whole, b, m, b.Min, draw.Src)
	}
	out := image.NewRGBA(turned(b, orientation))
	for y := range b.Dy() {
		for x := range b.Dx() {
			tx, ty := turnPoint(x, y, b.Dx(), b.Dy(), orientation)
			out.SetRGBA(tx, ty, whole.RGBAAt(b.Min.X+x, b.Min.Y+y))
		}
	}
	return out
}

func uprightYCbCr(m *image.YCbCr, orientation int) *image.YCbCr {
	ratio := m.SubsampleRatio
	if turns(orientation) {
		switch ratio {
		case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		default:
			return nil
		}
	}
	b := m.Bounds()
	if b.Min != (image.Point{}) {
		return nil
	}
	out := image.NewYCbCr(turned(b, orientation), ratio)
	turnPlane(out.Y, out.YStride, m.Y, m.YStride, b.Dx(), b.Dy(), orientation)
	cw, ch := chromaSize(m)
	turnPlane(out.Cb, out.CStride, m.Cb, m.CStride, cw, ch, orientation)
	turnPlane(out.Cr, out.CStride, m.Cr, m.CStride, cw, ch, orientation)
	return out
}

// chromaSize is the size of the colour planes of a picture that begins at 0, 0.
func chromaSize(m *image.YCbCr) (w, h int) {
	w, h = m.Rect.Dx(), m.Rect.Dy()
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		w = (w + 1) / 2
	case image.YCbCrSubsampleRatio420:
		w, h = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio440:
		h = (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		w = (w + 3) / 4
	case image.YCbCrSubsampleRatio410:
		w, h = (w+3)/4, (h+1)/2
	case image.YCbCrSubsampleRatio444:
	}
	return w, h
}

func turnPlane(to []byte, toStride int, from []byte, fromStride, w, h, orientation int) {
	place := func(x, y int) int {
		tx, ty := turnPoint(x, y, w, h, orientation)
		return ty*toStride + tx
	}
	// A step to the right or down is the same everywhere.
	start := place(0, 0)
	right, down := place(1, 0)-start, place(0, 1)-start
	for y := range h {
		at := start + y*down
		for _, v := range from[y*fromStride : y*fromStride+w] {
			to[at] = v
			at += right
		}
	}
}

func turned(b image.Rectangle, orientation int) image.Rectangle {
	if turns(orientation) {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// turnPoint tells where the point of a picture of w by h belongs (EXIF 2.32, 4.6.5.1).
func turnPoint(x, y, w, h, orientation int) (tx, ty int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}

// opaque reports whether nothing shines through the picture.
func opaque(m image.Image) bool {
	if o, ok := m.(interface{ Opaque() bool }); ok {
		return o.Opaque()
	}
	switch m.ColorModel() {
	case color.YCbCrModel, color.GrayModel, color.Gray16Model, color.CMYKModel:
		return true
	}
	return false
}
