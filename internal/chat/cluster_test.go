package chat_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// window is how long the tests let current chats wait for clients, except where it ends.
const window = 1000 * time.Hour

// nodes are the services of several nodes with a presence each on one database.
type nodes struct {
	t      fataler
	ctx    context.Context
	url    string
	clock  *clock
	all    []*node // that run
	joined int     // also those that do not run any more
	events *recorder

	mu      sync.Mutex
	commits []store.Commit
	encoded [][]chat.Event
}

// node is one of them.
type node struct {
	*chat.Service
	nodes     *nodes
	id        string
	presence  *chat.Presence
	store     *store.Store
	delivered int // of the commits
}

// GoString shortens what a failure shows.
func (n *node) GoString() string { return n.id }

func newNodes(t fataler, url string, clock *clock, events *recorder) *nodes {
	return &nodes{t: t, ctx: context.Background(), url: url, clock: clock, events: events}
}

// join starts a node.
func (ns *nodes) join(change ...func(*chat.Options)) *node {
	ns.t.Helper()
	ns.joined++
	n := &node{nodes: ns, id: fmt.Sprint("node ", ns.joined), presence: chat.NewPresence(), delivered: len(ns.commits)}
	n.presence.JoinCluster(n.id)
	n.store = must(store.Open(ns.ctx, store.Options{
		Database: ns.url, Readers: 1, Node: n.id, Encode: ns.encode, Decode: ns.decode, Logged: n.logged,
		Before: func(events []chat.Event) { n.Before(events) }, Missed: func() { n.Missed() },
	}))(ns.t)
	opts := chat.Options{Now: ns.clock.Now}
	for _, fn := range change {
		fn(&opts)
	}
	n.Service = chat.New(n.store, n.presence, fakeJWT{}, opts, nil)
	ok(ns.t, n.store.Join(ns.ctx, store.NodeInfo{ID: n.id}))
	ns.all = append(ns.all, n)
	return n
}

// encode keeps the events and returns their number as text.
func (ns *nodes) encode(events []chat.Event) ([]byte, error) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	ns.encoded = append(ns.encoded, events)
	return strconv.AppendInt(nil, int64(len(ns.encoded)-1), 10), nil
}

func (ns *nodes) decode(data []byte) ([]chat.Event, error) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	i, err := strconv.Atoi(string(data))
	return ns.encoded[i], err
}

// logged is called when a transaction of the node has committed.
func (n *node) logged(c store.Commit) {
	n.nodes.mu.Lock()
	n.nodes.commits = append(n.nodes.commits, c)
	n.nodes.mu.Unlock()
	n.Committed(c.Events)
	n.nodes.events.publish(slices.DeleteFunc(slices.Clone(c.Events), func(e chat.Event) bool {
		switch e.(type) {
		case chat.ViewerMoved, chat.ReadsMade:
			return true
		}
		return false
	}))
}

// deliver delivers the events of all commits to the node.
func (n *node) deliver() {
	for ; n.delivered < len(n.nodes.commits); n.delivered++ {
		for _, e := range n.nodes.commits[n.delivered].Events {
			n.presence.Deliver(e)
		}
	}
}

func (ns *nodes) deliver() {
	for _, n := range ns.all {
		n.deliver()
	}
}

// kill ends a node as kill -9 does, and lets another one declare it gone.
func (ns *nodes) kill(n *node) {
	ns.t.Helper()
	ok(ns.t, n.store.Close())
	ns.all = slices.DeleteFunc(ns.all, func(other *node) bool { return other == n })
	db := must(pgx.Connect(ns.ctx, ns.url))(ns.t)
	must(db.Exec(ns.ctx, "DELETE FROM node WHERE id = $1", n.id))(ns.t)
	ok(ns.t, db.Close(ns.ctx))
	ok(ns.t, ns.all[0].store.Update(ns.ctx, func(tx chat.Tx) error {
		tx.Publish(chat.NodeGone{Node: n.id})
		return nil
	}))
}

