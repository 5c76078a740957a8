package servertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/server"
	"parley/socketio/socketiotest"
	"parley/test/acme"
	"parley/test/certificate"
	"parley/test/port"
)

const tlsName = "chat.example.test"

// authority issues certificates for the name of the servers.
type authority struct {
	*certificate.Authority
	t *testing.T
}

func newAuthority(t *testing.T) authority { return authority{certificate.NewAuthority(), t} }

// write issues a certificate with that serial number and replaces the files.
func (a authority) write(serial int64, certFile, keyFile string) {
	a.t.Helper()
	pair := a.Issue(certificate.Options{Names: []string{tlsName}, Serial: serial, Validity: 90 * time.Hour})
	if err := pair.Write(certFile, keyFile); err != nil {
		a.t.Fatal(err)
	}
}

func (a authority) client() *tls.Config { return clientOf(a.Pool()) }

func clientOf(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, ServerName: tlsName}
}

// serial returns the serial number of the certificate that a new connection sees.
func serial(t *testing.T, s *Server) string {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(s.URL, "https://"), s.TLS)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// awaitSerial waits until a new connection sees another certificate.
func awaitSerial(t *testing.T, s *Server, former string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if now := serial(t, s); now != former {
			return now
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("new connections still see the certificate %s", former)
		}
	}
}

func (s *Server) awaitLog(t *testing.T, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !strings.Contains(s.Log(), want) {
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("the log does not have %q", want)
		}
	}
}

// exchange sends a message to the group and waits until the other client has it.
func exchange(t *testing.T, s *Server, from, to *socketiotest.Client, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	message := send(s, text)
	message["waitingid"] = text[:20]
	answer, err := from.Request(ctx, "send group message", message)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Take(ctx, func(e socketiotest.Event) bool { return len(e.Args) > 0 && strings.Contains(string(e.Args[0]), text) }); err != nil {
		t.Fatalf("the message did not arrive (answer %s): %v", answer, err)
	}
}

func startTLS(t *testing.T, change ...func(*config.Config)) (_ *Server, a authority, certFile, keyFile string) {
	t.Helper()
	a = newAuthority(t)
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	a.write(100, certFile, keyFile)
	s := Start(t, append([]func(*config.Config){func(c *config.Config) { c.TLS.Certificate, c.TLS.Key = certFile, keyFile }}, change...)...)
	s.TLS = a.client()
	return s, a, certFile, keyFile
}

