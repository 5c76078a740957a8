package config

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// notGiven leaves out which options were set: a printed configuration sets all of them.
var notGiven = cmpopts.IgnoreFields(Config{}, "Sources")

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultIsValid(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	loaded, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(loaded, c); diff != "" {
		t.Errorf("Load and Default differ (-got +want):\n%s", diff)
	}
}

func TestSourcesInOrder(t *testing.T) {
	path := write(t, `
listen: 127.0.0.1:1
data: from-file
default-app: from-file
socket:
  paths: [/one/, "/two,three/"]
  max-queue: 64KiB
chat: # nothing in it
`)
	t.Setenv("PARLEY_DATA", "from-environment")
	t.Setenv("PARLEY_DEFAULT_APP", "from-environment")
	t.Setenv("PARLEY_SOCKET_PING_INTERVAL", "3s")
	got, err := Load(path, "--default-app=from-flag")
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Listen = "127.0.0.1:1"
	want.Data = "from-environment"
	want.DefaultApp = "from-flag"
	want.Socket.Paths = []string{"/one/", "/two,three/"}
	want.Socket.MaxQueue = 64 << 10
	want.Socket.PingInterval = 3 * time.Second
	want.Sources = map[string]Source{
		"listen": SourceFile, "socket.paths": SourceFile, "socket.max-queue": SourceFile,
		"data": SourceEnvironment, "socket.ping-interval": SourceEnvironment, "default-app": SourceFlag,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestFileErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":            {"listn: x", `:1: unknown option "listn", did you mean "listen"?`},
		"in a section":           {"socket:\n  ping-intervall: 1s", `:2: unknown option "socket.ping-intervall", did you mean "socket.ping-interval"?`},
		"underscores":            {"drain_timeout: 1s", `:1: unknown option "drain_timeout", did you mean "drain-timeout"?`},
		"section left out":       {"ping-timeout: 1s", `:1: unknown option "ping-timeout", did you mean "socket.ping-timeout"?`},
		"wrong section":          {"http:\n  max-payload: 1", `:2: unknown option "http.max-payload", did you mean "socket.max-payload"?`},
		"unknown section":        {"sockets: {}", `:1: unknown option "sockets", did you mean "socket"?`},
		"like nothing":           {"zzzzzzzzzzzz: 1", `:1: unknown option "zzzzzzzzzzzz"`},
		"not a duration":         {"\nsocket: {ping-interval: soon}", `:2: socket.ping-interval: `},
		"not a size":             {"socket:\n  max-queue: big", `:2: socket.max-queue: expected a size like`},
		"not a number":           {"chat:\n  max-top: many", `:2: chat.max-top: expected a valid 64 bit int but got "many"`},
		"not one of":             {"log:\n  level: loud", `log.level must be one of`},
		"a list for a value":     {"listen: [a, b]", `listen`},
		"a section for a value":  {"listen: {a: b}", `:1: listen: expected a value but got a section`},
		"a value for a section":  {"socket: 5", `:1: expected options, each with a value, but got "5"`},
		"twice":                  {"listen: :1\nlisten: :2", `:2: listen is set twice, first in line 1`},
		"not YAML":               {"listen: [", `did not find expected node content`},
		"a list":                 {"- listen", `:1: expected options, each with a value, but got a list`},
		"invalid alone":          {"listen: nowhere", `listen: "nowhere" is no address`},
		"invalid with another":   {"upload: {access-key: a}", `upload.access-key: access key and secret key belong together`},
		"keys without a service": {"upload: {access-key: a, secret-key: b}", `upload.access-key: is for blob: qiniu and blob: s3`},
		"service without keys":   {"blob: s3\nupload: {endpoint: \"https://s3.example.test\"}", `upload.access-key: blob: s3 needs an access key`},
		"no such storage":        {"blob: tape", `blob must be one of "disk","qiniu","s3"`},
		"service nowhere":        {"blob: s3\nupload: {access-key: a, secret-key: b}", `upload.endpoint: blob: s3 needs the address`},
		"bucket nowhere":         {"blob: qiniu\nupload: {access-key: a, secret-key: b}", `upload.domain: blob: qiniu needs the address`},
		"no address of files":    {"upload: {domain: files.example.test}", `upload.domain: "files.example.test" is no address`},
		"tls without key":        {"tls: {certificate: a.pem}", `tls.certificate: certificate and key belong together`},
		"two certificates":       {"tls: {certificate: a.pem, key: a.key, acme: {domains: [chat.example.test]}}", `tls.acme.domains: tls.certificate is set, too`},
		"acme without names":     {"tls: {acme: {email: a@example.test}}", `tls.acme.domains: must be set with the other options of tls.acme`},
		"acme directory alone":   {"tls: {acme: {directory: https://acme.example.test/}}", `tls.acme.domains: must be set with the other options of tls.acme`},
		"acme wildcard":          {"tls: {acme: {domains: ['*.example.test']}}", `tls.acme.domains: "*.example.test" cannot be certified`},
		"acme address":           {"tls: {acme: {domains: [192.0.2.1]}}", `tls.acme.domains: "192.0.2.1" is no full host name`},
		"acme capital letters":   {"tls: {acme: {domains: [Chat.example.test]}}", `tls.acme.domains: "Chat.example.test" is no full host name in small letters`},
		"acme mail":              {"tls: {acme: {domains: [chat.example.test], email: nobody}}", `tls.acme.email: "nobody" is no e-mail address`},
		"acme without tls":       {"tls: {acme: {domains: [chat.example.test], directory: http://acme.example.test}}", `tls.acme.directory: "http://acme.example.test" is no address of an ACME server`},
		"redirect without tls":   {"tls: {redirect: ':80'}", `tls.redirect: needs TLS`},
		"redirect on same":       {"listen: :1\ntls: {redirect: ':1', acme: {domains: [chat.example.test]}}", `tls.redirect: must differ from listen`},
		"hsts without tls":       {"tls: {hsts: 1h}", `tls.hsts: needs TLS`},
		"negative hsts":          {"tls: {hsts: -1h}", `tls.hsts: must be at least 0s`},
		"public address plain":   {"public-url: http://chat.example.test\ntls: {acme: {domains: [chat.example.test]}}", `public-url: "http://chat.example.test" must begin with https://`},
		"metrics on same":        {"listen: :1\nmetrics: {listen: \":1\"}", `metrics.listen: must differ from listen`},
		"no such zone":           {"time-zone: Mars/Olympus", `time-zone: no zone is named "Mars/Olympus"`},
		"path without a slash":   {"socket: {paths: [/x]}", `socket.paths: "/x" must begin and end with a slash`},
		"a page's path":          {"socket: {paths: [/chat/]}", `socket.paths: "/chat/" lies below /chat, which is the web client's`},
		"an API's path":          {"http: {history-path: /api/history}", `http.history-path: "/api/history" lies below /api`},
		"no network":             {"http: {trusted-proxies: [10.0.0.1]}", `http.trusted-proxies: "10.0.0.1" is no network`},
		"a picture's path":       {"http: {picture-origins: [\"https://cdn.example.test/a\"]}", `http.picture-origins: "https://cdn.example.test/a" is no origin`},
		"a picture's policy":     {"http: {picture-origins: [\"https://a.test; script-src *\"]}", `http.picture-origins: "https://a.test; script-src *" is no origin`},
		"no origin":              {"socket: {allowed-origins: [chat.example.test]}", `socket.allowed-origins: "chat.example.test" is no origin`},
		"every host's page":      {"socket: {allowed-origins: [\"https://*\"]}", `socket.allowed-origins: "https://*" allows every host; write * if that is meant`},
		"an open domain":         {"socket: {allowed-origins: [\"https://chat.*\"]}", `socket.allowed-origins: "https://chat.*" leaves the domain open`},
		"a page for an origin":   {"socket: {allowed-origins: [\"https://chat.example.test/a\"]}", `socket.allowed-origins: "https://chat.example.test/a" is more than an origin`},
		"no public address":      {"public-url: chat.example.test", `public-url: "chat.example.test" is no address of a server`},
		"a public shout":         {"public-url: HTTPS://chat.example.test", `public-url: "HTTPS://chat.example.test" is no address of a server`},
		"a public query":         {"public-url: https://chat.example.test/?a", `public-url: "https://chat.example.test/?a" is no address of a server`},
		"an odd public path":     {"public-url: https://chat.example.test/a%20b", `public-url: the path of "https://chat.example.test/a%20b" must be of letters`},
		"a public path upwards":  {"public-url: https://chat.example.test/a/../b", `public-url: the path of "https://chat.example.test/a/../b" must be of letters`},
		"an API's public path":   {"public-url: https://chat.example.test/api/", `public-url: the path of "https://chat.example.test/api/" begins like /api`},
		"a page's public path":   {"public-url: https://chat.example.test/people/", `begins like /people, which is an address of the server itself`},
		"the administration's":   {"public-url: https://chat.example.test/admin/", `begins like /admin, which is an address of the server itself`},
		"a chat's public path":   {"public-url: https://chat.example.test/chat/2026/", `begins like the address of a chat`},
		"a page's socket path":   {"socket: {paths: [/admin/]}", `"/admin/" lies below /admin`},
		"a public history path":  {"public-url: https://chat.example.test/messages", `begins like /messages, which is an address of the server itself`},
		"a public socket path":   {"public-url: https://chat.example.test/mds2/", `begins like /mds2, which is an address of the server itself`},
		"a provider in clear":    {"auth: {oidc: {issuer: \"http://login.example.test\", client-id: a}}", `auth.oidc.issuer: "http://login.example.test" must begin with https://`},
		"a provider to nobody":   {"auth: {oidc: {issuer: \"https://login.example.test\"}}", `auth.oidc.client-id: must be set with auth.oidc.issuer`},
		"nobody's secret":        {"auth: {oidc: {client-secret: a}}", `auth.oidc.issuer: must be set with client-id`},
		"no OpenID":              {"auth: {oidc: {issuer: \"https://login.example.test\", client-id: a, scopes: [email]}}", `auth.oidc.scopes: must have openid`},
		"nobody to join":         {"auth: {oidc: {issuer: \"https://login.example.test\", client-id: a, organization: a}}", `auth.oidc.organization: is for the accounts`},
		"a provider, no list":    {"auth: {providers: {id: a}}", `:1: auth.providers: expected a list of providers but got a section`},
		"a provider's name only": {"auth: {providers: [example]}", `:1: auth.providers: entry 1: expected options, each with a value, but got a plain value`},
		"a provider's typo":      {"auth:\n  providers:\n    - id: a\n      isuer: b", `:4: auth.providers: entry 1: unknown option "isuer", did you mean "issuer"?`},
		"a provider's doubt":     {"auth:\n  providers:\n    - id: a\n      create: maybe", `:4: auth.providers: entry 1: create: must be true or false`},
		"a provider's lists":     {"auth: {providers: [{id: [a]}]}", `:1: auth.providers: entry 1: id: expected a value but got a list`},
		"a provider twice":       {"auth: {providers: [{id: a, id: b}]}", `:1: auth.providers: entry 1: id is set twice`},
		"a provider without id":  {"auth: {providers: [{issuer: \"https://login.example.test\"}]}", `auth.providers: entry 1: id: must be set to small letters`},
		"a provider's path":      {"auth: {providers: [{id: ../a, issuer: \"https://login.example.test\"}]}", `auth.providers: entry 1: id: must be set to small letters`},
		"a provider nowhere":     {"auth: {providers: [{id: a, client-id: b}]}", `auth.providers[a].issuer: must be set`},
		"one further in clear":   {"auth: {providers: [{id: a, issuer: \"http://login.example.test\", client-id: b}]}", `auth.providers[a].issuer: "http://login.example.test" must begin with https://`},
		"one further to nobody":  {"auth: {providers: [{id: a, issuer: \"https://login.example.test\"}]}", `auth.providers[a].client-id: must be set with auth.providers[a].issuer`},
		"one further, no OpenID": {"auth: {providers: [{id: a, issuer: \"https://login.example.test\", client-id: b, scopes: [email]}]}", `auth.providers[a].scopes: must have openid`},
		"nobody to join further": {"auth: {providers: [{id: a, issuer: \"https://login.example.test\", client-id: b, organization: c}]}", `auth.providers[a].organization: is for the accounts`},
		"one id for two":         {"auth: {providers: [{id: a, issuer: \"https://a.example.test\", client-id: b}, {id: a, issuer: \"https://b.example.test\", client-id: b}]}", `auth.providers[a].id: is the id of another provider, too`},
		"the id of the first":    {"auth: {oidc: {issuer: \"https://a.example.test\", client-id: a}, providers: [{id: main, issuer: \"https://b.example.test\", client-id: b}]}", `auth.providers[main].id: is the id of another provider, too; main is that of auth.oidc`},
		"the id of a way":        {"auth: {providers: [{id: code, issuer: \"https://a.example.test\", client-id: b}]}", `auth.providers[code].id: is the name of another way to sign in`},
		"one issuer for two":     {"auth: {oidc: {issuer: \"https://a.example.test\", client-id: a}, providers: [{id: b, issuer: \"https://a.example.test/\", client-id: b}]}", `auth.providers[b].issuer: is that of auth.oidc, too`},
		"a secret file nowhere":  {"auth: {providers: [{id: a, issuer: \"https://login.example.test\", client-id: b, client-secret-file: nowhere}]}", `auth.providers[a].client-secret-file: `},
		"negative rate":          {"rate: {send: -1}", `rate.send: must not be negative`},
		"a rate that is nothing": {"rate: {send: NaN}", `rate.send: must not be negative`},
		"zero interval":          {"socket: {ping-interval: 0s}", `socket.ping-interval: must be at least 10ms, got 0s`},
		"nothing on top":         {"chat: {max-top: 0}", `chat.max-top: must be at least 1, got 0`},
		"a node for nobody":      {"cluster: {address: \"10.0.0.1:7000\"}", `cluster.listen: must be set with the other options of cluster`},
		"a node without proof":   {"cluster: {listen: \"10.0.0.1:7000\"}", `cluster.secret: must be set with cluster.listen if the nodes have no certificates`},
		"a node with half proof": {"cluster: {listen: \"10.0.0.1:7000\", tls-cert: a, tls-key: b}", `cluster.tls-cert: certificate, key and authority belong together`},
		"half a certificate":     {"cluster: {listen: \"10.0.0.1:7000\", secret: 0123456789abcdef, tls-ca: a}", `cluster.tls-cert: certificate, key and authority belong together`},
		"a short secret":         {"cluster: {listen: \"10.0.0.1:7000\", secret: 0123456789abcde}", `cluster.secret: must have at least 16 characters`},
		"a node anywhere":        {"cluster: {listen: \":7000\", secret: 0123456789abcdef}", `cluster.address: must be set: cluster.listen names no host`},
		"a node everywhere":      {"cluster: {listen: \"10.0.0.1:7000\", address: \"0.0.0.0:7000\", secret: 0123456789abcdef}", `cluster.address: must be set: cluster.address names no host`},
		"a node at any port":     {"cluster: {listen: \":7000\", address: \"10.0.0.1:0\", secret: 0123456789abcdef}", `cluster.address: must name a port`},
		"a node at no port":      {"cluster: {listen: nowhere, secret: 0123456789abcdef}", `cluster.listen: "nowhere" is no address`},
		"a node for the public":  {"listen: \"10.0.0.1:7000\"\ncluster: {listen: \"10.0.0.1:7000\", secret: 0123456789abcdef}", `cluster.listen: must differ from listen`},
		"a bus without database": {"{bus: \"nats://a.test\", upload: {shared: true}}", `bus: needs a database`},
		"a bus and no listener":  {"{bus: \"nats://a.test\", database: \"postgres://b.test/c\", upload: {shared: true}}", `cluster.listen: must be set with bus`},
		"a bus with own files":   {"{bus: \"nats://a.test\", database: \"postgres://b.test/c\"}", `upload.shared: must be true with bus`},
		"a bus of another kind":  {"{bus: \"redis://:topsecret@a.test\", database: \"postgres://b.test/c\"}", `bus: must be the addresses of NATS servers`},
		"a bus of nothing":       {"{bus: \", ,\"}", `bus: must be the addresses of NATS servers`},
		"a user of no bus":       {"nats: {creds: a}", `bus: must be set with the options of nats`},
		"two users of the bus":   {"{bus: \"nats://a.test\", nats: {creds: a, nkey: b}}", `nats.nkey: nats.creds has a key, too`},
		"half a bus certificate": {"{bus: \"nats://a.test\", nats: {tls-cert: a}}", `nats.tls-cert: certificate and key belong together`},
		"no time to lose":        {"cluster: {lost-timeout: 1ms}", `cluster.lost-timeout: must be at least 100ms`},
		"no time to come back":   {"chat: {restore-window: 0s}", `chat.restore-window: must be at least 1s, got 0s`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(write(t, c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("missing file: got %v", err)
	}
}

func TestEnvironmentErrorNamesTheVariable(t *testing.T) {
	t.Setenv("PARLEY_SOCKET_PING_INTERVAL", "soon")
	if _, err := Load(""); err == nil || !strings.Contains(err.Error(), "PARLEY_SOCKET_PING_INTERVAL") {
		t.Errorf("got %v, want the variable's name in it", err)
	}
}

func TestValidateTellsEverything(t *testing.T) {
	_, err := Load("", "--listen=nowhere", "--chat.max-text=0", "--store.max-batch=0")
	for _, want := range []string{"listen:", "chat.max-text:", "store.max-batch:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// The output of Print is a file with the same configuration, except for secrets.
func TestPrintReadsBack(t *testing.T) {
	c := Default()
	c.Metrics.Listen = ""
	c.Socket.AllowedOrigins = []string{"https://*.example.test", "https://chat.example.test"}
	c.Socket.JSONP = true
	c.Rate.Send = 0.5
	c.Blob, c.Upload.Domain = "qiniu", "https://files.example.test"
	c.Upload.AccessKey, c.Upload.SecretKey = "access", "do-not-show"
	c.Auth.OIDC.Issuer, c.Auth.OIDC.ClientID, c.Auth.OIDC.ClientSecret = "https://login.example.test", "parley", "do-not-show"
	c.Cluster.Listen, c.Cluster.Address, c.Cluster.Secret = ":7000", "node-1.example.test:7000", "do-not-show-at-all"
	var out bytes.Buffer
	if err := Print(&out, c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "do-not-show") {
		t.Errorf("the secret is shown:\n%s", out.String())
	}
	file := write(t, out.String())
	if _, err := Load(file); err != nil {
		t.Errorf("without the secret it is refused: %v", err)
	}
	t.Setenv("PARLEY_UPLOAD_SECRET_KEY", "do-not-show")
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET", "do-not-show")
	t.Setenv("PARLEY_CLUSTER_SECRET", "do-not-show-at-all")
	got, err := Load(file, "--blob=qiniu", "--upload.access-key=access", "--cluster.listen=:7000", "--cluster.address=node-1.example.test:7000")
	if err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	if diff := cmp.Diff(got, c, cmpopts.EquateEmpty(), notGiven); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

// Secrets were taken as flags, and every user of the machine could read them in the list of processes.
func TestSecretsAreNoFlags(t *testing.T) {
	for _, option := range []string{"upload.secret-key", "auth.oidc.client-secret", "cluster.secret"} {
		_, err := Load("", "--"+option+"=do-not-show")
		if err == nil {
			t.Errorf("--%s: taken, want refused", option)
			continue
		}
		for _, want := range []string{"--" + option + ": a secret on the command line", "--" + option + "-file FILE", EnvName(option)} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("--%s: got %q, want %q in it", option, err, want)
			}
		}
		if strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("--%s: the secret is shown: %v", option, err)
		}
	}
}

func TestFurtherProviders(t *testing.T) {
	secret := write(t, "do-not-show\n")
	file := write(t, fmt.Sprintf(`
auth:
  oidc: {issuer: "https://login.example.test", client-id: parley}
  providers:
    - id: partner
      issuer: https://login.partner.example.test
      client-id: chat
      client-secret-file: %q
      name: Partner Works
      scopes: [openid, email]
      match-email: true
    - id: guests
      issuer: https://login.guests.example.test
      client-id: chat
      client-secret: do-not-show
      create: true
      organization: guests
`, secret))
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	usual := []string{"openid", "profile", "email"}
	want := []Provider{
		{ID: "main", OIDC: OIDC{Issuer: "https://login.example.test", ClientID: "parley", Name: "OpenID Connect", Scopes: usual}},
		{ID: "partner", OIDC: OIDC{
			Issuer: "https://login.partner.example.test", ClientID: "chat", ClientSecret: "do-not-show", ClientSecretFile: secret,
			Name: "Partner Works", Scopes: []string{"openid", "email"}, MatchEmail: true,
		}},
		{ID: "guests", OIDC: OIDC{
			Issuer: "https://login.guests.example.test", ClientID: "chat", ClientSecret: "do-not-show", Name: "guests", Scopes: usual, Create: true, Organization: "guests",
		}},
	}
	if diff := cmp.Diff(c.Auth.AllProviders(), want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}

	var printed bytes.Buffer
	if err := Print(&printed, c); err != nil {
		t.Fatal(err)
	}
	if text := printed.String() + fmt.Sprintf("%v %+v", c, c); strings.Contains(text, "do-not-show") {
		t.Errorf("a secret is shown:\n%s", text)
	}
	again, err := Load(write(t, printed.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, printed.String())
	}
	c.Auth.Providers[1].ClientSecret = "" // the only one that is not in a file
	if diff := cmp.Diff(again.Auth.AllProviders(), c.Auth.AllProviders()); diff != "" {
		t.Errorf("printed and loaded (-got +want):\n%s", diff)
	}

	const one = `[{"id": "a", "issuer": "https://a.example.test", "client-id": "b", "client-secret": "do-not-show"}]`
	t.Setenv("PARLEY_AUTH_PROVIDERS", one)
	if c, err = Load(file); err != nil || len(c.Auth.Providers) != 1 || c.Auth.Providers[0].ClientSecret != "do-not-show" {
		t.Errorf("from the environment: got %v, %v", c.Auth.Providers, err)
	}
	for text, want := range map[string]string{
		"do-not-show": "auth.providers: expected a list of providers but got a plain value",
		`[{id: a, client-secret: do-not-show, ids: b}]`: `auth.providers: entry 1: unknown option "ids", did you mean "id"?`,
		`[{client-secret: do-not-show`:                  "auth.providers: must be a list in YAML or JSON",
	} {
		t.Setenv("PARLEY_AUTH_PROVIDERS", text)
		if _, err := Load(""); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "do-not-show") {
			t.Errorf("%s: got %v, want %q and no secret", text, err, want)
		}
	}
	t.Setenv("PARLEY_AUTH_PROVIDERS", "")
	if _, err := Load("", "--auth.providers="+one); err == nil || !strings.Contains(err.Error(), "a secret on the command line") || strings.Contains(err.Error(), "do-not-show") {
		t.Errorf("as a flag: got %v, want refused", err)
	}
}

func TestSecretFiles(t *testing.T) {
	provider := "auth: {oidc: {issuer: 'https://login.example.test', client-id: parley, client-secret-file: %q}}\n"
	storage := "blob: qiniu\nupload: {domain: 'https://files.example.test', access-key: a, secret-key-file: %q}\n"
	secret, other := write(t, "do-not-show\n"), write(t, "do-not-show-either\r\n")
	file := write(t, fmt.Sprintf(provider+storage, secret, other))
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(c.Auth.OIDC.ClientSecret); got != "do-not-show" {
		t.Errorf("client secret: got %q, want the file's without the line break", got)
	}
	if got := string(c.Upload.SecretKey); got != "do-not-show-either" {
		t.Errorf("secret key: got %q, want the file's without the line break", got)
	}
	if err := c.Validate(); err != nil {
		t.Errorf("checked again: %v", err)
	}
	if text := fmt.Sprintf("%v %+v", c, c); strings.Contains(text, "do-not-show") {
		t.Errorf("a secret is shown: %s", text)
	}
	var printed bytes.Buffer
	if err := Print(&printed, c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(printed.String(), "do-not-show") {
		t.Errorf("a secret is shown:\n%s", printed.String())
	}
	again, err := Load(write(t, printed.String()))
	if err != nil {
		t.Fatalf("%v in\n%s", err, printed.String())
	}
	if diff := cmp.Diff(again, c, cmpopts.EquateEmpty(), notGiven); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}

	// The way of containers and of systemd: a variable that names the file.
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET_FILE", other)
	if c, err = Load(file); err != nil || string(c.Auth.OIDC.ClientSecret) != "do-not-show-either" {
		t.Errorf("got %q, %v, want the secret of the file that the variable names", string(c.Auth.OIDC.ClientSecret), err)
	}
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET", "another")
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), "auth.oidc.client-secret-file: auth.oidc.client-secret is set, too") {
		t.Errorf("both: got %v, want refused", err)
	}
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET", "")
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET_FILE", write(t, "\n"))
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), "auth.oidc.client-secret-file: ") || !strings.Contains(err.Error(), " is empty") {
		t.Errorf("empty file: got %v, want refused", err)
	}
	t.Setenv("PARLEY_AUTH_OIDC_CLIENT_SECRET_FILE", "nowhere")
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), "auth.oidc.client-secret-file: ") {
		t.Errorf("no file: got %v, want refused", err)
	}
}

