package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// personInGroup is a member of a group as another one sees it.
type personInGroup struct {
	Person    Person `json:"person"`
	Role      string `json:"role" enum:"member,admin"`
	IsCreator bool   `json:"isCreator"`
	JoinedAt  int64  `json:"joinedAt"`
}

func showPersonInGroup(m chat.MemberSeen) personInGroup {
	return personInGroup{Person: showPerson(m.Person), Role: showRole(m.Role), IsCreator: m.Creator, JoinedAt: m.JoinedAt.UnixMilli()}
}

func (a *api) members() {
	const base, one, admin = "/api/groups/{group}/members", "/api/groups/{group}/members/{person}", "/api/groups/{group}/admins/{person}"
	fields := map[string]string{"account": "path.person", "accounts": "body.members"}
	add(a, endpoint.Operation{
		ID: "find-members", Method: http.MethodGet, Path: base, Errors: []int{403, 404},
		Summary: "List the members of a group",
		Doc:     "The creator first, then the other administrators, then everybody else, each by name.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Query string `query:"query" maxLength:"200" doc:"Parts of the name or of an address that the caller may see, or the spelling of the name in pinyin"`
		Page
	},
	) (*clientListBody[personInGroup], error) {
		return offsetPage(in.Page, showPersonInGroup, func(offset, limit int) ([]chat.MemberSeen, error) {
			return a.chat.FindMembers(ctx, by, in.Group, in.Query, offset, limit)
		})
	})

	add(a, endpoint.Operation{
		ID: "bring-in-members", Method: http.MethodPost, Path: base, Errors: []int{403, 404},
		Summary: "Add contacts to a group",
		Doc: "By administrators, and by every member if membersInvite is set. The answer lists the new members. Pushes: `new group` to every socket of each " +
			"new member, `group member added` to the previous members, and a system message.",
		Fields: fields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		Body struct {
			Members []chat.AccountID `json:"members" nullable:"false" minItems:"1" limit:"accounts" doc:"Contacts of the caller" example:"[\"0198c0de-0000-7000-8000-000000000002\"]"`
		} `nameHint:"BroughtIn"`
	},
	) (*clientListBody[personInGroup], error) {
		added, err := a.chat.BringInMembers(ctx, by, in.Group, in.Body.Members)
		if err != nil {
			return nil, err
		}
		return clientItems(added, "", showPersonInGroup), nil
	})

	add(a, endpoint.Operation{
		ID: "take-out-member", Method: http.MethodDelete, Path: one, Errors: []int{403, 404},
		Summary: "Remove a member of a group",
		Doc: "By administrators; the creator cannot be removed. Pushes: `removed from group` to the person, `group member removed` to the other members, and a " +
			"system message. Removing oneself is the same as leaving.",
		Fields: fields,
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InGroup
		InPerson
	},
	) (*nothing, error) {
		return nil, a.chat.RemoveGroupMember(ctx, by, in.Group, in.Person)
	})

	for _, set := range []bool{true, false} {
		o := endpoint.Operation{
			ID: "appoint-admin", Method: http.MethodPut, Path: admin, Errors: []int{403, 404},
			Summary: "Make a member an administrator",
			Doc:     "By administrators. Push `group admin added` to all members, and a system message.",
			Fields:  fields,
		}
		if !set {
			o.ID, o.Method = "dismiss-admin", http.MethodDelete
			o.Summary = "Make an administrator an ordinary member"
			o.Doc = "By the creator, or by oneself. Push `group admin removed` to all members, and a system message."
		}
		add(a, o, func(ctx context.Context, by chat.Actor, in *struct {
			InGroup
			InPerson
		},
		) (*nothing, error) {
			return nil, a.chat.SetGroupAdmin(ctx, by, in.Group, in.Person, set)
		})
	}
}
