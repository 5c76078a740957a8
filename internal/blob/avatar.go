package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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
		if _, err := os.Stat(a.path(digits + ext)); err == nil {
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
