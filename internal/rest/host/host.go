// Package host has the host API under /v1, with which systems of the company drive the chat. Their
// credentials are those of an application of kind server. Each operation names the scopes that the
// application must have.
package host

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

const prefix = "/v1/"

// The texts of problems that only this API has.
const (
	textCredentials = "credentials required: an application's key and secret, or a server token"
	textServerToken = "invalid token: this API takes the bearer of a token that was issued for an application of kind server, and no person's"
	textForeignPage = "web pages of other origins cannot call the host API; call it from a system of yours"
)

// api has the operations of the host API.
type api struct {
	router *endpoint.Router
	chat   *chat.Service
	own    origin.Policy           // of the server's own origin
	scopes map[string][]chat.Scope // of the operations, by the mux's pattern
}

// Add adds the host API to the router.
func Add(r *endpoint.Router) {
	a := &api{
		router: r,
		chat:   r.Chat,
		own:    origin.New([]string{origin.Of(r.PublicURL)}),
		scopes: map[string][]chat.Scope{},
	}
	r.Add(endpoint.Audience{
		Has:         func(path string) bool { return strings.HasPrefix(path, prefix) },
		Serve:       a.serve,
		Tags:        tags(),
		Credentials: credentials(),
		Schemas: map[reflect.Type]string{ // the client API has others of these names
			reflect.TypeFor[invitation]():       "HostInvitation",
			reflect.TypeFor[issuedInvitation](): "IssuedHostInvitation",
			reflect.TypeFor[list[invitation]](): "ListHostInvitation",
		},
	})
	a.applications()
	a.organizations()
	a.accounts()
	a.friends()
	a.tokens()
	a.groups()
	a.members()
	a.messages()
	a.notifications()
	a.signInCodes()
	a.invitations()
	a.subscriptions()
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "applications", Description: "Programs that clients connect through, and systems that call this API."},
		{Name: "organizations", Description: "Companies and teams: their members are each other's contacts."},
		{Name: "accounts", Description: "People who can log in."},
		{Name: "invitations", Description: "Links with which people make their accounts themselves."},
		{Name: "friends", Description: "Contacts beyond organizations."},
		{Name: "tokens", Description: "Credentials that clients log in with."},
		{Name: "groups", Description: "Long-lived groups and ad-hoc discussions."},
		{Name: "members", Description: "Members of groups and their roles."},
		{Name: "messages", Description: "Messages in the name of an account or of the system."},
		{Name: "notifications", Description: "The inbox."},
		{Name: "subscriptions", Description: "Events that are posted to systems of yours."},
	}
}

func credentials() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		"basic":       {Type: "http", Scheme: "basic", Description: "The key of an application of kind server as the user, its secret as the password. Each operation lists the scopes that the application must have"},
		"appKey":      {Type: "apiKey", In: "header", Name: "X-Parley-App", Description: "The key of an application of kind server; send it together with the secret"},
		"appSecret":   {Type: "apiKey", In: "header", Name: "X-Parley-Secret", Description: "The application's secret; send it together with the key"},
		"serverToken": {Type: "http", Scheme: "bearer", Description: "A token that is bound to an application of kind server"},
	}
}

// serve checks a request before its operation: first the credentials, then the scopes. The body
// and the idempotency key follow. An unauthenticated caller learns nothing, not even which
// operations there are.
func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), a.router.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	// A browser that was once asked for HTTP Basic credentials adds them to the requests of every page.
	if a.own.Standing(r) != origin.Trusted {
		a.router.Refuse(w, r, endpoint.Problem(http.StatusForbidden, textForeignPage))
		return
	}
	app, p := a.authenticate(r)
	if p != nil {
		w.Header().Add("WWW-Authenticate", `Basic realm="parley", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="parley"`)
		a.router.Refuse(w, r, p)
		return
	}
	if p := a.checkScopes(r, app); p != nil {
		a.router.Refuse(w, r, p)
		return
	}
	if r.Method != http.MethodGet {
		from := chat.OriginOf(ctx)
		from.Operation, from.Path = a.router.Pattern(r), r.URL.Path
		ctx = chat.WithOrigin(ctx, from)
	}
	r = r.WithContext(withCaller(turn.For(ctx, turn.Application(string(app.ID))), app))
	a.router.Perform(w, r, app.ID, "", r.Method == http.MethodPost)
}

// access tells which applications may call an operation.
type access struct {
	scopes  []chat.Scope // that the application must have; nil is not allowed, see [noScope]
	unbound bool         // not for applications that are bound to an organization
	guests  bool         // the account of the path may be a member of the group from outside of the application's organization
}

// add registers an operation.
func add[I, O any](a *api, may access, o endpoint.Operation, fn func(ctx context.Context, app chat.Application, in *I) (*O, error)) {
	o.Errors = append([]int{http.StatusUnauthorized, http.StatusForbidden}, o.Errors...)
	o.Once = o.Method == http.MethodPost
	o.Curl = `-u "$APP_KEY:$APP_SECRET"`
	a.declareScopes(&o, may.scopes)
	references := referencesOf(reflect.TypeFor[I]())
	endpoint.Register(a.router, o, func(ctx context.Context, in *I) (*O, error) {
		app := caller(ctx)
		replaced, err := a.confine(ctx, app, may, references, in)
		if err != nil {
			return nil, err
		}
		out, err := fn(ctx, app, in)
		if err != nil {
			return nil, asWritten(a.router.Refusal(ctx, a.router.Registered(o.Method, o.Path), err), replaced)
		}
		return out, nil
	})
}

// addOnce registers an operation that an idempotency key carries out once. do calls the
// service once, and show makes the answer from its result, which is struct{}{} if
// the call returns only an error.
func addOnce[I, R, O any](a *api, may access, o endpoint.Operation, do func(ctx context.Context, app chat.Application, in *I) (R, error), show func(R) *O) {
	o.Method = http.MethodPost
	add(a, may, o, func(ctx context.Context, app chat.Application, in *I) (*O, error) {
		r, err := do(endpoint.KeepAnswer(ctx, o, show), app, in)
		if err != nil {
			return nil, err
		}
		return show(r), nil
	})
}

// noAnswer is the answer without a body.
func noAnswer(struct{}) *nothing { return &nothing{} }

// By is the account on whose behalf a group is changed.
type By struct {
	Operator chat.AccountID `query:"by" maxLength:"128" doc:"The acting account; a change that it is not allowed to make is refused. Without it the host system itself acts: everything is allowed, and members see the group's creator as the actor."`
}

func (b By) actor(app chat.Application) chat.Actor {
	return chat.Actor{Account: b.Operator, App: app.ID}
}

// Page are the parameters for a page of a list.
type Page struct {
	After string `query:"after" maxLength:"128" doc:"The next of the previous page; empty for the first page"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
}

// list is a page of a list, with the cursor of the following page.
type list[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Value of after for the following page; missing on the last page"`
}

type listBody[T any] struct{ Body list[T] }

// pageOf returns a page of the rows, of which one more than limit was read: if there are so many,
// another page follows.
func pageOf[R, T any](rows []R, limit int, show func(R) T, id func(R) string) *listBody[T] {
	out := &listBody[T]{Body: list[T]{Items: []T{}}}
	if len(rows) > limit {
		rows = rows[:limit]
		out.Body.Next = id(rows[limit-1])
	}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	return out
}

// accountIDs is a body that names accounts.
type accountIDs struct {
	Accounts []chat.AccountID `json:"accounts" nullable:"false" minItems:"1" limit:"accounts" doc:"Ids of accounts" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
}

type nothing struct{}
