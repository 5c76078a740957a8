package main

import (
	"context"
	"log/slog"
	"os"

	"parley/internal/config"
	"parley/internal/server"
)

type serveCmd struct {
	config.Config `embed:""`
}

func (c *serveCmd) Run(ctx context.Context, std streams) error {
	log := server.NewLogger(std.err, c.Log)
	if err := warnOfStrays(log); err != nil {
		return err
	}
	s, err := server.New(ctx, c.Config, log, nil)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// warnOfStrays tells of variables that are probably mistyped options.
func warnOfStrays(log *slog.Logger) error {
	strays, err := config.Strays(os.Environ())
	for _, stray := range strays {
		log.Warn("a variable of the environment is ignored", "reason", stray)
	}
	return err
}
