package admin

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// organizationSettings is an organization with what administrators can change about it.
type organizationSettings struct {
	ID            chat.OrganizationID `json:"id"`
	Name          string              `json:"name"`
	HidesReading  bool                `json:"hidesReading" doc:"Nobody sees which messages a member has read, and members see no read marks"`
	HidesActivity bool                `json:"hidesActivity" doc:"Nobody sees whether a member is online or types, and members do not see it of others"`
}

type organizationList struct {
	Items []organizationSettings `json:"items" nullable:"false"`
}

func (a *api) organizations() {
	show := func(o chat.Organization) organizationSettings {
		return organizationSettings{o.ID, o.Name, o.HidesReading, o.HidesActivity}
	}
	add(a, endpoint.Operation{
		ID: "admin-organizations", Method: http.MethodGet, Path: prefix + "/organizations",
		Summary: "List the organizations",
		Doc:     "At most 100.",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*struct{ Body organizationList }, error) {
		all, err := a.chat.RetentionOrganizations(ctx, by)
		if err != nil {
			return nil, err
		}
		out := organizationList{Items: []organizationSettings{}}
		for _, o := range all {
			out.Items = append(out.Items, show(o))
		}
		return &struct{ Body organizationList }{out}, nil
	})

	add(a, endpoint.Operation{
		ID: "admin-update-organization", Method: http.MethodPatch, Path: prefix + "/organizations/{organization}", Errors: []int{404},
		Summary: "Hide the reading or the activity of the members of an organization",
		Doc:     "Omitted fields are unchanged.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InOrganization
		Body struct {
			HidesReading  *bool `json:"hidesReading,omitempty" doc:"Nobody sees which messages a member has read, and members see no read marks"`
			HidesActivity *bool `json:"hidesActivity,omitempty" doc:"Nobody sees whether a member is online or types, and members do not see it of others"`
		} `nameHint:"AdminOrganizationPatch"`
	},
	) (*struct{ Body organizationSettings }, error) {
		o, err := a.chat.AdministerOrganization(ctx, by, in.Organization, chat.OrganizationPatch{HidesReading: in.Body.HidesReading, HidesActivity: in.Body.HidesActivity})
		if err != nil {
			return nil, err
		}
		return &struct{ Body organizationSettings }{show(o)}, nil
	})
}
