package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"parley/internal/chat"
	"parley/internal/delivery"
	"parley/internal/gateway"
	"parley/internal/store"
	"parley/internal/wire"
	"parley/socketio"
	"parley/socketio/socketiotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a gateway with everything around it that is not HTTP: the real rules on
// a real database, the real hub and real sockets. Alice and Bob are contacts.
type house struct {
	t     testing.TB
	store *testStore
	svc   *chat.Service
	hub   *testHub
	gw    *gateway.Gateway
	url   string
	apps  map[string]chat.Application // by key: web, first
	token map[chat.AccountID]string
	log   *logBuffer
	ahead atomic.Int64
}

// testHub is the hub, with hooks between the check of a token and the attachment,
// and after that.
type testHub struct {
	*delivery.Hub
	before, after func()
	ended         chan struct{} // one for every client that has gone
}

// testStore is the store, with a hook at the end of transactions.
type testStore struct {
	*store.Store
	inside func()
}

func (s *testStore) Update(ctx context.Context, fn func(chat.Tx) error) error {
	return s.Store.Update(ctx, func(tx chat.Tx) error {
		if s.inside != nil {
			defer s.inside()
		}
		return fn(tx)
	})
}

func (h *testHub) Attach(ctx context.Context, s *socketio.Socket, id chat.Identity, logoutName string) (*delivery.Client, error) {
	if h.before != nil {
		h.before()
	}
	if h.after != nil {
		defer h.after()
	}
	return h.Hub.Attach(ctx, s, id, logoutName)
}

