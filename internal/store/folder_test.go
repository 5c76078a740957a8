package store_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"parley/internal/chat"
	"parley/internal/store"
)

func TestPath(t *testing.T) {
	folder := t.TempDir()
	for given, want := range map[string]string{
		folder:                                 "parley.db",
		filepath.Join(folder, "new", "folder"): filepath.Join("new", "folder", "parley.db"),
		filepath.Join(folder, "chat.db"):       "chat.db",
		filepath.Join(folder, "odd ?#% 名.db"):  "odd ?#% 名.db",
	} {
		s := open(t, store.Options{Path: given})
		if want := filepath.Join(folder, want); s.Path() != want {
			t.Errorf("path %s: got file %s, want %s", given, s.Path(), want)
		}
		info, err := os.Stat(s.Path())
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("path %s: got mode %o, want 600", given, got)
		}
	}
	if _, err := store.Open(t.Context(), store.Options{}); err == nil {
		t.Error("no path: got no error")
	}
}

func TestOneProcess(t *testing.T) {
	folder := t.TempDir()
	s := open(t, store.Options{Path: folder})
	_, err := store.Open(t.Context(), store.Options{Path: folder})
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("the second: got error %v, want one that names the folder and the process", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Options{Path: folder})
}

func TestExists(t *testing.T) {
	folder := t.TempDir()
	exists := func(path string) bool {
		t.Helper()
		found, err := store.Exists(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	for _, path := range []string{folder, filepath.Join(folder, "chat.db"), filepath.Join(folder, "none")} {
		if exists(path) {
			t.Errorf("%s: got a database, want none", path)
		}
	}
	// Looking makes nothing.
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want an empty folder", left, err)
	}
	s := open(t, store.Options{Path: folder})
	if !exists(folder) || !exists(s.Path()) || exists(filepath.Join(s.Path(), "below")) {
		t.Error("want a database in the folder, and none below its file")
	}
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not a folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Options{Path: filepath.Join(file, "data")})
	if err == nil || !strings.Contains(err.Error(), "data folder") {
		t.Errorf("a file in the way: got error %v", err)
	}
	if os.Getuid() != 0 { // root may write anywhere
		folder := t.TempDir()
		if err := os.Chmod(folder, 0o500); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(t.Context(), store.Options{Path: folder})
		if err == nil || !strings.Contains(err.Error(), folder+" is not writable") {
			t.Errorf("a read-only folder: got error %v", err)
		}
	}
	garbage := filepath.Join(t.TempDir(), "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database at all ", 400)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{Path: garbage}); err == nil || !strings.Contains(err.Error(), garbage) {
		t.Errorf("garbage: got error %v", err)
	}
}

func TestMigrate(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		done, err := store.Migrate(t.Context(), store.Options{Path: folder})
		if err != nil || done.Version < 1 {
			t.Errorf("got version %d, error %v", done.Version, err)
		}
	}
	damage(t, filepath.Join(folder, "parley.db"), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	for name, fn := range map[string]func() error{
		"migrate": func() error { _, err := store.Migrate(t.Context(), store.Options{Path: folder}); return err },
		"open":    func() error { _, err := store.Open(t.Context(), store.Options{Path: folder}); return err },
	} {
		if err := fn(); !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "9999") {
			t.Errorf("%s of a newer database: got error %v", name, err)
		}
	}
}

// Pictures and links of any scheme, and own paths that browsers resolve to another
// address, were stored before there was a rule for them.
func TestUnsafeAddressesAreRemoved(t *testing.T) {
	text, err := os.ReadFile("migrations/sqlite/00014_own_paths.sql")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://a.test/x": "https://a.test/x", "HTTP://a.test": "HTTP://a.test", "/avatars/x": "/avatars/x", "/": "/", "": "",
		"file:///etc/passwd": "", `\\host\share`: "", "//a.test": "", `/\a.test`: "", "\u200bhttps://a.test": "", "javascript:https://": "", "a.png": "",
		"/.//a.test": "", "/files/../x": "", "/%2e%2E/x": "", "/a%2fb": "",
	} {
		folder := t.TempDir()
		s, err := store.Open(t.Context(), store.Options{Path: folder})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			return errors.Join(
				tx.CreateAccount(chat.Account{ID: "a", Name: "A", Avatar: address, Active: true}),
				tx.CreateApplication(chat.Application{ID: "b", Key: "b", Name: "B", URL: address, Kind: chat.AppWeb}),
			)
		}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		damage(t, filepath.Join(folder, "parley.db"), string(text))
		s = open(t, store.Options{Path: folder})
		if err := s.View(t.Context(), func(tx chat.Tx) error {
			a, err := tx.Account("a")
			if err != nil {
				return err
			}
			b, err := tx.Application("b")
			if a.Avatar != want || b.URL != want {
				t.Errorf("%q: got %q and %q, want %q", address, a.Avatar, b.URL, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUncleanEnd opens a copy of the files of a store that still runs: what a
// process leaves that was killed.
func TestUncleanEnd(t *testing.T) {
	s := open(t, store.Options{Path: t.TempDir()})
	fill(t, s)
	if err := s.Update(t.Context(), create("last")); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, suffix := range []string{"", "-wal"} { // the index of the log is only memory that is shared
		copyFile(t, filepath.Join(folder, "parley.db"+suffix), s.Path()+suffix)
	}
	again := open(t, store.Options{Path: folder})
	if !exists(t, again, "last") {
		t.Error("what was acknowledged is not there")
	}
	report, err := store.Verify(t.Context(), again)
	if err != nil || !report.OK() {
		t.Errorf("got error %v, report:\n%s", err, report)
	}
	if err := again.Update(t.Context(), func(tx chat.Tx) error {
		m := chat.Message{Conversation: 1, From: "ann"}
		return tx.AppendMessage(&m)
	}); err != nil {
		t.Errorf("the next message: %v", err)
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, in.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
}
