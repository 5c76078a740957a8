package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// These tests go through the Socket.IO protocol, revision 5, section by section. Each runs over a WebSocket and over polling.

func overBoth(t *testing.T, f func(t *testing.T, over string)) {
	t.Helper()
	for _, over := range []string{"websocket", "polling"} {
		t.Run(over, func(t *testing.T) { f(t, over) })
	}
}

const unknownNamespace = `44/random,{"message":"Invalid namespace"}`

// "Connection to a namespace": the client MUST send a CONNECT packet, the server answers with the session id.
func TestV5_Connect_MainNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.send(`42["message",1]`)
		c.want(`42["message-back",1]`)
	})
}

func TestV5_Connect_CustomNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/custom")
		c.send(`42/custom,["message",1]`)
		c.want(`42/custom,["message-back",1]`)
	})
}

// "Connection to a namespace": the comma is only needed before what follows.
func TestV5_Connect_CustomNamespaceWithoutComma(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	c := dial(t, addr, 4, "websocket")
	c.send(`40/custom`)
	if got, want := c.next(), `40/custom,{"sid":"`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
}

// "Connection to a namespace": "with an additional payload".
func TestV5_Connect_WithPayload(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.send(`40{"token":"123"}`)
		c.next()
		c.want(`42["auth",{"token":"123"}]`)
		c.send(`40/custom,{"token":{"é":[1,"😀"]}}`)
		c.next()
		c.want(`42/custom,["auth",{"token":{"é":[1,"😀"]}}]`)
	})
}

func TestV5_Connect_SeveralNamespaces(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		if main, custom := c.join("/"), c.join("/custom"); main == custom {
			t.Errorf("both sockets have the id %s", main)
		}
		c.send(`42/custom,["message","b"]`, `42["message","a"]`)
		c.want(`42/custom,["message-back","b"]`, `42["message-back","a"]`)
	})
}

// "Difference between v5 and v4": the id of the socket is not the one of the Engine.IO session, which is a credential.
func TestV5_Connect_SidIsNotTheSessions(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	c := dial(t, addr, 4, "websocket")
	if sid := c.join("/"); strings.Contains(sid, c.sid) || strings.Contains(c.sid, sid) {
		t.Errorf("socket id %s of session %s", sid, c.sid)
	}
}

// "Connection to a namespace": a CONNECT_ERROR if the connection is not allowed.
func TestV5_Connect_UnknownNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.send(`40/random`)
		c.want(unknownNamespace)
		c.send(`40/random,{"token":"123"}`)
		c.want(unknownNamespace)
		c.send(`40/custom?token=1,`) // a query is a thing of revision 4
		c.want(`44/custom?token=1,{"message":"Invalid namespace"}`)
		c.join("/") // the connection goes on
	})
}

func TestV5_Connect_RefusedByMiddleware(t *testing.T) {
	io := newEcho(Options{})
	io.Of("/").Use(func(_ *Socket, h *Handshake) error {
		switch string(h.Auth) {
		case `{"as":"data"}`:
			return fmt.Errorf("wrapped: %w", &ConnectError{Message: "Not <authorized>", Data: map[string]int{"code": 7}})
		case `{"as":"error"}`:
			return errors.New("secret detail")
		case `{"as":"panic"}`:
			panic("secret detail")
		}
		return &ConnectError{Message: "Not authorized"}
	})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.send(`40`)
		c.want(`44{"message":"Not authorized"}`)
		c.send(`40{"as":"error"}`)
		c.want(`44{"message":"internal error"}`)
		c.send(`40{"as":"panic"}`)
		c.want(`44{"message":"internal error"}`)
		c.send(`40{"as":"data"}`)
		var refusal struct {
			Message string         `json:"message"`
			Data    map[string]int `json:"data"`
		}
		got := c.next()
		if err := json.Unmarshal([]byte(got[2:]), &refusal); err != nil || refusal.Message != "Not <authorized>" || refusal.Data["code"] != 7 {
			t.Errorf("got %s, want the message and the data", got)
		}
		c.join("/custom") // which has middleware of its own
	})
	if got := len(io.Of("/").Sockets()); got != 0 {
		t.Errorf("%d refused sockets are in the namespace", got)
	}
}