func (ns *nodes) close() {
	for _, n := range ns.all {
		ok(ns.t, n.store.Close())
	}
}

// connect connects a device, whose client may come back.
func (n *node) connect(a chat.AccountID, name string, d *device) *device {
	n.nodes.t.Helper()
	if d == nil {
		d = &device{account: a}
	}
	socket := chat.SocketID(fmt.Sprintf("%s/%s at %s %d", a, name, n.id, len(n.nodes.commits)))
	d.node, d.presence = n, n.presence
	d.Viewer = n.presence.Join(a, socket, n.nodes.clock.Now(), func() uint64 { return d.signs })
	ok(n.nodes.t, n.ComeBack(n.nodes.ctx, d.Viewer, sessionOf(a, name), window))
	return d
}

func sessionOf(a chat.AccountID, name string) chat.SessionID {
	return chat.SessionID(fmt.Sprintf("session of %s/%s", a, name))
}

// end ends the socket of a device.
func (d *device) end(why chat.EndReason) {
	n := d.node
	n.nodes.t.Helper()
	ok(n.nodes.t, n.EndViewer(n.nodes.ctx, d.Viewer, chat.Ending{Why: why, At: n.nodes.clock.Now(), Window: window}))
	n.presence.Leave(d.Viewer)
}

// TestClusterLedger is TestLedger with what people do on several nodes, some of which are
// killed. Together they must be as one.
func TestClusterLedger(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: rt, ctx: context.Background(), clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, events: &recorder{}}
		w.looks = newLooks(w.clock)
		ns := newNodes(rt, server.Create(t), w.clock, w.events)
		defer ns.close()
		for range 3 {
			ns.join(ledgerOptions)
		}
		l := &clusterLedger{nodes: ns}
		w.Service, w.store = ns.all[0].Service, ns.all[0].store
		l.ledger = newLedger(rt, w)
		l.run()
	})
}

type clusterLedger struct {
	*ledger
	nodes *nodes
}

func (l *clusterLedger) run() {
	actions := l.actions()
	for name, do := range map[string]func(){
		"look": l.look, "look2": l.look, "comeBack": l.comeBack, "lose": l.lose, "lose2": l.lose,
		"keepProven": l.keepProven, "restart": l.reconnect, "kill": l.kill, "missed": l.missed,
	} {
		actions[name] = func(*rapid.T) { do() }
	}
	for name, do := range actions {
		actions[name] = func(t *rapid.T) {
			l.on(l.node())
			do(t)
			l.nodes.deliver()
		}
	}
	l.t.Repeat(actions)
}

// node draws a node.
func (l *clusterLedger) node() *node { return rapid.SampledFrom(l.nodes.all).Draw(l.t, "node") }

// on makes the requests of the next action those of a node.
func (l *clusterLedger) on(n *node) {
	l.w.Service, l.w.store = n.Service, n.store
}

// connected draws a device, which connects to some node if it is not connected.
func (l *clusterLedger) connected() (string, *device) {
	a := l.person("who")
	name := rapid.SampledFrom([]string{"1", "2"}).Draw(l.t, "device")
	key := string(a) + "/" + name
	d := l.w.looks.devices[key]
	if d == nil {
		d = l.node().connect(a, name, nil)
		l.w.looks.devices[key] = d
	}
	return name, d
}

