package blob

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// MaxParts is the highest number of a part.
const MaxParts = 10_000

// Part is a piece of a file that comes in parts.
type Part struct {
	Number int
	Size   int64
	Etag   string // see [Etag]
	MD5    string // in hex; "" after a restart
}

// partial is an upload in parts, in the folder uploads/parts-<id>:
//
//	upload.json        these fields
//	<number>.<etag>    a part, whole and synced
//	new-<random>       a part that is being written
type partial struct {
	Owner   string    `json:"owner"`
	Key     string    `json:"key"`
	Expires time.Time `json:"expires"`

	id     string
	folder string
	shared bool

	mu    sync.Mutex
	parts map[int]Part
	done  bool // it is being put together, or gone
}

// Begin opens an upload in parts and returns its id, which nobody can guess. It
// survives restarts. One owner may have only so many under way: [ErrTooMany].
func (d *Disk) Begin(owner, key string, expires time.Time) (string, error) {
	d.sweep()
	p := &partial{Owner: owner, Key: key, Expires: expires.UTC(), id: randomName(), shared: d.opts.Shared, parts: map[int]Part{}}
	p.folder = filepath.Join(d.uploads, "parts-"+p.id)
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("blob: %w", err)
	}
	if err := d.room(0); err != nil {
		return "", err
	}
	if err := d.register(p); err != nil {
		return "", err
	}
	if err = os.Mkdir(p.folder, 0o700); err == nil {
		err = writeSynced(filepath.Join(p.folder, "upload.json"), text)
	}
	if err != nil {
		d.forget(p)
		return "", spaceOr(err)
	}
	return p.id, syncFolder(d.uploads)
}

func (d *Disk) register(p *partial) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, other := range d.open {
		if other.Owner == p.Owner {
			n++
		}
	}
	if n >= d.opts.MaxOpen {
		return fmt.Errorf("%w: %d", ErrTooMany, n)
	}
	d.open[p.id] = p
	return nil
}

// PutPart stores a part; sent again it replaces the earlier one. most is the size
// that the whole file may have. It refuses with [ErrNoUpload], [ErrTooLarge],
// [ErrParts] and [ErrSpace].
func (d *Disk) PutPart(ctx context.Context, id, key string, number int, most int64, r io.Reader) (Part, error) {
	p, err := d.partial(id, key)
	if err != nil {
		return Part{}, err
	}
	if number < 1 || number > MaxParts {
		return Part{}, fmt.Errorf("%w: a part's number is between 1 and %d", ErrParts, MaxParts)
	}
	if err := d.room(0); err != nil {
		return Part{}, err
	}
	f, err := os.CreateTemp(p.folder, "new-")
	if err != nil {
		return Part{}, fmt.Errorf("blob: %w", err)
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name()) // it has another name when all went well
	}()
	var etag Etag
	sum := md5.New() // the form of the answer wants it
	part := Part{Number: number}
	if part.Size, err = d.copy(ctx, io.MultiWriter(f, &etag, sum), bufio.NewReaderSize(r, 64<<10), most-p.size(number)); err != nil {
		return Part{}, err
	}
	part.Etag, part.MD5 = etag.String(), hex.EncodeToString(sum.Sum(nil))
	if err := syncFile(f); err != nil {
		return Part{}, err
	}
	return part, p.add(part, f.Name(), most)
}

// size is that of all parts but one.
func (p *partial) size(but int) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sizeLocked(but)
}

func (p *partial) sizeLocked(but int) int64 {
	var n int64
	for _, part := range p.parts {
		if part.Number != but {
			n += part.Size
		}
	}
	return n
}

// add gives the part that was written its name. The lock is held over the
// renaming: parts of the same number may come at the same time.
func (p *partial) add(part Part, written string, most int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return ErrNoUpload
	}
	if p.sizeLocked(part.Number)+part.Size > most {
		return ErrTooLarge
	}
	if err := os.Rename(written, p.file(part)); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	if old, ok := p.parts[part.Number]; ok && old.Etag != part.Etag && !p.shared {
		_ = os.Remove(p.file(old)) // the sweep takes it, if not now
	}
	p.parts[part.Number] = part
	return syncFolder(p.folder)
}

