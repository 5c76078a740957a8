package socketio

import (
	"fmt"
	"slices"
	"testing"
)

// crowd connects clients of both revisions over both transports and returns them with their sockets.
func crowd(t *testing.T, io *Server, addr string, sockets <-chan *Socket) ([]*client, []*Socket) {
	t.Helper()
	var clients []*client
	var joined []*Socket
	for _, eio := range []int{3, 4} {
		for _, over := range []string{"websocket", "polling"} {
			c := dial(t, addr, eio, over)
			c.join("/")
			clients, joined = append(clients, c), append(joined, <-sockets)
		}
	}
	return clients, joined
}

func newCrowdServer() (*Server, chan *Socket) {
	io := newServer(Options{})
	sockets := make(chan *Socket, 1)
	io.Of("/").OnConnect(func(s *Socket) { sockets <- s })
	return io, sockets
}

// A message is encoded once and reads the same for everybody, binary included; broadcasts arrive in their order.
func TestBroadcast(t *testing.T) {
	io, joined := newCrowdServer()
	addr := serve(t, io)
	clients, sockets := crowd(t, io, addr, joined)
	const rounds = 100
	for i := range rounds {
		text, err := io.Of("/").NewMessage("text", i, `é😀`)
		if err != nil {
			t.Fatal(err)
		}
		binary, err := io.Of("/").NewMessage("binary", Binary{byte(i)}, map[string]any{"b": Binary{7}})
		if err != nil {
			t.Fatal(err)
		}
		io.Broadcast(sockets, text)
		io.Broadcast(sockets, binary)
	}
	for _, c := range clients {
		for i := range rounds {
			c.wantJSON(fmt.Sprintf(`42["text",%d,"é😀"]`, i))
			c.want(`452-["binary",{"_placeholder":true,"num":0},{"b":{"_placeholder":true,"num":1}}]`, fmt.Sprintf("bin %02x", i), `bin 07`)
		}
	}
}

// A message reaches neither another namespace nor who has left.
func TestBroadcast_OnlyToMembers(t *testing.T) {
	io, joined := newCrowdServer()
	other := io.Of("/other")
	addr := serve(t, io)
	clients, sockets := crowd(t, io, addr, joined)
	wrong, err := other.NewMessage("wrong")
	if err != nil {
		t.Fatal(err)
	}
	right, err := io.Of("/").NewMessage("right")
	if err != nil {
		t.Fatal(err)
	}
	if err := sockets[0].Send(wrong); err == nil {
		t.Error("a message of another namespace was sent")
	}
	sockets[1].Disconnect(false)
	io.Broadcast(sockets, wrong)
	io.Broadcast(sockets, right)
	for i, c := range clients {
		if i == 1 {
			c.want(`41`)
			c.send(`40`)
			c.want(`40`) // nothing came in between
			continue
		}
		c.want(`42["right"]`)
	}
	if err := sockets[0].Send(right); err != nil {
		t.Error(err)
	}
	clients[0].want(`42["right"]`)
}

func TestRooms(t *testing.T) {
	io, joined := newCrowdServer()
	main := io.Of("/")
	addr := serve(t, io)
	clients, sockets := crowd(t, io, addr, joined)
	for i, rooms := range [][]string{{"a"}, {"a", "b"}, {"b", "c"}, {}} {
		sockets[i].Join(rooms...)
	}
	for _, test := range []struct {
		name string
		to   *Operator
		want []int
	}{
		{"a", main.To("a"), []int{0, 1}},
		{"a or b", main.To("a", "b"), []int{0, 1, 2}},
		{"a, a or b", main.To("a", "a", "b"), []int{0, 1, 2}},
		{"nobody", main.To("nobody"), nil},
		{"a but b", main.To("a").Except("b"), []int{0}},
		{"b but a, c", main.To("b").Except("a").Except("c"), nil},
		{"all", main.To(), []int{0, 1, 2, 3}},
		{"all but a", main.To().Except("a"), []int{2, 3}},
		{"others in a", sockets[0].To("a"), []int{1}},
		{"others", sockets[3].To(), []int{0, 1, 2}},
	} {
		var got []int
		for _, s := range test.to.Sockets() {
			got = append(got, slices.Index(sockets, s))
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: sockets %v, want %v", test.name, got, test.want)
		}
	}

	if err := main.To("a").Emit("to a", Binary{1}); err != nil {
		t.Fatal(err)
	}
	if err := main.Emit("to all"); err != nil {
		t.Fatal(err)
	}
	for i, c := range clients {
		if i < 2 {
			c.want(`451-["to a",{"_placeholder":true,"num":0}]`, `bin 01`)
		}
		c.want(`42["to all"]`)
	}
	if err := main.To("a").Emit("disconnect"); err == nil {
		t.Error("a reserved name was sent")
	}

	sockets[1].Leave("a", "never joined")
	if got := sockets[1].Rooms(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("rooms %v, want [b]", got)
	}
	for _, s := range sockets {
		s.Disconnect(true)
		s.Join("a")
	}
	main.mu.RLock()
	defer main.mu.RUnlock()
	if len(main.rooms) != 0 || len(main.sockets) != 0 {
		t.Errorf("left behind: rooms %v, sockets %v", main.rooms, main.sockets)
	}
}

// The close comes in a poll of its own: clients handle messages after the packets that came with them, and one that closes first
// would take a farewell for a lost connection and come back.
func TestDisconnect_ReachesPollingClients(t *testing.T) {
	io, joined := newCrowdServer()
	addr := serve(t, io)
	for _, eio := range []int{3, 4} {
		c := dial(t, addr, eio, "polling")
		c.join("/")
		(<-joined).Disconnect(true)
		c.want(`41`)
		if rest := c.transport.(*polling).got; len(rest) != 0 {
			t.Errorf("revision %d: in the same poll: %q", eio, rest)
		}
		c.wantClosed()
	}
}

// A message that was broadcast right before its receiver was disconnected came after DISCONNECT, where clients drop it, or
// not at all. The clients are disconnected one after the other, because each has only a few seconds to take what is queued for it.
func TestServer_Broadcast_ThenDisconnect(t *testing.T) {
	for _, over := range []string{"websocket", "polling"} {
		t.Run(over, func(t *testing.T) {
			io := newServer(Options{})
			joined := make(chan *Socket, 100)
			io.Of("/").OnConnect(func(s *Socket) { joined <- s })
			addr := serve(t, io)
			var clients []*client
			var sockets []*Socket
			for range 30 {
				c := dial(t, addr, 4, over)
				c.join("/")
				clients, sockets = append(clients, c), append(sockets, <-joined)
			}
			m, err := io.Of("/").NewMessage("news")
			if err != nil {
				t.Fatal(err)
			}
			// The last one first, so that each broadcast reaches it last.
			for i, c := range slices.Backward(clients) {
				for range 20 {
					io.Broadcast(sockets[:i+1], m)
				}
				sockets[i].Disconnect(true)
				for range 20 * (len(clients) - i) {
					c.want(`42["news"]`)
				}
				c.want("41")
				c.wantClosed()
			}
		})
	}
}
