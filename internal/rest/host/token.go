package host

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// token is an access token without the secret, which is shown once.
type token struct {
	Session   chat.SessionID `json:"session" doc:"Names the log-in; not a secret"`
	Account   chat.AccountID `json:"account"`
	App       chat.AppID     `json:"app,omitempty" doc:"Only valid with this application; missing: with all"`
	Label     string         `json:"label"`
	CreatedAt time.Time      `json:"createdAt"`
	ExpiresAt *time.Time     `json:"expiresAt,omitempty" doc:"Missing: does not expire"`
	RevokedAt *time.Time     `json:"revokedAt,omitempty"`
}

// issuedToken is the answer to issuing: the fields of token and the secret itself.
type issuedToken struct {
	Token     string         `json:"token" doc:"The access token. It is shown only once, because only its hash is stored"`
	Session   chat.SessionID `json:"session" doc:"Names the log-in; not a secret"`
	Account   chat.AccountID `json:"account"`
	App       chat.AppID     `json:"app,omitempty" doc:"Only valid with this application; missing: with all"`
	Label     string         `json:"label"`
	CreatedAt time.Time      `json:"createdAt"`
	ExpiresAt *time.Time     `json:"expiresAt,omitempty" doc:"Missing: does not expire"`
}

type issuedTokenBody struct{ Body issuedToken }

func showToken(t chat.Token) token {
	return token{
		Session: t.Session, Account: t.Account, App: t.App, Label: t.Label, CreatedAt: t.CreatedAt.UTC(),
		ExpiresAt: moment(t.ExpiresAt), RevokedAt: moment(t.RevokedAt),
	}
}

// moment returns nil for the zero time, so that answers omit it.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (a *api) tokens() {
	const tag, base = "tokens", "/v1/accounts/{account}/tokens"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "issue-token", Path: base, Tag: tag, Status: http.StatusCreated, Errors: []int{404},
		Summary: "Issue an access token",
		Doc: "Clients send it as token when they connect. A token bound to an application of kind server is a server token: " +
			"its bearer can call this API as that application, so the caller must have all scopes of the application.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InAccount
		Body struct {
			App   chat.AppID `json:"app,omitempty" limit:"id" doc:"Id or key of the only application that it is valid with"`
			Label string     `json:"label,omitempty" limit:"name" example:"Alice's phone"`
			TTL   *int64     `json:"ttl,omitempty" minimum:"0" maximum:"315360000" doc:"Lifetime in seconds; 0: it does not expire. Default: the option token.ttl, which is 30 days by default" example:"86400"`
		} `nameHint:"NewToken"`
	},
	) (chat.IssuedToken, error) {
		b := in.Body
		ttl := a.router.Live().TokenTTL
		if b.TTL != nil {
			ttl = time.Duration(*b.TTL) * time.Second
		}
		plain, t, err := a.chat.IssueToken(ctx, chat.NewToken{Account: in.Account, App: b.App, Label: b.Label, TTL: ttl, By: app.ID})
		return chat.IssuedToken{Plain: plain, Token: t}, err
	}, func(i chat.IssuedToken) *issuedTokenBody {
		t := i.Token
		return &issuedTokenBody{issuedToken{
			Token: i.Plain, Session: t.Session, Account: t.Account, App: t.App, Label: t.Label,
			CreatedAt: t.CreatedAt.UTC(), ExpiresAt: moment(t.ExpiresAt),
		}}
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-tokens", Method: http.MethodGet, Path: base, Tag: tag, Errors: []int{404},
		Summary: "List an account's tokens",
		Doc:     "Newest first, including revoked and expired ones, without the tokens themselves.",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InAccount }) (*listBody[token], error) {
		rows, err := a.chat.Tokens(ctx, in.Account)
		return pageOf(rows, len(rows), showToken, nil), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "revoke-tokens", Method: http.MethodDelete, Path: base, Tag: tag, Errors: []int{404},
		Summary: "Revoke all tokens of an account",
		Doc: "Call it after a theft. It ends everything that lets somebody in as the account: its tokens, JSON Web Tokens that were issued until now, sign-in codes, upload tokens, " +
			"known devices, its password, identities of a provider that were linked after the account was made, and its e-mail address if the account itself has set it. Two-factor stays. Give the person an e-mail address again where it was removed; the person signs in with a new code or with the provider. " +
			"A JSON Web Token without iat counts as issued before, whenever it is used. One whose iat is at most 30 seconds after now counts as issued before, because clocks may differ. Push `logout message` to the sockets of the account, which are then closed.",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InAccount }) (*nothing, error) {
		return nil, a.chat.RevokeTokens(ctx, in.Account)
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeTokens}}, endpoint.Operation{
		ID: "revoke-token", Method: http.MethodDelete, Path: "/v1/tokens/{session}", Tag: tag, Errors: []int{404},
		Summary: "Revoke one token",
		Doc: "Push `logout message` to the sockets of that log-in, which are then closed. If no token has this session, it counts as the `jti` of a " +
			"JWT, which is refused from then on; an application that is bound to an organization gets 404 instead.",
	}, func(ctx context.Context, _ chat.Application, in *struct {
		Session chat.SessionID `path:"session" maxLength:"128" doc:"The session from the answer when the token was issued, or from the list of tokens"`
	},
	) (*nothing, error) {
		return nil, a.chat.RevokeToken(ctx, in.Session)
	})
}
