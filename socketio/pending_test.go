package socketio

import (
	"testing"

	"parley/engineio"
)

// Twelve thousand handshakes that nothing followed were kept for the whole of ConnectTimeout, with all their headers. At most
// Options.MaxPending are; the oldest goes. Who has joined, or waits for the answer to its CONNECT, is no such connection.
func TestPending_OldestGoes(t *testing.T) {
	overBoth(t, func(t *testing.T, over string) {
		io := newEcho(Options{MaxPending: 3})
		asked, answer := make(chan bool), make(chan bool)
		io.Of("/slow").Use(func(*Socket, *Handshake) error {
			asked <- true
			<-answer
			return nil
		})
		refused := make(chan bool)
		io.Of("/refused").Use(func(*Socket, *Handshake) error {
			<-refused
			return &ConnectError{Message: "no"}
		})
		addr := serve(t, io)

		joined := dial(t, addr, 4, over)
		joined.join("/")
		slow := dial(t, addr, 4, over)
		slowAnswer := make(chan error, 1)
		go func() { slowAnswer <- slow.write("40/slow") }() // over polling its answer comes after the middleware
		<-asked

		var silent []*client
		for range 5 {
			silent = append(silent, dial(t, addr, 4, over))
		}
		for _, c := range silent[:2] {
			c.wantClosed()
		}
		if got := io.Stats().Pending; got != 3 {
			t.Errorf("pending: got %d, want 3", got)
		}

		// One that is refused lines up again, behind the others.
		close(refused)
		silent[2].send("40/refused")
		silent[2].want(`44/refused,{"message":"no"}`)
		newest := dial(t, addr, 4, over)
		silent[3].wantClosed()
		newest.join("/")
		silent[2].join("/")
		silent[4].join("/")

		answer <- true
		if err := <-slowAnswer; err != nil {
			t.Fatal(err)
		}
		slow.next()
		joined.send(`42["message",1]`)
		joined.want(`42["message-back",1]`)

		// And one that leaves is pending again.
		for _, c := range []*client{joined, newest} {
			c.send(`41`, `40/none`)
			c.want(`44/none,{"message":"Invalid namespace"}`)
		}
		newest.join("/")
		for range 3 {
			dial(t, addr, 4, over)
		}
		joined.wantClosed()
		if got := io.Stats().Engine.Closed[engineio.CloseCrowded]; got != 4 {
			t.Errorf("crowded out: got %d, want 4", got)
		}
	})
}
