package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type application struct {
	ID          chat.AppID   `json:"id" example:"0198c0de-0000-7000-8000-0000000000a1"`
	Key         string       `json:"key" doc:"Value that clients send as app" example:"0198c0de-0000-7000-8000-0000000000a2"`
	Name        string       `json:"name" example:"Demo web client"`
	URL         string       `json:"url"`
	Kind        chat.AppKind `json:"kind" enum:"web,mobile,desktop,server"`
	SendAck     chat.SendAck `json:"sendAck" enum:"error-first,result-first" doc:"Form of the acknowledgement of the two send requests"`
	MutedPushes []string     `json:"mutedPushes" nullable:"false" doc:"Pushes that its sockets do not want" example:"[\"new history\"]"`
	CreatedAt   time.Time    `json:"createdAt"`

	Scopes       []chat.Scope        `json:"scopes" nullable:"false" doc:"Its permissions for this API; only for kind server"`
	Organization chat.OrganizationID `json:"organization,omitempty" doc:"The organization that the application is restricted to; missing: no restriction"`
	Secrets      []credential        `json:"secrets" nullable:"false" doc:"The valid secrets without their values, newest first; only for kind server"`
	SigningKeys  []credential        `json:"signingKeys" nullable:"false" doc:"The valid keys for signing JWTs without their values, newest first"`
}

// credential describes a secret or a signing key without its value.
type credential struct {
	CreatedAt *time.Time `json:"createdAt,omitempty" doc:"Missing: the signing key was once the application's secret, and should be replaced"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Missing: valid until it is rotated"`
}

func (a *api) showCredentials(all []chat.Credential) []credential {
	out := []credential{}
	for _, c := range all {
		if c.ExpiresAt.IsZero() || a.router.Now().Before(c.ExpiresAt) {
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
	Secret      string      `json:"secret,omitempty" doc:"Authenticates calls of this API; only for kind server. It is shown only once, because only its hash is stored"`
}

type registeredApplicationBody struct{ Body registeredApplication }

// applicationSecret is the answer to making a secret or a signing key. No other
// answer has the value.
type applicationSecret struct {
	Application application `json:"application"`
	Secret      string      `json:"secret" doc:"Authenticates calls of this API. It is shown only once, because only its hash is stored"`
}

type applicationSecretBody struct{ Body applicationSecret }

type applicationKey struct {
	Application application `json:"application"`
	SigningKey  string      `json:"signingKey" doc:"Key to sign JWTs. It is shown only once"`
}

type applicationKeyBody struct{ Body applicationKey }

// overlapBody is the body of a rotation. A missing body is the same as an empty one.
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

// applicationFields maps the names of fields in package chat to their names here.
var applicationFields = map[string]string{"send_ack": "body.sendAck", "muted_pushes": "body.mutedPushes", "application": "path.application"}

func (a *api) applications() {
	const tag, base, one = "applications", "/v1/applications", "/v1/applications/{application}"
	add(a, access{scopes: noScope}, endpoint.Operation{
		ID: "get-caller", Method: http.MethodGet, Path: "/v1/application", Tag: tag,
		Summary: "Get the calling application",
		Doc:     "Returns the application that the credentials belong to.",
	}, func(_ context.Context, app chat.Application, _ *nothing) (*applicationBody, error) {
		return &applicationBody{a.showApplication(app)}, nil
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeApplications}}, endpoint.Operation{
		ID: "create-application", Path: base, Tag: tag, Status: http.StatusCreated,
		Summary: "Register an application",
		Doc: "An application is a program that clients connect through or, with kind server, a system that calls this API. Only the latter has a secret and scopes. " +
			"The caller cannot grant scopes that it does not have. Applications made by a bound application are bound to the same organization.",
		Fields: applicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		Body struct {
			Name        string       `json:"name" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server" default:"web" doc:"Where it runs"`
			URL         string       `json:"url,omitempty" limit:"url" doc:"Its address"`
			Key         string       `json:"key,omitempty" limit:"id" doc:"Value that clients send as app, in printable ASCII; default: the server makes one"`
			SendAck     chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first" default:"error-first" doc:"Form of the acknowledgement of the two send requests: ack(false, result) or ack(result)"`
			MutedPushes []string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"Pushes that its sockets do not want, by their names" example:"[\"new history\"]"`

			Scopes       []chat.Scope        `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"Its permissions for this API; required for kind server, not allowed for other kinds"`
			Organization chat.OrganizationID `json:"organization,omitempty" limit:"id" doc:"Restricts the application, including log-ins through it, to one organization. This cannot be changed later"`
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

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-applications", Method: http.MethodGet, Path: base, Tag: tag,
		Summary: "List the applications",
		Doc:     "In the order of registration, without secrets.",
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

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "get-application", Method: http.MethodGet, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Get an application",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InApplication }) (*applicationBody, error) {
		app, err := a.chat.Application(ctx, in.Application)
		return &applicationBody{a.showApplication(app)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeApplications}}, endpoint.Operation{
		ID: "update-application", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Change an application",
		Doc: "Omitted fields are unchanged. The change also applies to connected sockets. The caller must have every scope that the " +
			"application has before and after the change. The kind cannot be changed from or to server.",
		Fields: applicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		InApplication
		Body struct {
			Name        *string       `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        *chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server"`
			URL         *string       `json:"url,omitempty" limit:"url"`
			SendAck     *chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first"`
			MutedPushes *[]string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"The complete list; [] for none"`
			Scopes      *[]chat.Scope `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"The complete list"`
		} `nameHint:"ApplicationPatch"`
	},
	) (*applicationBody, error) {
		b := in.Body
		app, err := a.chat.UpdateApplication(ctx, caller.ID, in.Application, chat.ApplicationPatch{
			Name: b.Name, URL: b.URL, Kind: b.Kind, SendAck: b.SendAck, MutedPushes: b.MutedPushes, Scopes: b.Scopes,
		})
		return &applicationBody{a.showApplication(app)}, err
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeApplications}}, endpoint.Operation{
		ID: "rotate-secret", Path: one + "/secret", Tag: tag, Errors: []int{404},
		Summary: "Give an application a new secret",
		Doc: "For an application of kind server. The previous secret ends at once or after the overlap, so that there is time to give a system the " +
			"new one; there are never more than two. Access tokens stay valid. Do not lose the answer if this is the " +
			"secret of your own calls. The caller must have every scope that the application has.",
		Fields: map[string]string{"application": "path.application", "overlap": "body.overlapSeconds"},
	}, func(ctx context.Context, caller chat.Application, in *struct {
		InApplication
		Body *overlapBody `nameHint:"Rotation" required:"false"`
	},
	) (chat.WithSecret, error) {
		return a.chat.RotateSecret(ctx, caller.ID, in.Application, in.Body.duration())
	}, func(app chat.WithSecret) *applicationSecretBody {
		return &applicationSecretBody{applicationSecret{a.showApplication(app.Application), app.Secret}}
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeApplications, chat.ScopeTokens}}, endpoint.Operation{
		ID: "rotate-signing-key", Path: one + "/signing-key", Tag: tag, Errors: []int{404},
		Summary: "Give an application a new key to sign JWTs",
		Doc: "An application has no signing key until the first call. JWTs that were signed with the previous key are refused at once or after the " +
			"overlap; connected clients stay connected until their JWT expires. The caller must have every scope that the application has.",
		Fields: map[string]string{"application": "path.application", "overlap": "body.overlapSeconds"},
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
