package config

import (
	"net/url"
	"strings"
	"time"
)

// Config is every option. A key in the file is the flag's name with each dot
// opening a level: --socket.ping-interval is ping-interval below socket.
type Config struct {
	Listen       string        `group:"Server" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the one listener: sockets, host API, history. Port 0 takes a free one."`
	PublicURL    string        `group:"Server" name:"public-url" placeholder:"URL" help:"Address under which people reach the server, like https://chat.example.test or, below a path, https://www.example.test/chat/. Links, addresses of files and cookies follow it, and pages of its origin may connect. With a path everything is served below the path, whether a proxy passes the path on or removes it. Empty: http:// and the address that is listened on."`
	Name         string        `group:"Server" default:"parley" placeholder:"NAME" help:"What the web client calls this server."`
	Data         string        `group:"Server" default:"data" placeholder:"FOLDER" help:"Folder of the database. Made when it is missing."`
	Language     string        `group:"Server" default:"en" enum:"en,zh" help:"Language of system messages and of the notice that replaces a withdrawn message: en or zh."`
	TimeZone     string        `group:"Server" default:"Local" placeholder:"ZONE" help:"Zone of the time strings that clients get, by its IANA name; Local is the machine's. Changing it later shifts every string already shown."`
	DefaultApp   string        `group:"Server" placeholder:"KEY" help:"Application key of clients that name none. Empty: such clients are refused."`
	DrainTimeout time.Duration `group:"Server" default:"10s" placeholder:"DURATION" help:"How long a stopping server may take to finish and acknowledge what is in flight."`

	Log      Log      `embed:"" prefix:"log." group:"Log"`
	Metrics  Metrics  `embed:"" prefix:"metrics." group:"Metrics"`
	HTTP     HTTP     `embed:"" prefix:"http." group:"HTTP"`
	Socket   Socket   `embed:"" prefix:"socket." group:"Sockets"`
	Rate     Rate     `embed:"" prefix:"rate." group:"Rate limits"`
	Work     Work     `embed:"" prefix:"work." group:"Work of one account"`
	Chat     Chat     `embed:"" prefix:"chat." group:"Chat"`
	Token    Token    `embed:"" prefix:"token." group:"Access tokens"`
	Auth     Auth     `embed:"" prefix:"auth." group:"Sign-in"`
	Blob     string   `group:"Uploads" default:"disk" enum:"disk,qiniu,s3" help:"Where files are: disk, in the data folder; qiniu, at Qiniu Kodo; s3, at a storage service that speaks S3. Clients upload to and download from a service directly, by what this server signs."`
	Upload   Upload   `embed:"" prefix:"upload." group:"Uploads"`
	Store    Store    `embed:"" prefix:"store." group:"Store"`
	Delivery Delivery `embed:"" prefix:"delivery." group:"Delivery"`
	Memory   Memory   `embed:"" prefix:"memory." group:"Memory"`
}

// BasePath returns the path of public-url below which everything is served,
// without a slash at the end: "/chat"; "" for the root of the host.
func (c *Config) BasePath() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// Log says what is written to standard error, and how.
type Log struct {
	Format string `default:"auto" enum:"auto,text,json" help:"text, json, or auto: text on a terminal and JSON otherwise."`
	Level  string `default:"info" enum:"debug,info,warn,error" help:"The least important level that is written: debug, info, warn or error."`
}

// Metrics is the listener for Prometheus.
type Metrics struct {
	Listen string `default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Address of /metrics, a listener of its own. Whoever reaches it sees all figures: keep it private. Empty: none."`
}

