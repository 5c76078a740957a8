package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// session is a log-in that is still valid.
type session struct {
	SessionID  chat.SessionID `json:"sessionId" doc:"Names the log-in; not a secret"`
	Device     string         `json:"device" doc:"Name that the client or the browser sent, or the note of the issuer of the token" example:"Firefox, Linux"`
	App        string         `json:"app" doc:"Name of the application that it is valid with; empty: all"`
	CreatedAt  int64          `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	LastSeenAt int64          `json:"lastSeenAt,omitempty" doc:"Time of the last use, to the minute; missing: never used"`
	ExpiresAt  int64          `json:"expiresAt,omitempty" doc:"Missing: does not expire"`
	Current    bool           `json:"current" doc:"The session of the caller"`
}

func showSession(s chat.Session) session {
	return session{
		SessionID: s.Session, Device: s.Label, App: s.AppName, CreatedAt: s.CreatedAt.UnixMilli(),
		LastSeenAt: unixMilli(s.SeenAt), ExpiresAt: unixMilli(s.ExpiresAt), Current: s.Current,
	}
}

func (a *api) sessions() {
	add(a, endpoint.Operation{
		ID: "list-sessions", Method: http.MethodGet, Path: "/api/sessions",
		Summary: "List the sessions of the account",
		Doc:     "Newest first, in one list. Log-ins with JSON Web Tokens of an application are not listed, because only the application knows them.",
	}, func(ctx context.Context, _ chat.Actor, _ *struct{}) (*clientListBody[session], error) {
		rows, err := a.chat.Sessions(ctx, reader(ctx))
		return clientItems(rows, "", showSession), err
	})

	add(a, endpoint.Operation{
		ID: "end-session", Method: http.MethodDelete, Path: "/api/sessions/{session}", Errors: []int{404},
		Summary: "Sign out another session",
		Doc:     "Push `logout message` to the sockets of that log-in, which are then closed.",
	}, func(ctx context.Context, _ chat.Actor, in *struct {
		Session chat.SessionID `path:"session" maxLength:"128" doc:"The sessionId from the list of sessions"`
	},
	) (*nothing, error) {
		return nil, a.chat.EndSession(ctx, reader(ctx), in.Session)
	})

	add(a, endpoint.Operation{
		ID: "end-other-sessions", Method: http.MethodDelete, Path: "/api/sessions",
		Summary: "Sign out all other sessions",
		Doc: "Ends every log-in of the account except the caller's, including JSON Web Tokens, and all sign-in codes, upload tokens and known devices. " +
			"Tokens of applications of kind server stay. Push `logout message` to the sockets of those log-ins, which are then closed.",
	}, func(ctx context.Context, _ chat.Actor, _ *struct{}) (*nothing, error) {
		return nil, a.chat.EndOtherSessions(ctx, reader(ctx))
	})

	add(a, endpoint.Operation{
		ID: "sign-out", Method: http.MethodPost, Path: "/api/sign-out", Status: http.StatusNoContent,
		Summary: "Sign out",
		Doc:     "Ends the caller's token. Push `logout message` to its sockets, which are then closed.",
	}, func(ctx context.Context, _ chat.Actor, _ *struct{}) (*nothing, error) {
		return nil, a.chat.SignOut(ctx, reader(ctx))
	})

	add(a, endpoint.Operation{
		ID: "change-password", Method: http.MethodPut, Path: "/api/me/password", Errors: []int{403},
		Summary: "Set the password of the caller",
		Doc: "Needs the option auth.passwords, and a proof of identity: the current password, or a sign-in within the last minutes " +
			"(option auth.fresh-sign-in), whose end `GET /api/me` returns as `freshUntil`. A token from the host API is no proof. " +
			"The account's other log-ins end, as with `DELETE /api/sessions`. 403: `sign in again`, or the current password is wrong.",
	}, func(ctx context.Context, _ chat.Actor, in *struct {
		Body struct {
			Current  string `json:"current,omitempty" maxLength:"1024" doc:"The current password; optional if there is none, or after a sign-in within the last minutes"`
			Password string `json:"password" minLength:"1" maxLength:"1024" example:"correct horse battery"`
		} `nameHint:"ChangePassword"`
	},
	) (*nothing, error) {
		return nil, a.proven(ctx, func() error { return a.chat.ChangePassword(ctx, reader(ctx), in.Body.Current, in.Body.Password) })
	})
}
