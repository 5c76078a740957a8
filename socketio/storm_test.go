package socketio

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

// A server that reads before its listeners are attached loses the first event of one client in thousands, which then hangs.
// So thousands of clients, of both revisions and over both transports, emit in the very moment CONNECT is answered (or, where
// the protocol allows it, before), while the connection handler emits too. Every one is heard, and gets its answers in order.
func TestEveryFirstEventIsHeard(t *testing.T) {
	const (
		each   = 300 // clients of each kind
		atOnce = 40
	)
	var connected, heard, gone atomic.Int64
	io := newServer(Options{})
	main := io.Of("/")
	main.OnConnect(func(s *Socket) {
		connected.Add(1)
		s.SetValue(s.ID())
		if err := s.Emit("welcome"); err != nil {
			t.Error(err)
		}
	})
	main.On("first", func(e *Event) {
		if e.Socket.Value() != e.Socket.ID() {
			t.Error("an event came before the connection handler was done")
		}
		heard.Add(1)
		if err := e.Ack(e.Values()); err != nil {
			t.Error(err)
		}
	})
	main.OnDisconnect(func(*Socket, Reason) { gone.Add(1) })
	addr := serve(t, io)

	kinds := []struct {
		eio   int
		over  string
		eager bool // sends all it has at once, without waiting for the answer to CONNECT
	}{
		{3, "websocket", false},
		{3, "websocket", true},
		{3, "polling", false},
		{3, "polling", true},
		{4, "websocket", false},
		{4, "websocket", true},
		{4, "polling", false},
		{4, "polling", true},
	}
	work := make(chan int)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for i := range work {
				kind := kinds[i%len(kinds)]
				if err := firstEvent(t, addr, kind.eio, kind.over, kind.eager, i); err != nil {
					t.Errorf("client %d, %+v: %v", i, kind, err)
				}
			}
		})
	}
	total := each * len(kinds)
	for i := range total {
		work <- i
	}
	close(work)
	workers.Wait()
	if connected.Load() != int64(total) || heard.Load() != int64(total) {
		t.Errorf("%d clients: %d connected, %d heard", total, connected.Load(), heard.Load())
	}
	if err := io.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if gone.Load() != int64(total) {
		t.Errorf("%d of %d disconnects were told", gone.Load(), total)
	}
	if stats := io.Stats(); stats.Sockets != 0 || stats.Connects != uint64(total) || stats.Events != uint64(total) {
		t.Errorf("stats %+v", stats)
	}
}

func firstEvent(t *testing.T, addr string, eio int, over string, eager bool, i int) error {
	c, err := tryDial(t, addr, eio, over)
	if err != nil {
		return err
	}
	defer c.Close()
	event := fmt.Sprintf(`42%d["first",%d]`, i, i)
	var before []string
	if eio == 4 {
		before = []string{`40`}
	}
	if eager {
		before = append(before, event)
	}
	if len(before) > 0 {
		if err := c.write(before...); err != nil {
			return err
		}
	}
	answer, err := c.read()
	if err != nil || len(answer) < 2 || answer[:2] != `40` {
		return fmt.Errorf("answer to CONNECT %q, %v", answer, err)
	}
	if !eager {
		if err := c.write(event); err != nil {
			return err
		}
	}
	for _, want := range []string{`42["welcome"]`, fmt.Sprintf(`43%d[%d]`, i, i)} {
		if got, err := c.read(); err != nil || got != want {
			return fmt.Errorf("got %q, %v, want %s", got, err, want)
		}
	}
	return nil
}
