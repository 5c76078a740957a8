package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// The kinds of group: the host API's names for the two values of isPost.
const (
	kindGroup      = "group"
	kindDiscussion = "discussion"
)

type group struct {
	ID             chat.GroupID     `json:"id" example:"0198c0de-0000-7000-8000-0000000000f1"`
	Name           string           `json:"name" example:"Demo group"`
	Avatar         string           `json:"avatar" doc:"URL of the picture, may be empty"`
	Announcement   string           `json:"announcement"`
	Kind           string           `json:"kind" enum:"group,discussion" doc:"A long-lived group of an organization, or an ad-hoc discussion"`
	Creator        chat.AccountID   `json:"creator"`
	Administrators []chat.AccountID `json:"administrators" nullable:"false" doc:"The creator is the first one"`
	Members        int              `json:"members" doc:"How many"`
	Banned         bool             `json:"banned" doc:"Only administrators can speak"`
	MembersInvite  bool             `json:"membersInvite" doc:"Every member can add others; false: only administrators can"`
	CreatedAt      time.Time        `json:"createdAt"`
	DissolvedAt    *time.Time       `json:"dissolvedAt,omitempty" doc:"Time of the dissolution; missing: the group exists"`
}

func showGroup(g chat.Group) group {
	kind := kindDiscussion
	if g.IsPost {
		kind = kindGroup
	}
	admins := g.Admins
	if admins == nil {
		admins = []chat.AccountID{}
	}
	return group{
		ID: g.ID, Name: g.Name, Avatar: g.Avatar, Announcement: g.Announcement, Kind: kind, Creator: g.Creator,
		Administrators: admins, Members: g.Members, Banned: g.Banned, MembersInvite: g.MembersInvite,
		CreatedAt: g.CreatedAt.UTC(), DissolvedAt: moment(g.DissolvedAt),
	}
}

type groupBody struct{ Body group }

// InGroup names the group of a path.
type InGroup struct {
	Group chat.GroupID `path:"group" maxLength:"128" doc:"Id of the group"`
}

func (a *api) groups() {
	const tag, base, one = "groups", "/v1/groups", "/v1/groups/{group}"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "create-group", Path: base, Tag: tag, Status: http.StatusCreated, Errors: []int{403, 404},
		Summary: "Create a group or a discussion",
		Doc: "The creator is its first administrator. Pushes: `new group` to every socket of each member, then the system " +
			"message that puts it into their lists.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		By
		Body struct {
			ID      chat.GroupID     `json:"id,omitempty" limit:"new id" doc:"A GUID is recommended; not a number, and not the id of an account. Default: the server makes one"`
			Name    string           `json:"name" minLength:"1" limit:"name" example:"Demo group"`
			Avatar  string           `json:"avatar,omitempty" limit:"url" doc:"URL of the picture"`
			Kind    string           `json:"kind,omitempty" enum:"group,discussion" default:"group" doc:"A long-lived group of an organization, or an ad-hoc discussion"`
			Creator chat.AccountID   `json:"creator" minLength:"1" limit:"id" doc:"Id of the account that the group belongs to" example:"0198c0de-0000-7000-8000-000000000001"`
			Members []chat.AccountID `json:"members,omitempty" nullable:"false" limit:"accounts" doc:"Ids of the others" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
		} `nameHint:"NewGroup"`
	},
	) (chat.Group, error) {
		b := in.Body
		return a.chat.CreateGroup(ctx, in.actor(app), chat.NewGroup{
			ID: b.ID, Name: b.Name, Avatar: b.Avatar, IsPost: b.Kind == kindGroup, Creator: b.Creator, Members: b.Members,
		})
	}, func(g chat.Group) *groupBody { return &groupBody{showGroup(g)} })

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "get-group", Method: http.MethodGet, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Get a group",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InGroup }) (*groupBody, error) {
		g, err := a.chat.Group(ctx, in.Group)
		return &groupBody{showGroup(g)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "update-group", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{403, 404},
		Summary: "Change the name, picture, announcement or settings of a group; make a discussion a group",
		Doc: "Omitted fields are unchanged. Pushes: `group renamed` for a new name, `can add member` for `membersInvite`, `group changed` for " +
			"the rest, and a system message in the group for each change.",
		Fields: map[string]string{"isPost": "body.kind"},
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		By
		Body struct {
			Name          *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Renamed demo group"`
			Avatar        *string `json:"avatar,omitempty" limit:"url" doc:"URL of the picture"`
			Announcement  *string `json:"announcement,omitempty" limit:"announcement"`
			Kind          *string `json:"kind,omitempty" enum:"group" doc:"Makes a discussion a group; this cannot be undone"`
			MembersInvite *bool   `json:"membersInvite,omitempty" doc:"Every member can add others; false: only administrators can"`
		} `nameHint:"GroupPatch"`
	},
	) (*groupBody, error) {
		b := in.Body
		patch := chat.GroupPatch{Name: b.Name, Avatar: b.Avatar, Announcement: b.Announcement, MembersInvite: b.MembersInvite}
		if b.Kind != nil {
			isPost := true
			patch.IsPost = &isPost
		}
		g, err := a.chat.UpdateGroup(ctx, in.actor(app), in.Group, patch)
		return &groupBody{showGroup(g)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "dissolve-group", Method: http.MethodDelete, Path: one, Tag: tag, Errors: []int{403, 404},
		Summary: "Dissolve a group",
		Doc:     "This cannot be undone. The members can still read the messages. Push `removed from group` to all members.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		By
	},
	) (*nothing, error) {
		return nil, a.chat.DissolveGroup(ctx, in.actor(app), in.Group)
	})

	for _, ban := range []bool{true, false} {
		o := endpoint.Operation{
			ID: "ban-speaking", Method: http.MethodPut, Path: one + "/ban", Tag: tag, Errors: []int{403, 404},
			Summary: "Let only administrators speak",
			Doc:     "Push `ban speak` to all members; their sends are refused with ban speak.",
		}
		if !ban {
			o.ID, o.Method, o.Summary, o.Doc = "permit-speaking", http.MethodDelete, "Let everybody speak again", "Push `permit speak` to all members."
		}
		add(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, o, func(ctx context.Context, app chat.Application, in *struct {
			InGroup
			By
		},
		) (*nothing, error) {
			return nil, a.chat.BanSpeak(ctx, in.actor(app), in.Group, ban)
		})
	}
}
