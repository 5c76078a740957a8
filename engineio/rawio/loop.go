package rawio

import "io"

// A Handler is told of the socket of a [Polled].
type Handler interface {
	// Readable is called when there may be input, by one worker at a time. It reads once, at most as much as fits into the buffer
	// of the worker, and handles it. more asks for another call, after other sockets have had their turn.
	Readable(w *Worker) (more bool)
	// Writable is called when the socket may accept data again after [Polled.AwaitRoom]. It must not wait.
	Writable()
	// Gone is called once, after [Polled.Close], if a worker was using the socket. Otherwise Close returns true.
	Gone()
}

// The bits of the state of a Polled.
const (
	busy   = 1 << iota // a worker calls the handler
	again              // there was an event meanwhile
	hungUp             // the peer sends nothing more, so there are no more events: read to the end
	closed
)

// HungUp reports whether the end of the input, or an error, is among what is still to be read.
func (p *Polled) HungUp() bool { return p.state.Load()&hungUp != 0 }

// begin records an event, and reports whether the caller must call the handler.
func (p *Polled) begin(ended bool) bool {
	for {
		old := p.state.Load()
		next := old | busy
		if old&closed != 0 {
			return false
		}
		if old&busy != 0 {
			next |= again
		}
		if ended {
			next |= hungUp
		}
		if p.state.CompareAndSwap(old, next) {
			return old&busy == 0
		}
	}
}

// end is called after a call of the handler. It reports whether to call it again. If not, and the socket is closed, gone is true.
func (p *Polled) end(more bool) (repeat, gone bool) {
	for {
		old := p.state.Load()
		switch {
		case old&closed != 0:
			return false, true
		case more || old&again != 0:
			if p.state.CompareAndSwap(old, old&^again) {
				return true, false
			}
		case p.state.CompareAndSwap(old, old&^busy):
			return false, false
		}
	}
}

// setClosed reports whether no worker uses the socket.
func (p *Polled) setClosed() (idle bool) {
	return p.state.Or(closed)&busy == 0
}

// read turns the result of a read into n, and the error that ends the input.
func (p *Polled) read(n int, err error, wouldBlock bool) (int, error) {
	switch {
	case wouldBlock:
		p.notHungUp()
		return 0, nil
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// notHungUp is called when a read has found nothing. Then an event that told of the end was one of an earlier socket with the same
// descriptor. An event since then may be right; it causes another read.
func (p *Polled) notHungUp() {
	for {
		old := p.state.Load()
		if old&hungUp == 0 || old&again != 0 || p.state.CompareAndSwap(old, old&^hungUp) {
			return
		}
	}
}
