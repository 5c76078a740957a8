package rest

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
)

type organization struct {
	ID        chat.OrganizationID `json:"id" example:"0198c0de-0000-7000-8000-00000000000a"`
	Name      string              `json:"name" example:"Demo organization"`
	CreatedAt time.Time           `json:"createdAt"`
}

func showOrganization(o chat.Organization) organization {
	return organization{ID: o.ID, Name: o.Name, CreatedAt: o.CreatedAt.UTC()}
}

type organizationBody struct{ Body organization }

// InOrganization names the organization of a path.
type InOrganization struct {
	Organization chat.OrganizationID `path:"organization" maxLength:"128" doc:"Id of the organization"`
}

func (a *api) organizations() {
	const tag, base, one = "organizations", "/v1/organizations", "/v1/organizations/{organization}"
	post(a, operation{
		id: "create-organization", unbound: true, path: base, tag: tag, status: http.StatusCreated,
		scopes:  []chat.Scope{chat.ScopeAccounts},
		summary: "Create an organization",
		doc:     "The members of an organization are each other's contacts. Without an id, the server makes one.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		Body struct {
			ID   chat.OrganizationID `json:"id,omitempty" limit:"new id" doc:"A GUID is recommended; not a number. Default: the server makes one"`
			Name string              `json:"name" minLength:"1" limit:"name" example:"Demo organization"`
		} `nameHint:"NewOrganization"`
	},
	) (chat.Organization, error) {
		return a.chat.CreateOrganization(ctx, chat.Organization{ID: in.Body.ID, Name: in.Body.Name})
	}, func(o chat.Organization) *organizationBody { return &organizationBody{showOrganization(o)} })

	host(a, operation{
		id: "list-organizations", method: http.MethodGet, path: base, tag: tag,
		scopes:  []chat.Scope{chat.ScopeRead},
		summary: "List organizations",
		doc:     "An application that is bound to an organization sees only that one.",
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

	host(a, operation{
		id: "get-organization", method: http.MethodGet, path: one, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeRead},
		summary: "Get an organization",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InOrganization }) (*organizationBody, error) {
		o, err := a.chat.Organization(ctx, in.Organization)
		return &organizationBody{showOrganization(o)}, err
	})

	host(a, operation{
		id: "update-organization", method: http.MethodPatch, path: one, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeAccounts},
		summary: "Rename an organization",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Body struct {
			Name string `json:"name" minLength:"1" limit:"name" example:"Demo organization"`
		} `nameHint:"OrganizationPatch"`
	},
	) (*organizationBody, error) {
		o, err := a.chat.UpdateOrganization(ctx, in.Organization, in.Body.Name)
		return &organizationBody{showOrganization(o)}, err
	})

	host(a, operation{
		id: "delete-organization", method: http.MethodDelete, path: one, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeAccounts},
		summary: "Delete an organization",
		doc: "The accounts of its members and their chats stay. The members are no longer contacts, unless for another reason. " +
			"422: an application is bound to it.",
		fields: map[string]string{"organization": "path.organization"},
	}, func(ctx context.Context, _ chat.Application, in *struct{ InOrganization }) (*nothing, error) {
		return nil, a.chat.DeleteOrganization(ctx, in.Organization)
	})

	host(a, operation{
		id: "list-organization-members", method: http.MethodGet, path: one + "/members", tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeRead},
		summary: "List an organization's members",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Page
	},
	) (*listBody[account], error) {
		rows, err := a.chat.OrganizationMembers(ctx, in.Organization, chat.AccountID(in.After), in.Limit+1)
		return accountPage(rows, in.Limit), err
	})

	post(a, operation{
		id: "add-organization-members", path: one + "/members", tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeAccounts},
		status:  http.StatusNoContent,
		summary: "Add accounts to an organization",
		doc:     "Existing members stay. If one of the accounts does not exist, none is added.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		Body accountIDs
	},
	) (struct{}, error) {
		return struct{}{}, a.chat.AddToOrganization(ctx, in.Organization, in.Body.Accounts)
	}, noAnswer)

	host(a, operation{
		id: "remove-organization-member", method: http.MethodDelete, path: one + "/members/{account}", tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeAccounts},
		summary: "Remove an account from an organization",
		doc:     "A message between two accounts that are no longer contacts is refused with removeit; they can still read the earlier messages.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InOrganization
		InAccount
	},
	) (*nothing, error) {
		return nil, a.chat.RemoveFromOrganization(ctx, in.Organization, in.Account)
	})
}
