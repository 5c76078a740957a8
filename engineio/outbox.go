package engineio

// outbox is what waits to leave over one transport: frames and how much of
// the first has left already. Guarded by the session's lock.
type outbox struct {
	frames []*Frame
	next   int // frames before it have left
	sent   int // bytes of frames[next] that have left
	bytes  int // that wait
	upTo   int // frames from it on are held back, see holdApart; 0: none
	begun  int // frames before it may be in what is being written
	pong   int // the frame before it was the last pong; 0: none
}

func (o *outbox) empty() bool { return o.next == len(o.frames) }

// frameCost is what a frame that waits takes beside its bytes: itself, the slices' spare room and its slot. Without it a
// client that provokes many tiny answers would take many times Options.MaxQueue.
const frameCost = 100

// cost is what waits, as Options.MaxQueue counts it.
func (o *outbox) cost() int { return o.bytes + frameCost*(len(o.frames)-o.next) }

func (o *outbox) push(f *Frame) {
	if o.frames == nil {
		o.frames = make([]*Frame, 0, 2)
	}
	if len(o.frames) == cap(o.frames) && o.next > len(o.frames)/2 {
		o.compact()
	}
	o.frames = append(o.frames, f)
	o.bytes += len(f.wire)
}

// compact gives the slots of what has left to what comes. An outbox that is never quite empty, because its
// client is always a little behind, would else grow with all that was ever sent.
func (o *outbox) compact() {
	left := copy(o.frames, o.frames[o.next:])
	clear(o.frames[left:])
	o.frames = o.frames[:left]
	o.upTo = max(o.upTo-o.next, 0)
	o.begun = max(o.begun-o.next, 0)
	o.pong = max(o.pong-o.next, 0)
	o.next = 0
}

// pushPong is push for the answer to a ping. If the client is behind, it takes the place of an answer that has not
// begun to leave: of several pings only the last needs one (RFC 6455, section 5.5.3).
func (o *outbox) pushPong(f *Frame, behind bool) {
	if i := o.pong - 1; behind && i >= max(o.next, o.begun) {
		o.bytes += len(f.wire) - len(o.frames[i].wire)
		o.frames[i] = f
		return
	}
	o.push(f)
	o.pong = len(o.frames)
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
	o.begun = o.next + 1
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
		o.begun++
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
	o.next, o.begun, o.pong = 0, 0, 0
	if cap(o.frames) > keepFrames {
		o.frames = nil
	} else {
		o.frames = o.frames[:0]
	}
}
