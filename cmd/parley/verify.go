package main

import (
	"context"
	"errors"
	"fmt"

	"parley/internal/server"
)

// errFound ends a command whose report found something.
var errFound = errors.New("differences found")

type verifyCmd struct {
	folder
	Files bool `default:"true" negatable:"" help:"Read every file and compare it with its hash."`
}

func (v *verifyCmd) Run(ctx context.Context, c *cli, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	return v.with(ctx, c, server.OpenDamagedData, func(d *server.Data) error {
		report, err := d.Verify(ctx, v.Files, p.tell)
		p.clear()
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
	})
}
