package servertest

import (
	"database/sql"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"parley/internal/config"
)

// The server called itself ready while every write failed, as on a full disk. Here
// a trigger makes commits fail.
func TestReadyOnlyWhenWritable(t *testing.T) {
	s := Start(t)
	db, err := sql.Open("sqlite", filepath.Join(s.Data(), "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
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

// What others could read in a restored folder stayed readable.
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
	Start(t, func(c *config.Config) { c.Data = s.Data() })
	for _, name := range names {
		info, err := os.Stat(filepath.Join(s.Data(), name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got&0o077 != 0 {
			t.Errorf("%s: got mode %o, want it closed to others", name, got)
		}
	}
}
