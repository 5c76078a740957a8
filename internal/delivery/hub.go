package delivery

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/chat"
	"parley/internal/wire"
	"parley/socketio"
)

// Options are the limits of a hub. A zero field means its default.
type Options struct {
	Encoder wire.Encoder

	// MaxQueued is how many bytes of events may wait for the publisher; 64 MiB.
	MaxQueued int
	// MaxWait is how long [Hub.Publish] may hold up the committing goroutine when
	// the queue is full, before pushes are dropped; 100 ms.
	MaxWait time.Duration
	// MaxBroadcasts is how many deliveries (a push to three sockets is three) may
	// wait in the transport before the publisher waits for it; 1,000,000, some 8 MB.
	MaxBroadcasts int
	// ReadMarks computes read marks; nil: none are pushed.
	ReadMarks ReadMarkSource
	// Availability tells what people may know of each other; nil: nobody is told.
	Availability AvailabilitySource
	// Pass tells the other nodes of an event that is in no commit; nil: there are none. It must not block.
	Pass func(chat.Event)
	// Node is the name of this node for the others.
	Node string
	// PeopleTick is how often changes of who is connected are looked for, and told to the other nodes; 1 s.
	PeopleTick time.Duration
	// Sweep is how often tokens that have expired are looked for; 1 s.
	Sweep time.Duration

	Now    func() time.Time
	Logger *slog.Logger // nil discards
}

