package host

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// invitation is an invitation without its secret.
type invitation struct {
	ID        chat.InvitationID     `json:"id" doc:"Not a secret"`
	Role      chat.OrganizationRole `json:"role" enum:"member,guest"`
	Groups    []chat.GroupID        `json:"groups" nullable:"false" doc:"Groups that people enter, also those that have been dissolved since"`
	Email     string                `json:"email,omitempty" doc:"Address that it is for"`
	Domain    string                `json:"domain,omitempty" doc:"Domain that e-mail addresses must have" example:"example.test"`
	Uses      int                   `json:"uses"`
	MaxUses   int                   `json:"maxUses,omitempty" doc:"Missing: any number"`
	Creator   chat.AccountID        `json:"creator,omitempty" doc:"Missing: an application that called the host API"`
	State     chat.InvitationState  `json:"state" enum:"live,ended,used,revoked,void" doc:"void: the person who made it is no longer an active owner or administrator"`
	CreatedAt time.Time             `json:"createdAt"`
	ExpiresAt time.Time             `json:"expiresAt"`
}

func showInvitation(i chat.InvitationSeen, now time.Time) invitation {
	out := invitation{
		ID: i.ID, Role: i.Role, Groups: i.Groups, Email: i.Email, Domain: i.Domain, Uses: i.Uses, MaxUses: i.MaxUses, Creator: i.Creator,
		State: i.State(now), CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(),
	}
	if out.Groups == nil {
		out.Groups = []chat.GroupID{}
	}
	return out
}

// issuedInvitation is a new invitation with its link.
type issuedInvitation struct {
	Invitation invitation `json:"invitation"`
	Mailed     bool       `json:"mailed" doc:"It is sent to the e-mail address"`
	Link       string     `json:"link" doc:"Everybody who has it can join. It is shown only once. The secret is after the #, which browsers do not send" example:"https://chat.example.test/invite#YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
}

type issuedInvitationBody struct{ Body issuedInvitation }

func (a *api) invitations() {
	const tag, all = "invitations", "/v1/invitations"
	may := access{scopes: []chat.Scope{chat.ScopeAdministration}, unbound: true}
	add(a, may, endpoint.Operation{
		ID: "list-host-invitations", Method: http.MethodGet, Path: all, Tag: tag, Errors: []int{404},
		Summary: "List the invitations",
		Doc:     "To the main organization, newest first.",
	}, func(ctx context.Context, app chat.Application, in *struct{ Page }) (*listBody[invitation], error) {
		offset := 0
		if in.After != "" {
			var err error
			if offset, err = strconv.Atoi(in.After); err != nil || offset < 0 || offset > maxOffset {
				return nil, chat.Invalid("after", "must be the next of a page")
			}
		}
		rows, err := a.chat.Invitations(ctx, chat.Actor{App: app.ID}, "", offset, in.Limit+1)
		now := a.router.Now()
		return pageOf(rows, in.Limit, func(i chat.InvitationSeen) invitation { return showInvitation(i, now) },
			func(chat.InvitationSeen) string { return strconv.Itoa(offset + in.Limit) }), err
	})

	addOnce(a, may, endpoint.Operation{
		ID: "create-host-invitation", Path: all, Tag: tag, Status: http.StatusCreated, Errors: []int{404},
		Fields:  endpoint.InvitationFields,
		Summary: "Invite people",
		Doc:     "Makes a link for one person or many. Whoever opens it can make an account, or join with one, and is in the main organization and in the groups.",
	}, func(ctx context.Context, app chat.Application, in *struct{ Body endpoint.NewInvitation },
	) (chat.IssuedInvitation, error) {
		return a.chat.CreateInvitation(ctx, chat.Actor{App: app.ID}, in.Body.Invitation(a.router.PublicURL))
	}, func(made chat.IssuedInvitation) *issuedInvitationBody {
		return &issuedInvitationBody{issuedInvitation{
			showInvitation(made.InvitationSeen, a.router.Now()), made.Mailed, endpoint.InvitationLink(a.router.PublicURL, made.Secret),
		}}
	})

	add(a, may, endpoint.Operation{
		ID: "revoke-host-invitation", Method: http.MethodDelete, Path: all + "/{invitation}", Tag: tag, Errors: []int{404},
		Summary: "Revoke an invitation",
		Doc:     "The link stops working. Accounts that were made with it stay.",
	}, func(ctx context.Context, app chat.Application, in *endpoint.InInvitation) (*nothing, error) {
		return nil, a.chat.RevokeInvitation(ctx, chat.Actor{App: app.ID}, in.Invitation)
	})
}

// maxOffset is beyond the end of every list.
const maxOffset = 1_000_000_000
