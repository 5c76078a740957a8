package gateway_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws/wsutil"

	"parley/internal/chat"
	"parley/internal/gateway"
	"parley/internal/store"
	"parley/internal/turn"
	"parley/socketio/socketiotest"
)

func TestLogIn(t *testing.T) {
	h := open(t, gateway.Options{})
	token, other, short := h.token["alice"], h.token["bob"], h.issue("alice", time.Minute)
	h.ahead.Store(int64(2 * time.Minute))
	inactive := chat.AccountID("gone")
	if _, err := h.svc.CreateAccount(t.Context(), chat.Account{ID: inactive, Name: "Gone", Active: true}); err != nil {
		t.Fatal(err)
	}
	ofInactive, no := h.issue(inactive, 0), false
	if _, err := h.svc.UpdateAccount(t.Context(), inactive, chat.AccountPatch{Active: &no}); err != nil {
		t.Fatal(err)
	}
	revoked := h.issue("alice", 0)
	tokens, err := h.svc.Tokens(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.svc.RevokeToken(t.Context(), tokens[0].Session); err != nil {
		t.Fatal(err)
	}

	query := func(kv ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(kv); i += 2 {
			v.Add(kv[i], kv[i+1])
		}
		return v
	}
	header := func(k, v string) http.Header { return http.Header{k: {v}} }
	type object map[string]any
	tests := []struct {
		name   string
		eio    int // 0: both
		query  url.Values
		auth   any
		header http.Header
		want   string // "" when it is let in
	}{
		{name: "query", query: query("token", token, "app", "web")},
		{name: "auth", eio: 4, auth: object{"token": token, "app": "web", "x": 1}},
		{name: "both", eio: 4, query: query("token", token, "app", "web"), auth: object{"token": token, "app": "web"}},
		{name: "token in auth, app in query", eio: 4, query: query("app", "web"), auth: object{"token": token}},
		{name: "bearer", query: query("app", "web"), header: header("Authorization", "Bearer "+token)},
		{name: "bearer in another case", query: query("app", "web"), header: header("Authorization", "bearer  "+token)},
		{name: "the history's own scheme", header: header("Authorization", "md_pss_id "+token)},
		{name: "pss_id without app", query: query("pss_id", token)},
		{name: "pss_id with app", query: query("pss_id", token, "app", "first")},
		{name: "cookie without app", header: header("Cookie", "a=b; md_pss_id="+token)},
		{name: "cookie beside a broken one", header: http.Header{"Cookie": {"b roken", "md_pss_id=" + token}}},
		{name: "twice the same", query: query("token", token, "token", token, "app", "web", "pss_id", token), header: header("Cookie", "md_pss_id="+token)},
		{name: "a foreign scheme", query: query("token", token, "app", "web"), header: header("Authorization", "Basic eDp5")},

		{name: "nothing", want: "token required"},
		{name: "no token", query: query("app", "web"), want: "token required"},
		{name: "empty token", query: query("token", "", "app", "web"), want: "token required"},
		{name: "null in auth", eio: 4, auth: object{"token": nil, "app": "web"}, want: "token required"},
		{name: "no app", query: query("token", token), want: "app required"},
		{name: "unknown app", query: query("token", token, "app", "x"), want: "invalid app"},
		{name: "unknown app with pss_id", query: query("pss_id", token, "app", "x"), want: "invalid app"},
		{name: "unknown token", query: query("token", "x", "app", "web"), want: "invalid token"},
		{name: "revoked", query: query("token", revoked, "app", "web"), want: "invalid token"},
		{name: "inactive account", query: query("token", ofInactive, "app", "web"), want: "invalid token"},
		{name: "expired", query: query("token", short, "app", "web"), want: "token expired"},
		{name: "JWT of nobody", query: query("token", "a.b.c", "app", "web"), want: "invalid token"},
		{name: "two tokens in the query", query: query("token", token, "token", other, "app", "web"), want: "credentials disagree"},
		{name: "query and auth", eio: 4, query: query("token", token, "app", "web"), auth: object{"token": other}, want: "credentials disagree"},
		{name: "query and header", query: query("token", token, "app", "web"), header: header("Authorization", "Bearer "+other), want: "credentials disagree"},
		{name: "query and cookie", query: query("token", token, "app", "web"), header: header("Cookie", "md_pss_id="+other), want: "credentials disagree"},
		{name: "pss_id and cookie", query: query("pss_id", token), header: header("Cookie", "md_pss_id="+other), want: "credentials disagree"},
		{name: "two apps", eio: 4, query: query("token", token, "app", "web"), auth: object{"app": "first"}, want: "credentials disagree"},
		{name: "auth of the wrong type", eio: 4, auth: object{"token": object{}, "app": "web"}, want: "invalid payload: auth.token must be a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, eio := range []int{3, 4} {
				if tt.eio != 0 && tt.eio != eio {
					continue
				}
				o := h.options(eio)
				o.Query, o.Auth, o.Header = tt.query, tt.auth, tt.header
				c, err := socketiotest.Connect(t.Context(), o)
				if err == nil {
					c.Close()
				}
				got := ""
				if refused := (*socketiotest.Refused)(nil); errors.As(err, &refused) {
					got = refused.Text
				} else if err != nil {
					t.Fatal(err)
				}
				if got != tt.want {
					t.Errorf("EIO %d: got %q, want %q", eio, got, tt.want)
				}
			}
		})
	}
	if got := h.log.String(); got != "" {
		t.Errorf("logged refusals: %s", got)
	}
}

