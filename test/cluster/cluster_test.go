package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
	"parley/test/postgres"
)

// Variable names the program nats-server; "make test" installs it and sets it.
const variable = "PARLEY_TEST_NATS"

// start runs three nodes for the test, with more options as NAME=value.
func start(t *testing.T, env ...string) *Cluster {
	t.Helper()
	return startWith(t, func(*Options) {}, env...)
}

func startWith(t *testing.T, change func(*Options), env ...string) *Cluster {
	t.Helper()
	o := Options{
		Parley: os.Getenv("PARLEY_BIN"), NATS: os.Getenv(variable), Postgres: os.Getenv(postgres.Variable), Bare: true, Roam: true,
		// The load is the test. The bounds are short, so that every fault is noticed within the test.
		Env: []string{
			"PARLEY_RATE_SEND=0", "PARLEY_RATE_REQUEST=0", "PARLEY_RATE_LOGIN=0", "PARLEY_CLUSTER_LOST_TIMEOUT=2s", "PARLEY_CLUSTER_DRAIN_SPREAD=1s",
			fmt.Sprint("PARLEY_CHAT_MAX_TOP=", maxTop),
		},
	}
	o.Env = append(o.Env, env...)
	change(&o)
	if o.Parley == "" || o.NATS == "" || o.Postgres == "" {
		t.Skipf("NOT TESTED with several nodes: PARLEY_BIN, %s and %s must be set; make test does that", variable, postgres.Variable)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c, err := Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, n := range c.Nodes {
				t.Logf("%s:\n%s", n.Name, n.Logs())
			}
		}
		c.Close()
	})
	return c
}

// fault is something that goes wrong under load, and is repaired.
type fault struct {
	name string
	do   func(ctx context.Context, c *Cluster) error
}

var faults = []fault{
	{"a node is killed", func(ctx context.Context, c *Cluster) error {
		n := c.any()
		n.Kill()
		pause(ctx, time.Second)
		return n.Start(ctx)
	}},
	{"a node stands still for 10 s", standStill(func() time.Duration { return 10 * time.Second })},
	{"a node is cut off from the bus", cutOff(func() time.Duration { return 3 * time.Second })}, // longer than the bound
	{"NATS is killed", func(ctx context.Context, c *Cluster) error {
		c.StopNATS()
		pause(ctx, time.Second)
		return c.StartNATS()
	}},
	{"PostgreSQL crashes", func(ctx context.Context, c *Cluster) error {
		c.Postgres.Kill(syscall.SIGQUIT)
		pause(ctx, time.Second)
		return c.Postgres.Run()
	}},
	{"all nodes are replaced one after the other", func(ctx context.Context, c *Cluster) error {
		for _, n := range c.Nodes {
			if err := n.Stop(); err != nil {
				return err
			}
			if err := n.Start(ctx); err != nil {
				return err
			}
		}
		return nil
	}},
}

// longFaults are those of a soak alone: in the brief test they would take too long.
var longFaults = []fault{
	{"a node stands still for some time", standStill(func() time.Duration { return time.Duration(1+rand.IntN(10)) * time.Second })},
	{"a node is cut off from the bus for some time", cutOff(func() time.Duration { return time.Duration(1+rand.IntN(5)) * time.Second })},
}

func standStill(long func() time.Duration) func(context.Context, *Cluster) error {
	return func(ctx context.Context, c *Cluster) error {
		n := c.any()
		n.Pause()
		pause(ctx, long())
		n.Continue()
		return n.Ready(ctx)
	}
}

func cutOff(long func() time.Duration) func(context.Context, *Cluster) error {
	return func(ctx context.Context, c *Cluster) error {
		n := c.any()
		n.Bus.Cut()
		pause(ctx, long())
		n.Bus.Mend()
		return n.Ready(ctx)
	}
}

func (c *Cluster) any() *Node { return c.Nodes[rand.IntN(len(c.Nodes))] }

