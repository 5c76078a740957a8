package admin

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type application struct {
	ID           chat.AppID          `json:"id" example:"0198c0de-0000-7000-8000-0000000000a1"`
	Key          string              `json:"key" doc:"Value that clients send as app" example:"0198c0de-0000-7000-8000-0000000000a2"`
	Name         string              `json:"name" example:"Demo web client"`
	URL          string              `json:"url"`
	Kind         chat.AppKind        `json:"kind" enum:"web,mobile,desktop,server"`
	SendAck      chat.SendAck        `json:"sendAck" enum:"error-first,result-first" doc:"Form of the acknowledgement of the two send requests"`
	MutedPushes  []string            `json:"mutedPushes" nullable:"false" doc:"Pushes that its sockets do not want" example:"[\"new history\"]"`
	Scopes       []chat.Scope        `json:"scopes" nullable:"false" doc:"Its permissions for the host API; only for kind server"`
	Organization chat.OrganizationID `json:"organization,omitempty" doc:"The organization that the application is restricted to; missing: no restriction"`
	CreatedAt    int64               `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	LastSeenAt   int64               `json:"lastSeenAt,omitempty" doc:"Last use: a log-in or request of somebody through it, a token that was issued for it, or a call of a host system. Another node reports a use within a minute. Missing: never"`
	WebClient    bool                `json:"webClient,omitempty" doc:"true: the application of the web client. It cannot be disabled, because nobody could sign in with a browser to enable it again"`
	DisabledAt   int64               `json:"disabledAt,omitempty" doc:"Nobody gets in through it since then; missing: it is not disabled"`
	Secrets      []credential        `json:"secrets" nullable:"false" doc:"The valid secrets without their values, newest first; only for kind server"`
	SigningKeys  []credential        `json:"signingKeys" nullable:"false" doc:"The valid keys for signing JWTs without their values, newest first"`
}

// credential describes a secret or a signing key without its value.
type credential struct {
	CreatedAt int64 `json:"createdAt,omitempty"`
	ExpiresAt int64 `json:"expiresAt,omitempty" doc:"Missing: valid until it is rotated"`
}

// withSecret is an application with a new secret or signing key, which no other answer has.
type withSecret struct {
	Application application `json:"application"`
	Secret      string      `json:"secret,omitempty" doc:"The secret or the signing key. It is shown only once"`
}

type applicationBody struct{ Body application }

type withSecretBody struct{ Body withSecret }

func (a *api) showApplication(r chat.Application) application {
	return application{
		ID: r.ID, Key: r.Key, Name: r.Name, URL: r.URL, Kind: r.Kind, SendAck: r.SendAck, MutedPushes: endpoint.List(r.MutedPushes),
		Scopes: endpoint.List(r.Scopes), Organization: r.Organization, CreatedAt: r.CreatedAt.UnixMilli(), LastSeenAt: unixMilli(r.SeenAt),
		WebClient:  r.Key == chat.ClientApp,
		DisabledAt: unixMilli(r.DisabledAt), Secrets: a.showCredentials(r.Secrets), SigningKeys: a.showCredentials(r.SigningKeys),
	}
}

func (a *api) showCredentials(all []chat.Credential) []credential {
	return endpoint.LiveCredentials(a.router, all, func(created, expires time.Time) credential {
		return credential{unixMilli(created), unixMilli(expires)}
	})
}

func (a *api) showSecret(made chat.WithSecret) *withSecretBody {
	return &withSecretBody{withSecret{a.showApplication(made.Application), made.Secret}}
}

func (a *api) applications() {
	const base, one = prefix + "/applications", prefix + "/applications/{application}"
	add(a, endpoint.Operation{
		ID: "admin-list-applications", Method: http.MethodGet, Path: base,
		Summary: "List the applications",
		Doc:     "In one page, in the order of registration, without secrets.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*pageBody[application], error) {
		rows, err := a.chat.AdminApplications(ctx, by)
		if err != nil {
			return nil, err
		}
		return pageOf(rows, false, a.showApplication, nil), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-create-application", Path: base, Status: http.StatusCreated, Errors: []int{409},
		Summary: "Register an application",
		Doc:     "One of kind server calls the host API and has power over owners, so only owners register one. This needs a sign-in of the last minutes (403: `sign in again`). Its secret is shown only in this answer.",
		Fields:  endpoint.ApplicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct{ Body endpoint.NewApplication },
	) (chat.WithSecret, error) {
		return a.chat.AdminCreateApplication(ctx, by, in.Body.Application())
	}, a.showSecret)

	add(a, endpoint.Operation{
		ID: "admin-update-application", Method: http.MethodPatch, Path: one, Errors: []int{404},
		Summary: "Change an application",
		Doc:     "Omitted fields are unchanged. The change also applies to connected sockets. One of kind server is changed by owners. The kind cannot be changed from or to server. A new scope, and enabling an application of kind server or with a signing key, need a sign-in of the last minutes (403: `sign in again`). Nobody disables the application that the call comes through, nor that of the web client.",
		Fields:  endpoint.ApplicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InApplication
		Body endpoint.ApplicationPatch
	},
	) (*applicationBody, error) {
		app, err := a.chat.AdminUpdateApplication(ctx, by, in.Application, in.Body.Patch())
		return &applicationBody{a.showApplication(app)}, err
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-rotate-secret", Path: one + "/secret", Errors: []int{404},
		Summary: "Give an application a new secret",
		Doc:     "For an application of kind server, by owners with a sign-in of the last minutes (403: `sign in again`). The previous secret ends at once or after the overlap.",
		Fields:  endpoint.ApplicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InApplication
		Body *endpoint.Rotation
	},
	) (chat.WithSecret, error) {
		return a.chat.AdminRotateSecret(ctx, by, in.Application, in.Body.Overlap())
	}, a.showSecret)

	addOnce(a, endpoint.Operation{
		ID: "admin-rotate-signing-key", Path: one + "/signing-key", Errors: []int{404},
		Summary: "Give an application a new key for signing JWTs",
		Doc:     "By owners with a sign-in of the last minutes (403: `sign in again`): with the key everybody can be signed in. The previous key ends at once or after the overlap.",
		Fields:  endpoint.ApplicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		endpoint.InApplication
		Body *endpoint.Rotation
	},
	) (chat.WithSecret, error) {
		return a.chat.AdminRotateSigningKey(ctx, by, in.Application, in.Body.Overlap())
	}, a.showSecret)
}
