package client

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/rest/endpoint"
	"parley/internal/turn"
)

// The requests of a browser that signs in with a provider:
//
//	GET /api/sign-in/oidc/main             302 to the provider, with a cookie that has the state
//	POST /api/sign-in/oidc/main            the same with an invitation; the answer has the address of the provider
//	(the provider asks for the log-in)     302 back, with the provider's code and our state
//	GET /api/sign-in/oidc/main/callback    302 to /sign-in#code=…, with our own code, which works once
//	POST /api/sign-in/code                 the page exchanges the code for a token
//
// Addresses never contain a token or the secret of an invitation. Errors come back as /sign-in#error=…, or with an
// invitation as /invite#error=…. An error about an e-mail address also has its code: &reason=….

// Provider is a provider of OpenID Connect with the rules for the identities that it confirms.
type Provider struct {
	ID     string // in the paths
	Issuer string
	OIDC   *auth.Provider
	Policy chat.IdentityPolicy
}

// attemptLife is the maximum time between begin and end of a sign-in.
const attemptLife = 10 * time.Minute

// maxExchanges is the maximum number of simultaneous requests to providers; one address may use a quarter of them. Other requests wait.
const maxExchanges = 32

// maxExchangesWaiting is the maximum number of waiting requests of one address. A provider usually answers within a second, so
// more requests would wait longer than a request may take.
const maxExchangesWaiting = 256

const (
	attemptCookie = "parley_sign_in"
	oidcPath      = "/api/sign-in/oidc/"
)

// The texts of /sign-in#error=…. The page translates them.
const (
	textProviderDown    = "provider not reachable"
	textSignInStale     = "sign-in expired"
	textSignInCancelled = "sign-in cancelled"
)

// redirect is an answer that redirects a browser.
type redirect struct {
	Status    int
	Location  string `header:"Location"`
	SetCookie string `header:"Set-Cookie"`
}

// invitedSignIn has the address that the browser must open.
type invitedSignIn struct {
	Address string `json:"address" doc:"Address of the provider to which the browser must go. It comes back and ends at /sign-in#code=…&next=joined, or at /invite#error=… with the reason, and reason=… with its code if it is about the e-mail address"`
}

type invitedSignInAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      invitedSignIn
}

// InProvider names a provider in the path.
type InProvider struct {
	Provider string `path:"provider" maxLength:"64" doc:"Its id in the server's config" example:"main"`
}

