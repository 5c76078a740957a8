// Package blobtest runs a storage service for a test: versitygw, which serves a
// folder by the protocol of S3 and checks signatures and policies.
package blobtest

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/test/port"
)

// Variable names the program; "make test" installs and sets it.
const Variable = "PARLEY_TEST_S3_SERVER"

// S3 is how to reach the service. Its bucket is empty.
type S3 struct {
	Endpoint               *url.URL
	Access, Secret, Bucket string
	Region                 string
}

// StartS3 runs the service on a free port of loopback until the test ends. Without
// the program it says so and leaves the test out.
func StartS3(t *testing.T) S3 {
	t.Helper()
	program := os.Getenv(Variable)
	if program == "" {
		t.Skipf("NOT TESTED against a real storage service: %s names no program; make test installs one", Variable)
	}
	address, err := port.Address()
	if err != nil {
		t.Fatal(err)
	}
	startS3(t, program, address)
	return S3{
		Endpoint: &url.URL{Scheme: "http", Host: address}, Access: access, Secret: secret, Bucket: bucket, Region: "us-east-1",
	}
}

const (
	access = "access"
	secret = "secret-of-a-test"
	bucket = "parley"
)

func startS3(t *testing.T, program, address string) {
	t.Helper()
	folder := t.TempDir()
	data, meta := filepath.Join(folder, "data"), filepath.Join(folder, "meta")
	for _, f := range []string{filepath.Join(data, bucket), meta} {
		if err := os.MkdirAll(f, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	server := exec.CommandContext(ctx, program, "--port", address, "posix", "--sidecar", meta, data)
	var out bytes.Buffer
	server.Stdout, server.Stderr = &out, &out
	server.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+access, "ROOT_SECRET_KEY="+secret)
	if err := server.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if t.Failed() {
			t.Logf("the storage service says:\n%s", &out)
		}
	})
	awaitListener(t, address, ended)
}

// awaitListener returns when the process accepts connections. Its output says so too early.
func awaitListener(t *testing.T, address string, ended <-chan struct{}) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case <-ended:
			t.Fatal("the storage service does not start")
		case <-deadline:
			t.Fatal("the storage service does not begin to listen")
		case <-again.C:
			conn, err := net.Dial("tcp", address)
			if err != nil {
				continue
			}
			_ = conn.Close()
			return
		}
	}
}
