package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/transfer"
)

// Pictures of people and groups are made before the person or the group, so that an import that was interrupted has both or
// neither. A picture that nobody has then is removed like a replaced one.

// importedPictures makes pictures of the files of an archive.
type importedPictures struct {
	avatars *blob.Avatars
	base    string                        // of their addresses
	open    func() (io.ReadCloser, error) // the file of the picture that is being made
}

func (i *importing) openPictures() error {
	c := i.data.config
	if !exists(c.Data) { // the database is on another machine, and so is the folder
		return fmt.Errorf("there is no data folder %s for pictures of people; name it with --data", c.Data)
	}
	p := &importedPictures{base: strings.TrimRight(c.PublicURL, "/") + "/avatars/"}
	workers := blob.NewWorkers(blob.WorkerLimits{Pictures: 1, PerOwner: 1, Waiting: 1, Memory: int64(c.Upload.ImageMemory)})
	var err error
	p.avatars, err = blob.NewAvatars(filepath.Join(c.Data, "avatars"), func(context.Context, string) (*os.File, blob.Object, error) {
		return p.spool(int64(c.Upload.MaxImage))
	}, c.Upload.MaxPixels, workers)
	i.pictures = p
	return err
}

// spool copies the file, which can be in an archive, into a temporary one.
func (p *importedPictures) spool(most int64) (_ *os.File, o blob.Object, err error) {
	in, err := p.open()
	if err != nil {
		return nil, o, err
	}
	defer in.Close()
	f, err := os.CreateTemp("", "parley-import-")
	if err != nil {
		return nil, o, err
	}
	_ = os.Remove(f.Name()) // while it is open
	if o, err = blob.Copy(f, io.LimitReader(in, most+1)); err == nil && o.Size > most {
		err = blob.ErrTooLarge
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, o, errors.Join(err, f.Close())
	}
	return f, o, nil
}

// picture makes a picture and returns its address, or nothing if the file is missing or no picture. whose names the person or
// the group in the other system.
func (i *importing) picture(ctx context.Context, whose string, from *transfer.Picture) (string, error) {
	if from == nil {
		return "", nil
	}
	if from.Open == nil {
		i.report.Pictures.Skipped++
		return "", nil
	}
	if i.opts.DryRun {
		i.report.Pictures.Made++
		return "", nil
	}
	i.pictures.open = from.Open
	name, err := i.pictures.avatars.Make(ctx, "import\n"+i.Source+"\n"+whose+"\n"+from.Name)
	switch {
	case errors.Is(err, blob.ErrType), errors.Is(err, blob.ErrDamaged), errors.Is(err, blob.ErrPixels), errors.Is(err, blob.ErrTooLarge):
		i.report.Pictures.Skipped++
		return "", nil
	case err != nil:
		return "", fmt.Errorf("picture of %s: %w", whose, err)
	}
	i.report.Pictures.Made++
	return i.pictures.base + name, nil
}

// picturesOfPeople makes the pictures of the people that the import will make.
func (i *importing) picturesOfPeople(ctx context.Context, past []chat.PastPerson) error {
	planned, err := i.data.Chat.ImportPast(ctx, i.Source, past, false, func(int) {})
	if err != nil {
		return err
	}
	for n, r := range planned {
		if r.Action != chat.PastCreate {
			continue
		}
		address, err := i.picture(ctx, "person "+i.People[n].ID, i.People[n].Picture)
		if err != nil {
			return err
		}
		if address != "" {
			past[n].Avatar = address
		}
	}
	return nil
}

// picturesOfChats makes the pictures of the groups that the import will make.
func (i *importing) picturesOfChats(ctx context.Context, past []chat.PastChat) error {
	planned, err := i.data.Chat.ImportChats(ctx, i.Source, past, false, func(int) {})
	if err != nil {
		return err
	}
	for n, r := range planned {
		if r.Action != chat.PastCreate || past[n].Kind != chat.KindGroup {
			continue
		}
		address, err := i.picture(ctx, "chat "+i.Chats[n].ID, i.Chats[n].Picture)
		if err != nil {
			return err
		}
		if address != "" {
			past[n].Avatar = address
		}
	}
	return nil
}
