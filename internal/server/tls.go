package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/config"
)

// encryption is the TLS of the public listener.
type encryption struct {
	tls  *tls.Config
	pair *certificatePair // of the options tls.certificate and tls.key; nil: none
	acme *acmeCertificates
}

// newEncryption returns nil if the listener speaks plain HTTP. Connections with TLS speak only HTTP/1.1, because the limits of
// [connections] are for one request at a time on each connection.
func (s *Server) newEncryption() (_ *encryption, err error) {
	c := s.config
	if !c.TLS.IsOn() {
		return nil, nil //nolint:nilnil // a proxy may encrypt
	}
	e := &encryption{tls: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}}
	if len(c.TLS.ACME.Domains) > 0 {
		if e.acme, err = newACME(c, s.log); err != nil {
			return nil, err
		}
		e.tls.GetCertificate = e.acme.certificate
		e.tls.NextProtos = append(e.tls.NextProtos, acmeProtocol)
		return e, nil
	}
	e.pair = &certificatePair{certificate: c.TLS.Certificate, key: c.TLS.Key, again: make(chan struct{}, 1)}
	if _, err = e.pair.read(); err != nil {
		return nil, fmt.Errorf("tls.certificate: %w", err)
	}
	e.tls.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return e.pair.current.Load(), nil }
	return e, nil
}

// certificates returns the certificates in force.
func (e *encryption) certificates() []*x509.Certificate {
	if e.pair != nil {
		return []*x509.Certificate{e.pair.current.Load().Leaf}
	}
	return e.acme.leaves()
}

// keepCertificates keeps the certificates in force up to date until ctx ends.
func (s *Server) keepCertificates(ctx context.Context) {
	switch {
	case s.encryption == nil:
	case s.encryption.pair != nil:
		s.encryption.pair.keep(ctx, s)
	default:
		s.encryption.acme.keep(ctx)
	}
}

// RereadCertificate reads the files of tls.certificate and tls.key again, even if they seem unchanged. It never blocks, and
// does nothing without these options.
func (s *Server) RereadCertificate() {
	if s.encryption == nil || s.encryption.pair == nil {
		return
	}
	select {
	case s.encryption.pair.again <- struct{}{}:
	default:
	}
}

// certificatePair is a certificate and its key in two files.
type certificatePair struct {
	certificate, key string
	current          atomic.Pointer[tls.Certificate]
	again            chan struct{} // holds a token when the files must be read

	// Used by one goroutine.
	seen pairState // state of the files when they were read
	last pairState // state of the files when they were last looked at
}

// pairState is compared to notice a change without reading the files.
type pairState struct {
	certificate, key fileState
}

type fileState struct {
	changed time.Time
	size    int64
}

func stateOf(path string) (fileState, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, err
	}
	return fileState{info.ModTime(), info.Size()}, nil
}

func (p *certificatePair) look() (now pairState, err error) {
	if now.certificate, err = stateOf(p.certificate); err != nil {
		return now, err
	}
	now.key, err = stateOf(p.key)
	return now, err
}

// read puts the pair of the files in force; changed is false if it is the same.
func (p *certificatePair) read() (changed bool, err error) {
	state, err := p.look()
	if err != nil {
		return false, err
	}
	p.seen, p.last = state, state
	pair, err := tls.LoadX509KeyPair(p.certificate, p.key)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return false, err
	case err != nil:
		return false, fmt.Errorf("%s with the key %s: %w", p.certificate, p.key, err)
	}
	if old := p.current.Load(); old != nil && slices.EqualFunc(old.Certificate, pair.Certificate, slices.Equal[[]byte]) {
		return false, nil
	}
	p.current.Store(&pair)
	return true, nil
}

// certificateInterval is the time between two looks at the files. A changed pair is read after two looks with the same state, because
// the two files are not written at the same moment.
const certificateInterval = 5 * time.Second

func (p *certificatePair) keep(ctx context.Context, s *Server) {
	s.logCertificate("TLS is on", p.current.Load().Leaf)
	every := time.NewTicker(certificateInterval)
	defer every.Stop()
	failing := false
	for {
		select {
		case <-p.again:
		case <-every.C:
			now, err := p.look()
			settled := now == p.last
			p.last = now
			if err == nil && (now == p.seen || !settled) || err != nil && failing {
				continue
			}
		case <-ctx.Done():
			return
		}
		changed, err := p.read()
		if failing = err != nil; failing {
			s.log.Error("the certificate has changed and cannot be used; the former one stays in force", "error", err)
			continue
		}
		if changed {
			s.logCertificate("the certificate was read again", p.current.Load().Leaf)
		}
	}
}

// soonOver is the remaining life of a certificate below which the log warns.
const soonOver = 14 * 24 * time.Hour

func (s *Server) logCertificate(message string, leaf *x509.Certificate) {
	facts := []any{"names", leaf.DNSNames, "until", leaf.NotAfter.UTC().Format(time.RFC3339), "serial", fmt.Sprintf("%x", leaf.SerialNumber)}
	switch left := time.Until(leaf.NotAfter); {
	case left <= 0:
		s.log.Error(message+", and the certificate has expired: clients refuse it", facts...)
	case left < soonOver && left < leaf.NotAfter.Sub(leaf.NotBefore)/3:
		s.log.Warn(message+", and the certificate expires soon", facts...)
	default:
		s.log.Info(message, facts...)
	}
}

// strictTransport adds the header that tells browsers to use only TLS for this host.
func (s *Server) strictTransport(next http.Handler) http.Handler {
	if s.config.TLS.HSTS == 0 {
		return next
	}
	value := "max-age=" + strconv.FormatInt(int64(s.config.TLS.HSTS/time.Second), 10)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", value)
		next.ServeHTTP(w, r)
	})
}

// publicOrigin returns the scheme and the host of a server without the option public-url. address is the address of its listener.
func publicOrigin(c config.Config, address, port string) string {
	switch {
	case !c.TLS.IsOn():
		return "http://" + address
	case len(c.TLS.ACME.Domains) == 0:
		return "https://" + address
	case port == "443" || port == "https":
		return "https://" + c.TLS.ACME.Domains[0]
	default:
		return "https://" + c.TLS.ACME.Domains[0] + ":" + port
	}
}

var descCertificateEnd = desc("parley_certificate_expiry_seconds", "When a certificate of this server expires, in Unix seconds.", "name")

// certificateCollector exports the metrics of the certificates in force.
type certificateCollector struct{ *encryption }

// Describe is prometheus.Collector's.
func (c certificateCollector) Describe(out chan<- *prometheus.Desc) { out <- descCertificateEnd }

// Collect is prometheus.Collector's.
func (c certificateCollector) Collect(out chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, leaf := range c.certificates() {
		name := leaf.Subject.CommonName
		if len(leaf.DNSNames) > 0 {
			name = leaf.DNSNames[0]
		}
		if !seen[name] {
			seen[name] = true
			out <- prometheus.MustNewConstMetric(descCertificateEnd, prometheus.GaugeValue, float64(leaf.NotAfter.Unix()), name)
		}
	}
}
