package blob

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// DiskOptions bound what a [Disk] takes. Zero values get the defaults named here.
type DiskOptions struct {
	MinFree   int64    // bytes that stay free on the disk; 0: none
	MaxPixels int64    // of a picture; 40 million
	MaxOpen   int      // uploads in parts that one owner may have under way; 32
	Workers   *Workers // for pictures that are coded anew; two, in 512 MiB
	// Shared says that several processes use the folder. Then uploads in parts are read
	// from the folder for each request, so that any process can continue them, and what
	// another one may be writing is removed only when it is a day old.
	Shared bool
	Now    func() time.Time
}

func (o DiskOptions) withDefaults() DiskOptions {
	if o.MaxPixels == 0 {
		o.MaxPixels = 40_000_000
	}
	if o.MaxOpen == 0 {
		o.MaxOpen = 32
	}
	if o.Workers == nil {
		o.Workers = NewWorkers(WorkerLimits{Pictures: 2, Memory: 512 << 20})
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Disk keeps files in a folder:
//
//	objects/<2 digits>/<62 digits>/   of SHA-256 of the key: no key becomes a path
//	    data                          the file
//	    object.json                   what is known of it
//	uploads/parts-<random>/           an upload in parts; see [Disk.Begin]
//	uploads/new-<random>/             a file that is being written
//
// A file is written beside, synced, and its folder renamed to its place, which
// fails where one is: a key never gets a second content, and what has a key is whole,
// also after a power failure. One process owns the folder at a time, unless it is
// DiskOptions.Shared. A Disk is safe for concurrent use.
type Disk struct {
	opts    DiskOptions
	objects string
	uploads string

	mu   sync.Mutex
	open map[string]*partial // uploads in parts
}

// OpenDisk opens the folder, makes what is missing, and sweeps what a process
// that broke off has left.
func OpenDisk(folder string, opts DiskOptions) (*Disk, error) {
	d := &Disk{
		opts:    opts.withDefaults(),
		objects: filepath.Join(folder, "objects"),
		uploads: filepath.Join(folder, "uploads"),
		open:    map[string]*partial{},
	}
	for _, f := range []string{d.objects, d.uploads} {
		if err := os.MkdirAll(f, 0o700); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	if err := d.recover(); err != nil {
		return nil, err
	}
	return d, nil
}

// NewObject says what a file is to be stored as, and what it may be.
type NewObject struct {
	Key     string
	Name    string // at the uploader's; for downloads
	Max     int64  // bytes
	Size    int64  // if it is told beforehand; else 0
	Permits func(mime string) bool
	Picture bool // it must be one that browsers show, and is stored without what it tells beside the picture
}

// Put stores what the reader gives, and syncs it. The same content under the same
// key may come again; another one is refused with [ErrExists]. It refuses also
// with [ErrTooLarge], [ErrType], [ErrDamaged], [ErrPixels] and [ErrSpace]; errors
// of the reader come back wrapped. Nothing of a refused file is kept.
func (d *Disk) Put(ctx context.Context, n NewObject, r io.Reader) (Object, error) {
	if n.Size > n.Max {
		return Object{}, ErrTooLarge
	}
	if err := d.room(n.Size); err != nil {
		return Object{}, err
	}
	folder, err := os.MkdirTemp(d.uploads, "new-")
	if err != nil {
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()

	o := Object{Key: n.Key, Name: cleanName(n.Name), StoredAt: d.opts.Now().UTC()}
	if err := d.write(ctx, filepath.Join(folder, "data"), n, r, &o); err != nil {
		return Object{}, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	if err := writeSynced(filepath.Join(folder, "object.json"), text); err != nil {
		return Object{}, err
	}
	if err := syncFolder(folder); err != nil {
		return Object{}, err
	}
	return d.place(folder, o)
}

// place renames the folder to where the key's belongs.
func (d *Disk) place(folder string, o Object) (Object, error) {
	at := d.folder(o.Key)
	parent := filepath.Dir(at)
	if err := os.Mkdir(parent, 0o700); err == nil {
		if err := syncFolder(d.objects); err != nil {
			return Object{}, err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	if err := os.Rename(folder, at); err != nil {
		there, statErr := d.Stat(o.Key)
		switch {
		case statErr == nil && there.Hash == o.Hash:
			return there, nil // it was sent twice, as clients do who got no answer
		case statErr == nil:
			return Object{}, ErrExists
		}
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	return o, syncFolder(parent)
}

// write copies what comes into the file and finds out what it is.
func (d *Disk) write(ctx context.Context, name string, n NewObject, r io.Reader, o *Object) error {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("blob: read: %w", err)
	}
	o.Type = sniff(head)
	if n.Permits != nil && !n.Permits(o.Type) || n.Picture && !pictures[o.Type] {
		return fmt.Errorf("%w: %s", ErrType, o.Type)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer f.Close()
	var etag Etag
	if o.Size, err = d.copy(ctx, io.MultiWriter(f, &etag), in, n.Max); err != nil {
		return err
	}
	o.Hash = etag.String()
	if !pictures[o.Type] {
		return syncFile(f)
	}
	p, err := d.look(f, o.Type)
	if err != nil {
		if n.Picture {
			return err
		}
		return syncFile(f) // a file like any other
	}
	o.Width, o.Height = p.shown()
	if !n.Picture {
		return syncFile(f)
	}
	o.Picture = true
	return d.rewrite(ctx, name, f, p, o)
}

func (d *Disk) look(f *os.File, t string) (picture, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return picture{}, fmt.Errorf("blob: %w", err)
	}
	return inspect(f, t, d.opts.MaxPixels)
}

// rewrite replaces the file by the picture cleaned.
func (d *Disk) rewrite(ctx context.Context, name string, f *os.File, p picture, o *Object) error {
	if o.Type == "image/gif" {
		return syncFile(f) // it tells nothing of where it was taken, and films must go on moving
	}
	if p.orientation != 1 {
		release, err := d.opts.Workers.acquire(ctx, o.Key, p.cost.toTurn())
		if err != nil {
			return err
		}
		defer release()
	}
	cleaned, err := os.OpenFile(name+".clean", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer cleaned.Close()
	if err := clean(cleaned, f, o.Type, p); err != nil {
		return spaceOr(err)
	}
	if _, err := cleaned.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	var etag Etag
	if o.Size, err = io.Copy(&etag, cleaned); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	o.Hash = etag.String()
	if err := syncFile(cleaned); err != nil {
		return err
	}
	if err := os.Rename(name+".clean", name); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// checkEvery is how many bytes are written between two looks at the disk.
const checkEvery = 8 << 20

// copy writes at most so many bytes.
func (d *Disk) copy(ctx context.Context, w io.Writer, r io.Reader, most int64) (int64, error) {
	var total int64
	for {
		n, err := io.CopyN(w, r, min(checkEvery, most-total+1))
		total += n
		if total > most {
			return total, ErrTooLarge
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, spaceOr(err)
		}
		if err := ctx.Err(); err != nil {
			return total, fmt.Errorf("blob: %w", err)
		}
		if err := d.room(0); err != nil {
			return total, err
		}
	}
}

// room refuses what would leave less free than has to stay.
func (d *Disk) room(size int64) error {
	if d.opts.MinFree <= 0 {
		return nil
	}
	if free := freeBytes(d.uploads); free >= 0 && free-size < d.opts.MinFree {
		return ErrSpace
	}
	return nil
}

// Stat tells what is known of a file, or [ErrNotFound].
func (d *Disk) Stat(key string) (Object, error) {
	text, err := os.ReadFile(filepath.Join(d.folder(key), "object.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Object{}, ErrNotFound
	}
	if err != nil {
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	var o Object
	if err := json.Unmarshal(text, &o); err != nil {
		return Object{}, fmt.Errorf("blob: what is known of an object: %w", err)
	}
	if o.Key != key {
		return Object{}, ErrNotFound
	}
	return o, nil
}

// Has reports whether there is a file of the key. It is cheaper than [Disk.Stat].
func (d *Disk) Has(key string) bool {
	_, err := os.Lstat(d.folder(key))
	return err == nil
}

// Open opens a file to be read, or returns [ErrNotFound].
func (d *Disk) Open(key string) (*os.File, Object, error) {
	o, err := d.Stat(key)
	if err != nil {
		return nil, Object{}, err
	}
	f, err := os.Open(filepath.Join(d.folder(key), "data"))
	if err != nil {
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	return f, o, nil
}

func (d *Disk) folder(key string) string {
	digits := keyDigits(key)
	return filepath.Join(d.objects, digits[:2], digits[2:])
}

func keyDigits(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

func randomName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// Remove removes a file. It is not an error if there is none.
func (d *Disk) Remove(key string) error {
	at := d.folder(key)
	// Renamed first, so that nobody finds half of it. The next start removes what is left.
	gone := filepath.Join(d.uploads, "new-"+randomName())
	err := os.Rename(at, gone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if err := os.RemoveAll(gone); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return syncFolder(filepath.Dir(at))
}

// WalkParts is the number of parts of [Disk.Walk].
const WalkParts = 256

// Walk calls each for every file of one part of the folder. It passes over those whose description cannot
// be read, which [Disk.Check] finds.
func (d *Disk) Walk(ctx context.Context, part int, each func(Object) error) error {
	folder := filepath.Join(d.objects, fmt.Sprintf("%02x", part))
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name(), "object.json"))
		var o Object
		if err != nil || json.Unmarshal(text, &o) != nil || d.folder(o.Key) != filepath.Join(folder, e.Name()) {
			continue
		}
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}

// SweepUploads removes uploads in parts whose time is over, and what a process has left that ended while it wrote.
func (d *Disk) SweepUploads() error {
	if !d.opts.Shared {
		d.sweep()
		return nil
	}
	entries, err := os.ReadDir(d.uploads)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, e := range entries {
		id, isParts := strings.CutPrefix(e.Name(), "parts-")
		if !isParts && !strings.HasPrefix(e.Name(), "new-") || !d.isLeft(e) {
			continue
		}
		if p := d.read(id); isParts && p != nil && d.opts.Now().Before(p.Expires) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(d.uploads, e.Name())); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
	return nil
}
