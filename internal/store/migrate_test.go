package store_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/store"
)

// The secret of every application opened the host API, whatever its kind, and
// stood in the database as it is. That of a system goes on to open it, with all
// scopes, and only its hash is kept; that of a client signs JWTs and nothing else.
func TestMigrateSecrets(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "parley.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	store.MigrateTo(t, db, 7)
	const ofSystem, ofClient = "Q3lfSz8sYFJmO0cVwTjF2nWbL9xPdKeRrAyUhXgN4tE", `a secret with "quotes" and a \ in it`
	for id, row := range map[string][2]string{"system": {ofSystem, "server"}, "client": {ofClient, "web"}} {
		_, err := db.Exec(`INSERT INTO application (id, app_key, secret, name, url, kind, send_ack, muted_pushes, created_at)
			VALUES (?, ?, ?, 'Name', '', ?, 'error-first', '[]', 1780000000000)`, id, id+"-key", row[0], row[1])
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := store.Open(t.Context(), store.Options{Path: folder})
	if err != nil {
		t.Fatal(err)
	}
	var got []chat.Application
	if err := s.View(t.Context(), func(tx chat.Tx) (err error) {
		got, err = tx.Applications()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	created := time.UnixMilli(1780000000000).UTC()
	hash := sha256.Sum256([]byte(ofSystem))
	want := []chat.Application{{
		ID: "client", Key: "client-key", Name: "Name", Kind: chat.AppWeb, SendAck: chat.AckErrorFirst, CreatedAt: created,
		SigningKeys: []chat.Credential{{Value: ofClient}},
	}, {
		ID: "system", Key: "system-key", Name: "Name", Kind: chat.AppServer, SendAck: chat.AckErrorFirst, CreatedAt: created,
		// All of that time: a scope that came later is given by the operator.
		Scopes: []chat.Scope{
			chat.ScopeRead, chat.ScopeAccounts, chat.ScopeGroups, chat.ScopeMessages, chat.ScopeNotifications, chat.ScopeTokens, chat.ScopeApplications,
		},
		Secrets: []chat.Credential{{Value: hex.EncodeToString(hash[:]), CreatedAt: created}},
	}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("applications (-got +want):\n%s", diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(file + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(ofSystem)) {
			t.Errorf("%s still has the secret", filepath.Base(name))
		}
	}
}

// Addresses that clients must not open were stored before there was a rule for
// them. The migration removes them by the rule itself.
func TestMigrateAddresses(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	store.MigrateTo(t, db, 11)
	addresses := map[chat.AccountID]string{
		"page": "https://example.test/a.png", "path": "/files/a.png", "none": "",
		"script": "javascript:alert(1)", "hidden": "\u200bjavascript:alert(1)", "share": `\\host\share`,
		"user": "https://bank.test@example.test/", "slashes": "//example.test/a.png", "backslash": `https:\\example.test/a.png`,
	}
	for id, address := range addresses {
		if _, err := db.Exec(`INSERT INTO account (id, name, avatar, email, active, created_at) VALUES (?, 'Name', ?, '', 1, 1780000000000)`, string(id), address); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Path: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id, address := range addresses {
		want := ""
		if id == "page" || id == "path" {
			want = address
		}
		if err := s.View(t.Context(), func(tx chat.Tx) error {
			a, err := tx.Account(id)
			if a.Avatar != want {
				t.Errorf("%s: got %q, want %q", id, a.Avatar, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}