// TestFaults lets people talk through the balancer, and look at chats, while nodes, the bus and the database fail. It checks the
// traffic after each fault, and everything once more at the end.
//
// PARLEY_SOAK, a duration, makes it go on for so long; otherwise every fault but the long ones happens once.
func TestFaults(t *testing.T) {
	c := start(t)
	people := c.talk(t)
	for n, f := range order(t) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		before := people.world.Acknowledged()
		if err := f.do(ctx, c); err != nil {
			t.Fatalf("%d: %s: %v", n, f.name, err)
		}
		after := fmt.Sprintf("%d: after %s", n, f.name)
		people.goOn(ctx, after)
		people.stopTalk()
		people.check(ctx, after, people.world.CheckNew)
		people.startTalk()
		cancel()
		t.Logf("%s: %d messages meanwhile", f.name, people.world.Acknowledged()-before)
	}
	people.finish()
}

// TestUpdate replaces the nodes by those of a later version while people talk, and goes back. The later version is this one
// with the build tag parley_later: what it tells other nodes has events, fields and kinds that this version does not know,
// and it has one more migration.
func TestUpdate(t *testing.T) {
	c := start(t, Patient)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	later := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.CommandContext(ctx, "go", "build", "-tags", "parley_later", "-o", later, "parley/cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	migrate := func(want string, args ...string) {
		t.Helper()
		out, err := exec.CommandContext(ctx, later, append([]string{"migrate", "--database", c.Database}, args...)...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("migrate %q: got %s, %v, want %q", args, out, err, want)
		}
	}
	people := c.talk(t)
	migrate("pending: 00900_later, compatible", "--check")
	migrate("done: 00900_later")
	people.goOn(ctx, "the migration")
	migrate("0 migrations are pending", "--check")
	for _, program := range []string{later, c.options.Parley} {
		for _, n := range c.Nodes {
			n.Program = program
			if err := n.Replace(ctx); err != nil {
				t.Fatal(err)
			}
			people.goOn(ctx, fmt.Sprintf("%s was replaced by %s", n.Name, program))
		}
	}
	people.finish()
	for _, n := range c.Nodes {
		if log := n.Logs(); strings.Contains(log, "level=ERROR") {
			t.Errorf("%s:\n%s", n.Name, log)
		}
	}
}

// traffic is people that talk, devices that only listen, and devices that look at one chat.
type traffic struct {
	t       *testing.T
	cluster *Cluster
	world   *ledger.World
	devices []*device
	readers []*reader

	stopTalking, stopListening context.CancelFunc
	talkers, listeners         sync.WaitGroup
}

