package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// asSQLite in the environment makes this test binary be the few words of the
// sqlite3 program that docs/operations.md uses: sqlite3 FILE SQL.
const asSQLite = "PARLEY_TEST_AS_SQLITE"

func sqlite3() {
	db, err := sql.Open("sqlite", os.Args[1])
	if err == nil {
		_, err = db.Exec(os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// pageBlocks returns the shell blocks of a section of docs/operations.md.
func pageBlocks(t *testing.T, section string) (blocks []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n### "+section+"\n")
	if !found {
		t.Fatalf("the page has no section %s", section)
	}
	rest, _, _ = strings.Cut(rest, "\n##")
	for _, part := range strings.Split(rest, "```sh\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

// pageShell returns a function that runs a block of the page with variables.
func pageShell(t *testing.T) func(block string, variables ...string) {
	t.Helper()
	tools := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, variable := range map[string]string{"sqlite3": asSQLite, "parley": asParley} {
		script := "#!/bin/sh\nexec env " + variable + "=1 '" + self + "' \"$@\"\n"
		if err := os.WriteFile(filepath.Join(tools, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return func(block string, variables ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", "-e", "-c", block)
		c.Env = append(append(os.Environ(), variables...), "PATH="+tools+":"+os.Getenv("PATH"))
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v in\n%s\n%s", err, block, out)
		}
	}
}

// The backup that the page described never ended while messages were written, and
// everybody could read its copy. This does what the page says, while they are.
func TestBackupPage(t *testing.T) {
	folder, backup, restored := t.TempDir(), filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "restored")
	p, d := startDemo(t, "--data", folder)
	client := &http.Client{}
	send := func(text string) error {
		body, err := json.Marshal(map[string]string{"from": d.Accounts[0].ID, "toAccount": d.Accounts[1].ID, "text": text})
		if err != nil {
			return err
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL+"/v1/messages", bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.SetBasicAuth(d.Host.App, d.Host.Secret)
		r.Header.Set("Content-Type", "application/json")
		response, err := client.Do(r)
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusCreated {
			return fmt.Errorf("send: %s, %w", response.Status, err)
		}
		return nil
	}
	const before = 20
	for n := range before {
		if err := send(fmt.Sprint("before ", n)); err != nil {
			t.Fatal(err)
		}
	}
	var over atomic.Bool
	var writers sync.WaitGroup
	for n := range 2 {
		writers.Go(func() {
			for !over.Load() {
				if err := send(fmt.Sprint("meanwhile ", n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	blocks := pageBlocks(t, "Backup")
	if len(blocks) != 2 {
		t.Fatalf("the section has %d blocks, want a backup and a restore", len(blocks))
	}
	run := pageShell(t)
	shell := func(block, data string) {
		t.Helper()
		run(block, "DATA="+data, "BACKUP="+backup)
	}
	for range 2 { // the second one replaces the first
		shell(blocks[0], folder)
	}
	over.Store(true)
	writers.Wait()
	p.stop(t)
	shell(blocks[1], restored)

	for _, root := range []string{backup, restored} {
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: got mode %o, want it closed to others", path, info.Mode().Perm())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(restored, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var kept int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM message WHERE text LIKE 'before %'").Scan(&kept); err != nil || kept != before {
		t.Errorf("got %d messages, %v, want %d", kept, err, before)
	}
	for _, name := range []string{"upload.key", "objects", "avatars"} {
		if _, err := os.Stat(filepath.Join(restored, name)); err != nil {
			t.Error(err)
		}
	}
	// With a storage service there is no folder objects. The command of the page failed there.
	if err := os.RemoveAll(filepath.Join(restored, "objects")); err != nil {
		t.Fatal(err)
	}
	shell(blocks[0], restored)
}
