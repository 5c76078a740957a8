package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// ownGroup is a group as one of its members has it.
type ownGroup struct {
	ID            chat.GroupID   `json:"id"`
	Name          string         `json:"name"`
	Avatar        string         `json:"avatar" doc:"Address of a picture, or empty"`
	Announcement  string         `json:"announcement"`
	IsPost        bool           `json:"isPost" doc:"A long-lived group of an organization; false: an ad-hoc discussion"`
	Creator       chat.AccountID `json:"creator"`
	Members       int            `json:"members" doc:"How many"`
	Role          string         `json:"role" enum:"member,admin" doc:"The caller's role; a creator is admin"`
	Banned        bool           `json:"banned" doc:"Only administrators can speak"`
	MembersInvite bool           `json:"membersInvite" doc:"Every member can add others; false: only administrators can"`
	IsPush        bool           `json:"isPush" doc:"The caller's setting; false: muted"`
	CreatedAt     int64          `json:"createdAt"`
}

func showOwnGroup(g chat.OwnGroup) ownGroup {
	return ownGroup{
		ID: g.ID, Name: g.Name, Avatar: g.Avatar, Announcement: g.Announcement, IsPost: g.IsPost, Creator: g.Creator,
		Members: g.Members, Role: showRole(g.Role), Banned: g.Banned, MembersInvite: g.MembersInvite, IsPush: g.Push,
		CreatedAt: g.CreatedAt.UnixMilli(),
	}
}

func showRole(r chat.Role) string {
	if r == chat.RoleAdmin {
		return "admin"
	}
	return "member"
}

// groupFaces are the members that represent a group without a picture.
type groupFaces struct {
	Group chat.GroupID `json:"group"`
	Faces []face       `json:"faces" nullable:"false"`
}

type face struct {
	ID     chat.AccountID `json:"id"`
	Name   string         `json:"name"`
	Avatar string         `json:"avatar" doc:"Address of a picture, or empty"`
}

func showGroupFaces(g chat.GroupFaces) groupFaces {
	faces := make([]face, len(g.Members))
	for i, m := range g.Members {
		faces[i] = face{m.ID, m.Name, m.Avatar}
	}
	return groupFaces{g.Group, faces}
}

type ownGroupBody struct{ Body ownGroup }

func showOwnGroupBody(g chat.OwnGroup, err error) (*ownGroupBody, error) {
	if err != nil {
		return nil, err
	}
	return &ownGroupBody{showOwnGroup(g)}, nil
}

// InGroup names the group of a path.
type InGroup struct {
	Group chat.GroupID `path:"group" maxLength:"128" doc:"Id of the group"`
}

