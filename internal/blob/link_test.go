package blob

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestLinks(t *testing.T) {
	now := time.Date(2026, 6, 4, 12, 0, 0, 0, time.UTC)
	l := &Links{Base: "https://chat.example.test", Secret: []byte("s"), Life: 2 * time.Hour, Now: func() time.Time { return now }}
	key := "a1/2026/6/4/x y.png"
	address, expires := l.Sign(key)
	u, err := url.Parse(address)
	if err != nil || u.Path != "/files/"+key || !strings.HasPrefix(address, "https://chat.example.test/files/a1/2026/6/4/x%20y.png?") {
		t.Fatalf("got %s, %v", address, err)
	}
	e, s := u.Query().Get("e"), u.Query().Get("s")
	verify := func(name, key, e, s string, want bool) {
		t.Helper()
		if got := l.Verify(key, e, s); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	verify("as signed", key, e, s, true)
	verify("another key", key+"x", e, s, false)
	verify("a longer life", key, "9"+e, s, false)
	verify("another form of the time", key, "0"+e, s, false)
	verify("no time", key, "", s, false)
	verify("no signature", key, e, "", false)
	verify("half a signature", key, e, s[:12], false)

	began := now
	for _, after := range []time.Duration{time.Minute, 30 * time.Minute, time.Hour - time.Second} {
		now = began.Add(after)
		if got := l.Address(key); got != address {
			t.Errorf("after %s: got another address, %s", after, got)
		}
		if _, got := l.Sign(key); got.Sub(now) < time.Hour || got.Sub(now) > 2*time.Hour {
			t.Errorf("after %s: got a life of %s, want between one hour and two", after, got.Sub(now))
		}
	}
	now = began.Add(time.Hour)
	if got := l.Address(key); got == address {
		t.Error("the address is the same when half of its life is over")
	}
	now = expires.Add(-time.Second)
	verify("at its end", key, e, s, true)
	now = expires
	verify("after its end", key, e, s, false)
}

func TestLinksOfAFormerSecret(t *testing.T) {
	now := time.Date(2026, 6, 4, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	old := &Links{Secret: []byte("old"), Life: 2 * time.Hour, Now: clock}
	l := &Links{Secret: []byte("new"), Former: []FormerSecret{{[]byte("old"), now.Add(time.Hour)}}, Life: 2 * time.Hour, Now: clock}
	verify := func(what string, signer *Links, want bool) {
		t.Helper()
		u, err := url.Parse(signer.Address("a/b"))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Verify("a/b", u.Query().Get("e"), u.Query().Get("s")); got != want {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	verify("of the former secret", old, true)
	verify("of a secret that never was", &Links{Secret: []byte("other"), Life: 2 * time.Hour, Now: clock}, false)
	if old.Address("a/b") == l.Address("a/b") {
		t.Error("the former secret still signs")
	}
	now = now.Add(time.Hour)
	verify("of the former secret, when its time is over", old, false)
	verify("of the secret", l, true)
}

func BenchmarkAddress(b *testing.B) {
	l := &Links{Secret: []byte("0123456789abcdef0123456789abcdef"), Life: time.Hour}
	b.ReportAllocs()
	for b.Loop() {
		l.Address("d0000000-0000-4000-8000-000000000011/2026/6/4/0190a0b0c0d0e0f00190a0b0c0d0e0f0.png")
	}
}
