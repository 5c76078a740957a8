package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/store/storetest"
	"parley/test/postgres"
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

// Nodes of two versions run on one PostgreSQL database during an update, so every migration says whether
// the version before it can.
func TestMigrationsSayWhetherTheyAreCompatible(t *testing.T) {
	says, err := store.Compatible()
	if err != nil {
		t.Error(err)
	}
	for name, compatible := range map[string]bool{"00003_cluster.sql": true, "00005_current_chat.sql": false, "00006_schema_state.sql": true} {
		if one := says[name]; one.Compatible != compatible || (one.Why == "") != compatible {
			t.Errorf("%s: got %+v", name, one)
		}
	}
	for text, wrong := range map[string]bool{
		"-- +goose Up\n-- compatible: yes\n":              false,
		"-- compatible: no, it renames a column\n":        false,
		"-- +goose Up\nSELECT 1;\n":                       true,
		"-- +goose Up\n-- compatible: perhaps\nSELECT 1;": true,
		"-- compatible: no,\n":                            true,
		"-- compatible: no\n":                             true,
	} {
		if _, _, err := store.ReadCompatible(text); (err != nil) != wrong {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// TestMigrateBesideNodes is an update and its way back, as a database sees it.
func TestMigrateBesideNodes(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	url := server.Create(t)
	store.ClaimAtOnce(t)
	node := func(id string) (*store.Store, error) {
		s, err := store.Open(t.Context(), store.Options{Database: url, Node: id, Encode: storetest.Encode, Decode: storetest.Decode, Readers: 1})
		if err == nil {
			t.Cleanup(func() { s.Close() })
		}
		return s, err
	}
	running, err := node("running")
	if err != nil {
		t.Fatal(err)
	}
	pending := func(version int64, names ...string) {
		t.Helper()
		got, all, err := store.Pending(t.Context(), store.Options{Database: url})
		var have []string
		for _, one := range all {
			have = append(have, one.Name)
		}
		if err != nil || got != version || strings.Join(have, " ") != strings.Join(names, " ") {
			t.Errorf("pending: got version %d, %q, %v, want version %d, %q", got, have, err, version, names)
		}
	}
	write := func(s *store.Store, id string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			return tx.CreateAccount(chat.Account{ID: chat.AccountID(id), Name: "Name", Active: true, CreatedAt: time.UnixMilli(1)})
		}); err != nil {
			t.Errorf("a node of the version before: %v", err)
		}
	}
	const compatible = "-- +goose Up\n-- compatible: yes\nALTER TABLE message ADD COLUMN later TEXT NOT NULL DEFAULT '';"
	const alone = "-- +goose Up\n-- compatible: no, it is a test\nALTER TABLE message DROP COLUMN later;"
	now, all, err := store.Pending(t.Context(), store.Options{Database: url})
	if err != nil || now < 7 || len(all) > 0 {
		t.Fatalf("got version %d, pending %v, %v", now, all, err)
	}

	// A compatible migration runs while a node of the version before serves.
	store.AddMigrations(t, map[string]string{"00900_compatible.sql": compatible})
	pending(now, "00900_compatible")
	done, err := store.Migrate(t.Context(), store.Options{Database: url})
	if err != nil || done.Version != 900 || len(done.Run) != 1 || !done.Run[0].Compatible {
		t.Errorf("a compatible migration beside a node: got %+v, %v", done, err)
	}
	write(running, "one")

	// The version before starts as well, but does not move rows that it does not know.
	store.AddMigrations(t, nil)
	pending(900)
	late, err := node("late")
	if err != nil {
		t.Fatalf("a compatible newer database: %v", err)
	}
	write(late, "two")
	write(running, "three")

	// A migration that is not compatible waits until it is alone.
	store.AddMigrations(t, map[string]string{"00900_compatible.sql": compatible, "00901_alone.sql": alone})
	pending(900, "00901_alone")
	_, err = node("early")
	var refused *store.PendingError
	if !errors.As(err, &refused) || !errors.Is(err, store.ErrInUse) || len(refused.Migrations) != 1 || refused.Migrations[0].Version != 901 {
		t.Fatalf("an incompatible migration beside a node: got %v", err)
	}
	pending(900, "00901_alone")
	for _, s := range []*store.Store{running, late} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	store.AddMigrations(t, nil)
	_, err = store.Move(t.Context(), store.Options{Database: url}, store.Options{Path: t.TempDir()}, false, func(store.MoveStep, int64, int64) {})
	if !errors.Is(err, store.ErrNewer) {
		t.Errorf("a move of rows that this version does not know: got %v", err)
	}
	store.AddMigrations(t, map[string]string{"00900_compatible.sql": compatible, "00901_alone.sql": alone})
	for _, id := range []string{"a", "b"} { // the second finds everything done
		n, err := node(id)
		if err != nil {
			t.Fatalf("an incompatible migration alone: %v", err)
		}
		write(n, "by "+id)
	}
	pending(901)

	// The version before does not start any more.
	store.AddMigrations(t, nil)
	if _, err := node("too old"); !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "version 901") {
		t.Errorf("an incompatible newer database: got %v", err)
	}
	if _, _, err := store.Pending(t.Context(), store.Options{Database: url}); !errors.Is(err, store.ErrNewer) {
		t.Errorf("pending of an incompatible newer database: got %v", err)
	}
}

