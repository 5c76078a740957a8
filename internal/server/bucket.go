package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/config"
)

// bucket is the storage service of the configuration, for exports, imports, backups and restores. The server itself only
// signs for it.
type bucket struct {
	open func(ctx context.Context, key string) (io.ReadCloser, blob.Stat, error)
	stat func(ctx context.Context, key string) (blob.Stat, error)
	put  func(ctx context.Context, key, name string, from io.Reader, size int64) error
}

// transferTimeout is the longest time for one file to or from a storage service.
const transferTimeout = time.Hour

// openBucket returns the storage service; nil: files are kept on disk. At most so many requests keep a connection open.
func openBucket(c config.Config, requests int) (*bucket, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = requests
	client := &http.Client{Timeout: transferTimeout, Transport: transport}
	switch c.Blob {
	case "qiniu":
		return atQiniu(c.Upload, client), nil
	case "s3":
		s3, err := newS3(c.Upload, nil)
		if err != nil {
			return nil, err
		}
		return &bucket{
			open: func(ctx context.Context, key string) (io.ReadCloser, blob.Stat, error) {
				return s3.Open(ctx, client, key)
			},
			stat: func(ctx context.Context, key string) (blob.Stat, error) { return s3.Stat(ctx, client, key) },
			put: func(ctx context.Context, key, name string, from io.Reader, size int64) error {
				form, err := s3.Post(key, size, time.Now().Add(transferTimeout))
				if err != nil {
					return err
				}
				return blob.Upload(ctx, client, form, name, from, size)
			},
		}, nil
	}
	return nil, nil //nolint:nilnil // there is none, and that is no error
}

func atQiniu(c config.Upload, client *http.Client) *bucket {
	q := newQiniu(c)
	address := uploadAddress(c)
	keys := auth.QiniuKey{Access: c.AccessKey, Secret: string(c.SecretKey)}
	return &bucket{
		open: func(ctx context.Context, key string) (io.ReadCloser, blob.Stat, error) {
			return q.Open(ctx, client, key)
		},
		stat: func(ctx context.Context, key string) (blob.Stat, error) { return q.Stat(ctx, client, key) },
		put: func(ctx context.Context, key, name string, from io.Reader, size int64) error {
			token, err := keys.Sign(auth.PutPolicy{
				Scope: c.Bucket + ":" + key, Deadline: time.Now().Add(transferTimeout).Unix(), InsertOnly: 1, FsizeLimit: size, DetectMime: 1,
			})
			if err != nil {
				return err
			}
			return blob.Upload(ctx, client, blob.Post{Address: address, Fields: map[string]string{"token": token, "key": key}}, name, from, size)
		},
	}
}

func newS3(c config.Upload, now func() time.Time) (*blob.S3, error) {
	endpoint, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("upload.endpoint: %w", err)
	}
	return &blob.S3{
		Access: c.AccessKey, Secret: string(c.SecretKey), Endpoint: endpoint, Region: c.Region, Bucket: c.Bucket, PathStyle: c.PathStyle, Now: now,
	}, nil
}

func newQiniu(c config.Upload) *blob.Qiniu {
	return &blob.Qiniu{
		Access: c.AccessKey, Secret: string(c.SecretKey), Domain: strings.TrimSuffix(c.Domain, "/"), Bucket: c.Bucket, Manage: strings.TrimSuffix(c.Manage, "/"),
	}
}

// qiniuUpload is the upload address of the service's first region.
const qiniuUpload = "https://upload.qiniup.com"

// uploadAddress returns the address to which files are uploaded at Qiniu.
func uploadAddress(c config.Upload) string {
	if c.Endpoint != "" {
		return strings.TrimSuffix(c.Endpoint, "/")
	}
	return qiniuUpload
}
