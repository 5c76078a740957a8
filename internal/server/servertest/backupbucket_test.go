package servertest

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/blob"
	"parley/internal/blob/blobtest"
	"parley/internal/config"
	"parley/internal/server"
)

// atService lets a server keep files in a bucket.
func atService(service blobtest.S3) func(*config.Config) {
	return func(c *config.Config) {
		c.Blob = "s3"
		c.Upload.Endpoint, c.Upload.Bucket, c.Upload.Region = service.Endpoint.String(), service.Bucket, service.Region
		c.Upload.AccessKey, c.Upload.SecretKey = service.Access, config.Secret(service.Secret)
	}
}

func bucketOf(service blobtest.S3) *blob.S3 {
	return &blob.S3{
		Access: service.Access, Secret: service.Secret, Endpoint: service.Endpoint, Region: service.Region, Bucket: service.Bucket, PathStyle: true,
	}
}

// backedUp makes a backup of a data folder that no server uses.
func backedUp(t *testing.T, c config.Config, folder string) server.Backup {
	t.Helper()
	d, err := server.OpenData(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	made, err := d.Backup(t.Context(), folder, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func restored(t *testing.T, c config.Config, folder string) server.Restored {
	t.Helper()
	done, err := server.Restore(t.Context(), c, folder, "", func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// A backup has the files that a storage service keeps, each copied once, and is restored to a folder or to another bucket.
func TestBackupOfABucket(t *testing.T) {
	service := blobtest.StartS3(t)
	s := Start(t, atService(service))
	from := s.Connect(4, "websocket", s.Accounts[0].Token)
	keys := []string{s.put(from), s.put(from), s.put(from)}
	for _, key := range append(keys, keys[0]) { // the first one is sent twice
		s.sendFile(from, s.Accounts[1], key)
	}
	s.put(from) // no message names it
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "backups")

	without := s.config
	without.Backup.Files = false
	if made := backedUp(t, without, folder); !made.Files.Missing || made.Differences != 0 {
		t.Errorf("with backup.files=false: got %+v, %s", made.Files, made.Report)
	}
	first := backedUp(t, s.config, folder)
	avatars := first.Files.Count - len(keys)
	if avatars < 0 || first.Files.New < len(keys) || first.Files.Missing || first.Differences != 0 {
		t.Errorf("the first one: got %+v, %s", first.Files, first.Report)
	}
	second := backedUp(t, s.config, folder)
	if second.Files.Count != first.Files.Count || second.Files.New != 0 || second.Files.Bytes != first.Files.Bytes || second.Differences != 0 {
		t.Errorf("the second one: got %+v, %s, want the files of the first %+v, and none copied again", second.Files, second.Report, first.Files)
	}

	// To a folder.
	disk := restoredToFolder(t, folder)
	for _, key := range keys {
		f, o, err := disk.Open(key)
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		content, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil || !bytes.Equal(content, wide(t)) || o.Type != "image/png" || o.Name != "wide.png" {
			t.Errorf("%s: got %d bytes, %+v, %v", key, len(content), o, err)
		}
	}

	// To another bucket, twice: what is there stays.
	other := blobtest.StartS3(t)
	client := &http.Client{}
	for range 2 {
		c := Config(t)
		atService(other)(&c)
		if done := restored(t, c, folder); !done.Report.OK() {
			t.Errorf("to a bucket: %s", done.Report)
		}
		for _, key := range keys {
			f, stat, err := bucketOf(other).Open(t.Context(), client, key)
			if err != nil {
				t.Errorf("%s: %v", key, err)
				continue
			}
			content, err := io.ReadAll(f)
			_ = f.Close()
			if err != nil || !bytes.Equal(content, wide(t)) || stat.Size != int64(len(content)) {
				t.Errorf("%s: got %d bytes of %+v, %v", key, len(content), stat, err)
			}
		}
		if objects, err := filepath.Glob(filepath.Join(c.Data, "objects", "??")); err != nil || len(objects) > 0 {
			t.Errorf("files in the data folder: %v, %v", objects, err)
		}
	}

	// A file of the bucket is lost, and another one in the other bucket is not that of the backup.
	if err := bucketOf(service).Remove(t.Context(), client, keys[0]); err != nil {
		t.Fatal(err)
	}
	if made := backedUp(t, s.config, folder); made.Files.Count != first.Files.Count || made.Differences != 0 {
		t.Errorf("a file that the folder of backups has, but the bucket has not: got %+v, %s", made.Files, made.Report)
	}
	if made := backedUp(t, s.config, filepath.Join(t.TempDir(), "new")); made.Files.Count != first.Files.Count-1 || !strings.Contains(made.Report, keys[0]) {
		t.Errorf("a file that is nowhere: got %+v, %s", made.Files, made.Report)
	}
	form, err := bucketOf(other).Post(keys[1], 100, s.Now().Add(time.Hour))
	if err == nil {
		err = blob.Upload(t.Context(), client, form, "x", strings.NewReader("different"), 9)
	}
	if err != nil {
		t.Fatal(err)
	}
	// A file of the backup is damaged, and does not get into a bucket.
	damaged, err := filepath.Glob(filepath.Join(folder, "files", "objects", "??", "*", "data"))
	if err != nil || len(damaged) != len(keys) {
		t.Fatalf("got %v, %v", damaged, err)
	}
	content, err := os.ReadFile(damaged[0])
	if err == nil {
		err = os.WriteFile(damaged[0], []byte("damaged"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	third := blobtest.StartS3(t)
	c := Config(t)
	atService(third)(&c)
	if done := restored(t, c, folder); strings.Count(done.Report.String(), "the file in the backup is damaged and was not copied") != 1 {
		t.Errorf("of a damaged file: got %s", done.Report)
	}
	there := 0
	for _, key := range keys {
		if _, err := bucketOf(third).Stat(t.Context(), client, key); err == nil {
			there++
		}
	}
	if there != len(keys)-1 {
		t.Errorf("got %d files in the bucket, want %d", there, len(keys)-1)
	}
	if err := os.WriteFile(damaged[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	c = Config(t)
	atService(other)(&c)
	if done := restored(t, c, folder); done.Report.OK() || !strings.Contains(done.Report.String(), "another file") {
		t.Errorf("beside another file: got %s", done.Report)
	}
	if stat, err := bucketOf(other).Stat(t.Context(), client, keys[1]); err != nil || stat.Size != 9 {
		t.Errorf("the other file: got %+v, %v, want it to stay", stat, err)
	}
	if _, err := bucketOf(other).Stat(t.Context(), client, "a1/2026/1/1/none"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("no file: got %v", err)
	}
}

// restoredToFolder restores a backup into a new data folder and returns its files.
func restoredToFolder(t *testing.T, backups string) *blob.Disk {
	t.Helper()
	c := Config(t)
	if done := restored(t, c, backups); !done.Report.OK() {
		t.Errorf("to a folder: %s", done.Report)
	}
	disk, err := blob.OpenDisk(c.Data, blob.DiskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return disk
}