func (a *api) oidc() {
	addOpen(a, endpoint.Operation{
		ID: "begin-sign-in", Method: http.MethodGet, Path: oidcPath + "{provider}", Status: http.StatusFound, Errors: []int{404},
		Summary: "Sign in with a provider",
		Doc:     "A page for browsers. It redirects to the provider of OpenID Connect.",
	}, func(ctx context.Context, in *InProvider) (*redirect, error) {
		p, err := a.provider(in.Provider)
		if err != nil {
			return nil, err
		}
		address, attempt, err := p.OIDC.Begin(ctx)
		if err != nil {
			return a.signInFailed(ctx, keptAttempt{Provider: p.ID}, err), nil
		}
		return &redirect{Status: http.StatusFound, Location: address, SetCookie: a.attempts.cookie(p.ID, keptAttempt{Attempt: attempt}, a.router.Now())}, nil
	})

	addOpen(a, endpoint.Operation{
		ID: "begin-invited-sign-in", Method: http.MethodPost, Path: oidcPath + "{provider}", Errors: []int{403, 404, 503},
		Summary: "Accept an invitation with a provider",
		Doc: "Begins a sign-in that accepts an invitation. The browser must go to the address in the answer, and needs the cookie when it comes back. Then the " +
			"account of the person, or a new one with the name and the verified e-mail address from the provider, joins the organization and the groups. The invitation is checked again at that moment. " +
			"403: it does not exist, has ended, was revoked or used up. 503: the provider is not reachable.",
	}, func(ctx context.Context, in *struct {
		InProvider
		Body invitationSecret
	},
	) (*invitedSignInAnswer, error) {
		p, err := a.provider(in.Provider)
		if err != nil {
			return nil, err
		}
		var seen chat.InvitationSeen
		err = a.secrets(ctx, func() (err error) {
			seen, err = a.chat.InvitationBySecret(ctx, in.Body.Secret)
			return err
		})
		if err != nil {
			return nil, err
		}
		address, attempt, err := p.OIDC.Begin(ctx)
		if err != nil {
			a.router.Logger.ErrorContext(ctx, "sign-in with a provider failed", "err", err)
			return nil, endpoint.Problem(http.StatusServiceUnavailable, textProviderDown)
		}
		// The cookie names the invitation and does not have its secret.
		kept := keptAttempt{Attempt: attempt, Invitation: seen.ID}
		return &invitedSignInAnswer{a.attempts.cookie(p.ID, kept, a.router.Now()), invitedSignIn{address}}, nil
	})

	addOpen(a, endpoint.Operation{
		ID: "end-sign-in", Method: http.MethodGet, Path: oidcPath + "{provider}/callback", Status: http.StatusFound, Errors: []int{404},
		Summary: "Come back from a provider",
		Doc:     "The provider redirects the browser to this page. It redirects to the page that signs in: /sign-in#code=…, or #error=… with the reason.",
	}, func(ctx context.Context, in *struct {
		InProvider
		Code   string `query:"code" maxLength:"4096"`
		State  string `query:"state" maxLength:"256"`
		Issuer string `query:"iss" maxLength:"2048" doc:"Of the provider, if it sends this (RFC 9207)"`
		Error  string `query:"error" maxLength:"256"`
		Cookie string `header:"Cookie" doc:"State from the beginning of the sign-in"`
	},
	) (*redirect, error) {
		p, err := a.provider(in.Provider)
		if err != nil {
			return nil, err
		}
		kept, ok := a.attempts.read(p.ID, in.Cookie, a.router.Now())
		switch {
		case !ok:
			return a.signInPage(p.ID, "error", textSignInStale), nil
		case in.Issuer != "" && in.Issuer != p.Issuer:
			return a.signInFailed(ctx, kept, fmt.Errorf("%w: the answer is from the issuer %q", auth.ErrSignIn, in.Issuer)), nil
		case in.Error == "access_denied":
			return a.refusedPage(kept, textSignInCancelled), nil
		case in.Error != "":
			return a.signInFailed(ctx, kept, errors.New("the provider says "+url.QueryEscape(in.Error))), nil
		}
		// Failed sign-ins do not count against other people at the same network address. Only
		// the number of simultaneous requests to the provider is limited for each address.
		leave, err := a.exchanges.Enter(ctx, turn.KeyOf(ctx))
		if errors.Is(err, turn.ErrFull) {
			a.providerRefused(ctx, chat.ErrTooManyRequests)
			return a.signInFailed(ctx, kept, chat.ErrTooManyRequests), nil
		}
		if err != nil {
			return nil, err
		}
		defer leave()
		who, err := p.OIDC.Finish(ctx, kept.Attempt, in.State, in.Code)
		if err != nil {
			return a.signInFailed(ctx, kept, err), nil
		}
		if kept.Invitation != "" {
			code, err := a.chat.AcceptInvitationAs(ctx, kept.Invitation, chat.ExternalIdentity(who), p.Policy)
			if err != nil {
				return a.signInFailed(ctx, kept, err), nil
			}
			joined := a.signInPage(p.ID, "code", code)
			joined.Location += "&next=joined"
			return joined, nil
		}
		code, err := a.chat.SignInCodeFor(ctx, chat.ExternalIdentity(who), p.Policy)
		if err != nil {
			return a.signInFailed(ctx, kept, err), nil
		}
		return a.signInPage(p.ID, "code", code), nil
	})
}

func (a *api) provider(id string) (Provider, error) {
	for _, p := range a.opts.Providers {
		if p.ID == id && !a.chat.SignInHidden(id) {
			return p, nil
		}
	}
	return Provider{}, chat.ErrNotFound
}

// signInPage redirects to the sign-in page, with the value after the #, and removes the cookie of the
// attempt.
func (a *api) signInPage(provider, key, value string) *redirect {
	return &redirect{
		Status:    http.StatusFound,
		Location:  a.router.PublicPath + "/sign-in#" + key + "=" + url.PathEscape(value),
		SetCookie: a.attempts.over(provider),
	}
}

// refusedPage redirects to the page where the sign-in began, which shows the reason.
func (a *api) refusedPage(kept keptAttempt, reason string) *redirect {
	answer := a.signInPage(kept.Provider, "error", reason)
	if kept.Invitation != "" {
		answer.Location = a.router.PublicPath + "/invite#error=" + url.PathEscape(reason)
	}
	return answer
}

