package endpoint

import (
	"log/slog"
	"net/http"
	"time"

	"parley/internal/wire"
)

// Options are for all audiences. Zero values get the defaults named here.
type Options struct {
	// AllowedOrigins are the web origins that may read the answers of the audiences with CORS
	// from a browser, beside the server's own, as [origin.New] takes them.
	AllowedOrigins []string
	// OriginRefused is called for each request of a page that may not read the answer. It may be nil.
	OriginRefused func(r *http.Request) (remedy string)
	// MaxBody limits a request's body in bytes; 1 MiB.
	MaxBody int64
	// MaxDepth limits how deep a body's JSON may be nested; 32.
	MaxDepth int
	// ReadTimeout limits how long a body may take to arrive; 10 s.
	ReadTimeout time.Duration
	// Timeout limits the work on a request; 30 s.
	Timeout time.Duration
	// HistoryRate is how many requests a second an account may make to the history
	// and the client API in the long run, HistoryBurst how many at once; 40 and 200.
	// Negative: no limit.
	HistoryRate  float64
	HistoryBurst int
	// Live returns the options that can change while the server runs; nil: HistoryRate, HistoryBurst, TokenTTL and CodeTTL.
	Live func() Live
	// PublicURL is where people reach the server, without a slash at the end:
	// links begin with it.
	PublicURL string
	// PublicPath is the path of PublicURL, "" for the root: redirects and cookies are
	// for the addresses that browsers see.
	PublicPath string
	// TokenTTL is the life of an access token that is issued without one; 0: for ever.
	TokenTTL time.Duration
	// CodeTTL is the life of a sign-in code that is made without one; 10 min.
	CodeTTL time.Duration
	// Enter is called before the work on a request of [Router.Perform], and leave after it;
	// false: the server is stopping, and the request is refused. nil: no request is refused.
	Enter func() (leave func(), ok bool)
	// Now is the clock; [time.Now].
	Now func() time.Time
	// Encoder writes messages: zone and language as on the sockets.
	Encoder *wire.Encoder
	// Logger gets the server's own faults; [slog.Default].
	Logger *slog.Logger
}

// Live are the options that can change while the server runs. They have the names of their fields in [Options].
type Live struct {
	History           Rate
	TokenTTL, CodeTTL time.Duration
}

func (o Options) withDefaults() Options {
	Default(&o.MaxBody, 1<<20)
	Default(&o.MaxDepth, 32)
	Default(&o.ReadTimeout, 10*time.Second)
	Default(&o.Timeout, 30*time.Second)
	Default(&o.HistoryRate, 40)
	Default(&o.HistoryBurst, 200)
	Default(&o.CodeTTL, 10*time.Minute)
	if o.Live == nil {
		still := Live{Rate{o.HistoryRate, o.HistoryBurst}, o.TokenTTL, o.CodeTTL}
		o.Live = func() Live { return still }
	}
	if o.Enter == nil {
		o.Enter = func() (func(), bool) { return func() {}, true }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Encoder == nil {
		o.Encoder = &wire.Encoder{}
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Default sets an option that has its zero value.
func Default[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}
