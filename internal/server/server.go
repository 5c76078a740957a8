package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/control"
	"parley/internal/delivery"
	"parley/internal/gateway"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/socketio"
)

// ErrPortTaken says that another process listens on the address.
var ErrPortTaken = errors.New("the port is taken")

// Server is a complete server. Make it with [New], then call Run or Close.
type Server struct {
	config config.Config  // as the operator has given it
	live   *settings.Live // the same with the settings of the database
	log    *slog.Logger

	metrics     *metrics
	store       *store.Store
	chat        *chat.Service
	io          *socketio.Server
	hub         *delivery.Hub
	gateway     *gateway.Gateway
	uploads     *uploads
	connections *connections
	encryption  *encryption      // nil: the listener speaks plain HTTP
	forwarding  *forwarding      // nil: no other nodes
	cluster     *cluster         // nil: this is the only server on its database
	clientApp   chat.Application // of the web client
	mailer      *mailer          // nil: no mail is sent
	memoryLimit int64            // of the process, in bytes; 0: none

	refusedOrigins *refusedOrigins

	backups   *backups
	files     *fileKeeper
	retention *retention
	now       func() time.Time // of the rules
	otherKey  chan struct{}    // holds a token when upload.key has changed

	control *control.Listener // of operators' commands; nil: there are none
	command Command

	listener, metricsListener, redirectListener net.Listener
	http, metricsHTTP, redirectHTTP             *http.Server // the last one redirects to TLS; nil: none
	redirectConnections                         *connections

	draining  atomic.Bool
	readiness readiness
	closeOnce sync.Once
	closeErr  error
}

// New opens the data folder, makes all parts and listens. Requests are served only after
// Run is called; earlier connections wait in the kernel's queue. now is the clock of the
// rules; nil is the real one. The errors are written for an operator.
func New(ctx context.Context, c config.Config, log *slog.Logger, now func() time.Time) (_ *Server, err error) {
	s := &Server{
		config:      c,
		live:        settings.New(c, log),
		log:         log,
		metrics:     newMetrics(),
		connections: newConnections(c),
		mailer:      newMailer(c.Mail, log),
		cluster:     newCluster(c, log),

		refusedOrigins: newRefusedOrigins(log),
		otherKey:       make(chan struct{}, 1),
	}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	s.backups = newBackups(s)
	s.files = newFileKeeper(s)
	s.retention = &retention{server: s}
	if s.now = now; now == nil {
		s.now = time.Now
	}
	s.limitMemory()
	// The ports come first: a taken port is the most frequent fault, and it tells of
	// a server that runs already, which the folder then would, too.
	if s.listener, err = listen(ctx, "listen", c.Listen); err != nil {
		return nil, err
	}
	if s.encryption, err = s.newEncryption(); err != nil {
		return nil, err
	}
	if c.TLS.Redirect != "" {
		if s.redirectListener, err = listen(ctx, "tls.redirect", c.TLS.Redirect); err != nil {
			return nil, err
		}
	}
	if c.Metrics.Listen != "" {
		if s.metricsListener, err = listen(ctx, "metrics.listen", c.Metrics.Listen); err != nil {
			return nil, err
		}
	}
	if s.forwarding, err = newForwarding(ctx, s); err != nil {
		return nil, err
	}
	if s.cluster != nil {
		s.cluster.forwardBy(s)
	}
	if err = s.build(ctx, now); err != nil {
		return nil, err
	}
	return s, nil
}

