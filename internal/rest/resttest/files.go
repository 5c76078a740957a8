package resttest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/chat"
	"parley/internal/rest"
	"parley/internal/rest/files"
)

// Store has the parts for uploads and downloads in a folder of the test.
func Store(t testing.TB, folder string, change ...func(*files.Store, *blob.DiskOptions)) *files.Store {
	t.Helper()
	var opts blob.DiskOptions
	f := &files.Store{
		Uploads: &auth.Uploads{
			Keys: auth.QiniuKey{Access: "parley", Secret: "secret"}, Bucket: "parley", Expiry: time.Hour,
			MaxImage: 100_000, MaxFile: 1 << 20, MaxVoice: 1000, MaxVideo: 1 << 20,
		},
		Links:    &blob.Links{Secret: []byte("links"), Life: time.Hour},
		MaxEarly: 1000,
		Resume:   time.Hour,
		Idle:     10 * time.Second,
	}
	for _, c := range change {
		c(f, &opts)
	}
	var err error
	if f.Disk, err = blob.OpenDisk(folder, opts); err != nil {
		t.Fatal(err)
	}
	f.Keeps = f.Disk.Has
	if f.Scaler, err = blob.NewScaler(folder+"/scaled", f.Disk.Source, 1_000_000, blob.NewWorkers(blob.WorkerLimits{Pictures: 1, Memory: 1 << 30})); err != nil {
		t.Fatal(err)
	}
	if f.Avatars, err = blob.NewAvatars(folder+"/avatars", f.Disk.Source, 1_000_000, blob.NewWorkers(blob.WorkerLimits{Pictures: 1, Memory: 1 << 30})); err != nil {
		t.Fatal(err)
	}
	return f
}

// Storing serves the API with files.
func Storing(t testing.TB, change ...func(*files.Store, *blob.DiskOptions)) (*World, *files.Store) {
	t.Helper()
	f := Store(t, t.TempDir(), change...)
	return New(t, func(o *rest.Options) {
		o.Files = f
		o.AllowedOrigins = []string{"https://app.example.test"}
		o.Encoder.FileURL = func(key, sent string) string {
			if sent != "" && !f.Keeps(key) {
				return sent
			}
			return f.Links.Address(key)
		}
	}), f
}

// Grant allows an account one upload.
func Grant(t testing.TB, f *files.Store, account chat.AccountID, kind auth.UploadKind) auth.Grant {
	t.Helper()
	g, err := f.Uploads.Grant(string(account), kind, "")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Pair is a field of a form; the file's name is "file".
type Pair [2]string

// Post uploads a form.
func (w *World) Post(pairs ...Pair) Answer {
	w.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range pairs {
		if p[0] != "file" {
			w.OK(form.WriteField(p[0], p[1]))
			continue
		}
		part, err := form.CreateFormFile("file", "Ünïcode \"1\".txt")
		w.OK(err)
		_, err = io.WriteString(part, p[1])
		w.OK(err)
	}
	w.OK(form.Close())
	return w.Do("POST", "/upload", &body, func(r *http.Request) { r.Header.Set("Content-Type", form.FormDataContentType()) })
}

// Parts calls an address of an upload in parts.
func (w *World) Parts(g auth.Grant, method, rest, body string, header ...func(*http.Request)) Answer {
	w.T.Helper()
	path := "/buckets/parley/objects/" + base64.URLEncoding.EncodeToString([]byte(g.Key)) + "/uploads" + rest
	authorize := func(r *http.Request) { r.Header.Set("Authorization", "UpToken "+g.Token) }
	return w.Do(method, path, strings.NewReader(body), append([]func(*http.Request){authorize}, header...)...)
}

// Stored uploads a file and returns its key.
func (w *World) Stored(f *files.Store, of chat.AccountID, kind auth.UploadKind, content string) string {
	w.T.Helper()
	g := Grant(w.T, f, of, kind)
	w.Want(w.Post(Pair{"token", g.Token}, Pair{"key", g.Key}, Pair{"fname", "a “file”.bin"}, Pair{"file", content}), 200)
	return g.Key
}
