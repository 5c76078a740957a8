package servertest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/blob/blobtest"
	"parley/internal/config"
	"parley/internal/server/demo"
	"parley/socketio/socketiotest"
	"parley/test/postgres"
)

// put uploads a picture and returns its key.
func (s *Server) put(from *socketiotest.Client) string {
	s.t.Helper()
	ack, err := from.Request(s.t.Context(), "upload token", map[string]any{"type": 1, "ext": "png"})
	if err != nil || len(ack) != 2 {
		s.t.Fatalf("got %s, %v", ack, err)
	}
	var leave struct {
		Token, Key, Address string
		Fields              map[string]string
	}
	if err := json.Unmarshal(ack[1], &leave); err != nil {
		s.t.Fatal(err)
	}
	if leave.Fields == nil {
		leave.Fields = map[string]string{"token": leave.Token, "key": leave.Key}
	}
	if status := s.upload(leave.Address, leave.Fields, wide(s.t.(*testing.T))); status/100 != 2 {
		s.t.Fatalf("upload: got %d", status)
	}
	return leave.Key
}

// sentFile is a message with a file.
type sentFile struct{ id, address string }

func (s *Server) sendFile(from *socketiotest.Client, to demo.Person, key string) (sent sentFile) {
	s.t.Helper()
	ack, err := from.Request(s.t.Context(), "send message", map[string]any{
		"touser": to.ID, "msg": "", "type": 2, "file": map[string]any{"key": key, "name": "wide.png"},
	})
	if err != nil || len(ack) != 2 {
		s.t.Fatalf("got %s, %v", ack, err)
	}
	var stored struct {
		Socket struct {
			ID  string
			Msg struct{ Files struct{ URL string } }
		}
	}
	if err := json.Unmarshal(ack[1], &stored); err != nil {
		s.t.Fatal(err)
	}
	return sentFile{stored.Socket.ID, stored.Socket.Msg.Files.URL}
}

func (s *Server) withdraw(from *socketiotest.Client, to demo.Person, sent sentFile) {
	s.t.Helper()
	ack, err := from.Request(s.t.Context(), "withdraw user message", map[string]any{"touser": to.ID, "messageId": sent.id})
	if err != nil || len(ack) != 2 {
		s.t.Fatalf("got %s, %v", ack, err)
	}
}

// status asks for a file at its address.
func (s *Server) status(address string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.absolute(address), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r, nil)
}

func (s *Server) gone(address string) bool { return s.status(address) == http.StatusNotFound }

// A file stays as long as a message names it, and is removed when the last one is withdrawn, with the pictures that were
// made of it. A file that was never sent is removed later.
func TestFilesThatNothingNamesOnDisk(t *testing.T) {
	s := Start(t)
	exists := func(key string) bool {
		digits := fmt.Sprintf("%x", sha256.Sum256([]byte(key)))
		_, err := os.Stat(filepath.Join(s.Data(), "objects", digits[:2], digits[2:]))
		return err == nil
	}
	abandoned := removesFiles(t, s, exists)
	bob, third := s.Accounts[1], s.Accounts[2]
	receiver := s.Connect(4, "websocket", bob.Token)
	s.Advance(47 * time.Hour)
	last := s.put(receiver)
	s.withdraw(receiver, third, s.sendFile(receiver, third, last))
	until(t, "another file is removed", func() bool { return !exists(last) })
	if !exists(abandoned) {
		t.Error("a file that may still be sent was removed")
	}
	s.Advance(3 * time.Hour)
	until(t, "an abandoned upload is removed", func() bool { return !exists(abandoned) })
	for _, pattern := range []string{"objects/??/*", "scaled/??/*", "uploads/new-*"} {
		until(t, pattern+" is empty", func() bool {
			left, err := filepath.Glob(filepath.Join(s.Data(), filepath.FromSlash(pattern)))
			return err == nil && len(left) == 0
		})
	}
}

func TestFilesThatNothingNamesAtS3(t *testing.T) {
	service := blobtest.StartS3(t)
	s, bucket := Start(t, atService(service)), bucketOf(service)
	removesFiles(t, s, func(key string) bool {
		return s.status(bucket.Address(key, "", false, time.Now().Add(time.Hour))) == http.StatusOK
	})
}

// removesFiles returns an upload that nothing names and that is still there.
func removesFiles(t *testing.T, s *Server, exists func(key string) bool) (abandoned string) {
	t.Helper()
	alice, bob, third := s.Accounts[0], s.Accounts[1], s.Accounts[2]
	from, receiver := s.Connect(4, "websocket", alice.Token), s.Connect(4, "websocket", bob.Token)
	key := s.put(from)
	first := s.sendFile(from, bob, key)
	forwarded := s.sendFile(receiver, third, key)
	abandoned = s.put(from)
	other := s.sendFile(receiver, third, s.put(receiver))
	if s.status(first.address+"&size=thumb") != http.StatusOK || s.status(first.address) != http.StatusOK {
		t.Fatal("the file is not there")
	}

	s.withdraw(from, bob, first)
	s.withdraw(receiver, third, other) // after it, the keeper has looked at the first one
	until(t, "a withdrawn message's file is removed", func() bool { return s.gone(other.address) })
	if got := s.status(forwarded.address); got != http.StatusOK {
		t.Errorf("the file of a forwarded message: got %d", got)
	}
	s.withdraw(receiver, third, forwarded)
	until(t, "the file is removed with its last message", func() bool { return s.gone(forwarded.address) && s.gone(first.address+"&size=thumb") })

	if !exists(abandoned) {
		t.Error("a file that may still be sent was removed")
	}
	return abandoned
}

// A replaced picture of an account is removed, and not the one that replaces it.
func TestReplacedAvatar(t *testing.T) {
	s := Start(t)
	alice := s.Accounts[0]
	from := s.Connect(4, "websocket", alice.Token)
	set := func() string {
		t.Helper()
		var me struct{ Avatar string }
		if status := s.api(alice.Token, http.MethodPatch, "/api/me", map[string]any{"avatarKey": s.put(from)}, &me); status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
		return me.Avatar
	}
	first, second := set(), set()
	if s.status(first) != http.StatusOK {
		t.Fatal("the first one is not there")
	}
	s.Advance(2 * time.Hour)
	until(t, "the first one is removed", func() bool { return s.gone(first) })
	if got := s.status(second); got != http.StatusOK {
		t.Errorf("the second one: got %d", got)
	}
	if _, err := os.Stat(filepath.Join(s.Data(), "avatars", path.Base(second)[:2], path.Base(second))); err != nil {
		t.Error(err)
	}
}

// The overview counts what people have uploaded, from the database.
func TestOverviewCountsFiles(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *config.Config){
		"SQLite": func(*testing.T, *config.Config) {},
		"PostgreSQL": func(t *testing.T, c *config.Config) {
			c.Database = config.Database(postgres.Start(t, "fsync=off").Create(t))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := Start(t, func(c *config.Config) { change(t, c) })
			alice := s.Connect(4, "websocket", s.Accounts[0].Token)
			for want := range int64(3) {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/api/admin/overview", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				var got struct{ Files, FileBytes *int64 }
				if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
					t.Fatal(err)
				}
				if size := int64(len(wide(t))); got.Files == nil || got.FileBytes == nil || *got.Files != want || *got.FileBytes != want*size {
					t.Errorf("after %d uploads of %d bytes: got %+v", want, size, got)
				}
				s.put(alice)
			}
		})
	}
}