var update = flag.Bool("update", false, "rewrite docs/config.md")

func TestDocIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := Doc(&want); err != nil {
		t.Fatal(err)
	}
	const page = "../../docs/config.md"
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), want.String()); diff != "" {
		t.Errorf("docs/config.md is out of date, run make generate (-got +want):\n%s", diff)
	}
}

// A page named an option by a section that it is not in.
func TestPagesNameOptions(t *testing.T) {
	c := Default()
	all, err := flags(&c)
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, option := range all {
		exists[option.Name] = true
	}
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	option := regexp.MustCompile("`(?:--)?((?:auth|chat|http|memory|rate|socket|store|upload|work)(?:\\.[a-z]+)*\\.[a-z]+(?:-[a-z]+)+)[` =]")
	named := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range option.FindAllStringSubmatch(string(text), -1) {
			named++
			if !exists[name[1]] {
				t.Errorf("%s: there is no option %s", page, name[1])
			}
		}
	}
	if named == 0 {
		t.Errorf("no name of an option found in %d pages", len(pages))
	}
}

func TestStrays(t *testing.T) {
	got, err := Strays([]string{
		"PATH=/bin", "PARLEY=x", "PARLEY_LANGAUGE=zh", "PARLEY_LANGUAGE=zh", "PARLEY_SOCKET_PING_INTERVALL=1s", "PARLEY_CONFIG=x",
		"PARLEY_ZZZZZZZZZZZZZ=1", "PARLEY_SERVICE_HOST=10.0.0.1", "PARLEY_PORT_8080_TCP=x",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PARLEY_LANGAUGE is no option, did you mean PARLEY_LANGUAGE?",
		"PARLEY_SOCKET_PING_INTERVALL is no option, did you mean PARLEY_SOCKET_PING_INTERVAL?",
		"PARLEY_ZZZZZZZZZZZZZ is no option",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "17": 17, "17B": 17, "1KB": 1000, "1KiB": 1024, "4 MiB": 4 << 20, "2GiB": 2 << 30, "3MB": 3_000_000, "1GB": 1_000_000_000,
	} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5MiB", "9999999999GiB", "1 TiB"} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: got %d, want an error", text, got)
		}
	}
}

