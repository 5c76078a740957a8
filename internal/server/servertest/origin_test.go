package servertest

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/internal/config"
	"parley/socketio/socketiotest"
)

// ask sends a request to the transport with the cookie of the first account, and
// returns the status and the body.
func (s *Server) ask(t *testing.T, method, query, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+s.Path+"?transport=polling&"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", "md_pss_id="+s.Accounts[0].Token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// poll opens a session of Engine.IO 3 and returns the packets up to the answer to its
// log-in.
func (s *Server) poll(t *testing.T, query string, header ...string) string {
	t.Helper()
	query = "EIO=3&app=" + s.App + query
	status, opened := s.ask(t, "GET", query, "", header...)
	if status != 200 {
		t.Fatalf("handshake: got %d %s", status, opened)
	}
	_, rest, _ := strings.Cut(strings.ReplaceAll(opened, `\"`, `"`), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	told := opened
	for !strings.Contains(told, ":40") && !strings.Contains(told, ":44") {
		status, more := s.ask(t, "GET", query+"&sid="+url.QueryEscape(sid), "", header...)
		if status != 200 {
			t.Fatalf("poll: got %d %s after %s", status, more, told)
		}
		told += more
	}
	return told
}

// A page elsewhere read a victim's messages: a script element polled by JSONP with
// the victim's cookie, which the browser added by itself.
func TestForeignPageDoesNotLogInWithTheCookie(t *testing.T) {
	s := Start(t)
	status, body := s.ask(t, "GET", "EIO=3&j=0&app="+s.App, "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "script")
	if status != 400 || !strings.Contains(body, "JSONP is off") {
		t.Errorf("JSONP by default: got %d %s, want 400", status, body)
	}
	const loggedIn, refused = ":40", "token required"
	open := Start(t, func(c *config.Config) {
		c.Socket.JSONP = true
		c.Socket.AllowedOrigins = []string{"*", "https://listed.example.test"}
	})
	for _, test := range []struct {
		name, query string
		header      []string
		want        string
	}{
		{"a program", "", nil, loggedIn},
		{"the own page", "", []string{"Sec-Fetch-Site", "same-origin"}, loggedIn},
		{"a listed page", "", []string{"Origin", "https://listed.example.test", "Sec-Fetch-Site", "cross-site"}, loggedIn},
		{"JSONP", "&j=0", nil, refused},
		{"JSONP from elsewhere", "&j=0", []string{"Sec-Fetch-Site", "cross-site"}, refused},
		{"JSONP from a subdomain", "&j=0", []string{"Sec-Fetch-Site", "same-site"}, refused},
		{"JSONP of the own page", "&j=0", []string{"Sec-Fetch-Site", "same-origin"}, refused},
		{"a script element elsewhere", "", []string{"Sec-Fetch-Site", "cross-site"}, refused},
		{"any page", "", []string{"Origin", "https://other.example.test", "Sec-Fetch-Site", "cross-site"}, refused},
		{"any page of an old browser", "", []string{"Origin", "https://other.example.test"}, refused},
		{"a sandboxed page", "", []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, refused},
	} {
		if got := open.poll(t, test.query, test.header...); !strings.Contains(got, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
	// A token that the page itself puts into the query counts.
	told := open.poll(t, "&j=0&token="+open.Accounts[1].Token, "Sec-Fetch-Site", "cross-site", "Cookie", "")
	if !strings.Contains(told, loggedIn) {
		t.Errorf("a token in the query: got %s, want it logged in", told)
	}
}

// WebSockets have no CORS: the server alone keeps a foreign page from opening one
// with the user's cookie.
func TestForeignPageOpensNoWebSocket(t *testing.T) {
	s := Start(t, func(c *config.Config) { c.PublicURL = "https://chat.example.test:8443" })
	cookie := "md_pss_id=" + s.Accounts[0].Token
	connect := func(query url.Values, header http.Header) error {
		header.Set("Cookie", cookie)
		c, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: query, Header: header,
		})
		if err == nil {
			c.Close()
		}
		return err
	}
	for page, ok := range map[string]bool{
		"https://chat.example.test:8443": true, // of public-url, whatever Host says
		s.URL:                            true,
		"":                               true, // a program
		"https://chat.example.test":      false,
		"https://a.chat.example.test":    false,
		"https://evil.example.test":      false,
		"null":                           false,
	} {
		header := http.Header{}
		if page != "" {
			header.Set("Origin", page)
		}
		if err := connect(url.Values{}, header); (err == nil) != ok {
			t.Errorf("%q: got %v, want connected %t", page, err, ok)
		}
	}
}

// Behind a proxy that loses the port of the Host header every socket of the web
// client was refused, and nothing said why.
func TestRefusedOriginIsExplained(t *testing.T) {
	s := Start(t)
	for range 3 {
		status, body := s.ask(t, "POST", "EIO=4", "", "Origin", "https://chat.example.test:8443")
		if status != 403 || !strings.Contains(body, "public-url") || !strings.Contains(body, "socket.allowed-origins") {
			t.Errorf("got %d %s, want 403 with what to set", status, body)
		}
	}
	if got := strings.Count(s.Log(), "a page was refused because of its origin"); got != 1 {
		t.Errorf("got %d lines about it, want 1", got)
	}
	if log := s.Log(); !strings.Contains(log, "https://chat.example.test:8443") || !strings.Contains(log, "$http_host") {
		t.Errorf("the line names no origin or no remedy:\n%s", log)
	}
	s = Start(t, func(c *config.Config) { c.PublicURL = "https://chat.example.test:8443" })
	if status, body := s.ask(t, "POST", "EIO=4", "", "Origin", "https://chat.example.test:8443"); status != 400 {
		t.Errorf("with public-url: got %d %s, want the request read", status, body)
	}
}

// X-Forwarded-Host counts from a trusted proxy only.
func TestForwardedHost(t *testing.T) {
	page := []string{"Origin", "https://chat.example.test", "X-Forwarded-Host", "chat.example.test"}
	trusting := Start(t, func(c *config.Config) { c.HTTP.TrustedProxies = []string{"127.0.0.0/8"} })
	if status, body := trusting.ask(t, "POST", "EIO=4", "", page...); status != 400 {
		t.Errorf("trusted: got %d %s, want the request read", status, body)
	}
	if status, body := Start(t).ask(t, "POST", "EIO=4", "", page...); status != 403 {
		t.Errorf("not trusted: got %d %s, want 403", status, body)
	}
}

// X-Forwarded-Proto counts from a trusted proxy only.
func TestForwardedProto(t *testing.T) {
	for _, trusts := range []bool{true, false} {
		s := Start(t, func(c *config.Config) {
			c.Socket.Cookie = "node"
			if trusts {
				c.HTTP.TrustedProxies = []string{"127.0.0.0/8"}
			}
		})
		for proto, secure := range map[string]bool{"https": true, "wss": true, "http": false, "https, http": false} {
			res, _ := s.get(t, s.Path+"?EIO=4&transport=polling", "X-Forwarded-Proto", proto)
			if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Secure != (secure && trusts) {
				t.Errorf("%s, trusted %t: got %v", proto, trusts, cookies)
			}
		}
		// A page at http:// is another one than the page at https://.
		want := 400
		if trusts {
			want = 403
		}
		if status, body := s.ask(t, "POST", "EIO=4", "", "Origin", s.URL, "X-Forwarded-Proto", "https"); status != want {
			t.Errorf("page at http://, trusted %t: got %d %s, want %d", trusts, status, body, want)
		}
	}
}

// The cookie of a load balancer had no Secure although people come by https.
func TestStickyCookieIsSecure(t *testing.T) {
	for address, secure := range map[string]bool{"": false, "http://chat.example.test": false, "https://chat.example.test": true} {
		s := Start(t, func(c *config.Config) { c.Socket.Cookie, c.PublicURL = "node", address })
		res, _ := s.get(t, s.Path+"?EIO=4&transport=polling")
		cookies := res.Cookies()
		if len(cookies) != 1 || cookies[0].Name != "node" || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode {
			t.Fatalf("%q: got %v", address, cookies)
		}
		if cookies[0].Secure != secure {
			t.Errorf("%q: got Secure %t", address, cookies[0].Secure)
		}
	}
}

// The cookie of a known device had no Secure where only a trusted proxy knows that
// people come by https.
func TestKnownDeviceCookieIsSecure(t *testing.T) {
	for _, trusts := range []bool{true, false} {
		s := Start(t, func(c *config.Config) {
			if trusts {
				c.HTTP.TrustedProxies = []string{"127.0.0.0/8"}
			}
		})
		for proto, secure := range map[string]bool{"https": true, "http": false} {
			_, code, _ := strings.Cut(s.Accounts[0].Link, "#code=")
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/sign-in/code", strings.NewReader(`{"code":"`+code+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-Proto", proto)
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Secure != (secure && trusts) {
				t.Errorf("%s, trusted %t: got %d %v", proto, trusts, res.StatusCode, cookies)
			}
		}
	}
}
