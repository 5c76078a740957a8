package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/bus"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/delivery"
	"parley/internal/store"
	"parley/socketio"
)

// cluster makes this process one node of several. It publishes the commits of this node,
// delivers those of all nodes in one order, and records that this node runs.
//
// A node that cannot know what it misses is cut off: it is not ready, refuses handshakes,
// and closes its clients, which connect to another node and catch up as after any lost
// connection. It returns by itself, as a new node: under another name, with the present
// commit as its first.
type cluster struct {
	config config.Config
	log    *slog.Logger
	name   string // of this process

	store    *store.Store
	rules    atomic.Pointer[chat.Service] // nil until there are some
	hub      *delivery.Hub
	io       *socketio.Server
	bus      bus.Bus
	follower *bus.Follower
	outbox   atomic.Pointer[bus.Outbox] // nil until the bus is connected
	address  string                     // at which the other nodes reach this one; empty: they cannot
	found    func(addresses map[string]string)
	heed     func([]chat.Event) // before events are delivered

	database, line check // whether the database and the bus answer
	checks         sync.WaitGroup
	gone           atomic.Bool // the others have declared this node gone
	leads          atomic.Bool
	missed         atomic.Pointer[error]
	wake           chan struct{} // has an element if something has changed

	// changing ends when this node is about to stop.
	changing context.Context
	stop     context.CancelFunc
	pruned   time.Time

	mu      sync.Mutex
	id      string // of this node; a node that returns has a new one
	returns int
	reason  string // why the node is cut off; empty: it is not
	since   time.Time
	closed  bool // the clients of a node that is cut off are closed
	leaving bool
	cuts    map[string]uint64 // by reason
}

// The reasons why a node is cut off.
const (
	cutBus      = "bus"
	cutDatabase = "database"
	cutGone     = "gone"
	cutBehind   = "behind"
)

var cutReasons = []string{cutBus, cutDatabase, cutGone, cutBehind}

// why is a reason in words.
var why = map[string]string{
	cutBus:      "the bus cannot be reached",
	cutDatabase: "the database cannot be reached",
	cutGone:     "the other nodes have declared this node gone",
	cutBehind:   "this node has missed commits of other nodes",
}

// newCluster returns nil unless this process is one of several.
func newCluster(c config.Config, log *slog.Logger) *cluster {
	if c.Bus == "" {
		return nil
	}
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	k := &cluster{config: c, log: log, name: hex.EncodeToString(b[:]), wake: make(chan struct{}, 1), cuts: map[string]uint64{}}
	k.id = k.name
	k.changing, k.stop = context.WithCancel(context.Background())
	k.follower = bus.NewFollower(bus.FollowerOptions{
		Deliver: func(events []chat.Event) {
			k.heed(events)
			k.hub.Publish(events)
		},
		Missed: k.miss,
		Logger: log,
	}, commitLog{k})
	return k
}

// forwardBy makes the node the one that the private listener of s belongs to.
func (k *cluster) forwardBy(s *Server) {
	if name, address := s.Node(); name != "" {
		k.name, k.id, k.address = name, name, address
	}
	k.found = s.SetNodes
	if s.forwarding != nil {
		// A node that has just joined is found at its first request.
		s.forwarding.peers.Read = k.readNodes
	}
}

// storeOptions makes the store one of several.
func (k *cluster) storeOptions(o *store.Options) {
	o.Alone, o.Publish = false, nil
	o.Node, o.Encode, o.Decode, o.Logged = k.id, bus.Encode, bus.Decode, k.committed
	// These run on the committing goroutine. There is nothing to do before the rules exist.
	o.Before = func(events []chat.Event) {
		if rules := k.rules.Load(); rules != nil {
			rules.Before(events)
		}
	}
	o.Missed = func() {
		if rules := k.rules.Load(); rules != nil {
			rules.Missed()
		}
	}
}

// know tells the rules that this is one node of several. They have committed nothing before.
func (k *cluster) know(rules *chat.Service, hub *delivery.Hub, io *socketio.Server, heed func([]chat.Event)) {
	k.hub, k.io, k.heed = hub, io, heed
	hub.Presence().JoinCluster(k.id)
	k.rules.Store(rules)
}

