package client

import (
	"context"
	"net/http"
	"strconv"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// unreadPlace is where the caller begins to read a chat.
type unreadPlace struct {
	Count int64  `json:"count" doc:"How many messages are unread"`
	First string `json:"first,omitempty" doc:"The oldest unread message; missing if nothing is unread"`
	At    int64  `json:"at,omitempty" doc:"When that message was sent, in Unix milliseconds"`
}

func (a *api) unreadPlaces() {
	add(a, endpoint.Operation{
		ID: "get-unread-place", Method: http.MethodGet, Path: "/api/unread", Errors: []int{403, 404},
		Summary: "Find the first unread message of a chat",
		Doc:     "The count is the one of `unread count`. A chat without messages, or one that the caller has left, has nothing unread.",
		Fields:  map[string]string{"id": "query.chat", "type": "query.type"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Type int    `query:"type" required:"true" minimum:"1" maximum:"2" example:"1" doc:"1 user, 2 group"`
		Chat string `query:"chat" required:"true" maxLength:"128" example:"file-transfer" doc:"Account, group, or file-transfer"`
	},
	) (*struct{ Body unreadPlace }, error) {
		place, err := a.chat.UnreadPlace(ctx, by.Account, chat.ChatRef{Type: chat.SessionType(in.Type), ID: in.Chat})
		if err != nil {
			return nil, err
		}
		out := &struct{ Body unreadPlace }{unreadPlace{Count: place.Count, At: unixMilli(place.FirstAt)}}
		if place.First != 0 {
			out.Body.First = strconv.FormatInt(int64(place.First), 10)
		}
		return out, nil
	})
}
