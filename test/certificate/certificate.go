// Package certificate issues certificates for tests and measurements. They are for ECDSA keys on P-256, for servers as well as for
// clients, and end an hour after they were issued unless the options say otherwise. Its functions panic when a certificate cannot be
// made, which only a mistake in this package causes.
package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"time"
)

// Options say how a certificate is issued.
type Options struct {
	// Names are DNS names and IP addresses.
	Names []string
	// Serial is the serial number; 0 means 1.
	Serial int64
	// Validity is the time until the end; 0 means an hour.
	Validity time.Duration
}

// Pair is a certificate and its key in PEM.
type Pair struct{ Cert, Key []byte }

// Authority issues certificates. Its own certificate is in Pair.
type Authority struct {
	Pair
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes an authority that nobody trusts yet.
func NewAuthority() *Authority {
	template := template(Options{})
	template.IsCA, template.KeyUsage, template.ExtKeyUsage = true, x509.KeyUsageCertSign, nil
	a := &Authority{}
	a.Pair, a.key = issue(template, nil, nil)
	block, _ := pem.Decode(a.Cert)
	a.cert = must(x509.ParseCertificate(block.Bytes))
	return a
}

// Issue makes a certificate and its key.
func (a *Authority) Issue(o Options) Pair {
	p, _ := issue(template(o), a.cert, a.key)
	return p
}

// SelfSigned makes a certificate that is its own authority.
func SelfSigned(o Options) Pair {
	template := template(o)
	template.IsCA = true
	p, _ := issue(template, nil, nil)
	return p
}

func template(o Options) *x509.Certificate {
	now := time.Now()
	t := &x509.Certificate{
		SerialNumber: big.NewInt(max(o.Serial, 1)), Subject: pkix.Name{CommonName: "test"}, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if o.Validity > 0 {
		t.NotAfter = now.Add(o.Validity)
	}
	for _, name := range o.Names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	return t
}

// issue makes a certificate, which signs itself without a parent.
func issue(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (Pair, *ecdsa.PrivateKey) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	if parent == nil {
		parent, signer = template, key
	}
	cert := must(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	secret := must(x509.MarshalPKCS8PrivateKey(key))
	return Pair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
	}, key
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Pool trusts the certificate.
func (p Pair) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.Cert)
	return pool
}

// Write writes the certificate and its key into files of mode 0600. Existing files are replaced whole.
func (p Pair) Write(certFile, keyFile string) error {
	return errors.Join(replace(certFile, p.Cert), replace(keyFile, p.Key))
}

func replace(file string, text []byte) error {
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
