package host

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"parley/internal/chat"
	"parley/internal/rest/endpoint"
)

type account struct {
	ID        chat.AccountID `json:"id" example:"0198c0de-0000-7000-8000-000000000001"`
	Name      string         `json:"name" example:"Alice Demo"`
	Avatar    string         `json:"avatar" doc:"URL of the picture, may be empty"`
	Email     string         `json:"email" example:"alice@example.test"`
	Active    bool           `json:"active" doc:"An inactive account cannot log in and is nobody's contact"`
	Bot       bool           `json:"bot,omitempty" doc:"It writes for an incoming webhook of a group. It is never active, and only the administrators of the group change it"`
	Language  string         `json:"language" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
	TimeZone  string         `json:"timeZone" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
	CreatedAt time.Time      `json:"createdAt"`
}

func showAccount(a chat.Account) account {
	return account{ID: a.ID, Name: a.Name, Avatar: a.Avatar, Email: a.Email, Active: a.Active, Bot: a.Bot, Language: a.Language, TimeZone: a.TimeZone, CreatedAt: a.CreatedAt.UTC()}
}

type accountBody struct{ Body account }

func accountPage(rows []chat.Account, limit int) *listBody[account] {
	return pageOf(rows, limit, showAccount, func(a chat.Account) string { return string(a.ID) })
}

// InAccount names the account of a path.
type InAccount struct {
	Account chat.AccountID `path:"account" maxLength:"128" doc:"Id of the account"`
}