// HTTP limits every request before anybody looks at what it says.
type HTTP struct {
	MaxConnections    int           `default:"20000" help:"Open connections that are not WebSockets. Past the limit a new connection closes the one that has waited longest for a complete request, if that is at least a second; otherwise new connections wait in the kernel's queue. 0: no limit."`
	MaxWaiting        int           `default:"4096" help:"Of these, connections without a complete request: silent, half-open and kept-alive ones, and those whose body has not arrived yet. Past the limit the one that has waited longest is closed, so that they cannot keep others out. 0: no limit."`
	ReadHeaderTimeout time.Duration `default:"10s" placeholder:"DURATION" help:"How long a client may take to send a request's header."`
	IdleTimeout       time.Duration `default:"75s" placeholder:"DURATION" help:"How long a connection is kept between two requests."`
	MaxHeaderBytes    Bytes         `default:"16KiB" placeholder:"SIZE" help:"Size of a request's header, its line included."`
	MaxBodyBytes      Bytes         `default:"1MiB" placeholder:"SIZE" help:"Size of a request's body to the host API."`
	RequestTimeout    time.Duration `default:"30s" placeholder:"DURATION" help:"How long the work on a request to the host API or the history may take."`
	TrustedProxies    []string      `placeholder:"CIDR,…" help:"Networks of proxies whose headers are believed: X-Forwarded-For for the client's address, X-Forwarded-Host for the host of the page, and X-Forwarded-Proto for its scheme. Empty: none."`
	PictureOrigins    []string      `placeholder:"ORIGIN,…" help:"Origins from which the web client loads pictures, sound and films, beside this server and its storage service: exact (https://cdn.example.test), with a * for the first part of the host (https://*.example.test), or * for all. Loading a picture tells its host who reads which message and when, so from other origins nothing is loaded, and a link stands in its place. Empty: none."`
	HistoryPath       string        `default:"/" placeholder:"PATH" help:"Where the history lies: chat_list and its siblings below it."`
}

// Socket is the transport of Socket.IO.
type Socket struct {
	Paths              []string      `default:"/socket.io/,/mds2/" placeholder:"PATH,…" help:"Paths that clients connect to."`
	AllowedOrigins     []string      `placeholder:"ORIGIN,…" help:"Origins of web pages that may connect and read the history, beside pages of the same host and of public-url: exact, with a * for a part of the host or for the port (https://*.example.test, http://localhost:*), or * for all. Pages that only * allows connect without the browser's cookies; clients of the 1.x and 2.x generations, which always send them, can then not poll: list their origins."`
	PingInterval       time.Duration `default:"25s" placeholder:"DURATION" help:"Time between heartbeats."`
	PingTimeout        time.Duration `default:"20s" placeholder:"DURATION" help:"How long an answer to a heartbeat may take before the connection is given up."`
	ConnectTimeout     time.Duration `default:"45s" placeholder:"DURATION" help:"How long a client of Engine.IO 4 may be connected without joining a namespace."`
	UpgradeTimeout     time.Duration `default:"10s" placeholder:"DURATION" help:"How long the change from polling to WebSocket may take."`
	WriteTimeout       time.Duration `default:"30s" placeholder:"DURATION" help:"How long a client may read none of the data that waits for it, and how long the body of its request may take to arrive. After that its connection is closed. Uploads have upload.idle-timeout instead."`
	MaxPayload         Bytes         `default:"1000000" placeholder:"SIZE" help:"Size of one message from a client, and of the body of a polling request."`
	MaxQueue           Bytes         `default:"4MiB" placeholder:"SIZE" help:"What may wait for one client. Past it the client is closed as too slow."`
	MaxSessions        int           `default:"0" help:"Connected clients; past it new ones get 503. 0: no limit."`
	MaxPerToken        int           `default:"50" help:"Connections of one token: each window of a browser is one. One more is refused with too many connections, and those that are there stay. 0: no limit."`
	MaxPerAccount      int           `default:"200" help:"Connections of one account with all its tokens. 0: no limit."`
	MaxPending         int           `default:"4096" help:"Of these, clients that have joined no namespace and wait for no answer. Past it the one that has been so for longest is closed, so that they cannot keep others out; each may hold http.max-header-bytes of memory. 0: no limit."`
	MaxAttachments     int           `default:"10" help:"Binary attachments of one event."`
	MaxAttachmentBytes Bytes         `default:"1000000" placeholder:"SIZE" help:"Size of all attachments of one event together."`
	Cookie             string        `placeholder:"NAME" help:"Name of a cookie with the connection's id, for load balancers that stick on it. It is Secure where public-url begins with https:// or a trusted proxy says https. Empty: none is set."`
	JSONP              bool          `name:"jsonp" default:"false" negatable:"" help:"Serve JSONP polling to Engine.IO 3 clients in browsers without CORS. Any page can read such answers, so the cookie md_pss_id logs nobody in there."`
}

