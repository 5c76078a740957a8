package socketio

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// These tests are for what differs in the Socket.IO protocol, revision 4, which runs on Engine.IO 3. Most of it stands in
// "Difference between v5 and v4" of the document of revision 5.

// The connection to the main namespace is implicit: the client gets CONNECT without asking.
func TestV4_Connect_MainNamespaceIsImplicit(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		c.send(`42["message",1]`)
		c.want(`42["message-back",1]`)
		c.send(`40`, `42["message",2]`) // needless, but harmless
		c.want(`42["message-back",2]`)
	})
}

// In a namespace other than "/" the client is also in "/", whether it wants or not.
func TestV4_Connect_CustomNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.send(`40/custom`)
		c.want(`40`, `40/custom,`)
		c.send(`42/custom,["message",1]`, `42["message",2]`)
		c.want(`42/custom,["message-back",1]`, `42["message-back",2]`)
	})
}

// The namespace of CONNECT may carry a query, which the answer and later packets do not.
func TestV4_Connect_Query(t *testing.T) {
	io := newEcho(Options{})
	got := make(chan *Handshake, 2)
	for _, name := range []string{"/", "/custom"} {
		io.Of(name).Use(func(_ *Socket, h *Handshake) error {
			got <- h
			return nil
		})
	}
	addr := serve(t, io)
	c := dial(t, addr, 3, "websocket", "token=url")
	c.want(`40`)
	main := <-got
	if main.NamespaceQuery != nil || main.Query.Get("token") != "url" || main.Auth != nil || main.Protocol != 3 {
		t.Errorf("handshake of /: %+v", main)
	}
	c.send(`40/custom?token=abc&uid=%C3%A9,`)
	c.want(`40/custom,`)
	custom := <-got
	if q := custom.NamespaceQuery; q.Get("token") != "abc" || q.Get("uid") != "é" || custom.Query.Get("token") != "url" {
		t.Errorf("handshake of /custom: %+v", custom)
	}
	c.send(`42/custom,["message"]`)
	c.want(`42/custom,["message-back"]`)
}

// Clients compute their ids themselves: the one of the session, with the namespace before it.
func TestV4_Connect_SidIsTheSessions(t *testing.T) {
	io := newServer(Options{})
	ids := make(chan string, 1)
	for _, name := range []string{"/", "/custom"} {
		io.Of(name).OnConnect(func(s *Socket) { ids <- s.ID() })
	}
	addr := serve(t, io)
	c := dial(t, addr, 3, "websocket")
	if got, want := c.join("/"), <-ids; got != want || got != c.sid {
		t.Errorf("id in / is %s, want %s", got, want)
	}
	if got, want := c.join("/custom"), <-ids; got != want || got != "/custom#"+c.sid {
		t.Errorf("id in /custom is %s, want %s", got, want)
	}
}

// The payload of ERROR is a string.
func TestV4_Connect_UnknownNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		c.send(`40/random`)
		c.want(`44/random,"Invalid namespace"`)
		c.send(`40/random?token=abc,`)
		c.want(`44/random,"Invalid namespace"`)
		c.send(`42["message"]`)
		c.want(`42["message-back"]`)
	})
}

func TestV4_Connect_RefusedByMiddleware(t *testing.T) {
	io := newEcho(Options{})
	io.Of("/custom").Use(func(_ *Socket, h *Handshake) error {
		switch h.NamespaceQuery.Get("as") {
		case "data":
			return &ConnectError{Message: "not authorized", Data: 7}
		case "panic":
			panic("secret detail")
		}
		return errors.New("secret detail")
	})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		c.send(`40/custom?as=data`)
		c.want(`44/custom,"not authorized"`)
		c.send(`40/custom?as=panic`)
		c.want(`44/custom,"internal error"`)
		c.send(`40/custom`)
		c.want(`44/custom,"internal error"`)
	})
}

// Middleware of the main namespace runs before the client is told that it is connected.
func TestV4_Connect_RefusedInMainNamespace(t *testing.T) {
	for _, timeout := range []time.Duration{50 * time.Millisecond, time.Hour} {
		io := newEcho(Options{ConnectTimeout: timeout})
		io.Of("/").Use(func(*Socket, *Handshake) error { return &ConnectError{Message: "token required"} })
		io.Of("/").OnAny(func(*Event) { t.Error("an event of a refused socket was heard") })
		addr := serve(t, io)
		overBoth(t, func(t *testing.T, over string) {
			c := dial(t, addr, 3, over)
			c.want(`44"token required"`)
			if timeout == time.Hour {
				c.send(`42["hello"]`)
			}
			c.wantClosed()
		})
	}
}