// build makes the parts. Store, rules and delivery depend on each other in a circle: the store
// gives events to the hub, the hub asks the rules for groups, and the rules ask the hub
// which clients are looking at a chat. Nothing is committed before all three exist.
func (s *Server) build(ctx context.Context, now func() time.Time) (err error) {
	o := store.Options{
		Publish:   s.publish,
		Committed: s.metrics.committed,
		Check:     true,
		Alone:     true,
		Logger:    s.log,
	}
	if s.cluster != nil {
		s.cluster.storeOptions(&o)
	}
	if s.store, err = openStore(ctx, s.config, o); err != nil {
		return err
	}
	if s.cluster != nil {
		if err = s.cluster.connect(ctx, s.store); err != nil {
			return err
		}
	}
	_, noKey := os.Stat(uploadKeyFile(s.config.Data))
	if s.uploads, err = newUploads(s.config, s.live, now, s.metrics.uploaded); err != nil {
		return err
	}

	s.uploads.record = s.files.record

	options := chatOptions(s.live, s.config)
	options.Now = now
	options.Pass = s.pass
	options.Attendance = func(a chat.AccountID) chat.Attendance { return s.hub.Attendance(a) }
	s.io = socketio.NewServer(s.socketOptions())
	ns := s.io.Of("/")
	s.hub = delivery.New(s.deliveryOptions(now), s.io, ns, delivery.GroupSourceFunc(s.groupsOf))
	s.chat = chat.New(s.store, s.hub.Presence(), jwtVerifier{maxLife: s.config.Auth.JWTMaxLife, now: now}, options, s.log)
	if s.cluster != nil {
		s.cluster.know(s.chat, s.hub, s.io, s.heed)
	}
	if s.mailer != nil {
		s.mailer.chat = s.chat
		if s.cluster != nil {
			s.mailer.leads = s.cluster.leads.Load
		}
	}
	if err = s.chat.LoadSettings(ctx); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	if err = s.chat.FollowClock(ctx); err != nil {
		s.log.Error("times of messages that are ahead of the clock could not be corrected", "error", err)
	}
	s.checkUploadKey(ctx, *s.uploads.keys.Load(), errors.Is(noKey, fs.ErrNotExist))
	if s.clientApp, err = registerClient(ctx, s.chat); err != nil {
		return err
	}
	s.rewriteEmails(ctx)
	s.gateway = gateway.New[*delivery.Client](s.gatewayOptions(now), ns, s.chat, s.hub)
	if err = s.gateway.Restore(ctx); err != nil {
		s.log.Error("the current chats from before the start could not be restored", "error", err)
	}

	if s.cluster != nil {
		if err = s.cluster.begin(ctx); err != nil {
			return err
		}
		s.metrics.registry.MustRegister(clusterCollector{s.cluster})
	}
	s.metrics.registry.MustRegister(&partsCollector{s.io, s.store, s.hub, s.connections}, s.backups, s.files, s.retention)
	if s.forwarding != nil {
		s.forwarding.build(s)
		s.metrics.registry.MustRegister(forwardCollector{s.forwarding.forwarder})
	}
	routes, err := s.routes()
	if err != nil {
		return err
	}
	s.http = s.newHTTP(routes)
	s.connections.install(s.http)
	if s.encryption != nil {
		s.metrics.registry.MustRegister(certificateCollector{s.encryption})
	}
	if s.redirectListener != nil {
		s.redirectHTTP = s.newHTTP(s.redirecting())
		s.redirectHTTP.ReadTimeout, s.redirectHTTP.WriteTimeout = s.config.HTTP.ReadHeaderTimeout, s.config.Socket.WriteTimeout
		s.redirectConnections = newConnections(s.config)
		s.redirectConnections.install(s.redirectHTTP)
	}
	s.metricsHTTP = s.newHTTP(s.metrics.handler())
	s.metricsHTTP.ReadTimeout, s.metricsHTTP.WriteTimeout = s.config.Socket.WriteTimeout, s.config.Socket.WriteTimeout
	return nil
}

// publish gives committed events to the delivery.
func (s *Server) publish(events []chat.Event) {
	s.heed(events)
	s.hub.Publish(events)
}

// pass delivers an event that is in no commit, and tells the other nodes if it concerns sockets there. It never blocks.
func (s *Server) pass(e chat.Event, elsewhere bool) {
	s.hub.Pass([]chat.Event{e})
	if s.cluster != nil && elsewhere {
		s.cluster.pass(e)
	}
}

// heed handles the events of all nodes before they are delivered. It never blocks.
func (s *Server) heed(events []chat.Event) {
	s.chat.ApplyEvents(events)
	for _, e := range events {
		switch e.(type) {
		case chat.MailQueued:
			s.mailer.signal()
		case chat.MessageWithdrawn:
			s.files.signal()
		case chat.UploadKeyChanged:
			s.rereadUploadKey()
		}
	}
}

// Chat returns the rules, for code in the same process.
func (s *Server) Chat() *chat.Service { return s.chat }

// URL returns the address of the listener for a client on this machine.
func (s *Server) URL() string {
	if s.encryption != nil {
		return "https://" + reachable(s.listener.Addr())
	}
	return "http://" + reachable(s.listener.Addr())
}

// RedirectURL returns the address of the listener that redirects to TLS, or "" if there is none.
func (s *Server) RedirectURL() string {
	if s.redirectListener == nil {
		return ""
	}
	return "http://" + reachable(s.redirectListener.Addr())
}

// MetricsURL returns the address of the metrics, or "" if they have no listener.
func (s *Server) MetricsURL() string {
	if s.metricsListener == nil {
		return ""
	}
	return "http://" + reachable(s.metricsListener.Addr()) + "/metrics"
}

// reachable replaces an unspecified address, which means all interfaces, by one that a client can use.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return a.String()
	}
	if tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return tcp.String()
}