func TestTLSOfFiles(t *testing.T) {
	s, a, certFile, keyFile := startTLS(t, func(c *config.Config) {
		c.TLS.Redirect, c.TLS.HSTS = "127.0.0.1:0", 48*time.Hour
		c.PublicURL = "https://" + tlsName + ":8443"
		c.Metrics.Listen = "127.0.0.1:0"
	})
	if !strings.HasPrefix(s.URL, "https://") {
		t.Fatalf("the address is %s, want one with https", s.URL)
	}
	polling, socket := s.Connect(4, "polling", s.Accounts[0].Token), s.Connect(4, "websocket", s.Accounts[1].Token)
	exchange(t, s, polling, socket, "first message over TLS "+strings.Repeat("中", 15_000))
	if got := serial(t, s); got != "100" {
		t.Fatalf("the certificate is %s, want 100", got)
	}

	// A broken pair is logged, and the former one stays. Then a good one comes, without a signal.
	if err := os.WriteFile(keyFile, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.server.RereadCertificate()
	s.awaitLog(t, "the certificate has changed and cannot be used")
	if got := serial(t, s); got != "100" {
		t.Errorf("after a broken pair the certificate is %s, want 100", got)
	}
	a.write(101, certFile, keyFile)
	if got := awaitSerial(t, s, "100"); got != "101" {
		t.Errorf("the certificate is %s, want 101", got)
	}
	a.write(102, certFile, keyFile)
	s.server.RereadCertificate()
	if got := awaitSerial(t, s, "101"); got != "102" {
		t.Errorf("the certificate is %s, want 102", got)
	}
	exchange(t, s, polling, socket, "second message over TLS "+strings.Repeat("中", 15_000))

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	get := func(address, host string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if host != "" {
			r.Host = host
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if got, want := get(s.URL+"/healthz", "").Header.Get("Strict-Transport-Security"), "max-age=172800"; got != want {
		t.Errorf("Strict-Transport-Security: got %q, want %q", got, want)
	}
	for host, want := range map[string]string{
		tlsName:           "https://" + tlsName + ":8443/a%2Fb?c=d",
		tlsName + ":8080": "https://" + tlsName + ":8443/a%2Fb?c=d",
		"evil.test":       "",
	} {
		answer := get(s.server.RedirectURL()+"/a%2Fb?c=d", host)
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("the redirect for %s leads to %q, want %q", host, got, want)
		}
		if wantStatus := map[bool]int{true: 308, false: 421}[want != ""]; answer.StatusCode != wantStatus {
			t.Errorf("the redirect for %s has the status %d, want %d", host, answer.StatusCode, wantStatus)
		}
	}
	if answer := get(strings.Replace(s.URL, "https", "http", 1)+"/healthz", ""); answer.StatusCode != 400 {
		t.Errorf("plain HTTP on the listener: got %s, want 400", answer.Status)
	}
	response, err := http.Get(s.MetricsURL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	figures, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(figures), `parley_certificate_expiry_seconds{name="`+tlsName+`"}`) {
		t.Errorf("the metrics do not have the end of the certificate: %v", err)
	}
}

func TestTLSFilesThatCannotBeUsed(t *testing.T) {
	a := newAuthority(t)
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	a.write(1, file("a.pem"), file("a.key"))
	a.write(2, file("b.pem"), file("b.key"))
	for want, files := range map[string][2]string{
		"no such file":             {file("nowhere.pem"), file("a.key")},
		"private key does not mat": {file("a.pem"), file("b.key")},
	} {
		c := Config(t)
		c.TLS.Certificate, c.TLS.Key = files[0], files[1]
		s, err := server.New(t.Context(), c, server.NewLogger(io.Discard, c.Log), nil)
		if err == nil {
			err = errors.Join(s.Close(), errors.New("it was started"))
		}
		if !strings.HasPrefix(err.Error(), "tls.certificate: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error of tls.certificate with %q", err, want)
		}
	}
}

// The request of a client that is connected by TLS to one node reaches its session on another node.
func TestTLSOnSeveralNodes(t *testing.T) {
	a := newAuthority(t)
	folder := t.TempDir()
	certFile, keyFile := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	a.write(100, certFile, keyFile)
	nodes := startNodes(t, 3, func(c *config.Config) { c.TLS.Certificate, c.TLS.Key = certFile, keyFile })
	for _, n := range nodes {
		n.TLS = a.client()
	}
	requestAtAnyNode(t, nodes, "/socket.io/")
}

func TestACME(t *testing.T) {
	acmePort := func() int {
		free, err := port.Free()
		if err != nil {
			t.Fatal(err)
		}
		return free
	}
	for _, byHTTP := range []bool{false, true} {
		name := "tls-alpn-01"
		if byHTTP {
			name = "http-01"
		}
		t.Run(name, func(t *testing.T) {
			tlsPort, httpPort := acmePort(), acmePort()
			o := acme.Options{TLSPort: tlsPort, HTTPPort: httpPort, Validity: 30 * time.Second}
			if byHTTP {
				o.TLSPort = acmePort() // nobody listens there
			}
			ca := acme.Start(t, o)
			data := t.TempDir()
			change := func(c *config.Config) {
				c.Data = data
				c.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(tlsPort))
				c.TLS.ACME = config.ACME{Domains: []string{tlsName}, Email: "admin@example.test", Directory: ca.Directory, CA: ca.CA}
				if byHTTP {
					c.TLS.Redirect = net.JoinHostPort("127.0.0.1", strconv.Itoa(httpPort))
				}
			}
			s := Start(t, change)
			s.TLS = clientOf(ca.Roots)
			s.awaitLog(t, "TLS is on")
			before := serial(t, s)
			socket, sender := s.Connect(4, "websocket", s.Accounts[1].Token), s.Connect(4, "websocket", s.Accounts[0].Token)
			exchange(t, s, sender, socket, "before the certificate is renewed")
			if link := s.server.SignInLink("code"); !strings.HasPrefix(link, "https://"+tlsName+":"+strconv.Itoa(tlsPort)+"/") {
				t.Errorf("a link begins like %s, want the name of the certificate", link)
			}

			if _, err := tls.Dial("tcp", strings.TrimPrefix(s.URL, "https://"), &tls.Config{RootCAs: ca.Roots, ServerName: "other.example.test"}); err == nil {
				t.Error("a handshake for another name succeeds")
			}
			after := awaitSerial(t, s, before)
			s.awaitLog(t, "the certificate was renewed")
			select {
			case <-socket.Done():
				t.Fatal("the socket has ended")
			default:
			}
			exchange(t, s, sender, socket, "after the certificate was renewed")
			checkPrivate(t, filepath.Join(data, "acme"))

			// A new start finds the certificate in the folder.
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if byHTTP {
				return
			}
			again := Start(t, change)
			again.TLS = clientOf(ca.Roots)
			again.awaitLog(t, "TLS is on")
			if got := serial(t, again); got == before {
				t.Errorf("after a new start the certificate is %s, which was renewed as %s", got, after)
			}
		})
	}
}

// checkPrivate checks that only the user of the server can read the files.
func checkPrivate(t *testing.T, folder string) {
	t.Helper()
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%s: got %v, %v, want the mode 0700", folder, info.Mode(), err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%s has %d files, %v", folder, len(entries), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want the mode 0600", e.Name(), info.Mode(), err)
		}
	}
}
