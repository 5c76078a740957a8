package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"parley/internal/server"
)

// errLost ends a recovery that could not save everything.
var errLost = errors.New("rows were lost or the recount found differences")

type recoverCmd struct {
	folder
	To string `required:"" placeholder:"FOLDER" help:"New folder, into which the database is written. It must not contain a database, unless an interrupted run of the same recovery made it."`
}

func (r *recoverCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := r.config(c)
	if err != nil {
		return err
	}
	p := &moveProgress{out: std.err, bar: std.terminal}
	done, err := server.Recover(ctx, cfg, r.To, p.tell)
	p.clear()
	if err != nil {
		return goesOn(ctx, err)
	}
	if err := printRecovery(std.out, done, filepath.Clean(r.To)); err != nil {
		return err
	}
	if !done.OK() {
		return errLost
	}
	return nil
}

func printRecovery(w io.Writer, done server.Recovery, folder string) (err error) {
	print := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	for _, t := range done.Tables {
		switch {
		case t.Damage == "" && t.Rows > 0:
			print("%s: %d rows, all of them", t.Table, t.Rows)
		case t.Damage == "":
		default:
			found, lost := "", "others are lost"
			if t.Scanned > 0 {
				found = fmt.Sprintf(" (%d of them by a search of all pages)", t.Scanned)
			}
			if t.Table == "message" {
				lost = fmt.Sprintf("at least %d are lost", t.Lost)
			}
			print("%s: %d rows%s; %s: %s", t.Table, t.Rows, found, lost, t.Damage)
		}
	}
	for _, sentence := range done.Mended {
		print("%s", sentence)
	}
	if err == nil {
		_, err = fmt.Fprint(w, done.Report)
	}
	print("the database is in %s; copy upload.key, objects and avatars there as well, then: parley verify --data %s", folder, folder)
	return err
}
