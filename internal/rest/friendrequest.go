package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/chat"
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
	client(a, operation{
		id: "list-friend-requests", method: http.MethodGet, path: base,
		summary: "List sent and received friend requests",
		doc:     "Newest first, without those that were taken back.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ ClientPage }) (*clientListBody[friendRequest], error) {
		return offsetPage(in.ClientPage, showRequest, func(offset, limit int) ([]chat.RequestSeen, error) {
			return a.chat.FriendRequests(ctx, by, offset, limit)
		})
	})

	client(a, operation{
		id: "request-friend", method: http.MethodPost, path: base, errors: []int{404, 409},
		summary: "Send a friend request",
		doc: "By id or by the whole e-mail address. A repeated request changes nothing. If the other person has already sent one, it is accepted. " +
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
			if found, wait = a.seeking.take(string(by.Account)); wait > 0 {
				return nil, &tooEarly{wait}
			}
		}
		r, err := a.chat.RequestFriend(ctx, by, chat.NewFriendRequest{To: b.To, Email: b.Email, Message: b.Message})
		if !errors.Is(err, chat.ErrAccountNotFound) {
			found()
		}
		return showRequestBody(r, err)
	})

	client(a, operation{
		id: "accept-friend-request", method: http.MethodPost, path: one + "/accept", errors: []int{404, 409},
		summary: "Accept a friend request",
		doc: "By the receiver. 409: it was declined. Pushes: `contact changed` to every socket of both, `new notify`, of type friend accepted, " +
			"to every socket of the sender.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*friendRequestBody, error) {
		return showRequestBody(a.chat.AnswerFriendRequest(ctx, by, in.Request, true))
	})

	client(a, operation{
		id: "decline-friend-request", method: http.MethodPost, path: one + "/decline", errors: []int{404, 409},
		summary: "Decline a friend request",
		doc:     "By the receiver, without a push. 409: it was accepted.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*friendRequestBody, error) {
		return showRequestBody(a.chat.AnswerFriendRequest(ctx, by, in.Request, false))
	})

	client(a, operation{
		id: "take-back-friend-request", method: http.MethodDelete, path: one, errors: []int{404},
		summary: "Take a friend request back",
		doc:     "By the sender, while it is not answered.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InRequest }) (*nothing, error) {
		return nil, a.chat.TakeBackFriendRequest(ctx, by, in.Request)
	})
}
