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
}

func showApplication(app chat.Application) application {
	muted := app.MutedPushes
	if muted == nil {
		muted = []string{}
	}
	return application{
		ID: app.ID, Key: app.Key, Name: app.Name, URL: app.URL, Kind: app.Kind,
		SendAck: app.SendAck, MutedPushes: muted, CreatedAt: app.CreatedAt.UTC(),
	}
}

type applicationBody struct{ Body application }

// applicationSecret is the answer where a secret was made: it is in no other.
type applicationSecret struct {
	Application application `json:"application"`
	Secret      string      `json:"secret" doc:"Signs JWTs and authenticates calls of this API. It is shown this once"`
}

type applicationSecretBody struct{ Body applicationSecret }

func showSecret(app chat.Application) *applicationSecretBody {
	return &applicationSecretBody{applicationSecret{Application: showApplication(app), Secret: app.Secret}}
}

// InApplication names the application of a path.
type InApplication struct {
	Application chat.AppID `path:"application" maxLength:"128" doc:"Id or key of the application"`
}

// applicationFields are the names that the chat has for them, and here.
var applicationFields = map[string]string{"send_ack": "body.sendAck", "muted_pushes": "body.mutedPushes"}

func (a *api) applications() {
	const tag, base, one = "applications", "/v1/applications", "/v1/applications/{application}"
	host(a, operation{
		id: "get-caller", method: http.MethodGet, path: "/v1/application", tag: tag,
		summary: "The application that calls",
		doc:     "Tells whose credentials these are.",
	}, func(_ context.Context, app chat.Application, _ *nothing) (*applicationBody, error) {
		return &applicationBody{showApplication(app)}, nil
	})

	post(a, operation{
		id: "create-application", path: base, tag: tag, status: http.StatusCreated,
		summary: "Register an application",
		doc: "A program that clients connect through, or a system that calls this API. Whoever has its secret may call every " +
			"operation, whatever the kind.",
		fields: applicationFields,
	}, func(ctx context.Context, _ chat.Application, in *struct {
		Body struct {
			Name        string       `json:"name" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server" default:"web" doc:"Where it runs"`
			URL         string       `json:"url,omitempty" limit:"url" doc:"Its address"`
			Key         string       `json:"key,omitempty" limit:"id" doc:"What clients send as app, in printable ASCII; made when missing"`
			SendAck     chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first" default:"error-first" doc:"The form of the acknowledgement of the two sends: ack(false, result) or ack(result)"`
			MutedPushes []string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"Pushes that its sockets do not want, by their names" example:"[\"new history\"]"`
		} `nameHint:"NewApplication"`
	},
	) (chat.Application, error) {
		b := in.Body
		return a.chat.CreateApplication(ctx, chat.Application{
			Name: b.Name, Kind: b.Kind, URL: b.URL, Key: b.Key, SendAck: b.SendAck, MutedPushes: b.MutedPushes,
		})
	}, showSecret)

	host(a, operation{
		id: "list-applications", method: http.MethodGet, path: base, tag: tag,
		summary: "List the applications",
		doc:     "All of them, in the order in which they were registered, without their secrets.",
	}, func(ctx context.Context, _ chat.Application, _ *nothing) (*listBody[application], error) {
		rows, err := a.chat.Applications(ctx)
		return pageOf(rows, len(rows), showApplication, nil), err
	})

	host(a, operation{
		id: "get-application", method: http.MethodGet, path: one, tag: tag, errors: []int{404},
		summary: "Get an application",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InApplication }) (*applicationBody, error) {
		app, err := a.chat.Application(ctx, in.Application)
		return &applicationBody{showApplication(app)}, err
	})

	host(a, operation{
		id: "update-application", method: http.MethodPatch, path: one, tag: tag, errors: []int{404},
		summary: "Change an application",
		doc:     "What is missing stays. It holds for sockets that are connected, too.",
		fields:  applicationFields,
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InApplication
		Body struct {
			Name        *string       `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo web client"`
			Kind        *chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server"`
			URL         *string       `json:"url,omitempty" limit:"url"`
			SendAck     *chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first"`
			MutedPushes *[]string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"All of them; [] for none"`
		} `nameHint:"ApplicationPatch"`
	},
	) (*applicationBody, error) {
		b := in.Body
		app, err := a.chat.UpdateApplication(ctx, in.Application, chat.ApplicationPatch{
			Name: b.Name, URL: b.URL, Kind: b.Kind, SendAck: b.SendAck, MutedPushes: b.MutedPushes,
		})
		return &applicationBody{showApplication(app)}, err
	})

	post(a, operation{
		id: "rotate-secret", path: one + "/secret", tag: tag, errors: []int{404},
		summary: "Give an application a new secret",
		doc: "The old one opens nothing from then on, and what it signed is refused; access tokens stay good. " +
			"Who rotates the secret of its own calls must not lose the answer.",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InApplication }) (chat.Application, error) {
		return a.chat.RotateSecret(ctx, in.Application)
	}, showSecret)
}
