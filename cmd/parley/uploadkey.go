package main

import (
	"context"
	"errors"
	"time"

	"parley/internal/server"
)

type uploadCmd struct {
	Rotate uploadRotateCmd `cmd:"" help:"Make a new key for signatures. Signatures of the previous key stay valid for a time."`
}

type uploadRotateCmd struct {
	folder
	format
	Overlap *time.Duration `placeholder:"DURATION" help:"How long signatures of the previous key stay valid; 0 ends them at once. Default: the longer one of upload.link-life and upload.expiry."`
}

// Validate is kong's hook.
func (u *uploadRotateCmd) Validate() error {
	if u.Overlap != nil && *u.Overlap < 0 {
		return errors.New("--overlap must not be negative")
	}
	return nil
}

func (u *uploadRotateCmd) Run(ctx context.Context, c *cli, std streams) error {
	return u.with(ctx, c, server.OpenData, func(d *server.Data) error {
		overlap := time.Duration(-1)
		if u.Overlap != nil {
			overlap = *u.Overlap
		}
		until, err := d.RotateUploadKey(ctx, time.Now(), overlap)
		if err != nil {
			return err
		}
		return u.fields(std.out, "former-until", moment{until, ""})
	})
}
