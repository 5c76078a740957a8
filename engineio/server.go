package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio/origin"
	"parley/engineio/rawio"
)

// Handler receives the events of sessions. The calls for one session are in order and do not
// overlap. Calls for different sessions are concurrent. A panic in a callback closes the
// session.
type Handler interface {
	// OnOpen is called before any packet of the client is read and before the open packet is
	// written. Packets that it sends follow the open packet: in the same answer over polling, a
	// few milliseconds later over WebSocket.
	OnOpen(s *Session)
	// OnMessage is called for each message. It may modify data, and must not keep it.
	OnMessage(s *Session, data []byte, binary bool)
	// OnClose is called exactly once for each opened session, after the last OnMessage.
	OnClose(s *Session, reason CloseReason)
}

// Server is an http.Handler that serves Engine.IO sessions on every path it is mounted on;
// see ServeHTTP. It is safe for concurrent use.
type Server struct {
	options Options
	handler Handler
	origins origin.Policy
	began   time.Time
	wheel   wheel
	shards  []shard
	stats   counters

	nextShard atomic.Uint32
	// broadcasts makes the order of broadcasts the same in all shards.
	broadcasts sync.Mutex

	// sessionsRunning counts open sessions, closed sessions with packets for a poll, and all
	// goroutines of sessions. It is increased only under mu while the server accepts sessions,
	// or by a goroutine or session that it already counts.
	sessionsRunning sync.WaitGroup
	// workers counts the goroutines of the wheel and of the shards. They end when quit is closed.
	workers sync.WaitGroup
	quit    chan struct{}
	loops   loops

	mu         sync.RWMutex
	refusing   bool
	ended      bool // Shutdown was called
	stopped    bool
	unnotified int           // sessions for which OnClose has not returned
	allClosed  chan struct{} // closed when unnotified becomes 0; nil if nobody waits for that
	sessions   map[string]*Session
	candidates map[*wsConn]struct{}
}

const (
	transportPolling   = "polling"
	transportWebSocket = "websocket"
)

// NewServer returns a server that reports the events of its sessions to handler. It starts no
// goroutine before the first session.
func NewServer(options Options, handler Handler) *Server {
	srv := &Server{
		options:    options.withDefaults(),
		handler:    handler,
		began:      time.Now(),
		quit:       make(chan struct{}),
		sessions:   make(map[string]*Session),
		candidates: make(map[*wsConn]struct{}),
	}
	srv.origins = origin.New(srv.options.AllowedOrigins)
	srv.stats.closes = make(map[CloseReason]uint64)
	srv.wheel.init(srv.tick(), srv.now, srv.workers.Go, srv.quit)
	srv.shards = make([]shard, srv.options.FanoutShards)
	for i := range srv.shards {
		srv.shards[i].server = srv
	}
	return srv
}

// tick returns the precision of heartbeats: 1/64 of the shorter of interval and timeout, but at
// least 2 ms, because the scheduler is not more precise.
func (srv *Server) tick() time.Duration {
	shorter := min(srv.options.PingInterval, srv.options.PingTimeout)
	return min(max(shorter/64, 2*time.Millisecond), 250*time.Millisecond)
}

// now returns the time since NewServer, in nanoseconds.
func (srv *Server) now() int64 { return int64(time.Since(srv.began)) }

// requestError is the answer to a request that cannot be served.
type requestError struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// The codes are those of the reference implementation.
var (
	errUnknownTransport = &requestError{http.StatusBadRequest, 0, "Transport unknown"}
	errUnknownSession   = &requestError{http.StatusBadRequest, 1, "Session ID unknown"}
	errHandshakeMethod  = &requestError{http.StatusBadRequest, 2, "Bad handshake method"}
	errBadRequest       = &requestError{http.StatusBadRequest, 3, "Bad request"}
	errJSONPOff         = &requestError{http.StatusBadRequest, 3, "JSONP is off"}
	errForbidden        = &requestError{http.StatusForbidden, 4, "Forbidden"}
	errUnknownVersion   = &requestError{http.StatusBadRequest, 5, "Unsupported protocol version"}
	errSlowBody         = &requestError{http.StatusRequestTimeout, 3, "Request timeout"}
	errTooLarge         = &requestError{http.StatusRequestEntityTooLarge, 3, "Payload too large"}
	errUnavailable      = &requestError{http.StatusServiceUnavailable, 3, "Server unavailable"}
	errInternal         = &requestError{http.StatusInternalServerError, 3, "Internal error"}
)

