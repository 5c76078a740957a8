package rest

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
)

type application struct {
	ID          chat.AppID   `json:"id" example:"0198c0de-0000-7000-8000-0000000000a1"`
	Key         string       `json:"key" doc:"What clients send as app" example:"0198c0de-0000-7000-8000-0000000000a2"`
	Name        string       `json:"name" example:"Demo web client"`
	URL         string       `json:"url"`
	Kind        chat.AppKind `json:"kind" enum:"web,mobile,desktop,server"`
	SendAck     chat.SendAck `json:"sendAck" enum:"error-first,result-first" doc:"The form of the acknowledgement of the two sends"`
	MutedPushes []string     `json:"mutedPushes" nullable:"false" doc:"Pushes that its sockets do not want" example:"[\"new history\"]"`
	CreatedAt   time.Time    `json:"createdAt"`

	Scopes       []chat.Scope        `json:"scopes" nullable:"false" doc:"What it may do over this API; only of kind server"`
	Organization chat.OrganizationID `json:"organization,omitempty" doc:"The one organization to which everything that it sees and does is restricted; missing: no restriction"`
	Secrets      []credential        `json:"secrets" nullable:"false" doc:"The valid secrets without their values, the newest first; only of kind server"`
	SigningKeys  []credential        `json:"signingKeys" nullable:"false" doc:"The valid keys for signing JWTs without their values, the newest first"`
}

// credential describes a secret or a signing key without its value.
type credential struct {
	CreatedAt *time.Time `json:"createdAt,omitempty" doc:"Missing: a signing key that was once the application's secret, and should be replaced"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Missing: valid until it is rotated"`
}

func (a *api) showCredentials(all []chat.Credential) []credential {
	out := []credential{}
	for _, c := range all {
		if c.ExpiresAt.IsZero() || a.opts.Now().Before(c.ExpiresAt) {
			out = append(out, credential{CreatedAt: moment(c.CreatedAt), ExpiresAt: moment(c.ExpiresAt)})
		}
	}
	return out
}

func (a *api) showApplication(app chat.Application) application {
	muted := app.MutedPushes
	if muted == nil {
		muted = []string{}
	}
	scopes := app.Scopes
	if scopes == nil {
		scopes = []chat.Scope{}
	}
	return application{
		ID: app.ID, Key: app.Key, Name: app.Name, URL: app.URL, Kind: app.Kind,
		SendAck: app.SendAck, MutedPushes: muted, CreatedAt: app.CreatedAt.UTC(),
		Scopes: scopes, Organization: app.Organization,
		Secrets: a.showCredentials(app.Secrets), SigningKeys: a.showCredentials(app.SigningKeys),
	}
}

type applicationBody struct{ Body application }

// registeredApplication is the answer to registering one.
type registeredApplication struct {
	Application application `json:"application"`
	Secret      string      `json:"secret,omitempty" doc:"Authenticates calls of this API; only of kind server. It is shown this once: only its hash is stored"`
}

type registeredApplicationBody struct{ Body registeredApplication }

// applicationSecret is the answer to making a secret or a signing key. No other
// answer has the value.
type applicationSecret struct {
	Application application `json:"application"`
	Secret      string      `json:"secret" doc:"Authenticates calls of this API. It is shown this once: only its hash is stored"`
}

type applicationSecretBody struct{ Body applicationSecret }

type applicationKey struct {
	Application application `json:"application"`
	SigningKey  string      `json:"signingKey" doc:"Signs JWTs. It is shown this once"`
}

type applicationKeyBody struct{ Body applicationKey }

// overlapBody is what a rotation takes; no body is an empty one.
type overlapBody struct {
	Seconds int64 `json:"overlapSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long the previous one stays valid; 0 or missing: it ends at once" example:"3600"`
}

func (o *overlapBody) duration() time.Duration {
	if o == nil {
		return 0
	}
	return time.Duration(o.Seconds) * time.Second
}

// InApplication names the application of a path.
type InApplication struct {
	Application chat.AppID `path:"application" maxLength:"128" doc:"Id or key of the application"`
}

// applicationFields are the names that the chat has for them, and here.
var applicationFields = map[string]string{"send_ack": "body.sendAck", "muted_pushes": "body.mutedPushes", "application": "path.application"}