func (a *api) accounts() {
	const tag, base, one = "accounts", "/v1/accounts", "/v1/accounts/{account}"
	addOnce(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "create-account", Path: base, Tag: tag, Status: http.StatusCreated,
		Summary: "Create an account",
		Doc:     "Without an id, the server makes one. If the application is bound to an organization, the account becomes a member of it, and its e-mail address cannot be one that an account outside of the organization has. A new account has no password: people log in with tokens that the host system issues or signs.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		Body struct {
			ID       chat.AccountID `json:"id,omitempty" limit:"new id" doc:"A GUID is recommended; not a number. Default: the server makes one"`
			Name     string         `json:"name" minLength:"1" limit:"name" example:"Alice Demo"`
			Avatar   string         `json:"avatar,omitempty" limit:"url" doc:"URL of the picture"`
			Email    string         `json:"email,omitempty" limit:"email" example:"alice@example.test"`
			Language string         `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone string         `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
		} `nameHint:"NewAccount"`
	},
	) (chat.Account, error) {
		b := in.Body
		account := chat.Account{ID: b.ID, Name: b.Name, Avatar: b.Avatar, Email: b.Email, Language: b.Language, TimeZone: b.TimeZone, Active: true}
		if app.Organization != "" {
			return a.chat.CreateMember(ctx, app.Organization, account)
		}
		return a.chat.CreateAccount(ctx, account)
	}, func(created chat.Account) *accountBody { return &accountBody{showAccount(created)} })

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-accounts", Method: http.MethodGet, Path: base, Tag: tag,
		Summary: "List accounts",
	}, func(ctx context.Context, app chat.Application, in *struct{ Page }) (*listBody[account], error) {
		if app.Organization != "" {
			rows, err := a.chat.OrganizationMembers(ctx, app.Organization, chat.AccountID(in.After), in.Limit+1)
			return accountPage(rows, in.Limit), err
		}
		rows, err := a.chat.Accounts(ctx, chat.AccountID(in.After), in.Limit+1)
		return accountPage(rows, in.Limit), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "get-account", Method: http.MethodGet, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Get an account",
	}, func(ctx context.Context, _ chat.Application, in *struct{ InAccount }) (*accountBody, error) {
		found, err := a.chat.Account(ctx, in.Account)
		return &accountBody{showAccount(found)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeAccounts}}, endpoint.Operation{
		ID: "update-account", Method: http.MethodPatch, Path: one, Tag: tag, Errors: []int{404},
		Summary: "Change or deactivate an account",
		Doc: "Omitted fields are unchanged. Push `contact changed` to the account's sockets and its friends. Another e-mail address ends all log-ins of the account, as a new password does. Deactivating ends every log-in, token, JWT and sign-in code for good: push " +
			"`logout message`, then the sockets are closed. An application that is bound to an organization cannot give an e-mail address that an account outside of it has: " +
			"`email cannot be used`. Two active accounts with passwords cannot have the same one. " +
			"The e-mail address is a way to sign in if the server sends mail (option mail.smtp) or a provider matches addresses (auth.oidc.match-email): to change it then also needs the scope `tokens`. " +
			"To change the address of an owner or administrator of the server, or to reactivate one, needs `administration`. The former address gets a notice, and sign-in codes that wait end.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InAccount
		Body struct {
			Name     *string `json:"name,omitempty" minLength:"1" limit:"name" example:"Alice Demo"`
			Avatar   *string `json:"avatar,omitempty" limit:"url"`
			Email    *string `json:"email,omitempty" limit:"email"`
			Language *string `json:"language,omitempty" enum:",en,zh" doc:"Of mails to the person; empty: that of the server" example:"en"`
			TimeZone *string `json:"timeZone,omitempty" maxLength:"64" doc:"IANA name; empty: that of the server" example:"Europe/Berlin"`
			Active   *bool   `json:"active,omitempty"`
		} `nameHint:"AccountPatch"`
	},
	) (*accountBody, error) {
		b := in.Body
		changed, err := a.chat.UpdateAccount(ctx, in.Account, chat.AccountPatch{
			Name: b.Name, Avatar: b.Avatar, Email: b.Email, Language: b.Language, TimeZone: b.TimeZone, Active: b.Active, By: app.ID, Within: app.Organization,
		})
		return &accountBody{showAccount(changed)}, err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-contacts", Method: http.MethodGet, Path: one + "/contacts", Tag: tag, Errors: []int{404},
		Summary: "List the contacts of an account",
		Doc:     "Active accounts of its organizations, and its friends, ordered by name.",
	}, func(ctx context.Context, app chat.Application, in *struct {
		InAccount
		Query string `query:"query" maxLength:"200" doc:"Part of the name or the email"`
		After int    `query:"after" minimum:"0" maximum:"1000000000" doc:"The next of the previous page; empty for the first page"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most"`
	},
	) (*listBody[account], error) {
		var rows []chat.Account
		err := a.within(ctx, app, func() (err error) {
			rows, err = a.chat.Contacts(ctx, in.Account, in.Query, in.After, in.Limit+1)
			return err
		}, func(r chat.Reach) (err error) {
			rows, err = r.Contacts(in.Account, in.Query, in.After, in.Limit+1)
			return err
		})
		next := strconv.Itoa(in.After + in.Limit)
		return pageOf(rows, in.Limit, showAccount, func(chat.Account) string { return next }), err
	})

	add(a, access{scopes: []chat.Scope{chat.ScopeRead}}, endpoint.Operation{
		ID: "list-account-groups", Method: http.MethodGet, Path: one + "/groups", Tag: tag, Errors: []int{404},
		Summary: "List the groups that an account is in",
	}, func(ctx context.Context, app chat.Application, in *struct{ InAccount }) (*listBody[subscription], error) {
		if _, err := a.chat.Account(ctx, in.Account); err != nil {
			return nil, err
		}
		var rows []chat.GroupSubscription
		err := a.within(ctx, app, func() (err error) {
			rows, err = a.chat.GroupsOf(ctx, in.Account)
			return err
		}, func(r chat.Reach) (err error) {
			rows, err = r.GroupsOf(in.Account)
			return err
		})
		return pageOf(rows, len(rows), func(s chat.GroupSubscription) subscription {
			return subscription{Group: s.Group, Push: s.Push}
		}, nil), err
	})
}

type subscription struct {
	Group chat.GroupID `json:"group"`
	Push  bool         `json:"push" doc:"false: muted by this member"`
}
