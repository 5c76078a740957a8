package engineio

// outbox is the queue of frames for one transport, with the number of bytes of the first frame
// that are already written. The lock of the session guards it.
type outbox struct {
	frames []*Frame
	next   int // index of the first frame that is not completely written
	sent   int // written bytes of frames[next]
	bytes  int // not yet written
	upTo   int // frames from this index on are held back, see holdApart; 0: none
	begun  int // frames before this index may be part of a write in progress
	pong   int // index after the last pong; 0: none
}

func (o *outbox) empty() bool { return o.next == len(o.frames) }

// frameCost is the memory of a queued frame in addition to its bytes. Without it a client that provokes many small answers
// would use many times Options.MaxQueue.
const frameCost = 100

// cost returns the size of the queue as Options.MaxQueue counts it.
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

// compact reuses the slots of written frames. Otherwise the slice of an outbox that is never
// empty, because its client is always a little behind, would grow without limit.
func (o *outbox) compact() {
	left := copy(o.frames, o.frames[o.next:])
	clear(o.frames[left:])
	o.frames = o.frames[:left]
	o.upTo = max(o.upTo-o.next, 0)
	o.begun = max(o.begun-o.next, 0)
	o.pong = max(o.pong-o.next, 0)
	o.next = 0
}

// pushPong is push for the answer to a ping. It replaces an earlier answer that is not yet being written: of several pings
// only the last one needs an answer (RFC 6455, section 5.5.3).
func (o *outbox) pushPong(f *Frame, behind bool) {
	if i := o.pong - 1; behind && i >= max(o.next, o.begun) {
		o.bytes += len(f.wire) - len(o.frames[i].wire)
		o.frames[i] = f
		return
	}
	o.push(f)
	o.pong = len(o.frames)
}

// settle records that no write is in progress, so that only a frame that is partly written is begun.
func (o *outbox) settle() {
	o.begun = o.next
	if o.sent > 0 {
		o.begun++
	}
}

// take removes and returns all frames.
func (o *outbox) take() []*Frame {
	frames := o.frames[o.next:]
	*o = outbox{}
	return frames
}

// holdApart holds back the frames after the next frame of SendApart, and releases the frames that
// it held back before. It returns false if there is no such frame. Frames that may be part of a
// write in progress can no longer be held back.
func (o *outbox) holdApart() bool {
	for i := max(o.next, o.upTo, o.begun-1); i < len(o.frames)-1; i++ {
		if o.frames[i].apart {
			o.upTo = i + 1
			return true
		}
	}
	o.upTo = 0
	return false
}

// allowed returns the frames that may be written now.
func (o *outbox) allowed() []*Frame {
	if o.upTo > 0 {
		return o.frames[o.next:o.upTo]
	}
	return o.frames[o.next:]
}

// chunk returns the bytes to write next: a part of the first frame if that frame fills buf,
// otherwise as many frames as fit, copied into buf.
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

// keepFrames is the number of slots that an empty outbox keeps.
const keepFrames = 8

// sentBytes records that n bytes were written.
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
