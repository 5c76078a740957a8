package socketio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/engineio"
)

func TestHandlers_AcksKeepTheirOrder(t *testing.T) {
	addr := serve(t, newEcho(Options{}))
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		var packets, want []string
		for i := range 500 {
			packets = append(packets, fmt.Sprintf(`42%d["message-with-ack",%d]`, i, i))
			want = append(want, fmt.Sprintf(`43%d[%d]`, i, i))
		}
		c.send(packets...)
		c.want(want...)
	})
}

// An event may be acknowledged once, from anywhere, after its handler has returned.
func TestHandlers_AckLater(t *testing.T) {
	io := newServer(Options{})
	events := make(chan *Event)
	io.Of("/").On("ask", func(e *Event) { go func() { events <- e }() })
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	c.send(`427["ask"]`, `428["ask"]`, `42["ask"]`)
	var wanting []*Event
	for range 3 {
		if e := <-events; e.WantsAck() {
			wanting = append(wanting, e)
		} else if err := e.Ack("unheard"); err != nil {
			t.Errorf("Ack that nobody wants: %v", err)
		}
	}
	if len(wanting) != 2 {
		t.Fatalf("%d events want an ack, want 2", len(wanting))
	}
	for _, e := range wanting {
		if err := e.Ack(make(chan int)); err == nil {
			t.Error("Ack with a channel succeeded")
		}
		if err := e.Ack("done"); err != nil { // the failed attempt does not count
			t.Error(err)
		}
		if err := e.Ack("again"); !errors.Is(err, ErrAcked) {
			t.Errorf("second Ack: %v, want %v", err, ErrAcked)
		}
	}
	got := map[string]bool{c.next(): true, c.next(): true}
	if !got[`437["done"]`] || !got[`438["done"]`] {
		t.Errorf("got %v", got)
	}
}