// Run serves until ctx ends, then drains and closes; see [Server.drain]. It returns nil
// after a drain, even if the time for it was too short and clients were cut off. It
// returns an error if the server could not continue.
func (s *Server) Run(ctx context.Context) error {
	s.tuneMemory()
	failed := make(chan error, 4)
	var running sync.WaitGroup
	serve := func(server *http.Server, l net.Listener) {
		running.Go(func() {
			if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	var living sync.WaitGroup // ends after the other nodes know that this one ends
	watching, stopWatching := context.WithCancel(context.Background())
	defer stopWatching()
	if s.cluster != nil {
		living.Go(func() { s.cluster.watch(watching) })
	}
	var upkeep sync.WaitGroup // ends before the database is closed
	keeping, stopKeeping := context.WithCancel(context.Background())
	upkeep.Go(func() { s.trimMemory(keeping) })
	upkeep.Go(func() { s.keepSeen(keeping) })
	upkeep.Go(func() { s.pruneAudit(keeping) })
	upkeep.Go(func() { s.keepRefusals(keeping) })
	upkeep.Go(func() { s.keepSettings(keeping) })
	upkeep.Go(func() { s.mailer.run(keeping) })
	upkeep.Go(func() { s.keepPresence(keeping) })
	upkeep.Go(func() { s.keepUploadKey(keeping) })
	upkeep.Go(func() { s.keepCertificates(keeping) })
	upkeep.Go(func() { s.keepCommands(keeping) })
	upkeep.Go(func() { s.keepErasures(keeping) })
	upkeep.Go(func() { s.backups.run(keeping) })
	upkeep.Go(func() { s.files.run(keeping) })
	upkeep.Go(func() { s.retention.run(keeping) })
	if s.encryption != nil {
		serve(s.http, s.connections.limitTLS(s.listener, s.encryption.tls))
	} else {
		serve(s.http, s.connections.limit(s.listener))
	}
	if s.redirectHTTP != nil {
		serve(s.redirectHTTP, s.redirectConnections.limit(s.redirectListener))
	}
	if s.metricsListener != nil {
		serve(s.metricsHTTP, s.metricsListener)
	}
	if s.forwarding != nil {
		serve(s.forwarding.http, s.forwarding.limited())
	}
	s.tellHowToBegin(context.WithoutCancel(ctx))
	if s.forwarding != nil {
		s.log.Info("running as a node of a cluster", "node", s.forwarding.node, "address", s.forwarding.address)
	}
	s.log.Info("serving", "url", s.URL(), "paths", s.config.Socket.Paths, "data", s.config.Data, "metrics", s.MetricsURL(), "version", Version())
	s.notify(daemon.SdNotifyReady)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("listener: %w", err)
	}
	s.drain()
	stopKeeping()
	upkeep.Wait()
	stopWatching()
	living.Wait()
	s.leave()
	err = errors.Join(err, s.Close())
	running.Wait()
	s.log.Info("stopped")
	return err
}

// drain ends the service within the time that the configuration gives:
//
//  1. /readyz says no. With several nodes, the clients are closed one after the other, over a few seconds, so that
//     they do not all reconnect to the other nodes at the same moment; see [Server.move]. Then new clients are refused
//     with 503.
//  2. Requests that have arrived are completed and acknowledged, also those of the host
//     API. Later ones get no answer or 503, and their clients repeat them.
//  3. Committed events are pushed.
//  4. Waiting data is written to the clients, and their transports are closed. No packet
//     of the protocol announces it, because clients do not reconnect by themselves after
//     such a packet. Polling clients get the data with one more request.
//  5. The clients of other nodes that come through this one are handed over to the others.
//  6. The listener closes, and HTTP requests that have arrived are answered. The drain does
//     not wait for an incomplete request.
func (s *Server) drain() {
	began := time.Now()
	s.log.Info("draining", "timeout", s.config.DrainTimeout.String())
	s.draining.Store(true)
	s.notify(daemon.SdNotifyStopping)
	ctx, cancel := context.WithTimeout(context.Background(), s.config.DrainTimeout)
	defer cancel()

	s.move(ctx)
	if s.cluster != nil {
		s.cluster.drain()
	}
	s.io.StopAccepting()
	if err := s.gateway.Drain(ctx); err != nil {
		s.log.Warn("requests that push were cut off", "err", err)
	}
	s.deliverOwn(ctx)
	s.hub.Close()
	if err := s.io.Shutdown(ctx); err != nil {
		s.log.Warn("clients were cut off", "err", err)
	}
	if s.forwarding != nil {
		s.forwarding.release(ctx, s.http)
	}
	silent, stopClosing := context.WithCancel(ctx)
	var closing sync.WaitGroup
	s.connections.hurry()
	closing.Go(func() { s.connections.closeSilent(silent) })
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.Warn("requests were cut off", "err", err)
	}
	if s.forwarding != nil {
		closing.Go(func() { s.forwarding.connections.closeSilent(silent) })
		if err := s.forwarding.http.Shutdown(ctx); err != nil {
			s.log.Warn("requests of other nodes were cut off", "err", err)
		}
	}
	stopClosing()
	closing.Wait()
	s.log.Info("drained", "took", time.Since(began).Round(time.Millisecond).String())
}

// move moves the clients to the other nodes one after the other. Everything is served meanwhile, new clients included: a
// balancer needs a moment to notice that this node is not ready, and a client that is refused would wait before it tries
// again. Clients that come back to this node are moved once more.
func (s *Server) move(ctx context.Context) {
	if s.cluster == nil {
		return
	}
	spread := min(s.config.Cluster.DrainSpread, s.config.DrainTimeout/2)
	var moving sync.WaitGroup
	if s.forwarding != nil {
		moving.Go(func() { s.forwarding.forwarder.ReleaseGradually(ctx, spread) })
	}
	s.io.CloseGradually(ctx, spread)
	moving.Wait()
}

// deliverOwn waits until this node has delivered its own last commit. That commit may have to wait
// for a commit of another node.
func (s *Server) deliverOwn(ctx context.Context) {
	if s.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, leaveTime)
	defer cancel()
	if err := s.cluster.follower.AwaitOwn(ctx); err != nil {
		s.log.Warn("the last commits of this node were not pushed to its clients", "error", err)
	}
}

