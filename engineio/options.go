package engineio

import (
	"log/slog"
	"net/http"
	"runtime"
	"time"
)

// Options configure a Server. A field that is zero or negative has its default.
type Options struct {
	// PingInterval is the time between two heartbeats; 25 s. It is told to the
	// client, which sends the pings in Engine.IO 3 and answers them in Engine.IO 4.
	PingInterval time.Duration
	// PingTimeout is how long the other end may take to answer a ping; 20 s.
	PingTimeout time.Duration
	// MaxPayload is the largest accepted WebSocket message or POST body, in
	// bytes; 1,000,000. A larger one closes the session.
	MaxPayload int
	// MaxQueue is how many outbound bytes may wait in one session, each frame counted as Frame.Size
	// does; 4 MiB. One more closes it with CloseSlowConsumer. It is also the largest message that can be
	// sent safely.
	MaxQueue int
	// UpgradeTimeout is how long the upgrade of a session may take from the
	// opening of its WebSocket; 10 s. Past it the WebSocket is closed and polling goes on.
	UpgradeTimeout time.Duration
	// WriteTimeout closes a peer that takes nothing for so long, or that takes
	// longer to deliver the body of a POST; 30 s.
	WriteTimeout time.Duration
	// MaxSessions limits the sessions open at once; 0 is no limit. Past it a
	// handshake is answered with HTTP 503.
	MaxSessions int
	// Headers names those of the opening request that Handshake.Header keeps; nil keeps all. What browsers and proxies
	// send with every request is kilobytes that most handlers never look at.
	Headers []string
	// AllowedOrigins lists the origins whose pages may connect beside those of the
	// same host, as [origin.New] takes them. Listed pages are allowed with
	// credentials; pages that only "*" allows are not, and Handshake.Header then
	// has no Cookie. It has none either for a request without an Origin header that
	// comes from another site according to Sec-Fetch-Site.
	AllowedOrigins []string
	// OriginRefused is called for each request that is refused because of its origin. The text
	// that it returns is added to the answer. It may be nil.
	OriginRefused func(r *http.Request) (remedy string)
	// Cookie names a cookie that carries the session id, for load balancers that
	// stick on it; "" sets none.
	Cookie string
	// CookiePath is the Path of that cookie; "/".
	CookiePath string
	// CookieSecure marks that cookie Secure. The cookie is always Secure on requests for which
	// [origin.IsSecure] is true.
	CookieSecure bool
	// JSONP serves JSONP to clients of Engine.IO 3; otherwise a request for it is answered with
	// HTTP 400. Any page can read what JSONP answers, so Handshake.Header has no Cookie there.
	JSONP bool
	// Node is the name of this server among several that serve the same clients: letters, digits, - and _. Each session id
	// begins with it. "" is for a server alone.
	Node string
	// Forward passes a request of a session of another node on to that node's [Server.ServeForwarded] and answers it. It
	// returns false, without having answered, if it cannot: the client is then told that the session is unknown. The
	// request has passed the checks of this server, and the headers for CORS are set. nil: sessions of other nodes are unknown.
	Forward func(node string, w http.ResponseWriter, r *http.Request) bool
	// FanoutShards is how many workers write broadcasts; GOMAXPROCS.
	FanoutShards int
	// Logger gets what somebody must act on: panics of the handler. slog.Default().
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
