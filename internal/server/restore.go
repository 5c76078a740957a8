package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"parley/internal/config"
	"parley/internal/store"
)

// Restored is the outcome of [Restore].
type Restored struct {
	Backup Backup
	Report store.Report // of verify on the target
}

// A data folder has one of these files during a restore. The first line names the backup, and each
// further line is a difference that was found while files were copied.
const (
	restoreMark   = "restore.unfinished" // until everything is copied
	restoreCopied = "restore.unverified" // until the copy is verified
)

// Restore fills an empty data folder from a backup. With the option database it also fills an
// empty PostgreSQL database, and with blob: s3 or qiniu the bucket. from is a backup, or a folder
// of backups, of which the latest is used. A restore that was interrupted goes on. former is the
// former data folder, if there is one: its lock file knows which ids of messages were given out
// after the backup.
func Restore(ctx context.Context, c config.Config, from, former string, progress Progress) (r Restored, err error) {
	if r.Backup, err = findBackup(from); err != nil {
		return r, err
	}
	folder := filepath.Dir(r.Backup.Path)
	release, err := holdBackups(folder)
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS): // the folder is read-only, so nothing can remove its files
	case err != nil:
		return r, err
	default:
		defer func() { err = errors.Join(err, release()) }()
	}
	t := &restoring{Backup: r.Backup, files: filepath.Join(folder, backupFiles), config: c, former: former, progress: progress}
	if err := t.run(ctx); err != nil {
		return r, err
	}
	d, err := OpenDamagedData(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if r.Report, err = d.Verify(ctx, true, progress); err != nil {
		return r, err
	}
	for _, one := range t.found {
		r.Report.Add(one)
	}
	return r, os.Remove(filepath.Join(c.Data, restoreCopied))
}

func findBackup(from string) (Backup, error) {
	if exists(filepath.Join(from, manifestName)) {
		return openBackup(from)
	}
	all, err := Backups(from)
	if err != nil {
		return Backup{}, err
	}
	if len(all) == 0 {
		return Backup{}, fmt.Errorf("there is no complete backup in %s", from)
	}
	return all[len(all)-1], nil
}

type restoring struct {
	Backup
	files    string // of all backups
	config   config.Config
	former   string
	progress Progress

	mu    sync.Mutex // guards found and the progress while several files are copied at a time
	found []store.Difference
}

// run copies everything, unless an earlier run has done so.
func (r *restoring) run(ctx context.Context) error {
	if copied, err := r.begin(); err != nil || copied {
		return err
	}
	folder := r.config.Data
	// A folder with files and without a database is refused by the server, so the database is last.
	for _, k := range r.Keys {
		if err := r.copyChecked(ctx, filepath.Join(r.Path, backupKeys, k.Name), filepath.Join(folder, k.Name), k); err != nil {
			return err
		}
	}
	if err := r.copyFiles(ctx); err != nil {
		return err
	}
	place := folder
	if r.config.Database != "" { // Move reads the database from a folder of its own
		if place = filepath.Join(folder, ".restore"); !exists(place) {
			if err := os.Mkdir(place, 0o700); err != nil {
				return err
			}
		}
	}
	r.progress("database", 0, 1)
	// An earlier run has copied it completely if it has its name. Move may have opened it, so that it has a log.
	if !exists(filepath.Join(place, backupDatabase)) {
		if err := r.database(ctx, place); err != nil {
			return err
		}
	}
	if r.config.Database != "" {
		moved, err := Move(ctx, config.Database(place), r.config.Database, false, r.progress)
		if errors.Is(err, ErrMoveChanged) { // the restore of another backup was interrupted
			moved, err = Move(ctx, config.Database(place), r.config.Database, true, r.progress)
		}
		if err != nil {
			return err
		}
		if !moved.Same() {
			return fmt.Errorf("the copy in %s differs from the backup, and no server will use it:\n%s%s", where(r.config), moved.From, moved.To)
		}
		if err := os.RemoveAll(place); err != nil {
			return err
		}
	} else {
		r.progress("database", 1, 1)
	}
	return errors.Join(os.Rename(filepath.Join(folder, restoreMark), filepath.Join(folder, restoreCopied)), syncFolder(folder))
}

// database copies the database into a folder, with the lock file of the former one.
func (r *restoring) database(ctx context.Context, place string) error {
	if err := r.copyChecked(ctx, filepath.Join(r.Path, backupDatabase), filepath.Join(place, "restored.db"), r.Database); err != nil {
		return err
	}
	if r.former != "" {
		if err := os.RemoveAll(store.LockName(place)); err != nil {
			return err
		}
		if _, err := copyFile(ctx, store.LockName(r.former), store.LockName(place)); err != nil {
			return fmt.Errorf("the lock file of the former data folder cannot be copied: %w", err)
		}
	}
	return errors.Join(os.Rename(filepath.Join(place, "restored.db"), filepath.Join(place, backupDatabase)), syncFolder(place))
}