// talk lets people talk until the test ends or finish is called.
func (c *Cluster) talk(t *testing.T) *traffic {
	t.Helper()
	p := &traffic{t: t, cluster: c, world: ledger.New()}
	if err := p.world.Populate(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var listening context.Context
	listening, p.stopListening = context.WithCancel(t.Context())
	t.Cleanup(func() {
		p.stopTalk()
		p.stopListening()
		p.listeners.Wait()
	})
	for n, person := range p.world.People {
		d := &device{cluster: c, person: person, chats: p.world.Chats(person), eio: 3 + n%2, transport: []string{"websocket", "polling"}[n/2%2]}
		p.devices = append(p.devices, d)
		p.listeners.Go(func() { d.listen(listening, t) })
	}
	for n, person := range p.world.People[:4] {
		chats := p.world.Chats(person) // the groups are last
		r := &reader{cluster: c, person: person, chat: chats[len(chats)-1-n]}
		p.world.Look(person, r.chat)
		p.readers = append(p.readers, r)
		p.listeners.Go(func() { r.look(listening) })
	}
	p.startTalk()
	return p
}

func (p *traffic) startTalk() {
	var talking context.Context
	talking, p.stopTalking = context.WithCancel(p.t.Context())
	for n, person := range p.world.People {
		p.talkers.Go(func() { talk(talking, p.cluster, person, n) })
	}
}

// stopTalk returns when nobody sends any more.
func (p *traffic) stopTalk() {
	p.stopTalking()
	p.talkers.Wait()
}

// goOn waits until all nodes are ready and the service goes on by itself.
func (p *traffic) goOn(ctx context.Context, after string) {
	p.t.Helper()
	for _, node := range p.cluster.Nodes {
		if err := node.Ready(ctx); err != nil {
			p.t.Fatalf("%s, %s: %v", after, node.Name, err)
		}
	}
	for before := p.world.Acknowledged(); p.world.Acknowledged() < before+100; pause(ctx, 20*time.Millisecond) {
		if ctx.Err() != nil {
			p.t.Fatalf("%s: got %d messages acknowledged, want the service to go on", after, p.world.Acknowledged()-before)
		}
	}
}

// check checks the traffic while nobody talks: package ledger's rules hold, every device has shown every message that it was
// there for once and in order, and what somebody looks at is read.
func (p *traffic) check(ctx context.Context, after string, check func(context.Context, *testing.T, ledger.Server, func(*ledger.Person, ledger.Chat, []ledger.Row))) {
	p.t.Helper()
	p.world.Settle(ctx, p.t, p.cluster)
	for _, r := range p.readers {
		if err := r.hasRead(ctx); err != nil {
			p.t.Error(err)
		}
	}
	check(ctx, p.t, p.cluster, func(person *ledger.Person, c ledger.Chat, rows []ledger.Row) {
		i := slices.Index(p.world.People, person)
		if err := p.devices[i].check(ctx, c, rows); err != nil {
			p.t.Error(err)
		}
	})
	if p.t.Failed() {
		p.t.Fatal(after)
	}
}

// finish ends the talk and checks everything. `parley verify` finds every figure right beside the serving nodes.
func (p *traffic) finish() {
	p.t.Helper()
	p.stopTalk()
	// A long soak leaves many messages, each of which is read for every person.
	ctx, cancel := context.WithTimeout(p.t.Context(), 3*time.Minute+soak(p.t))
	defer cancel()
	p.check(ctx, "at the end", p.world.Check)
	verify := exec.CommandContext(ctx, os.Getenv("PARLEY_BIN"), "verify", "--database", p.cluster.Database, "--data", p.cluster.data())
	if out, err := verify.CombinedOutput(); err != nil {
		p.t.Errorf("verify: %v\n%s", err, out)
	}
	connections, shown := 0, 0
	for _, d := range p.devices {
		c, s := d.figures()
		connections, shown = connections+c, shown+s
	}
	p.t.Logf("%d messages of %d people were acknowledged, and their devices showed %d on %d connections",
		p.world.Acknowledged(), len(p.world.People), shown, connections)
}

// order returns the faults, in random order: each once, or all for as long as PARLEY_SOAK says.
func order(t *testing.T) func(yield func(int, fault) bool) {
	faults, long := faults, soak(t)
	end := time.Now().Add(long)
	if long > 0 {
		faults = slices.Concat(faults, longFaults)
	}
	return func(yield func(int, fault) bool) {
		for n := 0; n == 0 || time.Now().Before(end); {
			for _, i := range rand.Perm(len(faults)) {
				if !yield(n, faults[i]) {
					return
				}
				n++
			}
		}
	}
}

// soak is how long PARLEY_SOAK lets the test go on; 0: it is not set.
func soak(t *testing.T) time.Duration {
	text := os.Getenv("PARLEY_SOAK")
	if text == "" {
		return 0
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return length
}

// talk sends the person's messages, some thirty a second, each until it is acknowledged: a repetition
// usually reaches another node.
func talk(ctx context.Context, c *Cluster, p *ledger.Person, n int) {
	for ctx.Err() == nil {
		opening, cancel := context.WithTimeout(ctx, 5*time.Second)
		client, err := c.Connect(opening, p.Token, 3+n%2, []string{"websocket", "polling"}[n/2%2])
		cancel()
		if err != nil {
			pause(ctx, 50*time.Millisecond)
			continue
		}
		for speak(ctx, client, p) {
			pause(ctx, 30*time.Millisecond)
		}
		client.Close()
	}
}

func speak(ctx context.Context, client *socketiotest.Client, p *ledger.Person) bool {
	sending, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return p.Speak(sending, client)
}

// check compares what the device has shown of a chat with the history, in which everything is.
func (d *device) check(ctx context.Context, chat ledger.Chat, rows []ledger.Row) error {
	var ids []int64
	for _, row := range rows {
		id, err := strconv.ParseInt(row.ID, 10, 64)
		if err != nil {
			return err
		}
		if row.SysType == 0 {
			ids = append(ids, id)
		}
	}
	waiting, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := d.missing(chat, ids)
		if err == nil || waiting.Err() != nil {
			return err
		}
		pause(waiting, 50*time.Millisecond) // it is on its way
	}
}