// A panic in any handler is logged without what the client sent, and changes nothing for anybody else or for the same connection.
func TestHandlers_Panic(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	options := Options{}
	options.Engine.Logger = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	}), nil))
	io := newServer(options)
	main := io.Of("/")
	main.OnConnect(func(*Socket) { panic("a secret") })
	main.On("panic", func(e *Event) { panic(fmt.Sprintf("a secret %s", e.Args)) })
	main.On("nil", func(*Event) { var m map[string]int; m["a secret"]++ }) //nolint:staticcheck // the panic is what is tested
	main.OnAny(func(e *Event) {
		if e.Name == "other" {
			panic(errors.New("a secret"))
		}
		_ = e.Ack("fine")
	})
	gone := make(chan bool, 1)
	main.OnDisconnect(func(*Socket, Reason) { gone <- true; panic("a secret") })
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	c.send(`421["panic",1]`, `422["nil"]`, `423["other"]`, `424["hello"]`)
	c.want(`434["fine"]`)
	c.send(`41`)
	<-gone
	c.join("/")
	c.Close()
	<-gone
	if err := io.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := strings.Count(log.String(), "handler panicked"); got != 7 {
		t.Errorf("%d panics in the log, want 7", got)
	}
	if strings.Contains(log.String(), "a secret") {
		t.Errorf("the log has what was sent:\n%s", &log)
	}
	if got := io.Stats().Panics; got != 7 {
		t.Errorf("%d panics counted, want 7", got)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A connection handler can use its own socket and all others without a deadlock.
func TestHandlers_UseTheServer(t *testing.T) {
	io := newServer(Options{})
	main := io.Of("/")
	main.OnConnect(func(s *Socket) {
		s.Join("room", "room", "other")
		s.Leave("other")
		_ = s.Emit("own", s.Rooms())
		_ = main.Emit("all")
		_ = main.To("room").Emit("room")
	})
	main.On("leave", func(e *Event) {
		e.Socket.Disconnect(false)
		e.Socket.Disconnect(true)
		e.Socket.Disconnect(false)
	})
	gone := make(chan bool, 2)
	main.OnDisconnect(func(s *Socket, _ Reason) {
		s.Disconnect(true)
		_ = main.Emit("left")
		gone <- true
	})
	addr := serve(t, io)
	overBoth(t, func(t *testing.T, over string) {
		c := dial(t, addr, 4, over)
		c.join("/")
		c.want(`42["own",["room"]]`, `42["all"]`, `42["room"]`)
		c.send(`42["leave"]`)
		c.want(`41`)
		c.wantClosed()
		<-gone
	})
}

// A connection that the program closes ends as one that was lost: a DISCONNECT, or a refusal where a middleware closes it, would
// keep clients from reconnecting by themselves.
func TestSocket_Close(t *testing.T) {
	io := newServer(Options{})
	main := io.Of("/")
	gone := make(chan Reason, 1)
	main.On("close", func(e *Event) { e.Socket.Close() })
	main.OnDisconnect(func(_ *Socket, why Reason) { gone <- why })
	io.Of("/busy").Use(func(s *Socket, _ *Handshake) error {
		s.Close()
		return errors.New("unheard")
	})
	addr := serve(t, io)
	for _, eio := range []int{3, 4} {
		for _, packet := range []string{`42["close"]`, `40/busy,`} {
			overBoth(t, func(t *testing.T, over string) {
				c := dial(t, addr, eio, over)
				c.join("/")
				c.send(packet)
				c.wantClosed()
				if got, want := <-gone, Reason(engineio.CloseForced); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
}

// Sockets are disconnected from many goroutines in the middle of everything; each is told to have come and gone once, in this order,
// never two handlers of a connection at a time.
func TestHandlers_DisconnectFromAnywhere(t *testing.T) {
	const clients = 200
	io := newServer(Options{})
	main := io.Of("/")
	type state struct {
		busy, connects, disconnects atomic.Int32
		ready                       atomic.Bool
	}
	enter := func(s *Socket) func() {
		st := s.Value().(*state)
		if st.busy.Add(1) != 1 {
			t.Error("two handlers at a time")
		}
		return func() { st.busy.Add(-1) }
	}
	var killers, ended sync.WaitGroup
	ended.Add(clients)
	main.Use(func(s *Socket, _ *Handshake) error {
		s.SetValue(new(state))
		return nil
	})
	main.OnConnect(func(s *Socket) {
		defer enter(s)()
		s.Value().(*state).connects.Add(1)
		for i := range 3 {
			killers.Go(func() { s.Disconnect(i == 0) })
		}
		_ = s.Emit("hello")
		s.Value().(*state).ready.Store(true)
	})
	main.OnAny(func(e *Event) {
		defer enter(e.Socket)()
		_ = e.Ack()
	})
	main.OnDisconnect(func(s *Socket, _ Reason) {
		defer enter(s)()
		st := s.Value().(*state)
		if st.disconnects.Add(1) != 1 || st.connects.Load() != 1 || !st.ready.Load() {
			t.Error("OnDisconnect is not what follows OnConnect")
		}
		ended.Done()
	})
	addr := serve(t, io)
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			c, err := tryDial(t, addr, 3+i%2, []string{"websocket", "polling"}[i/2%2])
			if err != nil {
				// Engine.IO 3 has no CONNECT: the session may be closed before it is known.
				return
			}
			defer c.Close()
			_ = c.write(append([]string{`40`}[:i%2], `421["a"]`, `422["b"]`)...) // it may be closed already
			for {
				if _, err := c.read(); err != nil {
					return
				}
			}
		})
	}
	group.Wait()
	ended.Wait()
	killers.Wait()
	if got := len(main.Sockets()); got != 0 {
		t.Errorf("%d sockets are left", got)
	}
}

func TestEmitWithAck_GivesUp(t *testing.T) {
	io := newServer(Options{})
	sockets := make(chan *Socket, 1)
	io.Of("/").OnConnect(func(s *Socket) { sockets <- s })
	addr := serve(t, io)
	c := dial(t, addr, 4, "websocket")
	c.join("/")
	s := <-sockets
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := s.EmitWithAck(ctx, "ask")
		done <- err
	}()
	c.want(`420["ask"]`)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	c.send(`430["too late"]`)
	go func() {
		values, err := s.EmitWithAck(t.Context(), "ask")
		if err == nil && string(values.Args[0]) != `"in time"` {
			err = fmt.Errorf("got %s", values.Args)
		}
		done <- err
	}()
	c.want(`421["ask"]`)
	c.send(`431["in time"]`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := s.EmitWithAck(t.Context(), "ask", make(chan int)); err == nil {
		t.Error("EmitWithAck with a channel succeeded")
	}
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	if got := len(s.acks.waiting); got != 0 {
		t.Errorf("%d acknowledgements are still waited for", got)
	}
}
