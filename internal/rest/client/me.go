package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// named is the short form of an organization or a group within another answer.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func nameOrganizations(all []chat.Organization) []named {
	out := make([]named, len(all))
	for i, o := range all {
		out[i] = named{string(o.ID), o.Name}
	}
	return out
}

type myself struct {
	Person
	Organizations []named        `json:"organizations" nullable:"false"`
	HasPassword   bool           `json:"hasPassword" doc:"Whether one can sign in with a password"`
	TwoFactorDue  bool           `json:"twoFactorDue,omitempty" doc:"The option auth.two-factor requires two-factor, and the caller has none: the next sign-in with the password sets it up"`
	SessionID     chat.SessionID `json:"sessionId" doc:"Of the caller's session"`
	Role          string         `json:"role,omitempty" enum:"owner,administrator,member,guest" doc:"In the organization whose owners and administrators administer the server; missing: the caller is not in it"`
	Language      string         `json:"language" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
	TimeZone      string         `json:"timeZone" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
	HidesReading  bool           `json:"hidesReading" doc:"The caller hides from others which messages the caller has read, and sees no read marks"`
	ReadMarks     bool           `json:"readMarks" doc:"The caller's messages have read marks; false: the caller, one of the organizations or the server hides them"`
	HidesActivity bool           `json:"hidesActivity" doc:"The caller hides from others whether the caller is online or types, and does not see it of others"`
	Activity      bool           `json:"activity" doc:"The caller and contacts see of each other who is online and types; false: the caller, one of the organizations or the server hides it"`
	FreshUntil    int64          `json:"freshUntil,omitempty" doc:"Until this time, in Unix milliseconds, the session can set a password without the current one; missing: it cannot" example:"1767225600000"`
}

type myselfBody struct{ Body myself }

func (a *api) me() {
	show := func(ctx context.Context, by chat.Actor) (*myselfBody, error) {
		p, err := a.chat.Me(ctx, by)
		if err != nil {
			return nil, err
		}
		password, err := a.chat.HasPassword(ctx, by.Account)
		if err != nil {
			return nil, err
		}
		fresh, err := a.chat.FreshUntil(ctx, reader(ctx))
		if err != nil {
			return nil, err
		}
		due, err := a.chat.TwoFactorDue(ctx, by.Account)
		if err != nil {
			return nil, err
		}
		hidden, err := a.chat.HidesReading(ctx, by.Account)
		if err != nil {
			return nil, err
		}
		inactive, err := a.chat.HidesActivity(ctx, by.Account)
		if err != nil {
			return nil, err
		}
		role, err := a.chat.ServerRole(ctx, by)
		if err != nil {
			return nil, err
		}
		return &myselfBody{myself{
			Role: string(role), Language: p.Language, TimeZone: p.TimeZone, HidesReading: p.HidesReading, ReadMarks: !hidden,
			HidesActivity: p.HidesActivity, Activity: !inactive,
			Person: showPerson(p.Person), Organizations: nameOrganizations(p.Organizations), HasPassword: password, TwoFactorDue: due,
			SessionID: reader(ctx).Session, FreshUntil: unixMilli(fresh),
		}}, nil
	}
	add(a, endpoint.Operation{
		ID: "get-me", Method: http.MethodGet, Path: "/api/me",
		Summary: "Get the account that is signed in",
	}, func(ctx context.Context, by chat.Actor, _ *struct{}) (*myselfBody, error) {
		return show(ctx, by)
	})
	add(a, endpoint.Operation{
		ID: "update-me", Method: http.MethodPatch, Path: "/api/me",
		Summary: "Change the name, picture, language, time zone, read marks or activity of the caller",
		Doc:     "Omitted fields are unchanged. Push `contact changed` to the caller's sockets and friends.",
		Fields:  map[string]string{"avatar": "body.avatarKey"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Name      *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Alice Demo"`
			AvatarKey *string `json:"avatarKey,omitempty" limit:"key" doc:"Key of an image that the caller has uploaded; empty removes the picture"`
			Language  *string `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone  *string `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`

			HidesReading  *bool `json:"hidesReading,omitempty" doc:"Hide from others which messages the caller has read; the caller then sees no read marks"`
			HidesActivity *bool `json:"hidesActivity,omitempty" doc:"Hide from others whether the caller is online or types; the caller then does not see it of others"`
		} `nameHint:"MePatch"`
	},
	) (*myselfBody, error) {
		avatar, err := a.avatar(ctx, by, in.Body.AvatarKey)
		if err != nil {
			return nil, err
		}
		if _, err := a.chat.UpdateProfile(ctx, by, chat.ProfilePatch{
			Name: in.Body.Name, Avatar: avatar, Language: in.Body.Language, TimeZone: in.Body.TimeZone, HidesReading: in.Body.HidesReading,
			HidesActivity: in.Body.HidesActivity,
		}); err != nil {
			return nil, err
		}
		return show(ctx, by)
	})
}

// avatar makes the picture of an uploaded image and returns its address. Without a key it returns
// nil, and for an empty key an empty address.
func (a *api) avatar(ctx context.Context, by chat.Actor, key *string) (*string, error) {
	if key == nil || *key == "" {
		return key, nil
	}
	if a.opts.Avatar == nil {
		return nil, chat.Invalid("avatar", "cannot be made: the server keeps no pictures")
	}
	address, err := a.opts.Avatar(ctx, by.Account, *key)
	return &address, err
}
