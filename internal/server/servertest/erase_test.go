package servertest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/blob/blobtest"
	"parley/internal/server/demo"
	"parley/socketio/socketiotest"
	"parley/test/nats"
)

// erase erases a person as a host system does.
func (s *Server) erase(p demo.Person) {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"name": p.Name})
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+"/api/admin/people/"+string(p.ID)+"/erase", strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth(s.HostApp.App, s.HostApp.Secret)
	r.Header.Set("Content-Type", "application/json")
	if status := s.do(r, nil); status != http.StatusOK {
		s.t.Fatalf("erase: got %d", status)
	}
}

// The files of an erased person are removed from the disk or the bucket, and so are uploads that were never sent. A file that
// somebody else has sent on stays.
func TestFilesOfAnErasedPerson(t *testing.T) {
	erases := func(t *testing.T, s *Server, exists func(key string) bool) {
		t.Helper()
		alice, bob, third := s.Accounts[0], s.Accounts[1], s.Accounts[2]
		from, other := s.Connect(4, "websocket", bob.Token), s.Connect(4, "websocket", alice.Token)
		sent, kept, never := s.put(from), s.put(from), s.put(from)
		lost := s.sendFile(from, alice, sent)
		s.sendFile(from, alice, kept)
		forwarded := s.sendFile(other, third, kept)
		for _, key := range []string{sent, kept, never} {
			if !exists(key) {
				t.Fatalf("%s is not there", key)
			}
		}
		if s.status(lost.address) != http.StatusOK {
			t.Fatal("the file cannot be read")
		}
		s.erase(bob)
		until(t, "the file of a message is removed", func() bool { return s.gone(lost.address) && !exists(sent) })
		until(t, "an upload that was not sent is removed", func() bool { return !exists(never) })
		if !exists(kept) || s.status(forwarded.address) != http.StatusOK {
			t.Error("a file of a message of somebody else was removed")
		}
	}
	t.Run("on disk", func(t *testing.T) {
		s := Start(t)
		erases(t, s, func(key string) bool {
			digits := fmt.Sprintf("%x", sha256.Sum256([]byte(key)))
			_, err := os.Stat(filepath.Join(s.Data(), "objects", digits[:2], digits[2:]))
			return err == nil
		})
	})
	t.Run("at S3", func(t *testing.T) {
		service := blobtest.StartS3(t)
		s, bucket := Start(t, atService(service)), bucketOf(service)
		erases(t, s, func(key string) bool {
			_, err := bucket.Stat(t.Context(), http.DefaultClient, key)
			return err == nil
		})
	})
}

// On every node, an erased person is signed out, and the others see neither the name nor the messages any more.
func TestEraseOnSeveralNodes(t *testing.T) {
	n := newNodes(t)
	bus := nats.Start(t)
	for range 2 {
		n.startNode(bus.URL())
	}
	one, two := n.all[0], n.all[1]
	alice, bob := one.Accounts[0], one.Accounts[1]
	leaving := []*socketiotest.Client{one.Connect(4, "websocket", bob.Token), two.Connect(4, "websocket", bob.Token)}
	request(t, one, leaving[0], "from Bob")
	watching := []*socketiotest.Client{one.Connect(4, "websocket", alice.Token), two.Connect(4, "websocket", alice.Token)}
	one.erase(bob)
	for _, c := range leaving {
		gone(t, c)
	}
	for i, c := range watching {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		pushed := func(name, with string) {
			t.Helper()
			if _, err := c.Take(ctx, func(e socketiotest.Event) bool { return e.Name == name && strings.Contains(string(e.Args[0]), with) }); err != nil {
				t.Errorf("node %d: no %s: %v", i, name, err)
			}
		}
		pushed("contact changed", `"name":"Deleted person"`)
		pushed("new withdraw groupmessage", string(one.Group.ID))
		cancel()
	}
	for i, s := range n.all {
		if _, err := socketiotest.Connect(t.Context(), socketiotest.Options{
			URL: s.URL, Path: s.Path, EIO: 4, Transport: "websocket", Query: url.Values{"token": {bob.Token}, "app": {s.App}},
		}); err == nil {
			t.Errorf("node %d: the erased person can connect", i)
		}
		var list any
		if status := s.api(alice.Token, http.MethodGet, "/api/groups/"+string(one.Group.ID)+"/members", nil, &list); status != http.StatusOK {
			t.Fatalf("node %d: members: got %d", i, status)
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), bob.Name) || !strings.Contains(string(text), "Deleted person") {
			t.Errorf("node %d: members: %s", i, text)
		}
	}
}