// A token that is revoked after its check and before the socket is known to the
// hub must not let anybody stay.
func TestRevokedWhileLoggingIn(t *testing.T) {
	h := open(t, gateway.Options{})
	tokens, err := h.svc.Tokens(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	bob := h.connect("bob", "web")
	h.hub.before = func() {
		if err := h.svc.RevokeToken(t.Context(), tokens[0].Session); err != nil {
			t.Error(err)
		}
		// A later event is delivered later.
		if err := h.svc.ClearAllUnread(t.Context(), chat.Actor{Account: "bob"}); err != nil {
			t.Error(err)
		}
		if _, err := bob.Take(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
	c := h.connect("alice", "web")
	e, err := c.Take(t.Context(), nil)
	if err != nil || e.Name != "logout message" {
		t.Fatalf("got %v, %v, want a logout message", e, err)
	}
	<-c.Done()
}

func TestRevokedWhileConnected(t *testing.T) {
	h := open(t, gateway.Options{})
	tokens, err := h.svc.Tokens(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	c := h.connect("alice", "web")
	stays := h.connectWith(h.issue("alice", 0), "web")
	if err := h.svc.RevokeToken(t.Context(), tokens[0].Session); err != nil {
		t.Fatal(err)
	}
	e, err := c.Take(t.Context(), nil)
	if err != nil || e.Name != "logout message" || string(e.Args[0]) != `{"sessionId":"`+string(tokens[0].Session)+`"}` {
		t.Errorf("got %s %s, %v, want a logout message with the session", e.Name, e.Args, err)
	}
	<-c.Done()
	h.wantAnswer(stays, "clear chat", `{}`, `[false,1]`)
}

// Today's web client compares sessionId with the pss_id that it came with and goes
// to its log-in page only when they are equal. It got the session's id and stayed
// in "reconnecting" for ever.
func TestLogoutNamesTheSessionAsTheClientDoes(t *testing.T) {
	no := false
	ends := map[string]func(h *house, session chat.SessionID) error{
		"revoked":     func(h *house, session chat.SessionID) error { return h.svc.RevokeToken(t.Context(), session) },
		"all revoked": func(h *house, _ chat.SessionID) error { return h.svc.RevokeTokens(t.Context(), "alice") },
		"account disabled": func(h *house, _ chat.SessionID) error {
			_, err := h.svc.UpdateAccount(t.Context(), "alice", chat.AccountPatch{Active: &no})
			return err
		},
		"expired": func(h *house, _ chat.SessionID) error { h.ahead.Store(int64(2 * time.Hour)); return nil },
	}
	ways := map[string]struct {
		come      func(o *socketiotest.Options, token string)
		presented bool
	}{
		"token": {func(o *socketiotest.Options, token string) { o.Query = url.Values{"token": {token}, "app": {"web"}} }, false},
		"bearer": {func(o *socketiotest.Options, token string) {
			o.Query.Set("app", "web")
			o.Header.Set("Authorization", "Bearer "+token)
		}, false},
		"header": {func(o *socketiotest.Options, token string) { o.Header.Set("Authorization", "md_pss_id "+token) }, false},
		"query":  {func(o *socketiotest.Options, token string) { o.Query.Set("pss_id", token) }, true},
		"cookie": {func(o *socketiotest.Options, token string) { o.Header.Set("Cookie", "md_pss_id="+token) }, true},
	}
	for end, run := range ends {
		t.Run(end, func(t *testing.T) {
			h := open(t, gateway.Options{})
			token, session, err := h.svc.IssueToken(t.Context(), chat.NewToken{Account: "alice", TTL: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			clients, want := map[string]*socketiotest.Client{}, map[string]string{}
			for way, w := range ways {
				for _, eio := range []int{3, 4} {
					o, name := h.options(eio), fmt.Sprint(way, " EIO ", eio)
					w.come(&o, token)
					if clients[name], err = socketiotest.Connect(t.Context(), o); err != nil {
						t.Fatal(err)
					}
					t.Cleanup(clients[name].Close)
					want[name] = string(session.Session)
					if w.presented {
						want[name] = token
					}
				}
			}
			if err := run(h, session.Session); err != nil {
				t.Fatal(err)
			}
			for name, c := range clients {
				e, err := c.Take(t.Context(), nil)
				if err != nil || e.Name != "logout message" || string(e.Args[0]) != `{"sessionId":"`+want[name]+`"}` {
					t.Errorf("%s: got %s %s, %v, want a logout message of %s", name, e.Name, e.Args, err, want[name])
				}
				<-c.Done()
			}
		})
	}
	t.Run("revoked while logging in", func(t *testing.T) {
		h := open(t, gateway.Options{})
		bob := h.connect("bob", "web")
		h.hub.before = func() {
			if err := h.svc.RevokeTokens(t.Context(), "alice"); err != nil {
				t.Error(err)
			}
			if err := h.svc.ClearAllUnread(t.Context(), chat.Actor{Account: "bob"}); err != nil {
				t.Error(err)
			}
			if _, err := bob.Take(t.Context(), nil); err != nil { // the log-out was delivered before
				t.Error(err)
			}
		}
		o := h.options(4)
		o.Query.Set("pss_id", h.token["alice"])
		c, err := socketiotest.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		if e, err := c.Take(t.Context(), nil); err != nil || string(e.Args[0]) != `{"sessionId":"`+h.token["alice"]+`"}` {
			t.Errorf("got %s %s, %v, want a logout message of what was presented", e.Name, e.Args, err)
		}
	})
}

// A client that cannot be served now is sent away at the transport: one that was
// told DISCONNECT, or refused, would never come back by itself.
func TestTurnedBack(t *testing.T) {
	drain := func(h *house) {
		if err := h.gw.Drain(t.Context()); err != nil {
			t.Error(err)
		}
		h.hub.Close()
	}
	tests := []struct {
		name   string
		spoil  func(*house)
		logged string
	}{
		{name: "draining", spoil: drain},
		{name: "hub closed", spoil: func(h *house) { h.hub.Close() }, logged: "client not attached"},
		{name: "no database", logged: "log-in failed", spoil: func(h *house) {
			if err := h.store.Close(); err != nil {
				t.Error(err)
			}
		}},
		{name: "no database at the second check", logged: "log-in not checked again", spoil: func(h *house) {
			bob := h.connect("bob", "web")
			tokens, err := h.svc.Tokens(t.Context(), "bob")
			if err != nil {
				t.Fatal(err)
			}
			h.hub.after = func() {
				if err := h.svc.RevokeToken(t.Context(), tokens[0].Session); err != nil {
					t.Error(err)
				}
				<-bob.Done()
				if err := h.store.Close(); err != nil {
					t.Error(err)
				}
			}
		}},
	}
	for _, tt := range tests {
		for _, eio := range []int{3, 4} {
			t.Run(fmt.Sprintf("%s, EIO %d", tt.name, eio), func(t *testing.T) {
				h := open(t, gateway.Options{})
				tt.spoil(h)
				o := h.options(eio)
				o.Query = url.Values{"token": {h.token["alice"]}, "app": {"web"}}
				c, err := socketiotest.Connect(t.Context(), o)
				if err == nil {
					_, err = c.Take(t.Context(), nil)
				}
				var closed wsutil.ClosedError
				if !errors.As(err, &closed) {
					t.Errorf("got %v, want the transport closed", err)
				}
				h.gw.Close() // and with it what was logged
				if got := h.log.String(); (got != "") != (tt.logged != "") || !strings.Contains(got, tt.logged) {
					t.Errorf("got log %q, want %q", got, tt.logged)
				}
			})
		}
	}
}

// While the database fails, everybody behind an address tries again and again:
// they must not find their address shut when it is back.
func TestFaultsAreNoRefusedLogIns(t *testing.T) {
	h := open(t, gateway.Options{Limits: gateway.Limits{Rates: gateway.Rates{Refused: gateway.Rate{PerSecond: 0.001, Burst: 1}}}})
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o := h.options(4)
		o.Query = url.Values{"token": {h.token["alice"]}, "app": {"web"}}
		c, err := socketiotest.Connect(t.Context(), o)
		if err == nil {
			c.Close()
		}
		var closed wsutil.ClosedError
		if !errors.As(err, &closed) {
			t.Errorf("got %v, want the transport closed", err)
		}
	}
}

// Log-ins shared a queue without a limit: a flood from one address kept everybody else waiting as well.
func TestLogInsOfOneAddressAreBounded(t *testing.T) {
	h := openOn(t, store.Options{Readers: 2, Reads: store.Share{Running: 1, Waiting: 100, AddressWaiting: 1}}, gateway.Options{})
	bob := h.connect("bob", "web")
	flood := turn.For(t.Context(), turn.Address("127.0.0.1"))
	release, refused := make(chan struct{}), make(chan error)
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() {
			err := h.store.View(flood, func(chat.Tx) error {
				<-release
				return nil
			})
			if err != nil {
				refused <- err
			}
		})
	}
	// One has its turn, one waits.
	if err := <-refused; !errors.Is(err, chat.ErrTooManyRequests) {
		t.Fatalf("got %v, want %v", err, chat.ErrTooManyRequests)
	}
	o := h.options(4)
	o.Query = url.Values{"token": {h.token["alice"]}, "app": {"web"}}
	c, err := socketiotest.Connect(t.Context(), o)
	if err == nil {
		c.Close()
	}
	var closed wsutil.ClosedError
	if !errors.As(err, &closed) {
		t.Errorf("a log-in from the address: got %v, want the transport closed", err)
	}
	h.wantAnswer(bob, "unread count", "null", `[false,{"user":[],"group":[],"num":0,"notPush":0}]`)

	close(release)
	running.Wait()
	h.connect("alice", "web")
	h.gw.Close()
	if got := h.log.String(); got != "" {
		t.Errorf("logged: %s", got)
	}
}
