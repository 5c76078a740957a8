package server

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A scheduled backup that takes long logs every 15 seconds how far it is.
func TestScheduledBackupLogsItsProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		tell := logsProgress(slog.New(slog.NewTextHandler(&log, nil)), "/backups")
		tell("database", 1, 4)
		time.Sleep(progressEvery - time.Nanosecond)
		tell("files", 1, 4)
		if log.Len() > 0 {
			t.Errorf("before %s: got %s", progressEvery, &log)
		}
		time.Sleep(time.Nanosecond)
		tell("files", 2, 4)
		tell("files", 3, 4)
		time.Sleep(progressEvery)
		tell("verify", 0, 0)
		got := strings.Split(strings.TrimSpace(log.String()), "\n")
		want := []string{
			`level=INFO msg="making the backup" folder=/backups step=files percent=50`,
			`level=INFO msg="making the backup" folder=/backups step=verify percent=0`,
		}
		if len(got) != len(want) {
			t.Fatalf("got %d lines, want %d:\n%s", len(got), len(want), &log)
		}
		for i := range want {
			if !strings.HasSuffix(got[i], want[i]) {
				t.Errorf("got %s, want %s", got[i], want[i])
			}
		}
	})
}
