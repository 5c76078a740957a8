package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The example of the Standard Webhooks text.
func TestSign(t *testing.T) {
	const (
		secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		id     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body   = `{"test": 2432232314}`
		want   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	at := time.Unix(1614265330, 0)
	if got := Sign([]string{secret}, id, at, []byte(body)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Sign([]string{"whsec_AAAA", secret}, id, at, []byte(body)); !strings.HasSuffix(got, " "+want) || strings.Count(got, "v1,") != 2 {
		t.Errorf("two secrets: got %q, want two signatures, the second one %q", got, want)
	}
}

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "2606:4700:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false,
		"fd12:3456::1": false, "fec0::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::1": false, "2001::1": false,
		"2001:db8::1": false, "100::1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got %t, want %t", address, got, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	strict, lax := New(Options{}), New(Options{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	const plain, private = "must begin with https://", "must name a host with a public address"
	for address, want := range map[string][2]string{
		"https://hooks.example.com/":   {"", ""},
		"http://hooks.example.com/":    {plain, ""}, // the connection decides
		"https://10.1.2.3/":            {private, ""},
		"http://10.1.2.3/":             {plain, ""},
		"http://8.8.8.8/":              {plain, plain},
		"https://8.8.8.8/":             {"", ""},
		"https://127.0.0.1/":           {private, private},
		"https://[::1]:8443/":          {private, private},
		"https://[::ffff:10.1.2.3]/":   {private, ""},
		"https://localhost/":           {private, private},
		"https://LocalHost./":          {private, private},
		"https://a.localhost/":         {private, private},
		"https://169.254.169.254/meta": {private, private},
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{strict.CheckURL(u), lax.CheckURL(u)}; got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
}

// loopback are the networks in which the receivers of the tests listen.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func failure(t *testing.T, err error) *Failure {
	t.Helper()
	var f *Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	return f
}

func TestPost(t *testing.T) {
	at := time.Unix(1770000000, 0)
	p := New(Options{Networks: loopback, UserAgent: "parley/test", Now: func() time.Time { return at }})
	defer p.Close()
	r := Request{ID: "e1", Secrets: []string{"whsec_AAAA", "whsec_BBBB"}, Body: []byte(`{"a":1}`)}
	var got *http.Request
	var body []byte
	status, header := http.StatusNoContent, http.Header{}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		for k, v := range header {
			w.Header()[k] = v
		}
		w.WriteHeader(status)
		if status >= 400 {
			_, _ = w.Write([]byte("a secret of the receiver"))
		}
	}))
	defer receiver.Close()
	r.URL = receiver.URL + "/in?x=y"
	if err := p.Post(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if string(body) != `{"a":1}` || got.Method != http.MethodPost || got.URL.RequestURI() != "/in?x=y" {
		t.Errorf("got %s %s with %q", got.Method, got.URL, body)
	}
	for name, want := range map[string]string{
		"webhook-id": "e1", "webhook-timestamp": "1770000000", "webhook-signature": Sign(r.Secrets, "e1", at, body),
		"content-type": "application/json", "user-agent": "parley/test",
	} {
		if got := got.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		status int
		after  string
		reason string
		wait   time.Duration
	}{
		{500, "", "status 500", 0},
		{410, "", "status 410", 0},
		{429, "120", "status 429", 2 * time.Minute},
		{503, at.Add(time.Hour).UTC().Format(http.TimeFormat), "status 503", time.Hour},
		{503, "soon", "status 503", 0},
		{503, "-5", "status 503", 0},
		{500, "120", "status 500", 0},
	} {
		status, header = c.status, http.Header{"Retry-After": {c.after}}
		f := failure(t, p.Post(t.Context(), r))
		if f.Status != c.status || f.Reason != c.reason || f.RetryAfter != c.wait {
			t.Errorf("%d %q: got %+v", c.status, c.after, f)
		}
	}
}

func TestPostFollowsNoRedirect(t *testing.T) {
	var followed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer other.Close()
	receiver := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer receiver.Close()
	p := New(Options{Networks: loopback})
	defer p.Close()
	f := failure(t, p.Post(t.Context(), Request{URL: receiver.URL}))
	if f.Reason != "status 307: redirects are not followed" || followed.Load() {
		t.Errorf("got %q, followed: %t", f.Reason, followed.Load())
	}
}

// The address is checked when the connection is made. A listener shows that nothing arrives.
func TestPostOnlyToPublicAddresses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var arrived atomic.Int32
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			arrived.Add(1)
			_ = c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := New(Options{})
	defer p.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		for _, scheme := range []string{"http", "https"} {
			f := failure(t, p.Post(t.Context(), Request{URL: scheme + "://" + host + ":" + port + "/"}))
			if f.Reason != "the address of the host is not public" {
				t.Errorf("%s by %s: got %q (%v)", host, scheme, f.Reason, f.Err)
			}
		}
	}
	if n := arrived.Load(); n != 0 {
		t.Errorf("%d connections arrived, want none", n)
	}
	// A network that is allowed is reached, and only this one.
	p = New(Options{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}})
	f := failure(t, p.Post(t.Context(), Request{URL: "http://127.0.0.1:" + port + "/"}))
	if f.Reason != "the address of the host is not public" {
		t.Errorf("outside of the network: got %q", f.Reason)
	}
}

func TestPostEncrypted(t *testing.T) {
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer receiver.Close()
	roots := x509.NewCertPool()
	roots.AddCert(receiver.Certificate())
	good, strict := New(Options{Networks: loopback, Roots: roots}), New(Options{Networks: loopback})
	defer good.Close()
	if err := good.Post(t.Context(), Request{URL: receiver.URL}); err != nil {
		t.Error(err)
	}
	if f := failure(t, strict.Post(t.Context(), Request{URL: receiver.URL})); f.Reason != "the certificate of the host is not valid" {
		t.Errorf("got %q (%v)", f.Reason, f.Err)
	}
}

func TestPostFailures(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	p := New(Options{Networks: loopback, Timeout: 50 * time.Millisecond})
	defer p.Close()
	if f := failure(t, p.Post(t.Context(), Request{URL: silent.URL})); f.Reason != "no answer within 50ms" {
		t.Errorf("silent: got %q (%v)", f.Reason, f.Err)
	}
	closing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer closing.Close()
	if f := failure(t, p.Post(t.Context(), Request{URL: closing.URL})); f.Reason != "the connection was closed without an answer" {
		t.Errorf("closing: got %q (%v)", f.Reason, f.Err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if f := failure(t, p.Post(t.Context(), Request{URL: gone.URL})); f.Reason != "the connection was refused" {
		t.Errorf("gone: got %q (%v)", f.Reason, f.Err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Post(ctx, Request{URL: silent.URL}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: got %v", err)
	}
}
