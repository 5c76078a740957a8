package servertest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/store"

	_ "modernc.org/sqlite"

	"parley/internal/config"
)

// openDatabase opens a second connection to the database of the running server. Its
// statements wait for the writes of the server instead of failing with SQLITE_BUSY.
func (s *Server) openDatabase() *sql.DB {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.Data(), "parley.db")+"?_pragma=busy_timeout(30000)")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

// The server called itself ready while every write failed, as on a full disk. Here
// a trigger makes commits fail.
func TestReadyOnlyWhenWritable(t *testing.T) {
	s := Start(t)
	db := s.openDatabase()
	ready := func() int {
		t.Helper()
		response, err := http.Get(s.URL + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode
	}
	until := func(want int) { // the result of a try is good for a second
		t.Helper()
		for got := 0; got != want; {
			if got = ready(); t.Context().Err() != nil {
				t.Fatalf("got %d, want %d", got, want)
			}
		}
	}
	until(http.StatusOK)
	if _, err := db.ExecContext(t.Context(), "CREATE TRIGGER full BEFORE UPDATE ON folder_state BEGIN SELECT RAISE(ROLLBACK, 'full'); END"); err != nil {
		t.Fatal(err)
	}
	until(http.StatusServiceUnavailable)
	if _, err := db.ExecContext(t.Context(), "DROP TRIGGER full"); err != nil {
		t.Fatal(err)
	}
	until(http.StatusOK)
}

// A database that another process has locked made /readyz wait for five seconds.
func TestReadyWhileLocked(t *testing.T) {
	s := Start(t)
	db := s.openDatabase()
	db.SetMaxOpenConns(1)
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	until := func(status int, texts ...string) {
		t.Helper()
		for len(texts) > 0 { // the result of a try is good for a second
			response, err := http.Get(s.URL + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode == status && string(text) == texts[0]+"\n" {
				texts = texts[1:]
			}
		}
	}
	exec("BEGIN IMMEDIATE")
	until(http.StatusServiceUnavailable,
		"the database does not answer: another process may have locked it, or the disk is stuck", // after a second
		"another process has locked the database")                                                // after all five
	exec("ROLLBACK")
	until(http.StatusOK, "ready")
}

// Every search in a damaged index was an error in the log without advice, and the
// server called itself ready.
func TestDamagedDatabase(t *testing.T) {
	s := Start(t)
	db := s.openDatabase()
	for indexed := false; !indexed; {
		if err := db.QueryRowContext(t.Context(), "SELECT indexed = (SELECT max(id) FROM message) FROM search_state").Scan(&indexed); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE message_index_data SET block = x'ffffffff' WHERE id > 10"); err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.Accounts[0].Token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	for range 3 {
		if status, text := get("/api/search?query=hello"); status != http.StatusInternalServerError || !strings.Contains(text, `"database error"`) {
			t.Fatalf("search: got %d, %s", status, text)
		}
	}
	if got := strings.Count(s.Log(), "level=ERROR"); got != 1 || !strings.Contains(s.Log(), "restore a backup") {
		t.Fatalf("the log has %d errors, want one with advice", got)
	}
	for status, text := 0, ""; status != http.StatusServiceUnavailable || text != "the database file is damaged\n"; {
		if status, text = get("/readyz"); t.Context().Err() != nil {
			t.Fatalf("got %d, %s", status, text)
		}
	}
}

// Files of a restored folder that other users could read stayed readable.
func TestFolderIsClosedToOthers(t *testing.T) {
	s := Start(t)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	names := []string{"upload.key", "objects", "uploads", "avatars", "scaled", "parley.db"}
	for _, name := range names {
		if err := os.Chmod(filepath.Join(s.Data(), name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s = Start(t, func(c *config.Config) { c.Data = s.Data() })
	// Later files are closed as well, in every folder.
	leave := s.leave()
	if status := s.uploadWith(leave); status != http.StatusOK {
		t.Fatalf("upload: got %d", status)
	}
	err := filepath.WalkDir(s.Data(), func(name string, entry os.DirEntry, err error) error {
		if err != nil || name == s.Data() {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: got mode %o, want it closed to others", name, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// After a clean stop, a damaged page of accounts or conversations ended the next start,
// although everything else could be served.
func TestStartWithDamagedPages(t *testing.T) {
	for _, table := range []string{"account", "conversation"} {
		t.Run(table, func(t *testing.T) {
			first := Start(t)
			folder := first.Data()
			if err := first.Stop(); err != nil {
				t.Fatal(err)
			}
			st, err := store.Open(t.Context(), store.Options{Path: folder})
			if err != nil {
				t.Fatal(err)
			}
			err = st.Update(t.Context(), func(tx chat.Tx) error {
				for n := range 2000 {
					id := chat.AccountID(fmt.Sprintf("zz%04d", n))
					if err := tx.CreateAccount(chat.Account{ID: id, Name: "One of many", Active: true}); err != nil {
						return err
					}
					if _, err := tx.CreateDirectConversation(id, id, time.Now()); err != nil {
						return err
					}
				}
				return nil
			})
			if err := errors.Join(err, st.Close()); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", filepath.Join(folder, "parley.db"))
			if err != nil {
				t.Fatal(err)
			}
			var page int64
			err = db.QueryRowContext(t.Context(), "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 2", table).Scan(&page)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			file, err := os.OpenFile(filepath.Join(folder, "parley.db"), os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = file.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), (page-1)*4096)
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}

			s := Start(t, func(c *config.Config) { c.Data = folder })
			if !strings.Contains(s.Log(), "level=ERROR") {
				t.Error("the damage is not in the log")
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/search?query=hello", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+s.Accounts[0].Token)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("a search: got %d, %v, want it served", response.StatusCode, err)
			}
		})
	}
}
