package server

import (
	"context"
	"errors"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/store"
)

// fileKeeper removes files that nothing names: those of withdrawn messages at once, abandoned uploads after
// the option upload.unused-after, and replaced avatars. In a cluster the leading node does so. Package store
// describes the order of the steps.
type fileKeeper struct {
	server *Server
	wake   chan struct{} // holds a token when a message has lost its file
	swept  time.Time     // when avatars and uploads in parts were looked at

	failing bool // files cannot be removed now
	totals  atomic.Pointer[store.FileTotals]
	counted time.Time

	removed      atomic.Uint64
	removedBytes atomic.Uint64
}

const (
	fileLook    = 10 * time.Second // between two looks at what is to be removed
	fileSweep   = 10 * time.Minute // between two looks at avatars and uploads in parts
	fileCount   = time.Minute      // between two counts
	fileWalk    = 24 * time.Hour   // between two looks at all files
	fileRetry   = 10 * time.Minute // after a file could not be removed
	fileBatch   = 64
	avatarGrace = time.Hour // between the making of an avatar and its use
)

func newFileKeeper(s *Server) *fileKeeper {
	return &fileKeeper{server: s, wake: make(chan struct{}, 1)}
}

// signal wakes run after a message has lost its file. It never blocks.
func (k *fileKeeper) signal() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// unusedAfter is the time for which an unreferenced upload is kept.
func (k *fileKeeper) unusedAfter() time.Duration {
	c := &k.server.config.Upload
	return max(c.UnusedAfter, c.Expiry, c.Resume)
}

// record records an upload.
func (k *fileKeeper) record(ctx context.Context, f store.StoredFile) error {
	return k.server.store.FileStored(ctx, f, f.StoredAt.Add(k.unusedAfter()))
}

func storedObject(o blob.Object) store.StoredFile {
	return store.StoredFile{Key: o.Key, Size: o.Size, Hash: o.Hash, StoredAt: o.StoredAt}
}

// run removes files until ctx ends.
func (k *fileKeeper) run(ctx context.Context) {
	every := time.NewTicker(fileLook)
	defer every.Stop()
	for {
		if cluster := k.server.cluster; cluster == nil || cluster.leads.Load() {
			k.report(ctx, k.work(ctx))
		}
		k.count(ctx)
		select {
		case <-every.C:
		case <-k.wake:
		case <-ctx.Done():
			return
		}
	}
}

// report logs the first failure, and that it is over.
func (k *fileKeeper) report(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil, errors.Is(err, chat.ErrLogged), errors.Is(err, chat.ErrBusy):
	case err != nil && !k.failing:
		k.failing = true
		k.server.log.ErrorContext(ctx, "files that nothing names could not be removed; it is tried again", "error", err)
	case err == nil && k.failing:
		k.failing = false
		k.server.log.InfoContext(ctx, "files that nothing names are removed again")
	}
}

// work runs one round: follow the log, remove unused files, sweep, walk.
func (k *fileKeeper) work(ctx context.Context) error {
	if err := k.follow(ctx); err != nil {
		return err
	}
	err := k.removeUnused(ctx)
	if now := k.server.now(); now.Sub(k.swept) >= fileSweep {
		k.swept = now
		err = errors.Join(err, k.sweep(ctx))
	}
	return errors.Join(err, k.walk(ctx))
}

// follow reads which files new messages name.
func (k *fileKeeper) follow(ctx context.Context) error {
	for {
		more, err := k.server.store.FollowFiles(ctx, k.find)
		if err != nil || !more {
			return err
		}
	}
}

// find completes what a message says of its file, if this server keeps it.
func (k *fileKeeper) find(f store.StoredFile) (store.StoredFile, bool) {
	u := k.server.uploads
	if u.Disk == nil {
		f.Hash = ""
		return f, u.Uploads.Granted(f.Key)
	}
	o, err := u.Disk.Stat(f.Key)
	return storedObject(o), err == nil
}

// removeUnused removes the files whose removal time has passed.
func (k *fileKeeper) removeUnused(ctx context.Context) error {
	s := k.server
	var failed error
	for {
		now := s.now()
		files, err := s.store.UnusedFiles(ctx, now, fileBatch)
		if err != nil || len(files) == 0 {
			return errors.Join(failed, err)
		}
		var removed []store.StoredFile
		for _, f := range files {
			if ctx.Err() != nil {
				break
			}
			if err := k.remove(ctx, f); err != nil {
				failed = err
				if err := s.store.PostponeFile(ctx, f, now.Add(fileRetry)); err != nil {
					return errors.Join(failed, err)
				}
				continue
			}
			removed = append(removed, f)
		}
		// Also if ctx has ended: otherwise they are removed once more.
		if err := s.store.FilesRemoved(context.WithoutCancel(ctx), removed, now); err != nil || ctx.Err() != nil {
			return errors.Join(failed, err)
		}
	}
}

