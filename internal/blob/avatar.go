package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// avatarPoints is the side of an avatar.
const avatarPoints = 256

// Avatars makes small square pictures for everybody to see, under names that tell
// nothing and that never change their content. Of one upload there is one, however
// often it is asked for: what uploads are bounded by bounds these, too. Safe for
// concurrent use.
type Avatars struct {
	folder    string
	source    Source
	maxPixels int64
	workers   *Workers
}

// NewAvatars returns a maker of avatars that keeps them in the folder.
func NewAvatars(folder string, source Source, maxPixels int64, workers *Workers) (*Avatars, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Avatars{folder: folder, source: source, maxPixels: maxPixels, workers: workers}, nil
}

// Make cuts the middle out of an uploaded picture and returns the name of the
// avatar. It refuses with [ErrNotFound], [ErrType], [ErrDamaged], [ErrPixels].
func (a *Avatars) Make(ctx context.Context, key string) (string, error) {
	digits := keyDigits(key)[:32]
	for _, ext := range []string{".jpeg", ".png"} {
		// The time of the file tells RemoveUnused that somebody is about to use it.
		if now := time.Now(); os.Chtimes(a.path(digits+ext), now, now) == nil {
			return digits + ext, nil
		}
	}
	done, err := a.workers.open(ctx, key)
	if err != nil {
		return "", err
	}
	defer done()
	f, o, err := a.source(ctx, key)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if !pictures[o.Type] {
		return "", fmt.Errorf("%w: no picture", ErrType)
	}
	p, err := inspect(f, o.Type, a.maxPixels)
	if err != nil {
		return "", err
	}
	release, err := a.workers.acquire(ctx, key, p.cost.toScale(avatarPoints))
	if err != nil {
		return "", err
	}
	defer release()
	m, err := decode(f)
	if err != nil {
		return "", err
	}
	small := upright(square(m, avatarPoints), p.orientation)
	ext, encode := encoding(small)
	name := digits + "." + ext
	at := a.path(name)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return "", spaceOr(err)
	}
	return name, writePicture(at, small, encode)
}

var avatarName = regexp.MustCompile(`^[0-9a-f]{32}\.(jpeg|png)$`)

// Open opens an avatar by its name, or returns [ErrNotFound].
func (a *Avatars) Open(name string) (*os.File, Object, error) {
	found := avatarName.FindStringSubmatch(name)
	if found == nil {
		return nil, Object{}, ErrNotFound
	}
	f, err := os.Open(a.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Object{}, ErrNotFound
	}
	if err != nil {
		return nil, Object{}, fmt.Errorf("blob: %w", err)
	}
	return f, Object{Key: name, Hash: name, Type: "image/" + found[1]}, nil
}

func (a *Avatars) path(name string) string { return filepath.Join(a.folder, name[:2], name) }

// RemoveUnused removes the avatars that were neither made nor asked for since a time, except those that used
// names. It returns how many it has removed, and their size.
func (a *Avatars) RemoveUnused(ctx context.Context, used func(name string) bool, since time.Time) (removed int, bytes int64, err error) {
	folders, err := filepath.Glob(filepath.Join(a.folder, "??"))
	if err != nil {
		return 0, 0, fmt.Errorf("blob: %w", err)
	}
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return removed, bytes, fmt.Errorf("blob: %w", err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return removed, bytes, err
			}
			isAvatar := avatarName.MatchString(e.Name())
			if !isAvatar && !strings.HasPrefix(e.Name(), "new-") || isAvatar && used(e.Name()) {
				continue
			}
			info, err := e.Info()
			if err != nil || !info.ModTime().Before(since) {
				continue // it is gone, or may be set in a moment
			}
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, bytes, fmt.Errorf("blob: %w", err)
			}
			removed, bytes = removed+1, bytes+info.Size()
		}
	}
	return removed, bytes, nil
}