// leave publishes all commits and tells the other nodes that this one ends.
func (s *Server) leave() {
	if s.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveTime)
	defer cancel()
	s.cluster.leave(ctx)
}

// leaveTime is how long a node that ends waits for the others and for the bus.
const leaveTime = 3 * time.Second

// Close ends at once everything that New has made. It can be called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		for _, server := range []*http.Server{s.http, s.metricsHTTP, s.redirectHTTP} {
			if server != nil {
				_ = server.Close()
			}
		}
		for _, l := range []net.Listener{s.listener, s.metricsListener, s.redirectListener} {
			if l != nil {
				_ = l.Close() // again, where a server has had it
			}
		}
		if s.control != nil {
			s.closeErr = s.control.Close()
		}
		if s.forwarding != nil {
			s.forwarding.close()
		}
		if s.gateway != nil {
			s.gateway.Close()
		}
		if s.io != nil {
			over, cancel := context.WithCancel(context.Background())
			cancel()
			_ = s.io.Shutdown(over)
		}
		if s.hub != nil {
			s.hub.Close()
		}
		if s.cluster != nil {
			s.cluster.end()
		}
		if s.uploads != nil {
			s.closeErr = errors.Join(s.closeErr, s.uploads.close())
		}
		if s.store != nil {
			s.closeErr = errors.Join(s.closeErr, s.store.Close())
		}
		s.readiness.running.Wait()
	})
	return s.closeErr
}

func listen(ctx context.Context, option, address string) (net.Listener, error) {
	// TCP keepalive is off: heartbeats and time limits find dead peers,
	// and four system calls a connection are a twentieth of a handshake.
	config := net.ListenConfig{KeepAlive: -1}
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: %w; stop what listens there or choose another address", option, address, ErrPortTaken)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: this user may not listen there; choose a port above 1023", option, address)
	default:
		return nil, fmt.Errorf("%s %s: %w", option, address, err)
	}
}

// groupsOf asks the rules, which are made after the hub that asks.
func (s *Server) groupsOf(ctx context.Context, a chat.AccountID) ([]chat.GroupSubscription, error) {
	return s.chat.GroupsOf(ctx, a)
}

// keepPresence runs the gateway's maintenance of presence until ctx ends, and then once more.
func (s *Server) keepPresence(ctx context.Context) {
	repeat(ctx, presenceUpkeep, func(ctx context.Context) {
		if err := s.gateway.Upkeep(ctx); err != nil && !errors.Is(err, chat.ErrLogged) {
			s.log.ErrorContext(ctx, "reads by presence not kept", "err", err)
		}
	})
}

// repeat calls do at each interval until ctx ends, and then once more. The context
// of a call does not end with ctx.
func repeat(ctx context.Context, interval time.Duration, do func(context.Context)) {
	every := time.NewTicker(interval)
	defer every.Stop()
	for ended := false; !ended; {
		select {
		case <-every.C:
		case <-ctx.Done():
			ended = true
		}
		do(context.WithoutCancel(ctx))
	}
}

// presenceUpkeep is the time between two runs. A crash loses the reads that
// became certain since the last one.
const presenceUpkeep = 10 * time.Second
