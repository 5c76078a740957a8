package server

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"parley/internal/blob"
	"parley/internal/store"
)

// kept is a file of a backup. Files never change, so a backup has a file if it has its name.
type kept struct {
	name string // below the data folder, with slashes: objects/<2 digits>/<62 digits>, avatars/<2 digits>/<name>
	size int64
	hash string // see blob.Etag
}

func (k kept) isObject() bool { return strings.HasPrefix(k.name, "objects/") }

// content returns the place of the file itself: an object is a folder with a description.
func (k kept) content(root string) string {
	path := filepath.Join(root, filepath.FromSlash(k.name))
	if k.isObject() {
		return filepath.Join(path, "data")
	}
	return path
}

// objectFolder returns the place of an object.
func objectFolder(key string) string {
	sum := sha256.Sum256([]byte(key))
	digits := hex.EncodeToString(sum[:])
	return filepath.Join("objects", digits[:2], digits[2:])
}

// listWriter writes the list of a backup's files: a line for each with its hash, its size and its name, packed.
type listWriter struct {
	f      *os.File
	packed *gzip.Writer
	digest hash.Hash
	to     io.Writer
}

func newListWriter(name string) (*listWriter, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	l := &listWriter{f: f, packed: gzip.NewWriter(f), digest: sha256.New()}
	l.to = io.MultiWriter(l.packed, l.digest)
	return l, nil
}

func (l *listWriter) add(k kept) error {
	_, err := fmt.Fprintf(l.to, "%s %d %s\n", k.hash, k.size, k.name)
	return err
}

func (l *listWriter) close() (digest string, err error) {
	err = errors.Join(l.packed.Close(), l.f.Sync(), l.f.Close())
	return hex.EncodeToString(l.digest.Sum(nil)), err
}

