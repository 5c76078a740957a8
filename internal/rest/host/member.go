package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type member struct {
	Account  account   `json:"account"`
	Role     string    `json:"role" enum:"member,administrator"`
	Push     bool      `json:"push" doc:"false: muted by this member"`
	JoinedAt time.Time `json:"joinedAt"`
}

func showMember(m chat.GroupMember) member {
	role := "member"
	if m.Role == chat.RoleAdmin {
		role = "administrator"
	}
	return member{Account: showAccount(m.Account), Role: role, Push: m.Push, JoinedAt: m.JoinedAt.UTC()}
}

func memberID(m chat.GroupMember) string { return string(m.Account.ID) }

type memberBody struct{ Body member }

func (a *api) members() {
	const tag, base, one = "members", "/v1/groups/{group}/members", "/v1/groups/{group}/members/{account}"
	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-members", Method: http.MethodGet, Path: base, Tag: tag, Errors: []int{404},
		Summary: "List a group's members",
		Doc:     "An application that is bound to an organization does not get the e-mail addresses of members of other organizations.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		Page
	},
	) (*listBody[member], error) {
		rows, err := a.chat.GroupMembers(ctx, in.Group, chat.AccountID(in.After), in.Limit+1)
		if err == nil {
			err = a.hideAddresses(ctx, app, rows)
		}
		return pageOf(rows, in.Limit, showMember, memberID), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}, guests: true}, endpoint.Operation{
		ID: "get-member", Method: http.MethodGet, Path: one, Tag: tag, Errors: []int{403, 404},
		Summary: "Get a member of a group",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		InAccount
	},
	) (*memberBody, error) {
		m, err := a.chat.GroupMember(ctx, in.Group, in.Account)
		shown := []chat.GroupMember{m}
		if err == nil {
			err = a.hideAddresses(ctx, app, shown)
		}
		return &memberBody{showMember(shown[0])}, err
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "add-members", Path: base, Tag: tag, Errors: []int{403, 404},
		Summary: "Add members to a group",
		Doc: "The answer lists the new members. Pushes: `new group` to every socket of each new member, `group member added` to those who " +
			"were there before, and a system message.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		By
		Body accountIDs
	},
	) ([]chat.GroupMember, error) {
		return a.chat.AddGroupMembers(ctx, in.actor(app), in.Group, in.Body.Accounts)
	}, func(added []chat.GroupMember) *listBody[member] {
		return pageOf(added, len(added), showMember, memberID)
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeGroups}, guests: true}, endpoint.Operation{
		ID: "remove-member", Method: http.MethodDelete, Path: one, Tag: tag, Errors: []int{403, 404},
		Summary: "Remove a member from a group",
		Doc: "Pushes: `removed from group` to the person, `group member removed` to the other members, and a system message. " +
			"The person can still read the messages from before.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		InAccount
		By
	},
	) (*nothing, error) {
		return nil, a.chat.RemoveGroupMember(ctx, in.actor(app), in.Group, in.Account)
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "leave-group", Path: one + "/leave", Tag: tag, Errors: []int{403, 404}, Status: http.StatusNoContent,
		Summary: "Let a member leave a group",
		Doc: "As if the person left by themselves. If the last administrator leaves, the member who has been in the group longest becomes administrator; " +
			"if the last member leaves, the group is dissolved. Pushes as for removing.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		InAccount
	},
	) (struct{}, error) {
		return struct{}{}, a.chat.LeaveGroup(ctx, chat.Actor{Account: in.Account, App: app.ID}, in.Group)
	}, noAnswer)

	add(a, access{scopes: []chat.Scope{chat.ScopeGroups}}, endpoint.Operation{
		ID: "update-member", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{403, 404},
		Summary: "Set whether a member wants to be notified",
		Doc:     "Push `set group notice` to the member's sockets. The count of a muted group is in notPush.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InGroup
		InAccount
		Body struct {
			Push bool `json:"push" doc:"false: muted"`
		} `nameHint:"MemberPatch"`
	},
	) (*memberBody, error) {
		by := chat.Actor{Account: in.Account, App: app.ID}
		if err := a.chat.SetGroupPush(ctx, by, in.Group, in.Body.Push); err != nil {
			return nil, err
		}
		m, err := a.chat.GroupMember(ctx, in.Group, in.Account)
		return &memberBody{showMember(m)}, err
	})

	for _, admin := range []bool{true, false} {
		o := endpoint.Operation{
			ID: "add-administrator", Method: http.MethodPut, Path: "/v1/groups/{group}/administrators/{account}", Tag: tag, Errors: []int{403, 404},
			Summary: "Make a member an administrator",
			Doc:     "Push `group admin added` to all members, and a system message.",
		}
		if !admin {
			o.ID, o.Method = "remove-administrator", http.MethodDelete
			o.Summary, o.Doc = "Make an administrator an ordinary member", "Push `group admin removed` to all members, and a system message."
		}
		add(a, access{scopes: []chat.Scope{chat.ScopeGroups}, guests: true}, o, func(ctx context.Context, app chat.Application, in *struct {
			InGroup
			InAccount
			By
		},
		) (*nothing, error) {
			return nil, a.chat.SetGroupAdmin(ctx, in.actor(app), in.Group, in.Account, admin)
		})
	}
}

// hideAddresses removes the e-mail addresses of accounts outside of the organization that the
// application is bound to.
func (a *api) hideAddresses(ctx context.Context, app chat.Application, members []chat.GroupMember) error {
	return a.within(ctx, app, func() error { return nil }, func(r chat.Reach) error { return r.HideAddresses(members) })
}
