package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/test/postgres"
)

// TestMove moves a database to PostgreSQL and back as docs/operations/postgresql.md says, and uses the
// other commands on both.
func TestMove(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	t.Chdir(t.TempDir())
	url := server.Create(t)
	command := func(code int, want string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		got := run(t.Context(), args, streams{out: &out, err: &out, in: strings.NewReader("")})
		if got != code || !strings.Contains(out.String(), want) {
			t.Errorf("parley %s: got %d and %q, want %d and %q", strings.Join(args, " "), got, out.String(), code, want)
		}
	}
	command(1, "no database in nothing", "move", "--from", "nothing", "--to", url)
	command(0, "id ", "account", "create", "Anna Demo", "--data", "one")

	// An interrupted move goes on, and is refused if the source has changed.
	interrupt := func(at string, args ...string) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := &interrupts{text: at, end: cancel, when: func() bool { return true }}
		if got := run(ctx, args, streams{out: out, err: out, in: strings.NewReader("")}); got != 1 || !strings.Contains(out.String(), "Run the same command again to go on") {
			t.Errorf("an interruption: got %d and %q", got, out.String())
		}
	}
	interrupt("copy: done", "move", "--from", "one", "--to", url)
	command(1, "is incomplete: parley move or parley recover began to fill it", "account", "list", "--database", url)
	interrupt("search index: done", "move", "--from", "one", "--to", url)
	list := bytes.Buffer{}
	if got := run(t.Context(), []string{"account", "list", "--json", "--data", "one"}, streams{out: &list, err: &list, in: strings.NewReader("")}); got != 0 {
		t.Fatalf("account list: %s", list.String())
	}
	var anna struct{ ID string }
	if err := json.Unmarshal(list.Bytes(), &anna); err != nil {
		t.Fatal(err)
	}
	command(0, "before the interruption), and both databases have the same figures", "move", "--from", "one", "--to", url)
	other := server.Create(t)
	interrupt("copy: done", "move", "--from", "one", "--to", other)
	command(0, "", "account", "revoke", anna.ID, "--data", "one")
	command(1, "its table account has changed. Add --restart to empty the target and begin again", "move", "--from", "one", "--to", other)
	command(0, "rows were copied, and both databases have the same figures", "move", "--from", "one", "--to", other, "--restart")
	url = other

	command(1, "is not empty: its table account has rows", "move", "--from", "one", "--to", url)
	command(1, "is not empty: its table account has rows", "move", "--from", url, "--to", "one")
	command(1, "one place must be a folder", "move", "--from", "one", "--to", "two")
	command(1, "one place must be a folder", "move", "--from", url, "--to", server.Create(t))
	command(1, "does not exist", "move", "--from", "one", "--to", server.URL("nothing"))
	command(2, "--to: a password on the command line", "move", "--from", "one", "--to", "postgres://parley:secret@127.0.0.1/db")

	command(0, "Anna Demo", "account", "list", "--database", url)
	command(0, "is at version", "migrate", "--database", url)
	command(0, "0 migrations are pending", "migrate", "--check", "--database", url)
	command(0, "0 migrations are pending", "migrate", "--check", "--data", "one")
	command(1, "no database in nothing", "migrate", "--check", "--data", "nothing")
	command(0, "id ", "account", "create", "Bob Demo", "--database", url)
	command(0, "id ", "org", "create", "Demo", "--database", url)
	command(0, "0 differences", "verify", "--no-files", "--database", url)
	command(1, "there is no data folder data", "verify", "--database", url)
	if _, err := os.Stat("data"); err == nil {
		t.Error("a command on PostgreSQL has made a data folder")
	}

	// The folder of the server on PostgreSQL has files of it.
	if err := os.MkdirAll(filepath.Join("back", "objects", "aa"), 0o700); err != nil {
		t.Fatal(err)
	}
	command(0, "Start the server with --data back and without", "move", "--from", url, "--to", "back")
	command(0, "Bob Demo", "account", "list", "--data", "back")
	command(0, "recounted 2 accounts", "verify", "--data", "back")
}
