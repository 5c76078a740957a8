package main

import (
	"bytes"
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
	command(0, "both databases have the same figures", "move", "--from", "one", "--to", url)
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
