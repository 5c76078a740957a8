package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/transfer"
	"parley/internal/wire"
)

// transferFiles are the files of messages for exports and imports, wherever they are kept.
type transferFiles struct {
	open func(ctx context.Context, key string) (io.ReadCloser, blob.Object, error)
	put  func(ctx context.Context, n blob.NewObject, a *transfer.Attachment) (blob.Object, error)
}

// noLimit is the size limit of files that the operator exports and imports.
const noLimit = 1 << 50

func (d *Data) transferFiles() (transferFiles, error) {
	b, err := openBucket(d.config, 1)
	if err != nil {
		return transferFiles{}, err
	}
	if b != nil {
		return transferFiles{
			open: func(ctx context.Context, key string) (io.ReadCloser, blob.Object, error) {
				r, stat, err := b.open(ctx, key)
				return r, blob.Object{Key: key, Size: stat.Size}, err
			},
			put: func(ctx context.Context, n blob.NewObject, a *transfer.Attachment) (blob.Object, error) {
				return b.upload(ctx, a, n.Key, n.Name)
			},
		}, nil
	}
	disk, err := d.disk()
	if err != nil {
		return transferFiles{}, err
	}
	return transferFiles{
		open: func(_ context.Context, key string) (io.ReadCloser, blob.Object, error) {
			f, o, err := disk.Open(key)
			if err != nil {
				return nil, o, err
			}
			return f, o, nil
		},
		put: func(ctx context.Context, n blob.NewObject, a *transfer.Attachment) (blob.Object, error) {
			r, err := a.Open()
			if err != nil {
				return blob.Object{}, err
			}
			defer r.Close()
			return disk.Put(ctx, n, r)
		},
	}, nil
}

// upload puts an attachment to the storage service, which needs the size first.
func (b *bucket) upload(ctx context.Context, a *transfer.Attachment, key, name string) (o blob.Object, err error) {
	r, err := a.Open()
	if err != nil {
		return o, err
	}
	defer r.Close()
	f, err := os.CreateTemp("", "parley-upload-")
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if o, err = blob.Copy(f, r); err != nil {
		return o, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return o, err
	}
	o.Key, o.Name = key, name
	return o, b.put(ctx, key, name, f, o.Size)
}

// typesOfFiles are the kinds of message for files with an ending.
var typesOfFiles = map[string]chat.MessageType{
	".jpg": chat.TypeImage, ".jpeg": chat.TypeImage, ".png": chat.TypeImage, ".gif": chat.TypeImage, ".webp": chat.TypeImage,
	".mp4": chat.TypeVideo, ".m4v": chat.TypeVideo, ".webm": chat.TypeVideo, ".mov": chat.TypeVideo,
}

// storeImported stores the file of an imported message, and returns the kind and the file of the message. The key of a file depends
// on the message, so that an import that is repeated stores no file twice.
func (f transferFiles) storeImported(ctx context.Context, source string, owner chat.AccountID, m *transfer.Message) (chat.MessageType, json.RawMessage, error) {
	a := m.File
	t := m.Type
	ext := strings.ToLower(path.Ext(a.Name))
	if t == 0 {
		if t = typesOfFiles[ext]; t == 0 {
			t = chat.TypeFile
		}
	}
	sum := sha256.Sum256([]byte(source + "\n" + m.ID))
	key := fmt.Sprintf("%s/%d/%d/%d/%s", owner, m.At.Year(), m.At.Month(), m.At.Day(), hex.EncodeToString(sum[:16]))
	if len(ext) > 1 && len(ext) <= 16 && strings.Trim(ext[1:], "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
		key += ext
	} else {
		ext = ""
	}
	n := blob.NewObject{Key: key, Name: a.Name, Max: noLimit, Picture: t == chat.TypeImage && m.Type == 0}
	o, err := f.put(ctx, n, a)
	if errors.Is(err, blob.ErrType) || errors.Is(err, blob.ErrDamaged) || errors.Is(err, blob.ErrPixels) { // not a usable picture: store it as an ordinary file
		t, n.Picture = chat.TypeFile, false
		o, err = f.put(ctx, n, a)
	}
	if errors.Is(err, blob.ErrExists) { // the other system has changed it between two imports
		n.Key = strings.TrimSuffix(key, ext) + "b" + ext
		o, err = f.put(ctx, n, a)
	}
	if err != nil {
		return 0, nil, err
	}
	file := wire.File{}
	if a.Meta != nil {
		if err := json.Unmarshal(a.Meta, &file); err != nil {
			return 0, nil, err
		}
		file.URL = nil
	} else {
		name := a.Name
		file.Name = &name
		if ext != "" {
			file.Ft = ext[1:]
		}
		if o.Width > 0 {
			width, height := int64(o.Width), int64(o.Height)
			file.Width, file.Height = &width, &height
		}
	}
	file.Key, file.Hash, file.Size = &o.Key, &o.Hash, &o.Size
	encoded, err := json.Marshal(file)
	return t, encoded, err
}
