package config

import (
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Config has every option. In the configuration file, each dot in the name of a flag
// begins a nested level: --socket.ping-interval is ping-interval below socket.
type Config struct {
	Listen       string        `group:"Server" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on, for sockets, the web client and all HTTP APIs. Port 0 chooses a free port."`
	PublicURL    string        `group:"Server" name:"public-url" placeholder:"URL" help:"Address that people open, like https://chat.example.test or, below a path, https://www.example.test/chat/. Links, addresses of files and cookies use it, and pages of its origin may connect. If it has a path, everything is served below the path; a proxy may pass the path on or remove it. Empty: the listen address, or the first name of tls.acme.domains."`
	Name         string        `group:"Server" default:"parley" placeholder:"NAME" live:"" help:"Name of this server in the web client."`
	Data         string        `group:"Server" default:"data" placeholder:"FOLDER" help:"Folder of the database and the files. It is created if it does not exist."`
	Database     Database      `group:"Server" placeholder:"URL" help:"PostgreSQL database for everything but files, like postgres://user@db.example.test/parley; version 15 or newer. One server runs on a database, or several with bus. Put a password into PARLEY_DATABASE, the configuration file or ~/.pgpass, not on the command line. Empty: SQLite, in the data folder."`
	Bus          Bus           `group:"Server" placeholder:"URL,…" help:"NATS servers of a cluster, like nats://nats-1.example.test:4222,nats://nats-2.example.test:4222. This process is then one node of several on the same database; each has the same bus. Put a user and password, or a token, into PARLEY_BUS or the configuration file, not on the command line. Empty: this is the only server on its database."`
	Language     string        `group:"Server" default:"en" enum:"en,zh" live:"" help:"Language of system messages and of the notice that replaces a withdrawn message: en or zh."`
	TimeZone     string        `group:"Server" default:"Local" placeholder:"ZONE" live:"" help:"IANA name of the time zone for the time strings that clients get. Local is the zone of the machine. A later change shifts all times that clients have shown."`
	DefaultApp   string        `group:"Server" placeholder:"KEY" help:"Application key for clients that send none. Empty: such clients are refused."`
	DrainTimeout time.Duration `group:"Server" default:"10s" placeholder:"DURATION" help:"How long a stopping server may take to complete and acknowledge the requests that have arrived."`

	Log      Log      `embed:"" prefix:"log." group:"Log"`
	Metrics  Metrics  `embed:"" prefix:"metrics." group:"Metrics"`
	TLS      TLS      `embed:"" prefix:"tls." group:"TLS"`
	HTTP     HTTP     `embed:"" prefix:"http." group:"HTTP"`
	Socket   Socket   `embed:"" prefix:"socket." group:"Sockets"`
	Rate     Rate     `embed:"" prefix:"rate." group:"Rate limits"`
	Work     Work     `embed:"" prefix:"work." group:"Work of one account"`
	Chat     Chat     `embed:"" prefix:"chat." group:"Chat"`
	Token    Token    `embed:"" prefix:"token." group:"Access tokens"`
	Auth     Auth     `embed:"" prefix:"auth." group:"Sign-in"`
	Audit    Audit    `embed:"" prefix:"audit." group:"Audit log"`
	Mail     Mail     `embed:"" prefix:"mail." group:"Mail"`
	Backup   Backup   `embed:"" prefix:"backup." group:"Backups"`
	Blob     string   `group:"Uploads" default:"disk" enum:"disk,qiniu,s3" help:"Where files are stored: disk, in the data folder; qiniu, at Qiniu Kodo; s3, at a storage service with the S3 API. With a service, clients upload and download directly, with signatures of this server."`
	Upload   Upload   `embed:"" prefix:"upload." group:"Uploads"`
	Store    Store    `embed:"" prefix:"store." group:"Store"`
	Delivery Delivery `embed:"" prefix:"delivery." group:"Delivery"`
	Cluster  Cluster  `embed:"" prefix:"cluster." group:"Several nodes"`
	NATS     NATS     `embed:"" prefix:"nats." group:"NATS"`
	Memory   Memory   `embed:"" prefix:"memory." group:"Memory"`

	// Sources has the options that a flag, the environment or the file has set.
	Sources map[string]Source `kong:"-"`
}

// IsGiven reports whether a flag, the environment or the file has set the option.
func (c *Config) IsGiven(option string) bool { return c.Sources[option] != "" }

// SourceOf returns where the value of the option comes from.
func (c *Config) SourceOf(option string) Source {
	if s := c.Sources[option]; s != "" {
		return s
	}
	return SourceDefault
}

// AfterApply notes which options were set, and by what: a flag takes precedence over the
// environment, and the environment over the file.
func (c *Config) AfterApply(ctx *kong.Context) error {
	for _, flag := range ctx.Flags() {
		if flag.Group == nil {
			continue
		}
		source := Source("")
		if _, ok := os.LookupEnv(EnvName(flag.Name)); ok {
			source = SourceEnvironment
		}
		for _, p := range ctx.Path {
			switch {
			case p.Flag != flag:
			case !p.Resolved:
				source = SourceFlag
			case source == "":
				source = SourceFile
			}
		}
		if source != "" {
			if c.Sources == nil {
				c.Sources = map[string]Source{}
			}
			c.Sources[flag.Name] = source
		}
	}
	return nil
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

// Log configures the log on standard error.
type Log struct {
	Format string `default:"auto" enum:"auto,text,json" help:"text, json, or auto: text on a terminal and JSON otherwise."`
	Level  string `default:"info" enum:"debug,info,warn,error" help:"The least important level that is written: debug, info, warn or error."`
}

// Audit configures the log of who did what.
type Audit struct {
	Keep time.Duration `default:"9600h" placeholder:"DURATION" live:"" help:"How long the audit log keeps an entry; 9600h are 400 days. It has sign-ins and refusals, changes by administrators and by the host API, changes of groups, and exports; never a message's text or a secret."`
}

// Backup configures the backups that the server makes by itself.
type Backup struct {
	Folder string        `placeholder:"FOLDER" help:"Folder to which the server adds backups by itself, on another disk than the data. In a cluster the leading node does so, and the folder should be shared by the nodes. Empty: no backups, except by the command parley backup."`
	Every  time.Duration `default:"24h" placeholder:"DURATION" help:"Time between the beginnings of two backups."`
	Keep   int           `default:"14" help:"Number of backups that are kept. Older ones in backup.folder are removed, with the files that no other one has."`

	Files    bool `default:"true" negatable:"" help:"qiniu, s3: copy the files of messages from the storage service into each backup that does not have them yet. false: only the database, the keys and the pictures of people and groups are in a backup, for a bucket with its own versions or copies. With blob: disk a backup always has the files."`
	Requests int  `default:"8" help:"qiniu, s3: how many files a backup or a restore copies at the same time."`
}

// Metrics is the listener for Prometheus.
type Metrics struct {
	Listen string `default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Address of a separate listener for /metrics. Everybody who can reach it sees all metrics, so keep it private. Empty: no metrics."`
}

// TLS encrypts the connections of clients: with the certificate of a file, or with certificates from an ACME server.
type TLS struct {
	Certificate string `placeholder:"FILE" help:"Certificate of the server with its intermediate certificates, in PEM. With it, listen speaks TLS only. The server reads the file again when it or tls.key has changed, and on SIGHUP; connections stay. A changed pair that cannot be used is logged, and the former one stays in force. Empty: no certificate of a file; without tls.acme.domains the server speaks plain HTTP."`
	Key         string `placeholder:"FILE" help:"Key of the certificate, in PEM. Only the user of the server should be able to read it."`

	ACME ACME `embed:"" name:"acme" prefix:"acme."`

	Redirect string        `placeholder:"HOST:PORT" help:"Address of a second listener without TLS, like :80. It redirects to the address with https, for the names of tls.acme.domains, of public-url and of the certificate, and answers the ACME server. Empty: none."`
	HSTS     time.Duration `name:"hsts" default:"0" placeholder:"DURATION" help:"How long browsers use only TLS for this host name once they have opened it (the header Strict-Transport-Security). Begin with a short time: a browser cannot be told otherwise without TLS. 0: no header."`
}

// IsOn reports whether the listener speaks TLS.
func (t *TLS) IsOn() bool { return t.Certificate != "" || len(t.ACME.Domains) > 0 }

// ACME is a certificate authority that issues certificates automatically (RFC 8555).
type ACME struct {
	Domains   []string `placeholder:"NAME,…" help:"Host names for which the server gets certificates from an ACME server, like chat.example.test. Each gets its own certificate, which is renewed when a third of its life is left, 30 days before its end at the earliest; connections stay. The ACME server must reach port 443 of the names at listen, or port 80 at tls.redirect. The option means that you agree to the terms of the ACME server."`
	Email     string   `placeholder:"ADDRESS" help:"E-mail address for the account at the ACME server. Empty: none."`
	Directory string   `default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL" help:"Directory of the ACME server. The default is Let's Encrypt."`
	CA        string   `name:"ca" placeholder:"FILE" help:"Root certificates by which the connection to a private ACME server is checked, in PEM. Empty: the authorities that the system trusts."`
}

// HTTP has the limits that apply to every request before its content is read.
type HTTP struct {
	MaxConnections    int           `default:"20000" help:"Maximum number of open connections that are not WebSockets. Above it a new connection closes a silent one: the one without a complete request that has been silent longest, at least a second; otherwise the one whose answer has stalled longest, see http.stall-timeout. If there is none, new connections wait in the kernel's queue. 0: no limit."`
	MaxWaiting        int           `default:"4096" help:"Maximum number of these connections without a complete request: silent, half-open and kept-alive ones, and those whose body has not arrived yet. Above it the one that has waited longest is closed, so that they cannot keep others out. Above the same number of connections whose answer is being sent, one that has stalled is closed. 0: no limit."`
	StallTimeout      time.Duration `default:"15s" placeholder:"DURATION" help:"A connection has stalled if its client takes less than 4 KiB of an answer in this time. It is then closed when a new connection needs its place. While the server stops, two seconds are enough. Otherwise socket.write-timeout and upload.idle-timeout limit it. Slow clients are recognized exactly on Linux; on other systems the kernel reports late what a slow client has taken."`
	ReadHeaderTimeout time.Duration `default:"10s" placeholder:"DURATION" help:"How long a client may take to send a request's header."`
	IdleTimeout       time.Duration `default:"75s" placeholder:"DURATION" help:"How long a connection is kept between two requests."`
	MaxHeaderBytes    Bytes         `default:"16KiB" placeholder:"SIZE" help:"Maximum size of a request's header, including the request line."`
	MaxBodyBytes      Bytes         `default:"1MiB" placeholder:"SIZE" help:"Maximum size of the body of a host API request."`
	MaxImportBytes    Bytes         `default:"16MiB" placeholder:"SIZE" help:"Maximum size of the body of an import of people from CSV. The preview of the administration sends the whole file: 30,000 people are 3 to 6 MiB."`
	RequestTimeout    time.Duration `default:"30s" placeholder:"DURATION" help:"How long the server may work on a request to the host API or the history."`
	TrustedProxies    []string      `placeholder:"CIDR,…" help:"Networks of the proxies whose headers are trusted: X-Forwarded-For for the address of the client, X-Forwarded-Host and X-Forwarded-Proto for the host and the scheme of the page. Empty: no proxy is trusted."`
	PictureOrigins    []string      `placeholder:"ORIGIN,…" help:"Origins from which the web client loads pictures, sound and video, besides this server and its storage service: exact (https://cdn.example.test), with a * for the first part of the host (https://*.example.test), or * for all. Loading a picture tells its host who reads which message and when. Therefore nothing is loaded from other origins, and a link is shown instead. Empty: no other origins."`
	HistoryPath       string        `default:"/" placeholder:"PATH" help:"Base path of the history: chat_list and the other history endpoints are below it."`
}

// Socket is the transport of Socket.IO.
type Socket struct {
	Paths              []string      `default:"/socket.io/,/mds2/" placeholder:"PATH,…" help:"Paths that clients connect to."`
	AllowedOrigins     []string      `placeholder:"ORIGIN,…" help:"Origins of web pages that may connect and read the history, besides pages of the same host and of public-url: exact, with a * for a part of the host or for the port (https://*.example.test, http://localhost:*), or * for all. Pages that are allowed only by * connect without the browser's cookies. Clients of the generations 1.x and 2.x always send cookies, so they cannot poll from such pages: list their origins."`
	PingInterval       time.Duration `default:"25s" placeholder:"DURATION" help:"Time between heartbeats."`
	PingTimeout        time.Duration `default:"20s" placeholder:"DURATION" help:"How long an answer to a heartbeat may take before the connection is closed."`
	ConnectTimeout     time.Duration `default:"45s" placeholder:"DURATION" help:"How long a client of Engine.IO 4 may be connected without joining a namespace."`
	UpgradeTimeout     time.Duration `default:"10s" placeholder:"DURATION" help:"How long the change from polling to WebSocket may take."`
	WriteTimeout       time.Duration `default:"30s" placeholder:"DURATION" help:"How long a client may take less than 4 KiB of an answer, how long it may take for the next 64 KiB of the data for its WebSocket to be written, and how long the body of its request may take to arrive. After that its connection is closed. Uploads have upload.idle-timeout instead."`
	MaxPayload         Bytes         `default:"1000000" placeholder:"SIZE" help:"Maximum size of one message from a client, and of the body of a polling request."`
	MaxQueue           Bytes         `default:"4MiB" placeholder:"SIZE" help:"Maximum size of the data that waits for one client. Above it the client is closed as too slow."`
	MaxSessions        int           `default:"0" help:"Maximum number of connected clients. Further ones get 503. 0: no limit."`
	MaxPerToken        int           `default:"50" live:"" unit:"connections" help:"Maximum number of connections of one token; each window of a browser is one. Further ones are refused with too many connections, and existing ones stay. 0: no limit."`
	MaxPerAccount      int           `default:"200" live:"" unit:"connections" help:"Maximum number of connections of one account with all its tokens. 0: no limit."`
	MaxPending         int           `default:"4096" help:"Maximum number of connected clients that have not joined a namespace and do not wait for an answer. Above it the oldest one is closed, so that they cannot keep others out. Each can hold http.max-header-bytes of memory. 0: no limit."`
	MaxAttachments     int           `default:"10" help:"Maximum number of binary attachments of one event."`
	MaxAttachmentBytes Bytes         `default:"1000000" placeholder:"SIZE" help:"Maximum size of all attachments of one event together."`
	Epoll              bool          `default:"true" negatable:"" help:"Read the WebSockets of all clients with few goroutines, by epoll. This takes less memory and processor time than a goroutine for each. It applies to Linux and to connections that reach this server without TLS; all others have a goroutine each."`
	Cookie             string        `placeholder:"NAME" help:"Name of a cookie with the id of the connection, for sticky sessions of load balancers. It is Secure if public-url begins with https:// or a trusted proxy says https. Empty: no cookie."`
	JSONP              bool          `name:"jsonp" default:"false" negatable:"" help:"Serve JSONP polling to Engine.IO 3 clients in browsers without CORS. Any page can read such answers, so the cookie md_pss_id is ignored there."`
}

// Rate limits are token buckets: a number of requests per second on average, and a number at once.
type Rate struct {
	Send          float64 `default:"50" live:"" unit:"per second" help:"Requests of one account per second that have an effect on others: messages, withdrawals, shakes. 0: no limit."`
	SendBurst     int     `default:"500" live:"" unit:"at once" help:"How many such requests may come at once."`
	Request       float64 `default:"100" live:"" unit:"per second" help:"Requests of one account per second that read, and the same number of all other requests. 0: no limit."`
	RequestBurst  int     `default:"1000" live:"" unit:"at once" help:"How many such requests may come at once."`
	Login         float64 `default:"100" live:"" unit:"per second" help:"Refused log-ins of sockets per second from one address. Above the limit, they are answered with too many requests; correct log-ins are never refused. An IPv6 address counts as its /64. 0: no limit."`
	LoginBurst    int     `default:"1000" live:"" unit:"at once" help:"How many such refused log-ins may come at once."`
	History       float64 `default:"40" live:"" unit:"per second" help:"Requests of one account per second to the history and the client API, including starts of uploads. 0: no limit."`
	HistoryBurst  int     `default:"200" live:"" unit:"at once" help:"How many such requests may come at once."`
	SignIn        float64 `default:"0.5" live:"" unit:"per second" help:"Wrong passwords per second from one address for all accounts together; an IPv6 address counts as its /64. Above the limit, passwords from that address are refused, except from known devices. The limit also applies to wrong sign-in codes and links (a correct one is never refused), to sign-in links that are requested by mail, and to friend requests of one account to e-mail addresses without an account. 0: no limit."`
	SignInBurst   int     `default:"30" live:"" unit:"at once" help:"How many such wrong passwords may come at once."`
	Password      float64 `default:"0.05" live:"" unit:"per second" help:"Wrong passwords per second for one e-mail address from one network address, or from one known device. A known device has signed in to the account before. 0: no limit."`
	PasswordBurst int     `default:"10" live:"" unit:"at once" help:"How many such wrong passwords may come at once."`

	PasswordAll      float64 `default:"0.02" live:"" unit:"per second" help:"Wrong passwords per second for one e-mail address from all devices that are not known. This limits guessing from many network addresses. 0: no limit."`
	PasswordAllBurst int     `default:"100" live:"" unit:"at once" help:"How many such wrong passwords may come at once."`

	Webhook      float64 `default:"1" help:"Requests per second to one incoming webhook. Further requests are refused with the error that their format has for too many requests. With several nodes, each node has this limit. 0: no limit."`
	WebhookBurst int     `default:"60" help:"How many such requests may come at once."`
}

// Work limits the concurrent work of one account, so that it cannot occupy the whole
// server. Waiting accounts are served in turn, one request of each.
type Work struct {
	Reads           int `default:"2" help:"How many requests of one account, or of one application of the host API, read the database at the same time. The requests of all accounts together are at most store.readers."`
	ReadsWaiting    int `default:"1000" help:"How many such requests may wait for their turn. Further ones are refused with too many requests."`
	Searches        int `default:"1" help:"How many searches of one account run at the same time. The searches of all accounts together are at most store.readers minus one."`
	SearchesWaiting int `default:"16" help:"How many such searches may wait for their turn. Further ones are refused with too many requests."`
	Pictures        int `default:"1" help:"How many images uploaded by one account are decoded at the same time. The images of all accounts together are at most upload.image-workers."`
	PicturesWaiting int `default:"256" help:"How many such images may wait for their turn. Further ones are refused with too many requests."`
	LoginsWaiting   int `name:"log-ins-waiting" default:"4096" help:"How many log-ins from one address may wait for the database. An IPv6 address counts as its /64. Further ones are refused with too many requests; the connections of sockets are closed, so that clients reconnect. Addresses are served in turn. Behind a proxy that http.trusted-proxies does not name, all clients share its address."`
}

// Chat limits the rules of the conversation.
type Chat struct {
	MaxText         int           `default:"20480" live:"" unit:"characters" help:"Maximum length of the text of a message, in UTF-16 units."`
	MaxObject       Bytes         `default:"16KiB" placeholder:"SIZE" help:"Maximum size of the file, card or location of a message, each as JSON."`
	MaxName         int           `default:"200" help:"Maximum length of a name, in UTF-16 units."`
	MaxAnnouncement int           `default:"5000" help:"Maximum length of the announcement of a group, in UTF-16 units."`
	MaxPage         int           `default:"500" help:"Maximum number of rows of one database query, at least 101. Independently of this, the history returns at most 500 rows, and the lists of the host API and the client API at most 100."`
	MaxMentions     int           `default:"200" help:"Maximum number of members that one group shake may name individually."`
	MaxWebhooks     int           `default:"20" help:"Maximum number of incoming webhooks of one group."`
	MaxTop          int           `default:"10" live:"" unit:"chats" help:"Maximum number of chats that one account may keep on top."`
	MaxPins         int           `default:"50" live:"" unit:"messages" help:"Maximum number of pinned messages of one chat."`
	MaxDrafts       int           `default:"100" live:"" unit:"chats" help:"Maximum number of drafts of one account that are kept for all its devices. A client keeps further drafts on its device only."`
	MaxDraftBytes   Bytes         `default:"512KiB" placeholder:"SIZE" help:"Maximum total size of the drafts of one account, including the notes of clients. At most an eighth of socket.max-queue, because a client gets all drafts in one answer."`
	MaxGroupMembers int           `default:"30000" live:"" unit:"people" help:"Maximum number of members of one group."`
	WithdrawWindow  time.Duration `default:"5m" placeholder:"DURATION" live:"" help:"How long people can withdraw their own messages."`
	EditWindow      time.Duration `default:"24h" placeholder:"DURATION" live:"" help:"How long people can edit their own messages."`
	HideRevisions   bool          `default:"false" live:"" help:"Only the author of an edited message can read its former texts. Otherwise everybody who can read the message can read them, too."`
	HideReadMarks   bool          `default:"false" live:"" help:"Hide all read marks. Otherwise the author of a message sees which people have read it, except those who hide their reading."`
	MaxReadMarks    int           `default:"5000" live:"" unit:"people" help:"Messages in groups with more members have no read marks."`
	ReadMarkPause   time.Duration `default:"500ms" placeholder:"DURATION" live:"" help:"Minimum time between two pushes of the read marks of a chat."`
	ShakeInterval   time.Duration `default:"3s" placeholder:"DURATION" live:"" help:"Minimum time between two shakes from one person to the same other person."`

	HideActivity      bool          `default:"false" live:"" help:"Nobody sees who is online, when somebody was online last, and who types. Otherwise contacts see it of each other, unless one of the two hides it."`
	TypingPause       time.Duration `default:"3s" placeholder:"DURATION" live:"" help:"Minimum time between two times that people who look at a chat are told that the same person types into it. It is shown for twice as long."`
	MaxTyping         int           `default:"200" live:"" unit:"people" help:"In groups with more members, nobody is told who types."`
	AvailabilityPause time.Duration `default:"5s" placeholder:"DURATION" live:"" help:"Minimum time between two pushes to the same client that tell which of the people on its screen are online and what they say about themselves."`
	MaxStatus         int           `default:"100" live:"" unit:"characters" help:"Maximum length of the text that a person says about itself, in UTF-16 units."`

	MaxFriendRequests  int           `default:"100" live:"" unit:"requests" help:"Maximum number of friend requests of one account that wait for an answer."`
	FriendRequestPause time.Duration `default:"24h" placeholder:"DURATION" live:"" help:"How long a person whose friend request was declined cannot ask the same person again. A request that is taken back and made again within this time sends no second notification."`

	SearchTime time.Duration `default:"2s" placeholder:"DURATION" live:"" help:"Time limit of a search. At the limit it returns the results that it has found so far."`

	RestoreWindow time.Duration `default:"60s" placeholder:"DURATION" help:"How long the current chat of a lost connection is remembered for the same token."`
}

// Token configures how access tokens are issued.
type Token struct {
	TTL time.Duration `name:"ttl" default:"720h" placeholder:"DURATION" live:"" help:"Lifetime of an access token that is issued without a ttl, and of a token from a sign-in. 0: tokens do not expire."`
}

// Auth configures how people sign in to the web client.
type Auth struct {
	CodeTTL      time.Duration `name:"code-ttl" default:"10m" placeholder:"DURATION" live:"" help:"Lifetime of a sign-in code or link that is made without ttlSeconds."`
	JWTMaxLife   time.Duration `name:"jwt-max-life" default:"720h" placeholder:"DURATION" help:"Maximum lifetime of a JWT that an application's host signs: exp may be this much later than the present and than iat. A longer one is refused."`
	FreshSignIn  time.Duration `default:"10m" placeholder:"DURATION" live:"" help:"How long after a sign-in with a code, a password or a provider a person can set a password without the current one, and administrators can make changes that need a recent sign-in."`
	Passwords    bool          `default:"false" negatable:"" live:"" help:"Let people sign in with their e-mail address and a password. If it is not set, passwords are turned on when the server is set up with one."`
	Hidden       []string      `placeholder:"WAY,…" live:"" help:"Ways to sign in that are not offered: code, mail (a link by mail), or the id of an OpenID provider, like main. The page of sign-in has no field for a code then, but links with a code that administrators and host systems make still work. Nobody can sign in through a hidden provider. Passwords have auth.passwords instead."`
	TwoFactor    string        `default:"optional" enum:"optional,administrators,all" live:"" help:"Who needs a second factor, a code of an authenticator app, besides the password: optional, people who turn it on; administrators, also all owners and administrators; all, everybody. People who have none set it up at their next sign-in; sessions that exist go on. It is not asked after a sign-in with an OpenID Connect provider or by another system."`
	MinPassword  int           `default:"10" live:"" unit:"characters" help:"Minimum number of characters of a password."`
	PasswordWork int           `default:"2" help:"How many passwords are checked at the same time; each check takes 19 MiB of memory. Others wait, and their network addresses are served in turn."`

	PasswordWaiting int `default:"256" help:"How many passwords from one address, one account or one application of the host API may wait to be checked. An IPv6 address counts as its /64. Further ones are refused with too many requests."`

	OIDC OIDC `embed:"" name:"oidc" prefix:"oidc."`

	Providers Providers `placeholder:"LIST" help:"Further OpenID Connect providers: a list in the configuration file. Each has an id of small letters, digits and dashes, which is in its redirect PUBLIC-URL/api/sign-in/oidc/ID/callback, and the options of auth.oidc: issuer, client-id, client-secret or client-secret-file, name, scopes, match-email, create, organization. In the environment: the same list as JSON or as YAML in one line."`
}

// Mail is the mail server that sends invitations, sign-in links and links that confirm a new e-mail address.
type Mail struct {
	SMTP     string `name:"smtp" placeholder:"HOST:PORT" help:"Mail server that sends invitations, sign-in links and links that confirm a new e-mail address, like smtp.example.test:587. Empty: no mail is sent; the links are shown to administrators, who pass them on, and administrators change e-mail addresses."`
	From     string `placeholder:"ADDRESS" help:"E-mail address of the sender. Required with mail.smtp."`
	User     string `placeholder:"NAME" help:"User name at the mail server. Empty: mail is sent without one."`
	Password Secret `placeholder:"SECRET" help:"Password at the mail server. It cannot be a flag, because the list of processes would show it."`

	PasswordFile string `placeholder:"FILE" help:"File with the password, instead of mail.password."`

	TLS string `name:"tls" default:"starttls" enum:"starttls,tls,none" help:"How the connection is encrypted: starttls, after a plain beginning, as usual on port 587; tls, from the beginning, as usual on port 465; none, only for a mail server on this machine or in a private network."`
}

// OIDC is an OpenID Connect provider with which people sign in.
type OIDC struct {
	Issuer       string `yaml:"issuer" placeholder:"URL" help:"Issuer URL of an OpenID Connect provider. Empty: no provider. Register PUBLIC-URL/api/sign-in/oidc/main/callback there as the redirect."`
	ClientID     string `yaml:"client-id" name:"client-id" placeholder:"ID" help:"Client ID of this server at the provider."`
	ClientSecret Secret `yaml:"client-secret,omitempty" placeholder:"SECRET" help:"Client secret from the provider. It cannot be a flag, because the list of processes would show it. Empty: this server is a public client, and the provider must accept PKCE alone."`

	ClientSecretFile string `yaml:"client-secret-file,omitempty" placeholder:"FILE" help:"File with the client secret, instead of auth.oidc.client-secret. A relative path is relative to the server's working directory."`

	Name         string   `yaml:"name" default:"OpenID Connect" placeholder:"NAME" help:"Text of the sign-in button."`
	Scopes       []string `yaml:"scopes" default:"openid,profile,email" placeholder:"SCOPE,…" help:"Scopes that are requested from the provider."`
	MatchEmail   bool     `yaml:"match-email" default:"false" negatable:"" help:"On the first sign-in of a person, use the one account with their e-mail address if the provider says that the address is verified. Only for providers whose addresses can be trusted."`
	Create       bool     `yaml:"create" default:"false" negatable:"" help:"Create an account for a person who has none."`
	Organization string   `yaml:"organization,omitempty" placeholder:"ID" help:"Organization that these new accounts join. Empty: they join none and have no contacts."`
}

// Upload has the limits of uploads and the credentials of the storage service.
type Upload struct {
	MaxImage     Bytes         `default:"20MiB" placeholder:"SIZE" live:"" help:"Maximum size of an image."`
	MaxFile      Bytes         `default:"200MiB" placeholder:"SIZE" live:"" help:"Maximum size of an attachment."`
	MaxVoice     Bytes         `default:"10MiB" placeholder:"SIZE" live:"" help:"Maximum size of a voice message."`
	MaxVideo     Bytes         `default:"200MiB" placeholder:"SIZE" live:"" help:"Maximum size of a video."`
	Expiry       time.Duration `default:"1h" placeholder:"DURATION" help:"Lifetime of an upload token. An upload, and each part of an upload in parts, must begin within it."`
	LinkLife     time.Duration `default:"2h" placeholder:"DURATION" help:"How long the address of a file works at most. It works for at least half of this."`
	MaxPixels    int64         `default:"40000000" help:"Maximum number of pixels of an image, width times height. Larger images are refused before they are decoded."`
	ImageWorkers int           `default:"2" help:"How many images are decoded at the same time; the others wait."`
	ImageMemory  Bytes         `default:"512MiB" placeholder:"SIZE" help:"Memory that all images together may take while they are decoded, at most half of memory.limit. Bytes per pixel: about 2 to 6 for PNG and GIF, 10 for 16-bit PNG, up to three times as much for interlaced PNG, 7 to 10 for JPEG, 13 to 26 for progressive JPEG, 4 for lossy WebP, and 15 for lossless WebP, which takes up to 192 MiB more for its codes. An image that alone would take more is shown only as the original."`
	Chunk        Bytes         `default:"4MiB" placeholder:"SIZE" help:"disk: size of the parts in which clients send larger files."`
	MaxOpen      int           `default:"32" help:"disk: maximum number of unfinished uploads in parts of one account."`
	Resume       time.Duration `default:"24h" placeholder:"DURATION" help:"disk: how long an upload in parts may take before its parts are removed."`
	UnusedAfter  time.Duration `default:"48h" placeholder:"DURATION" help:"How long an uploaded file is kept that no message names, for example because the message was not sent. After that it is removed. It is kept at least for upload.expiry and upload.resume."`
	MaxPerDay    Bytes         `default:"0" placeholder:"SIZE" live:"" help:"disk: how much one account may upload per day, in the zone of time-zone. 0: no limit."`
	MinFree      Bytes         `default:"256MiB" placeholder:"SIZE" help:"disk: space that stays free on the disk; uploads that would use it are refused. 0: uploads may fill the disk."`
	MaxEarly     Bytes         `default:"4MiB" placeholder:"SIZE" help:"disk: maximum size of a file that precedes its token in the form, as some clients send it. Such files are held in memory: eight at the same time, four of them from one address."`
	IdleTimeout  time.Duration `default:"30s" placeholder:"DURATION" help:"How long a client may send nothing of an upload, or take less than 4 KiB of a download. Before its token is known to be good, all of an upload may take four times as long."`
	AccessKey    string        `placeholder:"KEY" help:"qiniu, s3: access key."`
	SecretKey    Secret        `placeholder:"KEY" help:"qiniu, s3: secret key. It cannot be a flag, because the list of processes would show it."`

	SecretKeyFile string `placeholder:"FILE" help:"qiniu, s3: file with the secret key, instead of upload.secret-key."`

	Shared bool `default:"false" negatable:"" help:"The data folder is shared by all nodes, for example over NFS: upload.key, pictures of accounts and, with blob: disk, files are in it. Required with bus."`

	Bucket    string `default:"parley" placeholder:"NAME" help:"Bucket for the files."`
	Endpoint  string `placeholder:"URL" help:"qiniu: upload address of the bucket's region; empty: https://upload.qiniup.com. s3: address of the service, without the bucket; required."`
	Domain    string `placeholder:"URL" help:"qiniu: download address of the bucket; required."`
	Manage    string `default:"https://rs.qiniuapi.com" placeholder:"URL" help:"qiniu: address of the service's API for resources, by which files are removed."`
	Region    string `default:"us-east-1" placeholder:"NAME" help:"s3: region, which is part of the signatures."`
	PathStyle bool   `default:"true" negatable:"" help:"s3: put the name of the bucket into the path; otherwise it is put before the host."`
}

// Store is the database.
type Store struct {
	MaxBatch   int   `default:"256" help:"Maximum number of writes in one commit."`
	MaxWaiting int   `default:"16384" help:"Maximum number of writes that wait for the current commit. Further requests are refused with a database error."`
	Readers    int   `default:"4" help:"Number of database connections that read at the same time."`
	Cache      Bytes `default:"16MiB" placeholder:"SIZE" help:"Size of the page cache of the writing connection. Each reading connection has an eighth of it."`
}

// Delivery limits the events that wait between a commit and the sockets.
type Delivery struct {
	MaxQueue Bytes         `default:"64MiB" placeholder:"SIZE" help:"Maximum size of the events that wait to become pushes."`
	MaxWait  time.Duration `default:"100ms" placeholder:"DURATION" help:"How long a commit waits when this queue is full. After that, pushes are dropped, and clients read the missed events from the history."`
}

// Cluster has the private listener of a node of several, to which the other nodes pass on requests of its clients.
type Cluster struct {
	Listen  string `placeholder:"HOST:PORT" help:"Address of a separate listener for the other nodes. A client's requests may reach any node; requests of another node's client are passed on to that node's listener. Keep it private to the nodes. Empty: this server is the only node."`
	Address string `placeholder:"HOST:PORT" help:"Address at which the other nodes reach cluster.listen. Empty: the address of cluster.listen, which must then name a host."`
	Secret  Secret `placeholder:"SECRET" help:"Shared secret by which the nodes authenticate each other, the same on all nodes, at least 16 characters, like the output of openssl rand -base64 24. It cannot be a flag, because the list of processes would show it. It is sent unencrypted, with the requests of clients, unless the nodes have certificates. Required if they have none."`

	SecretFile string `placeholder:"FILE" help:"File with the secret, instead of cluster.secret."`

	TLSCert string `name:"tls-cert" placeholder:"FILE" help:"Certificate of this node, in PEM. The nodes then use TLS between them and check each other's certificates. The certificates of all nodes must have a DNS name in common, which can be any name, like nodes.chat.example.test; all nodes can use the same certificate."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" help:"Key of the certificate, in PEM."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" help:"Certificate of the authority that has issued the certificates of the nodes, in PEM."`

	LostTimeout time.Duration `default:"5s" placeholder:"DURATION" help:"How long a node may be without the bus or the database. After that it closes its clients, so that they connect to other nodes, and is not ready until both are back. The others declare a node gone that has been silent for twice as long."`
	DrainSpread time.Duration `default:"5s" placeholder:"DURATION" help:"Over how long a stopping node moves its clients to the other nodes, so that these are not flooded. It takes half of drain-timeout at most. 0: all at once."`
	LogKeep     time.Duration `default:"10m" placeholder:"DURATION" help:"How long the database keeps the events of commits for nodes that have missed them."`
}

// NATS says how a node connects to the servers of the option bus.
type NATS struct {
	Creds   string `placeholder:"FILE" help:"Credentials file of the user, with a JWT and its key."`
	NKey    string `name:"nkey" placeholder:"FILE" help:"File with the seed of the user's nkey."`
	TLSCA   string `name:"tls-ca" placeholder:"FILE" help:"Certificate of the authority that has issued the certificates of the servers, in PEM. Empty: the authorities that the system trusts. A server whose address begins with tls:// must use TLS."`
	TLSCert string `name:"tls-cert" placeholder:"FILE" help:"Certificate that identifies this node, in PEM."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" help:"Key of the certificate, in PEM."`
}

// Memory tunes Go's garbage collector. GOGC and GOMEMLIMIT in the environment take precedence.
type Memory struct {
	GCPercent int       `name:"gc-percent" default:"200" help:"Growth of the heap between two garbage collections, in percent. A larger value uses less processor time and more memory."`
	Limit     AutoBytes `default:"auto" placeholder:"SIZE" help:"Memory of the whole process that Go tries to stay below. Near the limit, garbage is collected more often. auto: three quarters of the machine's memory, or of the limit of the container or cgroup if that is less; no limit if neither can be read. 0: no limit."`
}
