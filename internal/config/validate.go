package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Validate reports every option whose value cannot work, alone or together with
// others, one a line.
func (c *Config) Validate() error {
	var all []error
	bad := func(option, format string, args ...any) {
		all = append(all, fmt.Errorf("%s: %s", option, fmt.Sprintf(format, args...)))
	}
	c.checkServer(bad)
	c.checkBounds(bad)
	c.checkPaths(bad)
	c.checkNetworks(bad)
	c.checkUpload(bad)
	return errors.Join(all...)
}

// report takes the name of an option and what is wrong with its value.
type report func(option, format string, args ...any)

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
	if c.Data == "" {
		bad("data", "must name a folder")
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		bad("time-zone", "no zone is named %q; use a name like Europe/Berlin, Asia/Shanghai, UTC or Local", c.TimeZone)
	}
}

func (c *Config) checkBounds(bad report) {
	for _, d := range c.durations() {
		if d.value < d.least {
			bad(d.option, "must be at least %s, got %s", d.least, d.value)
		}
	}
	for _, n := range c.numbers() {
		if n.value < n.least {
			bad(n.option, "must be at least %d, got %d", n.least, n.value)
		}
	}
	for _, r := range c.rates() {
		if !(r.value >= r.least) { // not a number fails here too
			bad(r.option, "must not be negative")
		}
	}
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
	if !strings.HasPrefix(c.HTTP.HistoryPath, "/") || strings.ContainsAny(c.HTTP.HistoryPath, "{}? #") {
		bad("http.history-path", "%q must begin with a slash", c.HTTP.HistoryPath)
	}
}

func (c *Config) checkNetworks(bad report) {
	for _, o := range c.Socket.AllowedOrigins {
		if o != "*" && !strings.Contains(o, "://") {
			bad("socket.allowed-origins", "%q is no origin; write it like https://chat.example.test", o)
		}
	}
	for _, p := range c.HTTP.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil {
			bad("http.trusted-proxies", "%q is no network; write it like 10.0.0.0/8", p)
		}
	}
}

func (c *Config) checkUpload(bad report) {
	if (c.Upload.AccessKey == "") != (c.Upload.SecretKey == "") {
		bad("upload.access-key", "access key and secret key belong together: set both or neither")
	}
	if c.Upload.Bucket == "" {
		bad("upload.bucket", "must name a bucket")
	}
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