func (p *partial) file(part Part) string {
	return filepath.Join(p.folder, fmt.Sprintf("%05d.%s", part.Number, part.Etag))
}

// Parts lists what has come, by number, and says until when more may.
func (d *Disk) Parts(id, key string) ([]Part, time.Time, error) {
	p, err := d.partial(id, key)
	if err != nil {
		return nil, time.Time{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Part, 0, len(p.parts))
	for _, part := range p.parts {
		out = append(out, part)
	}
	slices.SortFunc(out, func(a, b Part) int { return a.Number - b.Number })
	return out, p.Expires, nil
}

// Complete puts the parts together, in the order given, as [Disk.Put] would have
// taken the whole. The numbers must grow and the etags be those that were
// answered: else [ErrParts], and the upload stays open.
func (d *Disk) Complete(ctx context.Context, id string, n NewObject, parts []Part) (Object, error) {
	p, err := d.partial(id, n.Key)
	if err != nil {
		return Object{}, err
	}
	names, size, err := p.take(parts)
	if err != nil {
		return Object{}, err
	}
	n.Size = size
	whole := &files{names: names}
	defer whole.Close()
	o, err := d.Put(ctx, n, whole)
	if err != nil {
		p.mu.Lock()
		p.done = false
		p.mu.Unlock()
		return Object{}, err
	}
	d.forget(p)
	return o, nil
}

// take closes the upload for further parts and returns the files of those named.
func (p *partial) take(parts []Part) (names []string, size int64, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil, 0, ErrNoUpload
	}
	if len(parts) == 0 {
		return nil, 0, fmt.Errorf("%w: none is named", ErrParts)
	}
	last := 0
	for _, named := range parts {
		there, ok := p.part(named)
		switch {
		case named.Number <= last:
			return nil, 0, fmt.Errorf("%w: their numbers must grow", ErrParts)
		case !ok || there.Etag != named.Etag:
			return nil, 0, fmt.Errorf("%w: part %d has not come, or is another one", ErrParts, named.Number)
		}
		last = named.Number
		size += there.Size
		names = append(names, p.file(there))
	}
	p.done = true
	return names, size, nil
}

// part finds the part that is named. In a shared folder there may be several with its
// number, because processes have received it at the same time.
func (p *partial) part(named Part) (there Part, ok bool) {
	there, ok = p.parts[named.Number]
	if !p.shared || !ok || there.Etag == named.Etag || !isEtag(named.Etag) {
		return there, ok
	}
	info, err := os.Stat(p.file(named))
	if err != nil {
		return there, ok
	}
	return Part{Number: named.Number, Size: info.Size(), Etag: named.Etag}, true
}

// isEtag reports whether a text has the form of [Etag.String], so that it can be a part of a path.
func isEtag(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '='
	})
}

// Abort ends an upload and removes its parts.
func (d *Disk) Abort(id, key string) error {
	p, err := d.partial(id, key)
	if err != nil {
		return err
	}
	p.mu.Lock()
	busy := p.done
	p.done = true
	p.mu.Unlock()
	if !busy {
		d.forget(p)
	}
	return nil
}

func (d *Disk) partial(id, key string) (*partial, error) {
	p := d.find(id)
	if p == nil || p.Key != key || !d.opts.Now().Before(p.Expires) {
		return nil, ErrNoUpload
	}
	return p, nil
}

// find returns an upload in parts, nil if there is none.
func (d *Disk) find(id string) *partial {
	if !d.opts.Shared {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.open[id]
	}
	if name, err := hex.DecodeString(id); err != nil || len(name) == 0 {
		return nil // it comes from a client and becomes a part of a path
	}
	return d.read(id)
}

