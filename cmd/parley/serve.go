package main

import (
	"context"

	"parley/internal/config"
	"parley/internal/server"
)

type serveCmd struct {
	config.Config `embed:""`
}

func (c *serveCmd) Run(ctx context.Context, std streams) error {
	log := server.NewLogger(std.err, c.Log)
	s, err := server.New(ctx, c.Config, log, nil)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
