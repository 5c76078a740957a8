package servertest

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server"
)

type backupOverview struct {
	Backup *struct {
		At, Bytes, FailedAt int64
		Folder, Failure     string
		FailureCode         string
	}
	Attention []struct{ Kind, Target string }
}

func (o backupOverview) needsAttention() bool {
	return slices.ContainsFunc(o.Attention, func(a struct{ Kind, Target string }) bool { return a.Kind == "backup" })
}

func overviewOf(t *testing.T, s *Server) (o backupOverview) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/admin/overview", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	if status := s.do(r, &o); status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	return o
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// The server makes backups by itself, keeps the latest ones, and says so.
func TestBackups(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "backups")
	s := Start(t, func(c *config.Config) {
		c.Metrics.Listen = "127.0.0.1:0"
		c.Backup.Folder, c.Backup.Every, c.Backup.Keep = folder, time.Second, 2
	})
	var first []server.Backup
	until(t, "a backup", func() bool {
		var err error
		if first, err = server.Backups(folder); err != nil {
			t.Fatal(err)
		}
		return len(first) > 0
	})
	if first[0].Differences != 0 {
		t.Errorf("got %s", first[0].Report)
	}
	until(t, "the first backup was removed", func() bool {
		_, err := os.Stat(first[0].Path)
		return os.IsNotExist(err)
	})
	until(t, "two backups are left", func() bool {
		found, err := filepath.Glob(filepath.Join(folder, "2*"))
		return err == nil && len(found) == 2
	})
	for _, want := range []string{`msg="a backup was made" backup=` + first[0].Path + " took=", `msg="old backups were removed" folder=` + folder + " count=1"} {
		until(t, "the log has "+want, func() bool { return strings.Contains(s.Log(), want) })
	}
	page := scrape(t, s)
	for _, want := range []string{"parley_backup_last_success_seconds 1", "parley_backup_duration_seconds ", "parley_backup_bytes ", "parley_backup_failures_total 0"} {
		if !strings.Contains(page, "\n"+want) {
			t.Errorf("no %q in the figures", want)
		}
	}
	o := overviewOf(t, s)
	if o.Backup == nil || o.Backup.At == 0 || o.Backup.Bytes == 0 || o.Backup.Folder != folder || o.Backup.FailedAt != 0 {
		t.Errorf("got %+v", o.Backup)
	}
}

// A backup with differences needs attention, and the latest one without any is kept.
func TestBackupDiffers(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "backups")
	s := Start(t, func(c *config.Config) {
		c.Metrics.Listen = "127.0.0.1:0"
		c.Backup.Folder, c.Backup.Every, c.Backup.Keep = folder, time.Second, 1
	})
	until(t, "a backup", func() bool { o := overviewOf(t, s); return o.Backup != nil && o.Backup.At > 0 })
	from := s.Connect(4, "websocket", s.Accounts[0].Token)
	sent := s.sendFile(from, s.Accounts[1], string(s.Accounts[0].ID)+"/2026/1/1/none") // which nobody has uploaded
	var found backupOverview
	until(t, "a backup with differences", func() bool {
		found = overviewOf(t, s)
		return found.Backup.FailureCode == "differences"
	})
	bad := found.Backup
	if !found.needsAttention() || bad.FailedAt <= bad.At || !strings.Contains(bad.Failure, "1 differences were found in the backup "+folder) {
		t.Errorf("got %+v", bad)
	}
	until(t, "a later one, and the first one with differences was removed", func() bool {
		_, err := os.Stat(strings.TrimPrefix(bad.Failure, "1 differences were found in the backup "))
		return os.IsNotExist(err)
	})
	all, err := server.Backups(folder)
	if err != nil {
		t.Fatal(err)
	}
	good := slices.IndexFunc(all, func(b server.Backup) bool { return b.Differences == 0 })
	if good != 0 {
		t.Fatalf("got %+v, want the oldest without differences", all)
	}
	page := scrape(t, s)
	for name, want := range map[string]float64{"parley_backup_differences": 1, "parley_backup_last_success_seconds": float64(all[good].Began.UnixMilli()) / 1000} {
		_, rest, _ := strings.Cut(page, "\n"+name+" ")
		line, _, _ := strings.Cut(rest, "\n")
		if got, err := strconv.ParseFloat(line, 64); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, want)
		}
	}
	s.withdraw(from, s.Accounts[1], sent)
	until(t, "a backup without differences", func() bool { return !overviewOf(t, s).needsAttention() })
	until(t, "the former one was removed", func() bool {
		_, err := os.Stat(all[good].Path)
		return os.IsNotExist(err)
	})
}

// A backup that fails needs attention.
func TestBackupFails(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Start(t, func(c *config.Config) {
		c.Metrics.Listen = "127.0.0.1:0"
		c.Backup.Folder, c.Backup.Every, c.Backup.Keep = folder, time.Hour, 2
	})
	until(t, "the failure is counted", func() bool { return strings.Contains(scrape(t, s), "parley_backup_failures_total 1") })
	until(t, "the overview shows it", func() bool { return overviewOf(t, s).needsAttention() })
	if o := overviewOf(t, s); o.Backup == nil || o.Backup.At != 0 || o.Backup.FailedAt == 0 || o.Backup.Failure == "" || o.Backup.FailureCode != "missing" {
		t.Errorf("got %+v", o.Backup)
	}
	if !strings.Contains(s.Log(), "the backup has failed") {
		t.Error("the log does not have it")
	}
}

// Without the option there are no backups, and nothing needs attention.
func TestNoBackups(t *testing.T) {
	if o := overviewOf(t, Start(t)); o.Backup != nil || o.needsAttention() {
		t.Errorf("got %+v", o)
	}
}