func (a *api) applications() {
	const tag, base, one = "applications", "/v1/applications", "/v1/applications/{application}"
	host(a, operation{
		id: "get-caller", method: http.MethodGet, path: "/v1/application", tag: tag,
		scopes:  noScope,
		summary: "The application that calls",
		doc:     "Tells whose credentials these are.",
	}, func(_ context.Context, app chat.Application, _ *nothing) (*applicationBody, error) {
		return &applicationBody{a.showApplication(app)}, nil
	})

	post(a, operation{
		id: "create-application", path: base, tag: tag, status: http.StatusCreated,
		scopes:  []chat.Scope{chat.ScopeApplications},
		summary: "Register an application",
		doc: "A program that clients connect through, or, of kind server, a system that calls this API. Only the latter has a secret and scopes. " +
			"The caller can grant no scope that it does not have itself; what an application makes that is bound to an organization is bound to the same one.",
		fields: applicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		Body struct {
			Name        string       `json:"name" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server" default:"web" doc:"Where it runs"`
			URL         string       `json:"url,omitempty" limit:"url" doc:"Its address"`
			Key         string       `json:"key,omitempty" limit:"id" doc:"What clients send as app, in printable ASCII; made when missing"`
			SendAck     chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first" default:"error-first" doc:"The form of the acknowledgement of the two sends: ack(false, result) or ack(result)"`
			MutedPushes []string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"Pushes that its sockets do not want, by their names" example:"[\"new history\"]"`

			Scopes       []chat.Scope        `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications" doc:"What it may do over this API: required for kind server, and for that alone"`
			Organization chat.OrganizationID `json:"organization,omitempty" limit:"id" doc:"Binds everything that it sees and does, log-ins through it too, to one organization. It cannot be changed later"`
		} `nameHint:"NewApplication"`
	},
	) (chat.WithSecret, error) {
		b := in.Body
		return a.chat.CreateApplication(ctx, caller.ID, chat.Application{
			Name: b.Name, Kind: b.Kind, URL: b.URL, Key: b.Key, SendAck: b.SendAck, MutedPushes: b.MutedPushes,
			Scopes: b.Scopes, Organization: b.Organization,
		})
	}, func(made chat.WithSecret) *registeredApplicationBody {
		return &registeredApplicationBody{registeredApplication{a.showApplication(made.Application), made.Secret}}
	})

	host(a, operation{
		id: "list-applications", method: http.MethodGet, path: base, tag: tag,
		scopes:  []chat.Scope{chat.ScopeRead},
		summary: "List the applications",
		doc:     "All of them, in the order in which they were registered, without their secrets.",
	}, func(ctx context.Context, caller chat.Application, _ *nothing) (*listBody[application], error) {
		var rows []chat.Application
		err := a.within(ctx, caller, func() (err error) {
			rows, err = a.chat.Applications(ctx)
			return err
		}, func(r chat.Reach) (err error) {
			rows, err = r.Applications()
			return err
		})
		return pageOf(rows, len(rows), a.showApplication, nil), err
	})

	host(a, operation{
		id: "get-application", method: http.MethodGet, path: one, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeRead},
		summary: "Get an application",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InApplication }) (*applicationBody, error) {
		app, err := a.chat.Application(ctx, in.Application)
		return &applicationBody{a.showApplication(app)}, err
	})

	host(a, operation{
		id: "update-application", method: http.MethodPatch, path: one, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeApplications},
		summary: "Change an application",
		doc: "Omitted fields are unchanged. It holds for sockets that are connected, too. The caller must have every scope that the " +
			"application has before and after. No application becomes or ceases to be of kind server.",
		fields: applicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		InApplication
		Body struct {
			Name        *string       `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        *chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server"`
			URL         *string       `json:"url,omitempty" limit:"url"`
			SendAck     *chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first"`
			MutedPushes *[]string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"All of them; [] for none"`
			Scopes      *[]chat.Scope `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications" doc:"All of them"`
		} `nameHint:"ApplicationPatch"`
	},
	) (*applicationBody, error) {
		b := in.Body
		app, err := a.chat.UpdateApplication(ctx, caller.ID, in.Application, chat.ApplicationPatch{
			Name: b.Name, URL: b.URL, Kind: b.Kind, SendAck: b.SendAck, MutedPushes: b.MutedPushes, Scopes: b.Scopes,
		})
		return &applicationBody{a.showApplication(app)}, err
	})

	post(a, operation{
		id: "rotate-secret", path: one + "/secret", tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeApplications},
		summary: "Give an application a new secret",
		doc: "For an application of kind server. The previous secret ends at once or, with an overlap, somewhat later, so that a system can be given the " +
			"new one in the meantime; there are never more than two. Access tokens stay good. Do not lose the answer when this is the " +
			"secret of your own calls. The caller must have every scope that the application has.",
		fields: map[string]string{"application": "path.application", "overlap": "body.overlapSeconds"},
	}, func(ctx context.Context, caller chat.Application, in *struct {
		InApplication
		Body *overlapBody `nameHint:"Rotation" required:"false"`
	},
	) (chat.WithSecret, error) {
		return a.chat.RotateSecret(ctx, caller.ID, in.Application, in.Body.duration())
	}, func(app chat.WithSecret) *applicationSecretBody {
		return &applicationSecretBody{applicationSecret{a.showApplication(app.Application), app.Secret}}
	})

	post(a, operation{
		id: "rotate-signing-key", path: one + "/signing-key", tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeApplications, chat.ScopeTokens},
		summary: "Give an application a new key to sign JWTs with",
		doc: "Or its first one: an application has none until this is called. JWTs that were signed with the previous key are refused at once or, with an " +
			"overlap, somewhat later; clients that are connected stay so until their JWT expires. The caller must have every scope that the application has.",
		fields: map[string]string{"application": "path.application", "overlap": "body.overlapSeconds"},
	}, func(ctx context.Context, caller chat.Application, in *struct {
		InApplication
		Body *overlapBody `nameHint:"Rotation" required:"false"`
	},
	) (chat.WithSecret, error) {
		return a.chat.RotateSigningKey(ctx, caller.ID, in.Application, in.Body.duration())
	}, func(app chat.WithSecret) *applicationKeyBody {
		return &applicationKeyBody{applicationKey{a.showApplication(app.Application), app.Secret}}
	})
}