// migratesOn interrupts a start while it runs a migration, and returns what the log says of the migrations of this start and of the
// next one.
func migratesOn(t *testing.T, o store.Options, interrupt func(one store.Migration, cancel func()), before func()) (first, second []string) {
	t.Helper()
	start := func(ctx context.Context, migrating func(store.Migration)) ([]string, error) {
		var log bytes.Buffer
		o.Logger, o.Migrating = slog.New(slog.NewTextHandler(&log, nil)), migrating
		s, err := store.Open(ctx, o)
		if err == nil {
			err = s.Close()
		}
		var lines []string
		for line := range strings.Lines(log.String()) {
			if _, said, found := strings.Cut(line, `msg="migrating the tables" `); found {
				lines = append(lines, strings.TrimSpace(said))
			}
		}
		return lines, err
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := start(ctx, func(one store.Migration) { interrupt(one, cancel) })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want %v", err, context.Canceled)
	}
	before()
	if second, err = start(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return first, second
}

// A start with long migrations said nothing until they were done. It can be interrupted, and the next one goes on with the first
// migration that is not done.
func TestMigrationsGoOn(t *testing.T) {
	folder := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	store.MigrateTo(t, db, 7)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	first, second := migratesOn(t, store.Options{Path: folder}, func(one store.Migration, cancel func()) {
		if one.Version == 21 {
			cancel()
		}
	}, func() {})
	if len(first) != 13 || !strings.HasPrefix(first[0], "migration=00008") || !strings.Contains(first[12], fmt.Sprintf(" number=13 of=%d", 12+len(second))) {
		t.Errorf("the interrupted start: got\n%s", strings.Join(first, "\n"))
	}
	if len(second) == 0 || !strings.HasPrefix(second[0], "migration=00021") {
		t.Errorf("the next start: got\n%s", strings.Join(second, "\n"))
	}
}

// On PostgreSQL, every statement of a migration ended after 15 seconds, so that a large table could not be migrated at all.
func TestLongMigrationOnPostgres(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	s := open(t, store.Options{Database: url})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db := openServer(t, url)
	const begin = "-- +goose Up\n-- compatible: yes\n"
	bounds := begin + "CREATE TABLE bounds AS SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle;"
	store.AddMigrations(t, map[string]string{"00900_bounds.sql": bounds, "00901_long.sql": begin + "CREATE TABLE half AS SELECT 1 AS one; SELECT pg_sleep(3600);"})
	first, second := migratesOn(t, store.Options{Database: url}, func(one store.Migration, cancel func()) {
		if one.Version != 901 {
			return
		}
		go func() {
			for t.Context().Err() == nil {
				var sleeps bool
				if err := db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep')").Scan(&sleeps); err != nil || sleeps {
					cancel()
					return
				}
			}
		}()
	}, func() {
		store.AddMigrations(t, map[string]string{"00900_bounds.sql": bounds, "00901_long.sql": begin + "CREATE TABLE half AS SELECT 2 AS one;"})
	})
	if got := strings.Join(first, "; "); got != "migration=00900_bounds number=1 of=2; migration=00901_long number=2 of=2" {
		t.Errorf("the interrupted start: got %s", got)
	}
	if got := strings.Join(second, "; "); got != "migration=00901_long number=1 of=1" {
		t.Errorf("the next start: got %s", got)
	}
	var statement, idle string
	var half int
	if err := db.QueryRowContext(t.Context(), "SELECT statement, idle, (SELECT one FROM half) FROM bounds").Scan(&statement, &idle, &half); err != nil || statement != "0" || idle != "0" || half != 2 {
		t.Errorf("got the bounds %q and %q, %d, %v", statement, idle, half, err)
	}
}

