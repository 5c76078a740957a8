package main

import (
	"context"
	"fmt"
	"path/filepath"

	"parley/internal/server"
)

type recoverCmd struct {
	folder
	To string `required:"" placeholder:"FOLDER" help:"New folder, into which the database is written. It must not have one."`
}

func (r *recoverCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := r.config(c)
	if err != nil {
		return err
	}
	tables, err := server.Recover(ctx, cfg, r.To)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.Damage != "" {
			fmt.Fprintf(std.out, "%s: %d rows; others could not be read: %s\n", t.Table, t.Rows, t.Damage)
		} else if t.Rows > 0 {
			fmt.Fprintf(std.out, "%s: %d rows, all of them\n", t.Table, t.Rows)
		}
	}
	_, err = fmt.Fprintf(std.out, "the database is in %s; copy upload.key, objects and avatars there as well, then: parley verify --data %s\n",
		filepath.Clean(r.To), filepath.Clean(r.To))
	return err
}
