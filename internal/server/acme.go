package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"parley/internal/config"
)

// acmeProtocol is the ALPN protocol of the connection with which the ACME server checks a name (RFC 8737).
const acmeProtocol = acme.ALPNProto

// acmeCertificates are certificates from an ACME server. autocert makes and renews them; its account, the keys and the certificates are in the folder acme of the data
// folder. The nodes of a cluster share that folder, so each of them can answer the ACME server, and a certificate that one has renewed is used by all.
//
// By itself, autocert orders a certificate during the handshake of any client. Here only keep orders certificates, because ACME servers limit the number of orders.
type acmeCertificates struct {
	manager *autocert.Manager
	log     *slog.Logger
	domains []string
	ending  context.CancelFunc // cancels the requests to the ACME server

	mu    sync.Mutex
	known map[string]*x509.Certificate // existing certificates by name
}

// acmeFolder is the folder of the account, the keys and the certificates.
func acmeFolder(data string) string { return filepath.Join(data, "acme") }

// acmeTimeout limits one request to the ACME server.
const acmeTimeout = 30 * time.Second

func newACME(c config.Config, log *slog.Logger) (*acmeCertificates, error) {
	o := c.TLS.ACME
	serving, end := context.WithCancel(context.Background())
	a := &acmeCertificates{log: log, domains: o.Domains, ending: end, known: map[string]*x509.Certificate{}}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if o.CA != "" {
		text, err := os.ReadFile(o.CA)
		if err != nil {
			return nil, fmt.Errorf("tls.acme.ca: %w", err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("tls.acme.ca: %s has no certificate in PEM", o.CA)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	a.manager = &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      acmeCache{autocert.DirCache(acmeFolder(c.Data)), log},
		HostPolicy: autocert.HostWhitelist(o.Domains...),
		Email:      o.Email,
		Client: &acme.Client{
			DirectoryURL: o.Directory,
			UserAgent:    "parley/" + Version(),
			HTTPClient:   &http.Client{Timeout: acmeTimeout, Transport: &acmeTransport{next: transport, log: log, serving: serving}},
		},
	}
	return a, nil
}

// certificate answers a handshake.
func (a *acmeCertificates) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Equal(hello.SupportedProtos, []string{acmeProtocol}) {
		return a.manager.GetCertificate(hello) // the ACME server checks the name
	}
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" { // the client knows only the address of the machine
		name = a.domains[0]
	}
	a.mu.Lock()
	known := a.known[name]
	a.mu.Unlock()
	if known == nil {
		return nil, fmt.Errorf("there is no certificate for %q", name)
	}
	return a.obtain(name)
}

// obtain returns the certificate of a name: from memory, from the folder, or from the ACME server.
func (a *acmeCertificates) obtain(name string) (*tls.Certificate, error) {
	return a.manager.GetCertificate(&tls.ClientHelloInfo{ // all certificates have an ECDSA key, which every browser supports
		ServerName:       name,
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
	})
}

// Times of keep. autocert repeats a failed renewal after half an hour to an hour. It does not order a first certificate again
// within a minute.
const (
	acmeLook      = 5 * time.Second // between two checks for a renewed certificate
	acmeRetry     = 70 * time.Second
	acmeRetryMost = 2 * time.Hour
)

// keep orders the missing certificates, and logs renewals, until ctx ends.
func (a *acmeCertificates) keep(ctx context.Context) {
	var keeping sync.WaitGroup
	for _, name := range a.domains {
		keeping.Go(func() { a.keepOne(ctx, name) })
	}
	<-ctx.Done()
	a.ending()
	keeping.Wait()
}

