package servertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/store"
	"parley/socketio/socketiotest"
)

func send(s *Server, text string) map[string]any {
	return map[string]any{"togroup": s.Group.ID, "msg": text, "type": 1, "waitingid": text}
}

func scrape(t *testing.T, s *Server) string {
	t.Helper()
	r, err := http.Get(s.MetricsURL())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestFigures(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.Metrics.Listen = "127.0.0.1:0" })
	one := s.Connect(4, "websocket", s.Accounts[0].Token)
	s.Connect(3, "polling", s.Accounts[1].Token)
	if _, err := one.Request(t.Context(), "send group message", send(s, "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Request(t.Context(), "send group message", map[string]any{"togroup": 0}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Request(t.Context(), "no such thing"); err != nil {
		t.Fatal(err)
	}
	page := scrape(t, s)
	for _, want := range []string{
		`parley_connections{protocol="4",transport="websocket"} 1`,
		`parley_connections{protocol="3",transport="polling"} 1`,
		`parley_sockets 2`,
		`parley_accounts_online 2`,
		`parley_requests_total{event="send group message",outcome="ok"} 1`,
		`parley_requests_total{event="send group message",outcome="refused"} 1`,
		`parley_requests_total{event="unknown",outcome="refused"} 1`,
		`parley_requests_total{event="shake shake",outcome="limited"} 0`,
		`parley_slow_consumers_total 0`,
		`parley_commits_failed_total 0`,
		`parley_logins_total{outcome="ok"} 2`,
	} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("no %s in\n%s", want, regexp.MustCompile(`(?m)^(#|go_|process_).*\n`).ReplaceAllString(page, ""))
		}
	}
	for _, want := range []string{"parley_commit_seconds_bucket", "parley_commit_writes_sum", "parley_batch_seconds_count", "go_goroutines"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if r, err := http.Get(s.URL + "/metrics"); err != nil || r.StatusCode != http.StatusNotFound {
		t.Errorf("public /metrics: got %v, %v, want 404", r, err)
	}
}

