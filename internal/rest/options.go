package rest

import (
	"log/slog"
	"time"

	"parley/internal/wire"
)

// Options tune the HTTP API. Zero values get the defaults named here.
type Options struct {
	// BasePath is where the history endpoints live; "/". The host API is
	// always at /v1, the documentation at /docs.
	BasePath string
	// AllowedOrigins are the web origins that may read history from a browser,
	// beside the server's own, as [origin.New] takes them. The host API never
	// answers cross-origin requests, whose secret has no place in a browser.
	AllowedOrigins []string
	// MaxBody limits a request's body in bytes; 1 MiB.
	MaxBody int64
	// MaxDepth limits how deep a body's JSON may be nested; 32.
	MaxDepth int
	// ReadTimeout limits how long a body may take to arrive; 10 s.
	ReadTimeout time.Duration
	// Timeout limits the work on a request; 30 s.
	Timeout time.Duration
	// HistoryRate is how many history requests a second an account may make in
	// the long run, HistoryBurst how many at once; 20 and 60. Negative: no limit.
	HistoryRate  float64
	HistoryBurst int
	// TokenTTL is the life of an access token that is issued without one; 0: for ever.
	TokenTTL time.Duration
	// Enter is asked before the work on a request of the host API, and leave called
	// after it; false: the server is stopping, and the request is refused. nil:
	// nobody is asked.
	Enter func() (leave func(), ok bool)
	// Encoder writes the rows of history: zone and language as on the sockets.
	Encoder *wire.Encoder
	// Logger hears of our own faults; [slog.Default].
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if o.BasePath == "" {
		o.BasePath = "/"
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 32
	}
	set(&o.ReadTimeout, 10*time.Second)
	set(&o.Timeout, 30*time.Second)
	if o.HistoryRate == 0 {
		o.HistoryRate = 20
	}
	if o.HistoryBurst == 0 {
		o.HistoryBurst = 60
	}
	if o.Enter == nil {
		o.Enter = func() (func(), bool) { return func() {}, true }
	}
	if o.Encoder == nil {
		o.Encoder = &wire.Encoder{}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}
