package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type organization struct {
	ID        chat.OrganizationID `json:"id" example:"0198c0de-0000-7000-8000-00000000000a"`
	Name      string              `json:"name" example:"Demo organization"`
	CreatedAt time.Time           `json:"createdAt"`

	HidesReading  bool `json:"hidesReading" doc:"Nobody sees which messages a member has read, and members see no read marks"`
	HidesActivity bool `json:"hidesActivity" doc:"Nobody sees whether a member is online or types, and members do not see it of others"`
}

func showOrganization(o chat.Organization) organization {
	return organization{ID: o.ID, Name: o.Name, CreatedAt: o.CreatedAt.UTC(), HidesReading: o.HidesReading, HidesActivity: o.HidesActivity}
}

type organizationBody struct{ Body organization }

// InOrganization names the organization of a path.
type InOrganization struct {
	Organization chat.OrganizationID `path:"organization" maxLength:"128" doc:"Id of the organization"`
}

func (a *api) organizations() {
	const tag, base, one = "organizations", "/v1/organizations", "/v1/organizations/{organization}"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeAccounts}, unbound: true}, endpoint.Operation{
		ID: "create-organization", Path: base, Tag: tag, Status: http.StatusCreated,
		Summary: "Create an organization",
		Doc:     "The members of an organization are each other's contacts. Without an id, the server makes one.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		Body struct {
			ID   chat.OrganizationID `json:"id,omitempty" limit:"new id" doc:"A GUID is recommended; not a number. Default: the server makes one"`
			Name string              `json:"name" minLength:"1" limit:"name" example:"Demo organization"`
		} `nameHint:"NewOrganization"`
	},
	) (chat.Organization, error) {
		return a.chat.CreateOrganization(ctx, chat.Organization{ID: in.Body.ID, Name: in.Body.Name})
	}, func(o chat.Organization) *organizationBody { return &organizationBody{showOrganization(o)} })

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-organizations", Method: http.MethodGet, Path: base, Tag: tag,
		Summary: "List organizations",
		Doc:     "An application that is bound to an organization sees only that one.",
	}, func(ctx context.Context, app chat.Application, in *struct{ Page }) (*listBody[organization], error) {
		if own := app.Organization; own != "" {
			if in.After >= string(own) {
				return pageOf(nil, 0, showOrganization, nil), nil
			}
			o, err := a.chat.Organization(ctx, own)
			return pageOf([]chat.Organization{o}, 1, showOrganization, nil), err
		}
		rows, err := a.chat.Organizations(ctx, chat.OrganizationID(in.After), in.Limit+1)
		return pageOf(rows, in.Limit, showOrganization, func(o chat.Organization) string { return string(o.ID) }), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "get-organization", Method: http.MethodGet, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Get an organization",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InOrganization }) (*organizationBody, error) {
		o, err := a.chat.Organization(ctx, in.Organization)
		return &organizationBody{showOrganization(o)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "update-organization", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Rename an organization, or hide the reading or the activity of its members",
		Doc:     "Omitted fields are unchanged.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Body struct {
			Name          *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo organization"`
			HidesReading  *bool   `json:"hidesReading,omitempty" doc:"Nobody sees which messages a member has read, and members see no read marks"`
			HidesActivity *bool   `json:"hidesActivity,omitempty" doc:"Nobody sees whether a member is online or types, and members do not see it of others"`
		} `nameHint:"OrganizationPatch"`
	},
	) (*organizationBody, error) {
		o, err := a.chat.UpdateOrganization(ctx, in.Organization, chat.OrganizationPatch{
			Name: in.Body.Name, HidesReading: in.Body.HidesReading, HidesActivity: in.Body.HidesActivity,
		})
		return &organizationBody{showOrganization(o)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "delete-organization", Method: http.MethodDelete, Path: one, Tag: tag, Errors: []int{404, 409},
		Summary: "Delete an organization",
		Doc: "The accounts of its members and their chats stay. The members are no longer contacts, unless for another reason. The invitations to it are deleted. " +
			"409: it is the main organization, whose owners administer the server. 422: an application is bound to it.",
		Fields: map[string]string{"organization": "path.organization"},
	}, func(ctx context.Context, _ chat.Application, in *struct{ InOrganization }) (*nothing, error) {
		return nil, a.chat.DeleteOrganization(ctx, in.Organization)
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-organization-members", Method: http.MethodGet, Path: one + "/members", Tag: tag, Errors: []int{404},
		Summary: "List an organization's members",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Page
	},
	) (*listBody[account], error) {
		rows, err := a.chat.OrganizationMembers(ctx, in.Organization, chat.AccountID(in.After), in.Limit+1)
		return accountPage(rows, in.Limit), err
	})

	addOnce(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "add-organization-members", Path: one + "/members", Tag: tag, Errors: []int{404},
		Status:  http.StatusNoContent,
		Summary: "Add accounts to an organization",
		Doc:     "Existing members stay. If one of the accounts does not exist, none is added.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Body accountIDs
	},
	) (struct{}, error) {
		return struct{}{}, a.chat.AddToOrganization(ctx, in.Organization, in.Body.Accounts)
	}, noAnswer)

	add(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "remove-organization-member", Method: http.MethodDelete, Path: one + "/members/{account}", Tag: tag, Errors: []int{404},
		Summary: "Remove an account from an organization",
		Doc:     "A message between two accounts that are no longer contacts is refused with removeit; they can still read the earlier messages.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		InAccount
	},
	) (*nothing, error) {
		return nil, a.chat.RemoveFromOrganization(ctx, in.Organization, in.Account)
	})
}
