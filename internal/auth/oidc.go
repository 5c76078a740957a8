package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Provider signs people in with OpenID Connect: the authorization code flow with
// PKCE (RFC 7636). The provider's configuration is requested at the first sign-in, and
// again at each following one until the provider answers, so the server can start while
// the provider is down. A Provider is safe for concurrent use.
type Provider struct {
	opts   ProviderOptions
	client *http.Client

	known  atomic.Pointer[oidc.Provider] // nil: not known yet
	asking singleflight.Group
}

// ProviderOptions describe the client registration of this server at the provider.
type ProviderOptions struct {
	Issuer       string
	ClientID     string
	ClientSecret string // empty: a public client
	Scopes       []string
	Redirect     string        // address to which the provider sends people back
	Timeout      time.Duration // of one request to the provider; 10 s
}

// NewProvider sends no request to the provider.
func NewProvider(o ProviderOptions) *Provider {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	return &Provider{opts: o, client: &http.Client{Timeout: o.Timeout}}
}

// Attempt is the state of a sign-in until the person comes back from the provider. It
// must be stored where nobody else can read or replace it.
type Attempt struct {
	State    string `json:"s"` // the provider returns it in the address
	Nonce    string `json:"n"` // the provider returns it in the token
	Verifier string `json:"v"` // of PKCE: proves that the same client began and completes the sign-in
}

// Person is the person who signed in, as the provider describes them.
type Person struct {
	Issuer, Subject string
	Email           string
	EmailVerified   bool
	Name, Picture   string
}

// ErrSignIn is the error of an invalid sign-in: expired, modified, or not signed by the
// provider. Other errors come from the provider or the network.
var ErrSignIn = errors.New("auth: the sign-in does not hold")

// Begin returns the address to which the person must be sent, and the state to store.
func (p *Provider) Begin(ctx context.Context) (string, Attempt, error) {
	provider, err := p.discover(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{State: NewSecret(), Nonce: NewSecret(), Verifier: oauth2.GenerateVerifier()}
	return p.config(provider).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// Finish exchanges the code with which the person came back.
func (p *Provider) Finish(ctx context.Context, a Attempt, state, code string) (Person, error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1 {
		return Person{}, fmt.Errorf("%w: state", ErrSignIn)
	}
	provider, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(provider).Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return Person{}, fmt.Errorf("%w: the provider refused the code", ErrSignIn)
	case err != nil:
		return Person{}, fmt.Errorf("exchange of the code: %w", withoutBody(err))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: p.opts.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("%w: %w", ErrSignIn, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return Person{}, fmt.Errorf("%w: nonce", ErrSignIn)
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return Person{}, fmt.Errorf("claims of the token: %w", err)
	}
	if c.Email == "" || c.Name == "" {
		if err := p.ask(ctx, provider, token, id.Subject, &c); err != nil {
			return Person{}, err
		}
	}
	return Person{
		Issuer: id.Issuer, Subject: id.Subject, Email: c.Email, EmailVerified: bool(c.EmailVerified),
		Name: firstOf(c.Name, c.PreferredUsername, c.Nickname), Picture: c.Picture,
	}, nil
}

// claims are claims of ID tokens and of the answer of the userinfo endpoint.
type claims struct {
	Email             string `json:"email"`
	EmailVerified     truth  `json:"email_verified"`
	Name              string `json:"name"`
	PreferredUsername string `json:"preferred_username"`
	Nickname          string `json:"nickname"`
	Picture           string `json:"picture"`
}

// truth is a boolean that some providers send as a string.
type truth bool

func (t *truth) UnmarshalJSON(text []byte) error {
	*t = string(text) == "true" || string(text) == `"true"`
	return nil
}

// ask requests missing claims from the userinfo endpoint, if the provider has one.
func (p *Provider) ask(ctx context.Context, provider *oidc.Provider, token *oauth2.Token, subject string, c *claims) error {
	if provider.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("user info: %w", withoutBody(err))
	}
	// Otherwise the answer could be about another person.
	if info.Subject != subject {
		return fmt.Errorf("%w: user info is of somebody else", ErrSignIn)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return fmt.Errorf("claims of the user: %w", err)
	}
	if c.Email == "" {
		c.Email, c.EmailVerified = more.Email, more.EmailVerified
	}
	c.Name = firstOf(c.Name, more.Name)
	c.PreferredUsername = firstOf(c.PreferredUsername, more.PreferredUsername)
	c.Nickname = firstOf(c.Nickname, more.Nickname)
	c.Picture = firstOf(c.Picture, more.Picture)
	return nil
}

func (p *Provider) config(provider *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.opts.ClientID, ClientSecret: p.opts.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: p.opts.Redirect, Scopes: p.opts.Scopes,
	}
}

// discover reads the configuration of the provider, until it has succeeded once.
// Concurrent callers wait for the same answer.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if known := p.known.Load(); known != nil {
		return known, nil
	}
	asked := p.asking.DoChan("", func() (any, error) {
		// The context is kept for later requests of keys, so it must not end with this call.
		found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), p.client), p.opts.Issuer)
		if err == nil {
			p.known.Store(found)
		}
		return found, err
	})
	select {
	case answer := <-asked:
		if answer.Err != nil {
			return nil, fmt.Errorf("discovery of %s: %w", p.opts.Issuer, answer.Err)
		}
		return answer.Val.(*oidc.Provider), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("discovery of %s: %w", p.opts.Issuer, ctx.Err())
	}
}

// withoutBody removes the provider's answer from the error, because it may contain tokens.
func withoutBody(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil {
		return fmt.Errorf("status %d, error %q", refused.Response.StatusCode, refused.ErrorCode)
	}
	return err
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
