package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// setUpOpen has the rules for the set-up of a server without people.
type setUpOpen struct {
	Passwords   bool `json:"passwords" doc:"The first person can have a password"`
	MinPassword int  `json:"minPassword" doc:"Minimum number of characters of a password" example:"10"`
}

// installation has the choices of the first person.
type installation struct {
	Secret       string `json:"secret" minLength:"1" maxLength:"128" doc:"The part of the link behind the #" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
	Organization string `json:"organization" minLength:"1" limit:"name" example:"Example Works"`
	Name         string `json:"name" minLength:"1" limit:"name" doc:"Of the person" example:"Alice Demo"`
	Email        string `json:"email,omitempty" limit:"email" doc:"Required with a password" example:"alice@example.test"`
	Password     string `json:"password,omitempty" maxLength:"1024" doc:"Missing: the answer has a link for the next sign-in" example:"correct horse battery"`
	Language     string `json:"language" enum:"en,zh" doc:"Of the server's own texts, and of mails to the person"`
	TimeZone     string `json:"timeZone" minLength:"1" maxLength:"64" doc:"Of the time strings in pushes and history, and of the person: an IANA name" example:"Europe/Berlin"`
	Device       string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
}

// installed is the answer to the first person, who is signed in.
type installed struct {
	SignIn        signedInBody `json:"signIn"`
	Organization  string       `json:"organization" example:"Example Works"`
	Link          string       `json:"link,omitempty" doc:"Signs in once. Only without a password" example:"https://chat.example.test/sign-in#code=K7QF-29XM-4TRA-B0SW"`
	LinkExpiresAt int64        `json:"linkExpiresAt,omitempty" example:"1767225600000"`
	Passwords     bool         `json:"passwords" doc:"People can sign in with passwords. false: the set-up had no password, so passwords stay off until an owner turns the setting auth.passwords on"`
}

type installedAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      installed
}

type setUpOpenBody struct{ Body setUpOpen }

func (a *api) setUp() {
	const doc = "403: the secret is not that of the latest start. 404: the server has people, so it is set up."
	addOpen(a, endpoint.Operation{
		ID: "check-set-up", Method: http.MethodPost, Path: "/api/set-up/check", Errors: []int{403, 404},
		Summary: "Ask whether the server can be set up",
		Doc:     "A server without people prints a link at each start. " + doc,
	}, func(ctx context.Context, in *struct {
		Body struct {
			Secret string `json:"secret" maxLength:"128" doc:"The part of the link behind the #" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
		} `nameHint:"SetUpSecret"`
	},
	) (*setUpOpenBody, error) {
		answer := &setUpOpenBody{setUpOpen{Passwords: a.chat.PasswordsPossible(), MinPassword: a.chat.Settings().MinPassword}}
		return answer, a.secrets(ctx, func() error { return a.chat.CheckSetUp(ctx, in.Body.Secret) })
	})

	addOpen(a, endpoint.Operation{
		ID: "set-up", Method: http.MethodPost, Path: "/api/set-up", Status: http.StatusCreated, Errors: []int{403, 404},
		Summary: "Set up the server",
		Doc: "Makes the organization and its owner, keeps name, language and time zone as settings unless the configuration has them, gives the owner this language and time zone, and signs the owner in. " +
			"It works once. A password turns passwords on for everybody. " + doc,
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body installation
	},
	) (*installedAnswer, error) {
		b := in.Body
		done, err := limited(ctx, a.secrets, func() (chat.Installed, error) {
			return a.chat.SetUp(ctx, chat.Installation{
				Secret: b.Secret, Organization: b.Organization, Name: b.Name, Email: b.Email, Password: b.Password,
				Language: b.Language, TimeZone: b.TimeZone, Device: a.device(ctx, b.Device),
			})
		})
		if err != nil {
			return nil, err
		}
		owner := a.showSignedIn(ctx, done.SignedIn, in.Cookie)
		answer := &installedAnswer{owner.SetCookie, installed{SignIn: owner.Body, Organization: done.Organization.Name, Passwords: done.Passwords}}
		if done.Code.Code != "" {
			answer.Body.Link = a.router.PublicURL + "/sign-in#code=" + done.Code.Code
			answer.Body.LinkExpiresAt = unixMilli(done.Code.Expires)
		}
		return answer, nil
	})
}
