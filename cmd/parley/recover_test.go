package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page's way to save a damaged database did not work. This does what the page
// says with one, and runs verify and a server on the result.
func TestRecoverPage(t *testing.T) {
	folder, recovered := t.TempDir(), filepath.Join(t.TempDir(), "recovered")
	p, d := startDemo(t, "--data", folder)
	p.stop(t)
	file := filepath.Join(folder, "parley.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	if err := db.QueryRowContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = 'message' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 1").Scan(&page); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), (page-1)*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) (int, string) {
		t.Helper()
		var out, problem bytes.Buffer
		code := run(t.Context(), args, streams{out: &out, err: &problem})
		return code, out.String() + problem.String()
	}
	if code, out := command("verify", "--data", folder); code != 1 || !strings.Contains(out, "parley recover") {
		t.Errorf("verify of the damaged one: got %d\n%s", code, out)
	}

	blocks := pageBlocks(t, "trouble.md", "Recovery")
	if len(blocks) != 2 {
		t.Fatalf("the section has %d blocks, want two", len(blocks))
	}
	if code, out := command("recover", "--data", folder, "--to", t.TempDir()); code != 1 || !strings.Contains(out, "message: ") || !strings.Contains(out, " are lost: ") || !strings.Contains(out, "messages are missing") {
		t.Errorf("recover: got %d\n%s", code, out)
	}
	shell := pageShell(t)
	for _, block := range blocks {
		shell(block, "DATA="+folder, "RECOVERED="+recovered)
	}
	code, out := command("verify", "--data", recovered)
	if code != 1 || !strings.Contains(out, "messages are missing") || strings.Contains(out, "damaged") || strings.Contains(out, "upload.key") {
		t.Errorf("verify of the recovered one: got %d\n%s", code, out)
	}
	p, again := startDemo(t, "--data", recovered)
	if again.Accounts[0].ID != d.Accounts[0].ID {
		t.Errorf("got account %s, want %s", again.Accounts[0].ID, d.Accounts[0].ID)
	}
	p.stop(t)
}

// Nothing is lost of a sound database. An interrupted recovery goes on, and until then nothing uses its folder.
func TestRecoverASoundFolder(t *testing.T) {
	folder, to := t.TempDir(), t.TempDir()
	p, _ := startDemo(t, "--data", folder)
	p.stop(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := &interrupts{text: "verify [", end: cancel, when: func() bool { return true }}
	if code := run(ctx, []string{"recover", "--data", folder, "--to", to}, streams{out: progress, err: progress, terminal: true}); code != 1 ||
		!strings.Contains(progress.String(), "interrupted. Run the same command again to go on") {
		t.Errorf("interrupted: got %d\n%s", code, progress)
	}
	if o := command(t, "", "account", "list", "--data", to); o.status != 1 || !strings.Contains(o.errors, "is incomplete: parley move or parley recover began to fill it") {
		t.Errorf("an incomplete folder: got %+v", o)
	}
	var out, problem bytes.Buffer
	if code := run(t.Context(), []string{"recover", "--data", folder, "--to", to}, streams{out: &out, err: &problem}); code != 0 || strings.Contains(out.String(), "lost") {
		t.Errorf("got %d\n%s%s", code, out.String(), problem.String())
	}
}