// refuse writes e as the answer.
func (srv *Server) refuse(w http.ResponseWriter, e *requestError) {
	body, _ := json.Marshal(e)
	boundWrite(w, srv.options.WriteTimeout)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(e.status)
	w.Write(body)
}

// ServeHTTP serves handshakes, polls, POSTs, WebSockets and CORS preflights. It does not look at the path. On an http.ServeMux
// register the path with and without its trailing slash: a mux that has only "/engine.io/" answers "/engine.io" with a
// redirect, and clients do not follow redirects.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hasBody(r) {
		srv.boundUnread(http.NewResponseController(w))
	}
	// The origin is checked for WebSockets too: browsers let any page open one.
	standing := srv.origins.Allow(w.Header(), r)
	if standing == origin.Refused {
		srv.forbid(w, r)
		return
	}
	if r.Method == http.MethodOptions {
		boundWrite(w, srv.options.WriteTimeout)
		preflight(w, r)
		return
	}
	srv.answer(w, srv.serve(w, r, standing))
}

// answer writes an error if serve refused the request.
func (srv *Server) answer(w http.ResponseWriter, refusal *requestError) {
	if refusal != nil {
		srv.stats.refused.Add(1)
		srv.refuse(w, refusal)
	}
}

// serve serves the request of a page with that standing, or returns the error to answer with.
func (srv *Server) serve(w http.ResponseWriter, r *http.Request, standing origin.Standing) *requestError {
	q, refusal := srv.readQuery(r)
	if refusal != nil {
		return refusal
	}
	if q.sid == "" {
		return srv.serveHandshake(w, r, q, standing)
	}
	if s := srv.lookup(q.sid); s != nil {
		return s.serve(w, r, q)
	}
	return srv.forward(w, r, q)
}

// query is the parsed query of a request.
type query struct {
	values    url.Values
	transport string
	protocol  uint8
	form      pollForm
	sid       string // "": a handshake
}

// readQuery checks the query (v4 "Query parameters"; v3 "URLs").
func (srv *Server) readQuery(r *http.Request) (q query, refusal *requestError) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, errBadRequest
	}
	if hasBody(r) && r.Method != http.MethodPost {
		if refusal := srv.discardBody(r); refusal != nil {
			return q, refusal
		}
	}
	q = query{values: values, transport: values.Get("transport"), sid: values.Get("sid")}
	if q.transport != transportPolling && q.transport != transportWebSocket {
		return q, errUnknownTransport
	}
	switch values.Get("EIO") {
	case "3":
		q.protocol = 3
	case "4":
		q.protocol = 4
	default:
		return q, errUnknownVersion
	}
	q.form = pollForm{base64: isBase64(values), jsonp: values.Get("j")}
	if values.Has("j") && q.transport == transportPolling {
		switch {
		case q.protocol == 3 && !srv.options.JSONP:
			return q, errJSONPOff
		case q.protocol != 3 || !validJSONP(q.form.jsonp):
			return q, errBadRequest
		}
	}
	return q, nil
}

func (srv *Server) serveHandshake(w http.ResponseWriter, r *http.Request, q query, standing origin.Standing) *requestError {
	switch {
	case r.Method != http.MethodGet:
		return errHandshakeMethod
	case q.transport == transportPolling:
		if q.form.jsonp != "" {
			standing = origin.Stranger // any page can read the answer
		}
		return srv.openPolling(w, r, srv.newSession(r, q, standing), q.form)
	case !acceptable(r):
		tellVersion(w.Header(), r)
		return errBadRequest
	}
	return srv.openWebSocket(w, r, srv.newSession(r, q, standing), isBase64(q.values))
}

