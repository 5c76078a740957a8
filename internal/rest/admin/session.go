package admin

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// session is a log-in that is neither revoked nor expired.
type session struct {
	SessionID  chat.SessionID `json:"sessionId" doc:"Names the log-in; not a secret"`
	AccountID  chat.AccountID `json:"accountId"`
	Name       string         `json:"name" doc:"Of the person"`
	Device     string         `json:"device" doc:"Name that the client or the browser sent, or the note of the issuer of the token" example:"Firefox, Linux"`
	App        string         `json:"app" doc:"Name of the application that it is valid with; empty: all"`
	AppID      chat.AppID     `json:"appId,omitempty" doc:"Id of the application; missing: all"`
	CreatedAt  int64          `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	LastSeenAt int64          `json:"lastSeenAt,omitempty" doc:"Time of the last use, to the minute; missing: never used"`
	ExpiresAt  int64          `json:"expiresAt,omitempty" doc:"Missing: does not expire"`
}

func showSession(s chat.SessionRow) session {
	return session{
		SessionID: s.Session.Session, AccountID: s.Account, Name: s.AccountName, Device: s.Label, App: s.AppName, AppID: s.Token.App,
		CreatedAt: s.CreatedAt.UnixMilli(), LastSeenAt: unixMilli(s.SeenAt), ExpiresAt: unixMilli(s.ExpiresAt),
	}
}

func (a *api) sessions() {
	add(a, endpoint.Operation{
		ID: "admin-list-sessions", Method: http.MethodGet, Path: prefix + "/sessions",
		Summary: "List sessions",
		Doc: "Log-ins that are neither revoked nor expired, newest first. " +
			"Log-ins with JSON Web Tokens of an application are not listed, because only the application knows them.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Page
		Account    chat.AccountID `query:"account" maxLength:"128" doc:"Only those of this person"`
		App        chat.AppID     `query:"application" maxLength:"128" doc:"Only those with the application with this id"`
		Device     string         `query:"device" maxLength:"200" doc:"Only those with this text in their device, in upper or lower case"`
		SeenSince  int64          `query:"seenSince" minimum:"0" doc:"Only those that were used at this time or later, in Unix milliseconds"`
		SeenBefore int64          `query:"seenBefore" minimum:"0" doc:"Only those that were not used at this time or later, in Unix milliseconds"`
	},
	) (*pageBody[session], error) {
		rows, more, err := a.chat.AdminSessions(ctx, by, chat.SessionsQuery{
			Account: in.Account, App: in.App, Device: in.Device, SeenSince: fromMilli(in.SeenSince), SeenBefore: fromMilli(in.SeenBefore),
			After: chat.SessionID(in.Next), Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return pageOf(rows, more, showSession, func(s chat.SessionRow) string { return string(s.Session.Session) }), nil
	})

	add(a, endpoint.Operation{
		ID: "admin-end-session", Method: http.MethodDelete, Path: prefix + "/sessions/{session}", Errors: []int{404},
		Summary: "End a session",
		Doc:     "Push `logout message` to its sockets, which are then closed. A session of an owner is ended by owners.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Session chat.SessionID `path:"session" maxLength:"128" doc:"The sessionId from the list"`
	},
	) (*nothing, error) {
		return nil, a.chat.AdminEndSession(ctx, by, in.Session)
	})
}
