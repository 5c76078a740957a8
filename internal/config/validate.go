package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/engineio/origin"
)

// Validate reports every option whose value is invalid, alone or together with others, one
// on each line. It first reads the secrets that are in separate files.
func (c *Config) Validate() error {
	var wrong []*OptionError
	bad := reportTo(&wrong)
	c.readSecrets(bad)
	c.check(bad)
	all := make([]error, len(wrong))
	for i, e := range wrong {
		all[i] = e
	}
	return errors.Join(all...)
}

// check checks the values, alone and together. It reads no file.
func (c *Config) check(bad report) {
	c.checkServer(bad)
	c.checkBounds(bad)
	c.checkPublicURL(bad)
	c.checkTLS(bad)
	c.checkPaths(bad)
	c.checkNetworks(bad)
	c.checkUpload(bad)
	c.checkProviders(bad)
	c.checkHidden(bad)
	c.checkMail(bad)
	c.checkCluster(bad)
	c.checkBus(bad)
}

// report takes the name of an option and what is wrong with its value. A reason that the value of a setting can have gets a code.
type report func(option, format string, args ...any) reported

// reported is an error that was reported.
type reported struct{ err *OptionError }

// as adds the code and the parameters of the reason.
func (r reported) as(code string, params ...string) { _ = r.err.as(code, params...) }

// reportTo returns a report that appends to the errors.
func reportTo(wrong *[]*OptionError) report {
	return func(option, format string, args ...any) reported {
		e := &OptionError{Option: option, Reason: fmt.Sprintf(format, args...)}
		*wrong = append(*wrong, e)
		return reported{e}
	}
}

func (c *Config) checkServer(bad report) {
	if err := checkAddress(c.Listen); err != nil {
		bad("listen", "%s", err)
	}
	if c.Metrics.Listen != "" {
		if err := checkAddress(c.Metrics.Listen); err != nil {
			bad("metrics.listen", "%s", err)
		}
		if c.Metrics.Listen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
			bad("metrics.listen", "must differ from listen, %s", c.Listen)
		}
	}
	if c.Name == "" {
		bad("name", "must not be empty").as("required")
	}
	if c.Data == "" {
		bad("data", "must name a folder")
	}
	if err := c.Database.check(); err != nil {
		bad("database", "%s", err)
	}
	if err := c.Bus.check(); err != nil {
		bad("bus", "%s", err)
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		bad("time-zone", "no zone is named %q; use a name like Europe/Berlin, Asia/Shanghai, UTC or Local", c.TimeZone).as("unknown-zone")
	}
}

func (c *Config) checkBounds(bad report) {
	for _, d := range c.durations() {
		if d.value < d.least {
			bad(d.option, "must be at least %s, got %s", d.least, d.value).as("too-small", "least", durationText(d.least))
		}
		if most, ok := c.longest()[d.option]; ok && d.value > most {
			bad(d.option, "must be at most %s, got %s", most, d.value).as("too-large", "most", durationText(most))
		}
	}
	for _, n := range c.numbers() {
		if n.value < n.least {
			bad(n.option, "must be at least %d, got %d", n.least, n.value).as("too-small", "least", strconv.FormatInt(n.least, 10))
		}
	}
	for _, n := range c.most() {
		if n.value > n.most {
			bad(n.option, "must be at most %d, got %d", n.most, n.value).as("too-large", "most", strconv.FormatInt(n.most, 10))
		}
	}
	for _, r := range c.rates() {
		switch {
		case !(r.value >= r.least): // not a number fails here too
			bad(r.option, "must not be negative").as("too-small", "least", "0")
		case math.IsInf(r.value, 1):
			bad(r.option, "must be finite; 0: no limit").as("form")
		}
	}
}

func (c *Config) checkPublicURL(bad report) {
	if c.PublicURL == "" {
		return
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || !strings.HasPrefix(c.PublicURL, "http://") && !strings.HasPrefix(c.PublicURL, "https://") ||
		u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		bad("public-url", "%q is no address of a server; write it like https://chat.example.test", c.PublicURL)
		return
	}
	base := c.BasePath()
	if base == "" {
		return
	}
	if !plainPath.MatchString(base) || path.Clean(base) != base {
		bad("public-url", "the path of %q must be of letters, digits and -._~, like https://www.example.test/chat/", c.PublicURL)
		return
	}
	// A proxy may remove the path or keep it. If an address of the server began like the
	// path, the server could not distinguish the two cases. For /chat it can.
	first := firstSegment(base)
	isSocketPath := slices.ContainsFunc(c.Socket.Paths, func(p string) bool { return firstSegment(p) == first })
	if first != "chat" && (taken[first] || ownAddresses[first] || isSocketPath || first == firstSegment(c.HTTP.HistoryPath)) {
		bad("public-url", "the path of %q begins like /%s, which is an address of the server itself; choose another path", c.PublicURL, first)
	}
	if chatAddress.MatchString(base) {
		bad("public-url", "the path of %q begins like the address of a chat; choose another path", c.PublicURL)
	}
}

