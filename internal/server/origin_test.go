package server

import "testing"

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
