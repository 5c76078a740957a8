// Package acme runs pebble, a small ACME server for tests, which checks names and issues certificates as Let's Encrypt
// does. It resolves names at a DNS server of this package, which answers every question with 127.0.0.1.
package acme

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"parley/test/certificate"
	"parley/test/port"
)

// Variable names the program; "make test" installs and sets it.
const Variable = "PARLEY_TEST_PEBBLE"

// Options are the ports at which the ACME server checks names, and how long its certificates are valid.
type Options struct {
	HTTPPort, TLSPort int
	Validity          time.Duration
}

// Server is a running ACME server.
type Server struct {
	Directory string         // address of its directory
	CA        string         // file with the root certificate of this address
	Roots     *x509.CertPool // root certificates of the certificates that it issues
}

// Start runs the server on free ports of loopback until the test ends. It skips the test if the program is missing.
func Start(t *testing.T, o Options) Server {
	t.Helper()
	program := os.Getenv(Variable)
	if program == "" {
		t.Skipf("NOT TESTED against a real ACME server: %s names no program; make test installs one", Variable)
	}
	address, management := freeAddress(t), freeAddress(t)
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	own := certificate.SelfSigned(certificate.Options{Names: []string{"127.0.0.1"}})
	if err := own.Write(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": address, "managementListenAddress": management,
		"certificate": certFile, "privateKey": keyFile,
		"httpPort": o.HTTPPort, "tlsPort": o.TLSPort,
		"retryAfter": map[string]int{"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": map[string]any{"default": map[string]any{"description": "for a test", "validityPeriod": int(o.Validity / time.Second)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "pebble.json")
	if err := os.WriteFile(file, settings, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, exec.Command(program, "-config", file, "-dnsserver", startDNS(t)))
	s := Server{Directory: "https://" + address + "/dir", CA: certFile, Roots: x509.NewCertPool()}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own.Pool()}, DisableKeepAlives: true}}
	await(t, client, s.Directory)
	if !s.Roots.AppendCertsFromPEM(await(t, client, "https://"+management+"/roots/0")) {
		t.Fatal("the ACME server has no root certificate")
	}
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := port.Address()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func run(t *testing.T, server *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	server.Stdout, server.Stderr = &out, &out
	server.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1") // otherwise it waits up to 15 seconds before it checks a name
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("the ACME server says:\n%s", &out)
		}
	})
}

// await repeats a request until the server answers.
func await(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err == nil {
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s, %v", url, answer.Status, err)
			}
			return body
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the ACME server does not answer: %v", err)
		}
	}
}

// startDNS serves names over TCP and returns the address.
func startDNS(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
				for answerName(conn) == nil {
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		serving.Wait()
	})
	return l.Addr().String()
}

// answerName answers one question. Every name has the address 127.0.0.1, and no other records.
func answerName(conn net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return err
	}
	asked := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, asked); err != nil {
		return err
	}
	var m dnsmessage.Message
	if err := m.Unpack(asked); err != nil {
		return err
	}
	if len(m.Questions) != 1 {
		return fmt.Errorf("%d questions", len(m.Questions))
	}
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
	m.Additionals = nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	answer, err := m.Pack()
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
	return err
}
