package client

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// invitation is an invitation as administrators see it.
type invitation struct {
	ID        chat.InvitationID     `json:"id" doc:"Not a secret"`
	Role      chat.OrganizationRole `json:"role" enum:"member,guest"`
	Groups    []string              `json:"groups" nullable:"false" doc:"Names of the groups that people enter, without those that were dissolved"`
	Email     string                `json:"email,omitempty" doc:"Address that it is for"`
	Domain    string                `json:"domain,omitempty" doc:"Domain that e-mail addresses must have" example:"example.test"`
	Uses      int                   `json:"uses"`
	MaxUses   int                   `json:"maxUses,omitempty" doc:"Missing: any number"`
	Inviter   string                `json:"inviter" doc:"Name of the person; empty: an application that called the host API"`
	State     chat.InvitationState  `json:"state" enum:"live,ended,used,revoked,void" doc:"void: the person who made it is no longer an active owner or administrator"`
	CreatedAt int64                 `json:"createdAt" example:"1767225600000"`
	ExpiresAt int64                 `json:"expiresAt" example:"1767830400000"`
}

func showInvitation(i chat.InvitationSeen, now time.Time) invitation {
	out := invitation{
		ID: i.ID, Role: i.Role, Groups: i.GroupNames, Email: i.Email, Domain: i.Domain, Uses: i.Uses, MaxUses: i.MaxUses, Inviter: i.Inviter,
		State: i.State(now), CreatedAt: unixMilli(i.CreatedAt), ExpiresAt: unixMilli(i.ExpiresAt),
	}
	if out.Groups == nil {
		out.Groups = []string{}
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

// openInvitation is an invitation as somebody with the link sees it.
type openInvitation struct {
	Organization string   `json:"organization" example:"Example Works"`
	Inviter      string   `json:"inviter" doc:"Empty: an application that called the host API"`
	Groups       []string `json:"groups" nullable:"false" doc:"Names of the groups that one enters"`
	Guest        bool     `json:"guest" doc:"One sees only these groups"`
	Email        string   `json:"email,omitempty" doc:"Address that it is for"`
	Domain       string   `json:"domain,omitempty" doc:"Domain that the e-mail address must have"`
	Passwords    bool     `json:"passwords" doc:"Whether a new account needs an e-mail address and a password"`
	MinPassword  int      `json:"minPassword" example:"10"`
}

type openInvitationBody struct {
	Body openInvitation
}

func (a *api) showOpenInvitation(i chat.InvitationSeen) *openInvitationBody {
	out := openInvitation{
		Organization: i.Into, Inviter: i.Inviter, Groups: i.GroupNames, Guest: i.Role == chat.OrganizationGuest, Email: i.Email, Domain: i.Domain,
		Passwords: a.chat.PasswordsOn(), MinPassword: a.chat.Settings().MinPassword,
	}
	if out.Groups == nil {
		out.Groups = []string{}
	}
	return &openInvitationBody{out}
}

// invitationSecret is the body of the requests of somebody with the link.
type invitationSecret struct {
	Secret string `json:"secret" maxLength:"128" doc:"The part of the link behind the #" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
}

func (a *api) invitations() {
	a.manageInvitations()

	addOpen(a, endpoint.Operation{
		ID: "open-invitation", Method: http.MethodPost, Path: "/api/invitations/open", Errors: []int{403},
		Summary: "Look at an invitation",
		Doc:     "403: it does not exist, has ended, was revoked or used up.",
	}, func(ctx context.Context, in *struct {
		Body invitationSecret
	},
	) (*openInvitationBody, error) {
		seen, err := limited(ctx, a.secrets, func() (chat.InvitationSeen, error) { return a.chat.InvitationBySecret(ctx, in.Body.Secret) })
		if err != nil {
			return nil, err
		}
		return a.showOpenInvitation(seen), nil
	})

	addOpen(a, endpoint.Operation{
		ID: "accept-invitation", Method: http.MethodPost, Path: "/api/invitations/accept", Status: http.StatusCreated, Errors: []int{403},
		Summary: "Make an account by an invitation",
		Doc: "The account is in the organization and the groups of the invitation, and is signed in. Push `new group` to its sockets, and `group member added` and `new group message` to the members. " +
			"403: the invitation does not exist, has ended, was revoked or used up.",
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body struct {
			Secret   string `json:"secret" maxLength:"128" doc:"The part of the link behind the #" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
			Name     string `json:"name" minLength:"1" limit:"name" example:"Bob Demo"`
			Email    string `json:"email,omitempty" limit:"email" doc:"Required where people sign in with passwords" example:"erna@example.test"`
			Password string `json:"password,omitempty" maxLength:"1024" doc:"Required where people sign in with passwords" example:"correct horse battery"`
			Device   string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
			Language string `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone string `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
		} `nameHint:"Newcomer"`
	},
	) (*signedInAnswer, error) {
		b := in.Body
		done, err := limited(ctx, a.secrets, func() (chat.SignedIn, error) {
			return a.chat.AcceptInvitation(ctx, b.Secret, chat.Newcomer{
				Name: b.Name, Email: b.Email, Password: b.Password, Language: b.Language, TimeZone: b.TimeZone, Device: a.device(ctx, b.Device),
			})
		})
		return a.answerSignIn(ctx, done, err, in.Cookie)
	})

	add(a, endpoint.Operation{
		ID: "join-by-invitation", Method: http.MethodPost, Path: "/api/invitations/join", Errors: []int{403},
		Summary: "Join by an invitation",
		Doc: "Adds the caller to the organization and the groups of the invitation. Without anything new for the caller, the invitation is not used up. " +
			"403: it does not exist, has ended, was revoked or used up.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body invitationSecret
	},
	) (*openInvitationBody, error) {
		seen, err := a.chat.JoinByInvitation(ctx, by, in.Body.Secret)
		if err != nil {
			return nil, err
		}
		return a.showOpenInvitation(seen), nil
	})
}