// serve serves a request of the session.
func (s *Session) serve(w http.ResponseWriter, r *http.Request, q query) *requestError {
	switch {
	case s.protocol != q.protocol:
		return errBadRequest
	case q.transport == transportWebSocket && !acceptable(r):
		tellVersion(w.Header(), r)
		return errBadRequest
	case q.transport == transportWebSocket:
		s.server.serveUpgrade(w, r, s, q.values)
		return nil
	}
	q.form.base64 = q.form.base64 || s.base64Polls
	switch r.Method {
	case http.MethodGet:
		g, refusal := s.beginPoll()
		if refusal != nil {
			return refusal
		}
		s.awaitPoll(w, r, g, q.form)
	case http.MethodPost:
		s.servePost(w, r, q.form)
	default:
		return errBadRequest
	}
	return nil
}

func isBase64(query url.Values) bool { return query.Get("b64") != "" }

// openPolling answers a handshake over HTTP (v4 "Handshake").
func (srv *Server) openPolling(w http.ResponseWriter, r *http.Request, s *Session, form pollForm) *requestError {
	s.base64Polls = form.base64
	g := newPendingGet()
	s.polls = &polling{get: g}
	if !srv.register(s) {
		return errUnavailable
	}
	srv.setCookie(w.Header(), r, s)
	s.open([]byte(`["websocket"]`), nil)
	s.awaitPoll(w, r, g, form)
	return nil
}

// openWebSocket answers a handshake over WebSocket.
func (srv *Server) openWebSocket(w http.ResponseWriter, r *http.Request, s *Session, base64 bool) *requestError {
	if !srv.register(s) {
		return errUnavailable
	}
	conn, early, err := hijack(w)
	if err != nil {
		s.Close(CloseTransportError)
		return errInternal
	}
	srv.setCookie(w.Header(), r, s)
	c := &wsConn{session: s, base64Only: base64, bound: true}
	s.mu.Lock()
	if s.closed.Load() { // the server shuts down
		s.mu.Unlock()
		conn.Close()
		return nil
	}
	srv.sessionsRunning.Add(1) // for what reads
	c.attach(conn)
	s.ws = c
	c.push(newRawFrame(switching(r, w.Header())))
	c.flush()
	s.mu.Unlock()
	c.begin(openPause, func() {
		s.open([]byte("[]"), c.worker)
		c.received(early)
	})
	return nil
}

// open queues the open packet, calls OnOpen, and then writes all packets. w is the worker that calls it, if any.
func (s *Session) open(upgrades []byte, w *rawio.Worker) {
	srv := s.server
	packet := append([]byte(`{"sid":"`), s.id...)
	packet = append(packet, `","upgrades":`...)
	packet = append(packet, upgrades...)
	packet = append(packet, `,"pingInterval":`...)
	packet = strconv.AppendInt(packet, srv.options.PingInterval.Milliseconds(), 10)
	packet = append(packet, `,"pingTimeout":`...)
	packet = strconv.AppendInt(packet, srv.options.PingTimeout.Milliseconds(), 10)
	packet = append(packet, `,"maxPayload":`...)
	packet = strconv.AppendInt(packet, int64(srv.options.MaxPayload), 10)
	packet = append(packet, '}')

	s.beginInput(w)
	defer s.endInput()
	s.mu.Lock()
	if s.closed.Load() {
		s.mu.Unlock()
		return
	}
	s.queueApart(newFrame(opText, packetOpen, packet))
	s.startHeartbeat(srv.now())
	s.mu.Unlock()
	srv.stats.opened.Add(1)
	s.deliverOpen()
}

