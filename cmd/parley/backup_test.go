package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"parley/test/modes"
	"parley/test/postgres"
)

// pageBlocks returns the shell blocks of a section of a page in docs/operations.
func pageBlocks(t *testing.T, name, section string) (blocks []string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations", name))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "\n## "+section+"\n")
	if !found {
		t.Fatalf("%s has no section %s", name, section)
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
	script := "#!/bin/sh\nexec env " + asParley + "=1 '" + self + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(tools, "parley"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
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

// load sends messages over the host API.
type load struct {
	*testing.T
	d       demoLine
	over    atomic.Bool
	writers sync.WaitGroup
}

func (l *load) send(text string) error {
	body, err := json.Marshal(map[string]string{"from": l.d.Accounts[0].ID, "toAccount": l.d.Accounts[1].ID, "text": text})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(l.Context(), http.MethodPost, l.d.URL+"/v1/messages", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.SetBasicAuth(l.d.Host.App, l.d.Host.Secret)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusCreated {
		return fmt.Errorf("send: %s, %w", response.Status, err)
	}
	return nil
}

// before sends messages and waits for each.
func (l *load) before(n int) {
	l.Helper()
	for i := range n {
		if err := l.send(fmt.Sprint("before ", i)); err != nil {
			l.Fatal(err)
		}
	}
}

// begin sends until end is called.
func (l *load) begin() {
	for n := range 2 {
		l.writers.Go(func() {
			for !l.over.Load() {
				if err := l.send(fmt.Sprint("meanwhile ", n)); err != nil {
					l.Error(err)
					return
				}
			}
		})
	}
}

func (l *load) end() {
	l.over.Store(true)
	l.writers.Wait()
}

// sent counts the messages of before in a database file.
func sent(t *testing.T, file string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(30000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM message WHERE text LIKE 'before %'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// This does what the page says, while messages are written: every message that was acknowledged
// before the backup began is in it.
func TestBackupPage(t *testing.T) {
	folder, backups, restored := t.TempDir(), filepath.Join(t.TempDir(), "backups"), filepath.Join(t.TempDir(), "restored")
	p, d := startDemo(t, "--data", folder)
	address := fileAddress(t, d)
	l := &load{T: t, d: d}
	const before = 20
	l.before(before)
	l.begin()
	blocks := append(pageBlocks(t, "backups.md", "Making a backup"), pageBlocks(t, "backups.md", "Restoring")...)
	if len(blocks) != 2 {
		t.Fatalf("the sections have %d blocks, want a backup and a restore", len(blocks))
	}
	run := pageShell(t)
	for range 2 {
		run(blocks[0], "DATA="+folder, "BACKUPS="+backups)
	}
	l.end()
	p.stop(t)
	if err := os.RemoveAll(folder); err != nil { // the disk is lost
		t.Fatal(err)
	}
	run(blocks[1], "DATA="+restored, "BACKUPS="+backups)
	modes.Private(t, backups)
	modes.Private(t, restored)
	if got := sent(t, filepath.Join(restored, "parley.db")); got != before {
		t.Errorf("got %d messages, want %d", got, before)
	}
	// The restored server has the same people and files, and addresses that were given out work.
	p, again := startDemo(t, "--data", restored)
	connect(t, again, 4, d.Accounts[0].Token)
	answer, err := http.Get(again.URL + strings.TrimPrefix(address, d.URL))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("a file after the restore: got %d", answer.StatusCode)
	}
	p.stop(t)
}

// backedUp is what parley backup --json prints.
type backedUp struct {
	Backup      string
	Files       int
	NewFiles    int `json:"new-files"`
	Differences int
}

func backup(t *testing.T, args ...string) (b backedUp) {
	t.Helper()
	o := command(t, "", append([]string{"backup", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(o.out), &b); err != nil || o.status != 0 {
		t.Fatalf("backup: %v, got %+v", err, o)
	}
	return b
}

// A server is killed in the middle of a backup. What it has left is no backup, and the next one
// removes it.
func TestBackupOfKilledServer(t *testing.T) {
	folder, backups := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	p, _ := startDemo(t, "--data", folder)
	first := backup(t, backups, "--data", folder)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var out bytes.Buffer
		run(t.Context(), []string{"backup", backups, "--data", folder}, streams{out: &out, err: &out})
	}()
	for {
		begun, _ := filepath.Glob(filepath.Join(backups, ".new-*"))
		if len(begun) > 0 {
			break
		}
		select {
		case <-ended: // it was too quick to be seen, and a server that is killed now has left nothing
		default:
			runtime.Gosched()
			continue
		}
		break
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	<-ended
	// Also what an earlier kill may have left.
	for _, name := range []string{".new-20200101T000000Z", filepath.Join("files", ".new-1")} {
		if err := os.MkdirAll(filepath.Join(backups, name, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p, _ = startDemo(t, "--data", folder)
	t.Chdir(filepath.Dir(backups)) // which is not the folder that the server is in
	next := backup(t, "backups", "--data", folder)
	if next.Files != first.Files || next.NewFiles != 0 || next.Files == 0 {
		t.Errorf("got %+v after %+v, want the same files, and none of them copied again", next, first)
	}
	for _, pattern := range []string{".new-*", "files/.new-*"} {
		if left, _ := filepath.Glob(filepath.Join(backups, pattern)); len(left) > 0 {
			t.Errorf("left %v", left)
		}
	}
	p.stop(t)
	if o := command(t, "", "restore", first.Backup, "--data", filepath.Join(t.TempDir(), "restored")); o.status != 0 {
		t.Errorf("restore of the first: got %+v", o)
	}
	if o := command(t, "", "backup", filepath.Join(folder, "backups"), "--data", folder); o.status != 1 || !strings.Contains(o.errors, "is in the data folder") {
		t.Errorf("into the data folder: got %+v", o)
	}
}

// Errors name the fault of a backup or of a target, and an interrupted restore continues.
func TestRestore(t *testing.T) {
	folder, backups := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	p, _ := startDemo(t, "--data", folder)
	made := backup(t, backups, "--data", folder)
	p.stop(t)
	refused := func(want string, args ...string) {
		t.Helper()
		if o := command(t, "", append([]string{"restore"}, args...)...); o.status != 1 || !strings.Contains(o.out+o.errors, want) {
			t.Errorf("restore %v: got %+v, want %q", args, o, want)
		}
	}
	refused("is not empty: it has parley.db", backups, "--data", folder)
	refused("there is no complete backup in", t.TempDir(), "--data", filepath.Join(t.TempDir(), "d"))

	// Interrupted after some files.
	partly := filepath.Join(t.TempDir(), "partly")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	if code := run(ended, []string{"restore", backups, "--data", partly}, streams{out: &out, err: &out}); code != 1 || !strings.Contains(out.String(), "to go on") {
		t.Errorf("got %d, %s", code, &out)
	}
	if _, err := os.Stat(filepath.Join(partly, "parley.db")); err == nil {
		t.Error("an interrupted restore has a database")
	}
	if o := command(t, "", "app", "list", "--data", partly); o.status != 1 {
		t.Errorf("a command on a folder that is not complete: got %+v", o)
	}
	if o := command(t, "", "restore", backups, "--data", partly, "--former", folder); o.status != 0 {
		t.Errorf("the second attempt: got %+v", o)
	}
	refused("is not empty", backups, "--data", partly)

	// A file is damaged, and another one missing: the rest is restored.
	objects, err := filepath.Glob(filepath.Join(backups, "files", "objects", "??", "*"))
	if err != nil || len(objects) < 2 {
		t.Fatalf("got %v, %v, want two files", objects, err)
	}
	if err := os.WriteFile(filepath.Join(objects[0], "data"), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(objects[1]); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hash is", "it is missing in the backup", "restored the backup of"} {
		refused(want, backups, "--data", filepath.Join(t.TempDir(), "damaged"))
	}
	// So is the copy of the database.
	f, err := os.OpenFile(filepath.Join(made.Backup, "parley.db"), os.O_RDWR, 0)
	if err == nil {
		_, err = f.WriteAt([]byte("damaged"), 8192)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	refused("the backup is damaged", backups, "--data", filepath.Join(t.TempDir(), "damaged"))
}

// interrupts is a writer that interrupts a command when it prints a text while a condition holds.
type interrupts struct {
	bytes.Buffer
	text string
	when func() bool
	end  context.CancelFunc
}

func (i *interrupts) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(i.text)) && i.when() {
		i.end()
	}
	return i.Buffer.Write(p)
}

// restoreInterrupted interrupts a restore while it verifies the target.
func restoreInterrupted(t *testing.T, folder string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &interrupts{text: "verify", end: cancel, when: func() bool {
		_, err := os.Stat(filepath.Join(folder, "restore.unfinished"))
		return errors.Is(err, fs.ErrNotExist) // everything is copied
	}}
	code := run(ctx, append([]string{"restore", "--data", folder}, args...), streams{out: out, err: out, terminal: true})
	if code != 1 || !strings.Contains(out.String(), "interrupted. Run the same command again to go on") {
		t.Fatalf("got %d, %s", code, out)
	}
}

// A restore that is interrupted while it verifies goes on, and reports the differences that were
// found before.
func TestRestoreInterruptedVerification(t *testing.T) {
	folder, backups := t.TempDir(), filepath.Join(t.TempDir(), "backups")
	p, _ := startDemo(t, "--data", folder)
	backup(t, backups, "--data", folder)
	p.stop(t)
	again := func(target string, status int, want string, args ...string) {
		t.Helper()
		if o := command(t, "", append([]string{"restore", backups, "--data", target}, args...)...); o.status != status || !strings.Contains(o.out, want) {
			t.Errorf("the second attempt: got %+v, want %d, %q", o, status, want)
		}
		if left, _ := filepath.Glob(filepath.Join(target, "restore.*")); len(left) > 0 {
			t.Errorf("left %v", left)
		}
		if o := command(t, "", append([]string{"restore", backups, "--data", target}, args...)...); o.status != 1 || !strings.Contains(o.errors, "is not empty") {
			t.Errorf("onto a complete target: got %+v", o)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		target := filepath.Join(t.TempDir(), "restored")
		restoreInterrupted(t, target, backups)
		again(target, 0, "restored the backup of")
		if o := command(t, "", "verify", "--data", target); o.status != 0 {
			t.Errorf("verify: got %+v", o)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		target, database := filepath.Join(t.TempDir(), "restored"), postgres.Start(t, "fsync=off").Create(t)
		restoreInterrupted(t, target, backups, "--database", database)
		again(target, 0, "restored the backup of", "--database", database)
		if o := command(t, "", "verify", "--data", target, "--database", database); o.status != 0 {
			t.Errorf("verify: got %+v", o)
		}
	})
	// A restore that was killed left a log beside the copy from which it fills PostgreSQL. It could not go on, because it
	// replaced the copy, and the log belongs to another one.
	t.Run("PostgreSQL, killed", func(t *testing.T) {
		target, database := filepath.Join(t.TempDir(), "restored"), postgres.Start(t, "fsync=off").Create(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		out := &interrupts{text: "search index", end: cancel, when: func() bool { return true }}
		if code := run(ctx, []string{"restore", backups, "--data", target, "--database", database}, streams{out: out, err: out, terminal: true}); code != 1 {
			t.Fatalf("got %d, %s", code, out)
		}
		leaveLog(t, filepath.Join(target, ".restore", "parley.db"))
		again(target, 0, "restored the backup of", "--database", database)
	})
	t.Run("differences", func(t *testing.T) {
		objects, err := filepath.Glob(filepath.Join(backups, "files", "objects", "??", "*"))
		if err != nil || len(objects) == 0 {
			t.Fatalf("got %v, %v, want a file", objects, err)
		}
		if err := os.RemoveAll(objects[0]); err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(t.TempDir(), "restored")
		restoreInterrupted(t, target, backups)
		again(target, 1, "it is missing in the backup")
	})
}

// leaveLog writes to a database and leaves its log behind, as a killed process does.
func leaveLog(t *testing.T, file string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE folder_state SET committed_at = committed_at + 1"); err != nil {
		t.Fatal(err)
	}
	left := map[string][]byte{}
	for _, name := range []string{file, file + "-wal"} {
		if left[name], err = os.ReadFile(name); err != nil || len(left[name]) == 0 {
			t.Fatalf("%s has %d bytes, %v", name, len(left[name]), err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, content := range left {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A backup of either engine, made under load, is restored to either engine.
func TestBackupPostgres(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url, folder, backups := server.Create(t), t.TempDir(), filepath.Join(t.TempDir(), "backups")
	t.Setenv("PARLEY_DATABASE", url)
	p, d := startDemo(t, "--data", folder)
	l := &load{T: t, d: d}
	const before = 20
	l.before(before)
	l.begin()
	made := backup(t, backups, "--data", folder)
	l.end()
	p.stop(t)
	if made.Files == 0 {
		t.Errorf("got %+v, want files", made)
	}
	t.Setenv("PARLEY_DATABASE", "")
	file := filepath.Join(t.TempDir(), "file")
	if o := command(t, "", "restore", backups, "--data", file); o.status != 0 {
		t.Fatalf("restore to SQLite: got %+v", o)
	}
	if got := sent(t, filepath.Join(file, "parley.db")); got != before {
		t.Errorf("got %d messages, want %d", got, before)
	}
	p, d = startDemo(t, "--data", file)
	made = backup(t, backups, "--data", file)
	p.stop(t)
	if made.Files == 0 || made.NewFiles != 0 {
		t.Errorf("got %+v, want the files of the first backup", made)
	}
	back, target := filepath.Join(t.TempDir(), "back"), server.Create(t)
	if o := command(t, "", "restore", backups, "--data", back, "--database", target); o.status != 0 {
		t.Fatalf("restore to PostgreSQL: got %+v", o)
	}
	if o := command(t, "", "restore", backups, "--data", filepath.Join(t.TempDir(), "other"), "--database", target); o.status != 1 || !strings.Contains(o.errors, "is not empty") {
		t.Errorf("onto a database with rows: got %+v", o)
	}
	if o := command(t, "", "verify", "--data", back, "--database", target); o.status != 0 {
		t.Errorf("verify: got %+v", o)
	}
	if left, _ := filepath.Glob(filepath.Join(back, ".restore*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	t.Setenv("PARLEY_DATABASE", target)
	p, again := startDemo(t, "--data", back)
	connect(t, again, 4, d.Accounts[0].Token)
	p.stop(t)
}