func (d *Disk) forget(p *partial) {
	d.mu.Lock()
	delete(d.open, p.id)
	d.mu.Unlock()
	_ = os.RemoveAll(p.folder) // the next start tries again
}

// sweep removes uploads that are over.
func (d *Disk) sweep() {
	now := d.opts.Now()
	d.mu.Lock()
	var over []*partial
	for _, p := range d.open {
		if !now.Before(p.Expires) {
			over = append(over, p)
		}
	}
	d.mu.Unlock()
	for _, p := range over {
		p.mu.Lock()
		busy := p.done
		p.done = true
		p.mu.Unlock()
		if !busy {
			d.forget(p)
		}
	}
}

// recover reads the uploads in parts that an earlier process has left and removes
// what it was writing.
func (d *Disk) recover() error {
	entries, err := os.ReadDir(d.uploads)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, e := range entries {
		folder := filepath.Join(d.uploads, e.Name())
		id, ok := strings.CutPrefix(e.Name(), "parts-")
		if !ok {
			if strings.HasPrefix(e.Name(), "new-") && d.isLeft(e) {
				_ = os.RemoveAll(folder)
			}
			continue
		}
		p := d.read(id)
		switch {
		case p == nil && !d.isLeft(e): // another process may be making it
		case p == nil, d.has(p.Key), d.opts.Shared && !d.opts.Now().Before(p.Expires):
			// An upload whose file is there was completed, and the process ended
			// while it removed the parts.
			_ = os.RemoveAll(folder)
		case !d.opts.Shared:
			d.open[id] = p
		}
	}
	d.sweep()
	return nil
}

func (d *Disk) has(key string) bool {
	_, err := d.Stat(key)
	return err == nil
}

// leftAfter is how old a file that is being written in a shared folder is when the process
// that wrote it has certainly ended.
const leftAfter = 24 * time.Hour

// isLeft reports whether nobody writes the file or folder any more.
func (d *Disk) isLeft(e os.DirEntry) bool {
	if !d.opts.Shared {
		return true
	}
	info, err := e.Info()
	return err == nil && d.opts.Now().Sub(info.ModTime()) > leftAfter
}

// read reads an upload in parts from its folder. It returns nil for one that cannot be continued.
func (d *Disk) read(id string) *partial {
	folder := filepath.Join(d.uploads, "parts-"+id)
	text, err := os.ReadFile(filepath.Join(folder, "upload.json"))
	if err != nil {
		return nil
	}
	p := &partial{id: id, folder: folder, shared: d.opts.Shared, parts: map[int]Part{}}
	if err := json.Unmarshal(text, p); err != nil {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	newest := make(map[int]time.Time)
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		number, etag, ok := strings.Cut(e.Name(), ".")
		n, err := strconv.Atoi(number)
		info, infoErr := e.Info()
		switch {
		case e.Name() == "upload.json":
		case d.opts.Shared && (!ok || err != nil || infoErr != nil): // it is being written; the upload ends with its folder
		case d.opts.Shared && info.ModTime().Before(newest[n]): // it was sent again
		case !d.opts.Shared && (!ok || err != nil || infoErr != nil || p.parts[n].Number != 0):
			_ = os.Remove(name) // half written, or left of a part that was sent twice
		default:
			p.parts[n] = Part{Number: n, Size: info.Size(), Etag: etag}
			newest[n] = info.ModTime()
		}
	}
	return p
}

// files reads one file after the other, with one of them open at a time.
type files struct {
	names []string
	f     *os.File
}

func (r *files) Read(b []byte) (int, error) {
	for {
		if r.f == nil {
			if len(r.names) == 0 {
				return 0, io.EOF
			}
			f, err := os.Open(r.names[0])
			if err != nil {
				return 0, err
			}
			r.f, r.names = f, r.names[1:]
		}
		n, err := r.f.Read(b)
		if errors.Is(err, io.EOF) {
			err = r.f.Close()
			r.f = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// Close closes what an error has left open.
func (r *files) Close() {
	if r.f != nil {
		_ = r.f.Close()
	}
}
