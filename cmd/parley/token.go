package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Issue an access token and print it. It is shown only once."`
	List   tokenListCmd   `cmd:"" help:"List an account's tokens, without the tokens themselves."`
	Revoke tokenRevokeCmd `cmd:"" help:"Revoke a token, or all tokens of an account."`
}

type tokenCreateCmd struct {
	folder
	format
	Account string         `arg:"" help:"Id of the account."`
	App     string         `placeholder:"KEY" help:"Key or id of the only application that the token is valid with. Default: all."`
	Label   string         `help:"A note, shown in lists."`
	TTL     *time.Duration `name:"ttl" help:"Lifetime; 0: it does not expire. Default: the option token.ttl."`
}

func (t *tokenCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return t.open(ctx, c, func(svc *chat.Service, cfg config.Config) error {
		n := chat.NewToken{Account: chat.AccountID(t.Account), Label: t.Label, TTL: cfg.Token.TTL}
		if t.TTL != nil {
			n.TTL = *t.TTL
		}
		if t.App != "" {
			app, err := svc.Application(ctx, chat.AppID(t.App))
			if err != nil {
				return fmt.Errorf("application %s: %w", t.App, err)
			}
			n.App = app.ID
		}
		plain, token, err := svc.IssueToken(ctx, n)
		if err != nil {
			return fmt.Errorf("token: %w", err)
		}
		return t.fields(std.out, "token", plain, "session", token.Session, "expires", moment{token.ExpiresAt, "never"})
	})
}

type tokenListCmd struct {
	folder
	format
	Account string `arg:"" help:"Id of the account."`
}

func (t *tokenListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return t.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		tokens, err := svc.Tokens(ctx, chat.AccountID(t.Account))
		if err != nil {
			return fmt.Errorf("account %s: %w", t.Account, err)
		}
		table := t.table(std.out, "session", "created", "expires", "revoked", "label")
		for _, one := range tokens {
			if err := table.row(one.Session, moment{one.CreatedAt, ""}, moment{one.ExpiresAt, "never"}, moment{one.RevokedAt, "no"}, one.Label); err != nil {
				return err
			}
		}
		return table.flush()
	})
}

type tokenRevokeCmd struct {
	folder
	Session string `arg:"" optional:"" help:"Session of the token, from list."`
	Account string `placeholder:"ID" help:"Everything that lets somebody in as this account, for after a theft: also its password, identities of a provider that were linked later, and an e-mail address that it has set itself."`
	JWT     bool   `name:"jwt" help:"The session is the jti of a JWT; JWTs are not in the list."`
}

// Validate is kong's hook.
func (t *tokenRevokeCmd) Validate() error {
	if (t.Session == "") == (t.Account == "") {
		return errors.New("give either a session or --account")
	}
	return nil
}

func (t *tokenRevokeCmd) Run(ctx context.Context, c *cli, _ streams) error {
	return t.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		if t.Account != "" {
			if err := svc.RevokeTokens(ctx, chat.AccountID(t.Account)); err != nil {
				return fmt.Errorf("account %s: %w", t.Account, err)
			}
			return nil
		}
		if !t.JWT {
			if _, err := svc.TokenBySession(ctx, chat.SessionID(t.Session)); err != nil {
				return fmt.Errorf("session %s: %w; the jti of a JWT is revoked with --jwt", t.Session, err)
			}
		}
		if err := svc.RevokeToken(ctx, chat.SessionID(t.Session)); err != nil {
			return fmt.Errorf("session %s: %w", t.Session, err)
		}
		return nil
	})
}