func (srv *Server) newSession(r *http.Request, q query, standing origin.Standing) *Session {
	return &Session{
		server:   srv,
		id:       srv.newID(),
		protocol: q.protocol,
		shard:    uint16(srv.nextShard.Add(1) % uint32(len(srv.shards))),
		handshake: &Handshake{
			Query:      q.values,
			Header:     srv.keptHeader(r.Header, standing),
			RemoteAddr: r.RemoteAddr,
			Host:       r.Host,
			Path:       r.URL.Path,
			Secure:     origin.IsSecure(r),
			Time:       time.Now(),
		},
	}
}

// keptHeader returns the part of a header that the handshake keeps. Cookies are left out if another site may have made
// the browser send the request. The values are copied: net/http stores all values in one array, which a single value would
// keep in memory.
func (srv *Server) keptHeader(h http.Header, standing origin.Standing) http.Header {
	if srv.options.Headers == nil {
		if standing != origin.Trusted {
			h = h.Clone()
			h.Del("Cookie")
		}
		return h
	}
	kept := make(http.Header, len(srv.options.Headers))
	for _, name := range srv.options.Headers {
		if values := h.Values(name); len(values) > 0 {
			kept[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	if standing != origin.Trusted {
		kept.Del("Cookie")
	}
	return kept
}

// randomID returns 120 random bits as 20 characters that need no escape in a query.
func randomID() string {
	var b [15]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (srv *Server) setCookie(h http.Header, r *http.Request, s *Session) {
	if srv.options.Cookie == "" {
		return
	}
	cookie := http.Cookie{
		Name: srv.options.Cookie, Value: s.id, Path: srv.options.CookiePath,
		Secure: srv.options.CookieSecure || origin.IsSecure(r), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	h.Add("Set-Cookie", cookie.String())
}

// register adds a session, and reports whether the server accepts it.
func (srv *Server) register(s *Session) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.refusing || srv.options.MaxSessions > 0 && len(srv.sessions) >= srv.options.MaxSessions {
		return false
	}
	srv.sessions[s.id] = s
	srv.unnotified++
	srv.sessionsRunning.Add(1)
	srv.stats.registered(s)
	return true
}

// forget removes a session that requests may no longer reach.
func (srv *Server) forget(s *Session) {
	srv.mu.Lock()
	delete(srv.sessions, s.id)
	srv.mu.Unlock()
}

func (srv *Server) lookup(sid string) *Session {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	return srv.sessions[sid]
}

func (srv *Server) addCandidate(c *wsConn) {
	srv.mu.Lock()
	srv.candidates[c] = struct{}{}
	srv.mu.Unlock()
}

// readerGone is called when nothing reads the connection any more.
func (srv *Server) readerGone(c *wsConn) {
	if c.timer != nil {
		srv.mu.Lock()
		delete(srv.candidates, c)
		srv.mu.Unlock()
	}
	srv.sessionsRunning.Done()
}

// StopAccepting answers new handshakes with HTTP 503. Open sessions continue.
func (srv *Server) StopAccepting() {
	srv.mu.Lock()
	srv.refusing = true
	srv.mu.Unlock()
}

// ResumeAccepting serves new handshakes again after StopAccepting. It has no effect once
// Shutdown was called.
func (srv *Server) ResumeAccepting() {
	srv.mu.Lock()
	srv.refusing = srv.ended
	srv.mu.Unlock()
}

// CloseSessions stops accepting and closes every session with CloseServerShutdown, so that
// clients reconnect elsewhere. It returns after OnClose has returned for all sessions, or with
// the error of ctx when ctx ends. Clients can still receive packets that were queued for them.
// ResumeAccepting ends the refusal of new sessions.
func (srv *Server) CloseSessions(ctx context.Context) error {
	srv.StopAccepting()
	srv.closeAll()
	srv.mu.Lock()
	if srv.unnotified == 0 {
		srv.mu.Unlock()
		return nil
	}
	if srv.allClosed == nil {
		srv.allClosed = make(chan struct{})
	}
	allClosed := srv.allClosed
	srv.mu.Unlock()
	select {
	case <-allClosed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// notifiedClose is called when OnClose has returned for a session.
func (srv *Server) notifiedClose() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.unnotified--
	if srv.unnotified == 0 && srv.allClosed != nil {
		close(srv.allClosed)
		srv.allClosed = nil
	}
}

// closeAll closes all sessions that are open at the time of the call.
func (srv *Server) closeAll() {
	for _, s := range srv.open() {
		s.Close(CloseServerShutdown)
	}
}

// open returns the sessions that are not closed.
func (srv *Server) open() []*Session {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	open := make([]*Session, 0, len(srv.sessions))
	for _, s := range srv.sessions {
		if !s.closed.Load() && !s.ending.Load() {
			open = append(open, s)
		}
	}
	return open
}

// gradualStep is the time between two steps of CloseGradually.
const gradualStep = 50 * time.Millisecond

// CloseGradually closes the sessions in random order with CloseServerShutdown, spread evenly over d. Sessions that are not
// closed go on as before, and new ones are accepted and closed as well. A session whose handler runs is closed later, so
// that the client gets its answer. After d, CloseGradually stops accepting, and goes on for a few seconds until all sessions are
// closed, and clients that poll have been told of the end and have no more requests on their way. It returns early when ctx
// ends. The only open sessions that are left then are those whose handlers ran until the end.
func (srv *Server) CloseGradually(ctx context.Context, d time.Duration) {
	tick := time.NewTicker(gradualStep)
	defer tick.Stop()
	for steps := int(d / gradualStep); steps > 0; steps-- {
		open := srv.open()
		mathrand.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
		// Rounded up as often as it must be, so that few sessions are spread as well.
		share := (len(open) + mathrand.IntN(steps)) / steps
		for _, s := range open {
			if share == 0 {
				break
			}
			if s.closeIdle(CloseServerShutdown) {
				share--
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	srv.StopAccepting()
	for end := srv.now() + int64(closeGrace); srv.now() < end && srv.count() > 0; {
		for _, s := range srv.open() {
			s.closeIdle(CloseServerShutdown)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// count returns the number of sessions that requests can reach, open or not.
func (srv *Server) count() int {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	return len(srv.sessions)
}

// Shutdown stops accepting, sends queued packets and closes every session with
// CloseServerShutdown. Earlier broadcasts are delivered first; a caller that continues to
// broadcast delays Shutdown. It returns when all goroutines of the server have ended and polling
// clients have received their queued packets, for which they have a few seconds. When ctx ends,
// Shutdown cuts the connections and returns the error of ctx.
//
// Polling clients need the http.Server until then: shut it down after this server.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.mu.Lock()
	srv.refusing, srv.ended = true, true
	srv.mu.Unlock()
	for i := range srv.shards {
		select {
		case <-srv.shards[i].done():
		case <-ctx.Done():
		}
	}
	srv.closeAll()
	gone := make(chan struct{})
	go func() {
		srv.sessionsRunning.Wait()
		close(gone)
	}()
	var err error
	select {
	case <-gone:
	case <-ctx.Done():
		err = ctx.Err()
		srv.cut()
	}
	srv.mu.Lock()
	first := !srv.stopped
	srv.stopped = true
	srv.mu.Unlock()
	if first {
		close(srv.quit)
	}
	srv.workers.Wait()
	for _, ended := range srv.loops.stop() {
		if err == nil {
			<-ended
		}
	}
	return err
}

// cut closes the connections of closed sessions that still have packets to send.
func (srv *Server) cut() {
	for _, s := range srv.wheel.waiting() {
		s.mu.Lock()
		if s.closed.Load() {
			s.endGrace()
		}
		s.mu.Unlock()
	}
	srv.mu.RLock()
	candidates := make([]*wsConn, 0, len(srv.candidates))
	for c := range srv.candidates {
		candidates = append(candidates, c)
	}
	srv.mu.RUnlock()
	for _, c := range candidates {
		c.session.mu.Lock()
		c.kill()
		c.session.mu.Unlock()
	}
}