// plainPath matches paths that need no escaping in an address, a header and a page.
var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// chatAddress matches the path of a chat in the web client.
var chatAddress = regexp.MustCompile(`^/chat/[0-9]+(/|$)`)

// ownAddresses are the first segments of addresses that the server serves, in addition to
// those in taken.
var ownAddresses = map[string]bool{
	"docs": true, "openapi.json": true, "openapi.yaml": true, "healthz": true, "readyz": true, "search": true, "sign-in": true,
	"chat_list": true, "messages": true, "group_messages": true, "messages_byid": true, "group_messages_byid": true,
	"user_files_byid": true, "group_files_byid": true,
}

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

func (c *Config) checkPaths(bad report) {
	if len(c.Socket.Paths) == 0 {
		bad("socket.paths", "must name at least one path")
	}
	for _, p := range c.Socket.Paths {
		if p == "/" || !strings.HasPrefix(p, "/") || !strings.HasSuffix(p, "/") || strings.ContainsAny(p, "{}? #") {
			bad("socket.paths", "%q must begin and end with a slash and be more than one", p)
		}
	}
	for _, p := range append([]string{c.HTTP.HistoryPath}, c.Socket.Paths...) {
		if first := firstSegment(p); taken[first] {
			option := "socket.paths"
			if p == c.HTTP.HistoryPath {
				option = "http.history-path"
			}
			bad(option, "%q lies below /%s, which is the web client's or an API's", p, first)
		}
	}
	if !strings.HasPrefix(c.HTTP.HistoryPath, "/") || strings.ContainsAny(c.HTTP.HistoryPath, "{}? #") {
		bad("http.history-path", "%q must begin with a slash", c.HTTP.HistoryPath)
	}
}

// taken are the addresses that belong to parts of the server, with everything below them.
var taken = map[string]bool{
	"api": true, "v1": true, "upload": true, "buckets": true, "files": true, "avatars": true,
	"assets": true, "chat": true, "inbox": true, "people": true, "settings": true, "admin": true, "set-up": true, "invite": true,
	"confirm-email": true,
}

// pictureOrigin matches an entry that is valid in a list of sources of a
// Content-Security-Policy.
var pictureOrigin = regexp.MustCompile(`^(\*|https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?)$`)

func (c *Config) checkNetworks(bad report) {
	for _, o := range c.Socket.AllowedOrigins {
		if err := origin.Check(o); err != nil {
			bad("socket.allowed-origins", "%s", err)
		}
	}
	for _, o := range c.HTTP.PictureOrigins {
		if !pictureOrigin.MatchString(o) {
			bad("http.picture-origins", "%q is no origin; write it like https://cdn.example.test or https://*.example.test, or * for all", o)
		}
	}
	for option, networks := range map[string][]string{"http.trusted-proxies": c.HTTP.TrustedProxies, "outgoing.networks": c.Outgoing.Networks} {
		for _, p := range networks {
			if _, err := netip.ParsePrefix(p); err != nil {
				bad(option, "%q is no network; write it like 10.0.0.0/8", p)
			}
		}
	}
}

func (c *Config) checkUpload(bad report) {
	u := &c.Upload
	if (u.AccessKey == "") != (u.SecretKey == "") {
		bad("upload.access-key", "access key and secret key belong together: set both or neither")
	}
	if u.Bucket == "" {
		bad("upload.bucket", "must name a bucket")
	}
	if u.MaxEarly < 0 || u.MinFree < 0 || u.MaxPerDay < 0 {
		bad("upload", "sizes must not be negative")
	}
	for _, a := range []struct{ option, value string }{{"upload.endpoint", u.Endpoint}, {"upload.domain", u.Domain}, {"upload.manage", u.Manage}} {
		if parsed, err := url.Parse(a.value); a.value != "" && (err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.RawQuery != "") {
			bad(a.option, "%q is no address; write it like https://files.example.test", a.value)
		}
	}
	if c.Blob == "disk" {
		if u.AccessKey != "" {
			bad("upload.access-key", "is for blob: qiniu and blob: s3; set one of them, too")
		}
		if !c.Backup.Files {
			bad("backup.files", "must be true with blob: disk: a backup always has the files of the data folder")
		}
		return
	}
	if u.AccessKey == "" && u.SecretKey == "" {
		bad("upload.access-key", "blob: %s needs an access key and a secret key", c.Blob)
	}
	if c.Blob == "qiniu" && u.Domain == "" {
		bad("upload.domain", "blob: qiniu needs the address of the bucket")
	}
	if c.Blob == "s3" && u.Endpoint == "" {
		bad("upload.endpoint", "blob: s3 needs the address of the service")
	}
	if c.Blob == "s3" && u.Region == "" {
		bad("upload.region", "must name a region")
	}
}

