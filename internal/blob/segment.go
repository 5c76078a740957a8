package blob

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// strip copies a picture of the type without what it tells beside the picture:
// where and when it was taken, by which camera, with which program. What is needed
// to show it in the same colours stays. It returns [ErrDamaged] for what is no
// picture of the type. Types that hold no such thing are copied as they are.
func strip(w io.Writer, r io.Reader, t string) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var err error
	switch t {
	case "image/jpeg":
		err = stripJPEG(w, in, nil)
	case "image/png":
		err = stripPNG(w, in)
	case "image/webp":
		err = stripWebP(w, in)
	default:
		_, err = io.Copy(w, in)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	return err
}

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	jpegSOF0 = 0xc0
	jpegSOF2 = 0xc2 // progressive
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegRST0 = 0xd0
	jpegRST7 = 0xd7
	jpegTEM  = 0x01
	jpegAPP0 = 0xe0
	jpegAPP1 = 0xe1
	jpegAPP2 = 0xe2
	jpegAPPe = 0xee // Adobe: how the colours are coded
	jpegAPPf = 0xef
	jpegCOM  = 0xfe
)

var iccHead = []byte("ICC_PROFILE\x00")

// stripJPEG copies up to the end of the picture all segments but those of
// applications and comments; of the former JFIF, the colour profile and Adobe's stay.
// What stands behind the picture (a second one, a film) is left out. With icc not
// nil nothing is copied: the colour profile's segments are appended to it instead.
func stripJPEG(w io.Writer, r *bufio.Reader, icc *[]byte) error {
	if b, err := r.Peek(2); err != nil || b[0] != 0xff || b[1] != jpegSOI {
		return fmt.Errorf("%w: no JPEG", ErrDamaged)
	}
	put := func(b []byte) error {
		if icc != nil {
			return nil
		}
		_, err := w.Write(b)
		return err
	}
	_, _ = r.Discard(2)
	if err := put([]byte{0xff, jpegSOI}); err != nil {
		return err
	}
	begun := false // the first byte of a marker is read
	for {
		marker, err := nextMarker(r, begun)
		if err != nil {
			return err
		}
		begun = false
		switch {
		case marker == jpegEOI:
			return put([]byte{0xff, jpegEOI})
		case marker == jpegTEM || marker >= jpegRST0 && marker <= jpegRST7:
			if err := put([]byte{0xff, marker}); err != nil {
				return err
			}
			continue
		}
		head, err := r.Peek(2)
		if err != nil {
			return io.ErrUnexpectedEOF
		}
		size := int(binary.BigEndian.Uint16(head))
		if size < 2 {
			return fmt.Errorf("%w: a segment of no length", ErrDamaged)
		}
		segment := make([]byte, 2+size)
		segment[0], segment[1] = 0xff, marker
		if _, err := io.ReadFull(r, segment[2:]); err != nil {
			return err
		}
		if icc != nil && isICC(marker, segment) {
			*icc = append(*icc, segment...)
		}
		if keepsJPEG(marker, segment) {
			if err := put(segment); err != nil {
				return err
			}
		}
		if marker == jpegSOS {
			if icc != nil {
				return nil // profiles stand before it
			}
			if err := copyScan(w, r); err != nil {
				return err
			}
			begun = true
		}
	}
}

func isICC(marker byte, segment []byte) bool {
	return marker == jpegAPP2 && len(segment) > 4+len(iccHead) && string(segment[4:4+len(iccHead)]) == string(iccHead)
}

func keepsJPEG(marker byte, segment []byte) bool {
	switch {
	case marker == jpegAPP0:
		// JFIF itself; its extension holds a thumbnail of the picture before it was cut.
		return len(segment) >= 9 && string(segment[4:9]) == "JFIF\x00"
	case marker == jpegAPP2:
		return isICC(marker, segment)
	case marker == jpegAPPe:
		return true
	case marker >= jpegAPP1 && marker <= jpegAPPf, marker == jpegCOM:
		return false
	}
	return true
}

// checkScans refuses a JPEG that wants to be gone over more often than any
// program writes it; other files pass. It is as forgiving as the decoder, which
// passes over whatever stands where a marker belongs: one byte of that must not
// end the count.
func checkScans(r io.ReadSeeker) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReaderSize(r, 64<<10)
	if b, err := in.Peek(2); err != nil || b[0] != 0xff || b[1] != jpegSOI {
		return nil
	}
	_, _ = in.Discard(2)
	for scans := 0; ; {
		_, err := in.ReadSlice(0xff)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		marker := byte(0xff)
		for marker == 0xff && err == nil {
			marker, err = in.ReadByte()
		}
		if err != nil || marker == jpegEOI {
			return nil // whether it is whole is for the decoder to say
		}
		if marker == 0 || marker >= jpegRST0 && marker <= jpegRST7 {
			continue // within a scan
		}
		var size [2]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return nil
		}
		if marker == jpegSOS {
			if scans++; scans > maxScans {
				return fmt.Errorf("%w: it has more than %d scans", ErrDamaged, maxScans)
			}
		}
		if _, err := in.Discard(max(int(binary.BigEndian.Uint16(size[:]))-2, 0)); err != nil {
			return nil
		}
	}
}

