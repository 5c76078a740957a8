package cluster

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/socketio/socketiotest"
	"parley/test/ledger"
)

// An operator's command on the database of a cluster writes beside the nodes. They learn of
// its changes from the log of commits, whether or not the command knows the bus.
func TestCommands(t *testing.T) {
	c := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	w := ledger.New()
	if err := w.Populate(ctx, c); err != nil {
		t.Fatal(err)
	}
	var clients []*socketiotest.Client
	for i, n := range c.Nodes {
		client, err := n.Connect(ctx, w.People[i].Token, 4, "websocket")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		clients = append(clients, client)
	}
	parley := func(env []string, args ...string) string {
		t.Helper()
		command := exec.CommandContext(ctx, c.options.Parley, args...)
		command.Env = append(append(os.Environ(), "PARLEY_DATABASE="+c.Database, "PARLEY_DATA="+c.data(), "PARLEY_UPLOAD_SHARED=true"), env...)
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("parley %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	bus := []string{
		"PARLEY_BUS=nats://" + c.Nodes[0].Bus.Address, "PARLEY_CLUSTER_LISTEN=" + c.Nodes[0].private, "PARLEY_CLUSTER_SECRET=a secret of this test alone",
	}
	for i, env := range [][]string{nil, bus} {
		if out := parley(env, "account", "list"); !strings.Contains(out, w.People[i].ID) {
			t.Errorf("the list lacks %s:\n%s", w.People[i].ID, out)
		}
		parley(env, "account", "revoke", w.People[i].ID)
		select {
		case <-clients[i].Done():
		case <-ctx.Done():
			t.Fatalf("the client of a deactivated account is still connected to %s\n%s", c.Nodes[i].Name, c.Nodes[i].Logs())
		}
	}
	// Each node has read the new key, and grants uploads that another one accepts.
	parley(nil, "upload-key", "rotate")
	for _, n := range c.Nodes {
		for !strings.Contains(n.Logs(), "upload.key was read again") {
			if ctx.Err() != nil {
				t.Fatalf("%s has not read the new key:\n%s", n.Name, n.Logs())
			}
			pause(ctx, 20*time.Millisecond)
		}
	}
	parley(nil, "verify")
	backups, restored := filepath.Join(t.TempDir(), "backups"), filepath.Join(t.TempDir(), "restored")
	parley(nil, "backup", backups)
	if out := parley([]string{"PARLEY_DATABASE="}, "restore", backups, "--data", restored); !strings.Contains(out, "0 differences") {
		t.Errorf("restore: %s", out)
	}
	select {
	case <-clients[2].Done():
		t.Error("the client of an active account was closed")
	default:
	}
}
