package auth

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"parley/internal/turn"
)

func TestPassword(t *testing.T) {
	p := NewPasswords(1, 1)
	hash, err := p.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "horse") {
		t.Errorf("hash = %q, want its parameters and not the password", hash)
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horse ": false, "Correct horse": false, "": false} {
		if ok, weak, err := p.Verify(t.Context(), password, hash); ok != want || weak || err != nil {
			t.Errorf("Verify(%q) = %v, %v, %v, want %v", password, ok, weak, err, want)
		}
	}
	composed, err := p.Hash(t.Context(), "caf\u00e9 au lait")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := p.Verify(t.Context(), "cafe\u0301 au lait", composed); !ok || err != nil {
		t.Errorf("Verify of the same letters from another keyboard = %v, %v, want it to fit", ok, err)
	}
	again, err := p.Hash(t.Context(), "correct horse")
	if err != nil || again == hash {
		t.Errorf("second hash = %q, %v, want another salt", again, err)
	}
	if ok, _, err := p.Verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("Verify with no hash = %v, %v, want nobody's", ok, err)
	}
}

// The reference implementation's own example: what other programs wrote is read.
func TestPasswordOfTheReference(t *testing.T) {
	const hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, weak, err := NewPasswords(1, 1).Verify(t.Context(), "password", hash); !ok || weak || err != nil {
		t.Errorf("Verify = %v, %v, %v, want it to fit", ok, weak, err)
	}
}

func TestWeakPasswordHash(t *testing.T) {
	old := &Passwords{cost: cost{memory: 8 << 10, passes: 1, threads: 1}, turns: turn.New(turn.Limits{Slots: 1})}
	hash, err := old.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if ok, weak, err := NewPasswords(1, 1).Verify(t.Context(), "correct horse", hash); !ok || !weak || err != nil {
		t.Errorf("Verify = %v, %v, %v, want it to fit and be weak", ok, weak, err)
	}
}

func TestPasswordWaitsForItsTurn(t *testing.T) {
	p := NewPasswords(1, 1)
	leave, err := p.turns.Enter(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for p.turns.Waiting() == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	if _, err := p.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash = %v, want the end of the wait", err)
	}
	if _, _, err := p.Verify(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v, want the end of the wait", err)
	}
}

// Any number of passwords could wait: a flood of sign-ins kept all later ones waiting until they timed out.
func TestPasswordsThatWaitAreBounded(t *testing.T) {
	p := NewPasswords(1, 1)
	leave, err := p.turns.Enter(t.Context(), "another")
	if err != nil {
		t.Fatal(err)
	}
	flood := turn.For(t.Context(), turn.Address("192.0.2.1"))
	waited := make(chan error)
	go func() {
		_, err := p.Hash(flood, "x")
		waited <- err
	}()
	for p.turns.Waiting() == 0 {
		runtime.Gosched()
	}
	if _, _, err := p.Verify(flood, "x", ""); !errors.Is(err, ErrBusy) {
		t.Errorf("one more of the address: got %v, want %v", err, ErrBusy)
	}
	leave()
	if err := <-waited; err != nil {
		t.Errorf("the one that waited: %v", err)
	}
}

func FuzzPasswordHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$2a$10$abc")
	f.Fuzz(func(t *testing.T, hash string) {
		c, salt, key, err := parseHash(hash)
		if err == nil && (c.memory > maxMemory || c.passes > maxPasses || c.passes == 0 || c.threads == 0 || len(salt) < 8 || len(key) < 16) {
			t.Errorf("parseHash(%q) = %+v, want it refused", hash, c)
		}
	})
}

func BenchmarkPassword(b *testing.B) {
	p := NewPasswords(1, 1)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = p.Verify(b.Context(), "correct horse", "")
	}
}
