package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/admin"
	"parley/internal/store"
	"parley/internal/wire"
)

// A folder of backups:
//
//	files/objects/…, files/avatars/…    files, as in a data folder; all backups share them, and none changes
//	<UTC time>/parley.db                the database, an SQLite file from any engine
//	<UTC time>/keys/…                   upload.key, and other small files of the data folder
//	<UTC time>/files.gz                 the list of the files of this backup; see listWriter
//	<UTC time>/manifest.json            the content of the backup; see Manifest
//	backup.lock                         held by a backup or a restore
//	.new-…                              an interrupted backup, which the next one removes
//	.removed-…                          an old backup that is being removed
//
// The database is copied first: a file is stored before the message that names it, so the copy
// names no file that is missing. A backup has its name when everything in it is on the disk.
const (
	backupFiles    = "files"
	backupDatabase = "parley.db"
	backupKeys     = "keys"
	backupListName = "files.gz"
	manifestName   = "manifest.json"
	backupLock     = "backup.lock"
	backupNew      = ".new-"
	backupGone     = ".removed-"
	backupTime     = "20060102T150405Z"
)

// backupFormat is the version of this layout.
const backupFormat = 1

// Manifest describes a backup.
type Manifest struct {
	Format   int       `json:"format"`
	Program  string    `json:"program"` // its version
	Began    time.Time `json:"began"`
	Seconds  float64   `json:"seconds"` // that it took
	Source   string    `json:"source"`  // sqlite or postgres
	Version  int64     `json:"version"` // of the tables
	Database fileSum   `json:"database"`
	Last     int64     `json:"lastMessage"`
	LastAt   time.Time `json:"lastMessageAt"`
	Keys     []fileSum `json:"keys"`
	Files    struct {
		Count    int    `json:"count"`
		Bytes    int64  `json:"bytes"`
		New      int    `json:"new"` // files that no earlier backup has
		NewBytes int64  `json:"newBytes"`
		List     string `json:"list"`              // SHA-256 of the list, unpacked
		Missing  bool   `json:"missing,omitempty"` // the files of messages were not copied: backup.files is false
	} `json:"files"`
	Differences int    `json:"differences"` // that verify has found in the copy
	Report      string `json:"report"`      // of verify
}

// fileSum identifies a file by its content.
type fileSum struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Bytes returns the size of everything in the backup.
func (m Manifest) Bytes() int64 {
	total := m.Database.Size + m.Files.Bytes
	for _, k := range m.Keys {
		total += k.Size
	}
	return total
}

// Backup is a complete backup.
type Backup struct {
	Manifest
	Path string
}

// Progress gets how much of a step is done.
type Progress func(step string, done, total int64)

// ErrBackupRuns is returned while another backup or restore uses the folder.
var ErrBackupRuns = errors.New("another backup or restore uses the folder")

// Backup adds a backup to a folder of backups, which is made if it is missing. The server can
// go on writing. After an error there is no partial backup. Files that were copied
// completely stay, and the next backup uses them.
func (d *Data) Backup(ctx context.Context, folder string, progress Progress) (_ Backup, err error) {
	began := time.Now().UTC()
	if d.server != nil {
		defer func() { d.server.backups.done(ctx, err) }()
	}
	b := &backingUp{data: d, folder: folder, progress: progress, began: began}
	defer func() {
		if err == nil || errors.Is(err, ErrBackupRuns) {
			return
		}
		note, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
		defer cancel()
		if ctx.Err() != nil { // the backup was stopped on purpose
			err = ctx.Err()
			_ = d.store.BackupRuns(note, time.Time{}) // if this fails, the lease expires by itself
			return
		}
		if failed := d.store.BackupFailed(note, time.Now(), backupFailure(err), err.Error()); failed != nil && !errors.Is(failed, chat.ErrLogged) {
			err = errors.Join(err, failed)
		}
	}()
	if err := b.prepare(); err != nil {
		return Backup{}, err
	}
	defer func() { err = errors.Join(err, b.release()) }()
	stop := b.sayThatItRuns(ctx)
	defer stop()
	made, err := b.run(ctx)
	if err != nil {
		return Backup{}, err
	}
	stop()
	if made.Differences > 0 {
		return made, d.store.BackupDiffers(ctx, began, made.Differences, admin.BackupDifferences, fmt.Sprintf("%d differences were found in the backup %s", made.Differences, made.Path))
	}
	return made, d.store.BackupMade(ctx, store.BackupState{
		Began: began, Took: time.Since(began), Bytes: made.Bytes(), Folder: b.folder,
	})
}

const (
	noteTime    = 10 * time.Second
	leaseTime   = 2 * time.Minute // a backup that does not renew it was killed
	leaseRenews = 30 * time.Second
)

// backingUp is a backup under way.
type backingUp struct {
	data     *Data
	folder   string
	progress Progress
	began    time.Time
	release  func() error
	manifest Manifest
	report   store.Report
}

