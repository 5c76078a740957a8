package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/test/certificate"
	"parley/test/port"
)

const tlsName = "chat.example.test"

// The health command asks a server with TLS. SIGHUP makes the server read its certificate again, and existing connections stay.
func TestTLS(t *testing.T) {
	free, err := port.Free()
	if err != nil {
		t.Fatal(err)
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(free))
	files := pairFiles{filepath.Join(t.TempDir(), "certificate.pem"), filepath.Join(t.TempDir(), "key.pem")}
	files.write(t, 1)
	options := []string{"--listen", address, "--metrics.listen=", "--data", t.TempDir(), "--tls.certificate", files.certificate, "--tls.key", files.key}
	p := start(t, append([]string{"serve"}, options...)...)
	awaitHealth(t, options)
	if o := command(t, "", "health", "--listen", address); o.status != 1 || !strings.Contains(o.errors, "the server is not ready") {
		t.Errorf("health without TLS: got %+v, want a refusal of the server", o)
	}

	conn, former := dialTLS(t, address)
	if former != 1 {
		t.Fatalf("got the certificate %d, want 1", former)
	}
	// Both files keep their size and their time, so the server does not notice the change by itself.
	files.write(t, 2)
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if _, serial := dialTLS(t, address); serial == 2 {
			break
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatal("after SIGHUP, new connections still get the former certificate")
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/healthz", nil)
	if err == nil {
		err = r.Write(conn)
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		t.Fatalf("the connection from before SIGHUP: %v", err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the connection from before SIGHUP: got %s, want 200", answer.Status)
	}
	p.stop(t)
}

// awaitHealth runs the health command until the server is ready.
func awaitHealth(t *testing.T, options []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		o := command(t, "", append([]string{"health"}, options...)...)
		if o.status == 0 {
			if o.out != "ready\n" {
				t.Errorf("health: got %q, want ready", o.out)
			}
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the server is not ready: %+v", o)
		}
	}
}

// dialTLS opens a connection and returns the serial number of the certificate.
func dialTLS(t *testing.T, address string) (*tls.Conn, int64) {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{ServerName: tlsName, InsecureSkipVerify: true}} //nolint:gosec // the serial number is compared
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	encrypted := conn.(*tls.Conn)
	return encrypted, encrypted.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// pairFiles are the paths of a certificate and its key.
type pairFiles struct{ certificate, key string }

// write replaces the pair. The files have the same size and time each time.
func (f pairFiles) write(t *testing.T, serial int64) {
	t.Helper()
	pair := certificate.SelfSigned(certificate.Options{Names: []string{tlsName}, Serial: serial})
	at := time.Unix(1_700_000_000, 0)
	for file, text := range map[string][]byte{f.certificate: pair.Cert, f.key: pair.Key} {
		text = append(text, bytes.Repeat([]byte("\n"), 2000-len(text))...)
		if err := errors.Join(os.WriteFile(file, text, 0o600), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
}