func (h *testHub) Detach(c *delivery.Client) {
	h.Hub.Detach(c)
	h.ended <- struct{}{}
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func open(t testing.TB, opts gateway.Options) *house {
	t.Helper()
	return openOn(t, store.Options{}, opts)
}

func openOn(t testing.TB, on store.Options, opts gateway.Options) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t, apps: map[string]chat.Application{}, token: map[chat.AccountID]string{}, log: &logBuffer{}}
	log := slog.New(slog.NewTextHandler(h.log, nil))
	opts.Logger, opts.Now = log, h.now

	io := socketio.NewServer(socketio.Options{})
	ns := io.Of("/")
	h.hub = &testHub{ended: make(chan struct{}, 100)}
	h.hub.Hub = delivery.New(delivery.Options{Logger: log, Now: h.now}, io, ns, delivery.GroupSourceFunc(
		func(ctx context.Context, a chat.AccountID) ([]chat.GroupSubscription, error) {
			return h.svc.GroupsOf(ctx, a)
		}))
	var err error
	on.Path, on.Publish, on.Logger = t.TempDir(), h.hub.Publish, log
	if on.Node != "" {
		h.hub.Presence().JoinCluster(on.Node)
		on.Before = func(events []chat.Event) { h.svc.Before(events) }
		on.Missed = func() { h.svc.Missed() }
		on.Logged = func(c store.Commit) {
			h.svc.Committed(c.Events)
			h.hub.Publish(c.Events)
		}
	}
	h.store = &testStore{}
	if h.store.Store, err = store.Open(ctx, on); err != nil {
		t.Fatal(err)
	}
	h.svc = chat.New(h.store, h.hub.Presence(), nil, chat.Options{DefaultApp: "web", Now: h.now}, log)
	if on.Node != "" {
		if err := h.store.Join(ctx, store.NodeInfo{ID: on.Node}); err != nil {
			t.Fatal(err)
		}
	}
	h.gw = gateway.New[*delivery.Client](opts, ns, h.svc, h.hub)
	server := httptest.NewServer(io)
	h.url = server.URL
	t.Cleanup(func() {
		h.gw.Close()
		_ = io.Shutdown(context.Background())
		h.hub.Close()
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})

	for _, app := range []chat.Application{
		{Key: "web", Name: "Web", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst},
		{Key: "first", Name: "First", Kind: chat.AppWeb, SendAck: chat.AckResultFirst},
	} {
		made, err := h.svc.CreateApplication(ctx, "", app)
		if err != nil {
			t.Fatal(err)
		}
		h.apps[app.Key] = made.Application
	}
	for _, a := range []chat.AccountID{"alice", "bob"} {
		if _, err := h.svc.CreateAccount(ctx, chat.Account{ID: a, Name: string(a), Active: true}); err != nil {
			t.Fatal(err)
		}
		h.token[a] = h.issue(a, 0)
	}
	if err := h.svc.Befriend(ctx, "alice", "bob"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

func (h *house) issue(a chat.AccountID, ttl time.Duration) string {
	h.t.Helper()
	plain, _, err := h.svc.IssueToken(h.t.Context(), chat.NewToken{Account: a, TTL: ttl})
	if err != nil {
		h.t.Fatal(err)
	}
	return plain
}

func (h *house) options(eio int) socketiotest.Options {
	return socketiotest.Options{URL: h.url, Path: "/", EIO: eio, Transport: "websocket", Query: url.Values{}, Header: http.Header{}}
}

func (h *house) connect(a chat.AccountID, app string) *socketiotest.Client {
	h.t.Helper()
	return h.connectWith(h.token[a], app)
}

func (h *house) connectWith(token, app string) *socketiotest.Client {
	h.t.Helper()
	o := h.options(4)
	o.Query = url.Values{"token": {token}, "app": {app}}
	c, err := socketiotest.Connect(h.t.Context(), o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(c.Close)
	return c
}

// ask sends a request and returns the acknowledgement as JSON.
func (h *house) ask(c *socketiotest.Client, event string, payload ...string) string {
	h.t.Helper()
	var args []any
	for _, p := range payload {
		args = append(args, json.RawMessage(p))
	}
	answer, err := c.Request(h.t.Context(), event, args...)
	if err != nil {
		h.t.Fatalf("%s: %v", event, err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *house) wantAnswer(c *socketiotest.Client, event, payload, want string) {
	h.t.Helper()
	if got := h.ask(c, event, payload); got != want {
		h.t.Errorf("%s %.80s: got %s, want %s", event, payload, got, want)
	}
}

// hello is a text to Bob.
const hello = `{"touser":"bob","msg":"hello","type":1}`

func TestAcknowledgements(t *testing.T) {
	h := open(t, gateway.Options{})
	web, first := h.connect("alice", "web"), h.connect("alice", "first")

	if got := h.ask(web, "send message", hello); !strings.HasPrefix(got, `[false,{"id":"`) {
		t.Errorf("error first: got %s", got)
	}
	if got := h.ask(first, "send message", hello); !strings.HasPrefix(got, `[{"id":"`) {
		t.Errorf("result first: got %s", got)
	}
	// The other form is for the results of the two sends alone.
	h.wantAnswer(first, "send message", `{"touser":"nobody","msg":"x","type":1}`, `[{"error":"not my contract"}]`)
	h.wantAnswer(first, "clear unread", `{"type":1,"id":"bob"}`, `[false,1]`)
	h.wantAnswer(web, "no such event", `{}`, `[{"error":"unknown event"}]`)
	h.wantAnswer(web, "current chat", `{"id":"nobody"}`, `[false,0]`)
	h.wantAnswer(web, "upload token", `{"type":1}`, `[{"error":"forbidden"}]`)

	// A missing payload is an empty one.
	if got, want := h.ask(web, "unread count"), `[false,{"user":[],"group":[],"num":0,"notPush":0}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	h.wantAnswer(web, "clear all unread", `null`, `[false,1]`)
	if got, want := h.ask(web, "clear unread"), `[{"error":"invalid payload: type is required"}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}

	// Without an acknowledgement nothing is answered, refused or not. What the requests
	// above push has come when their last push has, which need not be before its ack.
	if _, err := web.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "clear all unread" }); err != nil {
		t.Fatal(err)
	}
	web.Drain()
	for _, e := range []string{"unread count", "no such event", "send message"} {
		if err := web.Emit(e, json.RawMessage(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	h.wantAnswer(web, "clear chat", `{}`, `[false,1]`)
	if got := web.Drain(); len(got) > 0 {
		t.Errorf("got %v, want nothing", got)
	}
	if got := h.log.String(); got != "" {
		t.Errorf("logged refusals: %s", got)
	}
}

func TestRateLimits(t *testing.T) {
	slow := gateway.Rate{PerSecond: 0.001, Burst: 2}
	h := open(t, gateway.Options{Limits: gateway.Limits{Rates: gateway.Rates{Send: slow, Query: slow, Control: slow}}})
	alice, other, bob := h.connect("alice", "web"), h.connect("alice", "web"), h.connect("bob", "web")
	const tooMany = `[{"error":"too many requests"}]`

	h.wantAnswer(alice, "clear chat", `{}`, `[false,1]`)
	h.wantAnswer(other, "clear chat", `{}`, `[false,1]`)
	// The limit is the account's, whichever of its sockets asks.
	h.wantAnswer(alice, "clear chat", `{}`, tooMany)
	h.wantAnswer(other, "no such event", `{}`, tooMany)
	h.wantAnswer(bob, "clear chat", `{}`, `[false,1]`)
	// Each class has its own.
	if got := h.ask(alice, "unread count"); got == tooMany {
		t.Error("reading shares the limit of other requests")
	}
	if got := h.ask(alice, "send message", hello); got == tooMany {
		t.Error("sending shares the limit of other requests")
	}
	h.ahead.Store(int64(time.Hour))
	h.wantAnswer(alice, "clear chat", `{}`, `[false,1]`)

	if got, want := h.gw.Stats().Limited, uint64(2); got != want {
		t.Errorf("got %d limited, want %d", got, want)
	}
}

// Refused log-ins use up the address's allowance, good ones do not. When it was used up, good ones were refused too, of
// everybody behind the address.
func TestRefusedLogInsAreLimitedByAddress(t *testing.T) {
	h := open(t, gateway.Options{Limits: gateway.Limits{Rates: gateway.Rates{Refused: gateway.Rate{PerSecond: 0.001, Burst: 2}}}})
	logIn := func(token string) string {
		t.Helper()
		o := h.options(4)
		o.Query = url.Values{"token": {token}, "app": {"web"}}
		c, err := socketiotest.Connect(t.Context(), o)
		if err != nil {
			return err.Error()
		}
		c.Close()
		return "connected"
	}
	for _, want := range []struct{ token, outcome string }{
		{h.token["bob"], "connected"},
		{"wrong", "refused: invalid token"},
		{h.token["bob"], "connected"},
		{h.token["bob"], "connected"},
		{"wrong", "refused: invalid token"},
		{"wrong", "refused: too many requests"},
		{h.token["bob"], "connected"},
		{"wrong", "refused: too many requests"},
	} {
		if got := logIn(want.token); got != want.outcome {
			t.Errorf("got %s, want %s", got, want.outcome)
		}
	}
}

// One token could hold five hundred sockets. Past the limit a new one is refused, with a text that says why, those that are there stay,
// and one that goes makes room.
func TestSocketsOfATokenAreBounded(t *testing.T) {
	h := open(t, gateway.Options{Limits: gateway.Limits{MaxPerToken: 2, MaxPerAccount: 3}})
	connect := func(who chat.AccountID) (*socketiotest.Client, error) {
		o := h.options(4)
		o.Query = url.Values{"token": {h.token[who]}, "app": {"web"}}
		return socketiotest.Connect(t.Context(), o)
	}
	first, err := connect("bob")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := connect("bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := connect("bob"); err == nil || err.Error() != "refused: too many connections" {
		t.Errorf("got %v, want the third one refused", err)
	}
	if _, err := connect("alice"); err != nil {
		t.Errorf("another account: got %v", err)
	}
	first.Close()
	for {
		_, err := connect("bob")
		if err == nil {
			break
		}
		if err.Error() != "refused: too many connections" {
			t.Fatal(err) // that it is full says that the server has not yet seen the first one go
		}
	}
}

// A fault of the server is told in the event's own words, and logged once,
// without what the client has sent.
func TestFaults(t *testing.T) {
	h := open(t, gateway.Options{UploadToken: func(chat.AccountID, int, string) (wire.Upload, error) { panic("secret words") }})
	alice := h.connect("alice", "web")
	h.wantAnswer(alice, "upload token", `{"type":1}`, `[{"error":"internal error"}]`)
	if log := h.log.String(); strings.Count(log, "request failed") != 1 || strings.Contains(log, "secret words") || !strings.Contains(log, "gateway_test.go") {
		t.Errorf("got log %s", log)
	}
	h.wantAnswer(alice, "clear chat", `{}`, `[false,1]`) // the connection lives

	// A panic inside a transaction comes as an error, and tells its place, too.
	h.store.inside = func() { panic("secret words") }
	h.wantAnswer(alice, "send message", hello, `[{"error":"database error"}]`)
	h.store.inside = nil
	if log := h.log.String(); strings.Count(log, "request failed") != 2 || strings.Count(log, "(*testStore).Update") != 1 || strings.Contains(log, "secret words") {
		t.Errorf("got log %s", log)
	}

	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ event, payload, want string }{
		{"send message", `{"touser":"bob","msg":"secret words","type":1}`, "database error"},
		{"withdraw user message", `{"messageId":1,"touser":"bob"}`, "database error"},
		{"send group message", `{"togroup":"g","msg":"secret words","type":1}`, "database err"},
		{"group shake", `{"gid":"g","toUser":"all","messageId":1}`, "database err"},
		{"unread count", `{}`, "internal error"},
	} {
		before := strings.Count(h.log.String(), "request failed")
		h.wantAnswer(alice, tt.event, tt.payload, `[{"error":"`+tt.want+`"}]`)
		if got := strings.Count(h.log.String(), "request failed") - before; got != 1 {
			t.Errorf("%s: logged %d times, want once", tt.event, got)
		}
	}
	if strings.Contains(h.log.String(), "secret words") {
		t.Error("a text is in the log")
	}
}

// Refusals because of too much work are counted and not logged, because they concern every request.
func TestTooMuchToDo(t *testing.T) {
	h := openOn(t, store.Options{MaxWaiting: 1}, gateway.Options{})
	running, finish := make(chan struct{}, 3), make(chan struct{})
	h.store.inside = func() { running <- struct{}{}; <-finish }
	clients := []*socketiotest.Client{h.connect("alice", "web"), h.connect("alice", "web"), h.connect("alice", "web")}
	send := func(c *socketiotest.Client) {
		if err := c.Emit("send message", json.RawMessage(hello)); err != nil {
			t.Fatal(err)
		}
	}
	send(clients[0])
	<-running
	send(clients[1])
	for h.store.Waiting() == 0 {
		runtime.Gosched()
	}
	h.wantAnswer(clients[2], "send message", hello, `[{"error":"database error"}]`)
	close(finish)
	for _, c := range clients[:2] {
		h.wantAnswer(c, "clear chat", `{}`, `[false,1]`)
	}
	if got := h.gw.Stats().Faults; got != 1 {
		t.Errorf("got %d faults, want 1", got)
	}
	if got := h.log.String(); got != "" {
		t.Errorf("got log %s, want none", got)
	}
}

// Drain also waits for work of HTTP requests.
func TestDrainAwaitsOtherWork(t *testing.T) {
	h := open(t, gateway.Options{})
	leave, ok := h.gw.Enter()
	if !ok {
		t.Fatal("not let in")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.gw.Drain(over); err == nil {
		t.Error("drained although something is under way")
	}
	leave()
	if err := h.gw.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

// A request that is being worked on when the server stops is acknowledged; a
// later one is left for the client to repeat elsewhere.
func TestDrain(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	h := open(t, gateway.Options{UploadToken: func(chat.AccountID, int, string) (wire.Upload, error) {
		close(entered)
		<-leave
		return wire.Upload{Key: "k"}, nil
	}})
	alice, bob := h.connect("alice", "web"), h.connect("bob", "web")
	answered := make(chan string, 1)
	go func() { answered <- h.ask(alice, "upload token", `{"type":1}`) }()
	<-entered

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.gw.Drain(over); err == nil {
		t.Error("drained although a request is under way")
	}
	late, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := bob.Emit("send message", json.RawMessage(`{"touser":"alice","msg":"late","type":1}`)); err != nil {
		t.Fatal(err)
	}
	close(leave)
	if err := h.gw.Drain(late); err != nil {
		t.Error(err)
	}
	if got, want := <-answered, `[false,{"token":"","key":"k"}]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, ok := h.gw.Enter(); ok {
		t.Error("work was let in after draining")
	}
	if got := h.gw.Stats().Requests; got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}