// A request is answered as long as its connection was there when it came.
func TestDrainAcknowledgesWhatIsInFlight(t *testing.T) {
	s := Start(t)
	const senders = 8
	var wg sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	begun := make(chan struct{}, senders)
	for i := range senders {
		c := s.Connect(3+i%2, []string{"websocket", "polling"}[i/2%2], s.Accounts[i%3].Token)
		wg.Go(func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("%d-%d", i, n)
				ack, err := c.Request(t.Context(), "send group message", send(s, text))
				if err != nil {
					return // the connection has been closed
				}
				if string(ack[0]) != "false" {
					t.Errorf("got %s", ack)
					return
				}
				mu.Lock()
				acknowledged[text] = true
				mu.Unlock()
				if n == 3 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range senders {
		<-begun
	}
	if err := s.Stop(); err != nil {
		t.Errorf("got %v, want a clean end", err)
	}
	wg.Wait()
	if strings.Contains(s.Log(), "cut off") || strings.Contains(s.Log(), "level=ERROR") {
		t.Errorf("not everything was finished:\n%s", s.Log())
	}

	// Acknowledged messages are there after a new start.
	again := Start(t, func(c *config.Config) { c.Data = s.Data() })
	found := map[string]bool{}
	query := url.Values{"groupid": {string(s.Group.ID)}, "num": {"100"}}
	for {
		var rows []struct {
			ID  string
			Msg struct{ Con string }
		}
		if status := again.History(again.Accounts[0].Token, "/group_messages", query, &rows); status != http.StatusOK {
			t.Fatalf("history: got %d", status)
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			found[r.Msg.Con] = true
		}
		query.Set("sinceid", rows[len(rows)-1].ID)
	}
	for text := range acknowledged {
		if !found[text] {
			t.Errorf("%s was acknowledged and is not there", text)
		}
	}
}

// A change that the host API has answered is pushed, also while the server stops.
func TestDrainPushesWhatTheHostWasAnswered(t *testing.T) {
	s := Start(t)
	const senders = 4
	bob := s.Connect(4, "websocket", s.Accounts[1].Token)
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered := map[string]bool{}
	begun := make(chan struct{}, senders)
	for i := range senders {
		wg.Go(func() {
			for n := 0; ; n++ {
				text := fmt.Sprintf("%d-%d", i, n)
				body := fmt.Sprintf(`{"from":%q,"toGroup":%q,"type":1,"text":%q}`, s.Accounts[0].ID, s.Group.ID, text)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/messages", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
				r.Header.Set("Content-Type", "application/json")
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					return // the listener is closed
				}
				response.Body.Close()
				switch response.StatusCode {
				case http.StatusCreated:
					mu.Lock()
					answered[text] = true
					mu.Unlock()
				case http.StatusServiceUnavailable:
					return
				default:
					t.Errorf("got %s", response.Status)
					return
				}
				if n == 3 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range senders {
		<-begun
	}
	if err := s.Stop(); err != nil {
		t.Errorf("got %v, want a clean end", err)
	}
	wg.Wait()
	<-bob.Done()
	for _, e := range bob.Drain() {
		if e.Name == "new group message" {
			var m struct{ Msg struct{ Con string } }
			if err := json.Unmarshal(e.Args[0], &m); err != nil {
				t.Fatal(err)
			}
			delete(answered, m.Msg.Con)
		}
	}
	if len(answered) > 0 {
		t.Errorf("answered and not pushed: %v", answered)
	}
}

// Thousands of connections that say nothing, or half of something, keep nobody out.
func TestHalfOpenConnectionsKeepNobodyOut(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.HTTP.MaxWaiting = 100 })
	address := strings.TrimPrefix(s.URL, "http://")
	for i := range 2000 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		switch i % 3 {
		case 1:
			fmt.Fprint(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nX-")
		case 2:
			fmt.Fprint(conn, "G")
		}
	}
	c := s.Connect(4, "websocket", s.Accounts[0].Token)
	if _, err := c.Request(t.Context(), "unread count", map[string]any{}); err != nil {
		t.Error(err)
	}
	if status := s.Host(http.MethodGet, "/accounts", nil, nil); status != http.StatusOK {
		t.Errorf("host API: got %d, want 200", status)
	}
}

func TestUploadTokenAndDefaultApplication(t *testing.T) {
	s := Start(t)
	c, err := socketiotest.Connect(t.Context(), socketiotest.Options{
		URL: s.URL, Path: "/mds2/", EIO: 3, Transport: "websocket", Query: url.Values{"pss_id": {s.Accounts[0].Token}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ack, err := c.Request(t.Context(), "upload token", map[string]any{"type": 1})
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^\{"token":"parley:[\w-]{27}=:[\w=-]+","key":"` + string(s.Accounts[0].ID) + `/\d{4}/\d{1,2}/\d{1,2}/\w+","address":"/upload","maxSize":20971520,"chunkSize":4194304\}$`)
	if len(ack) != 2 || !want.Match(ack[1]) {
		t.Errorf("got %s, want %v", ack, want)
	}
	if ack, err = c.Request(t.Context(), "upload token", map[string]any{"type": 5}); err != nil || len(ack) != 1 {
		t.Errorf("type 4: got %s, %v, want a refusal", ack, err)
	}
}

func TestAdvanceMovesTheClockOfTheRules(t *testing.T) {
	s := Start(t)
	c := s.Connect(4, "websocket", s.Accounts[0].Token)
	s.Advance(31 * 24 * time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == "logout message" }); err != nil {
		t.Errorf("the token is over, got %v", err)
	}
	_, err := socketiotest.Connect(ctx, socketiotest.Options{
		URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: url.Values{"token": {s.Accounts[0].Token}, "app": {s.App}},
	})
	var refused *socketiotest.Refused
	if !errors.As(err, &refused) || refused.Text != "token expired" {
		t.Errorf("got %v, want token expired", err)
	}
}

// The log of a server on a new folder says what is missing, and what to do.
func TestServerWithoutApplicationsSaysSo(t *testing.T) {
	c := Config(t)
	for _, registered := range []bool{false, true} {
		var written log
		ctx, stop := context.WithCancel(t.Context())
		s, err := server.New(ctx, c, server.NewLogger(&written, config.Log{Format: "text", Level: "info"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if registered {
			if _, err := s.Chat().CreateApplication(ctx, "", chat.Application{Name: "App"}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Chat().CreateAccount(ctx, chat.Account{Name: "Account"}); err != nil {
				t.Fatal(err)
			}
		}
		links, err := s.SetUpLinks(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if (len(links) == 0) != registered {
			t.Errorf("registered %t: links %v, want one without people", registered, links)
		}
		stop()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		for _, remedy := range []string{"parley app create NAME --data " + c.Data} {
			if got := strings.Contains(written.String(), remedy); got == registered {
				t.Errorf("registered %t: told %s: %t\n%s", registered, remedy, got, written.String())
			}
		}
	}
}

// An application's secret of an earlier version has become its signing key. It may
// be in a client, where everybody can sign in anybody with it.
func TestServerTellsOfOldSigningKeys(t *testing.T) {
	c := Config(t)
	db, err := store.Open(t.Context(), store.Options{Path: c.Data})
	if err != nil {
		t.Fatal(err)
	}
	app := chat.Application{ID: "old", Key: "old-key", Name: "Old", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst, SigningKeys: []chat.Credential{{Value: "Zm9ybWVyIHNlY3JldCBvZiBhbiBhcHBsaWNhdGlvbg"}}}
	if err := db.Update(t.Context(), func(tx chat.Tx) error { return tx.CreateApplication(app) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, replaced := range []bool{false, true} {
		var written log
		ctx, stop := context.WithCancel(t.Context())
		s, err := server.New(ctx, c, server.NewLogger(&written, config.Log{Format: "text", Level: "info"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if replaced {
			if _, err := s.Chat().RotateSigningKey(ctx, "", "old", 0); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := s.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(written.String(), "parley app revoke old-key --signing-key"); got == replaced {
			t.Errorf("replaced %t: told %t\n%s", replaced, got, written.String())
		}
		if strings.Contains(written.String(), "Zm9ybWVyIHNlY3JldCBvZiBhbiBhcHBsaWNhdGlvbg") {
			t.Error("the log shows the key")
		}
	}
}

func TestTokensOfTheHostEndAsConfigured(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.Token.TTL = 2 * time.Hour })
	var token struct{ CreatedAt, ExpiresAt time.Time }
	if status := s.Host("POST", "/accounts/"+string(s.Accounts[0].ID)+"/tokens", struct{}{}, &token); status != http.StatusCreated {
		t.Fatalf("got %d", status)
	}
	if life := token.ExpiresAt.Sub(token.CreatedAt); life != 2*time.Hour {
		t.Errorf("lives %v, want what token.ttl says", life)
	}
}

func TestJWTOfTheApplicationsHost(t *testing.T) {
	s := Start(t)
	sign := func(secret string, c auth.Claims) string {
		token, err := auth.SignJWT(secret, c)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	good := auth.Claims{Subject: string(s.Accounts[0].ID), Issuer: s.App, ID: "from-the-host", ExpiresAt: time.Now().Add(time.Hour)}
	c := s.Connect(4, "websocket", sign(s.SigningKey, good))

	expired, nobody, elsewhere, endless := good, good, good, good
	expired.ExpiresAt = time.Now().Add(-time.Hour)
	nobody.Subject = "d0000000-0000-4000-8000-0000000000ff"
	elsewhere.Issuer = "another"
	endless.ExpiresAt = time.Now().AddDate(1, 0, 0)
	for name, refusal := range map[string]struct{ token, want string }{
		"expired":            {sign(s.SigningKey, expired), "token expired"},
		"no such account":    {sign(s.SigningKey, nobody), "invalid token"},
		"for a year":         {sign(s.SigningKey, endless), "invalid token"},
		"another issuer":     {sign(s.SigningKey, elsewhere), "invalid token"},
		"another's secret":   {sign("0123456789abcdef0123456789abcdef", good), "invalid token"},
		"an opaque token no": {"nonsense", "invalid token"},
	} {
		_, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: url.Values{"token": {refusal.token}, "app": {s.App}},
		})
		var refused *socketiotest.Refused
		if !errors.As(err, &refused) || refused.Text != refusal.want {
			t.Errorf("%s: got %v, want %s", name, err, refusal.want)
		}
	}

	// Its session can be revoked like that of any token.
	if err := s.Chat.RevokeToken(t.Context(), "from-the-host"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Take(t.Context(), func(e socketiotest.Event) bool { return e.Name == "logout message" }); err != nil {
		t.Errorf("revoked: got %v, want logout message", err)
	}
	<-c.Done()
}

// A host whose clock is ahead dates its JWTs later than they are: one from before a revocation was good afterwards.
func TestJWTOfAFastClockEndsWithTheOthers(t *testing.T) {
	s := Start(t)
	account := s.Accounts[0].ID
	logIn := func(issued time.Time) error {
		token, err := auth.SignJWT(s.SigningKey, auth.Claims{Subject: string(account), Issuer: s.App, IssuedAt: issued, ExpiresAt: s.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Chat.Authenticate(t.Context(), token, s.App)
		return err
	}
	early := s.Now().Add(auth.Leeway - time.Second)
	if err := logIn(early); err != nil {
		t.Fatalf("before the revocation: %v", err)
	}
	if err := s.Chat.RevokeTokens(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if err := logIn(early); !errors.Is(err, chat.ErrInvalidToken) {
		t.Errorf("after it: got %v, want invalid token", err)
	}
	s.Advance(2 * time.Minute)
	if err := logIn(early); !errors.Is(err, chat.ErrInvalidToken) {
		t.Errorf("later: got %v, want invalid token", err)
	}
	if err := logIn(s.Now()); err != nil {
		t.Errorf("a new one: %v", err)
	}
}

// The time of issue of a JWT without iat was computed from exp and the present auth.jwt-max-life. With a shorter max life, a JWT
// from before a revocation counted as issued after it, and so did one whose exp was too far ahead at the time of the revocation.
func TestRevokedJWTWithoutTimeOfIssueStaysRevoked(t *testing.T) {
	folder := t.TempDir()
	start := func(life time.Duration) *Server {
		return Start(t, func(c *config.Config) { c.Data, c.Auth.JWTMaxLife = folder, life })
	}
	s := start(30 * 24 * time.Hour)
	revoked, other := s.Accounts[0].ID, s.Accounts[1].ID
	sign := func(account chat.AccountID, issued time.Time, life time.Duration) string {
		token, err := auth.SignJWT(s.SigningKey, auth.Claims{Subject: string(account), Issuer: s.App, IssuedAt: issued, ExpiresAt: s.Now().Add(life)})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	logIn := func(what, token string, want error) {
		t.Helper()
		if _, err := s.Chat.Authenticate(t.Context(), token, s.App); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
		}
	}
	short, long, unaffected := sign(revoked, time.Time{}, time.Hour), sign(revoked, time.Time{}, 31*24*time.Hour), sign(other, time.Time{}, time.Hour)
	logIn("before the revocation", short, nil)
	logIn("longer than the max life", long, chat.ErrInvalidToken)
	if err := s.Chat.RevokeTokens(t.Context(), revoked); err != nil {
		t.Fatal(err)
	}
	logIn("after the revocation", short, chat.ErrInvalidToken)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start(time.Minute)
	s.Advance(time.Hour - 30*time.Second)
	logIn("with a shorter max life", short, chat.ErrInvalidToken)
	logIn("of another account, near its exp", unaffected, nil)
	logIn("signed later, with iat", sign(revoked, s.Now(), time.Minute), nil)
	s.Advance(31*24*time.Hour - time.Hour)
	logIn("that was too long, near its exp", long, chat.ErrInvalidToken)
}

// JWTs of different accounts with the same jti counted as one token: the sockets of one
// account kept out those of the others.
func TestSocketsOfJWTsAreCountedByAccount(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.Socket.MaxPerToken = 1 })
	connect := func(a chat.AccountID) error {
		token, err := auth.SignJWT(s.SigningKey, auth.Claims{Subject: string(a), Issuer: s.App, ID: "the same", ExpiresAt: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		c, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: url.Values{"token": {token}, "app": {s.App}},
		})
		if err == nil {
			t.Cleanup(c.Close)
		}
		return err
	}
	for _, a := range s.Accounts[:2] {
		if err := connect(a.ID); err != nil {
			t.Errorf("the first socket of %s: got %v", a.Name, err)
		}
	}
	var refused *socketiotest.Refused
	if err := connect(s.Accounts[0].ID); !errors.As(err, &refused) || refused.Text != "too many connections" {
		t.Errorf("one more of an account: got %v, want too many connections", err)
	}
}