// begin prepares the target, or continues an interrupted restore of the same backup.
func (r *restoring) begin() (copied bool, err error) {
	folder := r.config.Data
	if err := checkFolder(folder); err != nil {
		return false, err
	}
	for _, mark := range []string{restoreMark, restoreCopied} {
		text, err := os.ReadFile(filepath.Join(folder, mark))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		first, found, _ := strings.Cut(string(text), "\n")
		if first != r.name() {
			return false, fmt.Errorf("the restore of another backup into %s was interrupted. Restore that one again, or use a new folder", folder)
		}
		for line := range strings.Lines(found) {
			var d store.Difference
			if json.Unmarshal([]byte(line), &d) == nil { // a crash may have cut off the last line
				r.found = append(r.found, d)
			}
		}
		return mark == restoreCopied, nil
	}
	for _, name := range []string{"parley.db", "parley.db-wal", "upload.key", "objects", "avatars"} {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			entries, err := os.ReadDir(path)
			if err == nil && len(entries) == 0 {
				continue
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("%s is not empty: it has %s. Restore into a new folder", folder, name)
		}
	}
	return false, errors.Join(writeSynced(filepath.Join(folder, restoreMark), []byte(r.name()+"\n")), syncFolder(folder))
}

// name identifies the backup in the data folder.
func (r *restoring) name() string { return filepath.Base(r.Path) + " " + r.Database.SHA256 }

// differ takes note of a difference, also for a later run that does not copy the file again.
func (r *restoring) differ(d store.Difference) error {
	if slices.Contains(r.found, d) { // an earlier run has found it
		return nil
	}
	r.found = append(r.found, d)
	line, err := json.Marshal(d)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(r.config.Data, restoreMark), os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// copyChecked copies a file of the backup if the target does not have it, and compares its SHA-256.
func (r *restoring) copyChecked(ctx context.Context, from, to string, want fileSum) error {
	if exists(to) {
		if got, err := sumFile(ctx, to); err != nil || got.SHA256 == want.SHA256 {
			return err
		}
	}
	beside := to + ".new"
	if err := os.RemoveAll(beside); err != nil {
		return err
	}
	got, err := copyFile(ctx, from, beside)
	if err != nil {
		return err
	}
	if got.SHA256 != want.SHA256 {
		return errors.Join(fmt.Errorf("the backup is damaged: the SHA-256 of %s is %s, want %s. Restore another one", from, got.SHA256, want.SHA256), os.Remove(beside))
	}
	return os.Rename(beside, to)
}

// copyFiles copies the files that the target does not have: pictures of people and groups to the data folder, files of
// messages to the place that the configuration names. One that is missing or damaged is reported, and the others are copied.
func (r *restoring) copyFiles(ctx context.Context) error {
	folder, done, total := r.config.Data, int64(0), int64(r.Files.Count)+1
	for _, name := range []string{"objects", "avatars"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
			return err
		}
	}
	told := func() {
		if done++; done%100 == 0 {
			r.progress("files", done, total)
		}
	}
	r.progress("files", 0, total)
	to, err := openBucket(r.config, r.config.Backup.Requests)
	if err != nil {
		return err
	}
	var waiting []kept // for the storage service
	copyWaiting := func() error {
		defer func() { waiting = waiting[:0] }()
		return r.copyToBucket(ctx, to, waiting, told)
	}
	err = readList(r.Backup, func(k kept) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if to != nil && k.isObject() {
			if waiting = append(waiting, k); len(waiting) < restoreTogether {
				return nil
			}
			return copyWaiting()
		}
		told()
		err := r.file(ctx, k)
		if errors.Is(err, fs.ErrNotExist) {
			return r.differ(store.Difference{Table: "file", Row: k.name, What: "it is missing in the backup"})
		}
		return err
	})
	if err == nil && len(waiting) > 0 {
		err = copyWaiting()
	}
	r.progress("files", 1, 1)
	return err
}

// restoreTogether is how many files are read from the list before they are copied to a storage service.
const restoreTogether = 1000

func (r *restoring) file(ctx context.Context, k kept) error {
	from, to := filepath.Join(r.files, filepath.FromSlash(k.name)), filepath.Join(r.config.Data, filepath.FromSlash(k.name))
	if exists(to) {
		return nil // a file gets its name only when it is complete
	}
	parent := filepath.Dir(to)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	place, err := os.MkdirTemp(parent, ".restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	whole := filepath.Join(place, "file")
	content := whole
	if k.isObject() {
		content = filepath.Join(whole, "data")
		err = copyObject(ctx, from, whole)
	} else {
		_, err = copyFile(ctx, from, whole)
	}
	if err != nil {
		return err
	}
	got, err := summed(ctx, kept{name: k.name}, "", content)
	if err != nil {
		return err
	}
	if got.size != k.size || got.hash != k.hash {
		if err := r.differ(store.Difference{Table: "file", Row: k.name, What: "hash", Got: got.hash, Want: k.hash}); err != nil {
			return err
		}
	}
	return errors.Join(os.Rename(whole, to), syncFolder(parent))
}