func (a *acmeCertificates) keepOne(ctx context.Context, name string) {
	wait := acmeRetry
	for {
		certificate, err := a.obtain(name)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			a.know(name, certificate.Leaf)
			break
		}
		a.log.Error("no certificate was obtained from the ACME server", "name", name, "error", err, "again", wait.String())
		if !sleep(ctx, wait) {
			return
		}
		wait = min(2*wait, acmeRetryMost)
	}
	overdue := false
	for sleep(ctx, acmeLook) {
		certificate, err := a.obtain(name)
		if err != nil || ctx.Err() != nil {
			continue
		}
		leaf := certificate.Leaf
		a.know(name, leaf)
		was := overdue
		if overdue = time.Until(leaf.NotAfter) < leaf.NotAfter.Sub(leaf.NotBefore)/5; overdue && !was {
			a.log.Error("the certificate has not been renewed; the server tries every hour", "name", name, "until", leaf.NotAfter.UTC().Format(time.RFC3339),
				"remedy", "see the warnings about the ACME server; it must reach listen at port 443 of the name, or tls.redirect at port 80")
		}
	}
}

// know stores the certificate of a name as the one in force, and logs it if it is new.
func (a *acmeCertificates) know(name string, leaf *x509.Certificate) {
	a.mu.Lock()
	former := a.known[name]
	a.known[name] = leaf
	a.mu.Unlock()
	if former != nil && former.Equal(leaf) {
		return
	}
	message := "TLS is on"
	if former != nil {
		message = "the certificate was renewed"
	}
	a.log.Info(message, "name", name, "until", leaf.NotAfter.UTC().Format(time.RFC3339), "serial", fmt.Sprintf("%x", leaf.SerialNumber))
}

func (a *acmeCertificates) leaves() []*x509.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*x509.Certificate
	for _, name := range a.domains {
		if leaf := a.known[name]; leaf != nil {
			all = append(all, leaf)
		}
	}
	return all
}

// sleep waits; it returns false when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// acmeCache logs errors of storing. autocert ignores them, and would order new certificates at each start.
type acmeCache struct {
	autocert.Cache
	log *slog.Logger
}

func (c acmeCache) Put(ctx context.Context, name string, data []byte) error {
	err := c.Cache.Put(ctx, name, data)
	if err != nil {
		c.log.Error("a certificate or key of the ACME server could not be stored in the data folder", "error", err)
	}
	return err
}

// acmeTransport logs the reasons with which the ACME server refuses requests. The errors of autocert have only a part of them.
type acmeTransport struct {
	next    http.RoundTripper
	log     *slog.Logger
	serving context.Context // ends with the server; the requests of autocert have no such context
}

// maxACMEAnswer limits an answer of the ACME server, in bytes. Real answers are much smaller.
const maxACMEAnswer = 1 << 20

// RoundTrip is http.RoundTripper's.
func (t *acmeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(t.serving, cancel)()
	answer, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxACMEAnswer))
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	for _, reason := range refusals(answer, body) {
		t.log.Warn("the ACME server refuses", "reason", reason, "url", r.URL.String())
	}
	return answer, nil
}

type acmeProblem struct {
	Type   string `json:"type"`
	Detail string `json:"detail"`
}

// refusals returns the reasons for a refusal in an answer (RFC 8555, sections 6.7 and 8).
func refusals(answer *http.Response, body []byte) []string {
	kind := answer.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "application/") || !strings.Contains(kind, "json") {
		return nil
	}
	var said struct {
		acmeProblem
		Status     any          `json:"status"` // a number in a problem
		Error      *acmeProblem `json:"error"`
		Challenges []struct {
			Type  string       `json:"type"`
			Error *acmeProblem `json:"error"`
		} `json:"challenges"`
	}
	if json.Unmarshal(body, &said) != nil {
		return nil
	}
	var all []string
	if answer.StatusCode >= http.StatusBadRequest && !strings.HasSuffix(said.Type, ":badNonce") {
		all = append(all, said.Detail)
	}
	if said.Status == "invalid" {
		if said.Error != nil {
			all = append(all, said.Error.Detail)
		}
		for _, c := range said.Challenges {
			if c.Error != nil {
				all = append(all, c.Type+": "+c.Error.Detail)
			}
		}
	}
	return all
}
