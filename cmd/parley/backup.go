package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"parley/internal/server"
)

type backupCmd struct {
	folder
	format
	To string `arg:"" name:"folder" type:"path" help:"Folder of backups, on another disk than the data. Files that it has from earlier backups are not copied again."`
}

func (b *backupCmd) Run(ctx context.Context, c *cli, std streams) error {
	p := &moveProgress{out: std.err, bar: std.terminal}
	return b.with(ctx, c, server.OpenData, func(d *server.Data) error {
		made, err := d.Backup(ctx, b.To, p.tell)
		p.clear()
		if err != nil {
			return goesOn(ctx, err)
		}
		if b.JSON {
			err = b.fields(std.out, "backup", made.Path, "began", made.Began, "seconds", made.Seconds, "bytes", made.Bytes(),
				"files", made.Files.Count, "new-files", made.Files.New, "new-bytes", made.Files.NewBytes, "differences", made.Differences)
		} else {
			_, err = fmt.Fprintf(std.out, "%sbackup: %s\n%s in %s: the database with %s, %d files with %s, %d of them new\n", made.Report, made.Path,
				size(made.Bytes()), time.Duration(made.Seconds*float64(time.Second)).Round(time.Millisecond),
				size(made.Database.Size), made.Files.Count, size(made.Files.Bytes), made.Files.New)
			if err == nil && made.Files.Missing {
				_, err = fmt.Fprintln(std.out, "the files of messages are only at the storage service: backup.files is false")
			}
		}
		if err == nil && made.Differences > 0 {
			err = errFound
		}
		return err
	})
}

type restoreCmd struct {
	folder
	From   string `arg:"" name:"backup" type:"path" help:"A backup, or a folder of backups, whose latest one is restored."`
	Former string `type:"path" placeholder:"FOLDER" help:"The former data folder, if it still exists. Ids of messages that were sent after the backup are then not given out again."`
}

// Help is called by kong.
func (r *restoreCmd) Help() string {
	return "The data folder must be new or empty, and so must the database if there is the option database. " +
		"With blob: s3 or blob: qiniu, the files of messages go into the bucket, where nothing is written over. " +
		"A backup of either engine can be restored to either. An interrupted restore goes on when it is run again."
}

func (r *restoreCmd) Run(ctx context.Context, c *cli, std streams) error {
	cfg, err := r.config(c)
	if err != nil {
		return err
	}
	p := &moveProgress{out: std.err, bar: std.terminal}
	done, err := server.Restore(ctx, cfg, r.From, r.Former, p.tell)
	p.clear()
	if err != nil {
		return goesOn(ctx, err)
	}
	where := cfg.Data
	if cfg.Database != "" {
		where = cfg.Database.String() + ", its files in " + cfg.Data
	}
	if cfg.Blob != "disk" {
		where += ", the files of messages into the bucket " + cfg.Upload.Bucket
	}
	if _, err := fmt.Fprintf(std.out, "%srestored the backup of %s into %s; its last message is of %s\n",
		done.Report, done.Backup.Began.Local().Format(time.DateTime), where, moment{done.Backup.LastAt, "no time"}); err != nil {
		return err
	}
	if !done.Report.OK() {
		return errFound
	}
	return nil
}

// size is a number of bytes for people.
func size(bytes int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	value, i := float64(bytes), 0
	for value >= 1024 && i < len(units)-1 {
		value, i = value/1024, i+1
	}
	if i == 0 {
		return strconv.FormatInt(bytes, 10) + " bytes"
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + units[i]
}
