package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// crowd is the rules of availability: all are contacts but strangers, and those in the dark are told the status only.
type crowd struct {
	pause time.Duration
	hub   *delivery.Hub

	mu     sync.Mutex
	status map[chat.AccountID]string
	ended  map[chat.AccountID]bool // contacts of nobody
	dark   map[chat.AccountID]bool
	saw    map[chat.AccountID]int
	asked  int
}

func newCrowd() *crowd {
	return &crowd{status: map[chat.AccountID]string{}, ended: map[chat.AccountID]bool{}, dark: map[chat.AccountID]bool{}, saw: map[chat.AccountID]int{}}
}

func (c *crowd) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *crowd) AvailabilityPause() time.Duration { return c.pause }

func (c *crowd) SawAccount(a chat.AccountID) { c.set(func() { c.saw[a]++ }) }

func (c *crowd) TellAvailability(_ context.Context, a chat.AccountID, readers []chat.AccountID) (chat.ToldAvailability, error) {
	at := c.hub.Attendance(a)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	told := chat.ToldAvailability{Availability: chat.Availability{Account: a}}
	if c.ended[a] {
		return told, nil
	}
	told.Availability = chat.Availability{Account: a, Known: true, Shown: true, Attendance: at, Status: chat.Status{Text: c.status[a]}}
	for _, r := range readers {
		if c.dark[r] {
			told.Some = append(told.Some, r)
		} else {
			told.All = append(told.All, r)
		}
	}
	return told, nil
}

func newCrowdNode(t *testing.T, c *crowd, opts delivery.Options) *node {
	opts.Availability, opts.PeopleTick = c, 2*time.Millisecond
	apps["calm"] = chat.Application{ID: "calm", Kind: chat.AppWeb, MutedPushes: []string{wire.PushAvailability}}
	n := newNode(t, opts)
	c.hub = n.hub
	return n
}

// told waits for the next push of availabilities to a socket.
func (n *node) told(name string) string {
	n.t.Helper()
	e, err := n.sockets[name].Take(n.t.Context(), func(e socketiotest.Event) bool { return e.Name == wire.PushAvailability })
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimPrefix(excerpt(n.t, e.Args, []string{"users"}), " users=")
}

