// Package servertest runs a whole server for a test: real sockets on a free port
// of loopback, a real database in a temporary folder, the people of the demo in
// it, and a clock that can be moved.
package servertest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/server/demo"
	"parley/socketio/socketiotest"
)

// Server is a running server.
type Server struct {
	demo.World
	URL  string
	Path string // of sockets
	Chat *chat.Service

	// TLS is how clients check the server's certificate, if it has one.
	TLS *tls.Config

	t      testing.TB
	config config.Config
	server *server.Server
	log    *log
	ahead  atomic.Int64 // of the clock, in nanoseconds
	stop   context.CancelFunc
	web    *http.Client // with TLS
	ended  chan error
	once   sync.Once
	err    error
}

// Config returns the configuration that Start uses: the defaults on a free port
// and a temporary folder, without metrics, rates and the wait for a second try, and with a short pause between pushes of who is
// online.
func Config(t testing.TB) config.Config {
	c := config.Default()
	c.Listen = "127.0.0.1:0"
	c.Metrics.Listen = ""
	c.Data = t.TempDir()
	c.TimeZone = "UTC"
	c.DefaultApp = demo.AppKey
	c.DrainTimeout = 10 * time.Second
	c.Log.Level = "debug"
	c.Chat.AvailabilityPause = 100 * time.Millisecond
	c.Socket.Epoll = os.Getenv("PARLEY_TEST_EPOLL") != "off"
	c.Rate = config.Rate{SendBurst: 1, RequestBurst: 1, LoginBurst: 1, HistoryBurst: 1, SignInBurst: 1, PasswordBurst: 1, PasswordAllBurst: 1, WebhookBurst: 1}
	return c
}

// Start runs a server until the test ends, in the configuration of [Config] as
// the functions change it. When the test fails, the server's log is printed.
func Start(t testing.TB, change ...func(*config.Config)) *Server {
	t.Helper()
	c := Config(t)
	for _, f := range change {
		f(&c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, config: c, log: &log{}, ended: make(chan error, 1), Path: c.Socket.Paths[0]}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.Log())
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	var err error
	s.server, err = server.New(ctx, c, server.NewLogger(s.log, config.Log{Format: "text", Level: c.Log.Level}), s.Now)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	s.Chat, s.URL = s.server.Chat(), s.server.URL()
	if s.World, err = demo.Fill(ctx, s.Chat, s.server.SignInLink); err != nil {
		stop()
		_ = s.server.Close()
		t.Fatal(err)
	}
	go func() { s.ended <- s.server.Run(ctx) }()
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return s
}

// Stop drains the server as SIGTERM does, and returns how that went. A second
// call returns the same.
func (s *Server) Stop() error {
	s.once.Do(func() {
		s.stop()
		s.err = <-s.ended
	})
	return s.err
}

// Now is the clock of the server's rules.
func (s *Server) Now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// Advance moves the clock of the server's rules. Heartbeats and other waits of
// the transport go on by the real one.
func (s *Server) Advance(by time.Duration) { s.ahead.Add(int64(by)) }

// Data returns the folder of the database, for a second start after Stop.
func (s *Server) Data() string { return s.config.Data }

// Log returns what the server has logged.
func (s *Server) Log() string { return s.log.String() }

// MetricsURL returns where the figures are, "" when the configuration has none.
func (s *Server) MetricsURL() string { return s.server.MetricsURL() }

// Connect opens a socket of the token's owner through the demo's application. It
// is closed when the test ends.
func (s *Server) Connect(eio int, transport, token string) *socketiotest.Client {
	s.t.Helper()
	c, err := socketiotest.Connect(s.t.Context(), socketiotest.Options{
		URL: s.URL, Path: s.Path, EIO: eio, Transport: transport,
		Query: url.Values{"token": {token}, "app": {s.App}}, TLS: s.TLS,
	})
	if err != nil {
		s.t.Fatalf("connect on EIO %d over %s: %v", eio, transport, err)
	}
	s.t.Cleanup(c.Close)
	return c
}

// Host calls the host API as the demo's application of kind server. It returns the status; the
// answer's body goes into answer, which may be nil.
func (s *Server) Host(method, path string, body, answer any) int {
	s.t.Helper()
	var send io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		send = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+"/v1"+path, send)
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	r.Header.Set("Content-Type", "application/json")
	return s.do(r, answer)
}

// History reads one of the history endpoints as the token's owner.
func (s *Server) History(token, path string, query url.Values, answer any) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.URL+path+"?"+query.Encode(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "md_pss_id "+token)
	return s.do(r, answer)
}

// client returns an HTTP client that accepts the server's certificate.
func (s *Server) client() *http.Client {
	if s.TLS == nil {
		return http.DefaultClient
	}
	if s.web == nil {
		s.web = &http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS}}
		s.t.Cleanup(s.web.CloseIdleConnections)
	}
	return s.web
}

func (s *Server) do(r *http.Request, answer any) int {
	s.t.Helper()
	response, err := s.client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer != nil && len(text) > 0 {
		if err := json.Unmarshal(text, answer); err != nil {
			s.t.Fatalf("%s %s: %s: %v in %s", r.Method, r.URL.Path, response.Status, err, text)
		}
	}
	return response.StatusCode
}

// log is what the server writes, in memory.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
