package bus

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"parley/test/certificate"
	"parley/test/nats"
)

// must1 returns the value, or ends the test.
func must1[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// write makes a file and returns its name.
func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// seed makes a user's key. It returns its public part and the file with its seed.
func seed(t *testing.T) (public, file string) {
	t.Helper()
	key := must1(nkeys.CreateUser())(t)
	return must1(key.PublicKey())(t), write(t, "user.nk", must1(key.Seed())(t))
}

// operator is who signs accounts, which sign users.
type operator struct {
	key, account nkeys.KeyPair
}

func newOperator(t *testing.T) operator {
	t.Helper()
	return operator{must1(nkeys.CreateOperator())(t), must1(nkeys.CreateAccount())(t)}
}

// trust makes a server accept the users of the operator's account.
func (o operator) trust(t *testing.T) func(*server.Options) {
	t.Helper()
	account := must1(o.account.PublicKey())(t)
	token := must1(jwt.NewAccountClaims(account).Encode(o.key))(t)
	accounts := &server.MemAccResolver{}
	if err := accounts.Store(account, token); err != nil {
		t.Fatal(err)
	}
	return func(s *server.Options) {
		s.TrustedKeys, s.AccountResolver = []string{must1(o.key.PublicKey())(t)}, accounts
	}
}

// credentials makes the file of a new user, valid for so long.
func (o operator) credentials(t *testing.T, life time.Duration) string {
	t.Helper()
	key := must1(nkeys.CreateUser())(t)
	claims := jwt.NewUserClaims(must1(key.PublicKey())(t))
	claims.Expires = time.Now().Add(life).Unix()
	text := must1(jwt.FormatUserConfig(must1(claims.Encode(o.account))(t), must1(key.Seed())(t)))(t)
	return write(t, "user.creds", text)
}

// authority issues certificates. Its own is in a file.
type authority struct {
	*certificate.Authority
	file string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := certificate.NewAuthority()
	return authority{a, write(t, "ca.pem", a.Cert)}
}

// issue returns the files of a certificate for an address and its key.
func (a authority) issue(t *testing.T, address string) (certFile, keyFile string) {
	t.Helper()
	pair := a.Issue(certificate.Options{Names: []string{address}})
	return write(t, "cert.pem", pair.Cert), write(t, "key.pem", pair.Key)
}

// serve makes a server use TLS. With nodes, it requires certificates of that authority.
func (a authority) serve(t *testing.T, address string, nodes *authority) func(*server.Options) {
	t.Helper()
	own := must1(tls.LoadX509KeyPair(a.issue(t, address)))(t)
	return func(s *server.Options) {
		s.TLS, s.TLSTimeout = true, 30
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}}
		if nodes != nil {
			s.TLSVerify = true
			s.TLSConfig.ClientAuth, s.TLSConfig.ClientCAs = tls.RequireAndVerifyClientCert, nodes.Pool()
		}
	}
}

