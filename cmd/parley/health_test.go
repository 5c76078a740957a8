package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The command finds the server by its configuration, and says why it is not ready.
func TestHealth(t *testing.T) {
	p, d := startDemo(t, "--data", t.TempDir())
	address := strings.TrimPrefix(d.URL, "http://")
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// A server that listens on all addresses is asked at its own.
	for _, listen := range []string{address, "0.0.0.0:" + port} {
		if o := command(t, "", "health", "--listen", listen); o.status != 0 || o.out != "ready\n" {
			t.Errorf("%s: got %+v, want it ready", listen, o)
		}
	}
	p.stop(t)

	certificate, key := pair(t)
	encrypted := []string{"--tls.certificate", certificate, "--tls.key", key}
	p, d = startDemo(t, append(encrypted, "--data", t.TempDir())...)
	if !strings.HasPrefix(d.URL, "https://") {
		t.Fatalf("got %s, want TLS", d.URL)
	}
	if o := command(t, "", append([]string{"health", "--listen", strings.TrimPrefix(d.URL, "https://")}, encrypted...)...); o.status != 0 || o.out != "ready\n" {
		t.Errorf("with TLS: got %+v, want it ready", o)
	}
	p.stop(t)
	if o := command(t, "", "health", "--listen", address); o.status != 1 || !strings.Contains(o.errors, "the server does not answer") {
		t.Errorf("after the server has stopped: got %+v", o)
	}
	if o := command(t, "", "health", "--listen", "127.0.0.1:0"); o.status != 1 || !strings.Contains(o.errors, "listen: ") {
		t.Errorf("without a port: got %+v", o)
	}
}

// pair writes a certificate for a name that this machine does not have, and its key.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"chat.example.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	encoded, kerr := x509.MarshalPKCS8PrivateKey(private)
	certificate, key = filepath.Join(t.TempDir(), "certificate"), filepath.Join(t.TempDir(), "key")
	err = errors.Join(err, kerr,
		os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}
