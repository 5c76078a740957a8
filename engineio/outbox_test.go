package engineio

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Messages leave in the order in which they were pushed, in batches of any size. The count is the number of waiting
// messages, and the slots are as many as ever waited at once. With a client that was always one message behind, the
// outbox grew with every message.
func TestOutbox_NeverQuiteEmpty(t *testing.T) {
	var o outbox
	var want, got []byte
	random := rand.New(rand.NewPCG(1, 2))
	buf := make([]byte, 64)
	waiting := func() (size, cost int) {
		for _, f := range o.frames[o.next:] {
			size += len(f.wire)
			cost += f.Size()
		}
		return size - o.sent, cost - o.sent
	}
	leave := func() {
		chunk := o.chunk(buf)
		n := 1 + random.IntN(len(chunk))
		got = append(got, chunk[:n]...)
		o.sentBytes(n)
	}
	most := 0
	for i := range 20_000 {
		f := TextFrame(fmt.Append(nil, "message ", i, string(bytes.Repeat([]byte("x"), random.IntN(80)))))
		o.push(f)
		want = append(want, f.wire...)
		for len(o.frames)-o.next > 1+random.IntN(5) {
			leave()
		}
		most = max(most, cap(o.frames))
		if size, cost := waiting(); o.bytes != size || o.cost() != cost {
			t.Fatalf("after %d frames: got %d bytes that cost %d, want %d and %d", i, o.bytes, o.cost(), size, cost)
		}
	}
	for !o.empty() {
		leave()
	}
	if !bytes.Equal(got, want) {
		t.Errorf("what has left is not what was pushed")
	}
	if most > 64 {
		t.Errorf("slots: got %d, want about as many as frames waited at once", most)
	}
	if o.bytes != 0 || o.cost() != 0 {
		t.Errorf("in the end: got %d bytes that cost %d, want nothing", o.bytes, o.cost())
	}
}

// A goroutine that writes releases the lock of the session. A frame of SendApart that was part of its write could become the
// last allowed frame; when the write had ended, the outbox was behind that frame, and the process panicked.
func TestOutbox_HoldApartDuringAWrite(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var o outbox
		var want, got []byte
		buf := make([]byte, 64)
		var inFlight []byte
		begin := func() {
			if inFlight == nil && len(o.allowed()) > 0 {
				inFlight = bytes.Clone(o.chunk(buf))
			}
		}
		end := func() {
			if inFlight != nil {
				n := 1 + random.IntN(len(inFlight))
				got = append(got, inFlight[:n]...)
				o.sentBytes(n)
				inFlight = nil
			}
		}
		for i := range 100 {
			switch random.IntN(5) {
			case 0:
				o.holdApart()
			case 1:
				begin()
			case 2:
				end()
			default:
				f := TextFrame(fmt.Append(nil, "message ", i))
				f.apart = random.IntN(3) == 0
				o.push(f)
				want = append(want, f.wire...)
			}
		}
		for o.holdApart() {
			if allowed := o.allowed(); len(allowed) > 0 && inFlight == nil && !allowed[len(allowed)-1].apart {
				t.Fatal("the last allowed frame is not one of SendApart")
			}
			end()
			begin()
		}
		for !o.empty() || inFlight != nil {
			end()
			begin()
		}
		if !bytes.Equal(got, want) {
			t.Fatal("what was written is not what was pushed")
		}
	}
}

// RFC 6455, section 5.5.3: of several pings only the last needs a pong. One that has begun to leave stays as it is.
func TestOutbox_PushPong(t *testing.T) {
	pong := func(data string) *Frame { return newControlFrame(opPong, []byte(data)) }
	var o outbox
	var got, want []byte
	add := func(frames ...*Frame) {
		for _, f := range frames {
			want = append(want, f.wire...)
		}
	}
	leave := func(n int) {
		chunk := o.chunk(make([]byte, 100))
		got = append(got, chunk[:n]...)
		o.sentBytes(n)
	}
	hello, bye := TextFrame([]byte("hello")), TextFrame([]byte("bye"))

	o.push(hello)
	o.pushPong(pong("first"), false)
	o.pushPong(pong("the second"), true)
	o.push(bye)
	o.pushPong(pong("3"), true)
	add(hello, pong("3"), bye)
	if n := len(o.frames); n != 3 || o.bytes != len(want) {
		t.Fatalf("got %d frames of %d bytes, want 3 of %d", n, o.bytes, len(want))
	}

	// A write is under way that took all of them, and leaves the middle of the pong behind.
	chunk := o.chunk(make([]byte, 100))
	o.pushPong(pong("fourth"), true)
	n := len(hello.wire) + 1
	got = append(got, chunk[:n]...)
	o.sentBytes(n)
	o.pushPong(pong("the fifth"), true)
	add(pong("the fifth"))
	for !o.empty() {
		leave(1)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("left: got %q, want %q", got, want)
	}
	// A client that is not behind gets all.
	o.pushPong(pong("later"), false)
	o.pushPong(pong("last"), false)
	if len(o.frames) != 2 {
		t.Errorf("got %d frames, want the two pongs", len(o.frames))
	}
}
