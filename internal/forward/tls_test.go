package forward_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"parley/engineio"
	"parley/internal/forward"
)

// authority issues certificates to nodes.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.make("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name+".pem") }

// make writes a certificate and its key.
func (a *authority) make(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.Subject = big.NewInt(1), pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name, "CERTIFICATE", der)
	a.write(name+"-key", "PRIVATE KEY", secret)
	return cert, key
}

func (a *authority) write(name, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// issue returns the configuration of a node with a certificate for these names.
func (a *authority) issue(name string, names ...string) *tls.Config {
	a.t.Helper()
	a.make(name, &x509.Certificate{DNSNames: names})
	c, err := forward.TLS(a.file(name), a.file(name+"-key"), a.file("ca"))
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func TestTLS(t *testing.T) {
	trusted, other := newAuthority(t), newAuthority(t)
	configs := []*tls.Config{
		trusted.issue("a", "nodes.example.test"),
		trusted.issue("b", "b.example.test", "nodes.example.test"),
		trusted.issue("c", "printer.example.test"),
		other.issue("d", "nodes.example.test"),
	}
	i := 0
	c := newCluster(t, len(configs), engineio.Options{}, func(o *forward.Options, h *forward.Handler) {
		o.TLS, o.Secret, h.Secret = configs[i], "", ""
		i++
	})
	p := c.open(4, "")
	owner, friend := c.nodes[0], c.nodes[1]
	friend.do("POST", p.query, "4x").expect(t, "POST", 200, "ok")
	friend.do("GET", p.query, "").expect(t, "GET", 200, "4x")
	for _, stranger := range c.nodes[2:] {
		stranger.do("GET", p.query, "").expect(t, "GET of a stranger", 400, unknown)
		stranger.do("POST", p.query, "4x").expect(t, "POST of a stranger", 400, unknown)
		if got := stranger.log.String(); strings.Count(got, "level=ERROR") != 1 {
			t.Errorf("got the log %q, want one error", got)
		}
	}

	s, err := friend.dial(strings.Replace(p.query, "polling", "websocket", 1))
	if err != nil {
		t.Fatal(err)
	}
	s.text("2probe")
	s.expect(ws.OpText, "3probe")
	s.text("5")
	big := strings.Repeat("x", 500_000)
	s.text("4" + big)
	s.expect(ws.OpText, "4"+big)
	s.conn.Close()
	if got := owner.reason(); got != engineio.CloseTransportClose && got != engineio.CloseTransportError {
		t.Errorf("close reason: got %q", got)
	}

	for name, transport := range map[string]*http.Transport{
		"without a certificate": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		"without TLS":           {},
	} {
		for _, scheme := range []string{"https://", "http://"} {
			response, err := (&http.Client{Transport: transport}).Get(scheme + owner.private.Listener.Addr().String() + "/engine.io/?" + p.query)
			if err == nil {
				response.Body.Close()
				if response.StatusCode != 400 || scheme == "https://" {
					t.Errorf("%s over %s: got %s, want a refusal of the connection", name, scheme, response.Status)
				}
			}
		}
	}
}

func TestTLS_Files(t *testing.T) {
	a := newAuthority(t)
	a.issue("good", "nodes.example.test")
	a.make("nameless", &x509.Certificate{})
	for want, files := range map[string][3]string{
		"no DNS name":                     {"nameless", "nameless-key", "ca"},
		"certificate of this node":        {"good", "nameless-key", "ca"},
		"authority of the nodes":          {"good", "good-key", "missing"},
		"contains no CA certificate":      {"good", "good-key", "good-key"},
		"missing.pem: no such file or di": {"missing", "good-key", "ca"},
	} {
		if _, err := forward.TLS(a.file(files[0]), a.file(files[1]), a.file(files[2])); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want an error about %q", files, err, want)
		}
	}
}
