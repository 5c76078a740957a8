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

	for _, d := range []struct {
		option string
		value  time.Duration
		least  time.Duration
	}{
		{"drain-timeout", c.DrainTimeout, time.Millisecond},
		{"http.read-header-timeout", c.HTTP.ReadHeaderTimeout, time.Millisecond},
		{"http.idle-timeout", c.HTTP.IdleTimeout, time.Millisecond},
		{"http.request-timeout", c.HTTP.RequestTimeout, time.Millisecond},
		{"socket.ping-interval", c.Socket.PingInterval, 10 * time.Millisecond},
		{"socket.ping-timeout", c.Socket.PingTimeout, 10 * time.Millisecond},
		{"socket.connect-timeout", c.Socket.ConnectTimeout, 10 * time.Millisecond},
		{"socket.upgrade-timeout", c.Socket.UpgradeTimeout, 10 * time.Millisecond},
		{"socket.write-timeout", c.Socket.WriteTimeout, 10 * time.Millisecond},
		{"chat.withdraw-window", c.Chat.WithdrawWindow, time.Second},
		{"chat.shake-interval", c.Chat.ShakeInterval, time.Millisecond},
		{"chat.restore-window", c.Chat.RestoreWindow, 0},
		{"token.ttl", c.Token.TTL, 0},
		{"delivery.max-wait", c.Delivery.MaxWait, time.Millisecond},
		{"upload.expiry", c.Upload.Expiry, time.Second},
	} {
		if d.value < d.least {
			bad(d.option, "must be at least %s, got %s", d.least, d.value)
		}
	}

	for _, n := range []struct {
		option       string
		value, least int64
	}{
		{"http.max-connections", int64(c.HTTP.MaxConnections), 0},
		{"http.max-waiting", int64(c.HTTP.MaxWaiting), 0},
		{"http.max-header-bytes", int64(c.HTTP.MaxHeaderBytes), 1024},
		{"http.max-body-bytes", int64(c.HTTP.MaxBodyBytes), 1024},
		{"socket.max-payload", int64(c.Socket.MaxPayload), 1024},
		{"socket.max-queue", int64(c.Socket.MaxQueue), 16 << 10},
		{"socket.max-sessions", int64(c.Socket.MaxSessions), 0},
		{"socket.max-attachments", int64(c.Socket.MaxAttachments), 1},
		{"socket.max-attachment-bytes", int64(c.Socket.MaxAttachmentBytes), 1},
		{"rate.send-burst", int64(c.Rate.SendBurst), 1},
		{"rate.request-burst", int64(c.Rate.RequestBurst), 1},
		{"rate.login-burst", int64(c.Rate.LoginBurst), 1},
		{"rate.history-burst", int64(c.Rate.HistoryBurst), 1},
		{"chat.max-text", int64(c.Chat.MaxText), 1},
		{"chat.max-object", int64(c.Chat.MaxObject), 1},
		{"chat.max-name", int64(c.Chat.MaxName), 1},
		{"chat.max-announcement", int64(c.Chat.MaxAnnouncement), 1},
		{"chat.max-page", int64(c.Chat.MaxPage), 1},
		{"delivery.max-queue", int64(c.Delivery.MaxQueue), 64 << 10},
		{"chat.max-mentions", int64(c.Chat.MaxMentions), 1},
		{"chat.max-top", int64(c.Chat.MaxTop), 0},
		{"chat.max-group-members", int64(c.Chat.MaxGroupMembers), 2},
		{"upload.max-image", int64(c.Upload.MaxImage), 1},
		{"upload.max-file", int64(c.Upload.MaxFile), 1},
		{"upload.max-voice", int64(c.Upload.MaxVoice), 1},
		{"store.max-batch", int64(c.Store.MaxBatch), 1},
		{"store.max-waiting", int64(c.Store.MaxWaiting), 1},
		{"store.readers", int64(c.Store.Readers), 1},
		{"store.cache", int64(c.Store.Cache), 1 << 20},
		{"memory.gc-percent", int64(c.Memory.GCPercent), 1},
	} {
		if n.value < n.least {
			bad(n.option, "must be at least %d, got %d", n.least, n.value)
		}
	}

	for _, r := range []struct {
		option string
		value  float64
	}{
		{"rate.send", c.Rate.Send}, {"rate.request", c.Rate.Request}, {"rate.login", c.Rate.Login}, {"rate.history", c.Rate.History},
	} {
		if !(r.value >= 0) { // not a number fails here too
			bad(r.option, "must not be negative")
		}
	}

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
	if (c.Upload.AccessKey == "") != (c.Upload.SecretKey == "") {
		bad("upload.access-key", "access key and secret key belong together: set both or neither")
	}
	if c.Upload.Bucket == "" {
		bad("upload.bucket", "must name a bucket")
	}
	return errors.Join(all...)
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
