package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// signedIn is the answer to signing in.
type signedInBody struct {
	TwoFactor *secondStep    `json:"twoFactor,omitempty" doc:"The sign-in needs a second step. The other fields are missing"`
	Token     string         `json:"token,omitempty" doc:"The access token, for sockets, history and this API. It is shown only once"`
	SessionID chat.SessionID `json:"sessionId,omitempty" doc:"Names the log-in; not a secret"`
	ExpiresAt int64          `json:"expiresAt,omitempty" doc:"Unix milliseconds; missing: never" example:"1767225600000"`
	Account   *Person        `json:"account,omitempty"`
}

type signedInAnswer struct {
	SetCookie string `header:"Set-Cookie" doc:"Makes the browser a known device of the account, which can still try passwords when strangers have used up the attempts for the account. It signs nobody in"`
	Body      signedInBody
}

func (a *api) showSignedIn(ctx context.Context, in chat.SignedIn, cookies string) *signedInAnswer {
	if next := in.Needs; next != nil {
		return &signedInAnswer{Body: signedInBody{TwoFactor: &secondStep{next.Ticket, unixMilli(next.Expires), next.SetUp}}}
	}
	account := showPerson(in.Person)
	return &signedInAnswer{
		SetCookie: a.known.add(cookies, chat.EmailKey(in.Person.Email), a.router.Now(), peerOf(ctx).secure),
		Body: signedInBody{
			Token: in.Token, SessionID: in.Session, ExpiresAt: unixMilli(in.Expires), Account: &account,
		},
	}
}

// answerSignIn is showSignedIn for a sign-in that may have failed.
func (a *api) answerSignIn(ctx context.Context, in chat.SignedIn, err error, cookies string) (*signedInAnswer, error) {
	if err != nil {
		return nil, err
	}
	return a.showSignedIn(ctx, in, cookies), nil
}

// InBrowser is an input with the cookies, which a browser sends automatically.
type InBrowser struct {
	Cookie string `header:"Cookie" doc:"The cookie that a known device got when it signed in"`
}

// unixMilli returns 0 for the zero time. Answers omit it.
func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func (a *api) signIn() {
	addOpen(a, endpoint.Operation{
		ID: "sign-in-with-code", Method: http.MethodPost, Path: "/api/sign-in/code", Errors: []int{403},
		Summary: "Sign in with a code",
		Doc: "A code comes from the company's own systems, as such or in a link, or from a provider of OpenID Connect. " +
			"It works only once. Capitals, spaces and dashes do not matter. " +
			"A link that was mailed or that an administrator made does not replace two-factor: see `twoFactor` in the answer.",
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body struct {
			Code   string `json:"code" minLength:"1" maxLength:"128" example:"K7QF-29XM-4TRA-B0SW"`
			Device string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
		} `nameHint:"SignInWithCode"`
	},
	) (*signedInAnswer, error) {
		signedIn, err := limited(ctx, a.secrets, func() (chat.SignedIn, error) {
			return a.chat.SignInWithCode(ctx, in.Body.Code, a.device(ctx, in.Body.Device))
		})
		return a.answerSignIn(ctx, signedIn, err, in.Cookie)
	})

	addOpen(a, endpoint.Operation{
		ID: "mail-sign-in-link", Method: http.MethodPost, Path: "/api/sign-in/link", Errors: []int{404},
		Summary: "Send a sign-in link by mail",
		Doc: "For people who have forgotten their password or have none. The link is valid for 30 minutes and works once. " +
			"The answer does not tell whether somebody has the address. 404: the server cannot send mail.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Email string `json:"email" minLength:"1" limit:"email" example:"alice@example.test"`
		} `nameHint:"MailSignInLink"`
	},
	) (*nothing, error) {
		if !a.chat.LinksOn() {
			return nil, chat.ErrNotFound
		}
		for _, limit := range []struct {
			rates *endpoint.Rates[string]
			key   string
		}{{a.mails, chat.EmailKey(in.Body.Email)}, {a.links, peerOf(ctx).address}} {
			if _, wait := limit.rates.Take(limit.key); wait > 0 {
				return nil, a.tooEarly(ctx, chat.AuditSignInRefused, chat.MethodLink, wait)
			}
		}
		return nil, a.chat.MailSignInLink(ctx, in.Body.Email, func(code string) string {
			next := ""
			if a.chat.PasswordsOn() {
				next = "&next=password"
			}
			return a.router.PublicURL + "/sign-in#code=" + code + next
		})
	})

	addOpen(a, endpoint.Operation{
		ID: "sign-in-with-password", Method: http.MethodPost, Path: "/api/sign-in/password", Errors: []int{403},
		Summary: "Sign in with an e-mail address and a password",
		Doc:     "Needs the option auth.passwords. The answer does not tell which of the two is wrong. If the person has two-factor or must have it, the answer has `twoFactor` and no token.",
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body struct {
			Email    string `json:"email" minLength:"1" limit:"email" example:"alice@example.test"`
			Password string `json:"password" minLength:"1" maxLength:"1024" example:"correct horse battery"`
			Device   string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
		} `nameHint:"SignInWithPassword"`
	},
	) (*signedInAnswer, error) {
		if !a.chat.PasswordsOn() {
			return nil, chat.ErrPasswordsOff
		}
		email := chat.EmailKey(in.Body.Email)
		device, err := a.knownDevice(ctx, in.Cookie, email)
		if err != nil {
			return nil, err
		}
		// The same whether there is such an account or not.
		right, wait := a.guesses.take(guess{peerOf(ctx).address, email}, device)
		if wait > 0 {
			return nil, a.tooEarly(ctx, chat.AuditSignInRefused, chat.MethodPassword, wait)
		}
		signedIn, err := a.chat.SignInWithPassword(ctx, in.Body.Email, in.Body.Password, a.device(ctx, in.Body.Device))
		if err == nil || errors.Is(err, chat.ErrTooManyRequests) { // then the password was not looked at
			right()
		}
		return a.answerSignIn(ctx, signedIn, err, in.Cookie)
	})
}

// tooEarly refuses a caller without a log-in who has made too many attempts. The refusal is in the audit log.
func (a *api) tooEarly(ctx context.Context, kind chat.AuditKind, method string, wait time.Duration) error {
	a.chat.RecordRefusal(ctx, chat.Refusal{Kind: kind, Method: method, Reason: chat.ErrTooManyRequests})
	return &endpoint.TooEarly{Wait: wait}
}

// knownDevice returns the entry that makes the browser a known device of the account with the e-mail address, or an
// empty text if there is none.
func (a *api) knownDevice(ctx context.Context, cookies, email string) (string, error) {
	entry, since, ok := a.known.since(cookies, email, a.router.Now())
	if !ok {
		return "", nil
	}
	if good, err := a.chat.KnownDevice(ctx, email, since); err != nil || !good {
		return "", err
	}
	return entry, nil
}

// device describes the device and the lifetime of a new log-in.
func (a *api) device(ctx context.Context, name string) chat.Device {
	if name == "" {
		name = deviceName(peerOf(ctx).agent)
	}
	return chat.Device{App: a.opts.App, Name: name, TTL: a.router.Live().TokenTTL}
}
