// Package admin has the administration API under /api/admin: people, groups, applications,
// sessions, the audit log, settings and figures of the server. Owners and administrators call it with
// their access token, host systems with their credentials.
package admin

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"parley/engineio/origin"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

const prefix = "/api/admin"

// Tag is the tag of the operations of the administration API.
const Tag = "admin"

// Options tune the administration API. Zero values get the defaults named here.
type Options struct {
	// Status returns the figures of the server that are not in the database; nil: none.
	Status func(context.Context) Status
	// Backups returns the complete backups that are kept, the latest first; nil: none.
	Backups func(context.Context) []KeptBackup
	// MaxImport limits the body of an import in bytes; 16 MiB.
	MaxImport int64
}

// Status has the figures of the server.
type Status struct {
	Version       string
	StartedAt     time.Time
	Figures              // of all nodes together
	Nodes         []Node // that share the database; empty: this server is alone
	DatabaseBytes int64  // 0: unknown
	DiskFree      int64  // of the disk with the data folder; 0: unknown
	DiskTotal     int64
	Files         *Files  // uploads; nil: not known
	Backup        *Backup // nil: there is none, and none is configured
}

// Figures are the figures of one node. Nodes exchange them as JSON.
type Figures struct {
	Online      int `json:"online"`      // accounts with a socket on the node
	Connections int `json:"connections"` // sockets on the node
	Waiting     int `json:"waiting"`     // writes that wait for a commit
}

// Node is one of several nodes.
type Node struct {
	ID      string
	Address string // at which other nodes reach it
	Version string
	Since   time.Time
	Here    bool     // it is this node
	Figures *Figures // nil: unknown
}

// Files are the stored uploads.
type Files struct{ Count, Bytes int64 }

// Backup is the latest backup.
type Backup struct {
	At       time.Time // begin of the latest complete one without differences; zero: there is none
	Took     time.Duration
	Bytes    int64
	Folder   string
	FailedAt time.Time // of a later one that failed or has differences; zero: none
	Failure  string    // in English
	Running  bool
	Late     bool // one has failed or has differences, or is overdue

	FailureCode string // empty: another one
}

// The kinds of failures of a backup.
const (
	BackupDifferences = "differences"
	BackupDiskFull    = "disk-full"
	BackupNotAllowed  = "not-allowed"
	BackupMissing     = "missing"
	BackupService     = "storage-service"
	BackupDatabase    = "database"
	BackupOther       = "other"
)

// KeptBackup is a complete backup in the folder of backups.
type KeptBackup struct {
	At                 time.Time // when it began
	Took               time.Duration
	Bytes              int64
	Files, Differences int
}

type api struct {
	router *endpoint.Router
	opts   Options
	chat   *chat.Service
	own    origin.Policy // of the server's own origin

	settingsRate *endpoint.Rates[chat.AccountID]
}