func (l *clusterLedger) look() {
	name, d := l.connected()
	if l.heirs[d] != nil {
		return // its client uses the new connection
	}
	l.sign(d)
	before := l.viewed(d)
	var ref chat.ChatRef
	if c := l.chatOf(d.account); c != nil && rapid.IntRange(0, 3).Draw(l.t, "at a chat") > 0 {
		ref = c.ref(d.account)
	}
	if before != nil && before.ref(d.account) != ref {
		for _, other := range l.w.looks.at(d.account, before.ref(d.account)) {
			before.prove(other)
		}
	}
	n, session := d.node, sessionOf(d.account, name)
	if ref.Type == 0 {
		ok(l.t, n.LookAway(n.nodes.ctx, d.Viewer, session))
	} else {
		got, found, err := n.LookAt(n.nodes.ctx, d.Viewer, session, ref.ID)
		ok(l.t, err)
		same(l.t, "looks at", []any{got, found}, []any{ref, true})
		l.viewed(d).readers[d.account].marked = false
	}
	d.inherited = false
}

// comeBack lets the client of a device come to some node before its loss is noticed.
func (l *clusterLedger) comeBack() {
	key, d, _ := l.viewing()
	if d == nil || l.heirs[d] != nil {
		return
	}
	l.w.clock.advance(time.Second)
	l.heirs[d] = l.node().connect(d.account, key[len(d.account)+1:], nil)
}

// lose ends a device that was dead for some time.
func (l *clusterLedger) lose() {
	key, d, c := l.viewing()
	if d == nil {
		return
	}
	delete(l.w.looks.devices, key)
	heir := l.heirs[d]
	delete(l.heirs, d)
	ref := c.ref(d.account)
	d.end(chat.EndedLate)
	l.nodes.deliver()
	if heir != nil {
		l.w.looks.devices[key] = heir
		heir.inherited = heir.presence.LooksAt(heir.Viewer, ref)
		same(l.t, "the heir looks", heir.inherited, true)
	}
	c.lose(d, l.w.looks.at(d.account, ref))
	l.forgetLost()
}

// declare lets the leader see which nodes are gone.
func (l *clusterLedger) declare() {
	ok(l.t, l.node().ForgetLost(l.nodes.ctx, window))
	l.nodes.deliver()
}

// forgetLost lets the time pass in which clients come back.
func (l *clusterLedger) forgetLost() {
	l.declare()
	l.w.clock.advance(time.Second)
	ok(l.t, l.node().ForgetLost(l.nodes.ctx, 0))
}

// reconnect closes the connection of a device, whose client comes back on some node.
func (l *clusterLedger) reconnect() {
	key, d, c := l.viewing()
	if d == nil || l.heirs[d] != nil {
		return
	}
	ref := c.ref(d.account)
	for _, other := range l.w.looks.at(d.account, ref) {
		c.prove(other)
	}
	d.end(chat.EndedAtOnce)
	l.w.clock.advance(time.Second)
	l.node().connect(d.account, key[len(d.account)+1:], d)
	same(l.t, "it looks again", d.presence.LooksAt(d.Viewer, ref), true)
	d.inherited = true
}

func (l *clusterLedger) keepProven() {
	for _, n := range l.nodes.all {
		ok(l.t, n.KeepProven(l.nodes.ctx))
	}
}

// missed lets a node read from the database where the others' viewers look.
func (l *clusterLedger) missed() {
	l.keepProven()
	n := l.node()
	n.Missed()
}

// kill ends a node. Half of the clients come to other nodes; what was read for the rest
// and is not certain is unread again.
func (l *clusterLedger) kill() {
	l.keepProven()
	n := l.node()
	l.nodes.kill(n)
	l.nodes.join(ledgerOptions)
	l.w.clock.advance(time.Second)
	late := rapid.Bool().Draw(l.t, "noticed late")
	if !late {
		l.declare()
	}
	var lost []*device
	for _, key := range sortedKeys(l.w.looks.devices) {
		d := l.w.looks.devices[key]
		if heir := l.heirs[d]; heir != nil && heir.node == n {
			delete(l.heirs, d)
		}
		if d.node != n {
			continue
		}
		c := l.viewed(d)
		heir := l.heirs[d]
		delete(l.heirs, d)
		switch {
		case c == nil && heir == nil:
			delete(l.w.looks.devices, key)
			continue
		case c == nil:
			l.w.looks.devices[key] = heir
			continue
		case heir == nil && rapid.Bool().Draw(l.t, "comes back"):
			heir = l.node().connect(d.account, key[len(d.account)+1:], nil)
		}
		if heir == nil {
			delete(l.w.looks.devices, key)
			lost = append(lost, d)
			continue
		}
		l.w.looks.devices[key] = heir
		heir.inherited = true
		c.comeBack(d)
	}
	if late {
		l.declare()
	}
	for _, d := range l.w.looks.devices {
		if d.inherited && !d.presence.Settled(d.Viewer) {
			l.t.Errorf("%s did not get the chat of a node that is gone", d.account)
		}
	}
	l.forgetLost()
	for _, d := range lost {
		for _, c := range l.chatsOf(d.account) {
			c.lose(d, l.w.looks.at(d.account, c.ref(d.account)))
		}
	}
}

