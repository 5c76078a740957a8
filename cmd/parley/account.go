package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
)

type accountCmd struct {
	Create         accountCreateCmd         `cmd:"" help:"Create an account and print its id."`
	List           accountListCmd           `cmd:"" help:"List the accounts."`
	Link           accountLinkCmd           `cmd:"" help:"Print a link that signs an account in to the web client. It works only once."`
	Password       accountPasswordCmd       `cmd:"" help:"Set the password of an account to the one on standard input."`
	ResetTwoFactor accountResetTwoFactorCmd `cmd:"" name:"reset-two-factor" help:"Turn off the two-factor of an account. Its owner has lost the authenticator app and the recovery codes."`
	Revoke         accountRevokeCmd         `cmd:"" help:"Deactivate an account and end all its tokens. Its data are kept."`
}

type accountCreateCmd struct {
	folder
	format
	Name   string   `arg:"" help:"Full name."`
	ID     string   `name:"id" help:"Id, a GUID. Default: a new one."`
	Email  string   `help:"E-mail address."`
	Avatar string   `help:"URL of the picture."`
	Org    []string `placeholder:"ID,…" help:"Organizations to join."`
}

func (a *accountCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.create(ctx, c, func(svc *chat.Service, _ config.Config) error {
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
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
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
	ID string `arg:"" name:"id" help:"Id of the account."`
}

func (a *accountRevokeCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
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

type accountLinkCmd struct {
	folder
	format
	ID  string        `arg:"" name:"id" help:"Id of the account."`
	TTL time.Duration `name:"ttl" placeholder:"DURATION" help:"Lifetime of the link. Default: the option auth.code-ttl."`
}

func (a *accountLinkCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, func(svc *chat.Service, cfg config.Config) error {
		n := chat.NewSignInCode{Account: chat.AccountID(a.ID), TTL: cfg.Auth.CodeTTL}
		if a.TTL != 0 {
			n.TTL = a.TTL
		}
		code, expires, err := svc.CreateSignInCode(ctx, n)
		if err != nil {
			return fmt.Errorf("account %s: %w", a.ID, err)
		}
		return a.fields(std.out, "link", server.SignInLink(cfg, code), "code", code, "expires", moment{expires, ""})
	})
}

type accountPasswordCmd struct {
	folder
	ID     string `arg:"" name:"id" help:"Id of the account."`
	Remove bool   `help:"Remove the password."`
}

func (a *accountPasswordCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		id := chat.AccountID(a.ID)
		if a.Remove {
			if err := svc.RemovePassword(ctx, id); err != nil {
				return fmt.Errorf("account %s: %w", id, err)
			}
			_, err := fmt.Fprintf(std.out, "account %s has no password\n", id)
			return err
		}
		password, err := readPassword(std)
		if err != nil {
			return err
		}
		err = svc.SetPassword(ctx, id, password)
		if errors.Is(err, chat.ErrPasswordsOff) {
			return errors.New("passwords are off: set auth.passwords in the configuration, or PARLEY_AUTH_PASSWORDS=true")
		}
		if err != nil {
			return fmt.Errorf("account %s: %w", id, err)
		}
		_, err = fmt.Fprintf(std.out, "account %s has a new password\n", id)
		return err
	})
}

type accountResetTwoFactorCmd struct {
	folder
	ID string `arg:"" name:"id" help:"Id of the account."`
}

func (a *accountResetTwoFactorCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		id := chat.AccountID(a.ID)
		if err := svc.ResetTwoFactor(ctx, id); err != nil {
			return fmt.Errorf("account %s: %w", id, err)
		}
		_, err := fmt.Fprintf(std.out, "account %s has no two-factor\n", id)
		return err
	})
}

// readPassword takes one line of standard input: a password among the arguments
// would stand in the list of processes and in the shell's history.
func readPassword(std streams) (string, error) {
	if _, err := fmt.Fprintln(std.err, "Type the new password and press Enter. The terminal shows it; pipe it in to avoid that:"); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(std.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
