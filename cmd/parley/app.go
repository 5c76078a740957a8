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
	List   appListCmd   `cmd:"" help:"List the applications, each with the time of its last use."`
	Rotate appRotateCmd `cmd:"" help:"Give an application a new secret or signing key. The previous one stays valid for a while."`
	Revoke appRevokeCmd `cmd:"" help:"Give an application a new secret or signing key. All previous ones end at once."`

	Disable appDisableCmd `cmd:"" help:"Disable an application: it can no longer be used to sign in or to call the host API, and its connections are closed. Its tokens and secrets are kept."`
	Enable  appEnableCmd  `cmd:"" help:"Enable a disabled application. Its tokens and secrets work again."`
}

type appCreateCmd struct {
	folder
	format
	Name         string   `arg:"" help:"Name of the application."`
	Kind         string   `default:"web" enum:"web,mobile,desktop,server" help:"Kind: web, mobile or desktop for a client, server for a system that calls the host API."`
	Scopes       []string `placeholder:"SCOPE,…" help:"What an application of kind server may do: ${scopes}. Default: everything for the first one. Required for others."`
	Organization string   `placeholder:"ID" help:"Id of the only organization that the application can be used for. Default: all organizations."`
	URL          string   `name:"url" help:"Address of the application."`
	Key          string   `help:"Key that clients and systems send. Default: a new one."`
	SendAck      string   `default:"error-first" enum:"error-first,result-first" help:"Arguments of the acknowledgement of a sent message: error-first for (error, result), result-first for (result)."`
	MutedPushes  []string `placeholder:"EVENT,…" help:"Events that the server does not push to its connections."`
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
		state := "enabled"
		if disabled {
			state = "disabled"
		}
		_, err = fmt.Fprintf(std.out, "application %s (%s) is %s\n", app.ID, app.Name, state)
		return err
	})
}

// newSecretOf holds the arguments that rotate and revoke share.
type newSecretOf struct {
	folder
	format
	Key        string `arg:"" help:"Id or key of the application."`
	SigningKey bool   `help:"Replace the key that signs JWTs, not the secret for the host API. An application gets its first signing key with this flag."`
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
