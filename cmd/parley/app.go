package main

import (
	"context"
	"fmt"

	"parley/internal/chat"
	"parley/internal/config"
)

type appCmd struct {
	Create appCreateCmd `cmd:"" help:"Register an application and print its key and secret."`
	List   appListCmd   `cmd:"" help:"List the applications, without their secrets."`
	Revoke appRevokeCmd `cmd:"" help:"Replace an application's secret: what was signed with the old one is refused from now on."`
}

type appCreateCmd struct {
	folder
	format
	Name        string   `arg:"" help:"What it is called."`
	Kind        string   `default:"web" enum:"web,mobile,desktop,server" help:"Where it runs: web, mobile, desktop or server."`
	URL         string   `name:"url" help:"Its address."`
	Key         string   `help:"Its key. Default: one is made."`
	SendAck     string   `default:"error-first" enum:"error-first,result-first" help:"How it gets the result of a send: error-first or result-first."`
	MutedPushes []string `placeholder:"EVENT,…" help:"Pushes that it does not want."`
}

func (a *appCreateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.create(ctx, c, overHTTP("POST /v1/applications"), func(svc *chat.Service, _ config.Config) error {
		app, err := svc.CreateApplication(ctx, chat.Application{
			Name: a.Name, Kind: chat.AppKind(a.Kind), URL: a.URL, Key: a.Key,
			SendAck: chat.SendAck(a.SendAck), MutedPushes: a.MutedPushes,
		})
		if err != nil {
			return fmt.Errorf("application: %w", err)
		}
		return a.fields(std.out, "id", app.ID, "key", app.Key, "secret", app.Secret)
	})
}

type appListCmd struct {
	folder
	format
}

func (a *appListCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, overHTTP("GET /v1/applications"), func(svc *chat.Service, _ config.Config) error {
		apps, err := svc.Applications(ctx)
		if err != nil {
			return err
		}
		t := a.table(std.out, "id", "key", "kind", "send-ack", "name")
		for _, app := range apps {
			if err := t.row(app.ID, app.Key, app.Kind, app.SendAck, app.Name); err != nil {
				return err
			}
		}
		return t.flush()
	})
}

type appRevokeCmd struct {
	folder
	format
	Key string `arg:"" help:"The application's key or id."`
}

func (a *appRevokeCmd) Run(ctx context.Context, c *cli, std streams) error {
	return a.open(ctx, c, overHTTP("POST /v1/applications/"+a.Key+"/secret"), func(svc *chat.Service, _ config.Config) error {
		app, err := svc.RotateSecret(ctx, chat.AppID(a.Key))
		if err != nil {
			return fmt.Errorf("application %s: %w", a.Key, err)
		}
		return a.fields(std.out, "key", app.Key, "secret", app.Secret)
	})
}
