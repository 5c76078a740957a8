package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"parley/internal/chat"
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
	// SignInRate is how many wrong passwords a second may come from one address for
	// all accounts together, how many wrong codes until it is told to wait (a right code is never refused), and how
	// many e-mail addresses that are nobody's one account may look for; SignInBurst
	// how many at once; 0.5 and 30. Negative: no limit.
	SignInRate  float64
	SignInBurst int
	// PasswordRate is how many wrong passwords a second one e-mail address may get from
	// one address, or from one known device, PasswordBurst how many at once; 0.05 and 10. Negative: no limit.
	PasswordRate  float64
	PasswordBurst int
	// PasswordAllRate is how many wrong passwords a second one e-mail address may get from all
	// devices that are not known, PasswordAllBurst how many at once; 0.02 and 100. Negative: no limit.
	PasswordAllRate  float64
	PasswordAllBurst int
	// DeviceKey signs the cookie of known devices; empty: one that ends with the process.
	DeviceKey []byte
	// PublicURL is where people reach the server, without a slash at the end:
	// links begin with it.
	PublicURL string
	// PublicPath is the path of PublicURL, "" for the root: redirects and cookies are
	// for the addresses that browsers see.
	PublicPath string
	// CodeTTL is the life of a sign-in code that is made without one; 10 min.
	CodeTTL time.Duration
	// Providers are who else may say who somebody is.
	Providers []Provider
	// Client is what clients are told before they sign in.
	Client ClientConfig
	// ClientApp is the application whose client people sign in with.
	ClientApp chat.AppID
	// TokenTTL is the life of an access token that is issued without one; 0: for ever.
	TokenTTL time.Duration
	// Enter is asked before the work on a request of the host API, and leave called
	// after it; false: the server is stopping, and the request is refused. nil:
	// nobody is asked.
	Enter func() (leave func(), ok bool)
	// Now is the clock; [time.Now].
	Now func() time.Time
	// Avatar makes a public picture of an image that the account has uploaded and
	// returns its address; what is wrong with the image it refuses as
	// [chat.Invalid] "avatar". nil: clients cannot change pictures.
	Avatar func(ctx context.Context, by chat.AccountID, key string) (address string, err error)
	// Files is where uploads and downloads are; nil: there are none.
	Files *FileStore
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
		o.HistoryRate = 40
	}
	if o.HistoryBurst == 0 {
		o.HistoryBurst = 200
	}
	setDefault(&o.SignInRate, 0.5)
	setDefault(&o.SignInBurst, 30)
	setDefault(&o.PasswordRate, 0.05)
	setDefault(&o.PasswordBurst, 10)
	setDefault(&o.PasswordAllRate, 0.02)
	setDefault(&o.PasswordAllBurst, 100)
	set(&o.CodeTTL, 10*time.Minute)
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

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
