package server

import (
	"fmt"
	"log/slog"
	"testing"
	"time"
)

// The log took over whatever stood in the header, a token as well.
func TestLoggedOrigin(t *testing.T) {
	for header, want := range map[string]string{
		"https://evil.test":               "https://evil.test",
		"https://evil.test:8443":          "https://evil.test:8443",
		"http://[::1]:3000":               "http://[::1]:3000",
		"null":                            "null",
		"https://evil.test/?token=secret": "malformed",
		"http://user:secret@evil.test":    "malformed",
		"secret":                          "malformed",
		"":                                "malformed",
	} {
		if got := loggedOrigin(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

// After a hundred invented origins, no page was logged any more.
func TestRefusedOriginsAreForgotten(t *testing.T) {
	o := newRefusedOrigins(slog.New(slog.DiscardHandler))
	now := time.Now()
	for n := range maxRefusedOrigins {
		if !o.isNew(fmt.Sprintf("https://%d.example.test", n), now) {
			t.Fatalf("origin %d is not logged", n)
		}
	}
	const page = "https://chat.example.test"
	if o.isNew(page, now) {
		t.Errorf("origin %d is logged, want %d an hour", maxRefusedOrigins+1, maxRefusedOrigins)
	}
	for n, want := range []bool{true, false} {
		if got := o.isNew(page, now.Add(forgetOrigins)); got != want {
			t.Errorf("an hour later, time %d: got %t, want %t", n+1, got, want)
		}
	}
}