func (o *Options) setDefaults() {
	if o.MaxQueued <= 0 {
		o.MaxQueued = 64 << 20
	}
	if o.MaxWait <= 0 {
		o.MaxWait = 100 * time.Millisecond
	}
	if o.MaxBroadcasts <= 0 {
		o.MaxBroadcasts = 1_000_000
	}
	if o.Sweep <= 0 {
		o.Sweep = time.Second
	}
	if o.PeopleTick <= 0 {
		o.PeopleTick = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// GroupSource tells which groups an account is in. It is asked once for every
// account that comes online and must see every commit that has returned.
type GroupSource interface {
	GroupsOf(context.Context, chat.AccountID) ([]chat.GroupSubscription, error)
}

// GroupSourceFunc is a function as a [GroupSource].
type GroupSourceFunc func(context.Context, chat.AccountID) ([]chat.GroupSubscription, error)

// GroupsOf calls f.
func (f GroupSourceFunc) GroupsOf(ctx context.Context, a chat.AccountID) ([]chat.GroupSubscription, error) {
	return f(ctx, a)
}

// ErrClosed is returned by [Hub.Attach] of a closed hub.
var ErrClosed = errors.New("delivery: hub is closed")

// Hub delivers events to the sockets of this node. All methods are safe for
// concurrent use.
type Hub struct {
	opts     Options
	io       *socketio.Server
	ns       *socketio.Namespace
	groups   GroupSource
	queue    queue
	presence *chat.Presence
	marks    *readMarks // nil: none are pushed
	people   *people    // nil: nobody is told who is connected
	stop     chan struct{}
	done     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	accounts map[chat.AccountID]*account // those with a socket
	loading  map[*account]struct{}       // those whose groups are being looked up
	rooms    map[chat.GroupID]*room
	apps     map[chat.AppID]*app
	expiring map[*Client]struct{} // clients whose token ends some day

	// Buffers of the publisher.
	sockets []*socketio.Socket
	leaving []*Client

	logouts   atomic.Uint64
	clients   atomic.Int64
	published atomic.Uint64
	pushes    atomic.Uint64
}

// New starts a hub for the sockets of a namespace. Close stops it.
func New(opts Options, io *socketio.Server, ns *socketio.Namespace, groups GroupSource) *Hub {
	opts.setDefaults()
	h := &Hub{
		opts:     opts,
		io:       io,
		ns:       ns,
		groups:   groups,
		presence: chat.NewPresence(),
		stop:     make(chan struct{}),
		accounts: make(map[chat.AccountID]*account),
		loading:  make(map[*account]struct{}),
		rooms:    make(map[chat.GroupID]*room),
		apps:     make(map[chat.AppID]*app),
		expiring: make(map[*Client]struct{}),
	}
	h.queue.init(opts.MaxQueued, opts.MaxWait)
	h.done.Add(2)
	go h.publisher()
	go h.sweeper()
	if opts.ReadMarks != nil {
		h.marks = newReadMarks(opts.ReadMarks)
		h.done.Add(1)
		go h.tellMarks()
	}
	if opts.Availability != nil {
		h.people = newPeople(opts.Availability, opts.Node)
		h.done.Add(1)
		go h.tellPeople()
	}
	return h
}

// Publish queues durable events, in commit order. It normally does not block. If more than
// Options.MaxQueued is queued, it waits for at most Options.MaxWait, and then drops pushes:
// clients can load the missed data from the store. Events that change groups and log-ins
// are never dropped.
func (h *Hub) Publish(events []chat.Event) {
	if h.queue.put(events) {
		h.opts.Logger.Error("pushes dropped, deliveries cannot keep up", "limit_bytes", h.opts.MaxQueued)
	}
}

// Pass queues events that are in no commit. It never blocks: if more than Options.MaxQueued is queued, they are dropped.
func (h *Hub) Pass(events []chat.Event) { h.queue.offer(events) }

// Close delivers the queued events and returns when the hub's goroutines have ended. It does
// not close the sockets; the transport does that.
func (h *Hub) Close() {
	h.mu.Lock()
	closed := h.closed
	h.closed = true
	h.mu.Unlock()
	if !closed {
		close(h.stop)
		h.queue.close()
	}
	h.done.Wait()
}

// missed is an event of [Hub.Missed].
type missed struct {
	chat.Event
	done chan struct{}
}

// Missed tells the hub that events were lost. It returns when everything that was published
// before is delivered, and when the hub remembers nothing that a lost event may have
// changed. Call it while there are no clients; their groups and settings are looked up anew
// when they come.
func (h *Hub) Missed(ctx context.Context) error {
	e := missed{done: make(chan struct{})}
	h.queue.put([]chat.Event{e})
	select {
	case <-e.done:
		return nil
	case <-h.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Presence tells the rules which accounts look at a chat; the hub's clients are its
// viewers.
func (h *Hub) Presence() *chat.Presence { return h.presence }

// Logouts returns the number of delivered log-outs. A log-out between the check of a token
// and [Hub.Attach] does not reach the new socket. So if the number has changed since the
// check, the token must be checked again.
func (h *Hub) Logouts() uint64 { return h.logouts.Load() }

// Stats are the numbers for metrics; counters start at the start of the hub.
type Stats struct {
	Clients   int64  // sockets that are logged in
	Accounts  int    // with at least one socket
	Rooms     int    // groups with at least one member online
	Queued    int    // bytes of events that wait
	Published uint64 // events delivered
	Pushes    uint64 // deliveries: a push to three sockets counts three
	Dropped   uint64 // events dropped because the queue was full
}

// Stats returns the present numbers.
func (h *Hub) Stats() Stats {
	queued, dropped := h.queue.stats()
	h.mu.Lock()
	defer h.mu.Unlock()
	return Stats{
		Clients:   h.clients.Load(),
		Accounts:  len(h.accounts),
		Rooms:     len(h.rooms),
		Queued:    queued,
		Published: h.published.Load(),
		Pushes:    h.pushes.Load(),
		Dropped:   dropped,
	}
}

func (h *Hub) publisher() {
	defer h.done.Done()
	for {
		events, ok := h.queue.take()
		if !ok {
			return
		}
		for i, e := range events {
			// Without the lock: a socket that is closed as too slow detaches meanwhile.
			h.io.AwaitBroadcasts(h.opts.MaxBroadcasts)
			h.deliverOne(e)
			events[i] = nil
		}
		h.queue.recycle(events)
	}
}

// deliverOne keeps a fault in one event from ending delivery for everybody.
func (h *Hub) deliverOne(e chat.Event) {
	defer func() {
		if v := recover(); v != nil {
			h.opts.Logger.Error("event not delivered", "event", eventName(e), "panic", panicText(v))
		}
	}()
	h.published.Add(1)
	leaving := h.locked(e)
	for _, c := range leaving {
		h.logOut(c)
	}
	clear(leaving)
}

// locked delivers under the lock and returns the clients that have to leave.
func (h *Hub) locked(e chat.Event) []*Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leaving = h.leaving[:0]
	h.deliver(e)
	h.touchMarks(e)
	h.touchPeople(e)
	h.begin()
	return h.leaving
}

func (h *Hub) sweeper() {
	defer h.done.Done()
	tick := time.NewTicker(h.opts.Sweep)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-tick.C:
			h.expire(h.opts.Now())
		}
	}
}

// expire logs out the clients whose token has expired.
func (h *Hub) expire(now time.Time) {
	var expired []*Client
	h.mu.Lock()
	for c := range h.expiring {
		if now.Unix() >= c.expires {
			expired = append(expired, c)
			delete(h.expiring, c)
		}
	}
	h.mu.Unlock()
	for _, c := range expired {
		h.logOut(c)
	}
}

// logOut tells a client that its log-in has ended and closes its connection. The
// hub's lock must not be held: the client is detached before this returns.
func (h *Hub) logOut(c *Client) {
	_ = c.socket.Emit(wire.PushLogout, &wire.Logout{SessionID: c.logout}) // gone is logged out, too
	c.socket.Disconnect(true)
}

// app has the settings of an application for delivery; all its clients share it.
type app struct {
	id          chat.AppID
	resultFirst atomic.Bool
	muted       uint64 // a bit for each of wire.Pushes; needs the hub's lock
}

// app returns the shared object of an application. It needs the lock.
func (h *Hub) app(a *chat.Application) *app {
	shared := h.apps[a.ID]
	if shared == nil {
		shared = &app{id: a.ID}
		h.apps[a.ID] = shared
		shared.set(a)
	}
	return shared
}

func (a *app) set(from *chat.Application) {
	a.resultFirst.Store(from.SendAck == chat.AckResultFirst)
	a.muted = 0
	for i := range wire.Pushes {
		p := &wire.Pushes[i]
		if p.WebOnly && from.Kind != chat.AppWeb || slices.Contains(from.MutedPushes, p.Name) {
			a.muted |= 1 << i
		}
	}
}

var pushBits = func() map[string]uint64 {
	if len(wire.Pushes) > 64 {
		panic("delivery: more pushes than bits")
	}
	bits := make(map[string]uint64, len(wire.Pushes))
	for i := range wire.Pushes {
		bits[wire.Pushes[i].Name] = 1 << i
	}
	return bits
}()
