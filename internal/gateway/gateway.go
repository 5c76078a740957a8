package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"parley/engineio"
	"parley/internal/chat"
	"parley/internal/turn"
	"parley/internal/wire"
	"parley/socketio"
)

// Options configure a gateway.
type Options struct {
	Encoder wire.Encoder
	Limits
	// Live returns the limits in force, which can change while the server runs; nil: Limits.
	Live func() Limits

	// RestoreWindow is how long the current chat of a connection that broke is
	// remembered for the same token; 60 s.
	RestoreWindow time.Duration
	// MaxRestore is how many of them are remembered; 100,000. In a cluster they are in the
	// database, and all are.
	MaxRestore int
	// Leads reports whether this node of a cluster does what one of them does for all;
	// nil: yes.
	Leads func() bool

	// UploadToken gives leave to upload: kind is 1 image, 2 attachment, 3 voice.
	// nil: "upload token" is "forbidden".
	UploadToken func(account chat.AccountID, kind int, ext string) (wire.Upload, error)

	// Answered is called with the outcome of every request; it can be nil. event is the
	// name of one of wire.Requests, or "" for all others.
	Answered func(event string, outcome Outcome)

	Now    func() time.Time
	Logger *slog.Logger // nil discards
}

// Limits are the limits of accounts, tokens and addresses.
type Limits struct {
	Rates Rates
	// MaxPerToken and MaxPerAccount bound the sockets of one token and of one account;
	// one more is refused with "too many connections". 0: no limit.
	MaxPerToken, MaxPerAccount int
}

// Outcome is the outcome of a request.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused" // with a text that the client may read
	Limited Outcome = "limited" // it came too fast
	Failed  Outcome = "failed"  // through a fault of the server
)