// Rate limits are token buckets: so many a second on average, so many at once.
type Rate struct {
	Send          float64 `default:"50" help:"Requests a second of one account that others see the effect of: messages, withdrawals, shakes. 0: no limit."`
	SendBurst     int     `default:"500" help:"The same, at once."`
	Request       float64 `default:"100" help:"Requests a second of one account that read, and as many that do everything else. 0: no limit."`
	RequestBurst  int     `default:"1000" help:"The same, at once."`
	Login         float64 `default:"100" help:"Refused log-ins of sockets a second from one address. Past the limit, refused log-ins are answered too many requests; good log-ins are never refused. An IPv6 address counts as its /64. 0: no limit."`
	LoginBurst    int     `default:"1000" help:"The same, at once."`
	History       float64 `default:"40" help:"Requests a second of one account to the history and the client API, and uploads that it begins, together. 0: no limit."`
	HistoryBurst  int     `default:"200" help:"The same, at once."`
	SignIn        float64 `default:"0.5" help:"Wrong passwords a second from one address for all accounts together; an IPv6 address counts as its /64. Past the limit, passwords from that address are refused, except those of known devices. It also bounds wrong sign-in codes (a good code is never refused) and friend requests of one account to e-mail addresses without an account. 0: no limit."`
	SignInBurst   int     `default:"30" help:"The same, at once."`
	Password      float64 `default:"0.05" help:"Wrong passwords a second for one e-mail address from one address, or from one known device. A known device has signed in to the account before. 0: no limit."`
	PasswordBurst int     `default:"10" help:"The same, at once."`

	PasswordAll      float64 `default:"0.02" help:"Wrong passwords a second for one e-mail address from all devices that are not known: a bound on guessing from many addresses. 0: no limit."`
	PasswordAllBurst int     `default:"100" help:"The same, at once."`
}

// Work bounds what one account has under way, so that it cannot take all of the
// server. Accounts that wait are served in turn, one request of each.
type Work struct {
	Reads           int `default:"2" help:"Requests of one account, or of one application of the host API, that read the database at the same time. Together they are at most store.readers."`
	ReadsWaiting    int `default:"1000" help:"Such requests that wait for their turn. One more is refused with too many requests."`
	Searches        int `default:"1" help:"Searches of one account that run at the same time. Together they are at most store.readers less one."`
	SearchesWaiting int `default:"16" help:"Such searches that wait for their turn. One more is refused with too many requests."`
	Pictures        int `default:"1" help:"Images uploaded by one account that are decoded at the same time. Together they are at most upload.image-workers."`
	PicturesWaiting int `default:"256" help:"Such images that wait for their turn. One more is refused with too many requests."`
}

// Chat limits the rules of the conversation.
type Chat struct {
	MaxText         int           `default:"20480" help:"Length of a message's text in UTF-16 units."`
	MaxObject       Bytes         `default:"16KiB" placeholder:"SIZE" help:"Size of a message's file, card or location, each as JSON."`
	MaxName         int           `default:"200" help:"Length of a name in UTF-16 units."`
	MaxAnnouncement int           `default:"5000" help:"Length of a group's announcement in UTF-16 units."`
	MaxPage         int           `default:"500" help:"Rows that one query of the database returns, at least 101. The history gives at most 500 at once, the lists of the host API and the client API at most 100, whatever this says."`
	MaxMentions     int           `default:"200" help:"Members that one group shake may name one by one."`
	MaxTop          int           `default:"10" help:"Chats that one account may keep on top."`
	MaxGroupMembers int           `default:"30000" help:"Members of one group."`
	WithdrawWindow  time.Duration `default:"5m" placeholder:"DURATION" help:"How long one's own message can be taken back."`
	ShakeInterval   time.Duration `default:"3s" placeholder:"DURATION" help:"Time between two shakes of the same person by the same person."`

	MaxFriendRequests  int           `default:"100" help:"Friend requests of one account that wait for an answer."`
	FriendRequestPause time.Duration `default:"24h" placeholder:"DURATION" help:"How long somebody who has declined a friend request cannot be asked by the same person again. A request that is taken back and made again within that time makes no second notification."`

	SearchTime time.Duration `default:"2s" placeholder:"DURATION" help:"After which a search is answered with what it has found so far."`

	RestoreWindow time.Duration `default:"60s" placeholder:"DURATION" help:"How long the current chat of a connection that broke is remembered for the same token."`
}

