package client

import (
	"context"
	"net/http"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// secondStep is what a sign-in needs after its first factor.
type secondStep struct {
	Ticket    string `json:"ticket" doc:"For the second step. It is good once" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
	ExpiresAt int64  `json:"expiresAt" doc:"Unix milliseconds" example:"1767225600000"`
	SetUp     bool   `json:"setUp" doc:"The person must have two-factor and has none: set it up with /api/sign-in/two-factor/begin and confirm. Otherwise send a code to /api/sign-in/two-factor"`
}

type twoFactorState struct {
	On            bool  `json:"on"`
	Since         int64 `json:"since,omitempty" doc:"Unix milliseconds; missing: it is off" example:"1767225600000"`
	RecoveryCodes int   `json:"recoveryCodes" doc:"How many are left"`
	Required      bool  `json:"required" doc:"It cannot be turned off"`
	Password      bool  `json:"password" doc:"The caller has a password, with which a change can be proven"`
}

type twoFactorSecret struct {
	Secret string `json:"secret" doc:"For an authenticator app, to be typed. Base32; SHA-1, six digits, 30 seconds" example:"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"`
	URI    string `json:"uri" doc:"For a QR code" example:"otpauth://totp/parley:alice@example.test?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=parley"`
}

type twoFactorSecretBody struct{ Body twoFactorSecret }

func showTwoFactorSecret(s chat.TwoFactorSecret, err error) (*twoFactorSecretBody, error) {
	if err != nil {
		return nil, err
	}
	return &twoFactorSecretBody{twoFactorSecret{s.Secret, s.URI}}, nil
}

type recoveryCodes struct {
	Codes []string `json:"codes" nullable:"false" doc:"Each signs in once in place of a code of the app. They are shown only once" example:"[\"K7QF-29XM-4TRA-B0SW\"]"`
}

type recoveryCodesBody struct{ Body recoveryCodes }

func showRecoveryCodes(codes []string, err error) (*recoveryCodesBody, error) {
	if err != nil {
		return nil, err
	}
	return &recoveryCodesBody{recoveryCodes{codes}}, nil
}

// proof is the body of requests that need a proof of identity.
type proof struct {
	Password string `json:"password,omitempty" maxLength:"1024" doc:"The current password" example:"correct horse battery"`
	Code     string `json:"code,omitempty" maxLength:"128" doc:"A code of the app or a recovery code, which is used up"`
}

// ticketed is the answer to a sign-in that has set up two-factor.
type ticketed struct {
	SignIn        signedInBody `json:"signIn"`
	RecoveryCodes []string     `json:"recoveryCodes" nullable:"false" doc:"Each signs in once in place of a code of the app. They are shown only once"`
}

type ticketedAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      ticketed
}

func (a *api) twoFactor() {
	a.twoFactorAtSignIn()

	const path = "/api/me/two-factor"
	add(a, endpoint.Operation{
		ID: "get-two-factor", Method: http.MethodGet, Path: path,
		Summary: "Get the state of the caller's two-factor",
	}, func(ctx context.Context, _ chat.Actor, _ *struct{}) (*struct{ Body twoFactorState }, error) {
		s, err := a.chat.TwoFactorState(ctx, reader(ctx))
		return &struct{ Body twoFactorState }{twoFactorState{
			On: !s.OnAt.IsZero(), Since: unixMilli(s.OnAt), RecoveryCodes: s.Recovery, Required: s.Required, Password: s.Password,
		}}, err
	})

	add(a, endpoint.Operation{
		ID: "begin-two-factor", Method: http.MethodPost, Path: path + "/begin", Errors: []int{403},
		Summary: "Get a secret for an authenticator app",
		Doc: "Nothing changes until a code of the app confirms it. If two-factor is on, the new app replaces the old one then. It needs a proof: the current password or a code; " +
			"if two-factor is off, also a sign-in within the last minutes (see `freshUntil` of `GET /api/me`). 403: `sign in again`, or the proof is wrong.",
	}, func(ctx context.Context, _ chat.Actor, in *struct{ Body proof }) (*twoFactorSecretBody, error) {
		return showTwoFactorSecret(limited(ctx, a.proven, func() (chat.TwoFactorSecret, error) {
			return a.chat.BeginTwoFactor(ctx, reader(ctx), chat.Proof(in.Body))
		}))
	})

	add(a, endpoint.Operation{
		ID: "confirm-two-factor", Method: http.MethodPost, Path: path + "/confirm", Errors: []int{403},
		Summary: "Turn two-factor on",
		Doc:     "With a code of the app that got the secret. Former recovery codes end. 403: the code is wrong, or nothing was begun.",
	}, func(ctx context.Context, _ chat.Actor, in *struct {
		Body struct {
			Code string `json:"code" minLength:"1" maxLength:"128" example:"123456"`
		} `nameHint:"TwoFactorCode"`
	},
	) (*recoveryCodesBody, error) {
		return showRecoveryCodes(a.chat.ConfirmTwoFactor(ctx, reader(ctx), in.Body.Code))
	})

	add(a, endpoint.Operation{
		ID: "turn-off-two-factor", Method: http.MethodPost, Path: path + "/off", Errors: []int{403, 404},
		Summary: "Turn two-factor off",
		Doc:     "It needs the current password or a code. 403: the proof is wrong or missing, or `two-factor is required`. 404: it is off.",
	}, func(ctx context.Context, _ chat.Actor, in *struct{ Body proof }) (*nothing, error) {
		return nil, a.proven(ctx, func() error { return a.chat.TurnOffTwoFactor(ctx, reader(ctx), chat.Proof(in.Body)) })
	})

	add(a, endpoint.Operation{
		ID: "make-recovery-codes", Method: http.MethodPost, Path: path + "/recovery-codes", Errors: []int{403, 404},
		Summary: "Get new recovery codes",
		Doc:     "The former ones end. It needs the current password or a code. 403: the proof is wrong or missing. 404: two-factor is off.",
	}, func(ctx context.Context, _ chat.Actor, in *struct{ Body proof }) (*recoveryCodesBody, error) {
		return showRecoveryCodes(limited(ctx, a.proven, func() ([]string, error) {
			return a.chat.NewRecoveryCodes(ctx, reader(ctx), chat.Proof(in.Body))
		}))
	})
}

func (a *api) twoFactorAtSignIn() {
	const path = "/api/sign-in/two-factor"
	addOpen(a, endpoint.Operation{
		ID: "sign-in-with-two-factor", Method: http.MethodPost, Path: path, Errors: []int{403},
		Summary: "Finish a sign-in with a code",
		Doc: "For a sign-in that was answered with `twoFactor`. The code is that of the person's authenticator app or a recovery code; each is good once. After some wrong codes in a row the account takes " +
			"none of the app for a time from unknown devices; a device that has signed in since two-factor was turned on is counted by itself. 403: `wrong code` and `code already used` allow another attempt, `sign-in expired` needs a new sign-in.",
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body struct {
			Ticket string `json:"ticket" minLength:"1" maxLength:"128" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
			Code   string `json:"code" minLength:"1" maxLength:"128" example:"123456"`
			Device string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
		} `nameHint:"SignInWithTwoFactor"`
	},
	) (*signedInAnswer, error) {
		done, err := limited(ctx, a.secrets, func() (chat.SignedIn, error) {
			d := a.device(ctx, in.Body.Device)
			d.Known = func(email string) (string, time.Time, bool) { return a.known.since(in.Cookie, email, a.router.Now()) }
			return a.chat.FinishSignIn(ctx, in.Body.Ticket, in.Body.Code, d)
		})
		return a.answerSignIn(ctx, done, err, in.Cookie)
	})

	addOpen(a, endpoint.Operation{
		ID: "begin-two-factor-at-sign-in", Method: http.MethodPost, Path: path + "/begin", Errors: []int{403},
		Summary: "Get a secret for an authenticator app at the sign-in",
		Doc:     "For a sign-in that was answered with `twoFactor` and `setUp`. 403: `sign-in expired`.",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Ticket string `json:"ticket" minLength:"1" maxLength:"128" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
		} `nameHint:"SignInTicket"`
	},
	) (*twoFactorSecretBody, error) {
		return showTwoFactorSecret(limited(ctx, a.secrets, func() (chat.TwoFactorSecret, error) {
			return a.chat.BeginTwoFactorWith(ctx, in.Body.Ticket)
		}))
	})

	addOpen(a, endpoint.Operation{
		ID: "confirm-two-factor-at-sign-in", Method: http.MethodPost, Path: path + "/confirm", Errors: []int{403},
		Summary: "Turn two-factor on and finish the sign-in",
		Doc:     "With a code of the app that got the secret. 403: `wrong code` allows another attempt, `sign-in expired` needs a new sign-in.",
	}, func(ctx context.Context, in *struct {
		InBrowser
		Body struct {
			Ticket string `json:"ticket" minLength:"1" maxLength:"128" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
			Code   string `json:"code" minLength:"1" maxLength:"128" example:"123456"`
			Device string `json:"device,omitempty" maxLength:"200" doc:"Name in the list of sessions; default: the name that the browser sends"`
		} `nameHint:"SignInWithNewTwoFactor"`
	},
	) (*ticketedAnswer, error) {
		var done chat.SignedIn
		var codes []string
		err := a.secrets(ctx, func() (err error) {
			done, codes, err = a.chat.ConfirmTwoFactorWith(ctx, in.Body.Ticket, in.Body.Code, a.device(ctx, in.Body.Device))
			return err
		})
		if err != nil {
			return nil, err
		}
		answer := a.showSignedIn(ctx, done, in.Cookie)
		return &ticketedAnswer{answer.SetCookie, ticketed{answer.Body, codes}}, nil
	})
}

// proven limits wrong proofs by session and not by account: the thief of one session must not
// keep the owner from changing something in another.
func (a *api) proven(ctx context.Context, do func() error) error {
	giveBack, wait := a.passwords.Take(string(reader(ctx).Session))
	if wait > 0 {
		return &endpoint.TooEarly{Wait: wait}
	}
	err := do()
	if err == nil {
		giveBack()
	}
	return err
}

// limited runs a call under a limit of refusals, such as [api.proven], and returns its result.
func limited[T any](ctx context.Context, limit func(context.Context, func() error) error, call func() (T, error)) (out T, err error) {
	err = limit(ctx, func() (err error) {
		out, err = call()
		return err
	})
	return out, err
}