// A refused socket neither hears an event nor is heard.
func TestV5_Connect_RefusedSocketIsMute(t *testing.T) {
	io := newEcho(Options{})
	main := io.Of("/")
	main.Use(func(s *Socket, _ *Handshake) error {
		s.Join("room")
		if err := s.Emit("early"); !errors.Is(err, ErrNotConnected) {
			t.Errorf("Emit in middleware: %v, want %v", err, ErrNotConnected)
		}
		if got := main.To("room").Sockets(); len(got) != 0 {
			t.Errorf("sockets in a room before they are connected: %v", got)
		}
		if err := main.To("room").Emit("early"); err != nil {
			t.Error(err)
		}
		return &ConnectError{Message: "no"}
	})
	main.OnConnect(func(*Socket) { t.Error("OnConnect of a refused socket") })
	main.OnAny(func(*Event) { t.Error("an event of a refused socket was heard") })
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.send(`40`, `42["hello"]`)
	c.want(`44{"message":"no"}`)
	c.wantClosed()
	if got := main.To("room").Sockets(); len(got) != 0 {
		t.Errorf("refused sockets in a room: %v", got)
	}
}

// "Connection to a namespace": if CONNECT is not what comes first, the server MUST close the connection.
func TestV5_Connect_MustComeFirst(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		for _, packet := range []string{`42["message"]`, `420["message"]`, `430[]`, `41`, `44`, `44{"message":"x"}`, `4abc`, `4`, `451-["message",{"_placeholder":true,"num":0}]`, `bin 01`} {
			c := dial(t, addr, 4, over)
			c.send(packet)
			c.wantClosed()
		}
	})
}

// "Connection to a namespace": an event is for a namespace that was joined.
func TestV5_Connect_EventForAnotherNamespace(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{`42/custom,["message"]`, `42/random,["message"]`, `41/custom`, `43/custom,0[]`} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.send(packet)
		c.wantClosed()
	}
}

func TestV5_Connect_Twice(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, namespace := range []string{"", "/custom,"} {
		c := dial(t, addr, 4, "websocket")
		c.send("40" + namespace)
		c.next()
		c.send("40" + namespace)
		c.wantClosed()
	}
}

// "Exchange protocol": the payload of CONNECT is an object.
func TestV5_Connect_InvalidPayload(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{`40[]`, `40"token"`, `40null`, `401`, `401{}`, `40{`, `40{"a":}`, `40{}{}`, `40abc`, `40/custom,[]`, "40{\"a\":\"\n\"}"} {
		c := dial(t, addr, 4, "websocket")
		c.send(packet)
		c.wantClosed()
	}
}

// A connection that is in no namespace is closed after Options.ConnectTimeout: one that never joined, one that was refused, one
// that has left. Where a packet must be in time the test lets the time run out by itself.
func TestV5_Connect_Timeout(t *testing.T) {
	addr := serve(t, newEcho(Options{ConnectTimeout: 50 * time.Millisecond}))
	overBoth(t, func(t *testing.T, over string) { dial(t, addr, 4, over).wantClosed() })

	io := newEcho(Options{})
	conns := make(chan *conn, 1)
	io.Of("/").OnDisconnect(func(s *Socket, _ Reason) { conns <- s.conn })
	io.Of("/custom").Use(func(s *Socket, _ *Handshake) error {
		conns <- s.conn
		return &ConnectError{Message: "no"}
	})
	addr = serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.send(`40/custom`)
		c.want(`44/custom,{"message":"no"}`)
		expire(t, <-conns)
		c.wantClosed()

		c = dial(t, addr, 4, over)
		c.join("/")
		c.send(`41`)
		expire(t, <-conns)
		c.wantClosed()
	})
}

// expire lets the timer of a connection in no namespace run out.
func expire(t *testing.T, c *conn) {
	t.Helper()
	c.mu.Lock()
	armed := c.timer != nil
	c.mu.Unlock()
	if !armed {
		t.Fatal("there is no timer")
	}
	c.expire()
}

