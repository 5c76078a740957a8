package config

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"
)

// atLeast is an option with its minimum value.
type atLeast[T any] struct {
	option       string
	value, least T
}

// atMost is an option with its maximum value.
type atMost struct {
	option      string
	value, most int64
}

// most are the options whose largest values would lock people out.
func (c *Config) most() []atMost {
	return []atMost{{"auth.min-password", int64(c.Auth.MinPassword), 128}}
}

// longest returns the longest of those durations that something else limits.
func (c *Config) longest() map[string]time.Duration {
	return map[string]time.Duration{"auth.code-ttl": 30 * 24 * time.Hour}
}

// bound is the range of a setting. A value of 0 is in it if zero is set.
type bound struct {
	least, most string
	zero        bool // 0 means no limit, or for ever
}

// liveBounds are the ranges of the values that can be set while the server runs. They are narrower than those of the
// configuration: whoever sets a value in the browser must be able to set another one in the browser afterwards.
func (c *Config) liveBounds() map[string]bound {
	const hour, year = "1h", "8760h"
	request := bound{"1", "1000000", true}
	guess := bound{"0.001", "1000000", true}
	size := bound{"1KiB", "1024GiB", false}
	return map[string]bound{
		"audit.keep":         {"24h", "876000h", false}, // the traces of a change are there for a day at least
		"token.ttl":          {hour, "87600h", true},
		"auth.code-ttl":      {"1m", "720h", false},
		"auth.fresh-sign-in": {"1m", "24h", false},
		"auth.min-password":  {"8", "128", false},

		"rate.send":               {"0.1", "1000000", true},
		"rate.send-burst":         {"1", "1000000", false},
		"rate.request":            request,
		"rate.request-burst":      {"20", "1000000", false},
		"rate.history":            request,
		"rate.history-burst":      {"20", "1000000", false},
		"rate.login":              guess,
		"rate.login-burst":        {"1", "1000000", false},
		"rate.sign-in":            guess,
		"rate.sign-in-burst":      {"1", "1000000", false},
		"rate.password":           guess,
		"rate.password-burst":     {"1", "1000000", false},
		"rate.password-all":       guess,
		"rate.password-all-burst": {"1", "1000000", false},
		"socket.max-per-token":    {"1", "1000000", true},
		"socket.max-per-account":  {"1", "1000000", true},

		"chat.max-text":             {"1", strconv.Itoa(c.longestText()), false},
		"chat.max-top":              {"1", "10000", false},
		"chat.max-pins":             {"1", "1000", false},
		"chat.max-drafts":           {"1", "1000", false},
		"chat.max-group-members":    {"2", "1000000", false},
		"chat.withdraw-window":      {"1s", "87600h", false},
		"chat.edit-window":          {"1s", "87600h", false},
		"chat.max-read-marks":       {"2", "1000000", false},
		"chat.read-mark-pause":      {"10ms", "1h", false},
		"chat.typing-pause":         {"1s", "1m", false},
		"chat.max-typing":           {"2", "10000", false},
		"chat.availability-pause":   {"100ms", "10m", false},
		"chat.max-status":           {"1", "200", false},
		"chat.shake-interval":       {"1ms", year, false},
		"chat.max-friend-requests":  {"1", "1000000", false},
		"chat.friend-request-pause": {"1ms", "87600h", false},
		"chat.search-time":          {"10ms", "5m", false},

		"upload.max-image":   size,
		"upload.max-file":    size,
		"upload.max-voice":   size,
		"upload.max-video":   size,
		"upload.max-per-day": {"1KiB", "1048576GiB", true},
	}
}

// longestText is the largest number of UTF-16 units that one message from a client can carry, with room for its other fields. JSON
// writes a unit in at most six bytes.
func (c *Config) longestText() int { return max(1, (int(c.Socket.MaxPayload)-1024)/6) }

// outside returns what is wrong with a new value of a setting; nil: nothing.
func (b bound) outside(flag *kong.Flag, value reflect.Value) *OptionError {
	if b.zero && value.IsZero() {
		return nil
	}
	for i, limit := range []string{b.least, b.most} {
		to, err := parse1(flag, limit)
		if err != nil {
			panic(err) // the bounds are part of the program; a test reads them
		}
		order := compare(value, to)
		if i == 0 && order < 0 { // not a number is less than every number
			return b.error(flag.Name, "must be at least %s, got %s", limit, value).as("too-small", "least", limit)
		}
		if i == 1 && order > 0 {
			return b.error(flag.Name, "must be at most %s, got %s", limit, value).as("too-large", "most", limit)
		}
	}
	return nil
}

func (b bound) error(option, format, limit string, value reflect.Value) *OptionError {
	e := &OptionError{Option: option, Reason: fmt.Sprintf(format, limit, text(value))}
	if b.zero {
		e.Reason += "; 0: no limit"
		e.Params = map[string]string{"zero": "true"}
	}
	return e
}

