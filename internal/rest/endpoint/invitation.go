package endpoint

import (
	"time"

	"parley/internal/chat"
)

// The host API and the client API share these types and functions for invitations.

// InInvitation names the invitation of a path.
type InInvitation struct {
	Invitation chat.InvitationID `path:"invitation" maxLength:"128"`
}

// InvitationFields maps the names of fields in package chat to their names in requests.
var InvitationFields = map[string]string{"ttl": "body.ttlSeconds"}

// NewInvitation is the body that makes an invitation.
type NewInvitation struct {
	Role    chat.OrganizationRole `json:"role,omitempty" enum:"member,guest" doc:"Default: member. A guest sees only the groups of the invitation"`
	Groups  []chat.GroupID        `json:"groups,omitempty" maxItems:"50" nullable:"false" doc:"Groups that people enter"`
	Email   string                `json:"email,omitempty" limit:"email" doc:"Address of the person that it is for. If the server can send mail, the link is sent there"`
	Domain  string                `json:"domain,omitempty" maxLength:"254" doc:"Domain that e-mail addresses must have. Only those of OpenID Connect providers are verified" example:"example.test"`
	MaxUses int                   `json:"maxUses" minimum:"0" maximum:"100000" doc:"How many people it is for; 0: any number" example:"1"`
	TTL     int64                 `json:"ttlSeconds,omitempty" minimum:"0" maximum:"31622400" doc:"Lifetime in seconds; 0 or missing: seven days" example:"604800"`
}

// Invitation returns what is to be made. Its link leads to the address of the server.
func (b *NewInvitation) Invitation(publicURL string) chat.NewInvitation {
	return chat.NewInvitation{
		Role: b.Role, Groups: b.Groups, Email: b.Email, Domain: b.Domain, MaxUses: b.MaxUses, TTL: time.Duration(b.TTL) * time.Second,
		Link: func(secret string) string { return InvitationLink(publicURL, secret) },
	}
}