func TestBasePath(t *testing.T) {
	for address, want := range map[string]string{
		"":                                       "",
		"https://chat.example.test":              "",
		"https://chat.example.test/":             "",
		"https://www.example.test/chat":          "/chat",
		"https://www.example.test/chat/":         "/chat",
		"https://www.example.test:8443/a-1/b.c/": "/a-1/b.c",
	} {
		c := Default()
		c.PublicURL = address
		if err := c.Validate(); err != nil {
			t.Errorf("%q: %v", address, err)
		}
		if got := c.BasePath(); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

// A password in the address of a database was refused in the configuration file.
func TestBus(t *testing.T) {
	const address = "nats://parley:do-not-show@a.test:4222, nats://do-not-show@b.test"
	b := Bus(address)
	if got := b.String(); got != "nats://a.test:4222,nats://b.test" {
		t.Errorf("got %s, want the addresses without their passwords", got)
	}
	if got := b.URLs(); len(got) != 2 || got[0] != "nats://parley:do-not-show@a.test:4222" || got[1] != "nats://do-not-show@b.test" {
		t.Errorf("got %q, want both addresses", got)
	}
	if got := Bus("nats://parley:do-not-show@%zz").String(); strings.Contains(got, "show") {
		t.Errorf("got %s, want no password", got)
	}
	t.Setenv("PARLEY_CLUSTER_SECRET", "0123456789abcdef")
	rest := []string{"--database=postgres://c.test/d", "--upload.shared", "--cluster.listen=10.0.0.1:7000"}
	_, err := Load("", append(rest, "--bus="+address)...)
	if err == nil || !strings.Contains(err.Error(), "PARLEY_BUS") || strings.Contains(err.Error(), "do-not-show") {
		t.Errorf("got %v, want the flag refused without its password", err)
	}
	if _, err := Load("", append(rest, "--bus=nats://a.test")...); err != nil {
		t.Errorf("an address without password: %v", err)
	}
	file := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(file, []byte("{bus: \""+address+"\", database: \"postgres://parley:do-not-show@c.test/d\", upload: {shared: true}, cluster: {listen: \"10.0.0.1:7000\"}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(file); err != nil || c.Bus != b || c.Database != "postgres://parley:do-not-show@c.test/d" {
		t.Errorf("got %s, %s, %v, want the addresses of the file with their passwords", c.Bus, c.Database, err)
	}
	t.Setenv("PARLEY_BUS", address)
	c, err := Load("", rest...)
	if err != nil || c.Bus != b {
		t.Errorf("got %s, %v, want the addresses of the environment", c.Bus, err)
	}
}
