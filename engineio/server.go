package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"parley/engineio/origin"
)

// Handler is told of what happens on sessions. Calls for one session come one
// at a time and in order; calls for different ones come concurrently. A panic in a callback
// closes the session.
type Handler interface {
	// OnOpen is called before anything of the client is read and before the open
	// packet leaves. What it sends follows the open packet: over polling in the same answer, over
	// WebSocket a few milliseconds later.
	OnOpen(s *Session)
	// OnMessage is called for each message. data is valid until it returns, and may be modified.
	OnMessage(s *Session, data []byte, binary bool)
	// OnClose is called exactly once for each session that OnOpen was called for, after the last OnMessage.
	OnClose(s *Session, reason CloseReason)
}

// Server serves Engine.IO sessions as an http.Handler, on every path it is
// mounted on; see ServeHTTP. It is safe for concurrent use.
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

	// sessionsRunning counts open sessions, closed ones that a poll is to take something from, and all goroutines of
	// sessions. It is
	// raised only under mu while accepting, or by something that it counts already.
	sessionsRunning sync.WaitGroup
	// workers counts the wheel's goroutine and those of the shards, which end with quit.
	workers sync.WaitGroup
	quit    chan struct{}

	mu         sync.RWMutex
	refusing   bool
	ended      bool // Shutdown was called
	stopped    bool
	untold     int           // sessions whose end the handler has not been told
	allTold    chan struct{} // closed when there are none; nil: nobody waits for that
	sessions   map[string]*Session
	candidates map[*wsConn]struct{}
}

const (
	transportPolling   = "polling"
	transportWebSocket = "websocket"
)

// NewServer makes a server that tells handler what happens. It starts no
// goroutine before there is a session.
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

// tick is how precise heartbeats are: some hundredths of the shorter time, and
// nothing below what the scheduler keeps.
func (srv *Server) tick() time.Duration {
	shorter := min(srv.options.PingInterval, srv.options.PingTimeout)
	return min(max(shorter/64, 2*time.Millisecond), 250*time.Millisecond)
}

// now is the time since the server began, in nanoseconds.
func (srv *Server) now() int64 { return int64(time.Since(srv.began)) }

// requestError is the answer to a request that cannot be served.
type requestError struct {
	status  int
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// The codes are those that clients of the reference implementation know.
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

// refuse answers with e.
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
	// For WebSockets too, which browsers let any page open.
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

// answer refuses the request if it was not served.
func (srv *Server) answer(w http.ResponseWriter, refusal *requestError) {
	if refusal != nil {
		srv.stats.refused.Add(1)
		srv.refuse(w, refusal)
	}
}

// serve serves the request of a page with that standing or says what is wrong with it.
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

// query is what the query of a request says.
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
	s.open([]byte(`["websocket"]`))
	s.awaitPoll(w, r, g, form)
	return nil
}

// openWebSocket answers a handshake that is a WebSocket from the start.
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
	c := newWSConn(s, conn, base64)
	c.bound = true
	s.mu.Lock()
	if s.closed.Load() { // the server shuts down
		s.mu.Unlock()
		conn.Close()
		return nil
	}
	srv.sessionsRunning.Add(1) // the reader
	s.ws = c
	c.push(newRawFrame(switching(r, w.Header())))
	c.flush()
	s.mu.Unlock()
	// A goroutine of its own, so that net/http's buffers and stack can go.
	go c.readLoop(func() {
		time.Sleep(openPause)
		s.open([]byte("[]"))
		c.received(early)
	})
	return nil
}

// open queues the open packet, tells the handler and lets both leave.
func (s *Session) open(upgrades []byte) {
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

	s.beginInput()
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

// keptHeader is what the handshake keeps of a header: no cookies where another site may have made the browser send
// the request. The values are copied: those of net/http lie in one array, so that one of them would keep all.
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

// randomID is 120 random bits in 20 characters that need no escape in a query.
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

// register makes room for a session, or reports that there is none.
func (srv *Server) register(s *Session) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.refusing || srv.options.MaxSessions > 0 && len(srv.sessions) >= srv.options.MaxSessions {
		return false
	}
	srv.sessions[s.id] = s
	srv.untold++
	srv.sessionsRunning.Add(1)
	srv.stats.registered(s)
	return true
}

// forget is called when no request can reach the session any more.
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

// StopAccepting answers new handshakes with HTTP 503. What is open goes on.
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
// clients reconnect elsewhere. It returns when the handler has been told of the end of all
// of them, or when ctx ends, with its error. Clients may still take what was queued for
// them. ResumeAccepting lets them in again.
func (srv *Server) CloseSessions(ctx context.Context) error {
	srv.StopAccepting()
	srv.closeAll()
	srv.mu.Lock()
	if srv.untold == 0 {
		srv.mu.Unlock()
		return nil
	}
	if srv.allTold == nil {
		srv.allTold = make(chan struct{})
	}
	told := srv.allTold
	srv.mu.Unlock()
	select {
	case <-told:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// told is called when the handler was told of the end of a session.
func (srv *Server) told() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.untold--
	if srv.untold == 0 && srv.allTold != nil {
		close(srv.allTold)
		srv.allTold = nil
	}
}

// closeAll closes every session that is open now.
func (srv *Server) closeAll() {
	srv.mu.RLock()
	open := make([]*Session, 0, len(srv.sessions))
	for _, s := range srv.sessions {
		open = append(open, s)
	}
	srv.mu.RUnlock()
	for _, s := range open {
		s.Close(CloseServerShutdown)
	}
}

// Shutdown stops accepting, sends what is queued and closes every session with
// CloseServerShutdown. What was broadcast before reaches everybody; whoever goes on to broadcast keeps it
// waiting. It returns once all goroutines of the server are gone and clients that poll have taken
// what was queued for them, for which they have a few seconds, or
// when ctx ends, with its error: then connections are cut.
//
// Those clients need requests to be served meanwhile: shut the http.Server down afterwards.
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
	return err
}

// cut closes the connections of sessions that are closed but have not handed over
// everything yet.
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