// comeBack keeps what was read because of a device whose node was killed.
func (c *naiveChat) comeBack(d *device) {
	for _, m := range c.messages {
		if r := m.readOf(d.account); r.devices[d] {
			delete(r.devices, d)
			r.certain = r.certain || len(r.devices) == 0
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// cluster is a world whose first node is that of the world.
type cluster struct {
	*world
	*nodes
}

func newCluster(t *testing.T, server *postgres.Server, count int, change ...func(*chat.Options)) *cluster {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}, events: &recorder{}}
	ns := newNodes(t, server.Create(t), w.clock, w.events)
	t.Cleanup(ns.close)
	for range count {
		ns.join(change...)
	}
	w.Service, w.store = ns.all[0].Service, ns.all[0].store
	w.people()
	w.events.take()
	return &cluster{w, ns}
}

// look connects a device of bob to a node, where it looks at the chat with alice.
func (c *cluster) look(n *node, name string) *device {
	c.world.t.Helper()
	d := n.connect(bob, name, nil)
	_, found, err := n.LookAt(c.world.ctx, d.Viewer, sessionOf(bob, name), string(alice))
	ok(c.world.t, err)
	same(c.world.t, "found", found, true)
	return d
}

// Requirements 1, 2 and 4 of Presence with the sender on another node than the viewers.
func TestReadsForViewersOfOtherNodes(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 3)
	a, b, third := c.all[0], c.all[1], c.all[2]
	phone := c.look(b, "phone")
	same(t, "before", c.unread(bob), nil)
	c.say(alice, bob, "one")
	same(t, "read on arrival", c.unread(bob), nil)
	c.deliver()
	phone.signs++
	c.say(alice, bob, "two")
	c.world.events.take()
	phone.end(chat.EndedLate)
	c.happened("unread again bob alice 1")
	same(t, "the connection was dead", c.unread(bob), map[string]int64{"alice": 1})
	c.say(alice, bob, "three")
	same(t, "nobody looks", c.unread(bob), map[string]int64{"alice": 2})

	phone, desk := c.look(b, "phone"), c.look(third, "desk")
	c.say(alice, bob, "four")
	phone.end(chat.EndedLate)
	same(t, "another node has a viewer", c.unread(bob), nil)
	desk.end(chat.EndedLate)
	same(t, "that one was dead, too", c.unread(bob), map[string]int64{"alice": 3})
	ok(t, a.ClearUnread(c.world.ctx, by(bob), user(alice)))
	phone = c.look(b, "phone")
	c.say(alice, bob, "five")
	ok(t, third.ClearUnread(c.world.ctx, by(bob), user(alice)))
	phone.end(chat.EndedLate)
	same(t, "read on a third node", c.unread(bob), nil)
}

