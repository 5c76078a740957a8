package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/control"
	"parley/internal/server"
)

// folder has the flags that name the database. If a server runs on the folder, it runs the command.
type folder struct {
	Data     string          `group:"Server" default:"data" placeholder:"FOLDER" help:"Folder of the database."`
	Database config.Database `group:"Server" placeholder:"URL" help:"PostgreSQL database, in place of the one in the folder."`
}

// config returns the configuration in force for the folder.
func (f folder) config(c *cli) (config.Config, error) {
	args := []string{"--data=" + f.Data}
	// Load reads the variable of the environment itself.
	if name := config.EnvName("database"); f.Database != "" && string(f.Database) != os.Getenv(name) {
		args = append(args, "--database="+string(f.Database))
	}
	return config.Load(string(c.ConfigFile), args...)
}

// opener is [server.OpenData] or [server.CreateData].
type opener func(context.Context, config.Config, *slog.Logger) (*server.Data, error)

// open runs do on the rules of the folder: on those of the server that runs on it, so that
// changes reach its clients; or, if none runs, with nobody connected.
func (f folder) open(ctx context.Context, c *cli, do func(*chat.Service, config.Config) error) error {
	return f.with(ctx, c, server.OpenData, func(d *server.Data) error { return do(d.Chat, d.Config()) })
}

// create is open and makes the database where it is missing.
func (f folder) create(ctx context.Context, c *cli, do func(*chat.Service, config.Config) error) error {
	return f.with(ctx, c, server.CreateData, func(d *server.Data) error { return do(d.Chat, d.Config()) })
}

// servedError means that a command has failed and has already printed the reason.
type servedError struct{ status int }

func (e *servedError) Error() string { return fmt.Sprint("the command ended with status ", e.status) }

func (f folder) with(ctx context.Context, c *cli, open opener, do func(*server.Data) error) (err error) {
	if c.call.served != nil {
		return do(c.call.served)
	}
	cfg, err := f.config(c)
	if err != nil {
		return err
	}
	if err := c.call.onServer(ctx, cfg); !errors.Is(err, control.ErrNobody) {
		return err
	}
	d, err := open(ctx, cfg, slog.New(slog.DiscardHandler))
	switch {
	case errors.Is(err, server.ErrInUse) && cfg.Database != "":
		return fmt.Errorf("%w: run the command on the machine of the server, with its data folder; or stop the server", err)
	case errors.Is(err, server.ErrInUse):
		return fmt.Errorf("%w: it takes no commands, because it is starting, stopping, or a command itself. Try again", err)
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(d)
}

// onServer lets the server that runs on the data folder run the command.
func (v invocation) onServer(ctx context.Context, cfg config.Config) error {
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	var places []control.Place
	for _, path := range *v.paths {
		if p, known := control.PlaceOf(path); known {
			places = append(places, p)
		}
	}
	done, err := control.Do(ctx, cfg.Data, control.Call{
		Args: withoutPlace(v.args), Folder: folder, Places: places, Database: cfg.Database.String(), Terminal: v.std.terminal,
	}, control.Streams{Out: v.std.out, Err: v.std.err, In: v.std.in})
	if err != nil {
		return err
	}
	if done.Status == 2 && done.Program != server.Version() {
		fmt.Fprintf(v.std.err, "parley: the server runs the version %s of this program, and this is %s\n", done.Program, server.Version())
	}
	if done.Status != 0 {
		return &servedError{done.Status}
	}
	return nil
}

// withoutPlace leaves out the flags that say where the server is.
func withoutPlace(args []string) (rest []string) {
	place := []string{"--data", "--database", "--config"}
	for i := 0; i < len(args); i++ {
		name, _, hasValue := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--":
			return append(rest, args[i:]...)
		case !slices.Contains(place, name):
			rest = append(rest, args[i])
		case !hasValue:
			i++
		}
	}
	return rest
}

type migrateCmd struct {
	folder
	Check      bool `help:"Change nothing. Print which migrations are pending, and exit with 1 if servers must be stopped for one of them."`
	WithoutLog bool `help:"Continue without acknowledged writes that are missing from the database, and print what is lost."`
}

func (m *migrateCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := m.config(c)
	if err != nil {
		return err
	}
	where := cfg.Data
	if cfg.Database != "" {
		where = cfg.Database.String()
	}
	if m.Check {
		return checkMigrations(ctx, cfg, where, std)
	}
	done, err := server.Migrate(ctx, cfg, m.WithoutLog, func(one server.Migration) {
		fmt.Fprintf(std.err, "migrating: %s\n", one.Name)
	})
	if errors.Is(err, server.ErrInUse) && cfg.Database == "" {
		return fmt.Errorf("%w; a server migrates when it starts", err)
	}
	if err != nil {
		return err
	}
	if done.Lost != "" {
		if _, err := fmt.Fprintln(std.out, "lost: "+done.Lost); err != nil {
			return err
		}
	}
	for _, one := range done.Run {
		if _, err := fmt.Fprintf(std.out, "done: %s\n", one.Name); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(std.out, "the database in %s is at version %d\n", where, done.Version)
	return err
}

// checkMigrations prints the pending migrations. A database in a folder has one server, which
// must stop for any of them.
func checkMigrations(ctx context.Context, cfg config.Config, where string, std streams) error {
	version, pending, err := server.Pending(ctx, cfg)
	if err != nil {
		return err
	}
	stop := false
	for _, one := range pending {
		says := "compatible: nodes of the version before can run meanwhile and afterwards"
		switch {
		case cfg.Database == "":
			says, stop = "the server must be stopped", true
		case !one.Compatible:
			says, stop = "not compatible, all servers and nodes must be stopped: "+one.Why, true
		}
		if _, err := fmt.Fprintf(std.out, "pending: %s, %s\n", one.Name, says); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(std.out, "the database in %s is at version %d, %d migrations are pending\n", where, version, len(pending)); err != nil {
		return err
	}
	if stop {
		return errFound
	}
	return nil
}