// Add adds the administration API to the router. It must come before the client API, because a
// path belongs to the first audience that has it.
func Add(r *endpoint.Router, opts Options) {
	if opts.Status == nil {
		opts.Status = func(context.Context) Status { return Status{} }
	}
	if opts.Backups == nil {
		opts.Backups = func(context.Context) []KeptBackup { return nil }
	}
	endpoint.Default(&opts.MaxImport, 16<<20)
	a := &api{router: r, opts: opts, chat: r.Chat, own: origin.New([]string{origin.Of(r.PublicURL)})}
	a.settingsRate = endpoint.NewRates[chat.AccountID](func() endpoint.Rate { return endpoint.Rate{PerSecond: 10, Burst: 100} })
	r.Add(endpoint.Audience{
		Has:     func(path string) bool { return path == prefix || strings.HasPrefix(path, prefix+"/") },
		CORS:    "GET, HEAD, POST, PUT, PATCH, DELETE",
		Serve:   a.serve,
		Problem: withReasons,
		Tags: []*huma.Tag{
			{Name: Tag, Description: "Administration of the server, for owners and administrators with their access token, and for applications of kind server " +
				"that have the scope `administration` and are not bound to an organization. Other callers get 403 for every path, and requests without valid credentials 401. " +
				"Lists come in pages: send the `next` of one page as `next` to get the following one. Times are Unix milliseconds."},
		},
		Schemas: map[reflect.Type]string{
			reflect.TypeFor[person]():               "AdminPerson",
			reflect.TypeFor[profile]():              "AdminProfile",
			reflect.TypeFor[organization]():         "AdminOrganization",
			reflect.TypeFor[group]():                "AdminGroup",
			reflect.TypeFor[member]():               "AdminMember",
			reflect.TypeFor[session]():              "AdminSession",
			reflect.TypeFor[application]():          "AdminApplication",
			reflect.TypeFor[credential]():           "AdminCredential",
			reflect.TypeFor[withSecret]():           "AdminApplicationSecret",
			reflect.TypeFor[entry]():                "AuditEntry",
			reflect.TypeFor[access]():               "AdminAccess",
			reflect.TypeFor[overview]():             "AdminOverview",
			reflect.TypeFor[node]():                 "AdminNode",
			reflect.TypeFor[day]():                  "AdminDay",
			reflect.TypeFor[attention]():            "AdminAttention",
			reflect.TypeFor[link]():                 "AdminSignInLink",
			reflect.TypeFor[handedOver]():           "AdminHandedOver",
			reflect.TypeFor[imported]():             "AdminImport",
			reflect.TypeFor[importLine]():           "AdminImportLine",
			reflect.TypeFor[setting]():              "AdminSetting",
			reflect.TypeFor[settingList]():          "AdminSettings",
			reflect.TypeFor[newValue]():             "AdminSettingValue",
			reflect.TypeFor[retention]():            "AdminRetention",
			reflect.TypeFor[retentionRule]():        "AdminRetentionRule",
			reflect.TypeFor[retentionRun]():         "AdminRetentionRun",
			reflect.TypeFor[retentionPreview]():     "AdminRetentionPreview",
			reflect.TypeFor[keptBackup]():           "AdminKeptBackup",
			reflect.TypeFor[organizationSettings](): "AdminOrganizationSettings",
			reflect.TypeFor[organizationList]():     "AdminOrganizations",
			reflect.TypeFor[page[person]]():         "AdminPersonPage",
			reflect.TypeFor[page[group]]():          "AdminGroupPage",
			reflect.TypeFor[page[member]]():         "AdminMemberPage",
			reflect.TypeFor[page[session]]():        "AdminSessionPage",
			reflect.TypeFor[page[application]]():    "AdminApplicationPage",
			reflect.TypeFor[page[entry]]():          "AuditPage",
			reflect.TypeFor[subscription]():         "AdminSubscription",
			reflect.TypeFor[issuedSubscription]():   "AdminIssuedSubscription",
			reflect.TypeFor[newSubscription]():      "AdminNewSubscription",
			reflect.TypeFor[deadLetter]():           "AdminDeadLetter",
			reflect.TypeFor[replayed]():             "AdminReplayed",
			reflect.TypeFor[page[subscription]]():   "AdminSubscriptionPage",
			reflect.TypeFor[page[deadLetter]]():     "AdminDeadLetterPage",
		},
	})
	a.overview()
	a.people()
	a.imports()
	a.groups()
	a.applications()
	a.sessions()
	a.audit()
	a.settings()
	a.retention()
	a.organizations()
	a.subscriptions()
	describeReasons(r.Document())
}

// add registers an operation. A POST is registered with [addOnce]. by is the administrator.
func add[I, O any](a *api, o endpoint.Operation, fn func(ctx context.Context, by chat.Actor, in *I) (*O, error)) {
	o.Tag = Tag
	o.Once = o.Method == http.MethodPost
	o.Errors = append([]int{http.StatusUnauthorized, http.StatusForbidden}, o.Errors...)
	scope := []string{string(chat.ScopeAdministration)}
	o.Security = []map[string][]string{
		{endpoint.AccessToken: {}}, {"basic": scope}, {"appKey": scope, "appSecret": scope}, {"serverToken": scope},
	}
	o.Curl = `-H "Authorization: Bearer $ADMIN_TOKEN"`
	endpoint.Register(a.router, o, func(ctx context.Context, in *I) (*O, error) {
		return fn(ctx, ctx.Value(callerKey{}).(chat.Actor), in)
	})
}

// addOnce registers a POST that runs once for each idempotency key. do calls the service once, and
// show converts its result to the answer.
func addOnce[I, R, O any](a *api, o endpoint.Operation, do func(ctx context.Context, by chat.Actor, in *I) (R, error), show func(R) *O) {
	o.Method = http.MethodPost
	add(a, o, func(ctx context.Context, by chat.Actor, in *I) (*O, error) {
		r, err := do(endpoint.KeepAnswer(ctx, o, show), by, in)
		if err != nil {
			return nil, err
		}
		return show(r), nil
	})
}