// prepare makes the folder ready and holds it.
func (b *backingUp) prepare() (err error) {
	data, err := filepath.Abs(b.data.config.Data)
	if err != nil {
		return err
	}
	if !exists(data) { // with PostgreSQL, the command may run on a machine without the data folder
		return fmt.Errorf("there is no data folder %s; name it with --data: the backup has its upload.key and files", data)
	}
	if b.folder, err = filepath.Abs(b.folder); err != nil {
		return err
	}
	if rel, err := filepath.Rel(data, b.folder); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("%s is in the data folder: a backup there is lost together with the data. Choose a folder on another disk", b.folder)
	}
	if err := os.MkdirAll(filepath.Join(b.folder, backupFiles), 0o700); err != nil {
		return fmt.Errorf("the folder of backups cannot be made: %w", err)
	}
	if b.release, err = holdBackups(b.folder); err != nil {
		return err
	}
	// Remove the files of interrupted backups.
	for _, pattern := range []string{backupNew + "*", filepath.Join(backupFiles, backupNew+"*")} {
		left, err := filepath.Glob(filepath.Join(b.folder, pattern))
		for _, name := range left {
			err = errors.Join(err, os.RemoveAll(name))
		}
		if err != nil {
			return errors.Join(err, b.release())
		}
	}
	return nil
}

func holdBackups(folder string) (release func() error, err error) {
	release, held, err := store.Hold(filepath.Join(folder, backupLock))
	if err == nil && !held {
		err = fmt.Errorf("%w %s", ErrBackupRuns, folder)
	}
	return release, err
}

