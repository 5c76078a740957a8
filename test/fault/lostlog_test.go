package fault

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/test/ledger"
)

// A log that was deleted after kill -9 was noticed only if messages were in it.
// Here the revocation of a token is: the token worked again.
func TestKillAndLostLog(t *testing.T) {
	binary, folder := build(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	server, err := Start(ctx, binary, folder)
	if err != nil {
		t.Fatal(err)
	}
	w := ledger.New()
	if err := w.Populate(ctx, server); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	// From here on the file has everything up to now.
	if server, err = Start(ctx, binary, folder); err != nil {
		t.Fatal(err)
	}
	if err := server.Host(ctx, "DELETE", "/accounts/"+w.People[0].ID+"/tokens", nil, nil); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	parley := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, binary, append(args, "--data", folder)...).CombinedOutput()
		return string(out), err
	}
	log := filepath.Join(folder, "parley.db-wal")
	kept, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	out, err := parley("serve", "--listen", "127.0.0.1:0", "--metrics.listen", "")
	if err == nil || !strings.Contains(out, "parley.db-wal is missing or empty. Lost are ") || !strings.Contains(out, " commit") {
		t.Errorf("without its log: got %v, %s", err, out)
	}

	// With the log everything is there.
	if err := os.WriteFile(log, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := parley("token", "list", w.People[0].ID, "--json"); err != nil || !strings.Contains(out, `"revoked":"20`) {
		t.Errorf("with its log: got %v, %s, want a revoked token", err, out)
	}
}