// compare compares two numbers. A value that is no number is the smallest.
func compare(a, b reflect.Value) int {
	if a.CanFloat() {
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Compare(a.Int(), b.Int())
}

// bounds returns the smallest and the largest values of options, as texts.
func (c *Config) bounds() (least, most map[string]string) {
	least, most = map[string]string{}, map[string]string{}
	for _, d := range c.durations() {
		least[d.option] = durationText(d.least)
	}
	for _, n := range c.numbers() {
		least[n.option] = strconv.FormatInt(n.least, 10)
	}
	for _, r := range c.rates() {
		least[r.option] = strconv.FormatFloat(r.least, 'f', -1, 64)
	}
	for _, n := range c.most() {
		most[n.option] = strconv.FormatInt(n.most, 10)
	}
	for option, d := range c.longest() {
		most[option] = durationText(d)
	}
	for option, b := range c.liveBounds() {
		least[option], most[option] = b.least, b.most
		if b.zero {
			least[option] = "0"
		}
	}
	return least, most
}

func (c *Config) durations() []atLeast[time.Duration] {
	return []atLeast[time.Duration]{
		{"drain-timeout", c.DrainTimeout, time.Millisecond},
		{"tls.hsts", c.TLS.HSTS, 0},
		{"http.stall-timeout", c.HTTP.StallTimeout, 10 * time.Millisecond},
		{"http.read-header-timeout", c.HTTP.ReadHeaderTimeout, time.Millisecond},
		{"http.idle-timeout", c.HTTP.IdleTimeout, time.Millisecond},
		{"http.request-timeout", c.HTTP.RequestTimeout, time.Millisecond},
		{"socket.ping-interval", c.Socket.PingInterval, 10 * time.Millisecond},
		{"socket.ping-timeout", c.Socket.PingTimeout, 10 * time.Millisecond},
		{"socket.connect-timeout", c.Socket.ConnectTimeout, 10 * time.Millisecond},
		{"socket.upgrade-timeout", c.Socket.UpgradeTimeout, 10 * time.Millisecond},
		{"socket.write-timeout", c.Socket.WriteTimeout, 10 * time.Millisecond},
		{"chat.withdraw-window", c.Chat.WithdrawWindow, time.Second},
		{"chat.edit-window", c.Chat.EditWindow, time.Second},
		{"chat.read-mark-pause", c.Chat.ReadMarkPause, 10 * time.Millisecond},
		{"chat.typing-pause", c.Chat.TypingPause, time.Second},
		{"chat.availability-pause", c.Chat.AvailabilityPause, 100 * time.Millisecond},
		{"chat.shake-interval", c.Chat.ShakeInterval, time.Millisecond},
		{"chat.search-time", c.Chat.SearchTime, time.Millisecond},
		{"chat.friend-request-pause", c.Chat.FriendRequestPause, time.Millisecond},
		{"chat.restore-window", c.Chat.RestoreWindow, time.Second},
		{"token.ttl", c.Token.TTL, 0},
		{"auth.code-ttl", c.Auth.CodeTTL, time.Second},
		{"auth.fresh-sign-in", c.Auth.FreshSignIn, time.Second},
		{"auth.jwt-max-life", c.Auth.JWTMaxLife, time.Minute},
		{"delivery.max-wait", c.Delivery.MaxWait, time.Millisecond},
		{"cluster.lost-timeout", c.Cluster.LostTimeout, 100 * time.Millisecond},
		{"cluster.drain-spread", c.Cluster.DrainSpread, 0},
		{"audit.keep", c.Audit.Keep, time.Hour},
		{"backup.every", c.Backup.Every, time.Second},
		{"cluster.log-keep", c.Cluster.LogKeep, time.Second},
		{"upload.expiry", c.Upload.Expiry, time.Second},
		{"upload.link-life", c.Upload.LinkLife, 2 * time.Second},
		{"upload.resume", c.Upload.Resume, time.Second},
		{"upload.unused-after", c.Upload.UnusedAfter, time.Minute},
		{"upload.idle-timeout", c.Upload.IdleTimeout, 10 * time.Millisecond},
	}
}

func (c *Config) numbers() []atLeast[int64] {
	return []atLeast[int64]{
		{"http.max-connections", int64(c.HTTP.MaxConnections), 0},
		{"http.max-waiting", int64(c.HTTP.MaxWaiting), 0},
		{"http.max-header-bytes", int64(c.HTTP.MaxHeaderBytes), 1024},
		{"http.max-body-bytes", int64(c.HTTP.MaxBodyBytes), 1024},
		{"http.max-import-bytes", int64(c.HTTP.MaxImportBytes), 1024},
		{"socket.max-payload", int64(c.Socket.MaxPayload), 1024},
		{"socket.max-queue", int64(c.Socket.MaxQueue), 16 << 10},
		{"socket.max-sessions", int64(c.Socket.MaxSessions), 0},
		{"socket.max-per-token", int64(c.Socket.MaxPerToken), 0},
		{"socket.max-per-account", int64(c.Socket.MaxPerAccount), 0},
		{"socket.max-pending", int64(c.Socket.MaxPending), 0},
		{"socket.max-attachments", int64(c.Socket.MaxAttachments), 1},
		{"socket.max-attachment-bytes", int64(c.Socket.MaxAttachmentBytes), 1},
		{"backup.keep", int64(c.Backup.Keep), 1},
		{"backup.requests", int64(c.Backup.Requests), 1},
		{"rate.send-burst", int64(c.Rate.SendBurst), 1},
		{"rate.request-burst", int64(c.Rate.RequestBurst), 1},
		{"rate.login-burst", int64(c.Rate.LoginBurst), 1},
		{"rate.history-burst", int64(c.Rate.HistoryBurst), 1},
		{"rate.sign-in-burst", int64(c.Rate.SignInBurst), 1},
		{"rate.password-burst", int64(c.Rate.PasswordBurst), 1},
		{"rate.password-all-burst", int64(c.Rate.PasswordAllBurst), 1},
		{"rate.webhook-burst", int64(c.Rate.WebhookBurst), 1},
		{"work.reads", int64(c.Work.Reads), 1},
		{"work.reads-waiting", int64(c.Work.ReadsWaiting), 1},
		{"work.searches", int64(c.Work.Searches), 1},
		{"work.searches-waiting", int64(c.Work.SearchesWaiting), 1},
		{"work.pictures", int64(c.Work.Pictures), 1},
		{"work.pictures-waiting", int64(c.Work.PicturesWaiting), 1},
		{"work.log-ins-waiting", int64(c.Work.LoginsWaiting), 1},
		{"chat.max-text", int64(c.Chat.MaxText), 1},
		{"chat.max-object", int64(c.Chat.MaxObject), 1},
		{"chat.max-name", int64(c.Chat.MaxName), 1},
		{"chat.max-announcement", int64(c.Chat.MaxAnnouncement), 1},
		{"chat.max-page", int64(c.Chat.MaxPage), 101}, // the largest page of the host API, and one more row that shows whether another page follows
		{"chat.max-mentions", int64(c.Chat.MaxMentions), 1},
		{"chat.max-webhooks", int64(c.Chat.MaxWebhooks), 1},
		{"chat.max-top", int64(c.Chat.MaxTop), 1},
		{"chat.max-pins", int64(c.Chat.MaxPins), 1},
		{"chat.max-drafts", int64(c.Chat.MaxDrafts), 1},
		{"chat.max-draft-bytes", int64(c.Chat.MaxDraftBytes), 1},
		{"chat.max-read-marks", int64(c.Chat.MaxReadMarks), 2},
		{"chat.max-typing", int64(c.Chat.MaxTyping), 2},
		{"chat.max-status", int64(c.Chat.MaxStatus), 1},
		{"chat.max-group-members", int64(c.Chat.MaxGroupMembers), 2},
		{"chat.max-friend-requests", int64(c.Chat.MaxFriendRequests), 1},
		{"auth.min-password", int64(c.Auth.MinPassword), 1},
		{"auth.password-work", int64(c.Auth.PasswordWork), 1},
		{"auth.password-waiting", int64(c.Auth.PasswordWaiting), 1},
		{"delivery.max-queue", int64(c.Delivery.MaxQueue), 64 << 10},
		{"upload.max-image", int64(c.Upload.MaxImage), 1},
		{"upload.max-file", int64(c.Upload.MaxFile), 1},
		{"upload.max-voice", int64(c.Upload.MaxVoice), 1},
		{"upload.max-video", int64(c.Upload.MaxVideo), 1},
		{"upload.max-pixels", c.Upload.MaxPixels, 1},
		{"upload.image-workers", int64(c.Upload.ImageWorkers), 1},
		{"upload.image-memory", int64(c.Upload.ImageMemory), 1 << 20},
		{"upload.chunk", int64(c.Upload.Chunk), 64 << 10},
		{"upload.max-open", int64(c.Upload.MaxOpen), 1},
		{"store.max-batch", int64(c.Store.MaxBatch), 1},
		{"store.max-waiting", int64(c.Store.MaxWaiting), 1},
		{"store.readers", int64(c.Store.Readers), 1},
		{"store.cache", int64(c.Store.Cache), 1 << 20},
		{"memory.gc-percent", int64(c.Memory.GCPercent), 1},
	}
}

// rates are the options for which 0 means no limit.
func (c *Config) rates() []atLeast[float64] {
	return []atLeast[float64]{
		{"rate.send", c.Rate.Send, 0},
		{"rate.request", c.Rate.Request, 0},
		{"rate.login", c.Rate.Login, 0},
		{"rate.history", c.Rate.History, 0},
		{"rate.sign-in", c.Rate.SignIn, 0},
		{"rate.password", c.Rate.Password, 0},
		{"rate.password-all", c.Rate.PasswordAll, 0},
		{"rate.webhook", c.Rate.Webhook, 0},
	}
}