// sayThatItRuns records in the database that a backup runs, until stop is called or ctx ends.
func (b *backingUp) sayThatItRuns(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	say := func() { _ = b.data.store.BackupRuns(ctx, time.Now().Add(leaseTime)) } // a fault of the database ends the backup anyway
	say()
	go func() {
		defer close(ended)
		every := time.NewTicker(leaseRenews)
		defer every.Stop()
		for {
			select {
			case <-every.C:
				say()
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// run makes the backup beside its place and then gives it its name.
func (b *backingUp) run(ctx context.Context) (_ Backup, err error) {
	place := filepath.Join(b.folder, backupNew+b.began.Format(backupTime))
	if err := os.Mkdir(place, 0o700); err != nil {
		return Backup{}, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(place)
		}
	}()
	for _, step := range []func(context.Context, string) error{b.database, b.keys, b.files, b.verify, b.describe} {
		if err := step(ctx, place); err != nil {
			return Backup{}, err
		}
	}
	name := b.began.Format(backupTime)
	for n := 2; exists(filepath.Join(b.folder, name)); n++ { // one was made in the same second
		name = fmt.Sprintf("%s-%d", b.began.Format(backupTime), n)
	}
	path := filepath.Join(b.folder, name)
	if err := os.Rename(place, path); err != nil {
		return Backup{}, err
	}
	return Backup{b.manifest, path}, syncFolder(b.folder)
}

func (b *backingUp) database(ctx context.Context, place string) error {
	m := &b.manifest
	m.Format, m.Program, m.Began, m.Source = backupFormat, Version(), b.began, "sqlite"
	if b.data.config.Database != "" {
		m.Source = "postgres"
	}
	b.progress("database", 0, 1)
	if err := b.data.store.CopyTo(ctx, filepath.Join(place, backupDatabase), func(done, total int64) { b.progress("database", done, total) }); err != nil {
		return fmt.Errorf("the database could not be copied: %w", err)
	}
	state, err := store.OpenCopy(filepath.Join(place, backupDatabase)).State(ctx)
	m.Version, m.Last, m.LastAt = state.Version, int64(state.LastMessage), state.LastAt
	return err
}

// notKept matches files of a data folder that no backup needs: the database, which is copied separately, and
// files of the running process.
var notKept = regexp.MustCompile(`^\.|^parley\.db|^parley\.sock$|^restore\.(unfinished|unverified)$|\.new(-.*)?$`)

// maxKept is the size of the largest such file that is copied. The server itself makes no larger one there.
const maxKept = 1 << 20

// keys copies upload.key and other small files of the data folder.
func (b *backingUp) keys(ctx context.Context, place string) error {
	from := b.data.config.Data
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	to := filepath.Join(place, backupKeys)
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && (!info.Mode().IsRegular() || notKept.MatchString(e.Name()) || info.Size() > maxKept) {
			continue
		}
		if err != nil {
			return err
		}
		sum, err := copyFile(ctx, filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		if err != nil {
			return err
		}
		b.manifest.Keys = append(b.manifest.Keys, sum)
	}
	return syncFolder(to)
}

// verify recounts the copy, and looks for the files that its messages name.
func (b *backingUp) verify(ctx context.Context, place string) error {
	c := store.OpenCopy(filepath.Join(place, backupDatabase))
	report, err := c.Verify(ctx, func(done, total int64) { b.progress("verify", done, total) })
	if err != nil {
		return fmt.Errorf("the copy of the database cannot be read: %w", err)
	}
	for _, cause := range b.report.Causes { // add the differences that were found while files were copied
		for _, d := range cause.Examples {
			report.Add(d)
		}
	}
	report.Files = b.manifest.Files.New
	if !b.manifest.Files.Missing {
		if err := c.MessageFiles(ctx, b.named(ctx, &report)); err != nil {
			return err
		}
	}
	b.manifest.Differences, b.manifest.Report = report.Found, report.String()
	return nil
}

// named returns a function that reports the file of a message unless the backup has it.
func (b *backingUp) named(ctx context.Context, report *store.Report) func(chat.MessageID, []byte) error {
	return func(id chat.MessageID, file []byte) error {
		key, where := ownKey(file), "in the folder objects"
		if b.data.config.Blob != "disk" {
			key, where = serviceKey(file), "at the storage service"
		}
		if key != "" && !exists(filepath.Join(b.folder, backupFiles, objectFolder(key))) {
			report.Add(store.Difference{Table: "message", Row: fmt.Sprintf("%d, file %s", id, key), What: "the file is missing " + where})
		}
		return ctx.Err()
	}
}

// ownKey returns the key of a message's file if this server may have it, or nothing. The
// keys that are granted have the uploader before a slash; others may name files elsewhere.
func ownKey(file []byte) string {
	var named wire.File
	if json.Unmarshal(file, &named) != nil || named.Key == nil || !strings.Contains(*named.Key, "/") {
		return ""
	}
	return *named.Key
}

// describe writes the manifest, the last file.
func (b *backingUp) describe(ctx context.Context, place string) (err error) {
	m := &b.manifest
	if m.Database, err = sumFile(ctx, filepath.Join(place, backupDatabase)); err != nil {
		return err
	}
	m.Seconds = time.Since(b.began).Seconds()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(place, manifestName), append(text, '\n')); err != nil {
		return err
	}
	return syncFolder(place)
}

// Backups returns the complete backups of a folder, the oldest first.
func Backups(folder string) ([]Backup, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Backup
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || !exists(filepath.Join(path, manifestName)) {
			continue
		}
		one, err := openBackup(path)
		if errors.Is(err, fs.ErrNotExist) { // it has just been removed
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Backup) int {
		if c := a.Began.Compare(b.Began); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	return all, nil
}

func openBackup(path string) (b Backup, err error) {
	text, err := os.ReadFile(filepath.Join(path, manifestName))
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(text, &b.Manifest); err != nil {
		return b, fmt.Errorf("%s: %w", filepath.Join(path, manifestName), err)
	}
	if b.Format > backupFormat {
		return b, fmt.Errorf("the backup %s was made by a newer version of parley", path)
	}
	b.Path = path
	return b, nil
}

// KeepBackups removes all but the latest backups, and the files that none of the others has. The
// latest one without differences stays in any case. It returns how many backups it has removed.
func KeepBackups(folder string, keep int) (removed int, err error) {
	release, err := holdBackups(folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	all, err := Backups(folder)
	if err != nil {
		return 0, err
	}
	old := slices.Clone(all[:max(len(all)-keep, 0)])
	remaining := all[len(old):]
	whole := func(b Backup) bool { return b.Differences == 0 }
	if !slices.ContainsFunc(remaining, whole) {
		for i, b := range slices.Backward(old) {
			if whole(b) {
				old, remaining = slices.Delete(old, i, i+1), append(slices.Clip(remaining), b)
				break
			}
		}
	}
	// An old backup first gets a name that is not that of a backup: a backup is always complete. Backups whose removal
	// was interrupted are removed, too.
	for _, b := range old {
		if err := os.Rename(b.Path, filepath.Join(folder, backupGone+filepath.Base(b.Path))); err != nil {
			return removed, err
		}
		removed++
	}
	gone, err := filepath.Glob(filepath.Join(folder, backupGone+"*"))
	if err != nil || len(gone) == 0 {
		return removed, err
	}
	needed := map[string]struct{}{}
	for _, b := range remaining {
		if err := readList(b, func(k kept) error { needed[k.name] = struct{}{}; return nil }); err != nil {
			return removed, err
		}
	}
	for _, path := range gone {
		if err := errors.Join(removeFiles(folder, path, needed), os.RemoveAll(path)); err != nil {
			return removed, err
		}
	}
	return removed, syncFolder(folder)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// copyFile copies a file, which is then on the disk, and returns its sum.
func copyFile(ctx context.Context, from, to string) (fileSum, error) {
	in, err := os.Open(from)
	if err != nil {
		return fileSum{}, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fileSum{}, err
	}
	digest := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, digest), interrupted{ctx, in})
	err = errors.Join(err, out.Sync(), out.Close())
	return fileSum{filepath.Base(to), n, hex.EncodeToString(digest.Sum(nil))}, err
}

// interrupted reads until the context ends.
type interrupted struct {
	ctx context.Context
	io.Reader
}

func (r interrupted) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func sumFile(ctx context.Context, name string) (fileSum, error) {
	f, err := os.Open(name)
	if err != nil {
		return fileSum{}, err
	}
	defer f.Close()
	digest := sha256.New()
	n, err := io.Copy(digest, interrupted{ctx, f})
	return fileSum{filepath.Base(name), n, hex.EncodeToString(digest.Sum(nil))}, err
}

func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
