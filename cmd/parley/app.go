package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"parley/internal/chat"
	"parley/internal/config"
)

type appCmd struct {
	Create appCreateCmd `cmd:"" help:"Register an application and print its key and, for kind server, its secret."`
	List   appListCmd   `cmd:"" help:"List the applications with the time of their last use, without their secrets."`
	Rotate appRotateCmd `cmd:"" help:"Give an application a new secret or signing key. The previous one stays valid for a while."`
	Revoke appRevokeCmd `cmd:"" help:"Give an application a new secret or signing key. All previous ones end at once."`

	Disable appDisableCmd `cmd:"" help:"Let nobody in through an application, and close its sockets. Its tokens and secrets are kept."`
	Enable  appEnableCmd  `cmd:"" help:"Let people and systems in through a disabled application again."`
}

type appCreateCmd struct {
	folder
	format
	Name         string   `arg:"" help:"Name."`
	Kind         string   `default:"web" enum:"web,mobile,desktop,server" help:"Kind: web, mobile or desktop for clients, server for a system that calls the host API."`
	Scopes       []string `placeholder:"SCOPE,…" help:"Permissions of a system: read, accounts, groups, messages, notifications, tokens, applications. Default: all for the first system; required for others."`
	Organization string   `placeholder:"ID" help:"Restrict the application to one organization. Default: no restriction."`
	URL          string   `name:"url" help:"Address of the application."`
	Key          string   `help:"Key. Default: a new one."`
	SendAck      string   `default:"error-first" enum:"error-first,result-first" help:"Order of the acknowledgement of a send: error-first or result-first."`
	MutedPushes  []string `placeholder:"EVENT,…" help:"Pushes that its sockets do not get."`
}

func (a *appCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.create(ctx, c, func(svc *chat.Service, _ config.Config) error {
		scopes := make([]chat.Scope, len(a.Scopes))
		for i, s := range a.Scopes {
			scopes[i] = chat.Scope(s)
		}
		made, err := svc.CreateApplication(ctx, "", chat.Application{
			Name: a.Name, Kind: chat.AppKind(a.Kind), URL: a.URL, Key: a.Key,
			SendAck: chat.SendAck(a.SendAck), MutedPushes: a.MutedPushes,
			Scopes: scopes, Organization: chat.OrganizationID(a.Organization),
		})
		if err != nil {
			return fmt.Errorf("application: %w", err)
		}
		pairs := []any{"id", made.ID, "key", made.Key}
		if made.Secret != "" {
			pairs = append(pairs, "secret", made.Secret, "scopes", scopeList(made.Scopes))
		}
		return a.fields(std.out, pairs...)
	})
}

// scopeList is a list of scopes as it is given to create.
func scopeList(scopes []chat.Scope) string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return strings.Join(names, ",")
}

type appListCmd struct {
	folder
	format
}

func (a *appListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		apps, err := svc.Applications(ctx)
		if err != nil {
			return err
		}
		t := a.table(std.out, "id", "key", "kind", "send-ack", "scopes", "organization", "last-seen", "disabled", "name")
		for _, app := range apps {
			if err := t.row(app.ID, app.Key, app.Kind, app.SendAck, scopeList(app.Scopes), app.Organization, moment{app.SeenAt, "never"}, moment{app.DisabledAt, "no"}, app.Name); err != nil {
				return err
			}
		}
		return t.flush()
	})
}

type appDisableCmd struct{ oneApp }

func (a *appDisableCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.disable(ctx, c, std, true)
}

type appEnableCmd struct{ oneApp }

func (a *appEnableCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.disable(ctx, c, std, false)
}

// oneApp holds the arguments that disable and enable share.
type oneApp struct {
	folder
	ID string `arg:"" name:"id" help:"Id or key of the application."`
}

func (a *oneApp) disable(ctx context.Context, c *cli, std streams, disabled bool) error {
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		app, err := svc.UpdateApplication(ctx, "", chat.AppID(a.ID), chat.ApplicationPatch{Disabled: &disabled})
		if err != nil {
			return fmt.Errorf("application %s: %w", a.ID, err)
		}
		does := "lets people and systems in"
		if disabled {
			does = "lets nobody in"
		}
		_, err = fmt.Fprintf(std.out, "application %s (%s) %s\n", app.ID, app.Name, does)
		return err
	})
}

// newSecretOf holds the arguments that rotate and revoke share.
type newSecretOf struct {
	folder
	format
	Key        string `arg:"" help:"Key or id of the application."`
	SigningKey bool   `help:"Replace the key that signs JWTs instead of the secret of the host API. An application has no signing key until the first use of this flag."`
}

type appRotateCmd struct {
	newSecretOf
	Overlap time.Duration `default:"24h" placeholder:"DURATION" help:"How long the previous one stays valid; at most 720h."`
}

func (a *appRotateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.rotate(ctx, c, std, a.Overlap)
}

type appRevokeCmd struct{ newSecretOf }

func (a *appRevokeCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.rotate(ctx, c, std, 0)
}

func (a *newSecretOf) rotate(ctx context.Context, c *cli, std streams, overlap time.Duration) error {
	name := "secret"
	if a.SigningKey {
		name = "signing-key"
	}
	return a.open(ctx, c, func(svc *chat.Service, _ config.Config) error {
		change, all := svc.RotateSecret, func(app chat.Application) []chat.Credential { return app.Secrets }
		if a.SigningKey {
			change, all = svc.RotateSigningKey, func(app chat.Application) []chat.Credential { return app.SigningKeys }
		}
		made, err := change(ctx, "", chat.AppID(a.Key), overlap)
		if err != nil {
			return fmt.Errorf("application %s: %w", a.Key, err)
		}
		pairs := []any{"key", made.Key, name, made.Secret}
		if credentials := all(made.Application); len(credentials) > 1 {
			pairs = append(pairs, "former-until", moment{credentials[1].ExpiresAt, ""})
		}
		return a.fields(std.out, pairs...)
	})
}
