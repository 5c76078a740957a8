package servertest

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/config"
)

// A socket path without its trailing slash was answered with a redirect, which neither WebSocket clients nor preflights of
// browsers follow.
func TestSocketPathsWithAndWithoutTheSlash(t *testing.T) {
	s := Start(t, func(c *config.Config) {
		c.Socket.Paths = []string{"/socket.io/", "/deep/er/"}
		c.Socket.AllowedOrigins = []string{"https://page.example.test"}
	})
	for _, path := range []string{"/socket.io/", "/socket.io", "/deep/er/", "/deep/er"} {
		s.Path = path
		for _, eio := range []int{3, 4} {
			for _, transport := range []string{"websocket", "polling"} {
				c := s.Connect(eio, transport, s.Accounts[0].Token)
				if _, err := c.Request(t.Context(), "unread count", struct{}{}); err != nil {
					t.Errorf("%s, EIO %d, %s: %v", path, eio, transport, err)
				}
				c.Close()
			}
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.URL+path+"?EIO=4&transport=polling", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://page.example.test")
		r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNoContent || response.Header.Get("Access-Control-Allow-Origin") == "" {
			t.Errorf("%s: preflight: got %s", path, response.Status)
		}
	}
	// Other paths are nobody's.
	for _, path := range []string{"/socket.iox", "/deep", "/socket.io.js"} {
		response, err := http.Get(s.URL + path + "?EIO=4&transport=polling")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNotFound || strings.Contains(response.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: got %s, want 404", path, response.Status)
		}
	}
}
