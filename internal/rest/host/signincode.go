package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// signInCode is what somebody can sign in with.
type signInCode struct {
	Code      string    `json:"code" doc:"Code that people can type. It is shown only once" example:"K7QF-29XM-4TRA-B0SW"`
	Link      string    `json:"link" doc:"Link that opens the web client and signs in. The code is after the #, which browsers do not send" example:"https://chat.example.test/sign-in#code=K7QF-29XM-4TRA-B0SW"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type signInCodeBody struct{ Body signInCode }

func (a *api) signInCodes() {
	const tag = "accounts"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "create-sign-in-code", Path: "/v1/accounts/{account}/sign-in-codes", Tag: tag,
		Status: http.StatusCreated, Errors: []int{404}, Fields: map[string]string{"ttl": "body.ttlSeconds", "account": "path.account"},
		Summary: "Make a sign-in code",
		Doc: "For your own page that opens the web client, or for a mail to a new person. " +
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
			ttl = a.router.Live().CodeTTL
		}
		code, expires, err := a.chat.CreateSignInCode(ctx, chat.NewSignInCode{Account: in.Account, TTL: ttl})
		return chat.IssuedCode{Code: code, Expires: expires}, err
	}, func(i chat.IssuedCode) *signInCodeBody {
		return &signInCodeBody{signInCode{Code: i.Code, Link: endpoint.SignInLink(a.router.PublicURL, i.Code), ExpiresAt: i.Expires.UTC()}}
	})

	const password = "/v1/accounts/{account}/password"
	add(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "set-password", Method: http.MethodPut, Path: password, Tag: tag, Errors: []int{403, 404},
		Fields:  map[string]string{"account": "path.account"},
		Summary: "Give an account a password",
		Doc: "All log-ins of the account end, also with the first password: tokens, JSON Web Tokens, sign-in codes, upload tokens and known devices, except tokens of applications of kind server. " +
			"The account needs an e-mail address that no other " +
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

	add(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "remove-password", Method: http.MethodDelete, Path: password, Tag: tag, Errors: []int{404},
		Summary: "Remove the password of an account",
		Doc:     "Existing log-ins stay; they can be ended with the account's tokens. Without a password nothing changes.",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InAccount }) (*nothing, error) {
		return nil, a.chat.RemovePassword(ctx, in.Account)
	})
}
