package forward

import "testing"

// A WebSocket that had begun when Close was called started its goroutines after Close had returned.
func TestForwarder_CloseWaitsForWhatHasBegun(t *testing.T) {
	f := New(Options{})
	cut, closed := make(chan struct{}), make(chan struct{})
	w := &waiting{cut: func() { close(cut) }}
	if !f.begin(w, 2) {
		t.Fatal("a new forwarder is closed")
	}
	go func() {
		f.Close()
		close(closed)
	}()
	<-cut
	for range 2 {
		select {
		case <-closed:
			t.Fatal("Close has returned before the goroutines have ended")
		default:
		}
		f.running.Done()
	}
	<-closed
	if f.begin(&waiting{}, 1) {
		t.Error("something begins after Close")
	}
}