func (a *api) groups() {
	const base, one = "/api/groups", "/api/groups/{group}"
	add(a, endpoint.Operation{
		ID: "list-own-groups", Method: http.MethodGet, Path: base,
		Summary: "List the groups of the caller",
		Doc:     "By name.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Query string `query:"query" maxLength:"200" doc:"Part of the name"`
		Page
	},
	) (*clientListBody[ownGroup], error) {
		return offsetPage(in.Page, showOwnGroup, func(offset, limit int) ([]chat.OwnGroup, error) {
			return a.chat.OwnGroups(ctx, by, in.Query, offset, limit)
		})
	})

	add(a, endpoint.Operation{
		ID: "list-group-faces", Method: http.MethodGet, Path: "/api/group-faces",
		Summary: "List the members that represent groups without a picture",
		Doc:     "Up to four members of each group that the caller is in, the same for every member of the group. Other groups are left out.",
		Fields:  map[string]string{"group": "query.group"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Groups []chat.GroupID `query:"group,explode" required:"true" nullable:"false" minItems:"1" maxItems:"100" doc:"Ids of groups; may be given several times"`
	},
	) (*clientListBody[groupFaces], error) {
		found, err := a.chat.GroupFaces(ctx, by, in.Groups)
		if err != nil {
			return nil, err
		}
		return clientItems(found, "", showGroupFaces), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "create-own-group", Path: base, Status: http.StatusCreated, Errors: []int{403},
		Summary: "Create a group or a discussion",
		Doc: "The caller is its first administrator. A discussion without a name is called after its members. Pushes: `new group` to every socket of " +
			"each member, then the system message that puts it into their lists.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Name    string           `json:"name,omitempty" limit:"name" example:"Demo group"`
			Members []chat.AccountID `json:"members" nullable:"false" limit:"accounts" doc:"The other members, who must be contacts of the caller; the caller need not be listed" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
			IsPost  bool             `json:"isPost,omitempty" doc:"A long-lived group, which needs a name; false: an ad-hoc discussion"`
		} `nameHint:"NewOwnGroup"`
	},
	) (chat.Group, error) {
		b := in.Body
		return a.chat.CreateGroup(ctx, by, chat.NewGroup{Name: b.Name, IsPost: b.IsPost, Members: b.Members})
	}, func(g chat.Group) *ownGroupBody {
		return &ownGroupBody{showOwnGroup(chat.OwnGroup{Group: g, Role: chat.RoleAdmin, Push: true})}
	})

	add(a, endpoint.Operation{
		ID: "get-own-group", Method: http.MethodGet, Path: one, Errors: []int{403, 404},
		Summary: "Get a group of the caller",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InGroup }) (*ownGroupBody, error) {
		return showOwnGroupBody(a.chat.OwnGroup(ctx, by, in.Group))
	})

	add(a, endpoint.Operation{
		ID: "update-own-group", Method: http.MethodPatch, Path: one, Errors: []int{403, 404},
		Summary: "Change a group, or the caller's setting for it",
		Doc: "Omitted fields are unchanged. If one change is refused, none is made. Every member can set `isPush`, only administrators the rest. " +
			"Pushes: `group renamed`, `can add member`, `ban speak` or `permit speak`, `group changed` for the picture, the announcement and the kind, " +
			"and a system message for each change; `set group notice` to the caller's sockets.",
		Fields: map[string]string{"avatar": "body.avatarKey"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Body struct {
			Name          *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Renamed demo group"`
			AvatarKey     *string `json:"avatarKey,omitempty" limit:"key" doc:"Key of an image that the caller has uploaded; empty removes the picture"`
			Announcement  *string `json:"announcement,omitempty" limit:"announcement"`
			MembersInvite *bool   `json:"membersInvite,omitempty" doc:"Every member can add others; false: only administrators can"`
			Banned        *bool   `json:"banned,omitempty" doc:"Only administrators can speak"`
			IsPost        *bool   `json:"isPost,omitempty" doc:"Makes a discussion a group; this cannot be undone"`
			IsPush        *bool   `json:"isPush,omitempty" doc:"The caller's setting; false: muted"`
		} `nameHint:"OwnGroupPatch"`
	},
	) (*ownGroupBody, error) {
		b := in.Body
		avatar, err := a.avatar(ctx, by, b.AvatarKey)
		if err != nil {
			return nil, err
		}
		return showOwnGroupBody(a.chat.UpdateOwnGroup(ctx, by, in.Group, chat.GroupPatch{
			Name: b.Name, Avatar: avatar, Announcement: b.Announcement, IsPost: b.IsPost, MembersInvite: b.MembersInvite, Banned: b.Banned,
		}, b.IsPush))
	})

	add(a, endpoint.Operation{
		ID: "dissolve-own-group", Method: http.MethodDelete, Path: one, Errors: []int{403, 404},
		Summary: "Dissolve a group",
		Doc:     "By its creator. This cannot be undone. The members can still read the messages. Push `removed from group` to all members.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InGroup }) (*nothing, error) {
		return nil, a.chat.DissolveGroup(ctx, by, in.Group)
	})

	add(a, endpoint.Operation{
		ID: "leave-own-group", Method: http.MethodPost, Path: one + "/leave", Errors: []int{403, 404}, Status: http.StatusNoContent,
		Summary: "Leave a group",
		Doc: "If the creator leaves, an administrator becomes the creator, or else the member who has been in the group longest. If the last member leaves, the group is dissolved. " +
			"Pushes: `removed from group` to the caller's sockets, `group member removed` to the other members, and a system message.",
	}, func(ctx context.Context, by chat.Actor, in *struct{ InGroup }) (*nothing, error) {
		return nil, a.chat.LeaveGroup(ctx, by, in.Group)
	})
}
