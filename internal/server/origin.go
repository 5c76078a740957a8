package server

import (
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"parley/engineio/origin"
	"parley/internal/config"
)

// allowedOrigins lists the origins whose pages may connect: those of the
// configuration, and the origin of public-url, which often differs from the Host
// header behind a proxy.
func allowedOrigins(c config.Config) []string {
	allowed := c.Socket.AllowedOrigins
	if public := origin.Of(c.PublicURL); public != "" {
		allowed = append([]string{public}, allowed...)
	}
	return allowed
}

// pictureOrigins lists where the web client loads pictures from: its own server
// under every name, and what the option allows.
func (s *Server) pictureOrigins() []string {
	own := []string{}
	if public := origin.Of(s.config.PublicURL); public != "" {
		own = append(own, public)
	}
	return append(own, s.config.HTTP.PictureOrigins...)
}

// LoopbackOrigins lists the origins of pages of this machine, for a server that only
// this machine uses.
func LoopbackOrigins() []string { return origin.Loopback() }

// Limits of what is logged about refused pages, because anybody can send an Origin.
const (
	maxRefusedOrigins = 100
	maxOriginLength   = 200
	forgetOrigins     = time.Hour // after that, an origin is logged again
)

// refusedOrigins logs each origin that is refused once an hour, with what to do about it.
type refusedOrigins struct {
	log *slog.Logger

	mu     sync.Mutex
	logged map[string]bool
	since  time.Time // of the first in logged
}

func newRefusedOrigins(log *slog.Logger) *refusedOrigins {
	return &refusedOrigins{log: log, logged: make(map[string]bool)}
}

// remedyForPage stands in the log and in the answer to the page.
const remedyForPage = "if people open the chat at this origin, set public-url to its address; " +
	"if it is another page of yours, add its origin to socket.allowed-origins"

// refused logs the request's origin if it is a new one. It returns the text for the answer.
func (o *refusedOrigins) refused(r *http.Request) (remedy string) {
	page := loggedOrigin(r.Header.Get("Origin"))
	if o.isNew(page, time.Now()) {
		o.log.Warn("a page was refused because of its origin", "origin", page, "host", r.Host,
			"remedy", remedyForPage+"; a proxy should pass the Host header on as it came (nginx: proxy_set_header Host $http_host)")
	}
	return remedyForPage
}

// loggedOrigin is what the log says of an Origin header: scheme, host and port. Only
// odd clients send more, and that may be a secret.
func loggedOrigin(header string) string {
	if header == "null" {
		return header
	}
	u, err := url.Parse(header)
	if err != nil || u.Scheme == "" || u.Host == "" || len(header) > maxOriginLength || header != u.Scheme+"://"+u.Host {
		return "malformed"
	}
	return header
}

func (o *refusedOrigins) isNew(page string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.since) >= forgetOrigins {
		clear(o.logged)
		o.since = now
	}
	if o.logged[page] || len(o.logged) >= maxRefusedOrigins {
		return false
	}
	o.logged[page] = true
	return true
}
