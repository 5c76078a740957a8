package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"parley/internal/server"
)

// errFound ends a command whose report found something.
var errFound = errors.New("differences found")

type verifyCmd struct{ folder }

func (v *verifyCmd) Run(ctx context.Context, c *cli, std streams) (err error) {
	cfg, err := v.config(c)
	if err != nil {
		return err
	}
	d, err := server.OpenData(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	report, err := d.Verify(ctx)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(std.out, report); err != nil {
		return err
	}
	if !report.OK() {
		return errFound
	}
	return nil
}