type callerKey struct{}

// serve checks the credentials and then the role before anything else. The refusal is the same for
// every path, existing or not.
func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), a.router.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	by, session, err := a.authenticate(r)
	if err == nil {
		ctx = turn.For(ctx, keyOf(by))
		if by.Account != "" && !a.allow(r, by.Account) {
			err = chat.ErrTooManyRequests
		} else if err = a.chat.MayAdminister(ctx, by); isScope(err) {
			err = chat.ErrForbidden
		}
	}
	if err != nil {
		p := a.router.Refusal(ctx, &huma.Operation{OperationID: "authenticate"}, err)
		if p.Status == http.StatusUnauthorized {
			w.Header().Add("WWW-Authenticate", `Bearer realm="parley"`)
		}
		a.router.Refuse(w, r, p)
		return
	}
	from := chat.OriginOf(ctx)
	from.Session = session
	if by.Account == "" && r.Method != http.MethodGet {
		from.Operation, from.Path = a.router.Pattern(r), r.URL.Path
	}
	ctx = context.WithValue(chat.WithOrigin(ctx, from), callerKey{}, by)
	a.router.Perform(w, r.WithContext(ctx), by.App, by.Account, r.Method == http.MethodPost)
}

// allow applies the rate limit. Settings have a fixed limit of their own, so that a rate that was set too low can be corrected.
func (a *api) allow(r *http.Request, account chat.AccountID) bool {
	if r.URL.Path == prefix+settingsPath {
		return a.settingsRate.Allow(account)
	}
	return a.router.Allow(account)
}

func isScope(err error) bool {
	var scope *chat.ScopeError
	return errors.As(err, &scope)
}

func keyOf(by chat.Actor) string {
	if by.Account != "" {
		return turn.Account(string(by.Account))
	}
	return turn.Application(string(by.App))
}

// authenticate returns the caller: a person by the bearer token, or a host system by its
// credentials.
func (a *api) authenticate(r *http.Request) (chat.Actor, chat.SessionID, error) {
	scheme, _ := endpoint.Authorization(r.Header.Get("Authorization"))
	key, secret := r.Header.Get("X-Parley-App"), r.Header.Get("X-Parley-Secret")
	if len(r.Header.Values("Authorization")) > 1 || scheme != "" && secret != "" {
		return chat.Actor{}, "", chat.ErrCredentialsDiffer
	}
	if scheme == "basic" {
		key, secret, _ = r.BasicAuth()
	}
	if scheme != "basic" && secret == "" {
		token, app, err := endpoint.AccountCredentials(r)
		if err != nil {
			return chat.Actor{}, "", err
		}
		who, err := a.chat.AuthenticateClient(r.Context(), token, app)
		if err != nil {
			return chat.Actor{}, "", err
		}
		if who.App.Kind == chat.AppServer { // a server token
			return chat.Actor{App: who.App.ID}, who.Session, nil
		}
		return chat.Actor{Account: who.Account.ID, App: who.App.ID}, who.Session, nil
	}
	// A browser that was once asked for HTTP Basic credentials adds them to the requests of every page.
	if a.own.Standing(r) != origin.Trusted {
		return chat.Actor{}, "", chat.ErrForbidden
	}
	app, err := a.chat.AuthenticateApp(r.Context(), key, secret)
	return chat.Actor{App: app.ID}, "", err
}

// page is a page of a list, with the cursor of the following page.
type page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"Value of next for the following page; missing on the last page"`
}

type pageBody[T any] struct{ Body page[T] }

// Page are the parameters for a page of a list.
type Page struct {
	Next  string `query:"next" maxLength:"256" doc:"The next of the previous page; empty for the first page"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
}

func pageOf[R, T any](rows []R, more bool, show func(R) T, id func(R) string) *pageBody[T] {
	out := &pageBody[T]{Body: page[T]{Items: make([]T, 0, len(rows))}}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, show(r))
	}
	if more {
		out.Body.Next = id(rows[len(rows)-1])
	}
	return out
}

// nothing is an answer without a body.
type nothing struct{}

func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// InPerson names the person of a path.
type InPerson struct {
	Account chat.AccountID `path:"account" maxLength:"128" doc:"Id of the person"`
}
