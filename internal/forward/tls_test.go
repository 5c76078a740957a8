package forward_test

import (
	"crypto/tls"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"parley/engineio"
	"parley/internal/forward"
	"parley/test/certificate"
)

// authority issues certificates to nodes.
type authority struct {
	*certificate.Authority
	t   *testing.T
	dir string
}

func newAuthority(t *testing.T) authority {
	a := authority{certificate.NewAuthority(), t, t.TempDir()}
	a.write("ca", a.Pair)
	return a
}

func (a authority) file(name string) string { return filepath.Join(a.dir, name+".pem") }

func (a authority) write(name string, pair certificate.Pair) {
	a.t.Helper()
	if err := pair.Write(a.file(name), a.file(name+"-key")); err != nil {
		a.t.Fatal(err)
	}
}

// issue returns the configuration of a node with a certificate for these names.
func (a authority) issue(name string, names ...string) *tls.Config {
	a.t.Helper()
	a.write(name, a.Issue(certificate.Options{Names: names}))
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
	a.write("nameless", a.Issue(certificate.Options{}))
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
