package client

import (
	"context"
	"net/http"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

// emailChange is an unconfirmed e-mail address as a person with the link sees it.
type emailChange struct {
	Name  string `json:"name" doc:"Of the person whose account it is" example:"Alice Demo"`
	Email string `json:"email" doc:"The new address" example:"anna@example.test"`
}

type emailChangeBody struct{ Body emailChange }

// emailChangeSecret is the body of requests with the secret of a link.
type emailChangeSecret struct {
	Secret string `json:"secret" maxLength:"128" doc:"The part of the link behind the #" example:"YbXKnOWoT4q0nGl5vZ8dJ1sCmR2uF7hAe3iPjLkMxQs"`
}

func (a *api) emailChanges() {
	add(a, endpoint.Operation{
		ID: "request-email-change", Method: http.MethodPost, Path: "/api/me/email", Errors: []int{403, 404},
		Summary: "Ask for another e-mail address of the caller",
		Doc: "Sends a link to the new address, which confirms it, and a notice to the present one. The link is valid for an hour and works once; the last request counts. " +
			"The answer does not tell whether another account has the address; the mail does. Signing out everywhere, a new password, and any other change of the address end the link. " +
			"403: the current password is wrong, there is none, or the option auth.passwords is off. 404: the server cannot send mail, and an administrator changes the address.",
	}, func(ctx context.Context, _ chat.Actor, in *struct {
		Body struct {
			Email   string `json:"email" minLength:"1" limit:"email" example:"anna@example.test"`
			Current string `json:"current" minLength:"1" maxLength:"1024" doc:"The current password" example:"correct horse battery"`
		} `nameHint:"RequestEmailChange"`
	},
	) (*nothing, error) {
		if !a.chat.MailOn() {
			return nil, chat.ErrNotFound
		}
		who := reader(ctx)
		good, wait := a.passwords.Take(string(who.Session))
		if wait > 0 {
			return nil, &endpoint.TooEarly{Wait: wait}
		}
		// A request sends mail to two addresses. The limit of the present address counts by account, because other
		// people can use up the limit of an address.
		noNotice, wait := a.notices.Take(who.Account.ID)
		if wait > 0 {
			good()
			return nil, &endpoint.TooEarly{Wait: wait}
		}
		noMail, wait := a.mails.Take(chat.EmailKey(in.Body.Email))
		if wait > 0 {
			good()
			noNotice()
			return nil, &endpoint.TooEarly{Wait: wait}
		}
		err := a.chat.RequestEmailChange(ctx, who, in.Body.Email, in.Body.Current, func(secret string) string {
			return a.router.PublicURL + "/confirm-email#" + secret
		})
		if err != nil {
			noNotice()
			noMail()
			return nil, err
		}
		good()
		return nil, nil
	})

	const doc = "403: the link has expired or was used, or the change was replaced or ended."
	addOpen(a, endpoint.Operation{
		ID: "check-email-change", Method: http.MethodPost, Path: "/api/confirm-email/check", Errors: []int{403},
		Summary: "Look at a change of an e-mail address",
		Doc:     "Changes nothing. " + doc,
	}, func(ctx context.Context, in *struct{ Body emailChangeSecret }) (*emailChangeBody, error) {
		answer := &emailChangeBody{}
		return answer, a.secrets(ctx, func() error {
			seen, err := a.chat.EmailChangeBySecret(ctx, in.Body.Secret)
			answer.Body = emailChange{Name: seen.Name, Email: seen.Email}
			return err
		})
	})

	addOpen(a, endpoint.Operation{
		ID: "confirm-email-change", Method: http.MethodPost, Path: "/api/confirm-email", Status: http.StatusNoContent, Errors: []int{403},
		Summary: "Confirm a change of an e-mail address",
		Doc: "Gives the account the new address, and ends its log-ins except the session that has asked for the change. Push `contact changed` to its sockets, and `logout message` to those that end. It signs nobody in. " + doc +
			" 422: another account has got the address meanwhile.",
	}, func(ctx context.Context, in *struct{ Body emailChangeSecret }) (*nothing, error) {
		return nil, a.secrets(ctx, func() error { return a.chat.ConfirmEmailChange(ctx, in.Body.Secret) })
	})
}
