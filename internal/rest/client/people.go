package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// InPerson names the person of a path.
type InPerson struct {
	Person chat.AccountID `path:"person" maxLength:"128" doc:"Id of an account"`
}

type profile struct {
	Person
	Organizations  []named `json:"organizations" nullable:"false" doc:"For other people: those that both are in"`
	GroupsInCommon []named `json:"groupsInCommon" nullable:"false" doc:"At most 100"`
	Request        string  `json:"request,omitempty" enum:"sent,received" doc:"Waiting friend request: sent (the person has not answered) or received (the caller has not answered)"`
}

func (a *api) people() {
	add(a, endpoint.Operation{
		ID: "get-person", Method: http.MethodGet, Path: "/api/people/{person}", Errors: []int{404},
		Summary: "Get the profile of a person",
		Doc: "For colleagues, friends, people in the caller's groups and chats, and the other side of a waiting friend request. " +
			"Other people are not found.",
		Fields: map[string]string{"account": "path.person"},
	}, func(ctx context.Context, by chat.Actor, in *struct{ InPerson }) (*struct{ Body profile }, error) {
		p, err := a.chat.Profile(ctx, by, in.Person)
		if err != nil {
			return nil, err
		}
		groups := make([]named, len(p.InCommon))
		for i, g := range p.InCommon {
			groups[i] = named{string(g.ID), g.Name}
		}
		return &struct{ Body profile }{profile{showPerson(p.Person), nameOrganizations(p.Organizations), groups, string(p.Request)}}, nil
	})

	add(a, endpoint.Operation{
		ID: "end-friendship", Method: http.MethodDelete, Path: "/api/friends/{person}", Errors: []int{404},
		Summary: "End a friendship",
		Doc:     "The messages stay. Push `contact changed` to every socket of both.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InPerson }) (*nothing, error) {
		return nil, a.chat.Unfriend(ctx, by.Account, in.Person)
	})
}
