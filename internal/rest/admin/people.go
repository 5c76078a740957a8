package admin

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type organization struct {
	ID   chat.OrganizationID `json:"id"`
	Name string              `json:"name"`
}

// person is a person as administrators see them.
type person struct {
	AccountID  chat.AccountID        `json:"accountId" example:"0198c0de-0000-7000-8000-000000000001"`
	Name       string                `json:"name" example:"Example One"`
	Email      string                `json:"email" example:"one@example.test"`
	Avatar     string                `json:"avatar"`
	Title      string                `json:"title"`
	Department string                `json:"department"`
	Phone      string                `json:"phone"`
	Language   string                `json:"language" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
	TimeZone   string                `json:"timeZone" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
	Role       chat.OrganizationRole `json:"role,omitempty" enum:"owner,administrator,member,guest" doc:"In the main organization; missing: not in it"`
	Active     bool                  `json:"active"`
	Password   bool                  `json:"password" doc:"Can sign in with a password"`
	TwoFactor  bool                  `json:"twoFactor" doc:"Has two-factor"`
	CreatedAt  int64                 `json:"createdAt" doc:"Unix milliseconds" example:"1767225600000"`
	LastSeenAt int64                 `json:"lastSeenAt,omitempty" doc:"Last use of an access token, to the minute; missing: never"`
}

func showPerson(p chat.AdminPerson) person {
	return person{
		AccountID: p.ID, Name: p.Name, Email: p.Email, Avatar: p.Avatar, Title: p.Title, Department: p.Department, Phone: p.Phone,
		Language: p.Language, TimeZone: p.TimeZone, Role: p.Role, Active: p.Active, Password: p.Password, TwoFactor: p.TwoFactor, CreatedAt: p.CreatedAt.UnixMilli(), LastSeenAt: unixMilli(p.SeenAt),
	}
}

type personBody struct{ Body person }

// profile is a person with organizations, groups and sessions.
type profile struct {
	person
	Organizations []organization `json:"organizations" nullable:"false"`
	Groups        []group        `json:"groups" nullable:"false" doc:"That the person is a member of"`
	Sessions      []session      `json:"sessions" nullable:"false" doc:"That are neither revoked nor expired, newest first"`
	Erasure       *erasure       `json:"erasure,omitempty" doc:"Missing: the person was not erased"`
}

// erasure is how far the erasure of a person is.
type erasure struct {
	AccountID chat.AccountID `json:"accountId"`
	StartedAt int64          `json:"startedAt" doc:"Since this time the profile is gone and the person is signed out. Unix milliseconds"`
	EndedAt   int64          `json:"endedAt,omitempty" doc:"Missing: the server still removes messages"`
	Messages  int64          `json:"messages" doc:"That the person had sent"`
	Removed   int64          `json:"removed" doc:"Of these, so far"`
}

func showErasure(e chat.Erasure) erasure {
	return erasure{AccountID: e.Account, StartedAt: e.Began.UnixMilli(), EndedAt: unixMilli(e.Ended), Messages: e.Total, Removed: min(e.Done, e.Total)}
}

// link is a link that signs a person in.
type link struct {
	Code      string `json:"code" doc:"Signs the person in once" example:"K7QF-29XM-4TRA-B0SW"`
	Link      string `json:"link" doc:"Opens the web client and signs the person in"`
	ExpiresAt int64  `json:"expiresAt"`
}

type handedOver struct {
	Groups []chat.GroupID `json:"groups" nullable:"false" doc:"The groups that have a new owner"`
}

