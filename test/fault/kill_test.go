package fault

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/test/ledger"
	"parley/test/postgres"
)

// TestKill kills the server under load; package ledger has the rules. `parley verify` recounts the rest.
//
// PARLEY_SOAK, a duration, makes it go on for so long; otherwise there are four kills.
func TestKill(t *testing.T) {
	killAgainAndAgain(t)
}

// TestKillOnPostgreSQL kills the server, not the database.
func TestKillOnPostgreSQL(t *testing.T) {
	t.Setenv("PARLEY_DATABASE", postgres.Start(t).Create(t))
	killAgainAndAgain(t)
}

func killAgainAndAgain(t *testing.T) {
	t.Helper()
	binary := build(t)
	folder := t.TempDir()
	enough := untilEnough(t)
	w := ledger.New()

	for round := 0; !enough(round); round++ {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		server, err := Start(ctx, binary, folder)
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			if err := w.Populate(ctx, server); err != nil {
				t.Fatal(err)
			}
		}
		kill := time.AfterFunc(time.Duration(100+rand.IntN(700))*time.Millisecond, server.Kill)
		w.Load(ctx, t, server)
		if kill.Stop() {
			t.Fatal("the load ended before the server was killed")
		}
		cancel()
	}

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := Start(ctx, binary, folder)
	if err != nil {
		t.Fatal(err)
	}
	w.Settle(ctx, t, server)
	w.Check(ctx, t, server, nil)
	if err := server.Stop(); err != nil {
		t.Errorf("after SIGTERM: got %v, want exit code 0", err)
	}
	if out, err := exec.Command(binary, "verify", "--data", folder).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
	t.Logf("%d messages of %d accounts", w.Acknowledged(), len(w.People))
}

func build(t *testing.T) string {
	t.Helper()
	if binary := os.Getenv("PARLEY_BIN"); binary != "" {
		return binary
	}
	binary := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-o", binary, "parley/cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("building the server: %v\n%s", err, out)
	}
	return binary
}

// untilEnough returns whether the rounds so far were enough.
func untilEnough(t *testing.T) func(rounds int) bool {
	soak := os.Getenv("PARLEY_SOAK")
	if soak == "" {
		return func(rounds int) bool { return rounds == 4 }
	}
	length, err := time.ParseDuration(soak)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(length)
	return func(int) bool { return time.Now().After(end) }
}