// Requirement 2 of Presence, where nodes have missed events and so do not know which reads were made: the desk began to
// look after the message, and has seen it.
func TestReadsBeforeAnotherViewerLooked(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for name, tt := range map[string]struct {
		desk int // its node
		lose func(*cluster, *device)
	}{
		"same node":          {1, func(_ *cluster, phone *device) { phone.end(chat.EndedLate) }},
		"another node":       {2, func(_ *cluster, phone *device) { phone.end(chat.EndedLate) }},
		"another node, kill": {2, func(c *cluster, phone *device) { c.kill(phone.node) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, server, 3)
			phone := c.look(c.all[1], "phone")
			c.say(alice, bob, "one")
			desk := c.look(c.all[tt.desk], "desk")
			for _, n := range c.all {
				n.Missed()
			}
			tt.lose(c, phone)
			c.deliver()
			for range 2 {
				ok(t, c.ForgetLost(c.world.ctx, 0))
				c.world.clock.advance(time.Second)
			}
			same(t, "the desk looks", c.unread(bob), nil)
			desk.end(chat.EndedLate)
			same(t, "the desk was dead later", c.unread(bob), nil)
		})
	}
}

// A sign of life from before the message was sent to the client proves nothing, although
// the node knew of the read.
func TestSignOfLifeBeforeTheMessageIsDelivered(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for name, signs := range map[string][2]int{"before": {1, 0}, "after": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, server, 2)
			phone := c.look(c.all[1], "phone")
			c.say(alice, bob, "hello")
			ok(t, c.all[1].KeepProven(c.world.ctx))
			ok(t, c.all[1].ClearUnread(c.world.ctx, by(alice), user(bob))) // the node hears of the read
			phone.signs += uint64(signs[0])
			c.deliver()
			phone.signs += uint64(signs[1])
			phone.end(chat.EndedLate)
			want := map[string]int64{"alice": 1}
			if name == "after" {
				want = nil
			}
			same(t, "unread", c.unread(bob), want)
		})
	}
}

// A client comes to another node, and shows the same chat without saying so again.
func TestClientComesToAnotherNode(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for name, tt := range map[string]struct {
		end   func(*cluster, *device) // of the first connection
		early bool                    // the client is back before
		want  map[string]int64        // when it does not come
	}{
		"connection closed":       {end: func(_ *cluster, d *device) { d.end(chat.EndedAtOnce) }},
		"found dead":              {end: func(_ *cluster, d *device) { d.end(chat.EndedLate) }, want: map[string]int64{"alice": 1}},
		"found dead, client back": {end: func(_ *cluster, d *device) { d.end(chat.EndedLate) }, early: true},
		"node stopped":            {end: func(_ *cluster, d *device) { d.end(chat.EndedShutdown) }, want: map[string]int64{"alice": 1}},
		"node killed": {end: func(c *cluster, d *device) {
			c.kill(d.node)
			ok(t, c.ForgetLost(c.world.ctx, time.Minute))
		}, want: map[string]int64{"alice": 1}},
		"node killed, client back": {end: func(c *cluster, d *device) {
			c.kill(d.node)
			ok(t, c.ForgetLost(c.world.ctx, time.Minute))
		}, early: true},
	} {
		for _, comes := range []bool{true, false} {
			if tt.early && !comes {
				continue
			}
			t.Run(fmt.Sprintf("%s, comes back %t", name, comes), func(t *testing.T) {
				c := newCluster(t, server, 3)
				lost := c.look(c.all[1], "phone")
				c.say(alice, bob, "one")
				c.deliver()
				c.world.clock.advance(time.Second)
				var back *device
				if tt.early {
					back = c.all[1+1].connect(bob, "phone", nil)
					c.say(alice, bob, "two")
				}
				tt.end(c, lost)
				c.deliver()
				if comes && !tt.early {
					c.world.clock.advance(59 * time.Second)
					back = c.all[len(c.all)-1].connect(bob, "phone", nil)
				}
				c.world.clock.advance(time.Minute + time.Second)
				ok(t, c.ForgetLost(c.world.ctx, time.Minute))
				if !comes {
					same(t, "unread", c.unread(bob), tt.want)
					c.say(alice, bob, "nobody looks")
					same(t, "stored", len(must(c.CurrentChats(c.world.ctx, 9))(t)), 0)
					back = c.all[0].connect(bob, "phone", nil)
					same(t, "too late", back.presence.LooksAt(back.Viewer, user(alice)), false)
					return
				}
				if tt.want == nil || name != "found dead" {
					same(t, "unread", c.unread(bob), nil)
				}
				same(t, "it looks", back.presence.LooksAt(back.Viewer, user(alice)), true)
				ok(t, c.ClearUnread(c.world.ctx, by(bob), user(alice)))
				c.say(alice, bob, "it looks at the chat")
				same(t, "then", c.unread(bob), nil)
				back.end(chat.EndedLate)
				same(t, "it was dead", c.unread(bob), map[string]int64{"alice": 1})
			})
		}
	}
}

