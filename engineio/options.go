package engineio

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"
)

// Options configure a Server. A zero or negative field means its default, which the comment of the field states.
type Options struct {
	// PingInterval is the time between two heartbeats; 25 s. The open packet contains it. The
	// client sends the pings in Engine.IO 3 and answers them in Engine.IO 4.
	PingInterval time.Duration
	// PingTimeout is the time in which the peer must answer a ping; 20 s.
	PingTimeout time.Duration
	// MaxPayload is the largest accepted WebSocket message or POST body, in
	// bytes; 1,000,000. A larger one closes the session.
	MaxPayload int
	// MaxQueue is the largest number of outbound bytes in the queue of a session, each frame
	// counted as by Frame.Size; 4 MiB. A longer queue closes the session with CloseSlowConsumer.
	// So it also limits the size of a message.
	MaxQueue int
	// UpgradeTimeout is the time for the upgrade of a session, from the opening of its
	// WebSocket; 10 s. After it the WebSocket is closed, and the session continues to poll.
	UpgradeTimeout time.Duration
	// WriteTimeout is the time after which a peer is closed that accepts no bytes, or that has
	// not delivered the whole body of a POST; 30 s.
	WriteTimeout time.Duration
	// MaxSessions limits the number of open sessions; 0 means no limit. Further handshakes are
	// answered with HTTP 503.
	MaxSessions int
	// Headers names the fields of the opening request that Handshake.Header keeps; nil keeps all. Browsers and proxies
	// send kilobytes of headers that most handlers do not use.
	Headers []string
	// AllowedOrigins lists the origins of pages that may connect, in addition to pages of the
	// same host; see [origin.New] for the syntax. Listed origins may send credentials. For
	// pages that only "*" allows, Handshake.Header has no Cookie. It has none either for a
	// request without an Origin header that comes from another site according to
	// Sec-Fetch-Site.
	AllowedOrigins []string
	// OriginRefused is called for each request that is refused because of its origin. The text
	// that it returns is added to the answer. It may be nil.
	OriginRefused func(r *http.Request) (remedy string)
	// Cookie is the name of a cookie with the session id, for load balancers with sticky
	// sessions; "" sets no cookie.
	Cookie string
	// CookiePath is the Path of that cookie; "/".
	CookiePath string
	// CookieSecure marks that cookie as Secure. The cookie is always Secure on requests for which
	// [origin.IsSecure] is true.
	CookieSecure bool
	// JSONP serves JSONP to clients of Engine.IO 3; otherwise a request for it is answered with
	// HTTP 400. Any page can read the answers of JSONP, so Handshake.Header then has no Cookie.
	JSONP bool
	// Node is the name of this server among several that serve the same clients: letters, digits, - and _. Each session id
	// begins with it. "" means that this is the only server.
	Node string
	// Forward passes a request of a session of another node on to [Server.ServeForwarded] of that node, and writes the
	// answer. If it cannot, it returns false and has written nothing; the answer is then that the session is unknown. The
	// request has passed the checks of this server, and the headers for CORS are set. If Forward is nil, sessions of other
	// nodes are unknown.
	Forward func(node string, w http.ResponseWriter, r *http.Request) bool
	// FanoutShards is the number of goroutines that write broadcasts; GOMAXPROCS.
	FanoutShards int
	// Goroutines makes a goroutine of its own read each WebSocket. Otherwise, on Linux, few goroutines read all WebSockets without
	// TLS by epoll, which needs less memory and processor time; see [Session.Yield].
	Goroutines bool
	// Logger receives the panics of the handler; slog.Default().
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	setDefault(&o.PingInterval, 25*time.Second)
	setDefault(&o.PingTimeout, 20*time.Second)
	setDefault(&o.MaxPayload, 1_000_000)
	setDefault(&o.MaxQueue, 4<<20)
	setDefault(&o.UpgradeTimeout, 10*time.Second)
	setDefault(&o.WriteTimeout, 30*time.Second)
	setDefault(&o.FanoutShards, runtime.GOMAXPROCS(0))
	if o.CookiePath == "" {
		o.CookiePath = "/"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
