package client

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
)

func TestAttemptIsGoodForItsProviderAndItsTime(t *testing.T) {
	secret := func() []byte { return []byte("of all nodes") }
	a, now := newAttempts(secret, oidcPath, true), time.Unix(1_800_000_000, 0)
	begun := keptAttempt{Attempt: auth.Attempt{State: "state", Nonce: "nonce", Verifier: "verifier"}, Invitation: "invitation"}
	set, err := http.ParseSetCookie(a.cookie("main", begun, now))
	if err != nil || !set.Secure || !set.HttpOnly {
		t.Fatalf("cookie = %+v, %v, want it secure and out of reach of scripts", set, err)
	}
	begun.Provider, begun.Until = "main", now.Add(attemptLife).Unix()
	sent := "other=1; " + set.Name + "=" + set.Value
	if got, ok := a.read("main", sent, now.Add(attemptLife-time.Second)); !ok || got != begun {
		t.Errorf("read = %+v, %v, want what was begun", got, ok)
	}
	if got, ok := newAttempts(secret, oidcPath, true).read("main", sent, now); !ok || got != begun {
		t.Errorf("another node reads %+v, %v, want what was begun", got, ok)
	}
	for name, ok := range map[string]bool{
		"too late":            second(a.read("main", sent, now.Add(attemptLife))),
		"of another provider": second(a.read("other", sent, now)),
		"with another secret": second(newAttempts(nil, oidcPath, true).read("main", sent, now)),
		"cut short":           second(a.read("main", sent[:len(sent)-4], now)),
		"changed":             second(a.read("main", strings.Replace(sent, set.Name+"=e", set.Name+"=f", 1), now)),
		"none":                second(a.read("main", "", now)),
	} {
		if ok {
			t.Errorf("%s: read, want it refused", name)
		}
	}
}

func second(_ keptAttempt, ok bool) bool { return ok }

// Nothing but what was signed is ever read.
func FuzzAttempt(f *testing.F) {
	a, now := newAttempts(nil, oidcPath, false), time.Unix(1_800_000_000, 0)
	f.Add(attemptCookie + "=e30.")
	f.Add(attemptCookie + "=.; " + attemptCookie + "=eyJzIjoieCJ9.AAAA")
	f.Fuzz(func(t *testing.T, header string) {
		if got, ok := a.read("main", header, now); ok {
			t.Errorf("read(%q) = %+v", header, got)
		}
	})
}
