// Package client has the client API under /api: the operations of a program for the account that is
// signed in, and those for signing in. Only the history is separate, because it has another form.
package client

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

const prefix = "/api/"

// Tag is that of the operations of the client API.
const Tag = "client"

// api has the operations of the client API.
type api struct {
	router *endpoint.Router
	opts   Options
	chat   *chat.Service
	open   map[string]bool // patterns of the operations that need no token
	once   map[string]bool // patterns of the operations that take an idempotency key

	hasPeople atomic.Bool // there are accounts, which are never deleted

	attempts  *attempts
	guesses   *guesses
	wrong     *endpoint.Rates[string]         // wrong secrets of a network address
	seeking   *endpoint.Rates[string]         // e-mail addresses that are nobody's and that an account asked for
	mails     *endpoint.Rates[string]         // mails to an address
	notices   *endpoint.Rates[chat.AccountID] // notices to the address of an account
	links     *endpoint.Rates[string]         // mailed sign-in links that a network address asked for
	passwords *endpoint.Rates[string]         // wrong current passwords of a session
	exchanges *turn.Queue                     // requests to a provider, by the address for which they are made
	known     *knownDevices
}

// How many mails an e-mail address gets in a second, in the long run and at once: others may ask for them.
const (
	mailRate  = 1.0 / 300
	mailBurst = 3
)

// Add adds the client API to the router.
func Add(r *endpoint.Router, opts Options) {
	opts = opts.withDefaults()
	secure := strings.HasPrefix(r.PublicURL, "https://")
	a := &api{
		router: r,
		opts:   opts,
		chat:   r.Chat,
		open:   map[string]bool{},
		once:   map[string]bool{},

		attempts:  newAttempts(opts.DeviceKey, r.PublicPath+oidcPath, secure),
		guesses:   newGuesses(&opts),
		wrong:     endpoint.NewRates[string](opts.signInRate),
		mails:     endpoint.NewRates[string](func() endpoint.Rate { return endpoint.Rate{PerSecond: mailRate, Burst: mailBurst} }),
		notices:   endpoint.NewRates[chat.AccountID](func() endpoint.Rate { return endpoint.Rate{PerSecond: mailRate, Burst: mailBurst} }),
		links:     endpoint.NewRates[string](opts.signInRate),
		seeking:   endpoint.NewRates[string](opts.signInRate),
		passwords: endpoint.NewRates[string](opts.passwordRate),
		exchanges: turn.New(turn.Limits{Slots: maxExchanges, PerKey: maxExchanges / 4, Waiting: maxExchangesWaiting}),
		known:     newKnownDevices(opts.DeviceKey, r.PublicPath, secure),
	}
	r.Add(endpoint.Audience{
		Has:   func(path string) bool { return strings.HasPrefix(path, prefix) },
		CORS:  "GET, HEAD, POST, PUT, PATCH, DELETE",
		Serve: a.serve, Problem: endpoint.WithReasons,
		Tags: []*huma.Tag{
			{Name: Tag, Description: "Requests of clients for the account that is signed in, besides the socket. The web client uses exactly these. " +
				"The bearer token is the account's access token. Lists come in pages: send the `next` of one page as `next` to get the following one. Times are Unix milliseconds."},
		},
		Schemas: map[reflect.Type]string{
			reflect.TypeFor[Config]():         "ClientConfig",
			reflect.TypeFor[ConfigServer]():   "ClientServer",
			reflect.TypeFor[ConfigSignIn]():   "ClientSignIn",
			reflect.TypeFor[ConfigProvider](): "ClientProvider",
			reflect.TypeFor[ConfigLimits]():   "ClientLimits",
			reflect.TypeFor[ConfigUploads]():  "ClientUploads",
		},
	})
	a.unreadPlaces()
	a.me()
	a.people()
	a.directory()
	a.searches()
	a.friendRequests()
	a.groups()
	a.members()
	a.webhooks()
	a.inboxes()
	a.fileLinks()
	a.config()
	a.signIn()
	a.twoFactor()
	a.setUp()
	a.invitations()
	a.oidc()
	a.sessions()
	a.emailChanges()
}

// add registers an operation. by is the account of the access token and the application that it
// uses; [reader] returns the whole log-in from the context.
func add[I, O any](a *api, o endpoint.Operation, fn func(ctx context.Context, by chat.Actor, in *I) (*O, error)) {
	o.Errors = append([]int{http.StatusUnauthorized}, o.Errors...)
	o.Security = []map[string][]string{{endpoint.AccessToken: {}}}
	o.Curl = `-H "Authorization: Bearer $TOKEN"`
	register(a, o, func(ctx context.Context, in *I) (*O, error) {
		who := reader(ctx)
		return fn(ctx, chat.Actor{Account: who.Account.ID, App: who.App.ID}, in)
	})
}

