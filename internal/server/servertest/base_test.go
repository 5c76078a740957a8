package servertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"parley/internal/config"
)

// startBelow runs a server that people reach through a proxy below base, which ends
// with a slash. As `location /chat/ { proxy_pass http://…/; }` of nginx does, the
// proxy removes base if it strips; else it passes the path on.
func startBelow(t *testing.T, base string, strips bool, change ...func(*config.Config)) *Server {
	t.Helper()
	var backend *url.URL
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, base) {
			http.Error(w, "not below "+base, http.StatusTeapot)
			return
		}
		forward := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(backend)
			if strips {
				p.Out.URL.Path = "/" + strings.TrimPrefix(p.In.URL.Path, base)
				if p.In.URL.RawPath != "" {
					p.Out.URL.RawPath = "/" + strings.TrimPrefix(p.In.URL.RawPath, base)
				}
			}
		}}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	s := Start(t, append(change, func(c *config.Config) { c.PublicURL = proxy.URL + base })...)
	var err error
	if backend, err = url.Parse(s.URL); err != nil {
		t.Fatal(err)
	}
	s.URL = proxy.URL + strings.TrimSuffix(base, "/")
	return s
}

// Below a path of a host sockets worked and the web client was a blank page, because
// it asked for everything at the root.
func TestBelowAPath(t *testing.T) {
	for _, base := range []string{"/chat/", "/tools/parley/"} {
		for name, strips := range map[string]bool{"passed on": false, "removed": true} {
			t.Run(strings.Trim(base, "/")+" "+name, func(t *testing.T) {
				p := newProvider(t)
				s := startBelow(t, base, strips, withProvider(p, func(o *config.OIDC) { o.MatchEmail = true }),
					func(c *config.Config) { c.Socket.Cookie = "node" })
				p.register(s, confidential)
				everythingIsBelow(t, s, base)
				pictureGoesAllTheWay(t, s)
				signInGoesAllTheWay(t, s, base)
			})
		}
	}
}

func everythingIsBelow(t *testing.T, s *Server, base string) {
	t.Helper()
	for path, want := range map[string]string{
		"/":                 `<div id="root">`,
		"/sign-in":          `<div id="root">`,
		"/chat/1/someone":   `<div id="root">`,
		"/chat/2/some%2Fid": `<div id="root">`,
		"/inbox/task":       `<div id="root">`,
		"/people":           `<div id="root">`,
		"/settings/about":   `<div id="root">`,
		"/sw.js":            "addEventListener",
		"/docs":             "openapi.json",
		"/openapi.yaml":     "- url: " + s.URL + "\n",
		"/healthz":          "ok",
	} {
		if res, body := s.get(t, path); res.StatusCode != 200 || !strings.Contains(body, want) {
			t.Errorf("GET %s = %d %.200s", path, res.StatusCode, body)
		}
	}
	for path, want := range map[string]int{
		"/nothing": 404, "/assets/none.js": 404, "/api/none": 401, "/api/me": 401, "/chat_list": 401, "/v1/accounts": 401,
	} {
		if res, body := s.get(t, path); res.StatusCode != want || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("GET %s = %d %.200s, want %d", path, res.StatusCode, body, want)
		}
	}
	var told struct{ SocketPath, HistoryPath string }
	_, text := s.get(t, "/api/config")
	if err := json.Unmarshal([]byte(text), &told); err != nil || told.SocketPath != base+"socket.io/" || told.HistoryPath != base {
		t.Errorf("config: got %+v, %v", told, err)
	}
	if status := s.History(s.Accounts[0].Token, "/chat_list", nil, nil); status != 200 {
		t.Errorf("history: got %d", status)
	}
	for _, transport := range []string{"polling", "websocket"} {
		for _, eio := range []int{3, 4} {
			s.Connect(eio, transport, s.Accounts[0].Token)
		}
	}
	res, _ := s.get(t, s.Path+"?EIO=4&transport=polling")
	if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Path != base {
		t.Errorf("cookie of the transport: got %v, want it for %s", cookies, base)
	}
	if res, body := s.get(t, "/socket.io?EIO=4&transport=polling"); res.StatusCode != 200 {
		t.Errorf("/socket.io = %d %.100s", res.StatusCode, body)
	}
	// A path that is not clean leads to the clean one, below the base.
	res, _ = s.get(t, "//docs")
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusTemporaryRedirect || to != base+"docs" {
		t.Errorf("//docs = %d to %q", res.StatusCode, to)
	}
}

func signInGoesAllTheWay(t *testing.T, s *Server, base string) {
	t.Helper()
	for _, a := range s.Accounts {
		if !strings.HasPrefix(a.Link, s.URL+"/sign-in#code=") {
			t.Errorf("link: got %s, want it below %s", a.Link, s.URL)
		}
	}
	b := newBrowser(t)
	key, code := b.signIn(s, "one")
	if key != "code" {
		t.Fatalf("%s=%s, want a code", key, code)
	}
	if id, _ := s.exchange(t, code); id != s.Accounts[0].ID {
		t.Errorf("signed in %s, want Demo One", id)
	}
	r, err := http.DefaultTransport.RoundTrip(mustRequest(t, s.URL+"/api/sign-in/oidc/main/callback"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if to := r.Header.Get("Location"); to != base+"sign-in#error=sign-in%20expired" {
		t.Errorf("callback leads to %q", to)
	}
	if set := r.Header.Get("Set-Cookie"); !strings.Contains(set, "Path="+base+"api/sign-in/oidc/") {
		t.Errorf("callback sets %q", set)
	}
}

// The address without its last slash leads to the client. Most proxies redirect it by
// themselves.
func TestBelowAPathWithoutASlash(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.PublicURL = "https://www.example.test/tools/chat/" })
	res, _ := s.get(t, "/tools/chat?a=b")
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusTemporaryRedirect || to != "/tools/chat/?a=b" {
		t.Errorf("got %d to %q", res.StatusCode, to)
	}
	if res, body := s.get(t, "/tools/chatter"); res.StatusCode != 404 {
		t.Errorf("/tools/chatter: got %d %.100s", res.StatusCode, body)
	}
}

// The cookie of a sign-in that is under way is Secure where people come by https, also
// when it is removed.
func TestSignInCookieIsSecure(t *testing.T) {
	p := newProvider(t)
	s := Start(t, withProvider(p), func(c *config.Config) { c.PublicURL = "https://chat.example.test" })
	p.register(s, confidential)
	for _, path := range []string{"/api/sign-in/oidc/main", "/api/sign-in/oidc/main/callback"} {
		res, _ := s.get(t, path)
		if set := res.Header.Get("Set-Cookie"); !strings.Contains(set, "; Secure") || !strings.Contains(set, "; HttpOnly") {
			t.Errorf("%s sets %q", path, set)
		}
	}
}