// A socket that waits on the node that is gone does not take over the current chat of another one there, although the
// node that finds it gone has not heard of that yet.
func TestHeirOnAGoneNode(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 2)
	c.look(c.all[0], "desk") // the node reads who looks at what
	c.look(c.all[1], "phone")
	c.world.clock.advance(time.Second)
	c.all[1].connect(bob, "phone", nil)
	c.kill(c.all[1])
	c.world.clock.advance(time.Second)
	ok(t, c.ForgetLost(c.world.ctx, time.Minute))
	back := c.all[0].connect(bob, "phone", nil)
	same(t, "the next one looks", back.presence.LooksAt(back.Viewer, user(alice)), true)
}

// A closed window is not a lost client: the other window of the session keeps its own chat.
func TestClosedWindowOnAnotherNode(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 2)
	first := c.look(c.all[0], "phone")
	c.world.clock.advance(time.Second)
	other := c.all[1].connect(bob, "phone", nil)
	c.world.clock.advance(time.Second)
	first.end(chat.EndedAtOnce)
	c.deliver()
	same(t, "the other window looks", other.presence.LooksAt(other.Viewer, user(alice)), false)
	c.say(alice, bob, "hello")
	same(t, "unread", c.unread(bob), map[string]int64{"alice": 1})
	next := c.all[1].connect(bob, "phone", nil)
	same(t, "the next one looks", next.presence.LooksAt(next.Viewer, user(alice)), true)
}

// A socket that waits and a lost one that hands over to it end in any order, and nothing remains.
func TestHeirThatHasEnded(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for _, heirFirst := range []bool{true, false} {
		c := newCluster(t, server, 2)
		first := c.look(c.all[0], "phone")
		c.world.clock.advance(time.Second)
		heir := c.all[1].connect(bob, "phone", nil)
		ends := []*device{first, heir}
		if heirFirst {
			slices.Reverse(ends)
		}
		for _, d := range ends {
			d.end(chat.EndedLate)
		}
		for _, n := range c.all {
			ok(t, n.KeepProven(c.world.ctx))
		}
		c.say(alice, bob, "hello")
		same(t, "unread", c.unread(bob), map[string]int64{"alice": 1})
		c.world.clock.advance(window + time.Second)
		ok(t, c.ForgetLost(c.world.ctx, window))
		same(t, "stored", len(must(c.CurrentChats(c.world.ctx, 9))(t)), 0)
	}
}