// addOnce registers a POST that runs once for each idempotency key. do calls the service once,
// and show makes the answer from its result.
func addOnce[I, R, O any](a *api, o endpoint.Operation, do func(ctx context.Context, by chat.Actor, in *I) (R, error), show func(R) *O) {
	o.Method, o.Once = http.MethodPost, true
	a.once[o.Method+" "+o.Path] = true
	add(a, o, func(ctx context.Context, by chat.Actor, in *I) (*O, error) {
		r, err := do(endpoint.KeepAnswer(ctx, o, show), by, in)
		if err != nil {
			return nil, err
		}
		return show(r), nil
	})
}

// addOpen registers an operation for callers without a token. The operation limits their
// requests itself.
func addOpen[I, O any](a *api, o endpoint.Operation, fn func(ctx context.Context, in *I) (*O, error)) {
	a.open[o.Method+" "+o.Path] = true
	o.Security = []map[string][]string{}
	o.Curl = "-sS"
	register(a, o, fn)
}

func register[I, O any](a *api, o endpoint.Operation, fn func(ctx context.Context, in *I) (*O, error)) {
	o.Tag = Tag
	endpoint.Register(a.router, o, fn)
}

// serve checks a request before its operation: first the log-in, then the rate limit. The body
// follows. As in the host API, a caller without a log-in gets no other answer than a refusal,
// except from the operations for signing in.
func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), a.router.Timeout)
	defer cancel()
	ctx = context.WithValue(ctx, peerKey{}, peer{turn.Peer(r.RemoteAddr), r.UserAgent(), origin.IsSecure(r)})
	r = r.WithContext(ctx)
	pattern := a.router.Pattern(r)
	var who chat.Identity
	if !a.open[pattern] {
		var err error
		who, err = a.signedIn(r)
		if err == nil && !a.router.Allow(who.Account.ID) {
			err = chat.ErrTooManyRequests
		}
		if err != nil {
			p := a.router.Refusal(ctx, &huma.Operation{OperationID: "authenticate"}, err)
			if p.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="parley"`)
			}
			a.router.Refuse(w, r, p)
			return
		}
		from := chat.OriginOf(ctx)
		from.Session = who.Session
		ctx = context.WithValue(turn.For(chat.WithOrigin(ctx, from), turn.Account(string(who.Account.ID))), readerKey{}, who)
	}
	a.router.Perform(w, r.WithContext(ctx), who.App.ID, who.Account.ID, a.once[pattern])
}

type readerKey struct{}

// reader returns the log-in of the caller. Operations of [addOpen] have none.
func reader(ctx context.Context) chat.Identity { return ctx.Value(readerKey{}).(chat.Identity) }

// peer describes a caller without a token.
type peer struct {
	address, agent string
	secure         bool // the request came over HTTPS
}

type peerKey struct{}

func peerOf(ctx context.Context) peer { return ctx.Value(peerKey{}).(peer) }

// signedIn returns the log-in of the caller. It reads the access token only from the
// Authorization header, so that a page of another origin cannot use credentials that
// browsers send automatically.
func (a *api) signedIn(r *http.Request) (chat.Identity, error) {
	token, app, err := endpoint.AccountCredentials(r)
	if err != nil {
		return chat.Identity{}, err
	}
	return a.chat.AuthenticateClient(r.Context(), token, app)
}

// clientList is a page of a list of the client API; the cursor is opaque.
type clientList[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Value of next for the following page; missing on the last page"`
}

type clientListBody[T any] struct{ Body clientList[T] }

// Page are the parameters for a page of a list.
type Page struct {
	Next  string `query:"next" maxLength:"256" doc:"The next of the previous page; empty for the first page"`
	Limit int    `query:"limit" minimum:"1" default:"50" doc:"How many, at most 100"`
}

// maxRows is the maximum number of rows in one answer of the client API.
const maxRows = 100

// size is the requested limit, at most maxRows.
func (p Page) size() int { return min(p.Limit, maxRows) }

// clientItems returns a page of the items. next is the cursor of the following page, empty
// on the last one.
func clientItems[R, T any](rows []R, next string, show func(R) T) *clientListBody[T] {
	out := &clientListBody[T]{Body: clientList[T]{Items: make([]T, 0, len(rows)), Next: next}}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	return out
}

// nothing is the answer without a body.
type nothing struct{}