func (a *api) people() {
	const base, one = prefix + "/people", prefix + "/people/{account}"
	add(a, endpoint.Operation{
		ID: "admin-list-people", Method: http.MethodGet, Path: base,
		Summary: "List or search people",
		Doc:     "In the order of a directory: by the letters of the name, Chinese names by their pinyin.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Page
		Query  string `query:"query" maxLength:"200" doc:"Words of the name, its pinyin or initials, or of the e-mail address"`
		Role   string `query:"role" enum:"owner,administrator,member,guest" doc:"Only people with this role in the main organization"`
		Active string `query:"active" enum:"true,false" doc:"Only active, or only inactive people"`
	},
	) (*pageBody[person], error) {
		q := chat.PeopleQuery{Query: in.Query, Role: chat.OrganizationRole(in.Role), After: chat.AccountID(in.Next), Limit: in.Limit}
		if in.Active != "" {
			active := in.Active == "true"
			q.Active = &active
		}
		rows, more, err := a.chat.AdminPeople(ctx, by, q)
		if err != nil {
			return nil, err
		}
		return pageOf(rows, more, showPerson, func(p chat.AdminPerson) string { return string(p.ID) }), nil
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-create-person", Path: base, Status: http.StatusCreated, Errors: []int{409},
		Summary: "Add a person",
		Doc:     "The person becomes a member of the main organization. An owner is made by owners. An owner or administrator needs a sign-in of the last minutes (403: `sign in again`). The e-mail address must not be that of another account.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		Body struct {
			Name       string `json:"name" minLength:"1" limit:"name" example:"Example Three"`
			Email      string `json:"email,omitempty" limit:"email" example:"three@example.test"`
			Title      string `json:"title,omitempty" limit:"name"`
			Department string `json:"department,omitempty" limit:"name"`
			Phone      string `json:"phone,omitempty" limit:"name"`
			Language   string `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone   string `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
			Role       string `json:"role,omitempty" enum:"owner,administrator,member,guest" doc:"In the main organization; default: member"`
		} `nameHint:"AdminNewPerson"`
	},
	) (chat.AdminPerson, error) {
		b := in.Body
		return a.chat.AdminCreatePerson(ctx, by, chat.NewPerson{
			Account: chat.Account{Name: b.Name, Email: b.Email, Language: b.Language, TimeZone: b.TimeZone}, Detail: chat.Detail{Title: b.Title, Department: b.Department, Phone: b.Phone},
			Role: chat.OrganizationRole(b.Role),
		})
	}, func(p chat.AdminPerson) *personBody { return &personBody{showPerson(p)} })

	add(a, endpoint.Operation{
		ID: "admin-get-person", Method: http.MethodGet, Path: one, Errors: []int{404},
		Summary: "Get a person",
		Doc:     "With the groups and the sessions of the person.",
	}, func(ctx context.Context, by chat.Actor, in *InPerson) (*struct{ Body profile }, error) {
		p, err := a.chat.AdminPerson(ctx, by, in.Account)
		if err != nil {
			return nil, err
		}
		out := profile{person: showPerson(p.AdminPerson), Organizations: []organization{}, Groups: []group{}, Sessions: []session{}}
		if p.Erasure.Account != "" {
			e := showErasure(p.Erasure)
			out.Erasure = &e
		}
		for _, o := range p.Organizations {
			out.Organizations = append(out.Organizations, organization{o.ID, o.Name})
		}
		for _, g := range p.Groups {
			out.Groups = append(out.Groups, showGroup(g))
		}
		for _, s := range p.Sessions {
			out.Sessions = append(out.Sessions, showSession(chat.SessionRow{Session: s, AccountName: p.Name}))
		}
		return &struct{ Body profile }{out}, nil
	})

	add(a, endpoint.Operation{
		ID: "admin-update-person", Method: http.MethodPatch, Path: one, Errors: []int{404},
		Summary: "Change a person",
		Doc: "Omitted fields are unchanged. Deactivating signs the person out everywhere: sessions, tokens, JWTs and links from before do not work again. An owner is changed by owners, and the last owner stays active and an owner. " +
			"A role adds the person to the main organization if necessary. Nobody deactivates the own account. Another e-mail address ends every other log-in of the person, as a new password does. " +
			"The e-mail address of the own account, of an owner or of an administrator, and these roles for somebody, need a sign-in of the last minutes (see `freshUntil` of `GET /api/me`; 403: `sign in again`). An address stays if no owner could sign in without it.",
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Body struct {
			Name       *string                `json:"name,omitempty" minLength:"1" limit:"name" example:"Example One"`
			Email      *string                `json:"email,omitempty" limit:"email"`
			Title      *string                `json:"title,omitempty" limit:"name" example:"Baker"`
			Department *string                `json:"department,omitempty" limit:"name"`
			Phone      *string                `json:"phone,omitempty" limit:"name"`
			Language   *string                `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone   *string                `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
			Active     *bool                  `json:"active,omitempty"`
			Role       *chat.OrganizationRole `json:"role,omitempty" enum:"owner,administrator,member,guest"`
		} `nameHint:"AdminPersonPatch"`
	},
	) (*personBody, error) {
		b := in.Body
		p, err := a.chat.AdminUpdatePerson(ctx, by, in.Account, chat.PersonPatch{
			Name: b.Name, Email: b.Email, Title: b.Title, Department: b.Department, Phone: b.Phone,
			Language: b.Language, TimeZone: b.TimeZone, Active: b.Active, Role: b.Role,
		})
		return &personBody{showPerson(p)}, err
	})

	add(a, endpoint.Operation{
		ID: "admin-sign-out-person", Method: http.MethodDelete, Path: one + "/sessions", Errors: []int{404},
		Summary: "Sign a person out everywhere",
		Doc: "Ends every log-in, JSON Web Token, sign-in code, upload token and known device of the person. Push `logout message` to the sockets, which are then closed. The password, the identities of providers and the e-mail address stay. " +
			"With `everything`, for after a theft, what a thief may know or have added ends as well, as with `DELETE /v1/accounts/{account}/tokens`. This is refused for the own account, and if no owner could sign in afterwards.",
		Fields: map[string]string{"everything": "query.everything"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Everything bool `query:"everything" doc:"Also remove the password, identities of a provider that were linked after the account was made, and an e-mail address that the account has set itself"`
	},
	) (*nothing, error) {
		if in.Everything {
			return nil, a.chat.AdminRevokeEverything(ctx, by, in.Account)
		}
		return nil, a.chat.AdminSignOut(ctx, by, in.Account)
	})

	add(a, endpoint.Operation{
		ID: "admin-set-password", Method: http.MethodPut, Path: one + "/password", Errors: []int{404},
		Summary: "Give a person a password",
		Doc:     "Needs the option auth.passwords. A password, the first one too, ends every other log-in of the person. The password of the own account, of an owner or of an administrator needs a sign-in of the last minutes (403: `sign in again`). The own one can also be changed with the current one at `PUT /api/me/password`.",
		Fields:  map[string]string{"account": "path.account"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Body struct {
			Password string `json:"password" minLength:"1" maxLength:"1024" example:"correct horse battery"`
		} `nameHint:"AdminPassword"`
	},
	) (*nothing, error) {
		return nil, a.chat.AdminSetPassword(ctx, by, in.Account, in.Body.Password)
	})

	add(a, endpoint.Operation{
		ID: "admin-reset-two-factor", Method: http.MethodDelete, Path: one + "/two-factor", Errors: []int{404},
		Summary: "Turn off the two-factor of a person",
		Doc:     "For somebody who has lost the authenticator app and the recovery codes. Sessions go on. That of an owner is turned off by owners. That of an owner or administrator needs a sign-in of the last minutes (403: `sign in again`). Your own is turned off by `POST /api/me/two-factor/off`, with a proof; here the answer is 403.",
	}, func(ctx context.Context, by chat.Actor, in *InPerson) (*nothing, error) {
		return nil, a.chat.AdminResetTwoFactor(ctx, by, in.Account)
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-create-sign-in-link", Path: one + "/sign-in-links", Status: http.StatusCreated, Errors: []int{404},
		Summary: "Make a link that signs a person in",
		Doc:     "It works once. Send it to nobody but the person. It does not replace the two-factor of the person. One for yourself, an owner or an administrator needs a sign-in of the last minutes (403: `sign in again`).",
		Fields:  map[string]string{"account": "path.account"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Body *struct {
			Seconds int64 `json:"ttlSeconds,omitempty" minimum:"1" maximum:"2592000" doc:"Lifetime; default: the option auth.code-ttl" example:"3600"`
		} `nameHint:"AdminSignInLinkOptions"`
	},
	) (chat.IssuedCode, error) {
		ttl := a.router.Live().CodeTTL
		if in.Body != nil && in.Body.Seconds > 0 {
			ttl = time.Duration(in.Body.Seconds) * time.Second
		}
		code, expires, err := a.chat.AdminSignInCode(ctx, by, in.Account, ttl)
		return chat.IssuedCode{Code: code, Expires: expires}, err
	}, func(i chat.IssuedCode) *struct{ Body link } {
		return &struct{ Body link }{link{i.Code, endpoint.SignInLink(a.router.PublicURL, i.Code), unixMilli(i.Expires)}}
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-hand-over-groups", Path: one + "/hand-over",
		Summary: "Hand over the groups of a person",
		Doc:     "The other person becomes the owner of every open group that the person owns, and a member if necessary. Pushes `new group`, `group admin added` and `group changed`.",
		Errors:  []int{404},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Body struct {
			To chat.AccountID `json:"to" limit:"id" doc:"Id of the new owner" example:"0198c0de-0000-7000-8000-000000000002"`
		} `nameHint:"AdminHandOver"`
	},
	) ([]chat.GroupID, error) {
		return a.chat.AdminHandOverGroups(ctx, by, in.Account, in.Body.To)
	}, func(groups []chat.GroupID) *struct{ Body handedOver } {
		if groups == nil {
			groups = []chat.GroupID{}
		}
		return &struct{ Body handedOver }{handedOver{groups}}
	})

	addOnce(a, endpoint.Operation{
		ID: "admin-erase-person", Path: one + "/erase", Errors: []int{404},
		Summary: "Erase a person for ever",
		Doc: "For a request under data protection law. Owners only, with a sign-in of the last minutes (403: `sign in again`). At once the person is signed out everywhere, and the profile, the e-mail address, the picture, every way to sign in, " +
			"the organizations, the friends and the notifications are gone; the account is called \"Deleted person\" and cannot be used again. Then the server removes the text and the files of every message of the person; the place of each message stays. " +
			"`GET /api/admin/people/{account}` shows how far it is. It cannot be undone. A repetition changes nothing. Nobody erases the own account, and the last owner cannot be erased. Backups keep the data until they are removed.",
		Fields: map[string]string{"account": "path.account"},
	}, func(ctx context.Context, by chat.Actor, in *struct {
		InPerson
		Body struct {
			Name string `json:"name" minLength:"1" maxLength:"4096" doc:"Exactly the name of the person, as a confirmation" example:"Example One"`
		} `nameHint:"AdminErase"`
	},
	) (chat.Erasure, error) {
		return a.chat.Erase(ctx, by, in.Account, in.Body.Name)
	}, func(e chat.Erasure) *struct{ Body erasure } {
		return &struct{ Body erasure }{showErasure(e)}
	})
}
