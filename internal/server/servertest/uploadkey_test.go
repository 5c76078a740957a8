package servertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/wire"
	"parley/socketio/socketiotest"
)

// leave asks for the permission to upload a file.
func (s *Server) leave() wire.Upload {
	s.t.Helper()
	ack, err := s.Connect(4, "websocket", s.Accounts[0].Token).Request(s.t.Context(), "upload token", map[string]any{"type": 2})
	if err != nil || len(ack) != 2 {
		s.t.Fatalf("got %s, %v", ack, err)
	}
	var leave wire.Upload
	if err := json.Unmarshal(ack[1], &leave); err != nil {
		s.t.Fatal(err)
	}
	return leave
}

// uploadWith uploads a file with the permission.
func (s *Server) uploadWith(leave wire.Upload) int {
	s.t.Helper()
	return s.upload(leave.Address, map[string]string{"token": leave.Token, "key": leave.Key}, []byte("a file"))
}

// addressOf sends the file to somebody and returns the address that the push has.
func (s *Server) addressOf(key string) string {
	s.t.Helper()
	from, to := s.Connect(4, "websocket", s.Accounts[0].Token), s.Connect(4, "websocket", s.Accounts[1].Token)
	if _, err := from.Request(s.t.Context(), "send message", map[string]any{
		"touser": s.Accounts[1].ID, "msg": "", "type": 4, "file": map[string]any{"key": key, "name": "a.bin"},
	}); err != nil {
		s.t.Fatal(err)
	}
	pushed, err := to.Take(s.t.Context(), func(e socketiotest.Event) bool { return e.Name == "new message" })
	if err != nil {
		s.t.Fatal(err)
	}
	var message struct {
		Msg struct{ Files struct{ URL string } }
	}
	if err := json.Unmarshal(pushed.Args[0], &message); err != nil {
		s.t.Fatal(err)
	}
	return message.Msg.Files.URL
}

func (s *Server) statusOf(address string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.absolute(address), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r, nil)
}

