package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// verify saw neither a text that was changed nor files that were damaged or gone.
func TestVerifyOfContents(t *testing.T) {
	folder := t.TempDir()
	p, _ := startDemo(t, "--data", folder)
	p.stop(t)
	verify := func(args ...string) (int, string) {
		t.Helper()
		var out, problem bytes.Buffer
		code := run(t.Context(), append([]string{"verify", "--data", folder}, args...), streams{out: &out, err: &problem})
		return code, out.String() + problem.String()
	}
	if code, out := verify(); code != 0 || strings.Contains(out, "read 0 files") {
		t.Fatalf("got %d, want no differences in some files\n%s", code, out)
	}

	key := filepath.Join(folder, "upload.key")
	kept, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if code, out := verify(); code != 1 || !strings.Contains(out, "file upload.key: it is missing: ") {
		t.Errorf("without upload.key: got %d\n%s", code, out)
	}
	if err := os.WriteFile(key, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := verify(); code != 1 || !strings.Contains(out, "file upload.key: it cannot be used: ") {
		t.Errorf("with another text in upload.key: got %d\n%s", code, out)
	}
	if err := os.WriteFile(key, kept, 0o600); err != nil {
		t.Fatal(err)
	}

	objects, err := filepath.Glob(filepath.Join(folder, "objects", "??", "*"))
	if err != nil || len(objects) < 3 {
		t.Fatal(objects, err)
	}
	for n, damage := range []func(object string) error{
		os.RemoveAll,
		func(object string) error { return os.Truncate(filepath.Join(object, "data"), 7) },
		func(object string) error {
			name := filepath.Join(object, "data")
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			data[len(data)/2] ^= 1
			return os.WriteFile(name, data, 0o600)
		},
	} {
		if err := damage(objects[n]); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := verify("--no-files"); code != 0 {
		t.Errorf("without files: got %d\n%s", code, out)
	}
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE message SET text = 'changed' WHERE id = (SELECT min(id) FROM message WHERE system = 0 AND text <> '')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, out := verify()
	if code != 1 || !strings.Contains(out, ": 5 differences\n") {
		t.Errorf("got %d, want five differences\n%s", code, out)
	}
	for _, want := range []string{": the file is missing in the folder objects\n", ": size is 7, want ", ": hash is ", ": the text differs from the search index\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("got no %q in\n%s", want, out)
		}
	}
}

// Long commands show on a terminal how far they are, and elsewhere which steps are done.
func TestProgress(t *testing.T) {
	folder := t.TempDir()
	p, _ := startDemo(t, "--data", folder)
	p.stop(t)
	show := func(terminal bool, args ...string) string {
		t.Helper()
		var out, problem bytes.Buffer
		if code := run(t.Context(), append(args, "--data", folder), streams{out: &out, err: &problem, terminal: terminal}); code != 0 {
			t.Errorf("%v: got %d, %s%s", args, code, &out, &problem)
		}
		return problem.String()
	}
	if got, want := show(false, "verify"), "verify: done\nverify files: done\n"; got != want {
		t.Errorf("verify: got %q, want %q", got, want)
	}
	if got := show(true, "verify"); strings.Count(got, "\x1b[Kverify [") < 10 || strings.Count(got, "\x1b[Kverify files [") < 3 {
		t.Errorf("verify on a terminal: got %q, want the steps of the recount and the files", got)
	}
	if got := show(true, "backup", t.TempDir()); strings.Count(got, "\x1b[Kverify [") < 10 {
		t.Errorf("backup on a terminal: got %q, want the steps of the recount", got)
	}
	if o := command(t, "", "org", "list", "--data", folder, "--json"); o.status == 0 {
		var org struct{ ID string }
		if err := json.Unmarshal([]byte(strings.SplitN(o.out, "\n", 2)[0]), &org); err != nil {
			t.Fatal(err)
		}
		if got := show(true, "export", "--organization", org.ID, filepath.Join(t.TempDir(), "out")); !regexp.MustCompile(`\x1b\[Kchats \[[#.]+\] \d*[1-9]%`).MatchString(got) {
			t.Errorf("export on a terminal: got %q", got)
		}
		if got, want := show(false, "retention", "preview", "organization", org.ID, "30"), "chats: done\n"; got != want {
			t.Errorf("retention preview: got %q, want %q", got, want)
		}
	}
	if got, want := show(false, "recover", "--to", filepath.Join(t.TempDir(), "to")), "tables: done\nmend: done\nsearch index: done\nverify: done\n"; got != want {
		t.Errorf("recover: got %q, want %q", got, want)
	}
	if got := show(true, "recover", "--to", filepath.Join(t.TempDir(), "to")); strings.Count(got, "\x1b[Ktables [") < 10 || strings.Count(got, "\x1b[Kverify [") < 10 {
		t.Errorf("recover on a terminal: got %q, want the tables and the steps of the recount", got)
	}
}

// A migration is named when it begins.
func TestMigrateSaysWhatItDoes(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &interrupts{text: "migrating: 00005_", end: cancel, when: func() bool { return true }}
	if code := run(ctx, []string{"migrate", "--data", folder}, streams{out: out, err: out}); code != 1 || strings.Count(out.String(), "migrating: ") != 3 {
		t.Errorf("got %d, %s, want three migrations, the last of them interrupted", code, out)
	}
	if o := command(t, "", "migrate", "--check", "--data", folder); o.status != 1 || !strings.HasPrefix(o.out, "pending: 00005_") {
		t.Errorf("migrate --check: got %+v", o)
	}
	o := command(t, "", "migrate", "--data", folder)
	if o.status != 0 || !strings.HasPrefix(o.errors, "migrating: 00005_") || strings.Count(o.errors, "migrating: ") != strings.Count(o.out, "done: ") {
		t.Errorf("got %+v, want every migration from the third one on", o)
	}
}

// The description of a stored file that is no JSON, or cannot be read, ended every
// verification. A damaged row about the server itself did as well.
func TestVerifyGoesOnAfterForgedFiles(t *testing.T) {
	folder := t.TempDir()
	p, _ := startDemo(t, "--data", folder)
	p.stop(t)
	objects, err := filepath.Glob(filepath.Join(folder, "objects", "??", "*", "object.json"))
	if err != nil || len(objects) < 3 {
		t.Fatal(objects, err)
	}
	if err := os.WriteFile(objects[0], []byte(`{"Key": "forged`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(objects[1]); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(objects[1], 0o700); err != nil {
		t.Fatal(err)
	}
	var out, problem bytes.Buffer
	code := run(t.Context(), []string{"verify", "--data", folder}, streams{out: &out, err: &problem})
	if code != 1 || strings.Count(out.String(), "object.json is ") != 2 || strings.Count(out.String(), "the file cannot be found: ") != 2 || !strings.Contains(out.String(), ": 4 differences\n") {
		t.Errorf("got %d\n%s%s", code, out.String(), problem.String())
	}
}
