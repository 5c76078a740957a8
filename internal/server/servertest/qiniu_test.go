package servertest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/blob"
	"parley/internal/config"
	"parley/internal/server"
)

// qiniu answers as the manual of Qiniu says, and checks what the service checks: upload tokens, signed addresses and signed
// requests to the API for resources. The service itself cannot run in a test.
type qiniu struct {
	keys    auth.QiniuKey
	bucket  string
	address string

	mu    sync.Mutex
	files map[string][]byte
}

func startQiniu(t *testing.T) *qiniu {
	t.Helper()
	q := &qiniu{keys: auth.QiniuKey{Access: "access", Secret: "secret-of-a-test"}, bucket: "parley", files: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", q.upload)
	mux.HandleFunc("GET /stat/{entry}", q.manage(func(w http.ResponseWriter, key string) {
		var etag blob.Etag
		_, _ = etag.Write(q.files[key])
		_ = json.NewEncoder(w).Encode(map[string]any{"fsize": len(q.files[key]), "hash": etag.String(), "putTime": int64(17_700_000_000_000_000)})
	}))
	mux.HandleFunc("POST /delete/{entry}", q.manage(func(_ http.ResponseWriter, key string) { delete(q.files, key) }))
	mux.HandleFunc("GET /", q.download)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	q.address = server.URL
	return q
}

// in lets a server keep files there.
func (q *qiniu) in(c *config.Config) {
	c.Blob = "qiniu"
	c.Upload.Endpoint, c.Upload.Domain, c.Upload.Manage, c.Upload.Bucket = q.address, q.address, q.address, q.bucket
	c.Upload.AccessKey, c.Upload.SecretKey = q.keys.Access, config.Secret(q.keys.Secret)
}

func (q *qiniu) signature(text string) string {
	mac := hmac.New(sha1.New, []byte(q.keys.Secret))
	mac.Write([]byte(text))
	return q.keys.Access + ":" + base64.URLEncoding.EncodeToString(mac.Sum(nil))
}

func (q *qiniu) upload(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	content, err := io.ReadAll(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	key := r.FormValue("key")
	policy, err := q.keys.Verify(r.FormValue("token"), time.Now())
	q.mu.Lock()
	defer q.mu.Unlock()
	_, exists := q.files[key]
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusUnauthorized)
	case !policy.Permits(q.bucket, key):
		http.Error(w, "another key", http.StatusForbidden)
	case policy.FsizeLimit > 0 && int64(len(content)) > policy.FsizeLimit:
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
	case exists && (policy.InsertOnly == 1 || !strings.Contains(policy.Scope, ":")):
		w.WriteHeader(614)
	default:
		q.files[key] = content
	}
}

func (q *qiniu) download(w http.ResponseWriter, r *http.Request) {
	signed, token, _ := strings.Cut(q.address+r.RequestURI, "&token=")
	until, err := strconv.ParseInt(r.URL.Query().Get("e"), 10, 64)
	if err != nil || until < time.Now().Unix() || token != q.signature(signed) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	q.mu.Lock()
	content, there := q.files[strings.TrimPrefix(r.URL.Path, "/")]
	q.mu.Unlock()
	if !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write(content)
}

// manage checks a request about a file, which then runs do.
func (q *qiniu) manage(do func(w http.ResponseWriter, key string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		entry, err := base64.URLEncoding.DecodeString(r.PathValue("entry"))
		bucket, key, _ := strings.Cut(string(entry), ":")
		if err != nil || r.Header.Get("Authorization") != "QBox "+q.signature(r.RequestURI+"\n") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		if _, there := q.files[key]; !there || bucket != q.bucket {
			w.WriteHeader(612)
			return
		}
		do(w, key)
	}
}

func (q *qiniu) file(key string) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.files[key]
}

func (q *qiniu) set(key string, content []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if content == nil {
		delete(q.files, key)
		return
	}
	q.files[key] = content
}

// A backup has the files that Qiniu keeps, each copied once, and is restored to a folder or to another bucket.
func TestBackupAtQiniu(t *testing.T) {
	service := startQiniu(t)
	s := Start(t, service.in)
	from := s.Connect(4, "websocket", s.Accounts[0].Token)
	keys := []string{s.put(from), s.put(from)}
	for _, key := range keys {
		s.sendFile(from, s.Accounts[1], key)
	}
	s.put(from) // no message names it
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "backups")
	first := backedUp(t, s.config, folder)
	if first.Files.New < len(keys) || first.Files.Missing || first.Differences != 0 {
		t.Fatalf("the first one: got %+v, %s", first.Files, first.Report)
	}
	if second := backedUp(t, s.config, folder); second.Files.Count != first.Files.Count || second.Files.New != 0 || second.Differences != 0 {
		t.Errorf("the second one: got %+v, %s", second.Files, second.Report)
	}

	disk := restoredToFolder(t, folder)
	other := startQiniu(t)
	for range 2 { // the second time, everything is there
		c := Config(t)
		other.in(&c)
		if done := restored(t, c, folder); !done.Report.OK() {
			t.Errorf("to a bucket: %s", done.Report)
		}
	}
	for _, key := range keys {
		f, o, err := disk.Open(key)
		if err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		content, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil || !bytes.Equal(content, wide(t)) || o.Type != "image/png" || o.Name != "wide.png" {
			t.Errorf("%s: got %d bytes, %+v, %v", key, len(content), o, err)
		}
		if !bytes.Equal(other.file(key), wide(t)) {
			t.Errorf("%s: the other bucket has %d bytes", key, len(other.file(key)))
		}
	}

	// A file is lost at the service, and one of the other bucket is not that of the backup, although it has its size.
	service.set(keys[0], nil)
	if made := backedUp(t, s.config, filepath.Join(t.TempDir(), "new")); made.Files.Count != first.Files.Count-1 || !strings.Contains(made.Report, keys[0]) {
		t.Errorf("a file that is nowhere: got %+v, %s", made.Files, made.Report)
	}
	different := bytes.Repeat([]byte{'x'}, len(wide(t)))
	other.set(keys[1], different)
	c := Config(t)
	other.in(&c)
	if done := restored(t, c, folder); strings.Count(done.Report.String(), "another file, which stays; hash") != 1 {
		t.Errorf("beside another file: got %s", done.Report)
	}
	if !bytes.Equal(other.file(keys[1]), different) {
		t.Error("the other file was written over")
	}
	// With another secret key nothing is copied.
	wrong := s.config
	wrong.Upload.SecretKey = "another"
	d, err := server.OpenData(t.Context(), wrong, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "refused"), func(string, int64, int64) {}); err == nil || !strings.Contains(err.Error(), "the storage service answers 401") {
		t.Errorf("with another secret key: got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
