package server

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest/admin"
	"parley/internal/store"
)

// backups makes the scheduled backups, and holds the state of the latest one. In a cluster the
// leading node makes them.
type backups struct {
	server   *Server
	state    atomic.Pointer[store.BackupState] // nil: not yet read
	failures atomic.Uint64                     // of this process
	started  time.Time
	tried    time.Time // time of the latest failure
}

// backupLook is the interval between checks for a due backup.
const backupLook = time.Minute

// backupPause is the time after a failure until the next attempt.
const backupPause = 10 * time.Minute

func newBackups(s *Server) *backups { return &backups{server: s, started: time.Now()} }

// run makes backups until ctx ends.
func (b *backups) run(ctx context.Context) {
	c := b.server.config.Backup
	every := time.NewTicker(min(backupLook, max(c.Every/4, time.Millisecond)))
	defer every.Stop()
	for {
		b.read(ctx)
		if c.Folder != "" && (b.server.cluster == nil || b.server.cluster.leads.Load()) {
			b.make(ctx)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// read reads the state of the backups from the database, where commands and other nodes record theirs, too.
func (b *backups) read(ctx context.Context) {
	state, err := b.server.store.BackupState(ctx)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, chat.ErrLogged) {
			b.server.log.WarnContext(ctx, "the state of the backups could not be read", "error", err)
		}
		return
	}
	b.state.Store(&state)
}

// make makes a backup if one is due, and removes old ones.
func (b *backups) make(ctx context.Context) {
	c, log := b.server.config.Backup, b.server.log
	if time.Since(b.tried) < min(backupPause, c.Every) {
		return
	}
	var made Backup
	all, err := Backups(c.Folder)
	switch {
	case err != nil: // without the list it is not known whether a backup is due
		if noted := b.server.store.BackupFailed(ctx, time.Now(), backupFailure(err), err.Error()); noted != nil {
			err = errors.Join(err, noted)
		}
		b.done(ctx, err)
	case len(all) > 0 && time.Since(all[len(all)-1].Began) < c.Every:
		return
	default:
		made, err = b.server.data().Backup(ctx, c.Folder, logsProgress(log, c.Folder))
	}
	switch {
	case errors.Is(err, ErrBackupRuns), ctx.Err() != nil:
		return
	case err != nil:
		b.tried = time.Now()
		log.ErrorContext(ctx, "the backup has failed", "folder", c.Folder, "error", err)
		return
	case made.Differences > 0:
		log.ErrorContext(ctx, "verify has found differences in the new backup", "backup", made.Path, "differences", made.Differences, "report", made.Report)
	}
	b.tried = time.Time{}
	log.InfoContext(ctx, "a backup was made", "backup", made.Path, "took", time.Duration(made.Seconds*float64(time.Second)).Round(time.Millisecond).String(),
		"bytes", made.Bytes(), "files", made.Files.Count, "new", made.Files.New)
	removed, err := KeepBackups(c.Folder, c.Keep)
	if err != nil && !errors.Is(err, ErrBackupRuns) {
		log.ErrorContext(ctx, "old backups could not be removed", "folder", c.Folder, "error", err)
	}
	if removed > 0 {
		log.InfoContext(ctx, "old backups were removed", "folder", c.Folder, "count", removed)
	}
}

// progressEvery is the time between two lines of the log about a backup that takes long.
const progressEvery = 15 * time.Second

// logsProgress logs from time to time how far a backup is.
func logsProgress(log *slog.Logger, folder string) Progress {
	var mu sync.Mutex
	last := time.Now()
	return func(step string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) < progressEvery {
			return
		}
		last = time.Now()
		log.Info("making the backup", "folder", folder, "step", step, "percent", 100*done/max(total, 1))
	}
}

// done is called after each backup of this process.
func (b *backups) done(ctx context.Context, err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrBackupRuns) {
		b.failures.Add(1)
	}
	b.read(context.WithoutCancel(ctx))
}

// status is for the administration; nil: there is no backup, and none is configured.
func (b *backups) status() *admin.Backup {
	state, c := b.state.Load(), b.server.config.Backup
	if state == nil || state.Began.IsZero() && state.Failed.IsZero() && c.Folder == "" {
		return nil
	}
	folder := state.Folder
	if folder == "" {
		folder = c.Folder
	}
	if abs, err := filepath.Abs(folder); err == nil {
		folder = abs
	}
	since := state.Began
	if since.IsZero() {
		since = b.started
	}
	return &admin.Backup{
		At: state.Began, Took: state.Took, Bytes: state.Bytes, Folder: folder, FailedAt: state.Failed, Failure: state.Failure, FailureCode: state.FailureCode,
		Running: time.Now().Before(state.Until),
		Late:    !state.Failed.IsZero() || c.Folder != "" && time.Since(since) > 2*c.Every,
	}
}

// backupFailure is the code for the reason why a backup has failed.
func backupFailure(err error) string {
	var service *serviceError
	var fault *store.FaultError
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, blob.ErrSpace), errors.As(err, &fault) && fault.Fault == store.FaultFull:
		return admin.BackupDiskFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return admin.BackupNotAllowed
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return admin.BackupMissing
	case errors.As(err, &service):
		return admin.BackupService
	case errors.As(err, &fault), errors.Is(err, chat.ErrLogged):
		return admin.BackupDatabase
	default:
		return admin.BackupOther
	}
}

// kept returns the complete backups, the latest first. If the folder cannot be read, the next backup fails
// for that reason, which status shows.
func (b *backups) kept() (all []admin.KeptBackup) {
	folder := b.server.config.Backup.Folder
	if folder == "" {
		return nil
	}
	there, err := Backups(folder)
	if err != nil {
		return nil
	}
	for _, one := range slices.Backward(there) {
		all = append(all, admin.KeptBackup{
			At: one.Began, Took: time.Duration(one.Seconds * float64(time.Second)),
			Bytes: one.Bytes(), Files: one.Files.Count, Differences: one.Differences,
		})
	}
	return all
}

var (
	descBackupSuccess     = prometheus.NewDesc("parley_backup_last_success_seconds", "Time of the latest complete backup without differences, in Unix seconds; 0: there is none.", nil, nil)
	descBackupDuration    = prometheus.NewDesc("parley_backup_duration_seconds", "How long that backup took.", nil, nil)
	descBackupBytes       = prometheus.NewDesc("parley_backup_bytes", "Size of everything in that backup.", nil, nil)
	descBackupDifferences = prometheus.NewDesc("parley_backup_differences", "Differences that were found in the latest complete backup.", nil, nil)
	descBackupFailures    = prometheus.NewDesc("parley_backup_failures_total", "Backups of this process that have failed.", nil, nil)
)

// Describe is prometheus.Collector's.
func (b *backups) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descBackupSuccess, descBackupDuration, descBackupBytes, descBackupDifferences, descBackupFailures} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (b *backups) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) { out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	out <- prometheus.MustNewConstMetric(descBackupFailures, prometheus.CounterValue, float64(b.failures.Load()))
	state := b.state.Load()
	if state == nil {
		return
	}
	at := float64(0)
	if !state.Began.IsZero() {
		at = float64(state.Began.UnixMilli()) / 1000
	}
	gauge(descBackupSuccess, at)
	gauge(descBackupDuration, state.Took.Seconds())
	gauge(descBackupBytes, float64(state.Bytes))
	gauge(descBackupDifferences, float64(state.Differences))
}
