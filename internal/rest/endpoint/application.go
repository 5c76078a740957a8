package endpoint

import (
	"time"

	"parley/internal/chat"
)

// The host API and the administration API share these types and functions for applications.

// InApplication names the application of a path.
type InApplication struct {
	Application chat.AppID `path:"application" maxLength:"128" doc:"Id or key of the application"`
}

// ApplicationFields maps the names of fields in package chat to their names in requests.
var ApplicationFields = map[string]string{
	"send_ack": "body.sendAck", "muted_pushes": "body.mutedPushes", "application": "path.application", "overlap": "body.overlapSeconds",
}

// NewApplication is the body that registers an application.
type NewApplication struct {
	Name        string       `json:"name" minLength:"1" limit:"name" example:"Demo web client"`
	Kind        chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server" default:"web" doc:"Where it runs"`
	URL         string       `json:"url,omitempty" limit:"url" doc:"Its address"`
	Key         string       `json:"key,omitempty" limit:"id" doc:"Value that clients send as app, in printable ASCII; default: the server makes one"`
	SendAck     chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first" default:"error-first" doc:"Form of the acknowledgement of the two send requests: ack(false, result) or ack(result)"`
	MutedPushes []string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"Pushes that its sockets do not want, by their names" example:"[\"new history\"]"`

	Scopes       []chat.Scope        `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"Its permissions for the host API; required for kind server, not allowed for other kinds"`
	Organization chat.OrganizationID `json:"organization,omitempty" limit:"id" doc:"Restricts the application, including log-ins through it, to one organization. This cannot be changed later"`
}

// Application returns what is to be registered.
func (b *NewApplication) Application() chat.Application {
	return chat.Application{
		Name: b.Name, Kind: b.Kind, URL: b.URL, Key: b.Key, SendAck: b.SendAck, MutedPushes: b.MutedPushes,
		Scopes: b.Scopes, Organization: b.Organization,
	}
}

// ApplicationPatch is the body that changes an application.
type ApplicationPatch struct {
	Name        *string       `json:"name,omitempty" minLength:"1" limit:"name" example:"Demo web client"`
	Kind        *chat.AppKind `json:"kind,omitempty" enum:"web,mobile,desktop,server"`
	URL         *string       `json:"url,omitempty" limit:"url"`
	SendAck     *chat.SendAck `json:"sendAck,omitempty" enum:"error-first,result-first"`
	MutedPushes *[]string     `json:"mutedPushes,omitempty" nullable:"false" limit:"pushes" doc:"The complete list; [] for none"`
	Scopes      *[]chat.Scope `json:"scopes,omitempty" nullable:"false" maxItems:"16" enum:"read,accounts,groups,messages,notifications,tokens,applications,administration" doc:"The complete list"`
	Disabled    *bool         `json:"disabled,omitempty" doc:"true: nobody gets in through the application, and its sockets are closed. Its tokens and secrets are valid again with false. Not for the application of the caller, nor for that of the web client"`
}

// Patch returns what is to be changed.
func (b *ApplicationPatch) Patch() chat.ApplicationPatch {
	return chat.ApplicationPatch{
		Name: b.Name, URL: b.URL, Kind: b.Kind, SendAck: b.SendAck, MutedPushes: b.MutedPushes, Scopes: b.Scopes, Disabled: b.Disabled,
	}
}

// Rotation is the body that replaces a secret or a signing key. A missing body is the same as
// an empty one.
type Rotation struct {
	Seconds int64 `json:"overlapSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long the previous one stays valid; 0 or missing: it ends at once" example:"3600"`
}

// Overlap returns how long the previous one stays valid.
func (r *Rotation) Overlap() time.Duration {
	if r == nil {
		return 0
	}
	return time.Duration(r.Seconds) * time.Second
}

// LiveCredentials returns the secrets or signing keys that are valid now, in the form of an answer.
func LiveCredentials[T any](r *Router, all []chat.Credential, show func(created, expires time.Time) T) []T {
	out := []T{}
	for _, c := range all {
		if c.ExpiresAt.IsZero() || r.Now().Before(c.ExpiresAt) {
			out = append(out, show(c.CreatedAt, c.ExpiresAt))
		}
	}
	return out
}

// List returns a list that is never null in JSON.
func List[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
