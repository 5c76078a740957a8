package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/chat"
	"parley/internal/store"
	"parley/test/postgres"
)

// account returns a function that adds an account.
func account(id chat.AccountID) func(chat.Tx) error {
	return func(tx chat.Tx) error {
		return tx.CreateAccount(chat.Account{ID: id, Name: "Demo", Active: true, CreatedAt: time.UnixMilli(1)})
	}
}

func accounts(t *testing.T, s *store.Store) (ids []chat.AccountID) {
	t.Helper()
	if err := s.View(t.Context(), func(tx chat.Tx) error {
		all, err := tx.AccountPage("", 1000)
		for _, a := range all {
			ids = append(ids, a.ID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestServerEnds ends the server in the middle of the work and starts it again. What
// was acknowledged is there, and the store goes on by itself.
func TestServerEnds(t *testing.T) {
	server := postgres.Start(t)
	s := open(t, store.Options{Database: server.Create(t)})
	acknowledged := 0
	for round := range 3 {
		for i := range 10 {
			if err := s.Update(t.Context(), account(chat.AccountID(fmt.Sprintf("%d-%d", round, i)))); err != nil {
				t.Fatal(err)
			}
			acknowledged++
		}
		server.Kill(syscall.SIGQUIT)
		if err := s.Update(t.Context(), account("lost")); err == nil {
			t.Error("an update was acknowledged while no server ran")
		}
		if err := s.View(t.Context(), func(tx chat.Tx) error { _, err := tx.Account("0-0"); return err }); err == nil {
			t.Error("a view found something while no server ran")
		}
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
		if got := len(accounts(t, s)); got != acknowledged {
			t.Errorf("got %d accounts after the restart, %d were acknowledged", got, acknowledged)
		}
	}
}

// TestTwoNodes writes through two stores on one database. Each sees at once what the
// other one has written, although both remember rows.
func TestTwoNodes(t *testing.T) {
	url := postgres.Start(t).Create(t)
	a, b := open(t, store.Options{Database: url}), open(t, store.Options{Database: url})
	if err := a.Update(t.Context(), account("one")); err != nil {
		t.Fatal(err)
	}
	if err := b.Update(t.Context(), account("one")); !errors.Is(err, chat.ErrDuplicate) {
		t.Errorf("got %v, want that the account is there", err)
	}
	rename := func(s *store.Store, want, to string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx chat.Tx) error {
			one, err := tx.Account("one")
			if err != nil {
				return err
			}
			if one.Name != want {
				t.Errorf("got name %q, want %q", one.Name, want)
			}
			one.Name = to
			return tx.UpdateAccount(one)
		}); err != nil {
			t.Fatal(err)
		}
	}
	rename(a, "Demo", "A")
	rename(b, "A", "B")
	rename(b, "B", "C")
	rename(a, "C", "D")
	rename(b, "D", "E")
}

// TestStoppedNode has a node hold its turn longer than the server allows. Others
// write meanwhile, and the node then writes in another transaction.
func TestStoppedNode(t *testing.T) {
	url := postgres.Start(t).Create(t)
	a, b := open(t, store.Options{Database: url}), open(t, store.Options{Database: url})
	began, resume := make(chan struct{}), make(chan struct{})
	stopped := make(chan error, 1)
	go func() {
		first := true
		stopped <- a.Update(context.Background(), func(tx chat.Tx) error {
			if _, err := tx.Account("nobody"); !errors.Is(err, chat.ErrNoRow) && first {
				return err
			}
			if first {
				first = false
				close(began)
				<-resume
			}
			return account("stopped")(tx)
		})
	}()
	<-began
	if err := b.Update(t.Context(), account("other")); err != nil {
		t.Errorf("another node could not write: %v", err)
	}
	close(resume)
	if err := <-stopped; err != nil {
		t.Errorf("the node that was stopped could not write: %v", err)
	}
	if err := a.Update(t.Context(), account("again")); err != nil {
		t.Errorf("the node cannot write after its pause: %v", err)
	}
	got := accounts(t, b)
	if fmt.Sprint(got) != "[again other stopped]" {
		t.Errorf("got accounts %v, want [again other stopped]", got)
	}
}

func TestRefusedDatabases(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	for name, address := range map[string]string{
		`database "nothing" does not exist`: server.URL("nothing"),
		"connection refused":                "postgres://parley:secret@127.0.0.1:1/db",
		"invalid port":                      "postgres://parley:secret@127.0.0.1:port/db",
		"it is read-only":                   server.Create(t) + "?default_transaction_read_only=on",
	} {
		s, err := store.Open(t.Context(), store.Options{Database: address})
		if err == nil {
			_ = s.Close()
			t.Errorf("%s: it was opened", name)
			continue
		}
		if !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v, want it to say %q and no password", err, name)
		}
	}
	url := server.Create(t)
	alone := open(t, store.Options{Database: url, Alone: true})
	if s, err := store.Open(t.Context(), store.Options{Database: url, Alone: true}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second server: got %v, want %v", err, store.ErrInUse)
		_ = s.Close()
	}
	if err := alone.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, store.Options{Database: url, Alone: true})
}

// TestWrongVersion opens a database on a server of a version that is not supported: a function
// of the database answers in the place of the server's own.
func TestWrongVersion(t *testing.T) {
	url := postgres.Start(t, "fsync=off").Create(t)
	c := connect(t, url)
	for _, statement := range []string{
		"CREATE SCHEMA old",
		`CREATE FUNCTION old.current_setting(name text) RETURNS text LANGUAGE sql AS $$
			SELECT CASE name WHEN 'server_version_num' THEN '140011' WHEN 'server_version' THEN '14.11' ELSE pg_catalog.current_setting(name) END $$`,
	} {
		if _, err := c.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(t.Context(), store.Options{Database: url + "?search_path=old,pg_catalog"})
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "its version is 14.11; parley needs 15 or newer") {
		t.Errorf("got %v", err)
	}
}

// TestWrongPassword logs in to a server that asks for a password.
func TestWrongPassword(t *testing.T) {
	folder, err := os.MkdirTemp("", "parley-hba-") // that of the test is closed to the server's user
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	rules := filepath.Join(folder, "pg_hba.conf")
	if err := errors.Join(os.Chmod(folder, 0o755), //nolint:gosec // it has no secret
		os.WriteFile(rules, []byte("host all parley 127.0.0.1/32 trust\nhost all guest 127.0.0.1/32 scram-sha-256\n"), 0o644)); err != nil { //nolint:gosec // likewise
		t.Fatal(err)
	}
	url := postgres.Start(t, "fsync=off", "hba_file="+rules).Create(t)
	for _, statement := range []string{"CREATE ROLE guest LOGIN PASSWORD 'correct'", "GRANT ALL ON SCHEMA public TO guest"} {
		if _, err := connect(t, url).Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	as := func(password string) string { return strings.Replace(url, "parley@", "guest:"+password+"@", 1) }
	s, err := store.Open(t.Context(), store.Options{Database: as("mistaken")})
	if err == nil {
		_ = s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "password authentication failed") || strings.Contains(err.Error(), "mistaken") {
		t.Errorf("got %v, want that the password is wrong, without it", err)
	}
	open(t, store.Options{Database: as("correct")})
}

// TestReadOnlyServer makes the database read-only while it is used.
func TestReadOnlyServer(t *testing.T) {
	server := postgres.Start(t, "fsync=off")
	s := open(t, store.Options{Database: server.Create(t)})
	control := connect(t, server.URL("postgres"))
	set := func(readOnly string) {
		t.Helper()
		for _, statement := range []string{"SET default_transaction_read_only = off", "ALTER SYSTEM SET default_transaction_read_only = " + readOnly, "SELECT pg_reload_conf()"} {
			if _, err := control.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Update(t.Context(), account("before")); err != nil {
		t.Fatal(err)
	}
	number := 0
	write := func() error {
		number++
		return s.Update(t.Context(), account(chat.AccountID(fmt.Sprint("a", number))))
	}
	set("on")
	var fault *store.FaultError
	until(t, func() bool { return write() != nil })
	if err := write(); !errors.As(err, &fault) || fault.Fault != store.FaultServer {
		t.Errorf("got %v, want the fault %q", err, store.FaultServer)
	}
	if len(accounts(t, s)) == 0 {
		t.Error("a read found nothing")
	}
	set("off")
	until(t, func() bool { return write() == nil })
}

// TestOutOfConnections has other clients take all connections, before the start and while
// the store is used and has lost its own.
func TestOutOfConnections(t *testing.T) {
	server := postgres.Start(t, "fsync=off", "max_connections=8", "superuser_reserved_connections=0", "max_wal_senders=0")
	url := server.Create(t)
	take := func() (free func()) {
		t.Helper()
		var taken []*pgx.Conn
		refused := 0 // the server may not have ended a connection that was closed
		until(t, func() bool {
			c, err := pgx.Connect(t.Context(), url)
			if err == nil {
				taken = append(taken, c)
				refused = 0
				return false
			}
			refused++
			return refused == 10
		})
		return func() {
			for _, c := range taken {
				_ = c.Close(context.Background())
			}
		}
	}
	free := take()
	if s, err := store.Open(t.Context(), store.Options{Database: url}); err == nil || !strings.Contains(err.Error(), "too many clients already") {
		t.Errorf("got %v, want that there are too many clients", err)
		_ = s.Close()
	}
	free()
	var s *store.Store
	until(t, func() (ok bool) {
		opened, err := store.Open(t.Context(), store.Options{Database: url, Readers: 1})
		s = opened
		return err == nil
	})
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	server.Kill(syscall.SIGQUIT)
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	free = take()
	// A reader may have its connection again: the indexer uses it.
	if err := s.Update(t.Context(), account("lost")); err == nil {
		t.Error("a write was acknowledged without a connection")
	}
	free()
	until(t, func() bool { return s.Update(t.Context(), account("after")) == nil })
	if got := fmt.Sprint(accounts(t, s)); got != "[after]" {
		t.Errorf("got accounts %s, want [after]", got)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}
