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
	LastSeenAt   int64               `json:"lastSeenAt,omitempty" doc:"Last use by somebody's access token, or for a change by a host system; missing: never"`
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

func (a *api) showApplication(r chat.ApplicationRow) application {
	out := application{
		ID: r.ID, Key: r.Key, Name: r.Name, URL: r.URL, Kind: r.Kind, SendAck: r.SendAck, MutedPushes: r.MutedPushes, Scopes: r.Scopes,
		Organization: r.Organization, CreatedAt: r.CreatedAt.UnixMilli(), LastSeenAt: unixMilli(r.SeenAt),
		Secrets: a.showCredentials(r.Secrets), SigningKeys: a.showCredentials(r.SigningKeys),
	}
	if out.MutedPushes == nil {
		out.MutedPushes = []string{}
	}
	if out.Scopes == nil {
		out.Scopes = []chat.Scope{}
	}
	return out
}

func (a *api) showCredentials(all []chat.Credential) []credential {
	out := []credential{}
	for _, c := range all {
		if c.ExpiresAt.IsZero() || a.router.Now().Before(c.ExpiresAt) {
			out = append(out, credential{unixMilli(c.CreatedAt), unixMilli(c.ExpiresAt)})
		}
	}
	return out
}

func (a *api) showSecret(made chat.WithSecret) *withSecretBody {
	return &withSecretBody{withSecret{a.showApplication(chat.ApplicationRow{Application: made.Application}), made.Secret}}
}

// InApplication names the application of a path.
type InApplication struct {
	Application chat.AppID `path:"application" maxLength:"128" doc:"Id or key of the application"`
}

// rotation is the body of a rotation. A missing body is the same as an empty one.
type rotation struct {
	Seconds int64 `json:"overlapSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long the previous one stays valid; 0 or missing: it ends at once" example:"3600"`
}

func (o *rotation) overlap() time.Duration {
	if o == nil {
		return 0
	}
	return time.Duration(o.Seconds) * time.Second
}

// applicationFields maps the names of fields in package chat to their names here.
var applicationFields = map[string]string{
	"send_ack": "body.sendAck", "muted_pushes": "body.mutedPushes", "application": "path.application", "overlap": "body.overlapSeconds",
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
		Doc:     "One of kind server calls the host API and has power over owners, so only owners register one. Its secret is shown only in this answer.",
		Fields:  applicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Name         string              `json:"name" minLength:"1" limit:"name" example:"Demo web client"`
			Kind         chat.AppKind        `json:"kind,omitempty" enum:"web,mobile,desktop,server" default:"web" doc:"Where it runs"`
			URL          string              `json:"url,omitempty" limit:"url"`
			Key          string              `json:"key,omitempty" limit:"id" doc:"Value that clients send as app; default: the server makes one"`
			SendAck      chat.SendAck        `json:"sendAck,omitempty" enum:"error-first,result-first" default:"error-first"`
			MutedPushes  []string            `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" example:"[\"new history\"]"`
			Scopes       []chat.Scope        `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"Required for kind server, not allowed for other kinds"`
			Organization chat.OrganizationID `json:"organization,omitempty" limit:"id" doc:"Restricts the application to one organization. This cannot be changed later"`
		} `nameHint:"AdminNewApplication"`
	},
	) (chat.WithSecret, error) {
		b := in.Body
		return a.chat.AdminCreateApplication(ctx, by, chat.Application{
			Name: b.Name, Kind: b.Kind, URL: b.URL, Key: b.Key, SendAck: b.SendAck, MutedPushes: b.MutedPushes,
			Scopes: b.Scopes, Organization: b.Organization,
		})
	}, a.showSecret)

	add(a, endpoint.Operation{
		ID: "admin-update-application", Method: http.MethodPatch, Path: one, Errors: []int{404},
		Summary: "Change an application",
		Doc:     "Omitted fields are unchanged. The change also applies to connected sockets. One of kind server is changed by owners. The kind cannot be changed from or to server.",
		Fields:  applicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InApplication
		Body struct {
			Name        *string       `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        *chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server"`
			URL         *string       `json:"url,omitempty" limit:"url"`
			SendAck     *chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first"`
			MutedPushes *[]string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"The complete list; [] for none"`
			Scopes      *[]chat.Scope `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"The complete list"`
		} `nameHint:"AdminApplicationPatch"`
	},
	) (*applicationBody, error) {
		b := in.Body
		app, err := a.chat.AdminUpdateApplication(ctx, by, in.Application, chat.ApplicationPatch{
			Name: b.Name, URL: b.URL, Kind: b.Kind, SendAck: b.SendAck, MutedPushes: b.MutedPushes, Scopes: b.Scopes,
		})
		return &applicationBody{a.showApplication(chat.ApplicationRow{Application: app})}, err
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-rotate-secret", Path: one + "/secret", Errors: []int{404},
		Summary: "Give an application a new secret",
		Doc:     "For an application of kind server, by owners. The previous secret ends at once or after the overlap.",
		Fields:  applicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InApplication
		Body *rotation `nameHint:"AdminRotation"`
	},
	) (chat.WithSecret, error) {
		return a.chat.AdminRotateSecret(ctx, by, in.Application, in.Body.overlap())
	}, a.showSecret)

	addOnce(a, endpoint.Operation{
		ID: "admin-rotate-signing-key", Path: one + "/signing-key", Errors: []int{404},
		Summary: "Give an application a new key for signing JWTs",
		Doc:     "By owners: with the key everybody can be signed in. The previous key ends at once or after the overlap.",
		Fields:  applicationFields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InApplication
		Body *rotation `nameHint:"AdminRotation"`
	},
	) (chat.WithSecret, error) {
		return a.chat.AdminRotateSigningKey(ctx, by, in.Application, in.Body.overlap())
	}, a.showSecret)
}
