package engineio

// outbox is what waits to leave over one transport: frames and how much of
// the first has left already. Guarded by the session's lock.
type outbox struct {
	frames []*Frame
	next   int // frames before it have left
	sent   int // bytes of frames[next] that have left
	bytes  int // that wait
	upTo   int // frames from it on are held back, see holdApart; 0: none
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

// holdApart keeps back what follows the next frame that wants to be apart, and lets go of what
// it held before. It reports false if there is no such frame.
func (o *outbox) holdApart() bool {
	for i := max(o.next, o.upTo); i < len(o.frames)-1; i++ {
		if o.frames[i].apart {
			o.upTo = i + 1
			return true
		}
	}
	o.upTo = 0
	return false
}

// allowed are the frames that may leave now.
func (o *outbox) allowed() []*Frame {
	if o.upTo > 0 {
		return o.frames[o.next:o.upTo]
	}
	return o.frames[o.next:]
}

// chunk is what to write next: part of the first frame if that alone fills
// buf, else as much as fits, gathered in buf.
func (o *outbox) chunk(buf []byte) []byte {
	allowed := o.allowed()
	first := allowed[0].wire[o.sent:]
	if len(first) >= len(buf) {
		return first[:len(buf)]
	}
	if len(allowed) == 1 {
		return first
	}
	n := copy(buf, first)
	for _, f := range allowed[1:] {
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