func (a *api) manageInvitations() {
	const doc = "Owners and administrators of the server may do this; 403: the caller is neither."
	add(a, endpoint.Operation{
		ID: "list-invitations", Method: http.MethodGet, Path: "/api/invitations", Errors: []int{403, 404},
		Summary: "List the invitations, newest first",
		Doc:     doc,
	}, func(ctx context.Context, by chat.Actor, in *struct{ Page }) (*clientListBody[invitation], error) {
		now := a.router.Now()
		return offsetPage(in.Page, func(i chat.InvitationSeen) invitation { return showInvitation(i, now) },
			func(offset, limit int) ([]chat.InvitationSeen, error) {
				return a.chat.Invitations(ctx, by, "", offset, limit)
			})
	})

	add(a, endpoint.Operation{
		ID: "create-invitation", Method: http.MethodPost, Path: "/api/invitations", Status: http.StatusCreated, Errors: []int{403, 404},
		Fields:  endpoint.InvitationFields,
		Summary: "Invite people",
		Doc:     "Makes a link for one person or many. " + doc,
	}, func(ctx context.Context, by chat.Actor, in *struct{ Body endpoint.NewInvitation },
	) (*issuedInvitationBody, error) {
		made, err := a.chat.CreateInvitation(ctx, by, in.Body.Invitation(a.router.PublicURL))
		if err != nil {
			return nil, err
		}
		return &issuedInvitationBody{issuedInvitation{showInvitation(made.InvitationSeen, a.router.Now()), made.Mailed, endpoint.InvitationLink(a.router.PublicURL, made.Secret)}}, nil
	})

	add(a, endpoint.Operation{
		ID: "revoke-invitation", Method: http.MethodDelete, Path: "/api/invitations/{invitation}", Errors: []int{403, 404},
		Summary: "Revoke an invitation",
		Doc:     "The link stops working. Accounts that were made with it stay. " + doc,
	}, func(ctx context.Context, by chat.Actor, in *endpoint.InInvitation) (*nothing, error) {
		return nil, a.chat.RevokeInvitation(ctx, by, in.Invitation)
	})
}
