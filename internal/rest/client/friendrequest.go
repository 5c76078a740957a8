package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type friendRequest struct {
	ID      chat.RequestID `json:"id"`
	From    Person         `json:"from"`
	To      Person         `json:"to"`
	Message string         `json:"message"`
	State   string         `json:"state" enum:"waiting,accepted,declined"`
	At      int64          `json:"at" doc:"Time of creation"`
}

var requestStates = map[chat.RequestState]string{
	chat.RequestWaiting: "waiting", chat.RequestAccepted: "accepted", chat.RequestDeclined: "declined",
}

func showRequest(r chat.RequestSeen) friendRequest {
	return friendRequest{
		ID: r.ID, From: showPerson(r.Sender), To: showPerson(r.Receiver), Message: r.Message,
		State: requestStates[r.State], At: r.At.UnixMilli(),
	}
}

type friendRequestBody struct{ Body friendRequest }

func showRequestBody(r chat.RequestSeen, err error) (*friendRequestBody, error) {
	if err != nil {
		return nil, err
	}
	return &friendRequestBody{showRequest(r)}, nil
}

// InRequest names the friend request of a path.
type InRequest struct {
	Request chat.RequestID `path:"request" maxLength:"128" doc:"Id of the friend request"`
}

func (a *api) friendRequests() {
	const base, one = "/api/friend-requests", "/api/friend-requests/{request}"
	add(a, endpoint.Operation{
		ID: "list-friend-requests", Method: http.MethodGet, Path: base,
		Summary: "List sent and received friend requests",
		Doc:     "Newest first, without those that were taken back.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ Page }) (*clientListBody[friendRequest], error) {
		return offsetPage(in.Page, showRequest, func(offset, limit int) ([]chat.RequestSeen, error) {
			return a.chat.FriendRequests(ctx, by, offset, limit)
		})
	})

	add(a, endpoint.Operation{
		ID: "request-friend", Method: http.MethodPost, Path: base, Errors: []int{404, 409},
		Summary: "Send a friend request",
		Doc: "By id or by the whole e-mail address. A repeated request changes nothing. If the other person has already sent one, it is accepted. " +
			"429: the person declined recently, or there were too many addresses without an account. 409: the two are friends. Push `new notify`, of type friend request, to every socket of the receiver.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			To      chat.AccountID `json:"to,omitempty" limit:"id" doc:"Id of an account"`
			Email   string         `json:"email,omitempty" limit:"email" doc:"Instead of to" example:"bob@example.test"`
			Message string         `json:"message,omitempty" limit:"name" doc:"The account that is signed in, and its session" example:"We met at the demo"`
		} `nameHint:"NewFriendRequest"`
	},
	) (*friendRequestBody, error) {
		b := in.Body
		found := func() {}
		if b.Email != "" {
			// Otherwise a list of addresses would soon be one of who is here.
			var wait time.Duration
			if found, wait = a.seeking.Take(string(by.Account)); wait > 0 {
				return nil, &endpoint.TooEarly{Wait: wait}
			}
		}
		r, err := a.chat.RequestFriend(ctx, by, chat.NewFriendRequest{To: b.To, Email: b.Email, Message: b.Message})
		if !errors.Is(err, chat.ErrAccountNotFound) {
			found()
		}
		return showRequestBody(r, err)
	})

	add(a, endpoint.Operation{
		ID: "accept-friend-request", Method: http.MethodPost, Path: one + "/accept", Errors: []int{404, 409},
		Summary: "Accept a friend request",
		Doc: "By the receiver. 409: it was declined. Pushes: `contact changed` to every socket of both, `new notify`, of type friend accepted, " +
			"to every socket of the sender.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*friendRequestBody, error) {
		return showRequestBody(a.chat.AnswerFriendRequest(ctx, by, in.Request, true))
	})

	add(a, endpoint.Operation{
		ID: "decline-friend-request", Method: http.MethodPost, Path: one + "/decline", Errors: []int{404, 409},
		Summary: "Decline a friend request",
		Doc:     "By the receiver, without a push. 409: it was accepted.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*friendRequestBody, error) {
		return showRequestBody(a.chat.AnswerFriendRequest(ctx, by, in.Request, false))
	})

	add(a, endpoint.Operation{
		ID: "take-back-friend-request", Method: http.MethodDelete, Path: one, Errors: []int{404},
		Summary: "Take a friend request back",
		Doc:     "By the sender, while it is not answered.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*nothing, error) {
		return nil, a.chat.TakeBackFriendRequest(ctx, by, in.Request)
	})
}
