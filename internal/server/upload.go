package server

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/rest/files"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/wire"
)

// fetchTimeout is how long a picture may take that is fetched from a storage
// service to be made smaller.
const fetchTimeout = time.Minute

// recordTimeout is how long the record of a granted upload may take.
const recordTimeout = 10 * time.Second

// uploads is where files are: what grants, takes, shows and addresses them.
type uploads struct {
	*files.Store
	config  config.Config
	live    *settings.Live
	address string   // where clients post files
	s3      *blob.S3 // nil: elsewhere
	workers *blob.Workers
	// remove removes a file from where it is kept.
	remove func(ctx context.Context, key string) error
	// record records an upload; see [store.Store.FileStored].
	record func(ctx context.Context, f store.StoredFile) error

	keys atomic.Pointer[uploadKeys]
}

// use puts other keys in force.
func (u *uploads) use(keys uploadKeys) {
	u.keys.Store(&keys)
	if u.config.Blob == "disk" {
		u.Uploads.SetSecrets(keys.current, keys.former)
	}
	u.Links.SetSecrets(linkKey(keys.current), keys.formerLinkKeys())
}

// newUploads opens the files of the data folder, or prepares to sign for a
// storage service. now is the clock of what is signed; nil is the real one.
func newUploads(c config.Config, live *settings.Live, now func() time.Time, uploaded func(string, int64)) (*uploads, error) {
	own, err := openUploadKeys(c.Data)
	if err != nil {
		return nil, err
	}
	keys, former := auth.QiniuKey{Access: c.Upload.AccessKey, Secret: string(c.Upload.SecretKey)}, []auth.FormerKey(nil)
	if c.Blob == "disk" {
		keys, former = auth.QiniuKey{Access: "parley", Secret: own.current}, own.former
	}
	base := strings.TrimRight(c.PublicURL, "/")
	u := &uploads{
		config:  c,
		live:    live,
		address: base + "/upload",
		workers: blob.NewWorkers(blob.WorkerLimits{
			Pictures: c.Upload.ImageWorkers, PerOwner: c.Work.Pictures, Waiting: c.Work.PicturesWaiting, Memory: int64(c.Upload.ImageMemory),
		}),
		Store: &files.Store{
			Uploads: &auth.Uploads{
				Keys:     keys,
				Former:   former,
				IssuedAt: c.Blob == "disk",
				Bucket:   c.Upload.Bucket,
				Expiry:   c.Upload.Expiry,
				Live:     func() auth.UploadLimits { return uploadLimits(live) },
				Now:      now,
			},
			Links: &blob.Links{
				Base: base, Secret: linkKey(own.current), Former: own.formerLinkKeys(), Life: c.Upload.LinkLife, Now: now,
			},
			MaxEarly: int64(c.Upload.MaxEarly),
			Resume:   c.Upload.Resume,
			Idle:     c.Upload.IdleTimeout,
			Uploaded: uploaded,
		},
	}
	u.keys.Store(&own)
	u.Keeps = u.keeps
	var source blob.Source
	switch c.Blob {
	case "qiniu":
		source, err = u.atQiniu()
	case "s3":
		source, err = u.atS3(now)
	default:
		source, err = u.onDisk(now)
	}
	if err != nil {
		return nil, err
	}
	return u, u.pictures(source)
}

// uploadLimits are the limits in force.
func uploadLimits(live *settings.Live) auth.UploadLimits {
	c := &live.Config().Upload
	return auth.UploadLimits{
		MaxImage: int64(c.MaxImage), MaxFile: int64(c.MaxFile), MaxVoice: int64(c.MaxVoice), MaxVideo: int64(c.MaxVideo), Zone: live.Zone(),
	}
}

func (u *uploads) onDisk(now func() time.Time) (blob.Source, error) {
	c := u.config
	var err error
	u.Disk, err = blob.OpenDisk(c.Data, blob.DiskOptions{
		Shared:    c.Upload.Shared,
		MinFree:   int64(c.Upload.MinFree),
		MaxPixels: c.Upload.MaxPixels,
		MaxOpen:   c.Upload.MaxOpen,
		Workers:   u.workers,
		Now:       now,
	})
	if err != nil {
		return nil, err
	}
	u.remove = func(_ context.Context, key string) error { return u.Disk.Remove(key) }
	u.Stored = func(ctx context.Context, o blob.Object) error { return u.record(ctx, storedObject(o)) }
	perDay := func() (int64, *time.Location) { return int64(u.live.Config().Upload.MaxPerDay), u.live.Zone() }
	u.Quota, err = blob.OpenQuota(filepath.Join(c.Data, "uploads", "quota"), perDay, c.Upload.Shared, now)
	return u.Disk.Source, err
}

func (u *uploads) atQiniu() (blob.Source, error) {
	u.address = uploadAddress(u.config.Upload)
	q := newQiniu(u.config.Upload)
	// Always to be saved: the service answers with the type of what was uploaded,
	// whatever the key ends in, and a page must not open in place. Pictures, sound and
	// film within a page are shown all the same.
	u.Elsewhere = func(key, name string, size blob.Size, _ bool, expires time.Time) string {
		return q.Address(key, name, size, true, expires)
	}
	client := &http.Client{Timeout: fetchTimeout}
	u.remove = func(ctx context.Context, key string) error { return q.Remove(ctx, client, key) }
	return func(ctx context.Context, key string) (*os.File, blob.Object, error) {
		return q.Fetch(ctx, client, u.scaled(), int64(u.live.Config().Upload.MaxImage), key)
	}, nil
}

