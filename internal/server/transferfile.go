package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"parley/internal/auth"
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

// transferTimeout is how long one file may take to or from a storage service.
const transferTimeout = time.Hour

// noLimit is the size limit of files that the operator exports and imports.
const noLimit = 1 << 50

func (d *Data) transferFiles() (transferFiles, error) {
	c := d.config.Upload
	client := &http.Client{Timeout: transferTimeout}
	switch d.config.Blob {
	case "qiniu":
		q := &blob.Qiniu{Access: c.AccessKey, Secret: string(c.SecretKey), Domain: strings.TrimSuffix(c.Domain, "/")}
		grants := &auth.Uploads{
			Keys: auth.QiniuKey{Access: c.AccessKey, Secret: string(c.SecretKey)}, Bucket: c.Bucket, Expiry: transferTimeout,
			MaxImage: noLimit, MaxFile: noLimit, MaxVoice: noLimit, MaxVideo: noLimit,
		}
		address := qiniuUpload
		if c.Endpoint != "" {
			address = strings.TrimSuffix(c.Endpoint, "/")
		}
		return transferFiles{
			open: func(ctx context.Context, key string) (io.ReadCloser, blob.Object, error) {
				return fetched(q.Fetch(ctx, client, os.TempDir(), noLimit, key))
			},
			put: func(ctx context.Context, n blob.NewObject, a *transfer.Attachment) (blob.Object, error) {
				owner, _, _ := strings.Cut(n.Key, "/")
				g, err := grants.Grant(owner, auth.UploadFile, path.Ext(n.Name))
				if err != nil {
					return blob.Object{}, err
				}
				return upload(ctx, client, a, g.Key, n.Name, func(int64) (blob.Post, error) {
					return blob.Post{Address: address, Fields: map[string]string{"token": g.Token, "key": g.Key}}, nil
				})
			},
		}, nil
	case "s3":
		endpoint, err := url.Parse(c.Endpoint)
		if err != nil {
			return transferFiles{}, fmt.Errorf("upload.endpoint: %w", err)
		}
		s3 := &blob.S3{
			Access: c.AccessKey, Secret: string(c.SecretKey), Endpoint: endpoint, Region: c.Region, Bucket: c.Bucket, PathStyle: c.PathStyle,
		}
		return transferFiles{
			open: func(ctx context.Context, key string) (io.ReadCloser, blob.Object, error) {
				return fetched(s3.Fetch(ctx, client, os.TempDir(), noLimit, key))
			},
			put: func(ctx context.Context, n blob.NewObject, a *transfer.Attachment) (blob.Object, error) {
				return upload(ctx, client, a, n.Key, n.Name, func(size int64) (blob.Post, error) { return s3.Post(n.Key, size, time.Now().Add(transferTimeout)) })
			},
		}, nil
	}
	disk, err := d.disk()
	if err != nil {
		return transferFiles{}, err
	}
	return transferFiles{
		open: func(_ context.Context, key string) (io.ReadCloser, blob.Object, error) {
			return fetched(disk.Open(key))
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

// fetched turns a nil file into a nil interface.
func fetched(f *os.File, o blob.Object, err error) (io.ReadCloser, blob.Object, error) {
	if err != nil {
		return nil, o, err
	}
	return f, o, nil
}

// upload puts an attachment to a storage service, which needs the size first.
func upload(ctx context.Context, client *http.Client, a *transfer.Attachment, key, name string, form func(size int64) (blob.Post, error)) (o blob.Object, err error) {
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
	var etag blob.Etag
	size, err := io.Copy(io.MultiWriter(f, &etag), r)
	if err != nil {
		return o, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return o, err
	}
	post, err := form(size)
	if err != nil {
		return o, err
	}
	if err := blob.Upload(ctx, client, post, name, f, size); err != nil && !errors.Is(err, blob.ErrExists) {
		return o, err
	}
	return blob.Object{Key: key, Hash: etag.String(), Name: name, Size: size}, nil
}

// typesOfFiles are the kinds of message for files with an ending.
var typesOfFiles = map[string]chat.MessageType{
	".jpg": chat.TypeImage, ".jpeg": chat.TypeImage, ".png": chat.TypeImage, ".gif": chat.TypeImage, ".webp": chat.TypeImage,
	".mp4": chat.TypeVideo, ".m4v": chat.TypeVideo, ".webm": chat.TypeVideo, ".mov": chat.TypeVideo,
}

// storeImported keeps the file of an imported message, and returns what the message has of it. The key of a file depends
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
	if errors.Is(err, blob.ErrType) || errors.Is(err, blob.ErrDamaged) || errors.Is(err, blob.ErrPixels) { // a file like any other
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