// readList calls each for every file of a backup.
func readList(b Backup, each func(kept) error) error {
	f, err := os.Open(filepath.Join(b.Path, backupListName))
	if err != nil {
		return err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	digest := sha256.New()
	lines := bufio.NewScanner(io.TeeReader(unpacked, digest))
	for lines.Scan() {
		var k kept
		if _, err := fmt.Sscanf(lines.Text(), "%s %d %s", &k.hash, &k.size, &k.name); err != nil || !filepath.IsLocal(filepath.FromSlash(k.name)) {
			return fmt.Errorf("%s: a line is damaged", f.Name())
		}
		if err := each(k); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != b.Files.List {
		return fmt.Errorf("%s is damaged: its SHA-256 is %s, want %s", f.Name(), got, b.Files.List)
	}
	return nil
}

// files copies the files that the folder of backups does not have, and lists those of this backup.
func (b *backingUp) files(ctx context.Context, place string) (err error) {
	list, err := newListWriter(filepath.Join(place, backupListName))
	if err != nil {
		return err
	}
	m := &b.manifest.Files
	defer func() {
		var closing error
		m.List, closing = list.close()
		err = errors.Join(err, closing)
	}()
	kinds := []string{"avatars", "objects"}
	if b.data.config.Blob != "disk" {
		kinds = kinds[:1]
	}
	if err := b.localFiles(ctx, list, kinds); err != nil {
		return err
	}
	switch {
	case b.data.config.Blob == "disk":
	case b.data.config.Backup.Files:
		err = b.bucketFiles(ctx, filepath.Join(place, backupDatabase), list)
	default:
		m.Missing = true
	}
	b.progress("files", 1, 1)
	return err
}

// localFiles copies files of the data folder.
func (b *backingUp) localFiles(ctx context.Context, list *listWriter, kinds []string) error {
	data, all := b.data.config.Data, filepath.Join(b.folder, backupFiles)
	var done, total int64
	groups := map[string][]string{}
	for _, kind := range kinds {
		folders, err := filepath.Glob(filepath.Join(data, kind, "??"))
		if err != nil {
			return err
		}
		groups[kind] = folders
		for _, f := range folders {
			entries, err := os.ReadDir(f)
			if err != nil {
				return err
			}
			total += int64(len(entries))
		}
	}
	for _, kind := range kinds {
		for _, folder := range groups[kind] {
			entries, err := os.ReadDir(folder)
			if err != nil {
				return err
			}
			to := filepath.Join(all, kind, filepath.Base(folder))
			if err := os.MkdirAll(to, 0o700); err != nil {
				return err
			}
			fresh := false
			for _, e := range entries {
				if err := ctx.Err(); err != nil {
					return err
				}
				if done++; done%100 == 0 {
					b.progress("files", min(done, total-1), total)
				}
				k := kept{name: kind + "/" + filepath.Base(folder) + "/" + e.Name()}
				if strings.HasPrefix(e.Name(), ".") || strings.Contains(e.Name(), ".new") { // it is being written
					continue
				}
				made, err := b.keep(ctx, &k, data, all)
				if errors.Is(err, fs.ErrNotExist) {
					if exists(filepath.Join(data, filepath.FromSlash(k.name))) { // otherwise it was removed meanwhile
						b.report.Add(store.Difference{Table: "file", Row: k.name, What: "a part of it is missing in the data folder"})
					}
					continue
				}
				if err != nil {
					return fmt.Errorf("%s could not be copied: %w", k.name, err)
				}
				fresh = fresh || made
				if err := b.listed(list, k, made); err != nil {
					return err
				}
			}
			if fresh {
				if err := errors.Join(syncFolder(to), syncFolder(filepath.Dir(to))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// listed counts and lists a file of the backup. made says that earlier backups do not have it.
func (b *backingUp) listed(list *listWriter, k kept, made bool) error {
	m := &b.manifest.Files
	if made {
		m.New, m.NewBytes = m.New+1, m.NewBytes+k.size
	}
	m.Count, m.Bytes = m.Count+1, m.Bytes+k.size
	return list.add(k)
}

// keep copies a file unless the folder of backups has it, and sets its size and its hash.
func (b *backingUp) keep(ctx context.Context, k *kept, data, all string) (made bool, err error) {
	to := filepath.Join(all, filepath.FromSlash(k.name))
	if made = !exists(to); made {
		if err := b.copy(ctx, *k, data, to); err != nil {
			return false, err
		}
	}
	if k.isObject() {
		if o, known, err := readObject(to); err != nil || known {
			k.size, k.hash = o.Size, o.Hash
			return made, err
		}
	}
	*k, err = summed(ctx, *k, all)
	return made, err
}

// copy copies a file beside its place and gives it its name when it is on the disk. A file
// that differs from its description is copied all the same and reported.
func (b *backingUp) copy(ctx context.Context, k kept, data, to string) error {
	place, err := os.MkdirTemp(filepath.Join(b.folder, backupFiles), backupNew)
	if err != nil {
		return err
	}
	defer os.RemoveAll(place)
	from := filepath.Join(data, filepath.FromSlash(k.name))
	if !k.isObject() {
		if _, err := copyFile(ctx, from, filepath.Join(place, "file")); err != nil {
			return err
		}
		return os.Rename(filepath.Join(place, "file"), to)
	}
	whole := filepath.Join(place, "object")
	if err := copyObject(ctx, from, whole); err != nil {
		return err
	}
	o, known, err := readObject(whole)
	if err != nil {
		return err
	}
	if !known {
		b.report.Add(store.Difference{Table: "file", Row: k.name, What: "object.json is damaged"})
		return os.Rename(whole, to)
	}
	got, err := summed(ctx, kept{name: k.name}, "", filepath.Join(whole, "data"))
	if err != nil {
		return err
	}
	if got.size != o.Size || got.hash != o.Hash {
		b.report.Add(store.Difference{Table: "file", Row: o.Key, What: "hash", Got: got.hash, Want: o.Hash})
	}
	return os.Rename(whole, to)
}

// copyObject copies an object, which is then on the disk.
func copyObject(ctx context.Context, from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"object.json", "data"} {
		if _, err := copyFile(ctx, filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return syncFolder(to)
}

// readObject reads the description of an object; known is false if it is damaged.
func readObject(folder string) (o blob.Object, known bool, err error) {
	text, err := os.ReadFile(filepath.Join(folder, "object.json"))
	if err != nil {
		return o, false, err
	}
	return o, json.Unmarshal(text, &o) == nil, nil
}

// summed returns k with the size and the hash of the file, which is the last argument or, without one, in root.
func summed(ctx context.Context, k kept, root string, file ...string) (kept, error) {
	name := k.content(root)
	if len(file) > 0 {
		name = file[0]
	}
	f, err := os.Open(name)
	if err != nil {
		return k, err
	}
	defer f.Close()
	var etag blob.Etag
	if k.size, err = io.Copy(&etag, interrupted{ctx, bufio.NewReaderSize(f, 1<<20)}); err != nil {
		return k, err
	}
	k.hash = etag.String()
	return k, nil
}

// removeFiles removes the files of a backup, except those that are needed.
func removeFiles(folder, gone string, needed map[string]struct{}) error {
	b, err := openBackup(gone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its files were removed earlier
	}
	if err != nil {
		return err
	}
	return readList(b, func(k kept) error {
		if _, is := needed[k.name]; is {
			return nil
		}
		return os.RemoveAll(filepath.Join(folder, backupFiles, filepath.FromSlash(k.name)))
	})
}

// syncFolder writes the entries of a folder to the disk, so that new and renamed files survive a power failure. Windows has
// no such call and needs none.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