// nextMarker reads a marker with the fill bytes before it; begun says that the
// first of its bytes is read already.
func nextMarker(r *bufio.Reader, begun bool) (b byte, err error) {
	if !begun {
		if b, err = r.ReadByte(); err != nil {
			return 0, err
		}
		if b != 0xff {
			return 0, fmt.Errorf("%w: no marker where one belongs", ErrDamaged)
		}
	}
	for b = 0xff; b == 0xff; {
		if b, err = r.ReadByte(); err != nil {
			return 0, err
		}
	}
	if b == 0 {
		return 0, fmt.Errorf("%w: no marker where one belongs", ErrDamaged)
	}
	return b, nil
}

// copyScan copies entropy-coded data up to the next marker that is no restart,
// of which it has read the first byte.
func copyScan(w io.Writer, r *bufio.Reader) error {
	for {
		chunk, err := r.ReadSlice(0xff)
		if errors.Is(err, bufio.ErrBufferFull) {
			if _, err := w.Write(chunk); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(chunk[:len(chunk)-1]); err != nil {
			return err
		}
		next, err := r.Peek(1)
		if err != nil {
			return err
		}
		c := next[0]
		if c != 0 && (c < jpegRST0 || c > jpegRST7) {
			return nil
		}
		_, _ = r.Discard(1)
		if _, err := w.Write([]byte{0xff, c}); err != nil {
			return err
		}
	}
}

const pngHead = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks beside the critical ones that change how it looks.
var pngKept = map[string]bool{
	"tRNS": true, "cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true, "sRGB": true, "cICP": true, "mDCV": true, "cLLI": true,
	"bKGD": true, "pHYs": true, "acTL": true, "fcTL": true, "fdAT": true,
}

// stripPNG copies the critical chunks and those of pngKept up to IEND.
func stripPNG(w io.Writer, r *bufio.Reader) error {
	head := make([]byte, len(pngHead))
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if string(head) != pngHead {
		return fmt.Errorf("%w: no PNG", ErrDamaged)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return err
		}
		name := string(chunk[4:])
		size := int64(binary.BigEndian.Uint32(chunk[:])) + 4 // with its checksum
		if size > 1<<31 {
			return fmt.Errorf("%w: a chunk without end", ErrDamaged)
		}
		critical := chunk[4]&0x20 == 0
		if !critical && !pngKept[name] {
			if _, err := io.CopyN(io.Discard, r, size); err != nil {
				return err
			}
			continue
		}
		if _, err := w.Write(chunk[:]); err != nil {
			return err
		}
		if _, err := io.CopyN(w, r, size); err != nil {
			return err
		}
		if name == "IEND" {
			return nil
		}
	}
}

// Flags of the chunk VP8X that announce what is taken out.
const webpXMP, webpEXIF = 0x04, 0x08

// stripWebP copies a WebP file without its chunks EXIF and XMP, and those that
// nobody knows. The container's length stands first and is known last: w must be
// an [io.WriteSeeker] at its beginning, and is left at its end.
func stripWebP(w io.Writer, r *bufio.Reader) error {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WEBP" {
		return fmt.Errorf("%w: no WebP", ErrDamaged)
	}
	left := int64(binary.LittleEndian.Uint32(head[4:])) - 4
	seeker, ok := w.(io.WriteSeeker)
	if !ok {
		return errors.New("blob: a WebP is written where its head can be mended")
	}
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	written := int64(4)
	for left >= 8 {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		padded := size + size&1
		left -= 8 + padded
		if left < -1 { // the last byte of padding is often forgotten
			return fmt.Errorf("%w: a chunk is longer than the file", ErrDamaged)
		}
		if left == -1 {
			padded = size
		}
		switch string(chunk[:4]) {
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
			if _, err := w.Write(chunk[:]); err != nil {
				return err
			}
			if _, err := io.CopyN(w, r, padded); err != nil {
				return err
			}
		case "VP8X":
			if size < 10 || size > 1024 {
				return fmt.Errorf("%w: a head of the wrong length", ErrDamaged)
			}
			body := make([]byte, padded)
			if _, err := io.ReadFull(r, body); err != nil {
				return err
			}
			body[0] &^= webpXMP | webpEXIF
			if _, err := w.Write(append(chunk[:], body...)); err != nil {
				return err
			}
		default:
			if _, err := io.CopyN(io.Discard, r, padded); err != nil {
				return err
			}
			continue
		}
		written += 8 + padded
	}
	if written == 4 {
		return fmt.Errorf("%w: there is nothing in it", ErrDamaged)
	}
	if written%2 == 1 {
		if _, err := w.Write([]byte{0}); err != nil {
			return err
		}
		written++
	}
	if _, err := seeker.Seek(4, io.SeekStart); err != nil {
		return err
	}
	var size [4]byte
	binary.LittleEndian.PutUint32(size[:], uint32(written))
	if _, err := w.Write(size[:]); err != nil {
		return err
	}
	_, err := seeker.Seek(0, io.SeekEnd)
	return err
}