func rotateUploadKey(t *testing.T, c config.Config, overlap time.Duration) time.Time {
	t.Helper()
	d, err := server.OpenData(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	until, err := d.RotateUploadKey(t.Context(), time.Now(), overlap)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return until
}

// A new upload key ended every address and every permission to upload at once. What
// the key before it signed now stays good for a while.
func TestUploadKeyIsRotated(t *testing.T) {
	folder := t.TempDir()
	start := func() *Server { return Start(t, func(c *config.Config) { c.Data = folder }) }
	rotate := func(s *Server, overlap time.Duration) time.Time {
		t.Helper()
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		return rotateUploadKey(t, s.config, overlap)
	}
	s := start()
	one, two := s.leave(), s.leave()
	if status := s.uploadWith(one); status != http.StatusOK {
		t.Fatalf("upload: got %d", status)
	}
	address := s.addressOf(one.Key)

	until := rotate(s, -1)
	if life := time.Until(until); life < s.config.Upload.LinkLife-time.Minute || life > s.config.Upload.LinkLife+time.Minute {
		t.Errorf("the key before is good for %s, want the life of an address, %s", life, s.config.Upload.LinkLife)
	}
	s = start()
	if status := s.statusOf(address); status != http.StatusOK {
		t.Errorf("an address that the key before signed: got %d", status)
	}
	if status := s.uploadWith(two); status != http.StatusOK {
		t.Errorf("a permission that the key before signed: got %d", status)
	}
	newer := s.leave()
	if renewed := s.addressOf(one.Key); renewed == address {
		t.Error("the key before still signs")
	}

	// Of the two before, each is good for its own time.
	rotate(s, time.Minute)
	s = start()
	if status := s.statusOf(address); status != http.StatusOK {
		t.Errorf("an address that the key before the last one signed: got %d", status)
	}
	s.Advance(2 * time.Minute)
	if status := s.uploadWith(newer); status != http.StatusUnauthorized {
		t.Errorf("a permission of a key whose time is over: got %d", status)
	}
	if status := s.statusOf(address); status != http.StatusOK {
		t.Errorf("an address of the key before it, whose time is not over: got %d", status)
	}

	rotate(s, 0)
	s = start()
	if status := s.statusOf(address); status != http.StatusForbidden {
		t.Errorf("an address of a key that was ended: got %d", status)
	}
	if status := s.statusOf(s.addressOf(one.Key)); status != http.StatusOK {
		t.Errorf("the new address: got %d", status)
	}
}

// A folder that was restored with the upload key of another one was noticed only when
// addresses of files did not work. The server warns at each start and verify reports it,
// until the right key is back or this one was accepted by a rotation.
func TestUploadKeyOfAnotherFolder(t *testing.T) {
	c := Config(t)
	file := filepath.Join(c.Data, "upload.key")
	const warning = "it is not the key that this database was used with"
	started := func(what string, warned bool) {
		t.Helper()
		var out log
		s, err := server.New(t.Context(), c, server.NewLogger(&out, config.Log{Format: "text", Level: "warn"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), warning); n != 1 && warned || n != 0 && !warned {
			t.Errorf("%s: got %d warnings, want them: %t\n%s", what, n, warned, out.String())
		}
		d, err := server.OpenData(t.Context(), c, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		report, err := d.Verify(t.Context(), false, func(string, int64, int64) {})
		if err := errors.Join(err, d.Close()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(report.String(), warning) != warned || report.OK() == warned {
			t.Errorf("%s: got the report\n%s\nwant the warning: %t", what, report, warned)
		}
	}
	read := func() []byte {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	started("first", false)
	started("second", false)
	own := read()
	write([]byte(strings.Repeat("k", 43) + "\n"))
	started("another key", true)
	started("another key, again", true)
	write(own)
	started("the right key", false)

	write([]byte(strings.Repeat("k", 43) + "\n"))
	rotateUploadKey(t, c, 0)
	started("accepted by a rotation", false)
	before := read()
	rotateUploadKey(t, c, time.Hour)
	started("rotated", false)
	after := read()
	write(before)
	started("the file from before the rotation", true)

	// A rotation that was interrupted before the database was written.
	write(append([]byte(strings.Repeat("n", 43)+"\n"), append(bytes.TrimSpace(bytes.SplitAfter(after, []byte("\n"))[0]), " 2999-01-01T00:00:00Z\n"...)...))
	started("interrupted rotation", false)
	write([]byte(strings.Repeat("n", 43) + "\n"))
	started("the former key is no longer in the file", false)

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	started("a new key was made", false) // with a warning of its own
}

// The time of issue of an upload token was computed from the present upload.expiry: after it had been made shorter, a
// token from before a revocation counted as issued after it.
func TestRevokedUploadTokenStaysRevokedWithAShorterExpiry(t *testing.T) {
	folder := t.TempDir()
	start := func(expiry time.Duration) *Server {
		return Start(t, func(c *config.Config) { c.Data, c.Upload.Expiry = folder, expiry })
	}
	s := start(time.Hour)
	stolen := s.leave()
	if err := s.Chat.RevokeTokens(t.Context(), s.Accounts[0].ID); err != nil {
		t.Fatal(err)
	}
	if status := s.uploadWith(stolen); status != http.StatusUnauthorized {
		t.Errorf("before the restart: got %d, want 401", status)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	s = start(time.Minute)
	if status := s.uploadWith(stolen); status != http.StatusUnauthorized {
		t.Errorf("after the restart: got %d, want 401", status)
	}
	s.Advance(time.Second) // upload tokens have whole seconds
	if status := s.uploadWith(s.leave()); status != http.StatusOK {
		t.Errorf("a token from after the revocation: got %d, want 200", status)
	}
}

// The error names the fault of the file but not its content. Any text was accepted as a key, even a
// page of a web server.
func TestUploadKeyFile(t *testing.T) {
	key := strings.Repeat("k", 43)
	const form = "line 1 must be at least 32 letters, digits, - or _"
	for text, want := range map[string]string{
		"":                      "is empty; restore it from a backup",
		"x":                     form,
		strings.Repeat("k", 31): form,
		"<!doctype html><html><head><title>former-key": form,
		strings.Repeat("鑰", 43):                        form,
		key + "\nformer-key 2026-06-15T04:30:15Z":      "line 2 must begin with a key, which is at least 32 letters, digits, - or _",
		key + "\nformer-key":                           "line 2 must be a key, a space, and the time until which it is good (RFC 3339)",
		key + "\n\nformer-key tomorrow":                "line 3 must be a key, a space, and the time until which it is good (RFC 3339)",
	} {
		c := Config(t)
		if _, err := server.Migrate(t.Context(), c, false, func(server.Migration) {}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.Data, "upload.key"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := server.New(t.Context(), c, server.NewLogger(&log{}, config.Log{Format: "text", Level: "warn"}), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "former-key") {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