// committed runs on the committing goroutine and never blocks.
func (k *cluster) committed(c store.Commit) {
	if rules := k.rules.Load(); rules != nil {
		rules.Committed(c.Events)
	}
	k.follower.Own(bus.Commit(c))
	if outbox := k.outbox.Load(); outbox != nil {
		outbox.Add(bus.Commit(c))
	}
}

// Hear implements [bus.Listener].
func (k *cluster) Hear(m bus.Message) {
	if m.Number > 0 {
		k.follower.Hear(m)
		return
	}
	rules := k.rules.Load()
	if rules == nil {
		return
	}
	events, err := bus.Decode(m.Body)
	if err != nil {
		k.log.Debug("events of another node not read", "node", m.Node, "error", err)
		return
	}
	rules.Overhear(events)
	k.hub.Pass(events)
}

// pass tells the other nodes of an event that is in no commit. It never blocks.
func (k *cluster) pass(e chat.Event) {
	outbox := k.outbox.Load()
	if outbox == nil {
		return
	}
	body, err := bus.Encode([]chat.Event{e})
	if err != nil {
		k.log.Error("event not passed to the other nodes", "error", err)
		return
	}
	outbox.Pass(bus.Message{Commit: bus.Commit{Node: k.name, At: time.Now(), Body: body}})
}

// Interrupted implements [bus.Listener]. This node and the others may have missed events of
// each other.
func (k *cluster) Interrupted() {
	k.follower.Interrupted()
	if outbox := k.outbox.Load(); outbox != nil {
		outbox.Bell()
	}
}

// commitLog is the log of commits for the follower.
type commitLog struct{ *cluster }

// LastCommit implements [bus.Log].
func (l commitLog) LastCommit(ctx context.Context) (int64, error) { return l.store.LastCommit(ctx) }

// CommitsAfter implements [bus.Log].
func (l commitLog) CommitsAfter(ctx context.Context, number int64, limit int) ([]bus.Commit, error) {
	found, err := l.store.CommitsAfter(ctx, number, limit)
	if err != nil && !errors.Is(err, store.ErrNotLogged) {
		return nil, err
	}
	commits := make([]bus.Commit, len(found))
	for i, c := range found {
		commits[i] = bus.Commit(c)
	}
	return commits, nil
}

// connect connects the bus. It is called before the first commit that concerns other nodes.
func (k *cluster) connect(ctx context.Context, st *store.Store) error {
	k.store = st
	id, err := st.DatabaseID(ctx)
	if err != nil {
		return fmt.Errorf("the id of the database cannot be read: %w", err)
	}
	n := k.config.NATS
	line, err := bus.DialNATS(ctx, bus.NATSOptions{
		URLs: k.config.Bus.URLs(), Subject: "parley." + id + ".commits", Name: "parley " + k.name,
		CredentialsFile: n.Creds, NKeyFile: n.NKey, CAFile: n.TLSCA, CertFile: n.TLSCert, KeyFile: n.TLSKey,
		Silence: k.config.Cluster.LostTimeout * 2 / 5, Listener: k, Logger: k.log,
	})
	if err != nil {
		return err
	}
	k.bus = line
	k.outbox.Store(bus.NewOutbox(k.bus))
	return nil
}

// begin makes this process a node, before it serves.
func (k *cluster) begin(ctx context.Context) error {
	if err := k.join(ctx); err != nil {
		return fmt.Errorf("this node cannot join the others: %w", err)
	}
	k.database.good(time.Now())
	k.line.good(time.Now())
	// A request of a client of another node may be the first one.
	nodes, err := k.store.Nodes(ctx)
	if err != nil {
		return fmt.Errorf("the other nodes cannot be read: %w", err)
	}
	k.found(addressesOf(nodes))
	return k.follower.Begin(ctx)
}

// readNodes returns the addresses of all nodes at present.
func (k *cluster) readNodes(ctx context.Context) (map[string]string, error) {
	nodes, err := k.store.Nodes(ctx)
	return addressesOf(nodes), err
}

func (k *cluster) join(ctx context.Context) error {
	k.mu.Lock()
	id := k.id
	k.mu.Unlock()
	return k.store.Join(ctx, store.NodeInfo{ID: id, Address: k.address, Version: Version()})
}

// check asks again and again whether something answers.
type check struct {
	running atomic.Bool
	last    atomic.Pointer[time.Time] // when the last answered question was asked
	failing atomic.Pointer[error]
}

