package host

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

func (a *api) friends() {
	const tag, base = "friends", "/v1/accounts/{account}/friends"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "add-friend", Path: base, Tag: tag, Errors: []int{404}, Status: http.StatusNoContent,
		Summary: "Make two accounts friends",
		Doc: "Friends are contacts of each other, independently of organizations. A waiting friend request between them is accepted. " +
			"If they are friends already, nothing changes. Push `contact changed` to every socket of both.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InAccount
		Body struct {
			Account chat.AccountID `json:"account" minLength:"1" limit:"id" doc:"Id of the other account" example:"0198c0de-0000-7000-8000-000000000002"`
		} `nameHint:"NewFriend"`
	},
	) (struct{}, error) {
		return struct{}{}, a.chat.Befriend(ctx, in.Account, in.Body.Account)
	}, noAnswer)

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-friends", Method: http.MethodGet, Path: base, Tag: tag, Errors: []int{404},
		Summary: "List an account's friends",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InAccount
		Page
	},
	) (*listBody[account], error) {
		var rows []chat.Account
		err := a.within(ctx, app, func() (err error) {
			rows, err = a.chat.Friends(ctx, in.Account, chat.AccountID(in.After), in.Limit+1)
			return err
		}, func(r chat.Reach) (err error) {
			rows, err = r.Friends(in.Account, chat.AccountID(in.After), in.Limit+1)
			return err
		})
		return accountPage(rows, in.Limit), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "remove-friend", Method: http.MethodDelete, Path: base + "/{friend}", Tag: tag, Errors: []int{404},
		Summary: "End a friendship",
		Doc:     "Push `contact changed` to every socket of both.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InAccount
		Friend chat.AccountID `path:"friend" maxLength:"128" doc:"Id of the other account"`
	},
	) (*nothing, error) {
		return nil, a.chat.Unfriend(ctx, in.Account, in.Friend)
	})
}
