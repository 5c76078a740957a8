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
	DisabledAt   *time.Time          `json:"disabledAt,omitempty" doc:"Nobody gets in through it since then; missing: it is not disabled"`
	Secrets      []credential        `json:"secrets" nullable:"false" doc:"The valid secrets without their values, newest first; only for kind server"`
	SigningKeys  []credential        `json:"signingKeys" nullable:"false" doc:"The valid keys for signing JWTs without their values, newest first"`
}

// credential describes a secret or a signing key without its value.
type credential struct {
	CreatedAt *time.Time `json:"createdAt,omitempty" doc:"Missing: the signing key was once the application's secret, and should be replaced"`
	ExpiresAt *time.Time `json:"expiresAt,omitempty" doc:"Missing: valid until it is rotated"`
}

func (a *api) showApplication(app chat.Application) application {
	show := func(all []chat.Credential) []credential {
		return endpoint.LiveCredentials(a.router, all, func(created, expires time.Time) credential {
			return credential{CreatedAt: moment(created), ExpiresAt: moment(expires)}
		})
	}
	return application{
		ID: app.ID, Key: app.Key, Name: app.Name, URL: app.URL, Kind: app.Kind,
		SendAck: app.SendAck, MutedPushes: endpoint.List(app.MutedPushes), CreatedAt: app.CreatedAt.UTC(),
		Scopes: endpoint.List(app.Scopes), Organization: app.Organization, DisabledAt: moment(app.DisabledAt),
		Secrets: show(app.Secrets), SigningKeys: show(app.SigningKeys),
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
		Fields: endpoint.ApplicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct{ Body endpoint.NewApplication },
	) (chat.WithSecret, error) {
		return a.chat.CreateApplication(ctx, caller.ID, in.Body.Application())
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
	}, func(ctx context.Context, _ chat.Application, in *struct{ endpoint.InApplication }) (*applicationBody, error) {
		app, err := a.chat.Application(ctx, in.Application)
		return &applicationBody{a.showApplication(app)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeApplications}}, endpoint.Operation{
		ID: "update-application", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Change an application",
		Doc: "Omitted fields are unchanged. The change also applies to connected sockets. The caller must have every scope that the " +
			"application has before and after the change. The kind cannot be changed from or to server.",
		Fields: endpoint.ApplicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		endpoint.InApplication
		Body endpoint.ApplicationPatch
	},
	) (*applicationBody, error) {
		app, err := a.chat.UpdateApplication(ctx, caller.ID, in.Application, in.Body.Patch())
		return &applicationBody{a.showApplication(app)}, err
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeApplications}}, endpoint.Operation{
		ID: "rotate-secret", Path: one + "/secret", Tag: tag, Errors: []int{404},
		Summary: "Give an application a new secret",
		Doc: "For an application of kind server. The previous secret ends at once or after the overlap, so that there is time to give a system the " +
			"new one; there are never more than two. Access tokens stay valid. Do not lose the answer if this is the " +
			"secret of your own calls. The caller must have every scope that the application has.",
		Fields: endpoint.ApplicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		endpoint.InApplication
		Body *endpoint.Rotation `required:"false"`
	},
	) (chat.WithSecret, error) {
		return a.chat.RotateSecret(ctx, caller.ID, in.Application, in.Body.Overlap())
	}, func(app chat.WithSecret) *applicationSecretBody {
		return &applicationSecretBody{applicationSecret{a.showApplication(app.Application), app.Secret}}
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeApplications, chat.ScopeTokens}}, endpoint.Operation{
		ID: "rotate-signing-key", Path: one + "/signing-key", Tag: tag, Errors: []int{404},
		Summary: "Give an application a new key to sign JWTs",
		Doc: "An application has no signing key until the first call. JWTs that were signed with the previous key are refused at once or after the " +
			"overlap; connected clients stay connected until their JWT expires. The caller must have every scope that the application has.",
		Fields: endpoint.ApplicationFields,
	}, func(ctx context.Context, caller chat.Application, in *struct {
		endpoint.InApplication
		Body *endpoint.Rotation `required:"false"`
	},
	) (chat.WithSecret, error) {
		return a.chat.RotateSigningKey(ctx, caller.ID, in.Application, in.Body.Overlap())
	}, func(app chat.WithSecret) *applicationKeyBody {
		return &applicationKeyBody{applicationKey{a.showApplication(app.Application), app.Secret}}
	})
}