func TestAvailability(t *testing.T) {
	c := newCrowd()
	n := newCrowdNode(t, c, delivery.Options{})
	n.connect("alice", "web")
	n.connect("alice/2", "calm")
	n.connect("carol", "web")
	want := func(name, want string) {
		t.Helper()
		if got := n.told(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"alice", "alice/2", "carol"} {
		n.clients[name].Watch([]chat.AccountID{"bob", "alice"}, true)
	}
	c.set(func() { c.dark["carol"] = true })
	n.connect("bob", "web")
	want("alice", `[{"id":"bob","state":"online"}]`)
	n.connect("bob/2", "web")
	n.clients["bob"].SetAway(true)
	n.clients["bob/2"].SetAway(true)
	want("alice", `[{"id":"bob","state":"away"}]`)
	n.clients["bob/2"].SetAway(false)
	want("alice", `[{"id":"bob","state":"online"}]`)
	// Carol is told what bob says, and not what he does.
	c.set(func() { c.status["bob"] = "busy" })
	n.hub.Publish([]chat.Event{chat.AvailabilityChanged{Accounts: []chat.AccountID{"bob"}}})
	want("alice", `[{"id":"bob","state":"online","status":{"text":"busy"}}]`)
	if got := n.told("carol"); strings.Contains(got, "state") {
		t.Errorf("carol is told %s", got)
	}
	n.clients["bob/2"].SetAway(true)
	want("alice", `[{"id":"bob","state":"away","status":{"text":"busy"}}]`)
	for _, line := range n.heard("users") {
		if strings.HasPrefix(line, "alice") && strings.Contains(line, "availability") {
			t.Errorf("more is told, or to an application that does not want it: %s", line)
		}
	}

	// The relation ends: this is told once, and nothing afterwards.
	c.set(func() { c.ended["bob"] = true })
	n.hub.Publish([]chat.Event{chat.ContactChanged{Person: chat.Person{Account: chat.Account{ID: "bob"}}, To: []chat.AccountID{"alice"}}})
	want("alice", `[{"id":"bob"}]`)
	c.set(func() { c.ended["bob"] = false })
	n.clients["bob/2"].SetAway(false)
	n.clients["alice"].SetAway(true)
	want("alice", `[{"id":"alice","state":"online"}]`) // on the other device
	n.heard()

	// Nobody watches.
	for _, name := range []string{"alice", "alice/2", "carol"} {
		n.clients[name].Watch(nil, true)
	}
	n.heard()
	c.mu.Lock()
	asked := c.asked
	c.mu.Unlock()
	n.clients["bob"].SetAway(false)
	n.hub.Publish([]chat.Event{chat.AvailabilityChanged{}})
	n.heard()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked != asked {
		t.Error("something was computed for nobody")
	}
	if c.saw["bob"] == 0 {
		t.Error("it was not noted that bob is connected")
	}
}

// What changes at the same time comes in one push, and the next one after the pause. An account that is not known to be a contact
// is not told of.
func TestAvailabilityOfSeveral(t *testing.T) {
	c := newCrowd()
	c.pause = time.Hour
	n := newCrowdNode(t, c, delivery.Options{})
	n.connect("alice", "web")
	c.set(func() { c.ended["carol"] = true })
	n.clients["alice"].Watch([]chat.AccountID{"bob", "carol", "erin", "bob"}, false)
	n.hub.Publish([]chat.Event{chat.AvailabilityChanged{}})
	got := n.told("alice")
	if !strings.Contains(got, `{"id":"bob","state":"offline"}`) || !strings.Contains(got, `{"id":"erin","state":"offline"}`) || strings.Contains(got, "carol") {
		t.Errorf("told %s, want bob and erin", got)
	}
	n.connect("bob", "web")
	for _, line := range n.heard() {
		if strings.Contains(line, "availability") {
			t.Errorf("before the pause is over: %s", line)
		}
	}
}

// Bob goes and comes back before his absence is told. A client that has asked meanwhile, and was answered that he is absent, has to be
// told nevertheless.
func TestAvailabilityAskedMeanwhile(t *testing.T) {
	c := newCrowd()
	n := newCrowdNode(t, c, delivery.Options{})
	n.connect("alice", "web")
	n.connect("carol", "web")
	n.clients["alice"].Watch([]chat.AccountID{"bob"}, true)
	n.connect("bob", "web")
	want := func(name string) {
		t.Helper()
		if got, want := n.told(name), `[{"id":"bob","state":"online"}]`; got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	want("alice")
	n.sockets["bob"].Close()
	<-n.gone
	n.clients["carol"].Watch([]chat.AccountID{"bob"}, false)
	if got := n.hub.Attendance("bob"); got != chat.Absent {
		t.Errorf("bob is %d, want absent", got)
	}
	n.clients["carol"].Watch([]chat.AccountID{"bob"}, true)
	n.connect("bob/2", "web")
	want("carol")
}

// passing carries what the hubs of several nodes pass to each other.
type passing struct {
	mu   sync.Mutex
	hubs []*delivery.Hub
	lose bool
	lost chan struct{}
}

func (p *passing) from(i int) func(chat.Event) {
	return func(e chat.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.lose {
			p.lost <- struct{}{}
			return
		}
		for j, hub := range p.hubs {
			if j != i {
				hub.Pass([]chat.Event{e})
			}
		}
	}
}

func (p *passing) loses(lose bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = lose
}

func TestAttendanceAcrossNodes(t *testing.T) {
	p := &passing{lost: make(chan struct{}, 10_000)}
	var nodes []*node
	p.mu.Lock()
	for i := range 2 {
		nodes = append(nodes, newCrowdNode(t, newCrowd(), delivery.Options{Node: fmt.Sprint("node", i), Pass: p.from(i)}))
		p.hubs = append(p.hubs, nodes[i].hub)
	}
	p.mu.Unlock()
	one, two := nodes[0], nodes[1]
	want := func(want string) {
		t.Helper()
		if got := one.told("alice"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	one.connect("alice", "web")
	one.clients["alice"].Watch([]chat.AccountID{"bob"}, true)
	two.connect("bob", "web")
	want(`[{"id":"bob","state":"online"}]`)
	two.clients["bob"].SetAway(true)
	want(`[{"id":"bob","state":"away"}]`)
	// What the bus has lost is told when something else comes.
	p.loses(true)
	two.clients["bob"].SetAway(false)
	<-p.lost
	p.loses(false)
	two.connect("dave", "web")
	want(`[{"id":"bob","state":"online"}]`)
	if got := one.hub.Attendance("dave"); got != chat.Online {
		t.Errorf("dave is %d, want online", got)
	}
	// A node that is gone has nobody.
	one.hub.Publish([]chat.Event{chat.NodeGone{Node: "node1"}})
	one.heard()
	if got := one.hub.Attendance("dave"); got != chat.Absent {
		t.Errorf("dave is %d, want absent", got)
	}
}
