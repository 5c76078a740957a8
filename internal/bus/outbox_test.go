package bus

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/chat"
)

// gated is a bus whose Publish waits until it is let go.
type gated struct {
	let  chan error
	sent chan Message
}

func (g *gated) Publish(m Message) error {
	err := <-g.let
	if err == nil {
		g.sent <- m
	}
	return err
}
func (g *gated) Check(context.Context) error { return nil }
func (g *gated) Close(context.Context) error { return nil }

func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gated{make(chan error), make(chan Message, 100)}
		o := NewOutbox(g)
		o.maxBytes = 10
		o.Add(Commit{Number: 1, Body: []byte("123456"), Events: []chat.Event{chat.AllRead{}}})
		o.Add(Commit{Number: 2, Body: []byte("123456")}) // too much
		o.Add(Commit{Number: 3})
		time.Sleep(time.Second)
		if s := o.Stats(); s.Waiting != 3 || s.Age != time.Second || s.Published != 0 {
			t.Errorf("got %+v, want 3 waiting for 1 s", s)
		}
		g.let <- nil
		g.let <- nil
		g.let <- errors.New("away")
		o.Bell()
		g.let <- nil
		o.Add(Commit{Number: 4})
		go func() { g.let <- nil }()
		if err := o.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
		if s := o.Stats(); s.Waiting != 0 || s.Published != 4 || s.Failed != 1 {
			t.Errorf("got %+v, want 4 published and 1 failed", s)
		}
		for _, want := range []struct {
			number  int64
			body    string
			missing bool
		}{{1, "123456", false}, {2, "", true}, {3, "", true}, {4, "", false}} {
			if got := <-g.sent; got.Number != want.number || string(got.Body) != want.body || got.Missing != want.missing || got.Events != nil {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// Events that are in no commit do not wait for commits. Too many are dropped.
func TestOutbox_Pass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gated{make(chan error), make(chan Message, 10_000)}
		o := NewOutbox(g)
		o.Add(Commit{Number: 1})
		synctest.Wait() // it is being published
		o.Add(Commit{Number: 2})
		for range outboxPassing + 1 {
			o.Pass(Message{Commit: Commit{Body: []byte("typed")}})
		}
		g.let <- nil
		g.let <- errors.New("away")
		for range outboxPassing {
			g.let <- nil
		}
		if err := o.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
		if s := o.Stats(); s.Published != 2 || s.Failed != 0 || s.Dropped != 2 {
			t.Errorf("got %+v, want 2 published and 2 dropped", s)
		}
		var numbers []int64
		for len(g.sent) > 0 {
			numbers = append(numbers, (<-g.sent).Number)
		}
		if len(numbers) != outboxPassing+1 || numbers[0] != 1 || numbers[len(numbers)-1] != 2 {
			t.Errorf("got %d messages, from %d to %d", len(numbers), numbers[0], numbers[len(numbers)-1])
		}
	})
}

// A bus that hangs does not hold up the end of a node for ever.
func TestOutbox_CloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gated{make(chan error), make(chan Message, 100)}
		o := NewOutbox(g)
		o.Add(Commit{Number: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := o.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
		g.let <- nil
		if err := o.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestLocal(t *testing.T) {
	all := NewLocal()
	a, b := newEar(), newEar()
	from, to := all.Join(a), all.Join(b)
	if err := from.Publish(numbered(1, "body")); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, b.messages); got.Number != 1 || len(a.messages) > 0 {
		t.Errorf("got %+v, and %d messages at the sender", got, len(a.messages))
	}
	if err := to.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if to.Check(t.Context()) == nil || to.Publish(numbered(2, "")) == nil {
		t.Error("a closed bus goes on")
	}
	if err := from.Publish(numbered(2, "")); err != nil || len(b.messages) > 0 {
		t.Errorf("got %v, and %d messages after the end", err, len(b.messages))
	}
}
