package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
)

// folder is the flag of the commands that work on a database without a server.
type folder struct {
	Data string `group:"Server" default:"data" placeholder:"FOLDER" help:"Folder of the database."`
}

// config returns the configuration in force for the folder.
func (f folder) config(c *cli) (config.Config, error) {
	return config.Load(string(c.ConfigFile), "--data="+f.Data)
}

// open runs do on the folder's rules, with nobody connected.
func (f folder) open(ctx context.Context, c *cli, do func(*chat.Service, config.Config) error) (err error) {
	cfg, err := f.config(c)
	if err != nil {
		return err
	}
	d, err := server.OpenData(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(d.Chat, cfg)
}

type migrateCmd struct{ folder }

func (m *migrateCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := m.config(c)
	if err != nil {
		return err
	}
	version, err := server.Migrate(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "the database in %s is at version %d\n", cfg.Data, version)
	return err
}
