package socketio

import (
	"bytes"
	"testing"
)

// The engine uses its buffers again as soon as a message is handled. What is kept for longer must be a copy: a packet that
// waits for attachments, the attachments, the auth object, the values of an acknowledgement.
func TestNothingKeepsTheEnginesBuffer(t *testing.T) {
	io := newEcho(Options{})
	sockets := make(chan *Socket, 1)
	io.Of("/").OnConnect(func(s *Socket) { sockets <- s })
	auth := make(chan *Handshake, 1)
	io.Of("/custom").Use(func(_ *Socket, h *Handshake) error {
		auth <- h
		return nil
	})
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	socket := <-sockets
	handle := func(message string, binary bool) {
		buffer := []byte(message)
		socket.conn.run.Lock()
		defer socket.conn.unlock()
		socket.conn.message(buffer, binary)
		copy(buffer, bytes.Repeat([]byte("!"), len(buffer)))
	}

	handle(`52-7["message-with-ack","text",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`, false)
	handle("\x01", true)
	handle("\x02", true)
	c.want(`462-7["text",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`, `bin 01`, `bin 02`)

	handle(`0/custom,{"token":"abc"}`, false)
	if got := string((<-auth).Auth); got != `{"token":"abc"}` {
		t.Errorf("auth %s", got)
	}
	c.next()
	c.want(`42/custom,["auth",{"token":"abc"}]`)

	id, answer := socket.expectAck()
	if id != 0 {
		t.Fatalf("id %d, want 0", id)
	}
	handle(`30["text"]`, false)
	if got := <-answer; string(got.Args[0]) != `"text"` {
		t.Errorf("acknowledged with %s", got.Args)
	}
}

// Thousands of connections are idle, so one that has joined a namespace keeps no timer, and no map until it is needed.
func TestIdleSocketIsSmall(t *testing.T) {
	io := newServer(Options{})
	sockets := make(chan *Socket, 1)
	io.Of("/").OnConnect(func(s *Socket) { sockets <- s })
	addr := serve(t, io)
	for _, eio := range []int{3, 4} {
		dial(t, addr, eio, "websocket").join("/")
		s := <-sockets
		s.conn.run.Lock() // CONNECT is handled
		s.conn.mu.Lock()
		if s.conn.timer != nil || s.conn.more != nil || s.conn.left != nil || s.acks != nil || s != &s.conn.socket {
			t.Errorf("revision %d: %+v", eio, s.conn)
		}
		s.conn.mu.Unlock()
		s.conn.run.Unlock()
	}
}

func TestReleaseHandshake(t *testing.T) {
	for _, release := range []bool{true, false} {
		io := newServer(Options{ReleaseHandshake: release})
		handshakes := make(chan *Handshake, 1)
		for _, name := range []string{"/", "/late"} {
			io.Of(name).Use(func(_ *Socket, h *Handshake) error {
				handshakes <- h
				return nil
			})
		}
		c := dial(t, serve(t, io), 4, "websocket", "token=abc")
		c.join("/")
		first := <-handshakes
		if first.Query.Get("token") != "abc" || first.Header == nil || first.Path != "/socket.io/" || first.RemoteAddr == "" || first.Time.IsZero() {
			t.Errorf("handshake %+v", first)
		}
		c.join("/late")
		if late := <-handshakes; (late.Query == nil) != release || late.RemoteAddr != first.RemoteAddr {
			t.Errorf("ReleaseHandshake %v: later handshake %+v", release, late)
		}
	}
}
