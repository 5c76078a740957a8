package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/server"
)

// folder is the flag of the commands that work on a database without a server.
type folder struct {
	Data     string          `group:"Server" default:"data" placeholder:"FOLDER" help:"Folder of the database."`
	Database config.Database `group:"Server" placeholder:"URL" help:"PostgreSQL database, in place of the one in the folder."`
}

// config returns the configuration in force for the folder.
func (f folder) config(c *cli) (config.Config, error) {
	args := []string{"--data=" + f.Data}
	if name := config.EnvName("database"); f.Database != "" && string(f.Database) != os.Getenv(name) { // which Load reads itself
		args = append(args, "--database="+string(f.Database))
	}
	return config.Load(string(c.ConfigFile), args...)
}

// opener is [server.OpenData] or [server.CreateData].
type opener func(context.Context, config.Config, *slog.Logger) (*server.Data, error)

// open runs do on the folder's rules, with nobody connected. instead says how the
// same is done while a server runs on the folder.
func (f folder) open(ctx context.Context, c *cli, instead string, do func(*chat.Service, config.Config) error) error {
	return f.with(ctx, c, server.OpenData, instead, func(d *server.Data, cfg config.Config) error { return do(d.Chat, cfg) })
}

// create is open and makes the database where it is missing.
func (f folder) create(ctx context.Context, c *cli, instead string, do func(*chat.Service, config.Config) error) error {
	return f.with(ctx, c, server.CreateData, instead, func(d *server.Data, cfg config.Config) error { return do(d.Chat, cfg) })
}

func (f folder) with(ctx context.Context, c *cli, open opener, instead string, do func(*server.Data, config.Config) error) (err error) {
	cfg, err := f.config(c)
	if err != nil {
		return err
	}
	d, err := open(ctx, cfg, slog.New(slog.DiscardHandler))
	switch {
	case errors.Is(err, server.ErrInUse):
		return fmt.Errorf("%w; stop it, or %s", err, instead)
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(d, cfg)
}

// overHTTP says which call of the host API does what a command does.
func overHTTP(call string) string { return "let it do this: " + call + " (see its /docs)" }

type migrateCmd struct {
	folder
	WithoutLog bool `help:"Continue without acknowledged writes that are missing from the database, and print what is lost."`
}

func (m *migrateCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := m.config(c)
	if err != nil {
		return err
	}
	version, lost, err := server.Migrate(ctx, cfg, m.WithoutLog)
	if errors.Is(err, server.ErrInUse) {
		return fmt.Errorf("%w; a server migrates when it starts", err)
	}
	if err != nil {
		return err
	}
	if lost != "" {
		if _, err := fmt.Fprintln(std.out, "lost: "+lost); err != nil {
			return err
		}
	}
	where := cfg.Data
	if cfg.Database != "" {
		where = cfg.Database.String()
	}
	_, err = fmt.Fprintf(std.out, "the database in %s is at version %d\n", where, version)
	return err
}
