package admin

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// group is a group as administrators see it, without its messages.
type group struct {
	GroupID     chat.GroupID   `json:"groupId"`
	Name        string         `json:"name"`
	Avatar      string         `json:"avatar"`
	IsPost      bool           `json:"isPost" doc:"true: a long-lived group, false: an ad-hoc discussion"`
	Members     int            `json:"members"`
	OwnerID     chat.AccountID `json:"ownerId"`
	OwnerName   string         `json:"ownerName"`
	OwnerActive bool           `json:"ownerActive"`
	CreatedAt   int64          `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	LastAt      int64          `json:"lastAt,omitempty" doc:"Time of the last message; missing: none"`
	Messages    int64          `json:"messages" doc:"Messages of people"`
	DissolvedAt int64          `json:"dissolvedAt,omitempty" doc:"Missing: not dissolved"`
	AdminsAlone bool           `json:"banned" doc:"Only administrators may write"`
}

func showGroup(g chat.GroupRow) group {
	return group{
		GroupID: g.ID, Name: g.Name, Avatar: g.Avatar, IsPost: g.IsPost, Members: g.Members,
		OwnerID: g.Creator, OwnerName: g.CreatorName, OwnerActive: g.CreatorActive, CreatedAt: g.CreatedAt.UnixMilli(),
		LastAt: unixMilli(g.LastAt), Messages: g.Messages, DissolvedAt: unixMilli(g.DissolvedAt), AdminsAlone: g.Banned,
	}
}

type groupBody struct{ Body group }

type member struct {
	AccountID     chat.AccountID `json:"accountId"`
	Name          string         `json:"name"`
	Email         string         `json:"email"`
	Avatar        string         `json:"avatar"`
	Active        bool           `json:"active"`
	Administrator bool           `json:"administrator" doc:"Of the group"`
	JoinedAt      int64          `json:"joinedAt"`
}

func showMember(m chat.GroupMember) member {
	return member{
		AccountID: m.Account.ID, Name: m.Account.Name, Email: m.Account.Email, Avatar: m.Account.Avatar, Active: m.Account.Active,
		Administrator: m.Role == chat.RoleAdmin, JoinedAt: m.JoinedAt.UnixMilli(),
	}
}

// InGroup names the group of a path.
type InGroup struct {
	Group chat.GroupID `path:"group" maxLength:"128" doc:"Id of the group"`
}

func (a *api) groups() {
	const base, one = prefix + "/groups", prefix + "/groups/{group}"
	add(a, endpoint.Operation{
		ID: "admin-list-groups", Method: http.MethodGet, Path: base,
		Summary: "List or search groups",
		Doc:     "All groups, newest first.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Page
		Query     string `query:"query" maxLength:"200" doc:"Words of the name, its pinyin or initials"`
		Dissolved bool   `query:"dissolved" doc:"Also dissolved groups"`
		Ownerless bool   `query:"ownerless" doc:"Only groups whose owner is not active"`
	},
	) (*pageBody[group], error) {
		rows, more, err := a.chat.AdminGroups(ctx, by, chat.GroupsQuery{
			Query: in.Query, Dissolved: in.Dissolved, Ownerless: in.Ownerless, After: chat.GroupID(in.Next), Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		return pageOf(rows, more, showGroup, func(g chat.GroupRow) string { return string(g.ID) }), nil
	})

	add(a, endpoint.Operation{
		ID: "admin-get-group", Method: http.MethodGet, Path: one, Errors: []int{404},
		Summary: "Get a group",
	}, func(ctx context.Context, by chat.Actor, in *InGroup) (*groupBody, error) {
		g, err := a.chat.AdminGroup(ctx, by, in.Group)
		return &groupBody{showGroup(g)}, err
	})

	add(a, endpoint.Operation{
		ID: "admin-dissolve-group", Method: http.MethodDelete, Path: one, Errors: []int{404},
		Summary: "Dissolve a group",
		Doc:     "The members can still read it. Push `removed from group` to them.",
	}, func(ctx context.Context, by chat.Actor, in *InGroup) (*nothing, error) {
		return nil, a.chat.AdminDissolveGroup(ctx, by, in.Group)
	})

	add(a, endpoint.Operation{
		ID: "admin-set-group-owner", Method: http.MethodPut, Path: one + "/owner", Errors: []int{404},
		Summary: "Hand over a group",
		Doc:     "The person becomes the owner of the group, and a member if necessary. The former owner stays an administrator of it. A guest is refused.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Body struct {
			Account chat.AccountID `json:"account" limit:"id" doc:"Id of the new owner" example:"0198c0de-0000-7000-8000-000000000002"`
		} `nameHint:"AdminGroupOwner"`
	},
	) (*groupBody, error) {
		g, err := a.chat.AdminHandOverGroup(ctx, by, in.Group, in.Body.Account)
		return &groupBody{showGroup(g)}, err
	})

	add(a, endpoint.Operation{
		ID: "admin-list-group-members", Method: http.MethodGet, Path: one + "/members", Errors: []int{404},
		Summary: "List the members of a group",
		Doc:     "In the order of their ids.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Page
	},
	) (*pageBody[member], error) {
		rows, err := a.chat.AdminGroupMembers(ctx, by, in.Group, chat.AccountID(in.Next), in.Limit+1)
		if err != nil {
			return nil, err
		}
		more := len(rows) > in.Limit
		return pageOf(rows[:min(len(rows), in.Limit)], more, showMember, func(m chat.GroupMember) string { return string(m.Account.ID) }), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-add-group-members", Path: one + "/members", Status: http.StatusNoContent, Errors: []int{404},
		Summary: "Add people to a group",
		Doc:     "People who are members already stay. Pushes `new group` and `group member added`.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Body struct {
			Accounts []chat.AccountID `json:"accounts" nullable:"false" minItems:"1" limit:"accounts" doc:"Ids of people" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
		} `nameHint:"AdminGroupMembers"`
	},
	) ([]chat.GroupMember, error) {
		return a.chat.AdminAddGroupMembers(ctx, by, in.Group, in.Body.Accounts)
	}, func([]chat.GroupMember) *nothing { return &nothing{} })

	add(a, endpoint.Operation{
		ID: "admin-remove-group-member", Method: http.MethodDelete, Path: one + "/members/{account}", Errors: []int{404},
		Summary: "Remove somebody from a group",
		Doc:     "If the owner is removed, an administrator of the group becomes the owner. Pushes `removed from group` and `group member removed`.",
		Fields:  map[string]string{"account": "path.account"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		InPerson
	},
	) (*nothing, error) {
		return nil, a.chat.AdminRemoveGroupMember(ctx, by, in.Group, in.Account)
	})
}