// The other side of the timeout: it does not touch who has joined, even if it runs out in the same moment.
func TestV5_Connect_InTime(t *testing.T) {
	io := newEcho(Options{})
	conns := make(chan *conn, 1)
	io.Of("/").OnConnect(func(s *Socket) { conns <- s.conn })
	c := dial(t, serve(t, io), 4, "websocket")
	c.join("/")
	(<-conns).expire()
	c.send(`42["message"]`)
	c.want(`42["message-back"]`)
}

// "Sending and receiving data".
func TestV5_Event(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		for _, args := range []string{
			``, `,1,"2",{"3":[true]}`, `,null`, `,{"_placeholder":true,"num":0}`, `,"é😀\u0000\\"`, `,[[[]]],-1.5e300`, `,"` + strings.Repeat("長い", 10_000) + `"`,
		} {
			c.send(`42["message"` + args + `]`)
			c.want(`42["message-back"` + args + `]`)
		}
		c.send(`42 [ "message" , 1 ] `)
		c.want(`42["message-back",1]`)
		c.send(`42["m\u0065ssage"]`)
		c.want(`42["message-back"]`)
		c.send(`42["nobody listens",1]`, `42["message"]`)
		c.want(`42["message-back"]`)
	})
}

// "Sending and receiving data": the payload MUST be a non-empty array, otherwise the receiver MUST close the connection.
func TestV5_Event_InvalidPayload(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		for _, packet := range []string{
			`42`, `42[]`, `42{}`, `42"message"`, `42null`, `42[`, `42["message"`, `42["message",]`, `42["message"]]`, `42["message"]x`,
			`42[{}]`, `42[null]`, `42[["message"]]`, `42["disconnect"]`, `42["message",{"a":1,}]`, `42["message",'a']`, `42["message",01]`,
		} {
			c := dial(t, addr, 4, over)
			c.join("/")
			c.send(packet)
			c.wantClosed()
		}
	})
}

func TestV5_Event_TextThatIsNotUTF8(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	c.send("42[\"message\",\"\xff\"]")
	c.wantClosed()
}

// "Packet encoding": an unknown packet type.
func TestV5_Encoding_UnknownType(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{`4abc`, `47`, `49["message"]`, `4`, `4 2["message"]`, `44{"message":"x"}`} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.send(packet)
		c.wantClosed()
	}
}

// "Acknowledgement": the receiver MUST respond with an ACK packet with the same id.
func TestV5_Ack(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.send(`42456["message-with-ack",1,"2",{"3":[false]}]`)
		c.want(`43456[1,"2",{"3":[false]}]`)
		c.send(`420["message-with-ack"]`)
		c.want(`430[]`)
		c.join("/custom")
		c.send(`42/custom,13["message-with-ack","bar"]`)
		c.want(`43/custom,13["bar"]`)
		c.send(`42["message-with-ack"]`, `421["message-with-ack"]`) // nobody wants the first
		c.want(`431[]`)
	})
}

func TestV5_Ack_InvalidID(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{
		`42abc["message-with-ack",1]`, `42-1["message-with-ack"]`, `421.5["message-with-ack"]`, `421e3["message-with-ack"]`, `4212`,
		`42` + strings.Repeat("9", 17) + `["message-with-ack"]`, `43[]`, `43abc[]`,
	} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.send(packet)
		c.wantClosed()
	}
}

// "Acknowledgement": the payload is mandatory and MUST be an array, possibly empty.
func TestV5_Ack_InvalidPayload(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{`430`, `430{}`, `430"a"`, `430null`, `430[`, `430[1,]`} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.send(packet)
		c.wantClosed()
	}
}

// asking returns a server whose connection handler asks the client something, and what came back.
func asking(question ...any) (*Server, chan Values, chan error) {
	io := newServer(Options{})
	answers, errs := make(chan Values, 1), make(chan error, 1)
	io.Of("/").OnConnect(func(s *Socket) {
		go func() {
			values, err := s.EmitWithAck(context.Background(), "question", question...)
			if err != nil {
				errs <- err
				return
			}
			answers <- values
		}()
	})
	return io, answers, errs
}

// "Acknowledgement", asked for by the server.
func TestV5_Ack_OfTheClient(t *testing.T) {
	io, answers, _ := asking(1)
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.want(`420["question",1]`)
		c.send(`437["nobody waits for this"]`, `430["yes",{"a":[]}]`, `430["again"]`)
		got := <-answers
		if len(got.Args) != 2 || string(got.Args[0]) != `"yes"` || string(got.Args[1]) != `{"a":[]}` {
			t.Errorf("got %s", got.Args)
		}
	})
}