// Token says how access tokens are issued.
type Token struct {
	TTL time.Duration `name:"ttl" default:"720h" placeholder:"DURATION" help:"Life of an access token that is issued without one, and of what somebody gets who signs in. 0: for ever."`
}

// Auth says how people sign in to the web client.
type Auth struct {
	CodeTTL      time.Duration `name:"code-ttl" default:"10m" placeholder:"DURATION" help:"How long a sign-in code or link is good that is made without saying so."`
	JWTMaxLife   time.Duration `name:"jwt-max-life" default:"720h" placeholder:"DURATION" help:"Longest life of a JWT that an application's host signs: its exp may be this far ahead of the present and of its iat. A longer one is refused."`
	FreshSignIn  time.Duration `default:"10m" placeholder:"DURATION" help:"How long a sign-in with a code, a password or a provider proves a person's identity, so that they can set a password without the current one."`
	Passwords    bool          `default:"false" negatable:"" help:"Let people sign in with their e-mail address and a password."`
	MinPassword  int           `default:"10" help:"Characters that a password has at least."`
	PasswordWork int           `default:"2" help:"Passwords that are checked at the same time; each takes 19 MiB of memory and about 50 ms of one processor. Others wait, and their addresses are served in turn."`
	OIDC         OIDC          `embed:"" name:"oidc" prefix:"oidc."`
}

// OIDC is a provider of OpenID Connect that people sign in with.
type OIDC struct {
	Issuer       string `placeholder:"URL" help:"Address of an OpenID Connect provider, as it calls itself. Empty: none. Register PUBLIC-URL/api/sign-in/oidc/main/callback as the redirect there."`
	ClientID     string `name:"client-id" placeholder:"ID" help:"What the provider calls this server."`
	ClientSecret Secret `placeholder:"SECRET" help:"The client secret from the provider. It cannot be a flag, because the list of processes would show it. Empty: a public client, for which the provider must accept PKCE alone."`

	ClientSecretFile string `placeholder:"FILE" help:"File with the client secret, instead of auth.oidc.client-secret. A relative path is relative to the server's working directory."`

	Name         string   `default:"OpenID Connect" placeholder:"NAME" help:"What people read on the button."`
	Scopes       []string `default:"openid,profile,email" placeholder:"SCOPE,…" help:"What is asked of the provider."`
	MatchEmail   bool     `default:"false" negatable:"" help:"Let somebody who comes for the first time be the one account with their e-mail address, when the provider says that the address is verified. Only for providers whose addresses can be trusted."`
	Create       bool     `default:"false" negatable:"" help:"Make an account for somebody who has none."`
	Organization string   `placeholder:"ID" help:"Organization that accounts made so join. Empty: none, and they have no contacts."`
}

