package rest

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
)

// signInCode is what somebody can sign in with.
type signInCode struct {
	Code      string    `json:"code" doc:"Code that people can type. It is shown only once" example:"K7QF-29XM-4TRA-B0SW"`
	Link      string    `json:"link" doc:"Link that opens the web client and signs in. The code is after the #, which browsers do not send" example:"https://chat.example.test/sign-in#code=K7QF-29XM-4TRA-B0SW"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type signInCodeBody struct{ Body signInCode }

// SignInLink is the address that signs in with a code.
func SignInLink(publicURL, code string) string { return publicURL + "/sign-in#code=" + code }

func (a *api) signInCodes() {
	const tag = "accounts"
	post(a, operation{
		id: "create-sign-in-code", path: "/v1/accounts/{account}/sign-in-codes", tag: tag,
		scopes: []chat.Scope{chat.ScopeTokens},
		status: http.StatusCreated, errors: []int{404}, fields: map[string]string{"ttl": "body.ttlSeconds", "account": "path.account"},
		summary: "Make a sign-in code",
		doc: "For your own page that opens the web client, or for a mail to a new person. " +
			"The code works only once. Everybody who has it can sign in as the account, so give it to this person only.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InAccount
		Body struct {
			TTL int64 `json:"ttlSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"Lifetime in seconds. 0 or missing: the option auth.code-ttl, which is ten minutes by default" example:"600"`
		} `nameHint:"NewSignInCode"`
	},
	) (chat.IssuedCode, error) {
		ttl := time.Duration(in.Body.TTL) * time.Second
		if ttl == 0 {
			ttl = a.opts.CodeTTL
		}
		code, expires, err := a.chat.CreateSignInCode(ctx, chat.NewSignInCode{Account: in.Account, TTL: ttl})
		return chat.IssuedCode{Code: code, Expires: expires}, err
	}, func(i chat.IssuedCode) *signInCodeBody {
		return &signInCodeBody{signInCode{Code: i.Code, Link: SignInLink(a.opts.PublicURL, i.Code), ExpiresAt: i.Expires.UTC()}}
	})

	const password = "/v1/accounts/{account}/password"
	host(a, operation{
		id: "set-password", method: http.MethodPut, path: password, tag: tag, errors: []int{403, 404},
		scopes:  []chat.Scope{chat.ScopeTokens},
		fields:  map[string]string{"account": "path.account"},
		summary: "Give an account a password",
		doc: "If it replaces a password, all log-ins of the account end: tokens, JSON Web Tokens, sign-in codes, upload tokens and known devices, except tokens of applications of kind server. " +
			"If it is the first password, existing log-ins stay. The account needs an e-mail address that no other " +
			"account with a password has. 403: passwords are off (option auth.passwords).",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		InAccount
		Body struct {
			Password string `json:"password" minLength:"1" maxLength:"1024" example:"correct horse battery"`
		} `nameHint:"NewPassword"`
	},
	) (*nothing, error) {
		return nil, a.chat.SetPassword(ctx, in.Account, in.Body.Password)
	})

	host(a, operation{
		id: "remove-password", method: http.MethodDelete, path: password, tag: tag, errors: []int{404},
		scopes:  []chat.Scope{chat.ScopeTokens},
		summary: "Remove the password of an account",
		doc:     "Existing log-ins stay; they can be ended with the account's tokens. Without a password nothing changes.",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InAccount }) (*nothing, error) {
		return nil, a.chat.RemovePassword(ctx, in.Account)
	})
}
