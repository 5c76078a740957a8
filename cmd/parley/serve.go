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
	warnOfFileAddresses(log, &c.Config)
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

// warnOfFileAddresses tells of file addresses that pages of other origins cannot use.
func warnOfFileAddresses(log *slog.Logger, c *config.Config) {
	if len(c.Socket.AllowedOrigins) > 0 && c.PublicURL == "" {
		log.Warn("socket.allowed-origins is set and public-url is not: the addresses of files begin with a slash, "+
			"and pages of other origins look for them at their own origin",
			"remedy", "set public-url to the address that people open")
	}
}