// good records the answer to a question that was asked at a time.
func (c *check) good(at time.Time) {
	if last := c.last.Load(); last == nil || at.After(*last) {
		c.last.Store(&at)
	}
	c.failing.Store(nil)
}

// silent returns how long there has been no answer.
func (c *check) silent() time.Duration { return time.Since(*c.last.Load()) }

// err returns the error of the last failed check.
func (c *check) err() error {
	if err := c.failing.Load(); err != nil {
		return *err
	}
	return context.DeadlineExceeded
}

// ask asks in a goroutine of its own, one at a time, because the answer may never come.
func (k *cluster) ask(c *check, question func(context.Context) error) {
	if c.running.Swap(true) {
		return
	}
	k.checks.Go(func() {
		defer k.signal()
		defer c.running.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), k.config.Cluster.LostTimeout)
		defer cancel()
		began := time.Now()
		if err := question(ctx); err != nil {
			c.failing.Store(&err)
		} else {
			c.good(began)
		}
	})
}

func (k *cluster) signal() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// miss records that events cannot be delivered.
func (k *cluster) miss(err error) {
	k.missed.Store(&err)
	k.signal()
}

// beat is the time between two signs of life.
func (k *cluster) beat() time.Duration { return min(k.config.Cluster.LostTimeout/5, time.Second) }

// watch records that this node runs, cuts it off and lets it return, until ctx ends.
func (k *cluster) watch(ctx context.Context) {
	defer k.checks.Wait()
	every := time.NewTicker(k.beat())
	defer every.Stop()
	for {
		select {
		case <-every.C:
			k.ask(&k.database, k.live)
			k.ask(&k.line, k.bus.Check)
		case <-k.wake:
		case <-ctx.Done():
			return
		}
		if k.changing.Err() == nil {
			k.decide()
		}
	}
}

// live records that this node runs, and does the leader's work if this node leads.
func (k *cluster) live(ctx context.Context) error {
	k.mu.Lock()
	id := k.id
	k.mu.Unlock()
	figures, err := json.Marshal(figuresOf(k.hub, k.store))
	if err != nil {
		return err
	}
	if err := k.store.Beat(ctx, string(figures)); err != nil {
		if errors.Is(err, store.ErrNodeGone) {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.id == id { // the node may have left and joined again meanwhile
				k.gone.Store(true)
			}
			return nil // the database answers
		}
		return err
	}
	nodes, err := k.store.Nodes(ctx)
	if err != nil {
		return err
	}
	k.found(addressesOf(nodes))
	leads, err := k.store.Lead(ctx)
	k.leads.Store(leads)
	if err != nil || !leads {
		return err
	}
	silent, err := k.store.RemoveSilent(ctx, 2*k.config.Cluster.LostTimeout)
	if err != nil {
		return err
	}
	for _, n := range silent {
		k.log.Warn("a node was silent and is declared gone", "node", n.ID, "address", n.Address)
	}
	if time.Since(k.pruned) < min(time.Minute, k.config.Cluster.LogKeep/2) {
		return nil
	}
	if _, err = k.store.PruneCommits(ctx, k.config.Cluster.LogKeep); err == nil {
		k.pruned = time.Now()
	}
	return err
}

// addressesOf returns the addresses of nodes by the names of their processes. The ids of
// sessions begin with the name, which does not change when the node returns with a new id.
func addressesOf(nodes []store.NodeInfo) map[string]string {
	addresses := make(map[string]string, len(nodes))
	for _, n := range nodes {
		name, _, _ := strings.Cut(n.ID, "-")
		if n.Address != "" {
			addresses[name] = n.Address
		}
	}
	return addresses
}

// ill returns the reason why this node cannot serve. A node that is cut off returns only after an answer to a question of
// the last half of the timeout: an answer to an older one would let it return and cut it off again before the next answer.
func (k *cluster) ill() (reason string, err error) {
	lost := k.config.Cluster.LostTimeout
	if k.Cut() != "" {
		lost /= 2
	}
	since, stalled := k.follower.Stalled()
	switch missed := k.missed.Load(); {
	case k.database.silent() > lost:
		return cutDatabase, k.database.err()
	case k.line.silent() > lost:
		return cutBus, k.line.err()
	case k.gone.Load():
		return cutGone, store.ErrNodeGone
	case missed != nil:
		return cutBehind, *missed
	case stalled && time.Since(since) > lost:
		return cutBehind, fmt.Errorf("no commit of another node could be read for %s", time.Since(since).Round(time.Millisecond))
	}
	return "", nil
}