// TestNATS_Credentials connects in every way in which a server may know its clients, and then in ways that it must refuse. The
// error names the option that is wrong.
func TestNATS_Credentials(t *testing.T) {
	public, seedFile := seed(t)
	_, otherSeed := seed(t)
	us, others := newOperator(t), newOperator(t)
	ca, otherCA := newAuthority(t), newAuthority(t)
	certFile, keyFile := ca.issue(t, "127.0.0.1")
	otherCert, otherKey := otherCA.issue(t, "127.0.0.1")
	password := func(s *server.Options) { s.Username, s.Password = "parley", "topsecret" }
	token := func(s *server.Options) { s.Authorization = "tokensecret" }
	nkey := func(s *server.Options) { s.Nkeys = []*server.NkeyUser{{Nkey: public}} }
	with := func(changes ...func(*NATSOptions)) func(*NATSOptions) {
		return func(o *NATSOptions) {
			for _, change := range changes {
				change(o)
			}
		}
	}
	seedOf := func(file string) func(*NATSOptions) { return func(o *NATSOptions) { o.NKeyFile = file } }
	creds := func(file string) func(*NATSOptions) { return func(o *NATSOptions) { o.CredentialsFile = file } }
	trust := func(file string) func(*NATSOptions) { return func(o *NATSOptions) { o.CAFile = file } }
	identity := func(cert, key string) func(*NATSOptions) {
		return func(o *NATSOptions) { o.CertFile, o.KeyFile = cert, key }
	}
	for _, c := range []struct {
		name, scheme, user string
		server             func(*server.Options)
		change             func(*NATSOptions)
		want               string // in the error; empty: it connects
	}{
		{name: "password", user: "parley:topsecret@", server: password},
		{name: "wrong password", user: "parley:wrongsecret@", server: password, want: "password or token in bus"},
		{name: "no password", server: password, want: "the server requires a user: set nats.creds"},
		{name: "token", user: "tokensecret@", server: token},
		{name: "wrong token", user: "wrongsecret@", server: token, want: "password or token in bus"},
		{name: "nkey", server: nkey, change: seedOf(seedFile)},
		{name: "unknown nkey", server: nkey, change: seedOf(otherSeed), want: "the key in nats.nkey"},
		{name: "nkey file without a key", server: nkey, change: seedOf(ca.file), want: "nats.nkey: " + ca.file},
		{name: "no nkey file", server: nkey, change: seedOf("nothing.nk"), want: "nats.nkey: nothing.nk"},
		{name: "creds", server: us.trust(t), change: creds(us.credentials(t, time.Hour))},
		{name: "creds of others", server: us.trust(t), change: creds(others.credentials(t, time.Hour)), want: "the credentials in nats.creds"},
		{name: "creds that have expired", server: us.trust(t), change: creds(us.credentials(t, -time.Hour)), want: "the credentials in nats.creds"},
		{name: "creds file without a key", server: us.trust(t), change: creds(ca.file), want: "nats.creds: " + ca.file},
		{name: "no creds file", server: us.trust(t), change: creds("nothing.creds"), want: "nats.creds: nothing.creds"},
		{name: "TLS", scheme: "tls", server: ca.serve(t, "127.0.0.1", nil), change: trust(ca.file)},
		{name: "TLS that the server asks for", server: ca.serve(t, "127.0.0.1", nil), change: trust(ca.file)},
		{name: "TLS of another authority", scheme: "tls", server: ca.serve(t, "127.0.0.1", nil), change: trust(otherCA.file), want: "nats.tls-ca must be the authority"},
		{name: "TLS of no authority", scheme: "tls", server: ca.serve(t, "127.0.0.1", nil), want: "nats.tls-ca must be the authority"},
		{name: "TLS of another server", scheme: "tls", server: ca.serve(t, "192.0.2.1", nil), change: trust(ca.file), want: "bus must name the server as its certificate does"},
		{name: "no TLS", scheme: "tls", server: func(*server.Options) {}, change: trust(ca.file), want: "the server does not use TLS"},
		{name: "no CA file", scheme: "tls", server: ca.serve(t, "127.0.0.1", nil), change: trust("nothing.pem"), want: "nats.tls-ca: nothing.pem"},
		{name: "CA file without a certificate", scheme: "tls", server: ca.serve(t, "127.0.0.1", nil), change: trust(seedFile), want: "nats.tls-ca: " + seedFile},
		{name: "mutual TLS", scheme: "tls", server: ca.serve(t, "127.0.0.1", &ca), change: with(trust(ca.file), identity(certFile, keyFile))},
		{name: "mutual TLS without a certificate", scheme: "tls", server: ca.serve(t, "127.0.0.1", &ca), change: trust(ca.file), want: "set nats.tls-cert and nats.tls-key"},
		{name: "mutual TLS of others", scheme: "tls", server: ca.serve(t, "127.0.0.1", &ca), change: with(trust(ca.file), identity(otherCert, otherKey)), want: "the certificate in nats.tls-cert"},
		{name: "certificate and key that do not match", scheme: "tls", server: ca.serve(t, "127.0.0.1", &ca), change: with(trust(ca.file), identity(certFile, otherKey)), want: "nats.tls-cert: " + certFile},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := nats.Start(t, c.server)
			scheme := "nats"
			if c.scheme != "" {
				scheme = c.scheme
			}
			other := newEar()
			change := func(o *NATSOptions) {
				o.URLs = []string{scheme + "://" + c.user + s.Address()}
				if c.change != nil {
					c.change(o)
				}
			}
			if c.want == "" {
				a := dial(t, s, newEar(), change)
				dial(t, s, other, change)
				if err := a.Publish(numbered(1, "body")); err != nil {
					t.Fatal(err)
				}
				if got := receive(t, other.messages); got.Number != 1 || string(got.Body) != "body" {
					t.Errorf("got %+v", got)
				}
				return
			}
			o := NATSOptions{Subject: "parley.test", Listener: other}
			change(&o)
			b, err := DialNATS(t.Context(), o)
			if err == nil {
				b.conn.Close()
				t.Fatal("it was connected")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want it to say %q without a password", err, c.want)
			}
		})
	}
}