// A node delivers the loss of a viewer, whose heir it has, before it takes in an earlier move of that viewer at the begin of
// its next transaction. The heir then lost the current chat that it had taken over. The random ledger found it.
func TestHeirOfAViewerThatHadMoved(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 3)
	first := c.look(c.all[0], "phone")
	c.world.clock.advance(time.Second)
	heir := c.all[1].connect(bob, "phone", nil)
	first.signs++
	g := must(c.CreateGroup(c.world.ctx, host, chat.NewGroup{Name: "team", IsPost: true, Creator: alice, Members: []chat.AccountID{bob, carol}}))(t)
	_, _, err := c.all[0].LookAt(c.world.ctx, first.Viewer, sessionOf(bob, "phone"), string(g.ID))
	ok(t, err)
	first.end(chat.EndedLate)
	c.deliver()
	same(t, "the heir looks", heir.presence.LooksAt(heir.Viewer, group(g.ID)), true)
	must(c.all[1].SendMessage(c.world.ctx, by(alice), carol, text("the next transaction of its node")))(t)
	c.deliver()
	same(t, "it still looks", heir.presence.LooksAt(heir.Viewer, group(g.ID)), true)
	heir.end(chat.EndedAtOnce)
	c.world.clock.advance(time.Second)
	next := c.all[2].connect(bob, "phone", nil)
	same(t, "the next one looks", next.presence.LooksAt(next.Viewer, group(g.ID)), true)
}

// A database that was away when a connection ended hears of it later.
func TestEndOfAViewerIsToldAgain(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 2)
	phone := c.look(c.all[1], "phone")
	c.say(alice, bob, "hello")
	away, cancel := context.WithCancel(c.world.ctx)
	cancel()
	if err := c.all[1].EndViewer(away, phone.Viewer, chat.Ending{Why: chat.EndedLate, At: c.world.clock.Now(), Window: window}); err == nil {
		t.Fatal("got no error of a cancelled context")
	}
	phone.presence.Leave(phone.Viewer)
	same(t, "before", c.unread(bob), nil)
	ok(t, c.all[1].KeepProven(c.world.ctx))
	same(t, "afterwards", c.unread(bob), map[string]int64{"alice": 1})
}

func TestShakesOnSeveralNodes(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 2)
	ok(t, c.all[0].Shake(c.world.ctx, by(alice), bob))
	refused(t, "on another node", c.all[1].Shake(c.world.ctx, by(alice), bob), "too many requests")
	c.world.clock.advance(3 * time.Second)
	ok(t, c.all[1].Shake(c.world.ctx, by(alice), bob))
	refused(t, "and back", c.all[0].Shake(c.world.ctx, by(alice), bob), "too many requests")
}

// The node of a writer knows whether somebody looks at the chat on another node.
func TestTypingOnSeveralNodes(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	p := &passed{}
	c := newCluster(t, server, 2, func(o *chat.Options) { o.Pass = p.pass })
	one, two := c.all[0], c.all[1]
	phone := c.look(two, "phone")
	c.say(alice, bob, "one") // the first node takes in what the second one has committed
	ok(t, one.TellTyping(c.world.ctx, by(alice), user(bob)))
	same(t, "told", p.take(), []string{"Alice types in alice and bob to bob for 6s, elsewhere"})
	ok(t, two.TellTyping(c.world.ctx, by(alice), user(bob)))
	same(t, "the other node has not heard of it", p.take(), []string{"Alice types in alice and bob to bob for 6s"})
	phone.end(chat.EndedInOrder)
	c.world.clock.advance(3 * time.Second)
	c.say(alice, bob, "two")
	ok(t, one.TellTyping(c.world.ctx, by(alice), user(bob)))
	same(t, "nobody looks", p.take(), []string(nil))
}

// together calls do on all nodes at the same moment.
func (c *cluster) together(do func(i int, n *node) error) []error {
	errs := make([]error, len(c.all))
	var ready, wg sync.WaitGroup
	ready.Add(len(c.all))
	for i, n := range c.all {
		wg.Go(func() {
			ready.Done()
			ready.Wait()
			errs[i] = do(i, n)
		})
	}
	wg.Wait()
	return errs
}

// accepted checks that one call was accepted and that all others were refused.
func accepted(t *testing.T, what string, errs []error, refusal string) {
	t.Helper()
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
			continue
		}
		refused(t, what, err, refusal)
	}
	same(t, what+": accepted", n, 1)
}