func (o *Options) setDefaults() {
	if o.RestoreWindow <= 0 {
		o.RestoreWindow = time.Minute
	}
	if o.Live == nil {
		still := o.Limits
		o.Live = func() Limits { return still }
	}
	if o.MaxRestore <= 0 {
		o.MaxRestore = 100_000
	}
	if o.Leads == nil {
		o.Leads = func() bool { return true }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// Client is a socket that is logged in, as the hub keeps it.
type Client interface {
	Actor() chat.Actor
	Session() chat.SessionID
	LogoutName() string // of the session, in "logout message"
	ResultFirst() bool  // how its application takes the result of a send
	Since() time.Time
	Viewer() *chat.Viewer
	Current() (id chat.SocketID, ref chat.ChatRef)
	Inherit(id chat.SocketID, ref chat.ChatRef) bool // unless the client has said where it looks
	Watch(accounts []chat.AccountID, known bool)     // has the client told of their availability; known: they are contacts
	SetAway(bool)                                    // nobody uses the client
}

// Hub delivers pushes to clients; C is its own type of client.
type Hub[C Client] interface {
	// Attach makes the socket a client; logoutName is the name by which it knows
	// its session.
	Attach(ctx context.Context, s *socketio.Socket, id chat.Identity, logoutName string) (C, error)
	Detach(C)
	// Heir returns the same client come back, if it has, while C was not yet known to be lost.
	Heir(C) (C, bool)
	// Logouts counts the log-outs that were delivered.
	Logouts() uint64
}

// Gateway serves the requests of one namespace.
type Gateway struct {
	opts    Options
	svc     *chat.Service
	attach  func(context.Context, *socketio.Socket, *login) (Client, error)
	detach  func(Client)
	heir    func(Client) (Client, bool)
	logouts func() uint64

	ctx    context.Context // of every request, until Close
	cancel context.CancelFunc
	gate   gate

	requests limits[chat.AccountID]
	refusals limits[string]
	restore  restore
	sockets  sockets
	stats    stats
}

// New installs a gateway on the namespace: log-in, requests, disconnection. Do it
// before the namespace is served.
func New[C Client](opts Options, ns *socketio.Namespace, svc *chat.Service, hub Hub[C]) *Gateway {
	opts.setDefaults()
	g := &Gateway{
		opts: opts,
		svc:  svc,
		attach: func(ctx context.Context, s *socketio.Socket, l *login) (Client, error) {
			return hub.Attach(ctx, s, l.id, l.logoutName())
		},
		detach:  func(c Client) { hub.Detach(c.(C)) },
		heir:    func(c Client) (Client, bool) { return hub.Heir(c.(C)) },
		logouts: hub.Logouts,
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.gate.init()
	g.requests.init(int(numClasses), func(which int) Rate {
		now := opts.Live()
		return [...]Rate{sending: now.Rates.Send, querying: now.Rates.Query, controlling: now.Rates.Control}[which]
	})
	g.refusals.init(1, func(int) Rate { return opts.Live().Rates.Refused })
	g.sockets.init(func() (perToken, perAccount int) {
		now := opts.Live()
		return now.MaxPerToken, now.MaxPerAccount
	})
	g.restore.init(opts.RestoreWindow, opts.MaxRestore)
	ns.Use(g.authenticate)
	ns.OnConnect(g.connect)
	ns.OnDisconnect(g.disconnect)
	for i := range requests {
		r := &requests[i]
		ns.On(r.name, func(e *socketio.Event) { g.handle(r, e) })
	}
	ns.OnAny(func(e *socketio.Event) { g.handle(&unknown, e) })
	return g
}

// connect makes the socket a receiver of pushes. The answer to its CONNECT has
// not left yet, so that the client misses nothing from the moment it knows
// that it is connected.
func (g *Gateway) connect(s *socketio.Socket) {
	l, ok := s.Value().(*login)
	if !ok {
		s.Disconnect(true) // cannot be: authenticate has set it
		return
	}
	if !g.sockets.enter(l.id.Session, l.id.Account.ID) {
		// Others took the last places between the log-in and now. When the client comes back, its log-in is refused.
		s.SetValue(nil)
		s.Close()
		return
	}
	c, err := g.attach(turn.For(g.ctx, turn.Account(string(l.id.Account.ID))), s, l)
	if err != nil {
		g.sockets.leave(l.id.Session, l.id.Account.ID)
		g.turnBack(s, "client not attached", err, "account", l.id.Account.ID)
		s.SetValue(nil)
		return
	}
	s.SetValue(c)
	revoked, err := g.revoked(l)
	if err != nil {
		g.turnBack(s, "log-in not checked again", err, "account", l.id.Account.ID)
		return
	}
	if revoked {
		_ = s.Emit(wire.PushLogout, &wire.Logout{SessionID: c.LogoutName()}) // gone is logged out, too
		s.Disconnect(true)
		return
	}
	if g.svc.InCluster() {
		if err := g.svc.ComeBack(g.ctx, c.Viewer(), c.Session(), g.opts.RestoreWindow); err != nil {
			g.turnBack(s, "current chat not restored", err, "account", l.id.Account.ID)
		}
		return
	}
	if was, ok := g.restore.take(c.Session(), c.Actor().Account, g.opts.Now()); ok {
		c.Inherit(was.ID, was.Ref)
	}
}

// turnBack ends a connection that cannot be served now. It closes the transport without an
// error packet, because a client that is refused or disconnected does not reconnect by
// itself. During a drain, or while too many log-ins wait, this is not logged as a fault.
func (g *Gateway) turnBack(s *socketio.Socket, message string, err error, attrs ...any) {
	if !g.gate.closed() && !errors.Is(err, errBusy) && !errors.Is(err, chat.ErrTooManyRequests) {
		g.fault(message, err, attrs...)
	}
	s.Close()
}

func (g *Gateway) disconnect(s *socketio.Socket, why socketio.Reason) {
	c, ok := s.Value().(Client)
	if !ok {
		return
	}
	defer g.sockets.leave(c.Session(), c.Actor().Account)
	defer g.detach(c)
	how := endReason(why)
	var err error
	s.Yield()
	if g.svc.InCluster() {
		err = g.svc.EndViewer(g.ctx, c.Viewer(), chat.Ending{Why: how, At: g.opts.Now(), Window: g.opts.RestoreWindow})
	} else {
		err = g.endViewer(c, how)
	}
	if err != nil && !g.gate.closed() {
		g.fault("end of a current chat not stored", err, "account", c.Actor().Account)
	}
}

func endReason(why socketio.Reason) chat.EndReason {
	switch {
	case why == socketio.ReasonClient || why == socketio.ReasonServer:
		return chat.EndedInOrder
	case noticedLate(why):
		return chat.EndedLate
	case engineio.CloseReason(why) == engineio.CloseServerShutdown:
		return chat.EndedShutdown
	}
	return chat.EndedAtOnce
}

// endViewer ends the current chat of a socket if this process is alone.
func (g *Gateway) endViewer(c Client, how chat.EndReason) error {
	id, ref := c.Current()
	if ref.Type == 0 {
		return nil
	}
	switch how {
	case chat.EndedInOrder:
		// A client that says goodbye, or is sent away, looks at nothing any more.
		return g.svc.ClearCurrentChat(g.ctx, id)
	case chat.EndedLate:
		g.bequeath(c, true)
		return g.svc.LoseViewer(g.ctx, c.Viewer())
	case chat.EndedShutdown:
		g.bequeath(c, false)
		g.svc.AbandonViewer(c.Viewer())
	default:
		g.bequeath(c, false)
	}
	return nil
}

// noticedLate reports whether the connection may have been dead for some time before it
// ended for that reason, so that the client may have reconnected already. A connection
// that the client closes ends without delay.
func noticedLate(why socketio.Reason) bool {
	switch engineio.CloseReason(why) {
	case engineio.ClosePingTimeout, engineio.CloseTransportError, engineio.CloseSlowConsumer:
		return true
	}
	return false
}

// bequeath keeps the current chat of a broken connection for the client's next one. If the
// loss was noticed late, the next connection may exist already. Here put comes before Heir,
// and in connect Attach comes before take, so one of the two always finds the other. After
// any other loss, a connection with the same token is another window with its own chat.
func (g *Gateway) bequeath(c Client, late bool) {
	now, account := g.opts.Now(), c.Actor().Account
	id, ref := c.Current()
	g.restore.put(chat.CurrentChat{ID: id, Session: c.Session(), Account: account, Ref: ref}, now)
	if !late {
		return
	}
	heir, ok := g.heir(c)
	if !ok || now.Sub(heir.Since()) > g.opts.RestoreWindow {
		return
	}
	if was, ok := g.restore.take(c.Session(), account, now); ok {
		heir.Inherit(was.ID, was.Ref)
	}
}

// Restore loads the current chats of the sockets that were connected when the
// server stopped or crashed, for those that come back with the same token within
// Options.RestoreWindow. Call it before the namespace is served.
func (g *Gateway) Restore(ctx context.Context) error {
	if g.svc.InCluster() {
		return nil // they are taken from the database
	}
	stored, err := g.svc.CurrentChats(ctx, g.opts.MaxRestore)
	if err != nil {
		return err
	}
	g.restore.load(stored, g.opts.Now())
	return nil
}

// Upkeep stores the reads by presence that have become certain, and removes current chats
// of clients that have not reconnected in time. Call it regularly.
func (g *Gateway) Upkeep(ctx context.Context) error {
	if err := g.svc.KeepProven(ctx); err != nil {
		return err
	}
	if g.svc.InCluster() {
		if !g.opts.Leads() {
			return nil
		}
		return g.svc.ForgetLost(ctx, g.opts.RestoreWindow)
	}
	gone, lost := g.restore.expired(g.opts.Now())
	if len(gone)+len(lost) == 0 {
		return nil
	}
	err := g.svc.ForgetCurrentChats(ctx, gone, lost)
	if err != nil {
		g.restore.again(gone, lost)
	}
	return err
}

// handle answers one event. It returns no error: the client gets the text of a refusal. A
// fault of the server is logged once, and the client gets the event's text for faults.
func (g *Gateway) handle(r *request, e *socketio.Event) {
	c, ok := e.Socket.Value().(Client)
	if !ok {
		return // its attachment failed; it is being disconnected
	}
	if !g.gate.enter() {
		return
	}
	defer g.gate.leave()
	result, err := g.answer(r, c, e)
	outcome := OK
	var failure *wire.Failure
	if err != nil {
		failure, outcome = g.failure(r, c, err)
	}
	g.count(r, outcome)
	switch {
	case !e.WantsAck():
		return
	case failure != nil:
		err = e.Ack(failure)
	case r.send && c.ResultFirst():
		err = e.Ack(result)
	default:
		err = e.Ack(false, result)
	}
	if err != nil && !errors.Is(err, socketio.ErrNotConnected) {
		g.opts.Logger.Error("answer not sent", "event", r.name, "error", err)
	}
}

func (g *Gateway) answer(r *request, c Client, e *socketio.Event) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	by := c.Actor()
	if !g.requests.allow(by.Account, int(r.class), g.opts.Now()) {
		return nil, errLimited
	}
	var arg []byte
	if len(e.Args) > 0 {
		arg = e.Args[0]
	}
	e.Socket.Yield() // nearly every request waits for the database
	return r.run(&call{g: g, client: c, by: by, ctx: turn.For(g.ctx, turn.Account(string(by.Account)))}, arg)
}

// errLimited is the gateway's own "too many requests", to distinguish it from chat's.
var errLimited = fmt.Errorf("gateway: %w", chat.ErrTooManyRequests)

// failure returns the error for the client, and the outcome.
func (g *Gateway) failure(r *request, c Client, err error) (*wire.Failure, Outcome) {
	f, known := wire.Refusal(r.name, err)
	switch {
	case err == errLimited:
		return f, Limited
	case known:
		return f, Refused
	}
	g.fault("request failed", err, "event", r.name, "account", c.Actor().Account)
	return f, Failed
}

// fault logs a fault of the server, with the stack of a panic. An overload and a fault of
// the database make every request fail. These are only counted; the store logs the fault
// of the database once.
func (g *Gateway) fault(message string, err error, attrs ...any) {
	if errors.Is(err, chat.ErrBusy) || errors.Is(err, chat.ErrLogged) {
		return
	}
	attrs = append(attrs, "error", err)
	var panicked interface{ Stack() []byte }
	if errors.As(err, &panicked) {
		attrs = append(attrs, "stack", string(panicked.Stack()))
	}
	g.opts.Logger.Error(message, attrs...)
}

func (g *Gateway) count(r *request, outcome Outcome) {
	g.stats.requests.Add(1)
	switch outcome {
	case Refused:
		g.stats.refused.Add(1)
	case Limited:
		g.stats.limited.Add(1)
	case Failed:
		g.stats.faults.Add(1)
	}
	if g.opts.Answered != nil {
		g.opts.Answered(r.name, outcome)
	}
}

// panicError is a panic of a handler.
type panicError struct {
	value any
	stack []byte
}

// Error returns the text of runtime errors, and only the type of other values. Other values
// can contain data from clients, which must not be logged.
func (p *panicError) Error() string {
	if err, ok := p.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: %T", p.value)
}

// Stack is where it happened.
func (p *panicError) Stack() []byte { return p.stack }

type stats struct {
	logins, turnedAway, requests, refused, limited, faults atomic.Uint64
}

// Stats are counters since the start, for a metrics page.
type Stats struct {
	Logins     uint64 // log-ins that succeeded
	TurnedAway uint64 // log-ins that were refused
	Requests   uint64 // events received
	Refused    uint64 // of these, refused by a rule
	Limited    uint64 // of these, refused for coming too fast
	Faults     uint64 // of these, failed through a fault of the server
}

// Stats returns the counters.
func (g *Gateway) Stats() Stats {
	return Stats{
		Logins:     g.stats.logins.Load(),
		TurnedAway: g.stats.turnedAway.Load(),
		Requests:   g.stats.requests.Load(),
		Refused:    g.stats.refused.Load(),
		Limited:    g.stats.limited.Load(),
		Faults:     g.stats.faults.Load(),
	}
}