func (u *uploads) atS3(now func() time.Time) (blob.Source, error) {
	var err error
	if u.s3, err = newS3(u.config.Upload, now); err != nil {
		return nil, err
	}
	u.address = u.s3.Origin()
	u.Elsewhere = func(key, name string, _ blob.Size, save bool, expires time.Time) string {
		return u.s3.Address(key, name, save, expires)
	}
	client := &http.Client{Timeout: fetchTimeout}
	u.remove = func(ctx context.Context, key string) error { return u.s3.Remove(ctx, client, key) }
	return func(ctx context.Context, key string) (*os.File, blob.Object, error) {
		return u.s3.Fetch(ctx, client, u.scaled(), int64(u.live.Config().Upload.MaxImage), key)
	}, nil
}

func (u *uploads) scaled() string { return filepath.Join(u.config.Data, "scaled") }

// pictures makes what draws: avatars are here wherever the originals are, and all
// but Qiniu leave it to us to make pictures smaller.
func (u *uploads) pictures(source blob.Source) (err error) {
	c := u.config
	if u.Avatars, err = blob.NewAvatars(filepath.Join(c.Data, "avatars"), source, c.Upload.MaxPixels, u.workers); err != nil {
		return err
	}
	scaler, err := blob.NewScaler(u.scaled(), source, c.Upload.MaxPixels, u.workers)
	if c.Blob != "qiniu" {
		u.Scaler = scaler
	}
	return err
}

// grant is the answer to "upload token".
func (u *uploads) grant(account chat.AccountID, kind int, ext string) (wire.Upload, error) {
	g, err := u.Uploads.Grant(string(account), auth.UploadKind(kind), ext)
	if errors.Is(err, auth.ErrUploadKind) {
		return wire.Upload{}, chat.Invalid("type", "must be between 1 and 4")
	}
	if err != nil {
		return wire.Upload{}, err
	}
	if u.Disk == nil { // the service does not tell what is uploaded
		ctx, cancel := context.WithTimeout(context.Background(), recordTimeout)
		defer cancel()
		if err := u.record(ctx, store.StoredFile{Key: g.Key, StoredAt: g.Expires}); err != nil {
			return wire.Upload{}, err
		}
	}
	out := wire.Upload{Token: g.Token, Key: g.Key, Address: u.address, MaxSize: g.Max}
	if u.s3 == nil {
		out.ChunkSize = int64(u.config.Upload.Chunk)
		return out, nil
	}
	form, err := u.s3.Post(g.Key, g.Max, g.Expires)
	if err != nil {
		return wire.Upload{}, err
	}
	out.Token, out.Address, out.Fields = form.Fields["policy"], form.Address, form.Fields
	return out, nil
}

// avatar makes the public picture of an account or a group out of an image that
// the account has uploaded.
func (u *uploads) avatar(ctx context.Context, by chat.AccountID, key string) (string, error) {
	if !strings.HasPrefix(key, string(by)+"/") || path.Clean(key) != key {
		return "", chat.Invalid("avatar", "must be the key of an image that this account has uploaded")
	}
	name, err := u.Avatars.Make(ctx, key)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return "", chat.Invalid("avatar", "must be the key of an image that has been uploaded")
	case errors.Is(err, blob.ErrType), errors.Is(err, blob.ErrDamaged), errors.Is(err, blob.ErrTooLarge):
		return "", chat.Invalid("avatar", "must be a JPEG, PNG, GIF or WebP image that is whole and not too large")
	case errors.Is(err, blob.ErrPixels):
		return "", chat.Invalid("avatar", "has too many points")
	case errors.Is(err, blob.ErrBusy):
		return "", chat.ErrTooManyRequests
	case err != nil:
		return "", err
	}
	return u.Links.Base + "/avatars/" + name, nil
}

// keeps reports whether the file of the key is one of ours. At a storage service
// the form of the key tells it: asking the service for every message would be slow.
func (u *uploads) keeps(key string) bool {
	if u.Disk != nil {
		return u.Disk.Has(key)
	}
	return u.Uploads.Granted(key)
}

// fileURL returns the address of a file that readers are shown. For a file that
// this server keeps it is signed here, and the sender's address is ignored: clients
// make it from their own configuration, and it may not work.
func (u *uploads) fileURL(key, sent string) string {
	if sent != "" && !u.keeps(key) {
		return sent
	}
	return u.Links.Address(key)
}

// origins are the addresses to which a page has to connect for files.
func (u *uploads) origins() []string {
	if u.Disk != nil {
		return nil
	}
	return []string{u.address, u.config.Upload.Domain}
}

// close closes what is open.
func (u *uploads) close() error {
	if u.Quota == nil {
		return nil
	}
	return u.Quota.Close()
}