// Requests that reach two nodes at the same moment have one outcome, as on one node.
func TestAtTheSameMoment(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	c := newCluster(t, server, 3, func(o *chat.Options) { o.MaxTop = 1 })
	ctx := c.world.ctx

	for _, err := range c.together(func(i int, n *node) error {
		from, to := alice, bob
		if i == 1 {
			from, to = bob, alice
		}
		_, err := n.SendMessage(ctx, by(from), to, text("first"))
		return err
	}) {
		ok(t, err)
	}
	same(t, "first messages of a chat", c.read(alice, user(bob)), []string{"first", "first", "first"})
	same(t, "for the other one", c.read(bob, user(alice)), []string{"first", "first", "first"})

	ids := make([]chat.MessageID, len(c.all))
	for _, err := range c.together(func(i int, n *node) error {
		draft := text("once")
		draft.WaitingID = "w"
		r, err := n.SendMessage(ctx, by(alice), bob, draft)
		ids[i] = r.Message.ID
		return err
	}) {
		ok(t, err)
	}
	same(t, "ids of one message", ids, []chat.MessageID{ids[0], ids[0], ids[0]})

	c.say(alice, carol, "hello")
	g := must(c.CreateGroup(ctx, host, chat.NewGroup{Name: "team", IsPost: true, Creator: alice, Members: []chat.AccountID{bob, carol}}))(t)
	places := []chat.ChatRef{user(bob), user(carol), group(g.ID)}
	errs := c.together(func(i int, n *node) error { return n.SetSticky(ctx, by(alice), places[i], true) })
	accepted(t, "last sticky place", errs, "invalid payload: isTop must not be set for more than 1 chats")

	errs = c.together(func(_ int, n *node) error { return n.Shake(ctx, by(carol), alice) })
	accepted(t, "shake", errs, "too many requests")

	removedAt := 0
	errs = c.together(func(i int, n *node) error {
		if i == 0 {
			return n.RemoveGroupMember(ctx, by(alice), g.ID, bob)
		}
		_, err := n.SendGroupMessage(ctx, by(bob), g.ID, text("still here"))
		return err
	})
	ok(t, errs[0])
	said := 0
	for _, err := range errs[1:] {
		if err != nil {
			refused(t, "message of a removed member", err, "removeit")
			continue
		}
		said++
	}
	log := c.read(alice, group(g.ID))
	for i, line := range log {
		if line == "still here" {
			said--
		} else {
			removedAt = i
		}
	}
	same(t, "messages of the removed member that are missing", said, 0)
	same(t, "place of the removal", removedAt, len(log)-1)

	mark := func(n *node) error {
		marked := chat.WithReplay(ctx, chat.ReplayMark{App: "web", Key: "k", Answer: func(any) (int, []byte, error) { return 201, nil, nil }})
		_, err := n.CreateOrganization(marked, chat.Organization{Name: "Once"})
		return err
	}
	before := len(must(c.Organizations(ctx, "", 100))(t))
	accepted(t, "request with an idempotency key", c.together(func(_ int, n *node) error { return mark(n) }), chat.ErrConflict.Error())
	same(t, "organizations", len(must(c.Organizations(ctx, "", 100))(t)), before+1)

	token, _, err := c.IssueToken(ctx, chat.NewToken{Account: carol})
	ok(t, err)
	no := false
	errs = c.together(func(i int, n *node) error {
		if i == 0 {
			_, err := n.UpdateAccount(ctx, carol, chat.AccountPatch{Active: &no})
			return err
		}
		_, err := n.Authenticate(ctx, token, "web-key")
		return err
	})
	ok(t, errs[0])
	for _, n := range c.all {
		if _, err := n.Authenticate(ctx, token, "web-key"); err == nil {
			t.Errorf("%#v lets a deactivated account log in", n)
		}
	}
	report := must(store.Verify(ctx, c.world.store))(t)
	if !report.OK() {
		t.Errorf("Verify:\n%v", report)
	}
}