func TestV5_Ack_OfTheClientBinary(t *testing.T) {
	io, answers, _ := asking(Binary{1, 2})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.want(`451-0["question",{"_placeholder":true,"num":0}]`, `bin 0102`)
		c.send(`461-0["yes",{"a":{"_placeholder":true,"num":0}}]`, `bin ff00`)
		got := <-answers
		var photo struct{ A Binary }
		if err := got.Bind(1, &photo); err != nil || string(photo.A) != "\xff\x00" {
			t.Errorf("got %x, %v", photo.A, err)
		}
	})
}

func TestV5_Ack_OfAClientThatGoes(t *testing.T) {
	io, _, errs := asking()
	addr := serve(t, io)
	for _, packet := range []string{`41`, `1`, `42{}`} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.want(`420["question"]`)
		c.send(packet)
		if err := <-errs; !errors.Is(err, ErrNotConnected) {
			t.Errorf("after %s: %v, want %v", packet, err, ErrNotConnected)
		}
	}
}

// "Sending and receiving data", "Acknowledgement": with binary data.
func TestV5_Binary(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.send(`452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.want(`452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.send(`452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.want(`462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`, `bin 010203`, `bin 040506`)
		c.send(`451-["message",[{"a":{"b":{"_placeholder":true,"num":0}}},"c"]]`, `bin 00ff`)
		c.want(`451-["message-back",[{"a":{"b":{"_placeholder":true,"num":0}}},"c"]]`, `bin 00ff`)
		c.join("/custom")
		c.send(`451-/custom,["message",{"num":0,"_placeholder":true}]`, `bin `)
		c.want(`451-/custom,["message-back",{"_placeholder":true,"num":0}]`, `bin `)
		c.send(`451-["nobody listens",{"_placeholder":true,"num":0}]`, `bin 00`, `42["message"]`)
		c.want(`42["message-back"]`)
	})
}

// "Packet encoding": attachments follow their packet, as many as it says, and nothing in between.
func TestV5_Binary_Invalid(t *testing.T) {
	addr := serve(t, newEcho(Options{MaxAttachments: 2, MaxAttachmentBytes: 4}))
	overBoth(t, func(t *testing.T, over string) {
		for _, packets := range [][]string{
			{`bin 01`},
			{`45["message",{"_placeholder":true,"num":0}]`},
			{`450-["message"]`},
			{`453-["message"]`},
			{`45999999999999999999-["message"]`},
			{`45-1-["message"]`},
			{`451-["message",{"_placeholder":true,"num":1}]`},
			{`451-["message",{"a":[{"num":-1,"_placeholder":true}]}]`},
			{`451-["message",{"_placeholder":true}]`},
			{`451-{}`},
			{`451-[]`},
			{`451-[`},
			{`451-["connect"]`},
			{`451-["message",{"_placeholder":true,"num":0}]`, `42["message"]`},
			{`451-["message",{"_placeholder":true,"num":0}]`, `41`},
			{`452-["message",{"_placeholder":true,"num":0}]`, `bin 010203`, `bin 0405`},
		} {
			c := dial(t, addr, 4, over)
			c.join("/")
			c.send(packets...)
			c.wantClosed()
		}
	})
}

// "Disconnection from a namespace": no answer; the connection stays for the other namespaces.
func TestV5_Disconnect_ByTheClient(t *testing.T) {
	io := newEcho(Options{})
	reasons := make(chan Reason, 1)
	io.Of("/custom").OnDisconnect(func(_ *Socket, reason Reason) { reasons <- reason })
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.join("/custom")
		c.send(`41/custom`, `42["message","still here"]`)
		c.want(`42["message-back","still here"]`)
		if got := <-reasons; got != ReasonClient {
			t.Errorf("reason %q, want %q", got, ReasonClient)
		}
		c.join("/custom") // again, with a new socket
		c.send(`42/custom,["message"]`)
		c.want(`42/custom,["message-back"]`)
		c.send(`41/custom,`)
		<-reasons
		c.send(`42/custom,["message"]`)
		c.wantClosed()
	})
}

func TestV5_Disconnect_WithPayload(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	for _, packet := range []string{`41{}`, `41"bye"`, `410`, `41abc`} {
		c := dial(t, addr, 4, "websocket")
		c.join("/")
		c.send(packet)
		c.wantClosed()
	}
}

func TestV5_Disconnect_ByTheServer(t *testing.T) {
	io := newEcho(Options{})
	reasons := make(chan Reason, 1)
	io.Of("/custom").OnDisconnect(func(s *Socket, reason Reason) {
		if err := s.Emit("late"); !errors.Is(err, ErrNotConnected) {
			t.Errorf("Emit after the end: %v, want %v", err, ErrNotConnected)
		}
		s.Join("late")
		reasons <- reason
	})
	io.Of("/custom").On("kick", func(e *Event) {
		e.Socket.Disconnect(false)
		if err := e.Ack(); !errors.Is(err, ErrNotConnected) {
			t.Errorf("Ack after the end: %v, want %v", err, ErrNotConnected)
		}
	})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.join("/custom")
		// Packets that the client sent before it knew are dropped with their attachments. The connection continues.
		c.send(
			`42/custom,1["kick"]`, `42/custom,["message"]`, `451-/custom,["message",{"_placeholder":true,"num":0}]`, `bin 01`, `43/custom,0[]`,
			`41/custom`, `42["message"]`,
		)
		c.want(`41/custom,`, `42["message-back"]`)
		if got := <-reasons; got != ReasonServer {
			t.Errorf("reason %q, want %q", got, ReasonServer)
		}
		c.join("/custom")
		c.send(`42/custom,["message"]`)
		c.want(`42/custom,["message-back"]`)
		c.send(`41/custom`, `42/custom,["message"]`) // this time the client knew
		<-reasons
		c.wantClosed()
	})
	if got := io.Of("/custom").To("late").Sockets(); len(got) != 0 {
		t.Errorf("sockets that are gone in a room: %v", got)
	}
}

func TestV5_Disconnect_WithTheConnection(t *testing.T) {
	io := newEcho(Options{})
	reasons := make(chan Reason, 2)
	for _, name := range []string{"/", "/custom"} {
		io.Of(name).OnDisconnect(func(_ *Socket, reason Reason) { reasons <- reason })
		io.Of(name).On("kick all", func(e *Event) { e.Socket.Disconnect(true) })
	}
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.join("/custom")
		c.send(`42["kick all"]`)
		c.want(`41`, `41/custom,`)
		c.wantClosed()
		for range 2 {
			if got := <-reasons; got != ReasonServer {
				t.Errorf("reason %q, want %q", got, ReasonServer)
			}
		}
	})
}

func TestV5_Disconnect_OfTheConnection(t *testing.T) {
	io := newEcho(Options{})
	reasons := make(chan Reason, 2)
	for _, name := range []string{"/", "/custom"} {
		io.Of(name).OnDisconnect(func(_ *Socket, reason Reason) { reasons <- reason })
	}
	addr := serve(t, io)
	for packet, want := range map[string]Reason{`1`: "transport close", `42{}`: "parse error"} {
		overBoth(t, func(t *testing.T, over string) {
			c := dial(t, addr, 4, over)
			c.join("/")
			c.join("/custom")
			c.send(packet)
			for range 2 {
				if got := <-reasons; got != want {
					t.Errorf("after %s: reason %q, want %q", packet, got, want)
				}
			}
		})
	}
}

func TestV5_Limits(t *testing.T) {
	io := newServer(Options{MaxArgs: 3, MaxNamespaces: 2})
	for _, name := range []string{"/", "/a", "/b"} {
		io.Of(name).On("message", func(e *Event) { _ = e.Socket.Emit("message-back", e.Values()) })
	}
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	c.join("/a")
	c.send(`40/b,`)
	c.want(`44/b,{"message":"Too many namespaces"}`)
	c.send(`41/a`)
	c.join("/b")
	c.send(`42["message",1,2]`)
	c.want(`42["message-back",1,2]`)
	c.send(`42["message",1,2,3]`)
	c.wantClosed()
}