// Upload says what may be uploaded, and to whose account at a storage service.
type Upload struct {
	MaxImage     Bytes         `default:"20MiB" placeholder:"SIZE" help:"Size of an image."`
	MaxFile      Bytes         `default:"200MiB" placeholder:"SIZE" help:"Size of an attachment."`
	MaxVoice     Bytes         `default:"10MiB" placeholder:"SIZE" help:"Size of a voice message."`
	MaxVideo     Bytes         `default:"200MiB" placeholder:"SIZE" help:"Size of a video."`
	Expiry       time.Duration `default:"1h" placeholder:"DURATION" help:"How long an upload token is good. An upload must begin, and each part of one in parts, while it is."`
	LinkLife     time.Duration `default:"2h" placeholder:"DURATION" help:"How long the address of a file works at most; at least it works for half of that."`
	MaxPixels    int64         `default:"40000000" help:"Points of an image, width times height. Images that claim more are refused before anything of them is decoded."`
	ImageWorkers int           `default:"2" help:"Images that are decoded at the same time; the others wait."`
	ImageMemory  Bytes         `default:"512MiB" placeholder:"SIZE" help:"Memory that images may take together while they are decoded, at most half of memory.limit. Bytes for each point: about 2 to 6 for PNG and GIF, 10 for 16-bit PNG, up to three times that for interlaced PNG, 7 to 10 for JPEG, 13 to 26 for progressive JPEG, 4 for lossy WebP, and 15 for lossless WebP, which takes up to 192 MiB more for its codes. An image that alone would take more is shown as the original only."`
	Chunk        Bytes         `default:"4MiB" placeholder:"SIZE" help:"disk: size of the parts in which clients are told to send what is larger."`
	MaxOpen      int           `default:"32" help:"disk: uploads in parts that one account may have under way."`
	Resume       time.Duration `default:"24h" placeholder:"DURATION" help:"disk: how long an upload in parts may take before its parts are removed."`
	MaxPerDay    Bytes         `default:"0" placeholder:"SIZE" help:"disk: what one account may upload on one day of time-zone. 0: no limit."`
	MinFree      Bytes         `default:"256MiB" placeholder:"SIZE" help:"disk: space that stays free; uploads that would take of it are refused. 0: all may be used."`
	MaxEarly     Bytes         `default:"4MiB" placeholder:"SIZE" help:"disk: size of a file that comes before its token in the form, as some clients send it. It is held in memory: eight at the same time, four of one address."`
	IdleTimeout  time.Duration `default:"30s" placeholder:"DURATION" help:"How long a client may send nothing of an upload, or take nothing of a download. Before its token is known to be good, all of an upload may take four times as long."`
	AccessKey    string        `placeholder:"KEY" help:"qiniu, s3: access key."`
	SecretKey    Secret        `placeholder:"KEY" help:"qiniu, s3: secret key. It cannot be a flag, because the list of processes would show it."`

	SecretKeyFile string `placeholder:"FILE" help:"qiniu, s3: file with the secret key, instead of upload.secret-key."`

	Bucket    string `default:"parley" placeholder:"NAME" help:"Bucket that is uploaded to."`
	Endpoint  string `placeholder:"URL" help:"qiniu: where clients of its region upload; empty: https://upload.qiniup.com. s3: address of the service, without the bucket; needed."`
	Domain    string `placeholder:"URL" help:"qiniu: address of the bucket, from which is downloaded; needed."`
	Region    string `default:"us-east-1" placeholder:"NAME" help:"s3: region that is signed for."`
	PathStyle bool   `default:"true" negatable:"" help:"s3: the bucket's name stands in the path; otherwise before the host."`
}

// Store is the database.
type Store struct {
	MaxBatch   int   `default:"256" help:"Writes that may share one commit."`
	MaxWaiting int   `default:"16384" help:"Writes that may wait for the commit under way. Past it requests are refused with a database error."`
	Readers    int   `default:"4" help:"Connections that read at the same time."`
	Cache      Bytes `default:"16MiB" placeholder:"SIZE" help:"Page cache of the writing connection. Each reader has an eighth of it."`
}

// Delivery bounds what waits between a commit and the sockets.
type Delivery struct {
	MaxQueue Bytes         `default:"64MiB" placeholder:"SIZE" help:"Events that may wait to become pushes."`
	MaxWait  time.Duration `default:"100ms" placeholder:"DURATION" help:"How long a commit may be held up when that is full. After it pushes are dropped; clients read what they missed from the history."`
}

// Memory tunes Go's collector. GOGC and GOMEMLIMIT in the environment win.
type Memory struct {
	GCPercent int       `name:"gc-percent" default:"200" help:"Growth of the heap between collections in percent: more is less work and more memory."`
	Limit     AutoBytes `default:"auto" placeholder:"SIZE" help:"Memory of the whole process that Go tries to stay below. Near the limit, garbage is collected more often. auto: three quarters of the machine's memory, or of the limit of the container or cgroup if that is less; no limit if neither can be read. 0: no limit."`
}
