package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/store"
	"parley/internal/wire"
)

// Files at a storage service are copied by several requests at a time. In a backup they have the same layout as those of a
// data folder, so that a backup can be restored to a folder or to a bucket. The copy of the database says which files there
// are: nothing has to list the bucket, and a bucket may have other files.

// serviceKey returns the key of a message's file if the storage service may have it, or nothing.
func serviceKey(file []byte) string {
	if key := ownKey(file); (&auth.Uploads{}).Granted(key) {
		return key
	}
	return ""
}

// bucketFiles copies the files that the messages of a database name, and that the folder of backups does not have.
func (b *backingUp) bucketFiles(ctx context.Context, database string, list *listWriter) error {
	requests := b.data.config.Backup.Requests
	from, err := openBucket(b.data.config, requests)
	if err != nil {
		return err
	}
	c := store.OpenCopy(database)
	var done, total int64
	if err := c.MessageFiles(ctx, func(_ chat.MessageID, _ []byte) error { total++; return ctx.Err() }); err != nil {
		return err
	}
	work, workCtx := errgroup.WithContext(ctx)
	work.SetLimit(max(requests, 1))
	var mu sync.Mutex // guards the list, the report and fresh
	seen := map[[sha256.Size]byte]struct{}{}
	fresh := map[string]struct{}{} // folders with new files
	err = c.MessageFiles(ctx, func(_ chat.MessageID, file []byte) error {
		if done++; done%100 == 0 {
			b.progress("files", min(done, total-1), total)
		}
		key := serviceKey(file)
		sum := sha256.Sum256([]byte(key))
		if _, is := seen[sum]; is || key == "" {
			return workCtx.Err()
		}
		seen[sum] = struct{}{}
		var named wire.File
		if err := json.Unmarshal(file, &named); err != nil {
			return err
		}
		work.Go(func() error {
			k, made, err := b.keepFromBucket(workCtx, from, key, named)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, blob.ErrNotFound) {
				b.report.Add(store.Difference{Table: "file", Row: key, What: "it is missing at the storage service"})
				return nil
			}
			if err != nil {
				return &serviceError{key, err}
			}
			if made {
				fresh[filepath.Dir(filepath.FromSlash(k.name))] = struct{}{}
			}
			return b.listed(list, k, made)
		})
		return workCtx.Err()
	})
	if failed := work.Wait(); failed != nil { // the first error cancels workCtx, so err is only context.Canceled
		err = failed
	}
	all := filepath.Join(b.folder, backupFiles)
	for folder := range fresh {
		err = errors.Join(err, syncFolder(filepath.Join(all, folder)))
	}
	if len(fresh) > 0 {
		err = errors.Join(err, syncFolder(filepath.Join(all, "objects")))
	}
	return err
}

// keepFromBucket copies a file unless the folder of backups has it. A file with the wrong size, for example after a
// full disk, is copied again.
func (b *backingUp) keepFromBucket(ctx context.Context, from *bucket, key string, named wire.File) (k kept, made bool, err error) {
	all := filepath.Join(b.folder, backupFiles)
	k.name = filepath.ToSlash(objectFolder(key))
	to := filepath.Join(all, objectFolder(key))
	if o, known, err := readObject(to); err == nil && known {
		if info, err := os.Stat(k.content(all)); err == nil && info.Size() == o.Size {
			k.size, k.hash = o.Size, o.Hash
			return k, false, nil
		}
	}
	place, err := os.MkdirTemp(all, backupNew)
	if err != nil {
		return k, false, err
	}
	defer os.RemoveAll(place)
	o, err := fetchObject(ctx, from, key, named, place)
	if err != nil {
		return k, false, err
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.RemoveAll(to)); err != nil {
		return k, false, err
	}
	k.size, k.hash = o.Size, o.Hash
	return k, true, os.Rename(place, to)
}

// serviceError is why a file could not be copied from the storage service.
type serviceError struct {
	key string
	err error
}