// signInFailed redirects to the page where the sign-in began, which shows the reason. Faults of the provider or of the
// network are logged for the operator; they contain no secret.
func (a *api) signInFailed(ctx context.Context, kept keptAttempt, err error) *redirect {
	var refused chat.Error
	var invalid *chat.InvalidError
	switch {
	case errors.As(err, &refused):
		return a.refusedPage(kept, refused.Error())
	case errors.As(err, &invalid):
		answer := a.refusedPage(kept, invalid.Error())
		if invalid.Code != "" {
			answer.Location += "&reason=" + url.QueryEscape(string(invalid.Code))
		}
		return answer
	case errors.Is(err, auth.ErrSignIn):
		a.router.Logger.WarnContext(ctx, "sign-in with a provider does not hold", "err", err)
		a.providerRefused(ctx, chat.ErrSignInExpired)
		return a.refusedPage(kept, textSignInStale)
	default:
		a.router.Logger.ErrorContext(ctx, "sign-in with a provider failed", "err", err)
		return a.refusedPage(kept, textProviderDown)
	}
}

// providerRefused records a refused sign-in with a provider that package chat has not seen.
func (a *api) providerRefused(ctx context.Context, reason chat.Error) {
	a.chat.RecordRefusal(ctx, chat.Refusal{Kind: chat.AuditSignInRefused, Method: chat.MethodOpenID, Reason: reason})
}

// attempts keeps the state of a sign-in in a signed cookie of the browser. Each provider has its own cookie, so that
// two sign-ins can be under way in one browser.
type attempts struct {
	secret func() []byte
	path   string // of the cookies, before the id of the provider
	secure bool
}

// newAttempts derives the key from a secret that all nodes have, because a browser may come back to
// another node. Without a secret, the key is random and ends with the process.
func newAttempts(secret func() []byte, path string, secure bool) *attempts {
	if secret == nil {
		made := make([]byte, 32)
		rand.Read(made) // never fails
		secret = func() []byte { return made }
	}
	return &attempts{secret: secret, path: path, secure: secure}
}

func (a *attempts) key() []byte {
	h := hmac.New(sha256.New, a.secret())
	h.Write([]byte("sign-in with a provider"))
	return h.Sum(nil)
}

type keptAttempt struct {
	auth.Attempt
	Invitation chat.InvitationID `json:"i,omitempty"` // to accept; empty: none
	Provider   string            `json:"p"`
	Until      int64             `json:"u"`
}

func (a *attempts) cookie(provider string, k keptAttempt, now time.Time) string {
	k.Provider, k.Until = provider, now.Add(attemptLife).Unix()
	text, err := json.Marshal(k)
	if err != nil {
		panic("client: " + err.Error()) // impossible: the struct has only texts and a number
	}
	value := base64.RawURLEncoding.EncodeToString(text) + "." + base64.RawURLEncoding.EncodeToString(a.sign(text))
	return a.setCookie(provider, value, int(attemptLife/time.Second))
}

// over removes the cookie.
func (a *attempts) over(provider string) string { return a.setCookie(provider, "", -1) }

func (a *attempts) setCookie(provider, value string, maxAge int) string {
	c := http.Cookie{
		Name: attemptCookie, Value: value, Path: a.path + provider, MaxAge: maxAge, HttpOnly: true, Secure: a.secure,
		// The browser comes back from another site, so Strict would not send the cookie.
		SameSite: http.SameSiteLaxMode,
	}
	return c.String()
}

func (a *attempts) read(provider, header string, now time.Time) (keptAttempt, bool) {
	cookies, err := http.ParseCookie(header)
	if err != nil {
		return keptAttempt{}, false
	}
	for _, c := range cookies {
		if c.Name != attemptCookie {
			continue
		}
		value, mac, _ := strings.Cut(c.Value, ".")
		text, err1 := base64.RawURLEncoding.DecodeString(value)
		sum, err2 := base64.RawURLEncoding.DecodeString(mac)
		if err1 != nil || err2 != nil || !hmac.Equal(sum, a.sign(text)) {
			continue
		}
		var k keptAttempt
		if json.Unmarshal(text, &k) == nil && k.Provider == provider && now.Unix() < k.Until {
			return k, true
		}
	}
	return keptAttempt{}, false
}

func (a *attempts) sign(text []byte) []byte {
	h := hmac.New(sha256.New, a.key())
	h.Write(text)
	return h.Sum(nil)
}
