package client

import (
	"context"
	"net/http"
	"strconv"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// notice is a notification in one's own inbox.
type notice struct {
	ID       string `json:"id"`
	Type     string `json:"type" doc:"Type of the event; 0 (the account was mentioned) and 1 (somebody replied to the account) light a badge" example:"taskcomment"`
	Text     string `json:"text"`
	Name     string `json:"name" doc:"Name of the person or system that it comes from; may be empty"`
	URL      string `json:"url" doc:"Address that opens on a click; may be empty"`
	EntityID string `json:"entityId" doc:"Name of the object that it is about; may be empty"`
	Weak     bool   `json:"weak" doc:"Weak: it is counted separately"`
	Unread   bool   `json:"unread"`
	At       int64  `json:"at"`
}

func showNotice(n chat.Notice) notice {
	return notice{
		ID: strconv.FormatInt(int64(n.ID), 10), Type: n.Type, Text: n.Text, Name: n.Name, URL: n.URL, EntityID: n.EntityID,
		Weak: n.Weak, Unread: n.Unread, At: n.At.UnixMilli(),
	}
}

func (a *api) inboxes() {
	add(a, endpoint.Operation{
		ID: "read-inbox", Method: http.MethodGet, Path: "/api/inboxes/{category}", Errors: []int{404},
		Summary: "List the notifications of an inbox",
		Doc:     "Newest first. It marks nothing as read.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Category chat.Category `path:"category" maxLength:"128" doc:"system, post, calendar, task, knowledge, hr, worksheet or workflow"`
		Before   int64         `query:"before" minimum:"1" doc:"The next of the previous page; empty for the first page"`
		Limit    int           `query:"limit" minimum:"1" default:"50" doc:"How many, at most 100"`
	},
	) (*clientListBody[notice], error) {
		if _, ok := chat.CategoryByName(in.Category); !ok {
			return nil, chat.ErrNotFound
		}
		limit, next := min(in.Limit, maxRows), ""
		rows, err := a.chat.Notices(ctx, by, in.Category, in.Before, limit+1)
		if err != nil {
			return nil, err
		}
		if len(rows) > limit {
			rows = rows[:limit]
			next = strconv.FormatInt(rows[limit-1].Seq, 10)
		}
		return clientItems(rows, next, showNotice), nil
	})
}
