package engineio

// outbox is what waits to leave over one transport: frames and how much of
// the first has left already. Guarded by the session's lock.
type outbox struct {
	frames []*Frame
	next   int // frames before it have left
	sent   int // bytes of frames[next] that have left
	bytes  int // that wait
}

func (o *outbox) empty() bool { return o.next == len(o.frames) }

func (o *outbox) push(f *Frame) {
	if o.frames == nil {
		o.frames = make([]*Frame, 0, 2)
	}
	o.frames = append(o.frames, f)
	o.bytes += len(f.wire)
}

// take empties the outbox.
func (o *outbox) take() []*Frame {
	frames := o.frames[o.next:]
	*o = outbox{}
	return frames
}

// chunk is what to write next: part of the first frame if that alone fills
// buf, else as much as fits, gathered in buf.
func (o *outbox) chunk(buf []byte) []byte {
	first := o.frames[o.next].wire[o.sent:]
	if len(first) >= len(buf) {
		return first[:len(buf)]
	}
	if o.next+1 == len(o.frames) {
		return first
	}
	n := copy(buf, first)
	for _, f := range o.frames[o.next+1:] {
		copied := copy(buf[n:], f.wire)
		n += copied
		if copied < len(f.wire) {
			break
		}
	}
	return buf[:n]
}

// keepFrames is how many slots an empty outbox keeps.
const keepFrames = 8

// sentBytes notes that n bytes have left.
func (o *outbox) sentBytes(n int) {
	o.bytes -= n
	o.sent += n
	for o.next < len(o.frames) && o.sent >= len(o.frames[o.next].wire) {
		o.sent -= len(o.frames[o.next].wire)
		o.frames[o.next] = nil
		o.next++
	}
	if !o.empty() {
		return
	}
	o.next = 0
	if cap(o.frames) > keepFrames {
		o.frames = nil
	} else {
		o.frames = o.frames[:0]
	}
}
