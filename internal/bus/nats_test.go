package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsclient "github.com/nats-io/nats.go"

	"parley/test/nats"
)

// ear is a listener that passes on what it hears.
type ear struct {
	messages    chan Message
	interrupted chan struct{}
}

func newEar() *ear {
	return &ear{messages: make(chan Message, 1000), interrupted: make(chan struct{}, 1000)}
}

func (e *ear) Hear(m Message) { e.messages <- m }
func (e *ear) Interrupted()   { e.interrupted <- struct{}{} }

// receive returns the next of a channel, in a generous time.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("nothing has come")
		panic("unreachable")
	}
}

func dial(t *testing.T, s *nats.Server, l Listener, change ...func(*NATSOptions)) *NATS {
	t.Helper()
	o := NATSOptions{URLs: []string{s.URL()}, Subject: "parley.test", Name: "test", Silence: 20 * time.Second, Listener: l}
	for _, f := range change {
		f(&o)
	}
	b, err := DialNATS(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = b.Close(ctx)
	})
	return b
}

func numbered(n int64, body string) Message {
	return Message{Commit: Commit{Number: n, Node: "a", At: time.UnixMilli(1_700_000_000_000), Body: []byte(body)}}
}

func TestNATS(t *testing.T) {
	s := nats.Start(t)
	own, other := newEar(), newEar()
	a := dial(t, s, own)
	dial(t, s, other)
	foreign := newEar()
	dial(t, s, foreign, func(o *NATSOptions) { o.Subject = "parley.another" })
	for n := range int64(3) {
		if err := a.Publish(numbered(n+1, fmt.Sprint("body ", n+1))); err != nil {
			t.Fatal(err)
		}
	}
	for n := range int64(3) {
		got := receive(t, other.messages)
		if got.Number != n+1 || got.Node != "a" || string(got.Body) != fmt.Sprint("body ", n+1) || got.Missing || !got.At.Equal(time.UnixMilli(1_700_000_000_000)) {
			t.Errorf("got %+v, want message %d", got, n+1)
		}
	}
	if err := a.Check(t.Context()); err == nil {
		t.Error("a check without an end was made") // the client of NATS requires a deadline
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := a.Check(ctx); err != nil {
		t.Errorf("check: %v", err)
	}
	if len(own.messages)+len(foreign.messages) > 0 {
		t.Error("messages reached their sender or another subject")
	}
}

// A message without a number has events that are in no commit. Nodes of earlier versions look at the number alone. What is too
// large is in no log, so it does not come.
func TestNATS_WithoutACommit(t *testing.T) {
	s := nats.Start(t, func(o *server.Options) { o.MaxPayload = 1024 })
	other := newEar()
	a := dial(t, s, newEar())
	dial(t, s, other)
	for _, m := range []Message{numbered(0, "typed"), numbered(0, string(bytes.Repeat([]byte("x"), 2000))), numbered(1, "last")} {
		if err := a.Publish(m); err != nil {
			t.Fatal(err)
		}
	}
	if got := receive(t, other.messages); got.Number != 0 || got.Node != "a" || string(got.Body) != "typed" {
		t.Errorf("got %+v, want the events", got)
	}
	if got := receive(t, other.messages); got.Number != 1 {
		t.Errorf("got %+v, want the last message", got)
	}
}

// A message with more than max_payload was refused, so that it was repaired only later.
func TestNATS_TooLarge(t *testing.T) {
	s := nats.Start(t, func(o *server.Options) { o.MaxPayload = 1024 })
	other := newEar()
	a := dial(t, s, newEar())
	dial(t, s, other)
	if err := a.Publish(numbered(1, string(bytes.Repeat([]byte("x"), 2000)))); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, other.messages); got.Number != 1 || !got.Missing || got.Body != nil {
		t.Errorf("got %+v, want message 1 without its events", got)
	}
}

func TestNATS_Restart(t *testing.T) {
	s := nats.Start(t)
	other := newEar()
	a := dial(t, s, newEar())
	b := dial(t, s, other)
	s.Stop()
	for a.Publish(numbered(1, "lost")) == nil {
		if t.Context().Err() != nil {
			t.Fatal("the end of the server was not noticed")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for b.Check(ctx) == nil {
	}
	if err := ctx.Err(); err != nil {
		t.Fatal("a check succeeds without a server")
	}
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	receive(t, other.interrupted)
	for a.Check(ctx) != nil {
		if ctx.Err() != nil {
			t.Fatal("the connection was not made again")
		}
	}
	// Both are connected. Messages from before b has subscribed again are lost.
	for number := int64(2); ; number++ {
		if err := a.Publish(numbered(number, "again")); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-other.messages:
			if got.Number >= 2 {
				return
			}
		case <-time.After(10 * time.Millisecond):
		}
		if ctx.Err() != nil {
			t.Fatal("nothing has come")
		}
	}
}

// deaf hears the first message only when it is let go.
type deaf struct {
	*ear
	first chan struct{}
}

func (d *deaf) Hear(m Message) {
	<-d.first
	d.ear.Hear(m)
}

func TestNATS_SlowConsumer(t *testing.T) {
	s := nats.Start(t)
	slow := &deaf{newEar(), make(chan struct{})}
	a := dial(t, s, newEar())
	dial(t, s, slow, func(o *NATSOptions) { o.maxPending = 2 })
	for n := range int64(20) {
		if err := a.Publish(numbered(n+1, "")); err != nil {
			t.Fatal(err)
		}
	}
	receive(t, slow.interrupted)
	close(slow.first)
	receive(t, slow.messages)
}

func TestNATS_Refused(t *testing.T) {
	user := func(p *server.Permissions) func(*server.Options) {
		return func(o *server.Options) {
			o.Users = []*server.User{{Username: "parley", Password: "topsecret", Permissions: p}}
		}
	}
	only := func(subject string) *server.SubjectPermission {
		return &server.SubjectPermission{Allow: []string{subject}}
	}
	for _, c := range []struct {
		name, user, want string
		server           func(*server.Options)
		change           func(*NATSOptions)
	}{
		{name: "password", user: "parley:wrongsecret@", want: "Authorization Violation", server: user(nil)},
		{name: "subscription", user: "parley:topsecret@", want: "permissions violation", server: user(&server.Permissions{Subscribe: only("other")})},
		{name: "publication", user: "parley:topsecret@", want: "permissions violation", server: user(&server.Permissions{Publish: only("other")})},
		{name: "file", want: "nothing.creds", server: user(nil), change: func(o *NATSOptions) { o.CredentialsFile = "nothing.creds" }},
		{name: "nkey", want: "nothing.nk", server: user(nil), change: func(o *NATSOptions) { o.NKeyFile = "nothing.nk" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := nats.Start(t, c.server)
			o := NATSOptions{URLs: []string{"nats://" + c.user + s.Address()}, Subject: "parley.test", Listener: newEar()}
			if c.change != nil {
				c.change(&o)
			}
			b, err := DialNATS(t.Context(), o)
			if err == nil {
				b.conn.Close()
				t.Fatal("it was connected")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want it to say %q without a password", err, c.want)
			}
		})
	}
	s := nats.Start(t)
	s.Stop()
	if _, err := DialNATS(t.Context(), NATSOptions{URLs: []string{s.URL()}, Subject: "parley.test", Listener: newEar()}); !errors.Is(err, natsclient.ErrNoServers) {
		t.Errorf("no server: got %v, want %v", err, natsclient.ErrNoServers)
	}
}
