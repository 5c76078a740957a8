package rest

import (
	"context"
	"net/http"

	"parley/internal/chat"
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
	client(a, operation{
		id: "get-person", method: http.MethodGet, path: "/api/people/{person}", errors: []int{404},
		summary: "Get the profile of a person",
		doc: "For colleagues, friends, people in the caller's groups and chats, and the other side of a waiting friend request. " +
			"Other people are not found.",
		fields: map[string]string{"account": "path.person"},
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

	client(a, operation{
		id: "end-friendship", method: http.MethodDelete, path: "/api/friends/{person}", errors: []int{404},
		summary: "End a friendship",
		doc:     "The messages stay. Push `contact changed` to every socket of both.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InPerson }) (*nothing, error) {
		return nil, a.chat.Unfriend(ctx, by.Account, in.Person)
	})
}
