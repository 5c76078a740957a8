package blob

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Stat is what a storage service says of a file.
type Stat struct {
	Size     int64
	Modified time.Time // zero: the service has not said it
	Hash     string    // see [Etag]; only Qiniu has it
}

// Open begins to read a file of the bucket. It returns [ErrNotFound] if there is none.
func (s *S3) Open(ctx context.Context, client *http.Client, key string) (io.ReadCloser, Stat, error) {
	return open(ctx, client, http.MethodGet, s.get(key, url.Values{}, s.now().Add(time.Hour)))
}

// Stat returns what the service says of a file, or [ErrNotFound].
func (s *S3) Stat(ctx context.Context, client *http.Client, key string) (Stat, error) {
	body, stat, err := open(ctx, client, http.MethodHead, s.request(http.MethodHead, key, url.Values{}, s.now().Add(time.Hour)))
	if err != nil {
		return Stat{}, err
	}
	return stat, body.Close()
}

// Open is as [S3.Open].
func (q *Qiniu) Open(ctx context.Context, client *http.Client, key string) (io.ReadCloser, Stat, error) {
	return open(ctx, client, http.MethodGet, q.Address(key, "", "", false, time.Now().Add(time.Hour)))
}

// Stat is as [S3.Stat]. It uses the API for resources.
func (q *Qiniu) Stat(ctx context.Context, client *http.Client, key string) (Stat, error) {
	r, err := q.manage(ctx, http.MethodGet, "stat", key)
	if err != nil {
		return Stat{}, err
	}
	answer, err := ask(client, r)
	if err != nil {
		return Stat{}, err
	}
	defer answer.Body.Close()
	var said struct {
		Size int64  `json:"fsize"`
		Hash string `json:"hash"`
		Put  int64  `json:"putTime"` // in steps of 100 ns
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&said); err != nil {
		return Stat{}, fmt.Errorf("blob: the answer of the storage service: %w", err)
	}
	return Stat{Size: said.Size, Modified: time.UnixMicro(said.Put / 10), Hash: said.Hash}, nil
}

// manage signs a request to the API for resources about a file.
func (q *Qiniu) manage(ctx context.Context, method, operation, key string) (*http.Request, error) {
	path := "/" + operation + "/" + base64.URLEncoding.EncodeToString([]byte(q.Bucket+":"+key))
	r, err := http.NewRequestWithContext(ctx, method, q.Manage+path, nil)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	mac := hmac.New(sha1.New, []byte(q.Secret)) // the service prescribes SHA-1
	mac.Write([]byte(path + "\n"))
	r.Header.Set("Authorization", "QBox "+q.Access+":"+base64.URLEncoding.EncodeToString(mac.Sum(nil)))
	return r, nil
}

func open(ctx context.Context, client *http.Client, method, address string) (io.ReadCloser, Stat, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, Stat{}, fmt.Errorf("blob: %w", err)
	}
	r.Header.Set("Accept-Encoding", "identity") // otherwise the length would be that of the packed body
	answer, err := ask(client, r)
	if err != nil {
		return nil, Stat{}, err
	}
	modified, _ := http.ParseTime(answer.Header.Get("Last-Modified")) // zero if it is missing
	return answer.Body, Stat{Size: answer.ContentLength, Modified: modified}, nil
}

// Copy copies a file and returns what its content says of it: the hash, the type and the size.
func Copy(to io.Writer, from io.Reader) (o Object, err error) {
	var etag Etag
	var head bytes.Buffer
	first, err := io.CopyN(io.MultiWriter(to, &etag, &head), from, headBytes)
	rest := int64(0)
	if err == nil {
		rest, err = io.Copy(io.MultiWriter(to, &etag), from)
	}
	if err != nil && !errors.Is(err, io.EOF) { // which CopyN returns for a file shorter than headBytes
		return Object{}, fmt.Errorf("blob: %w", err)
	}
	return Object{Hash: etag.String(), Type: sniff(head.Bytes()), Size: first + rest}, nil
}