func TestV4_Connect_NoMainNamespace(t *testing.T) {
	io := newServer(Options{})
	io.Of("/custom").On("message", func(e *Event) { _ = e.Ack(e.Values()) })
	addr := serve(t, io)
	c := dial(t, addr, 3, "websocket")
	c.want(`44"Invalid namespace"`)
	c.send(`40/custom,`)
	c.want(`40/custom,`)
	c.send(`42/custom,7["message",1]`)
	c.want(`43/custom,7[1]`)
}

func TestV4_Connect_Twice(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	c := dial(t, addr, 3, "websocket")
	c.send(`40/custom`)
	c.want(`40`, `40/custom,`)
	c.send(`40/custom`)
	c.wantClosed()
}

// "Sending and receiving data", "Acknowledgement" are as in revision 5.
func TestV4_EventAndAck(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		for _, args := range []string{`1,"2",{"3":[true]}`, `"é😀\u0000\\"`, `"` + strings.Repeat("x", 60_000) + `"`} {
			c.send(`42["message",` + args + `]`)
			c.wantJSON(`42["message-back",` + args + `]`)
			c.send(`42456["message-with-ack",` + args + `]`)
			c.wantJSON(`43456[` + args + `]`)
		}
	})
}

func TestV4_Ack_OfTheClient(t *testing.T) {
	io, answers, _ := asking(Binary{1, 2})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`, `451-0["question",{"_placeholder":true,"num":0}]`, `bin 0102`)
		c.send(`430["yes"]`)
		if got := <-answers; string(got.Args[0]) != `"yes"` {
			t.Errorf("got %s", got.Args)
		}
	})
}

// Binary packets are as in revision 5; only Engine.IO puts a byte before each attachment.
func TestV4_Binary(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		c.send(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.want(`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.send(`451-789["message-with-ack",[{"a":{"_placeholder":true,"num":0}}]]`, `bin 00ff`)
		c.want(`461-789[[{"a":{"_placeholder":true,"num":0}}]]`, `bin 00ff`)
	})
}

// Malformed packets also close the connection in revision 4.
func TestV4_Malformed(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		for _, packet := range []string{
			`4abc`, `4`, `47`, `42`, `42[]`, `42{}`, `42[{}]`, `42["message"`, `42abc["message-with-ack"]`, `43[]`, `430`, `430{}`, `44"x"`, `41{}`,
			`40/custom,"x"`, `40[]`, `42/custom,["message"]`, `41/custom`, `450-["message"]`, `4511-["message"]`,
			`451-["message",{"_placeholder":true,"num":1}]`, `bin 01`,
		} {
			c := dial(t, addr, 3, over)
			c.want(`40`)
			c.send(packet)
			c.wantClosed()
		}
	})
}

// "Disconnection from a namespace".
func TestV4_Disconnect(t *testing.T) {
	io := newEcho(Options{})
	io.Of("/custom").On("kick", func(e *Event) { e.Socket.Disconnect(false) })
	io.Of("/").On("kick all", func(e *Event) { e.Socket.Disconnect(true) })
	reasons := make(chan Reason, 2)
	io.Of("/custom").OnDisconnect(func(_ *Socket, reason Reason) { reasons <- reason })
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 3, over)
		c.want(`40`)
		c.join("/custom")
		c.send(`41/custom,`, `42["message"]`)
		c.want(`42["message-back"]`)
		if got := <-reasons; got != ReasonClient {
			t.Errorf("reason %q, want %q", got, ReasonClient)
		}
		c.join("/custom")
		c.send(`42/custom,["kick"]`, `42/custom,["message"]`, `42["message"]`)
		c.want(`41/custom,`, `42["message-back"]`)
		if got := <-reasons; got != ReasonServer {
			t.Errorf("reason %q, want %q", got, ReasonServer)
		}
		c.send(`42["kick all"]`)
		c.want(`41`)
		c.wantClosed()
	})
}
