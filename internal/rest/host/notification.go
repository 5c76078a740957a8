package host

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type notification struct {
	ID       string        `json:"id"`
	Category chat.Category `json:"category" enum:"system,post,calendar,task,knowledge,hr,worksheet,workflow"`
	Type     string        `json:"type" example:"taskcomment"`
	Text     string        `json:"text" example:"Bob Demo commented on your task"`
	Name     string        `json:"name"`
	URL      string        `json:"url"`
	EntityID string        `json:"entityId"`
	Weak     bool          `json:"weak"`
	At       time.Time     `json:"at"`
}

func showNotification(n chat.Notification) notification {
	return notification{
		ID: strconv.FormatInt(int64(n.ID), 10), Category: n.Category, Type: n.Type, Text: n.Text, Name: n.Name,
		URL: n.URL, EntityID: n.EntityID, Weak: n.Weak, At: n.At.UTC(),
	}
}

func (a *api) notifications() {
	const tag = "notifications"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeNotifications}}, endpoint.Operation{
		ID: "notify", Path: "/v1/notifications", Tag: tag, Status: http.StatusCreated, Errors: []int{404},
		Summary: "Put a notification into inboxes",
		Doc: "To the listed accounts, to all members of an organization, or both; each account gets it once. " +
			"Push `new notify` to every socket of these accounts.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		Body struct {
			Category     chat.Category       `json:"category" enum:"system,post,calendar,task,knowledge,hr,worksheet,workflow"`
			Type         string              `json:"type" minLength:"1" limit:"id" doc:"Type of the event, a word that clients know; 0 (the account was mentioned) and 1 (somebody replied to the account) light a badge" example:"taskcomment"`
			Text         string              `json:"text" minLength:"1" limit:"text" example:"Bob Demo commented on your task"`
			Name         string              `json:"name,omitempty" limit:"name" doc:"Name of the person or system that it comes from"`
			URL          string              `json:"url,omitempty" limit:"url"`
			EntityID     string              `json:"entityId,omitempty" limit:"id" doc:"Name of the object that it is about"`
			Weak         bool                `json:"weak,omitempty" doc:"Weak: it is counted separately and lights no badge"`
			Accounts     []chat.AccountID    `json:"accounts,omitempty" nullable:"false" limit:"accounts" doc:"Ids of the receivers" example:"[\"0198c0de-0000-7000-8000-000000000001\"]"`
			Organization chat.OrganizationID `json:"organization,omitempty" limit:"id" doc:"All members of this organization"`
		} `nameHint:"NewNotification"`
	},
	) (chat.DeliveredNotification, error) {
		b := in.Body
		if len(b.Accounts) == 0 && b.Organization == "" {
			return chat.DeliveredNotification{}, chat.Invalid("accounts", "or an organization is required")
		}
		n, receivers, err := a.chat.Notify(ctx, chat.NewNotification{
			Category: b.Category, Type: b.Type, Text: b.Text, Name: b.Name, URL: b.URL, EntityID: b.EntityID,
			Weak: b.Weak, Accounts: b.Accounts, Organization: b.Organization,
		})
		return chat.DeliveredNotification{Notification: n, Receivers: receivers}, err
	}, func(d chat.DeliveredNotification) *notifiedBody {
		return &notifiedBody{notified{Notification: showNotification(d.Notification), Receivers: d.Receivers}}
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-notifications", Method: http.MethodGet, Path: "/v1/accounts/{account}/notifications", Tag: tag, Errors: []int{404},
		Summary: "List the notifications of an account",
		Doc:     "One category, newest first.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InAccount
		Category chat.Category `query:"category" required:"true" enum:"system,post,calendar,task,knowledge,hr,worksheet,workflow"`
		After    int64         `query:"after" minimum:"1" doc:"The next of the previous page; empty for the first page"`
		Limit    int           `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
	},
	) (*listBody[notification], error) {
		rows, err := a.chat.Notifications(ctx, in.Account, in.Category, in.After, in.Limit+1)
		return pageOf(rows, in.Limit, showNotification, func(n chat.Notification) string { return strconv.FormatInt(n.Seq, 10) }), err
	})
}

type notified struct {
	Notification notification `json:"notification"`
	Receivers    int          `json:"receivers" doc:"How many accounts got it"`
}

type notifiedBody struct{ Body notified }