func (e *serviceError) Error() string {
	return e.key + " could not be copied from the storage service: " + e.err.Error()
}

func (e *serviceError) Unwrap() error { return e.err }

// fetchObject fills a folder with a file and its description, which are then on the disk.
func fetchObject(ctx context.Context, from *bucket, key string, named wire.File, folder string) (o blob.Object, err error) {
	in, stat, err := from.open(ctx, key)
	if err != nil {
		return o, err
	}
	defer in.Close()
	out, err := os.OpenFile(filepath.Join(folder, "data"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return o, err
	}
	o, err = blob.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return o, err
	}
	o.Key, o.StoredAt = key, stat.Modified.UTC()
	if named.Name != nil {
		o.Name = *named.Name
	}
	if named.Width != nil && named.Height != nil {
		o.Width, o.Height = int(*named.Width), int(*named.Height)
	}
	text, err := json.Marshal(o)
	if err != nil {
		return o, err
	}
	return o, errors.Join(writeSynced(filepath.Join(folder, "object.json"), text), syncFolder(folder))
}

// copyToBucket copies the files of a backup that the storage service does not have. Nothing there is written over.
func (r *restoring) copyToBucket(ctx context.Context, to *bucket, files []kept, told func()) error {
	work, workCtx := errgroup.WithContext(ctx)
	work.SetLimit(max(r.config.Backup.Requests, 1))
	for _, k := range files {
		if workCtx.Err() != nil {
			break
		}
		work.Go(func() error {
			difference, err := r.fileToBucket(workCtx, to, k)
			r.mu.Lock()
			defer r.mu.Unlock()
			if difference != nil {
				err = errors.Join(err, r.differ(*difference))
			}
			told()
			return err
		})
	}
	return work.Wait()
}

// fileToBucket returns a difference for a file that is missing or damaged in the backup, or differs from the one at the
// storage service.
func (r *restoring) fileToBucket(ctx context.Context, to *bucket, k kept) (*store.Difference, error) {
	folder := filepath.Join(r.files, filepath.FromSlash(k.name))
	o, known, err := readObject(folder)
	if errors.Is(err, os.ErrNotExist) {
		return &store.Difference{Table: "file", Row: k.name, What: "it is missing in the backup"}, nil
	}
	if err != nil {
		return nil, err
	}
	if !known {
		return &store.Difference{Table: "file", Row: k.name, What: "object.json is damaged"}, nil
	}
	there, err := to.stat(ctx, o.Key)
	switch {
	case err == nil && there.Size == k.size && (there.Hash == "" || there.Hash == k.hash):
		return nil, nil //nolint:nilnil // no difference
	case err == nil && there.Size == k.size:
		return &store.Difference{Table: "file", Row: o.Key, What: "the storage service has another file, which stays; hash", Got: there.Hash, Want: k.hash}, nil
	case err == nil:
		return &store.Difference{
			Table: "file", Row: o.Key, What: "the storage service has another file, which stays; size", Got: fmt.Sprint(there.Size), Want: fmt.Sprint(k.size),
		}, nil
	case !errors.Is(err, blob.ErrNotFound):
		return nil, fmt.Errorf("%s: %w", o.Key, err)
	}
	// Nothing in the bucket is replaced, so a damaged file must not get there.
	got, err := summed(ctx, k, r.files)
	if errors.Is(err, os.ErrNotExist) {
		return &store.Difference{Table: "file", Row: k.name, What: "it is missing in the backup"}, nil
	}
	if err != nil {
		return nil, err
	}
	if got.size != k.size || got.hash != k.hash {
		return &store.Difference{Table: "file", Row: k.name, What: "the file in the backup is damaged and was not copied; hash", Got: got.hash, Want: k.hash}, nil
	}
	f, err := os.Open(k.content(r.files))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := to.put(ctx, o.Key, o.Name, f, k.size); err != nil {
		return nil, fmt.Errorf("%s could not be copied to the storage service: %w", o.Key, err)
	}
	return nil, nil //nolint:nilnil // no difference
}