// A migration beside nodes failed when PostgreSQL ended it to resolve a deadlock with one of them.
func TestMigrationInDeadlock(t *testing.T) {
	url := postgres.Start(t, "fsync=off", "deadlock_timeout=2s").Create(t)
	s := open(t, store.Options{Database: url})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	store.AddMigrations(t, map[string]string{"00900_two_tables.sql": `-- +goose Up
-- compatible: yes
ALTER TABLE message ADD COLUMN later BIGINT;
ALTER TABLE node ADD COLUMN later BIGINT;
`})
	db := openServer(t, url)
	exec := func(in interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}, statement string,
	) {
		t.Helper()
		if _, err := in.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	node, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	exec(node, "SET LOCAL deadlock_timeout = '1h'") // so that the migration finds the deadlock
	exec(node, "LOCK TABLE node")
	migrated := make(chan error, 1)
	go func() {
		_, err := store.Migrate(t.Context(), store.Options{Database: url})
		migrated <- err
	}()
	for waits := false; !waits; {
		if err := db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'node'::regclass AND NOT granted)").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	exec(node, "LOCK TABLE message") // granted once the migration is undone
	if err := node.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatal(err)
	}
	exec(db, "SELECT m.later, n.later FROM message m, node n")
}

// An erasure by an earlier version removed the notifications of the person, and left the texts that no other notification
// names.
func TestMigrateUnnamedNotices(t *testing.T) {
	for name, place := range map[string]func() (store.Options, string, string, string){
		"SQLite": func() (store.Options, string, string, string) {
			folder := t.TempDir()
			return store.Options{Path: folder}, "sqlite", filepath.Join(folder, "parley.db"), "00074_unnamed_notice.sql"
		},
		"PostgreSQL": func() (store.Options, string, string, string) {
			url := postgres.Start(t, "fsync=off").Create(t)
			return store.Options{Database: url}, "pgx", url, "00062_unnamed_notice.sql"
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, driver, address, migration := place()
			s := open(t, o)
			fill(t, s)
			told := func(text string, weak bool, to ...chat.AccountID) {
				if err := s.Update(t.Context(), func(tx chat.Tx) error {
					_, err := tx.AddNotification(&chat.Notification{
						Category: "hr", Type: "类型", Text: text, Name: text, URL: "https://example.test/", EntityID: text, Weak: weak, At: time.UnixMilli(1),
					}, to)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			told("of cid", false, "cid")
			told("of cid, weak", true, "cid")
			told("of both", false, "cid", "dot")
			told("of cid, unchecked", false, "cid")
			told("of dot", false, "dot")
			db, err := sql.Open(driver, address)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			run := func(statements ...string) {
				t.Helper()
				for _, one := range statements {
					if _, err := db.ExecContext(t.Context(), one); err != nil {
						t.Fatalf("%s: %v", one, err)
					}
				}
			}
			texts := func() string {
				all := ""
				rows, err := db.QueryContext(t.Context(), "SELECT text, name, url, entity_id FROM notice WHERE category = 'hr' ORDER BY id")
				for err == nil && rows.Next() {
					var text, name, url, entity string
					err = rows.Scan(&text, &name, &url, &entity)
					if empty := text == ""; empty != (name == "") || empty != (url == "") || empty != (entity == "") {
						t.Errorf("got %q, %q, %q, %q", text, name, url, entity)
					}
					all += text + "; "
				}
				if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
					t.Fatal(err)
				}
				return all
			}
			again := store.MigrationText(t, driver == "pgx", migration)
			run("DELETE FROM notification WHERE account = 'cid'", "DELETE FROM inbox WHERE account = 'cid'",
				"UPDATE notice SET checksum = NULL WHERE text = 'of cid, unchecked'", again)
			const all = "of cid; of cid, weak; of both; of cid, unchecked; of dot; "
			if got := texts(); got != all {
				t.Errorf("nobody was erased: got %s", got)
			}
			run("INSERT INTO erasure (account, began, ended, name, conversation, seq, notice, done, total) VALUES ('cid', 1, 2, '', 0, 0, 0, 0, 0)", again, again)
			if got, want := texts(), "; ; of both; ; of dot; "; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			report, err := store.Verify(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if text := report.String(); !strings.Contains(text, "notice 7: its checksum is missing") || strings.Count(text, "notice ") != 1 {
				t.Errorf("verify, with one checksum that was removed: got\n%s", text)
			}
		})
	}
}