// decide cuts this node off or lets it return.
func (k *cluster) decide() {
	reason, err := k.ill()
	if k.Cut() == "" {
		if reason == "" {
			return
		}
		k.cutOff(reason, err)
	}
	if !k.close() {
		return
	}
	// These need no waiting: the node returns as another one, at the present commit.
	if reason == "" || reason == cutGone || reason == cutBehind {
		k.comeBack()
	}
}

// Cut returns why this node is cut off; empty: it is not.
func (k *cluster) Cut() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reason
}

func (k *cluster) cutOff(reason string, err error) {
	level := slog.LevelError
	if reason == cutDatabase {
		err, level = k.store.Unanswered(time.Now(), err), slog.LevelWarn // the store has logged the error
	}
	k.mu.Lock()
	k.reason, k.since, k.closed = reason, time.Now(), false
	k.cuts[reason]++
	k.mu.Unlock()
	k.io.StopAccepting()
	k.log.Log(context.Background(), level, "this node is cut off and closes its clients", "reason", why[reason], "error", err)
}

// close closes the clients of a node that is cut off, and reports whether that is done.
func (k *cluster) close() bool {
	k.mu.Lock()
	closed := k.closed
	k.mu.Unlock()
	if closed {
		return true
	}
	ctx, cancel := context.WithTimeout(k.changing, k.config.Cluster.LostTimeout)
	defer cancel()
	if err := k.io.CloseConnections(ctx); err != nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	return true
}

// comeBack lets a node without clients serve again.
//
//  1. It leaves, and joins under another name. The other nodes forget its clients.
//  2. It continues after the present commit. Nothing earlier is delivered after that, and the
//     hub forgets what may have changed in between.
//  3. Clients that come then read the database as it is after that commit.
func (k *cluster) comeBack() {
	ctx, cancel := context.WithTimeout(k.changing, k.config.Cluster.LostTimeout)
	defer cancel()
	began := time.Now()
	if err := k.rejoin(ctx); err != nil {
		k.log.Warn("this node cannot join the others again", "error", err)
		return
	}
	k.database.good(began) // rejoin has asked it
	k.missed.Store(nil)
	if err := errors.Join(k.follower.Begin(ctx), k.hub.Missed(ctx)); err != nil {
		k.log.Warn("this node cannot follow the commits of the others", "error", err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.leaving {
		return
	}
	k.log.Info("this node serves again", "node", k.id, "after", time.Since(k.since).Round(time.Millisecond).String())
	k.reason = ""
	k.io.ResumeAccepting()
}

func (k *cluster) rejoin(ctx context.Context) error {
	if err := k.store.Leave(ctx); err != nil && !errors.Is(err, store.ErrNodeGone) {
		return err
	}
	k.mu.Lock()
	k.returns++
	k.id = fmt.Sprintf("%s-%d", k.name, k.returns)
	id := k.id
	k.mu.Unlock()
	k.hub.Presence().JoinCluster(id) // all its sockets have ended
	if err := k.join(ctx); err != nil {
		return err
	}
	k.gone.Store(false)
	return nil
}

// drain ends the changes of whether the node serves. The node continues to record that it runs.
func (k *cluster) drain() {
	k.mu.Lock()
	k.leaving = true
	k.mu.Unlock()
	k.stop()
}

// leave tells the others, after all its commits, that this node ends.
func (k *cluster) leave(ctx context.Context) {
	if err := k.store.Leave(ctx); err != nil && !errors.Is(err, store.ErrNodeGone) {
		k.log.Warn("the other nodes could not be told that this one ends", "error", err)
	}
	if outbox := k.outbox.Load(); outbox != nil {
		if err := outbox.Close(ctx); err != nil {
			k.log.Warn("not every commit was published", "error", err)
			return
		}
	}
	if err := k.bus.Close(ctx); err != nil {
		k.log.Warn("not every commit was published", "error", err)
	}
}

// end ends at once everything that newCluster and connect have started.
func (k *cluster) end() {
	k.stop()
	k.follower.Close()
	if k.bus == nil {
		return
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = k.bus.Close(over) // again, after leave
	_ = k.outbox.Load().Close(context.Background())
}
