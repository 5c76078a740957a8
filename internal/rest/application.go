package rest

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
)

type application struct {
	ID          chat.AppID   `json:"id"`
	Key         string       `json:"key" doc:"What clients send as app"`
	Name        string       `json:"name"`
	URL         string       `json:"url"`
	Kind        chat.AppKind `json:"kind" enum:"web,mobile,desktop,server"`
	SendAck     chat.SendAck `json:"sendAck" enum:"error-first,result-first" doc:"The form of the acknowledgement of the two sends"`
	MutedPushes []string     `json:"mutedPushes" nullable:"false" doc:"Pushes that its sockets do not want"`
	CreatedAt   time.Time    `json:"createdAt"`
}

func (a *api) applications() {
	host(a, operation{
		id: "get-application", method: http.MethodGet, path: "/v1/application", tag: "application",
		summary: "The application that calls",
		doc:     "Tells whose credentials these are. The secret is never shown; applications are made with the program's own commands.",
	}, func(_ context.Context, app chat.Application, _ *nothing) (*struct{ Body application }, error) {
		muted := app.MutedPushes
		if muted == nil {
			muted = []string{}
		}
		return &struct{ Body application }{application{
			ID: app.ID, Key: app.Key, Name: app.Name, URL: app.URL, Kind: app.Kind,
			SendAck: app.SendAck, MutedPushes: muted, CreatedAt: app.CreatedAt.UTC(),
		}}, nil
	})
}