// remove removes a file and then the pictures that were made of it.
func (k *fileKeeper) remove(ctx context.Context, f store.StoredFile) error {
	u := k.server.uploads
	if err := u.remove(ctx, f.Key); err != nil {
		return err
	}
	if u.Scaler != nil {
		if err := u.Scaler.Remove(f.Key); err != nil {
			return err
		}
	}
	k.removed.Add(1)
	k.removedBytes.Add(uint64(max(f.Size, 0)))
	return nil
}

// sweep removes replaced avatars and uploads in parts that have ended, and finds files that lost their last message
// while a version ran that does not record it.
func (k *fileKeeper) sweep(ctx context.Context) error {
	s := k.server
	var failed error
	if s.uploads.Disk != nil {
		failed = s.uploads.Disk.SweepUploads()
	}
	for n := 1; n > 0; {
		var err error
		if n, err = s.store.ReleaseLeftFiles(ctx, s.now()); err != nil {
			return errors.Join(failed, err)
		}
	}
	// UsedAvatars is read after since is set. A picture that is set in between is newer than since, and is kept.
	since := s.now().Add(-avatarGrace)
	addresses, ready, err := s.store.UsedAvatars(ctx)
	if err != nil || !ready {
		return errors.Join(failed, err)
	}
	used := make(map[string]bool)
	for _, a := range addresses {
		if strings.Contains(a, "/avatars/") {
			used[path.Base(a)] = true
		}
	}
	n, bytes, err := s.uploads.Avatars.RemoveUnused(ctx, func(name string) bool { return used[name] }, since)
	k.removed.Add(uint64(n))
	k.removedBytes.Add(uint64(bytes))
	return errors.Join(failed, err)
}

// walk looks at a part of all files once a day, and records those of which nothing is known: they were uploaded to a
// version without the record, or the process ended before it recorded them.
func (k *fileKeeper) walk(ctx context.Context) error {
	s := k.server
	if s.uploads.Disk == nil {
		return nil
	}
	w, err := s.store.FileWalk(ctx)
	if err != nil || w.Part == 0 && s.now().Sub(w.Ended) < fileWalk {
		return err
	}
	var found []store.StoredFile
	if err := s.uploads.Disk.Walk(ctx, w.Part, func(o blob.Object) error {
		found = append(found, storedObject(o))
		return nil
	}); err != nil {
		return err
	}
	for len(found) > fileBatch {
		if err := k.recordUnknown(ctx, found[:fileBatch], w); err != nil {
			return err
		}
		found = found[fileBatch:]
	}
	if w.Part++; w.Part == blob.WalkParts {
		w = store.FileWalk{Ended: s.now()}
	}
	return k.recordUnknown(ctx, found, w)
}

func (k *fileKeeper) recordUnknown(ctx context.Context, files []store.StoredFile, w store.FileWalk) error {
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.Key
	}
	unknown, err := k.server.store.UnknownFiles(ctx, keys)
	if err != nil {
		return err
	}
	var fresh []store.StoredFile
	for _, f := range files {
		if unknown[f.Key] {
			fresh = append(fresh, f)
		}
	}
	return k.server.store.FilesWalked(ctx, fresh, k.server.now().Add(k.unusedAfter()), w)
}

// count counts the files for the metrics.
func (k *fileKeeper) count(ctx context.Context) {
	if time.Since(k.counted) < fileCount {
		return
	}
	k.counted = time.Now()
	if totals, err := k.server.store.FileTotals(ctx); err == nil {
		k.totals.Store(&totals)
	}
}

var (
	descFiles        = desc("parley_files", "Stored files, by whether something names them: used or unused.", "state")
	descFileBytes    = desc("parley_file_bytes", "Size of the stored files, by whether something names them: used or unused.", "state")
	descFilesRemoved = desc("parley_files_removed_total", "Files that this process has removed because nothing names them.")
	descBytesRemoved = desc("parley_file_bytes_removed_total", "Size of these files.")
)

// Describe is prometheus.Collector's.
func (k *fileKeeper) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descFiles, descFileBytes, descFilesRemoved, descBytesRemoved} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (k *fileKeeper) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(descFilesRemoved, prometheus.CounterValue, float64(k.removed.Load()))
	out <- prometheus.MustNewConstMetric(descBytesRemoved, prometheus.CounterValue, float64(k.removedBytes.Load()))
	t := k.totals.Load()
	if t == nil {
		return
	}
	for state, n := range map[string][2]int64{"used": {t.Files - t.Unused, t.Bytes - t.UnusedBytes}, "unused": {t.Unused, t.UnusedBytes}} {
		out <- prometheus.MustNewConstMetric(descFiles, prometheus.GaugeValue, float64(n[0]), state)
		out <- prometheus.MustNewConstMetric(descFileBytes, prometheus.GaugeValue, float64(n[1]), state)
	}
}
