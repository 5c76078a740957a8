package main

import (
	"context"
	"fmt"

	"parley/internal/chat"
	"parley/internal/config"
)

type accountCmd struct {
	Create accountCreateCmd `cmd:"" help:"Create an account and print its id."`
	List   accountListCmd   `cmd:"" help:"List the accounts."`
	Revoke accountRevokeCmd `cmd:"" help:"Deactivate an account and end all its tokens. Nothing of it is deleted."`
}

type accountCreateCmd struct {
	folder
	format
	Name   string   `arg:"" help:"Full name."`
	ID     string   `name:"id" help:"Its id, a GUID. Default: one is made."`
	Email  string   `help:"Address for mail."`
	Avatar string   `help:"URL of a picture."`
	Org    []string `placeholder:"ID,…" help:"Organizations to join."`
}

func (a *accountCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.create(ctx, c, overHTTP("POST /v1/accounts"), func(svc *chat.Service, _ config.Config) error {
		// Before the account is there: nothing is left behind of what is refused.
		for _, org := range a.Org {
			if _, err := svc.Organization(ctx, chat.OrganizationID(org)); err != nil {
				return fmt.Errorf("organization %s: %w", org, err)
			}
		}
		account, err := svc.CreateAccount(ctx, chat.Account{
			ID: chat.AccountID(a.ID), Name: a.Name, Email: a.Email, Avatar: a.Avatar, Active: true,
		})
		if err != nil {
			return fmt.Errorf("account: %w", err)
		}
		for _, org := range a.Org {
			err := svc.AddToOrganization(ctx, chat.OrganizationID(org), []chat.AccountID{account.ID})
			if err != nil {
				return fmt.Errorf("account %s was created, but could not join organization %s: %w", account.ID, org, err)
			}
		}
		return a.fields(std.out, "id", account.ID)
	})
}

type accountListCmd struct {
	folder
	format
}

func (a *accountListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, overHTTP("GET /v1/accounts"), func(svc *chat.Service, _ config.Config) error {
		t := a.table(std.out, "id", "active", "email", "name")
		for after := chat.AccountID(""); ; {
			page, err := svc.Accounts(ctx, after, 200)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return t.flush()
			}
			for _, account := range page {
				if err := t.row(account.ID, account.Active, account.Email, account.Name); err != nil {
					return err
				}
			}
			after = page[len(page)-1].ID
		}
	})
}

type accountRevokeCmd struct {
	folder
	ID string `arg:"" name:"id" help:"The account's id."`
}

func (a *accountRevokeCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, overHTTP(`PATCH /v1/accounts/`+a.ID+` with {"active": false}`), func(svc *chat.Service, _ config.Config) error {
		id, inactive := chat.AccountID(a.ID), false
		if _, err := svc.UpdateAccount(ctx, id, chat.AccountPatch{Active: &inactive}); err != nil {
			return fmt.Errorf("account %s: %w", id, err)
		}
		if err := svc.RevokeTokens(ctx, id); err != nil {
			return fmt.Errorf("account %s: %w", id, err)
		}
		_, err := fmt.Fprintf(std.out, "account %s cannot log in any more\n", id)
		return err
	})
}