// signInWays are the ways to sign in that can be hidden.
func (c *Config) signInWays() []string {
	ways := []string{"code", "mail"}
	for _, p := range c.Auth.AllProviders() {
		ways = append(ways, p.ID)
	}
	return ways
}

func (c *Config) checkHidden(bad report) {
	for _, way := range c.Auth.Hidden {
		if ways := c.signInWays(); !slices.Contains(ways, way) {
			bad("auth.hidden", "%q is no way to sign in that can be hidden; there is %s", way, strings.Join(ways, ", ")).as("unknown-way", "way", way)
		}
	}
}

func (c *Config) checkMail(bad report) {
	m := &c.Mail
	if m.SMTP == "" {
		if m.From != "" || m.User != "" || m.Password != "" {
			bad("mail.smtp", "must be set with the other options of mail")
		}
		return
	}
	if host, _, err := net.SplitHostPort(m.SMTP); err != nil || host == "" {
		bad("mail.smtp", "%q is no address; write it like smtp.example.test:587", m.SMTP)
	}
	if parsed, err := mail.ParseAddress(m.From); err != nil || parsed.Address != m.From {
		bad("mail.from", "must be set with mail.smtp to a bare e-mail address, like parley@example.test")
	}
	if (m.User == "") != (m.Password == "") {
		bad("mail.user", "user and password belong together: set both or neither")
	}
}

// minClusterSecret keeps short words out, which can be guessed on the private listener without a limit.
const minClusterSecret = 16

func (c *Config) checkCluster(bad report) {
	o := &c.Cluster
	if o.Listen == "" {
		if o.Address != "" || o.Secret != "" || o.TLSCert != "" || o.TLSKey != "" || o.TLSCA != "" {
			bad("cluster.listen", "must be set with the other options of cluster")
		}
		return
	}
	hasTLS := o.TLSCert != "" && o.TLSKey != "" && o.TLSCA != ""
	if !hasTLS && (o.TLSCert != "" || o.TLSKey != "" || o.TLSCA != "") {
		bad("cluster.tls-cert", "certificate, key and authority belong together: set cluster.tls-cert, cluster.tls-key and cluster.tls-ca")
	}
	switch {
	case o.Secret == "" && !hasTLS:
		bad("cluster.secret", "must be set with cluster.listen if the nodes have no certificates")
	case o.Secret != "" && len(o.Secret) < minClusterSecret:
		bad("cluster.secret", "must have at least %d characters", minClusterSecret)
	}
	if err := checkAddress(o.Listen); err != nil {
		bad("cluster.listen", "%s", err)
		return
	}
	if !strings.HasSuffix(o.Listen, ":0") && (o.Listen == c.Listen || o.Listen == c.Metrics.Listen) {
		bad("cluster.listen", "must differ from listen and metrics.listen")
	}
	option, address := "cluster.address", o.Address
	if address == "" {
		option, address = "cluster.listen", o.Listen
	} else if err := checkAddress(address); err != nil {
		bad(option, "%s", err)
		return
	}
	host, port, _ := net.SplitHostPort(address)
	switch ip, err := netip.ParseAddr(host); {
	case host == "", err == nil && ip.IsUnspecified():
		bad("cluster.address", "must be set: %s names no host that other nodes can reach", option)
	case option == "cluster.address" && port == "0":
		bad(option, "must name a port")
	}
}

func (c *Config) checkBus(bad report) {
	n := &c.NATS
	if (n.TLSCert == "") != (n.TLSKey == "") {
		bad("nats.tls-cert", "certificate and key belong together: set both or neither")
	}
	if n.Creds != "" && n.NKey != "" {
		bad("nats.nkey", "nats.creds has a key, too; use one of them")
	}
	if c.Bus == "" {
		if *n != (NATS{}) {
			bad("bus", "must be set with the options of nats")
		}
		return
	}
	if c.Database == "" {
		bad("bus", "needs a database: several nodes share one on PostgreSQL")
	}
	if c.Cluster.Listen == "" {
		bad("cluster.listen", "must be set with bus: the other nodes pass requests on to it")
	}
	if !c.Upload.Shared {
		bad("upload.shared", "must be true with bus: upload.key, pictures of accounts and, with blob: disk, files are in the folder %s, "+
			"which all nodes must share, for example over NFS", c.Data)
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is no address; write it like 127.0.0.1:8080 or :8080", address)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("%q is no port", port)
	}
	return nil
}
