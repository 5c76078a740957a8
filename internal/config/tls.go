package config

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// hostName matches names that an ACME server can check with a connection to this server. For a name with a * it requires
// a record in the DNS, which this server cannot make.
var hostName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (c *Config) checkTLS(bad report) {
	t := &c.TLS
	if (t.Certificate == "") != (t.Key == "") {
		bad("tls.certificate", "certificate and key belong together: set tls.certificate and tls.key, or neither")
	}
	c.checkACME(bad)
	if !t.IsOn() {
		if t.Redirect != "" {
			bad("tls.redirect", "needs TLS: set tls.certificate and tls.key, or tls.acme.domains")
		}
		if t.HSTS != 0 {
			bad("tls.hsts", "needs TLS: set tls.certificate and tls.key, or tls.acme.domains. A proxy with TLS in front can add the header itself")
		}
		return
	}
	if strings.HasPrefix(c.PublicURL, "http://") {
		bad("public-url", "%q must begin with https:// if the server speaks TLS (tls.certificate, tls.acme.domains)", c.PublicURL)
	}
	if t.Redirect == "" {
		return
	}
	if err := checkAddress(t.Redirect); err != nil {
		bad("tls.redirect", "%s", err)
		return
	}
	if !strings.HasSuffix(t.Redirect, ":0") && (t.Redirect == c.Listen || t.Redirect == c.Metrics.Listen || t.Redirect == c.Cluster.Listen) {
		bad("tls.redirect", "must differ from listen, metrics.listen and cluster.listen")
	}
}

// letsEncrypt is the default of tls.acme.directory.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

func (c *Config) checkACME(bad report) {
	a := &c.TLS.ACME
	if len(a.Domains) == 0 {
		if a.Email != "" || a.CA != "" || a.Directory != letsEncrypt {
			bad("tls.acme.domains", "must be set with the other options of tls.acme")
		}
		return
	}
	if c.TLS.Certificate != "" {
		bad("tls.acme.domains", "tls.certificate is set, too; use one of them")
	}
	for _, name := range a.Domains {
		switch {
		case strings.Contains(name, "*"):
			bad("tls.acme.domains", "%q cannot be certified by a connection to this server; list each name, or get the certificate with another program and use tls.certificate", name)
		case !hostName.MatchString(name) || len(name) > 253 || !strings.Contains(name, ".") || net.ParseIP(name) != nil:
			bad("tls.acme.domains", "%q is no full host name in small letters; write it like chat.example.test", name)
		}
	}
	if parsed, err := mail.ParseAddress(a.Email); a.Email != "" && (err != nil || parsed.Address != a.Email) {
		bad("tls.acme.email", "%q is no e-mail address; write it like admin@example.test", a.Email)
	}
	if u, err := url.Parse(a.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		bad("tls.acme.directory", "%q is no address of an ACME server; write it like https://acme.example.test/directory", a.Directory)
	}
}
