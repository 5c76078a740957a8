package servertest

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// get asks as a browser does, without unpacking what comes.
func (s *Server) get(t *testing.T, path string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// The web client opens at each of its addresses, so that a reload and a link lead
// where one was; what is no address of it is not there.
func TestPageIsServedAtEachOfItsRoutes(t *testing.T) {
	s := Start(t)
	for _, path := range []string{"/", "/sign-in", "/chat/1/someone", "/chat/2/g?m=5", "/inbox/task", "/people", "/people/x", "/search", "/settings", "/settings/sessions"} {
		res, body := s.get(t, path)
		if res.StatusCode != 200 || !strings.Contains(body, `<div id="root">`) || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("GET %s = %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
	}
	for path, want := range map[string]int{
		"/nothing": 404, "/sign-in/x": 404, "/assets/none.js": 404, "/assets/": 404, "/index.html": 404,
		"/messages": 401, "/chat_list": 401, "/api/me": 401, "/api/none": 401, "/v1/accounts": 401,
	} {
		res, body := s.get(t, path)
		if res.StatusCode != want || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("GET %s = %d %s %.100s, want %d", path, res.StatusCode, res.Header.Get("Content-Type"), body, want)
		}
	}
	r, err := http.Post(s.URL+"/chat/1/someone", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed && r.StatusCode != http.StatusNotFound {
		t.Errorf("POST to a page = %d, want it refused", r.StatusCode)
	}
}

func TestPagePolicy(t *testing.T) {
	s := Start(t)
	res, body := s.get(t, "/")
	host := strings.TrimPrefix(s.URL, "http://")
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self' ws://" + host + " wss://" + host + ";",
		"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "worker-src 'self'",
	} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy = %q, want %q in it", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy = %q, want nothing unsafe", policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-cache",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(res.Header.Get("Permissions-Policy"), "microphone=(self)") {
		t.Errorf("Permissions-Policy = %q", res.Header.Get("Permissions-Policy"))
	}
	// The page has nothing that its policy forbids.
	for _, forbidden := range []string{"<style", " style=", "<script>", "onload=", "javascript:"} {
		if strings.Contains(body, forbidden) {
			t.Errorf("the page has %s, which its policy forbids", forbidden)
		}
	}
	// A name that somebody made up does not become a part of it.
	for _, made := range []string{"evil.test;script-src *", "a b", "x'y"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = made
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			continue // the transport or the server itself refuses it
		}
		res.Body.Close()
		if policy := res.Header.Get("Content-Security-Policy"); strings.Contains(policy, made) {
			t.Errorf("policy = %q, want nothing of %q", policy, made)
		}
	}
}

func TestPageFiles(t *testing.T) {
	s := Start(t)
	_, body := s.get(t, "/")
	script := regexp.MustCompile(`src="(/assets/[^"]+\.js)"`).FindStringSubmatch(body)
	if script == nil {
		t.Fatalf("the page has no script:\n%s", body)
	}
	whole, text := s.get(t, script[1])
	if whole.StatusCode != 200 || whole.Header.Get("Content-Type") != "text/javascript; charset=utf-8" ||
		whole.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || whole.Header.Get("Content-Encoding") != "" {
		t.Errorf("script = %d %v", whole.StatusCode, whole.Header)
	}
	packed, bytes := s.get(t, script[1], "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(strings.NewReader(bytes))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || string(unpacked) != text || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" || len(bytes) >= len(text) {
		t.Errorf("packed = %v, %d bytes, %v, want the same in less than %d", packed.Header, len(bytes), err, len(text))
	}
	for _, refused := range []string{"gzip;q=0", "gzip; q=0.0", "br", "identity"} {
		if plain, _ := s.get(t, script[1], "Accept-Encoding", refused); plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("Accept-Encoding %s gets %s", refused, plain.Header.Get("Content-Encoding"))
		}
	}
	if whole.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Errorf("ETag %s of both, want one of each form", whole.Header.Get("ETag"))
	}
	for _, form := range []*http.Response{whole, packed} {
		again, body := s.get(t, script[1], "If-None-Match", form.Header.Get("ETag"), "Accept-Encoding", form.Header.Get("Content-Encoding"))
		if again.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("again = %d with %d bytes, want 304", again.StatusCode, len(body))
		}
	}
	index, _ := s.get(t, "/", "If-None-Match", "another")
	if again, _ := s.get(t, "/settings", "If-None-Match", index.Header.Get("ETag")); again.StatusCode != http.StatusNotModified || again.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("page again = %d, want 304 with its policy", again.StatusCode)
	}
}
